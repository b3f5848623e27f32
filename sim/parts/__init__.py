"""Stand-ins for hardware, each a whole thing with the real interface and its own bad days."""
