"""Issued papers (mission 9 and 10): what they say, how they are numbered, and how they stand on the page. Pure."""
