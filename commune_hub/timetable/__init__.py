"""When bulletins sound: rules that repeat, and the plan of all that will sound where. Pure."""
