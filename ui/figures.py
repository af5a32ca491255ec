"""What the page of statistics shows, as plain data in one language; no web framework is known here.

Names of people are text, never markup: who draws them escapes them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import floor
from typing import Literal, NamedTuple

from extractor.confidence import STRATA
from extractor.effort import (
    DECISIONS,
    FEWEST,
    KINDS,
    Effort,
    Kind,
    Spread,
    Through,
    effort,
    minutes_saved,
    straight_through,
)
from extractor.signals import CLASSES
from extractor.sources import shown
from extractor.store import Store
from extractor.store_effort import archive_of, quality, received
from extractor.weighing import CLASS_WORDS
from ui.figure_words import FIGURE_WORDS

Lang = Literal["zh", "en"]
NOTHING = "—"
"""What stands for a figure that there is none of."""
_DAYS = 30
"""Rows by day and reviewer; the totals are of all days."""
_SIGNS = 60


class Card(NamedTuple):
    """One figure, and in small print what it is of."""

    label: str
    value: str
    note: str


class Table(NamedTuple):
    """Rows under their heads; all is text for people."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Point(NamedTuple):
    """``amount`` on a day (ISO 8601); ``group`` is the name of its colour in the legend."""

    day: str
    amount: float
    group: str


class Series(NamedTuple):
    """A plot: ``bars`` stand on each other by group, else it is a line. ``told`` says in words what
    it shows, ``day`` and ``unit`` name its axes; ``groups`` are in the order of the colours."""

    title: str
    told: str
    day: str
    unit: str
    bars: bool
    groups: tuple[str, ...]
    points: tuple[Point, ...]


class Statistics(NamedTuple):
    """The page; ``hint`` says what to do where there is nothing to tell of."""

    hint: str | None
    cards: tuple[Card, ...]
    series: tuple[Series, ...]
    tables: tuple[Table, ...]


def say(key: str, lang: Lang, **parts: object) -> str:
    """A sentence of these pages."""
    return FIGURE_WORDS[key][lang].format(**parts)


def statistics(store: Store, lang: Lang) -> Statistics:
    """What reviewing took, what it came to, and what needed nobody."""
    with store.snapshot():
        spent = effort(received(store))
        archive = archive_of(store)
        checked = _quality(store, lang)
    if not archive.forms and not spent.tallies:
        return Statistics(say("no_forms", lang), (), (), checked)
    forms, fields = straight_through(archive, spent)
    through = (
        Card(say("forms_through", lang), percent(forms.share), _of(forms, lang)),
        Card(say("fields_through", lang), percent(fields.share), _of(fields, lang)),
    )
    if not spent.tallies:
        return Statistics(say("no_operations", lang), through, (), checked)
    by_person, by_day = _people(spent, lang)
    return Statistics(
        None,
        (*through, _saved(fields.through, spent, lang), *_effort_cards(spent, lang)),
        _series(spent, lang),
        (_seconds(spent, lang), by_person, *checked, by_day),
    )


_SECONDS: Mapping[str, str] = {"zh": "秒", "en": "s"}


def percent(share: float | None) -> str:
    """A share as people read it, never rounded up: 100.0 % is all of them.

    >>> percent(0.9996), percent(1.0), percent(None)
    ('99.9 %', '100.0 %', '—')
    """
    return NOTHING if share is None else f"{floor(share * 1000 + 1e-9) / 10:.1f} %"


def duration(minutes: float, lang: Lang) -> str:
    """Hours and minutes; time that was lost has a sign."""
    whole = round(abs(minutes))
    return say(
        "duration",
        lang,
        sign="−" if minutes < 0 and whole else "",
        h=f"{whole // 60:,}",
        m=whole % 60,
    )


def short(text: str) -> str:
    """Text of people or files in a cell: no signs that move or hide others, not too long."""
    told = shown(text)
    return told if len(told) <= _SIGNS else f"{told[: _SIGNS - 1]}…"


def _of(through: Through, lang: Lang) -> str:
    return say("of", lang, n=f"{through.through:,}", of=f"{through.of:,}")


def _saved(unseen: int, spent: Effort, lang: Lang) -> Card:
    minutes = minutes_saved(unseen, spent)
    if minutes is None or spent.fields is None:
        timed = spent.fields.n if spent.fields else 0
        return Card(
            say("saved", lang), NOTHING, say("saved_not", lang, n=f"{timed:,}", fewest=FEWEST)
        )
    how = say("saved_how", lang, n=f"{unseen:,}", s=f"{spent.fields.median:.1f}")
    return Card(say("saved", lang), duration(minutes, lang), how)


def _effort_cards(spent: Effort, lang: Lang) -> tuple[Card, ...]:
    fields = spent.fields
    label = say("per_field", lang)
    per_field = Card(label, NOTHING, say("untimed", lang))
    if fields is not None:
        p90, mean = f"{fields.p90:.1f}", f"{fields.mean:.1f}"
        how = say("per_field_how", lang, n=f"{fields.n:,}", p90=p90, mean=mean)
        per_field = Card(label, f"{fields.median:.1f} {_SECONDS[lang]}", how)
    decisions = sum(spent.counts.get(kind, 0) for kind in DECISIONS)
    return (
        per_field,
        Card(
            say("spent", lang),
            duration(spent.seconds / 60, lang),
            say("spent_how", lang, n=f"{spent.pauses:,}"),
        ),
        Card(
            say("accepted", lang),
            percent(spent.accepted),
            say("accepted_how", lang, n=f"{decisions:,}"),
        ),
    )


def _seconds(spent: Effort, lang: Lang) -> Table:
    heads = ("thing", "n", "median", "p90", "mean")
    things = (("field", spent.fields), ("form", spent.forms), ("document", spent.documents))
    rows = tuple((say(name, lang), *_figures(of)) for name, of in things)
    return Table(say("seconds", lang), _heads(heads, lang), rows)


def _figures(of: Spread | None) -> tuple[str, ...]:
    if of is None:
        return "0", NOTHING, NOTHING, NOTHING
    return f"{of.n:,}", f"{of.median:.1f}", f"{of.p90:.1f}", f"{of.mean:.1f}"


def _people(spent: Effort, lang: Lang) -> tuple[Table, Table]:
    """The acts of each reviewer, of all days and then day by day, the newest first."""
    totals: dict[str, Counter[Kind]] = defaultdict(Counter)
    for (person, _), counts in spent.tallies.items():
        totals[person].update(counts)
    by_person = tuple((short(person), *_tally(totals[person])) for person in sorted(totals))
    days = sorted(sorted(spent.tallies), key=lambda key: key[1], reverse=True)[:_DAYS]
    by_day = tuple(
        (day, short(person), *_tally(spent.tallies[person, day])) for person, day in days
    )
    return (
        Table(say("by_person", lang), _heads(("person", *KINDS), lang), by_person),
        Table(say("by_day", lang, n=len(days)), _heads(("day", "person", *KINDS), lang), by_day),
    )


def _tally(counts: Mapping[Kind, int]) -> tuple[str, ...]:
    return tuple(f"{counts.get(kind, 0):,}" for kind in KINDS)


def _heads(keys: Iterable[str], lang: Lang) -> tuple[str, ...]:
    return tuple(say(key, lang) for key in keys)


def _quality(store: Store, lang: Lang) -> tuple[Table, ...]:
    """What people found of fields that were accepted unseen; nothing where none were drawn."""
    strata, classes = list(STRATA), list(CLASSES)
    rows = sorted(
        quality(store), key=lambda one: (strata.index(one.stratum), classes.index(one.class_))
    )
    if not rows:
        return ()
    told = tuple(
        (
            STRATA[one.stratum].en if lang == "en" else STRATA[one.stratum].zh,
            CLASS_WORDS[one.class_][lang],
            *(f"{n:,}" for n in (one.drawn, one.answered, one.wrong)),
        )
        for one in rows
    )
    heads = ("stratum", "class", "drawn", "answered", "wrong")
    return (Table(say("quality", lang), _heads(heads, lang), told),)


def _series(spent: Effort, lang: Lang) -> tuple[Series, ...]:
    plots = (_decisions(spent, lang), _pace(spent.pace, lang))
    return tuple(plot for plot in plots if plot is not None)


def _decisions(spent: Effort, lang: Lang) -> Series | None:
    """Accepts, corrections and the others by day: three colours are enough to tell apart."""
    by_day: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, day), counts in spent.tallies.items():
        for kind in DECISIONS:
            if counts.get(kind):
                by_day[day][kind if kind in ("accept", "correct") else "other"] += counts[kind]
    if not by_day:
        return None
    groups = ("accept", "correct", "other")
    days = sorted(by_day)
    points = [
        Point(day, by_day[day][name], say(name, lang))
        for day in days
        for name in groups
        if by_day[day][name]
    ]
    told = say(
        "decisions_alt", lang, n=f"{sum(one.total() for one in by_day.values()):,}",
        first=days[0], last=days[-1], corrected=f"{spent.counts.get('correct', 0):,}",
    )  # fmt: skip
    return Series(
        say("decisions_plot", lang), told, say("utc_day", lang), say("decisions", lang), True,
        _heads(groups, lang), tuple(points),
    )  # fmt: skip


def _pace(pace: Mapping[str, float], lang: Lang) -> Series | None:
    if not pace:
        return None
    name, days = say("pace_plot", lang), sorted(pace)
    first, last = days[0], days[-1]
    told = say(
        "pace_alt", lang, first=first, last=last, a=f"{pace[first]:.1f}", b=f"{pace[last]:.1f}"
    )
    points = tuple(Point(day, round(pace[day], 3), name) for day in days)
    return Series(name, told, say("utc_day", lang), say("second", lang), False, (name,), points)
