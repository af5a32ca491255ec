"""What Crossfoot raises: broken machinery and unusable input, never bad data on a form.

Bad data on a form is a :class:`~extractor.types.Finding`. Every message names the file or the
setting concerned and says what the reader of the message can do about it.
"""

from __future__ import annotations

from collections.abc import Mapping


class CrossfootError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is fit to show to a user.

    ``code`` is a short stable word for programs (the ``code`` of a failures file).
    """

    code = "error"


class SourceError(CrossfootError):
    """A file cannot be turned into text; the other files are unaffected."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ArchiveError(CrossfootError):
    """The archive cannot be opened, is newer than this version, or is damaged."""

    code = "archive"


class DeclarationError(CrossfootError):
    """A family, check or schema is declared wrongly; raised when the module is imported."""

    code = "declaration"


class ReadingError(CrossfootError):
    """A form could not be read; ``sentences`` says why in ``zh`` and ``en``."""

    def __init__(self, code: str, sentences: Mapping[str, str]) -> None:
        super().__init__(sentences["en"])
        self.code = code
        self.sentences = sentences
