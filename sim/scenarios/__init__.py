"""Scenarios that ship with the simulator, as TOML; a package, so that they are installed with it."""
