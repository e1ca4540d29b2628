"""The children's social care agent: an authority's own records, put into the partnership's words."""
