"""Judge a run from what it left on disk, independently of the code that ran."""
