"""Readers: a form's text → its readings. The table reader is offline, deterministic and free."""
