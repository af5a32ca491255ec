"""Readers: the text of one form → one claim about each of its fields."""

VERSION = "1"
"""Of the code that reads and weighs evidence: a calibration speaks of forms read under its own.

Any change after which a page may come out otherwise gets another number; a test holds the readings
of a frozen set against this one.
"""
