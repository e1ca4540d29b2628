"""From a file's record to items: a release table decides which fields leave, a sentence says each."""
