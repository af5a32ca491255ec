"""The books of a model's calls: what was replied, and what each call cost.

A reply is kept by what was asked (:class:`Question`), so that the same question is never paid for
twice. Every call is entered when it goes out and again when it lands: one that never lands leaves
its line behind, of unknown cost, but of no more than what it could have cost at most.
"""

from __future__ import annotations

import hashlib
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

    def plus(self, other: Tokens, times: int = 1) -> Tokens:
        return Tokens(*(mine + times * more for mine, more in zip(self, other, strict=True)))


NONE = Tokens()


class About(NamedTuple):
    """What a call is for: the form that starts at a character of a document, and whether it is read
    or looked at again."""

    root: str = ""
    path: str = ""
    start: int = 0
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
        return hashlib.sha256("\0".join(self).encode()).hexdigest()


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

    def go_out(self, most: Tokens) -> None:
        """A call is sent that costs so much at most."""
        self.calls += 1
        self.unknown += 1
        self.most = self.most.plus(most)

    def bill(self, most: Tokens, tokens: Tokens) -> None:
        """The bill of a call has come."""
        self.unknown -= 1
        self.most = self.most.plus(most, -1)
        self.tokens = self.tokens.plus(tokens)


class Books(Protocol):
    """Where replies and calls are kept; ``usage`` sums the calls of this run."""

    @property
    def usage(self) -> Usage: ...

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


@dataclass(slots=True)
class Notebook:
    """Books in memory, for a run without an archive."""

    usage: Usage = field(default_factory=Usage)
    _replies: dict[str, str] = field(default_factory=dict[str, str])
    _most: list[Tokens] = field(default_factory=list[Tokens])

    def find(self, question: Question) -> str | None:
        return self._replies.get(question.key)

    def sent(self, about: About, question: Question, most: Tokens) -> int:
        self.usage.go_out(most)
        self._most.append(most)
        return len(self._most) - 1

    def landed(
        self,
        number: int,
        how: Landing,
        tokens: Tokens | None,
        keep: tuple[Question, str] | None = None,
    ) -> None:
        if tokens is not None:
            self.usage.bill(self._most[number], tokens)
        if keep is not None:
            self._replies[keep[0].key] = keep[1]
