"""Proof by damage: ten thousand broken files, each read in a guarded process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from eval.figures import Figures
from eval.guard import Limits, Outcome, guarded
from eval.hostile import OPERATORS, Change, planned, variant
from eval.prove_reading import same_form
from eval.truth import ROOT, checked_documents, family, text_of
from extractor.drawings import drawings
from extractor.errors import SourceError
from extractor.pipeline import read_document
from extractor.sources import Found, document_of
from extractor.store_evidence import pack
from extractor.types import CheckedDocument, CheckedForm, Entry, Finding

ORDINARY = Limits(seconds=30, mib=1024)
HUGE = Limits(seconds=60, mib=2048)
"""What a variant may take. Huge are those of 50 MB; all others are ordinary."""

CELL_OPERATORS = ("delete_cell", "add_cell")
"""Whose damage must show; that of ``blank_cell`` and ``fill_cell`` is told without a bound."""

Job = tuple[str, int, int]
"""Operator, number of the variant, seed."""


@dataclass(slots=True)
class Told:
    """What reading one variant came to.

    ``untouched`` counts gold forms that stand in it whole between line start and the next title,
    ``other`` names those that read otherwise. ``signs`` are the ways in which a touched cell shows;
    ``broken`` are promises that hold for every text and did not here.
    """

    characters: int = 0
    refused: str = ""
    forms: int = 0
    untouched: int = 0
    other: list[str] = field(default_factory=list[str])
    signs: tuple[str, ...] = ()
    touched: str = ""
    broken: list[str] = field(default_factory=list[str])


def try_variant(job: Job) -> Told:
    """Makes one variant and reads it, as far as the archive would: drawn and packed too."""
    name, number, seed = job
    made = variant(name, number, seed)
    found = Found(Path(f"damaged{made.suffix}"), ROOT, f"damaged{made.suffix}")
    try:
        document = document_of(found, made.data)
    except SourceError as error:
        return Told(len(made.data), refused=error.code)
    checked = read_document(document)
    told = Told(len(document.text), forms=len(checked.forms), broken=list(_broken(checked)))
    for form in checked.forms:
        drawings(form)
        pack(form, document.text)
    _look_for_untouched(checked, told)
    if made.change is not None:
        told.touched = f"{made.change.text[:40]!r} in {_name(made.change)}"
        told.signs = _signs(checked, made.change)
    return told


def _name(change: Change) -> str:
    return f"{checked_documents()[change.document].document.path} #{change.form}"


def _broken(checked: CheckedDocument) -> Iterator[str]:
    """Promises that hold for any text at all."""
    text = checked.document.text
    if checked.titles + checked.untitled != (
        len(checked.forms) + checked.repeats + len(checked.refused)
    ):
        yield "titles + untitled ≠ forms + repeats + refused"
    for form in checked.forms:
        known = family(form)
        for path, entry in form.entries.items():
            if len(entry.raw) != len(entry.spans) or any(
                text[a:b] != raw for (a, b), raw in zip(entry.spans, entry.raw, strict=False)
            ):
                yield f"{path}: text[a:b] ≠ raw"
            if entry.value is not None and known.is_number(path) and not entry.spans:
                yield f"{path}: a number without a span"


# Forms whose characters are untouched


@lru_cache(maxsize=1)
def _cores() -> tuple[tuple[str, CheckedForm, str], ...]:
    return tuple(
        (f"{checked.document.path} #{form.form.index}", form, text_of(checked.document, form))
        for checked in checked_documents()
        for form in checked.forms
    )


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    """The title lines of the gold forms, as printed."""
    return frozenset(core.partition("\n")[0].strip() for *_, core in _cores())


def _look_for_untouched(checked: CheckedDocument, told: Told) -> None:
    text = checked.document.text
    for name, gold, core in _cores():
        at = text.find(core)
        while at >= 0:
            if _stands_alone(text, at, at + len(core)):
                told.untouched += 1
                if not _reads_the_same(checked, gold, at):
                    told.other.append(f"{name} at {at}")
            at = text.find(core, at + len(core))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a form begins its line and is followed by nothing or by the next title line."""
    if start and text[start - 1] != "\n":
        return False
    after = re.compile(r"[^\S\n]*(?:\n\s*(?P<next>\S[^\n]*))?").match(text, end)
    if after is None:
        return False
    if after["next"] is None:
        return not text[end:].strip()
    return after["next"].strip() in _titles()


def _reads_the_same(checked: CheckedDocument, gold: CheckedForm, at: int) -> bool:
    length = gold.form.span.end - gold.form.span.start
    for form in checked.forms:
        if form.form.span.start == at:
            return same_form(gold, form)
        if any(span == (at, at + length) for span in form.repeats):
            return True
    return False


# Cells


def _signs(checked: CheckedDocument, change: Change) -> tuple[str, ...]:
    """The ways in which a touched cell shows in its form, none of them there before."""
    before = checked_documents()[change.document].forms[change.form]
    after = [form for form in checked.forms if form.form.span.start == before.form.span.start]
    if not after:
        return ("form refused",)
    return tuple(dict.fromkeys(_differences(before, after[0], checked)))


def _differences(
    before: CheckedForm, after: CheckedForm, checked: CheckedDocument
) -> Iterator[str]:
    known = {_said(finding) for finding in before.findings}
    for finding in after.findings:
        if _said(finding) not in known:
            yield f"{finding.severity} {finding.verdict}"
    text = checked.document.text
    if len(after.unread) > len(before.unread):
        digits = any(character.isdigit() for a, b in after.unread for character in text[a:b])
        yield "unread cell" if digits else "unread cell without a digit"
    for path, entry in before.entries.items():
        now = after.entries.get(path)
        if now is None or _gone(entry, now):
            yield f"{now.standing if now else 'absent'} entry"
    for path, entry in after.entries.items():
        was = before.entries.get(path)
        if entry.needs_review and not (was and was.needs_review):
            yield "entry for review"


def _gone(was: Entry, now: Entry) -> bool:
    return now.standing != was.standing and now.standing in ("absent", "unread")


def _said(finding: Finding) -> tuple[str, str, str | None]:
    return finding.check, finding.verdict, finding.residual


# The figures


def prove_hostile(figures: Figures, jobs: int, share: float, seed: int, flagged: float) -> None:
    """Reads the variants, or a seeded ``share`` of each operator's, and says what came of them."""
    every: list[Job] = [(name, number, seed) for name, number in planned(share, seed)]
    huge = [job for job in every if job[0] == "huge_line"]
    ordinary = [job for job in every if job[0] != "huge_line"]
    figures.title("Damaged documents")
    figures.say(
        f"{len(every)} variants of {len(checked_documents())} documents, {len(OPERATORS)} "
        f"operators, seed {seed} (flagged on clean project forms: {flagged} %)"
    )
    figures.put("damaged", len(every))
    tried = list(zip(ordinary, guarded(try_variant, ordinary, ORDINARY, jobs), strict=True))
    _tell_survival(figures, tried, "ordinary", ORDINARY)
    big = list(zip(huge, guarded(try_variant, huge, HUGE, 1), strict=True))
    _tell_survival(figures, big, "huge (a line of 50 MB)", HUGE)
    tried += big
    _tell_promises(figures, tried)
    _tell_untouched(figures, tried)
    for name in (*CELL_OPERATORS, "blank_cell", "fill_cell"):
        _tell_cells(figures, name, [pair for pair in tried if pair[0][0] == name])


Tried = Sequence[tuple[Job, Outcome[Told]]]


def _tell_survival(figures: Figures, tried: Tried, name: str, limits: Limits) -> None:
    """Crashes, hangs, memory; the slowest variant with its size."""
    key = name.partition(" ")[0]
    bad = [(job, one) for job, one in tried if one.fate != "done"]
    fates = Counter(one.fate for _, one in bad)
    text = (
        f"{name}: {len(tried)} read, {fates['crash']} crashed, {fates['hang']} hung "
        f"(limit {limits.seconds:g} s), {fates['memory']} out of memory "
        f"(limit {limits.mib} MiB) (bound: 0, 0, 0)"
    )
    figures.bound(f"damaged_{key}_failed", len(bad), text, not bad)
    figures.examples(f"{job[0]} {job[1]}: {one.fate} {one.told[-300:]}" for job, one in bad)
    job, slow = max(tried, key=lambda pair: pair[1].seconds)
    rss = max(one.rss for _, one in tried)
    figures.put(f"damaged_{key}_max_rss_mib", rss)
    figures.put(f"damaged_{key}_slowest_seconds", round(slow.seconds, 3))
    size = f"{slow.result.characters:,} characters" if slow.result else slow.fate
    figures.say(
        f"       largest resident set {rss:g} MiB; slowest {slow.seconds:.2f} s "
        f"({job[0]} {job[1]}, {size})"
    )


def _results(tried: Tried) -> Iterator[tuple[Job, Told]]:
    for job, outcome in tried:
        if outcome.result is not None:
            yield job, outcome.result


def _tell_promises(figures: Figures, tried: Tried) -> None:
    refused = Counter(told.refused for _, told in _results(tried) if told.refused)
    forms = sum(told.forms for _, told in _results(tried))
    figures.put("damaged_forms", forms)
    figures.put("damaged_files_refused", sum(refused.values()))
    codes = ", ".join(f"{code} {count}" for code, count in refused.most_common())
    figures.say(f"       {forms} forms read; {sum(refused.values())} files refused ({codes})")
    broken = [f"{job[0]} {job[1]}: {what}" for job, told in _results(tried) for what in told.broken]
    text = (
        f"{len(broken)} times a span that is not its raw text, a number without a span, "
        f"or a count of titles that is not that of forms, repeats and refused (bound: 0)"
    )
    figures.bound("damaged_promises_broken", len(broken), text, not broken)
    figures.examples(broken)


def _tell_untouched(figures: Figures, tried: Tried) -> None:
    whole = sum(told.untouched for _, told in _results(tried))
    other = [f"{job[0]} {job[1]}: {name}" for job, told in _results(tried) for name in told.other]
    figures.put("damaged_untouched_forms", whole)
    text = f"{whole} forms with all their characters untouched, {len(other)} read otherwise"
    figures.bound("damaged_untouched_other", len(other), f"{text} (bound: 0)", not other)
    figures.examples(other)


def _tell_cells(figures: Figures, name: str, tried: Tried) -> None:
    """How many touched cells show, by sign; one that shows in several ways counts in each."""
    told = list(_results(tried))
    silent = [f"{job[1]}: {one.touched}" for job, one in told if not one.signs]
    signs = Counter(sign for _, one in told for sign in one.signs)
    figures.put(f"{name}_tried", len(told))
    figures.put(f"{name}_signs", dict(signs.most_common()))
    bounded = name in CELL_OPERATORS
    text = f"{name}: {len(silent)} of {len(told)} silent" + (" (bound: 0)" if bounded else "")
    if bounded:
        figures.bound(f"{name}_silent", len(silent), text, not silent)
    else:
        figures.put(f"{name}_silent", len(silent))
        figures.say(f"       {text}")
    figures.say("         shown by " + ", ".join(f"{s} {n}" for s, n in signs.most_common()))
    if bounded:
        figures.examples(silent)
