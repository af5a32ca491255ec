"""Texts of prompts only: a folder a family, in it one a version. A released version never changes.

``instructions.txt`` tells the rules of transcription, ``example.txt`` is a page and
``example.json`` what it says, leaf by leaf as printed. ``extractor.prompting`` puts them together.
"""
