"""``docs/families.md``: fields, checks in words, what protects what, the kill matrix.

Drawn from the declarations and the artefact of measured shares; ``python -m eval.family_docs``
writes it anew where a declaration changed and nothing has to be measured.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from extractor.checks.bind import EachGroup, EachRow
from extractor.coverage import (
    Artefact,
    Cover,
    Kills,
    Measured,
    artefact,
    covers,
    way,
    why_unprotected,
)
from extractor.coverage_lines import KINDS, full_label, percent, rules_of, told_of
from extractor.declared import in_words
from extractor.families import FAMILIES, Family

FILE = Path(__file__).parent.parent / "docs" / "families.md"

_WAYS = {"equality": "equality", "bound": "bound", "table": "whole table", "policy": "policy"}
_HEAD = """\
# The families of forms

Written by `python -m eval.family_docs` from the declarations in `extractor/families/` and the
measured shares in `extractor/coverage.json`; a test keeps it true. The same on a terminal:
`crossfoot families`, `crossfoot families --coverage`.

An *equality* pins a number down, a *bound* leaves it room, a check of the *whole table* sees rows
come and go; one of them that fails is an error. A *policy* only remarks. Some rules hold only on
forms without some column; the tables of checks say so.

The shares tell what becomes of one fault in a printed number (a digit misread, dropped, exchanged
with its neighbour, the point moved). *Noticed*: an error finding, absent on the untouched form,
names the field. *Alone*: the true cell is the only suspect of the first rank. *Tie*: it is one of
several there. *Exact*: it is named alone, and what is proposed is what was printed. All are in
percent of all faults and rounded to the worse side: 100 means all of them.
"""


def markdown(found: Artefact) -> str:
    """The whole page."""
    lines = [_HEAD]
    if found.is_stale:
        lines.append("**The shares are measured with another check set than the one declared.**\n")
    else:
        lines.append(f"Measured with check set `{found.check_set}`.\n")
    for family in FAMILIES:
        lines.extend(_family(family, found.families.get(family.name)))
    return "\n".join(lines)


def write(found: Artefact, file: Path | None = None) -> Path:
    """Writes the page; says where."""
    target = file or FILE
    target.write_text(markdown(found), encoding="utf-8")
    return target


def _family(family: Family, measured: Measured | None) -> Iterator[str]:
    every = list(covers(family))
    yield f"## {family.name}: {family.title['en']}, {family.title['zh']}\n"
    yield "### Fields\n"
    yield from _table(("path", "", "", "kind", ""), _fields(family))
    yield "### Checks\n"
    yield from _table(("rule", "how", "relation", ""), _checks(family))
    yield "### What protects which field\n"
    yield f"{told_of(measured, 'en')}.\n"
    heads = ("field", "identities", "policies", "faults", "noticed", "alone", "tie", "exact")
    yield "`=` an equality, `≤` a bound, `#` a check of the whole table. Shares in %.\n"
    yield from _table(heads, _map(family, every, measured), numbers=5)
    if measured is not None:
        yield from _matrix(family, measured)
        yield from _ties(family, measured)
    yield "### What no identity judges\n"
    yield from _table(("field", "why", "policies"), _unprotected(family, every))


def _fields(family: Family) -> Iterator[Sequence[str]]:
    for path, leaf in family.leaves.items():
        zh, en = full_label(family, path, "zh"), full_label(family, path, "en")
        yield f"`{path}`", en, zh, leaf.kind, leaf.help


def _checks(family: Family) -> Iterator[Sequence[str]]:
    """The checks in words; those that say the same of several rows stand in one line."""
    found: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
    for declared in family.checks:
        check = declared.check if isinstance(declared, EachRow | EachGroup) else declared
        where, en = in_words(declared, family, "en")
        place, zh = in_words(declared, family, "zh")
        found.setdefault((check.rule, _WAYS[way(check)], en, zh), []).append((where, place))
    for (rule, how, en, zh), places in found.items():
        where = ", ".join(dict.fromkeys(filter(None, (one for one, _ in places))))
        place = "、".join(dict.fromkeys(filter(None, (one for _, one in places))))
        yield rule, how, f"{where}: {en}" if where else en, f"{place}：{zh}" if place else zh


def _map(
    family: Family, every: Iterable[Cover], measured: Measured | None
) -> Iterator[Sequence[str]]:
    for cover in every:
        if cover.is_protected or family.is_number(cover.path):
            kills = measured.of(cover.path) if measured else Kills()
            policies = " ".join(cover.rules.get("policy", ()))
            yield f"`{cover.path}`", rules_of(cover), policies, *_shares(kills)
    if measured:
        yield "**all**", "", "", *_shares(measured.all())


def _shares(kills: Kills) -> list[str]:
    return [f"{kills.n:,}" if kills.n else "–", *(percent(one, kills.n) for one in kills[1:])]


def _matrix(family: Family, measured: Measured) -> Iterator[str]:
    yield "### Kill matrix\n"
    yield "Noticed / alone / tie / exact, in %, and the number of faults.\n"
    heads = ("field", *(KINDS[kind]["en"] for kind in measured.kinds))
    rows = [
        (f"`{path}`", *(_cell(measured.of(path, kind)) for kind in measured.kinds))
        for path in family.leaves
        if path in measured.kills
    ]
    rows.append(("**all**", *(_cell(measured.all(kind)) for kind in measured.kinds)))
    yield from _table(heads, rows, numbers=len(measured.kinds))


def _cell(kills: Kills) -> str:
    if not kills.n:
        return "–"
    return " / ".join(percent(one, kills.n) for one in kills[1:]) + f" ({kills.n:,})"


def _ties(family: Family, measured: Measured) -> Iterator[str]:
    if not measured.ties:
        return
    yield "### Structural ties\n"
    yield "Judged by the same equalities: nothing on the page tells them apart, none is picked.\n"
    rows = [(f"`{tie.one}`", f"`{tie.other}`", f"{tie.faults:,}") for tie in measured.ties]
    yield from _table(("field", "other", "faults named together"), rows, numbers=1)


def _unprotected(family: Family, every: Iterable[Cover]) -> Iterator[Sequence[str]]:
    for cover in every:
        if not cover.is_protected:
            why = why_unprotected(family, cover.path)["en"]
            yield f"`{cover.path}`", why, " ".join(cover.rules.get("policy", ()))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> Iterator[str]:
    """A table whose last columns, so many, are set to the right."""
    left = len(heads) - numbers
    yield _row(heads)
    yield "|" + "---|" * left + "--:|" * numbers
    yield from (_row(row) for row in rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Writes the page from what is declared and measured now."""
    print(write(artefact()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
