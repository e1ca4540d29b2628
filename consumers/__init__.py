"""What reads what organisations write: screening joins the answers, audit keeps the ledger."""
