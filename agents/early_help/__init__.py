"""The agent of early help: the records of an early help service, put into the partnership's words."""
