"""The consumers of what organisations publish: screening joins the answers, audit keeps the ledger."""
