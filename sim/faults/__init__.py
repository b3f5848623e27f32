"""A deterministic simulation of everything between a press and the ledger that can go wrong."""
