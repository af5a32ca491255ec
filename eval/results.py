"""What a run of the benchmark found, as it is written to a file and read back for comparing.

A run holds one result a form (the counts and every slip) and the figures drawn from them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.score import Outcome
from extractor.families.base import Field as FieldClass
from extractor.signals import Source

SCHEMA = 1

Counts = dict[FieldClass, dict[Outcome, int]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Term(_Strict):
    """A term of a drawn sum: its sign (``+ − ÷ ×``), label and printed value."""

    sign: str
    label: dict[str, str]
    value: str | None
    path: str


class DrawnSum(_Strict):
    """A check in which a slip's leaf takes part, drawn: what the terms give, what is printed."""

    title: dict[str, str]
    rule: str
    verdict: str
    terms: list[Term]
    printed: Term | None
    implied: str | None
    residual: str | None


class Slip(_Strict):
    """One leaf that is not right.

    ``read_path`` is its path in the reading, whose rows may be numbered otherwise, and ``row`` the
    name of its row.
    ``flagged`` says that a person is led to it, ``noticed`` that a failing identity names it.
    ``line`` is the source line of the place where the truth stands (else the reading), and
    ``mark`` the characters of it; ``None`` where neither is known.
    """

    path: str
    kind: str
    outcome: Outcome
    truth: str | None
    read: str | None
    belongs: str | None = None
    read_path: str | None = None
    row: str | None = None
    flagged: bool
    noticed: bool
    line: str | None = None
    mark: tuple[int, int] | None = None
    sums: list[DrawnSum] = Field(default_factory=list[DrawnSum])


class FormResult(_Strict):
    """What became of one form of the set.

    ``item`` names it; ``document_family`` groups near-duplicates, which are resampled together.
    ``layout``, ``columns``, ``damage`` and ``grade`` are those of a generated form. ``entries``
    and ``flagged`` count the reader's entries and those it sends to a person; ``failed`` is the
    error of a reader that gave up, ``surplus`` how many forms of the document answer to no truth
    (told on one form of it), ``found`` says that
    the reader found the form at all, ``clear`` that it left nothing to do; ``noticed`` counts the
    wrong numbers that a failing identity names. ``character_errors`` are edits and characters of
    the prose. ``anls`` and ``donut`` are the rival scores.
    """

    item: str
    family: str
    document_family: str
    layout: str | None = None
    columns: str | None = None
    damage: str | None = None
    grade: int = 0
    found: bool = True
    failed: str | None = None
    surplus: int = 0
    clear: bool
    exact: bool
    counts: Counts
    silent: dict[FieldClass, int]
    noticed: int = 0
    entries: int
    flagged: int
    rows: tuple[int, int, int]
    character_errors: tuple[int, int]
    anls: float | None = None
    donut: float | None = None
    seconds: float
    slips: list[Slip] = Field(default_factory=list[Slip])


class Estimate(_Strict):
    """A figure with its interval.

    ``value`` is a share between 0 and 1 (``None`` where nothing was counted), ``count`` of ``of``
    where it is one of leaves or forms; ``low`` and ``high`` come from resampling document
    families, ``bound`` is the exact (Clopper–Pearson) one-sided 95 % bound of an error rate.
    """

    value: float | None
    count: int | None = None
    of: int | None = None
    low: float | None = None
    high: float | None = None
    bound: float | None = None


class Cell(_Strict):
    """Leaves of one field in one layout: judged (printed or read), right, silently wrong."""

    judged: int = 0
    right: int = 0
    silent: int = 0


class ReliabilityBin(_Strict):
    """Fields whose probability of being wrong is between ``low`` and ``high``: how many, the mean
    probability (``expected``) and the share that was ``wrong``."""

    low: float
    high: float
    fields: int
    expected: float
    wrong: float


class Covered(_Strict):
    """The ``share`` of fields that can be accepted while at most a share ``limit`` of them is
    wrong, with 95 % confidence; ``wrong`` is the share that was, ``bound`` what it may be at most
    (``None`` where nothing can be accepted)."""

    limit: float
    share: float
    wrong: float
    bound: float | None


class Ablated(_Strict):
    """What is left without the signals of one source; ``coverage`` is of all fields."""

    auroc: float | None
    auroc_values: float | None
    coverage: float


class Detection(_Strict):
    """How well wrong fields are told from right ones, each document family rated by the others.

    ``fields`` are labelled fields and ``errors`` the wrong ones among them; ``lost`` are values of
    rows that the reading lacks, of which nothing could have told. ``*_values`` are of fields that
    hold a value. ``ablation`` goes by the source of signals that is left out. With too few errors
    to learn from there are only the counts.
    """

    fields: int
    errors: int
    families: int
    lost: int = 0
    auroc: float | None = None
    auroc_values: float | None = None
    brier: float | None = None
    reliability: list[ReliabilityBin] = Field(default_factory=list[ReliabilityBin])
    coverage: list[Covered] = Field(default_factory=list[Covered])
    coverage_values: list[Covered] = Field(default_factory=list[Covered])
    ablation: dict[Source, Ablated] = Field(default_factory=dict[Source, Ablated])


class Run(_Strict):
    """One run of a reader over a set of forms.

    ``generated`` says that the forms were made, not found; figures from them say so wherever they
    are shown. ``metrics`` are over all forms; ``slices`` the same by layout, by column set and by
    damage and grade (``layout=pipes``, ``damage=stamps/2``); ``cells`` by layout and field.
    ``detection`` is missing from older files.
    """

    schema_version: Literal[1] = SCHEMA
    name: str
    generated: bool
    seed: int | None = None
    reader: str
    check_set: str
    crossfoot: str
    python: str
    seconds: float
    families: int
    metrics: dict[str, Estimate]
    slices: dict[str, dict[str, Estimate]]
    cells: dict[str, dict[str, Cell]]
    forms: list[FormResult]
    detection: Detection | None = None
