"""What a sector's author imports: the plug's shape, the importer, and the two rooms below (mapping, store)."""
