"""The `mash` command: one file a command group. Scripts rely on its words, keys and exit codes."""
