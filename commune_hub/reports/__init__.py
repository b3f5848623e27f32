"""Reports: periods, criteria, what a report says, its closing for good, and its files."""
