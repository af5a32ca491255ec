"""Readers: the text of one form → one claim about each of its fields."""
