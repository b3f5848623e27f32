"""What stands between the broker and the ledger: who may send how much, and whose turn it is. Pure."""
