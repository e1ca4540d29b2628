"""The health agent: a practice's or trust's own records, put into the partnership's words."""
