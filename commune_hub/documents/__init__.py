"""What each node goes by, composed from what the capabilities know. Pure reading, no sending."""
