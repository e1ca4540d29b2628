"""The agent of domestic abuse advice: the records of a domestic abuse service, put into the partnership's words."""
