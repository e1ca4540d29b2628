"""The agent of youth justice: the records of a youth justice service, put into the partnership's words."""
