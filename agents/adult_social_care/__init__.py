"""The agent of adult social care: the records of a council's adult services, put into the partnership's words."""
