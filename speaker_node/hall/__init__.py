"""The voice of the hall: numbers that are called."""
