"""The books of a model's calls: what was replied, and what each call cost.

A reply is kept by what was asked (:class:`Question`), so that the same question is never paid for
twice. Every call is entered when it goes out and again when it lands: one that never lands leaves
its line behind, of unknown cost, but of no more than what it could have cost at most.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

Purpose = Literal["page", "block", "look"]
Landing = Literal["sent", "ok", "cut_short", "refused", "endpoint", "turned_away", "lost"]
"""How a call ended: ``turned_away`` with an HTTP error, ``lost`` without any answer."""


class Tokens(NamedTuple):
    """Tokens of a call; ``cached`` is part of ``input``."""

    input: int = 0
    cached: int = 0
    output: int = 0

    def plus(self, other: Tokens) -> Tokens:
        return Tokens(*(mine + more for mine, more in zip(self, other, strict=True)))


NONE = Tokens()


class About(NamedTuple):
    """What a call is for: a form of a document, and whether it reads it or looks again."""

    root: str = ""
    path: str = ""
    form: int = 0
    purpose: Purpose = "page"


class Question(NamedTuple):
    """What is asked, by name: the model, hashes of the rendered prompt, of the schema of the reply
    and of all that stands in the user's message, and the parameters as JSON."""

    model: str
    prompt: str
    schema: str
    text: str
    parameters: str

    @property
    def key(self) -> str:
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()


@dataclass(slots=True)
class Usage:
    """The sum of some calls. ``tokens`` are those of all calls that brought a bill.

    ``calls`` were sent; ``unknown`` of them brought no bill back, so nobody here knows their cost;
    it is at most that of ``most``. A call that was turned away costs nothing.
    """

    calls: int = 0
    tokens: Tokens = NONE
    unknown: int = 0
    most: Tokens = NONE

    def add(self, other: Usage) -> None:
        """Count the calls of another sum as well."""
        self.calls += other.calls
        self.tokens = self.tokens.plus(other.tokens)
        self.unknown += other.unknown
        self.most = self.most.plus(other.most)


class Books(Protocol):
    """Where replies and calls are kept."""

    def find(self, question: Question) -> str | None:
        """The raw reply to a question that was asked before."""
        ...

    def sent(self, about: About, question: Question, most: Tokens) -> int:
        """Enter a call that goes out now and costs ``most`` at most; gives its number."""
        ...

    def landed(
        self,
        number: int,
        how: Landing,
        tokens: Tokens | None,
        keep: tuple[Question, str] | None = None,
    ) -> None:
        """Enter how a call ended, its bill if it brought one, and the raw reply if one came."""
        ...


@dataclass
class Line:
    """One call in the books."""

    about: About
    question: Question
    most: Tokens
    how: Landing = "sent"
    tokens: Tokens | None = None


@dataclass
class Notebook:
    """Books in memory, for a run without an archive."""

    replies: dict[str, str] = field(default_factory=dict[str, str])
    lines: list[Line] = field(default_factory=list[Line])

    def find(self, question: Question) -> str | None:
        return self.replies.get(question.key)

    def sent(self, about: About, question: Question, most: Tokens) -> int:
        self.lines.append(Line(about, question, most))
        return len(self.lines) - 1

    def landed(
        self,
        number: int,
        how: Landing,
        tokens: Tokens | None,
        keep: tuple[Question, str] | None = None,
    ) -> None:
        self.lines[number].how, self.lines[number].tokens = how, tokens
        if keep is not None:
            self.replies[keep[0].key] = keep[1]
