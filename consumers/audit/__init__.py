"""The audit consumer: every event into a Merkle ledger that can be proved complete and unaltered."""
