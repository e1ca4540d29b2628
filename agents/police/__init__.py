"""The police agent: a force's own records, in its own formats, put into the partnership's words."""
