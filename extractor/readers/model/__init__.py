"""The model reader: a model's reply about one page, and what is done to get it.

The only room that speaks to an endpoint. ``reader`` asks and keeps the books, ``calls`` makes one
question into one reply in the shape asked for, ``failing`` says what keeps a reply from being used,
``pace`` when a call may go out; ``blocks`` takes a page apart that is too long.
"""

from extractor.readers.model.calls import LADDER, Rung, strict_schema
from extractor.readers.model.failing import ReplyError
from extractor.readers.model.pace import Pace
from extractor.readers.model.reader import ModelReader, Reply

__all__ = ["LADDER", "ModelReader", "Pace", "Reply", "ReplyError", "Rung", "strict_schema"]
