"""The agent of substance misuse: the records of a drug and alcohol service, put into the partnership's words."""
