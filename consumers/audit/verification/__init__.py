"""Whether what was recorded is still what was recorded: everything recomputed and compared."""
