"""One module for each command: it maps options to a use case, prints the document, and returns an exit code."""
