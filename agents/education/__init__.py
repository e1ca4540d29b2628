"""The education agent: a school's or local authority's own records, put into the partnership's words."""
