"""Export of the ledger as a bundle that a stranger can check offline."""
