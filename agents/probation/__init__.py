"""The probation agent: nDelius and OASys answers as they come, put into the partnership's words."""
