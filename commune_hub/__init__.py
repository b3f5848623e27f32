"""The hub of a commune: ledger, store, one module per capability, the staff console."""
