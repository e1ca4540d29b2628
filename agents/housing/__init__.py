"""The agent of housing: the records of a housing authority or association, put into the partnership's words."""
