"""The commune hub: ledger, store, one module per capability, the staff console and the API."""
