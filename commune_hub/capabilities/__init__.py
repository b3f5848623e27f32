"""What the hub can do: one module per capability, which owns its tables, its questions and its orders."""
