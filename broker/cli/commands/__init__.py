"""One module a command: options in, a use case called, its document printed, an exit code out."""
