"""The tables: a row for each indicator, the sheets of the workbook, the workpaper of defects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

from extractor.cases import CAUSES, cases, in_one_line, tell
from extractor.checks.explain import Drawing
from extractor.confidence import REASONS, STRATA
from extractor.drawings import drawings
from extractor.export_columns import (
    Cell,
    Column,
    Exported,
    Row,
    Table,
    address_of,
    cell_of,
    family_in,
    flagged,
    head_leaves,
    key_cells,
    key_columns,
    leaf_title,
    leaf_width,
    leaves_below,
    matrix_leaves,
    money_leaves,
    named,
    path_title,
    sheet_leaves,
    twin_names,
    word,
)
from extractor.numbers import WIDE
from extractor.types import CheckedForm, Finding

# -- the csv: one row an indicator, columns named by the paths of the contract ----------------


def _csv_columns(lang: str) -> list[Column]:
    names = ["document", "sha256", "form", "family", "state", *_csv_head(), "row"]
    inner = ["indicators[].row", *leaves_below("indicators[].")]
    last = ["row_to_review", "form_to_review", "same_as", "head"]
    return [Column(n) for n in (*names, *inner, *last)]


def _csv_rows(item: Exported, lang: str) -> Iterator[Row]:
    document, form, *_ = item
    about = [document.path, document.sha256, form.form.index, form.form.family, form.state]
    head = [cell_of(form, path) for path in _csv_head()]
    last = [flagged(form), twin_names(item), item.head]
    inner = list(leaves_below("indicators[]."))
    rows: list[dict[str, Any]] = form.record["indicators"]
    for index, row in enumerate(rows):
        cells = [cell_of(form, path.replace("[]", f"[{index}]")) for path in inner]
        doubtful = [path for path, cell in zip(inner, cells, strict=True) if cell.flagged]
        names = " ".join(path.rpartition(".")[2] for path in doubtful)
        yield [*about, *head, index, row["row"], *cells, names, *last]
    if not rows:
        yield [*about, *head, None, None, *[None] * len(inner), None, *last]


def _csv_head() -> list[str]:
    prose = {path for path, leaf in head_leaves().items() if leaf.kind == "prose"}
    return [path for path in (*head_leaves(), *matrix_leaves()) if path not in prose]


# -- the sheets of the workbook ---------------------------------------------------------------


def _form_columns(lang: str) -> list[Column]:
    about = [Column(word("family", lang), 20), Column(word("state", lang), 8)]
    own = [
        Column(path_title(path, lang), leaf_width(leaf)) for path, leaf in sheet_leaves().items()
    ]
    counts = [Column(word(name, lang)) for name in ("to_review", "errors")]
    return [*key_columns(lang), *about, *own, *counts, Column(word("twins", lang), 36)]


def _form_rows(item: Exported, lang: str) -> Iterator[Row]:
    form = item.form
    about = [family_in(form).title[lang], word(form.state, lang)]
    own = [cell_of(form, path) for path in sheet_leaves()]
    errors = sum(finding.is_error for finding in form.findings)
    yield [*key_cells(item), *about, *own, flagged(form), errors, twin_names(item)]


def _funds_columns(lang: str) -> list[Column]:
    columns = [Column(leaf_title(leaf, lang), leaf_width(leaf)) for leaf in money_leaves().values()]
    return [*key_columns(lang), Column(word("source", lang), 22), *columns]


def _funds_rows(item: Exported, lang: str) -> Iterator[Row]:
    form, family = item.form, family_in(item.form)
    section = family.layout.matrix.name
    for source in form.record[section]:
        at = f"{section}.{source}"
        if all(e.standing == "absent" for p, e in form.entries.items() if p.startswith(at + ".")):
            continue
        part = family.parts[at]
        yield [
            *key_cells(item),
            getattr(part, lang),
            *[cell_of(form, f"{at}.{c}") for c in money_leaves()],
        ]


def _listed(section: str) -> Table:
    """The sheet of a list of rows: ``groups`` or ``indicators``."""

    def columns(lang: str) -> list[Column]:
        leaves = leaves_below(f"{section}[].").values()
        own = [Column(leaf_title(leaf, lang), leaf_width(leaf)) for leaf in leaves]
        return [*key_columns(lang), Column(word("number", lang), 6), *own]

    def rows(item: Exported, lang: str) -> Iterator[Row]:
        names = [path.rpartition(".")[2] for path in leaves_below(f"{section}[].")]
        for index in range(len(cast(list[Any], item.form.record[section]))):
            cells = [cell_of(item.form, f"{section}[{index}].{name}") for name in names]
            yield [*key_cells(item), index, *cells]

    return Table(section, columns, rows)


def _finding_columns(lang: str) -> list[Column]:
    own = named(lang, rule=8, severity=8, verdict=10, message=80, residual=10)
    return [*key_columns(lang), *own, *named(lang, fields=50, suspects=60, cause=22)]


def _finding_rows(item: Exported, lang: str) -> Iterator[Row]:
    suspects = _suspects(item.form, lang)
    for finding in item.form.findings:
        cells = [address_of(item.form, path) for path in finding.fields]
        kind = [finding.rule, word(finding.severity, lang), word(finding.verdict, lang)]
        yield [
            *key_cells(item), *kind, finding.message[lang], _rounded(finding.residual),
            "; ".join(cells), suspects.get(finding.check), _cause(finding, lang),
        ]  # fmt: skip


def _suspects(form: CheckedForm, lang: str) -> dict[str, str]:
    """What is suspected, by the id of the finding."""
    return {
        check: line
        for case in cases(form)
        if (line := in_one_line(tell(form, case), lang))
        for check in case.checks
    }


def _cause(finding: Finding, lang: str) -> str:
    return CAUSES[finding.cause][lang] if finding.is_error else ""


def _rounded(residual: str | None) -> Cell:
    """A difference as people read it: one that was worked out may have thirty decimals."""
    if residual is None:
        return Cell(None)
    off = Decimal(residual)
    places = -int(off.as_tuple().exponent)
    return Cell(
        f"{off if places <= 4 else off.quantize(Decimal('0.0001'), context=WIDE):f}", number=True
    )


def _review_columns(lang: str) -> list[Column]:
    own = named(lang, field=30, cell=40, value=24, raw=24, stratum=36, reasons=30, failing=80)
    return [*key_columns(lang), *own]


def _review_rows(item: Exported, lang: str) -> Iterator[Row]:
    """The doubtful fields, then the printed cells that no field claims."""
    document, form, *_ = item
    sentences = {f.check: f.message[lang] for f in form.findings if f.verdict == "fails"}
    for path, entry in form.entries.items():
        if entry.needs_review:
            yield [
                *key_cells(item), family_in(form).label(path, lang, form.record), entry.address,
                cell_of(form, path), " ¦ ".join(entry.raw), _stratum(entry.stratum, lang),
                "; ".join(_reason(reason, lang) for reason in entry.reasons),
                "\n".join(sentences[check] for check in entry.fails if check in sentences),
            ]  # fmt: skip
    for start, end in form.unread:
        text = document.text[start:end]
        yield [*key_cells(item), word("unclaimed", lang), None, None, text, None, None, None]


def _stratum(name: str, lang: str) -> str:
    # An archive may hold names that an older version gave and this one no longer knows.
    return getattr(STRATA[name], lang) if name in STRATA else name


def _reason(name: str, lang: str) -> str:
    return REASONS[name][lang] if name in REASONS else name


# -- the workpaper of defects -----------------------------------------------------------------


def _defect_columns(lang: str) -> list[Column]:
    own = named(lang, field=30, cell=36, printed=14, implied=14, residual=12, sum=60, rule=8)
    last = named(lang, message=60, suspects=60, cause=22, twins=36, head=24)
    return [*_by_issuer(lang), *own, *last]


def _by_issuer(lang: str) -> list[Column]:
    document, form, year, issued, project = key_columns(lang)
    return [issued, year, project, document, form]


def _defect_rows(item: Exported, lang: str) -> Iterator[Row]:
    """The identities that a form breaks, each with the cell that is suspected.

    Where no cell is named alone it is the one that should be the total.
    """
    form = item.form
    drawn = {drawing.check: drawing for drawing in drawings(form) if drawing.verdict == "fails"}
    explained = {check: case for case in cases(form) for check in case.checks}
    suspects = _suspects(form, lang)
    document, number, year, issued, project = key_cells(item)
    for finding in form.findings:
        if finding.is_error:
            changes = explained[finding.check].changes if finding.check in explained else {}
            cells = _defect_cells(form, finding, drawn.get(finding.check), changes, lang)
            yield [
                issued, year, project, document, number, *cells, finding.rule,
                finding.message[lang], suspects.get(finding.check), _cause(finding, lang),
                twin_names(item), item.head,
            ]  # fmt: skip


def _defect_cells(
    form: CheckedForm,
    finding: Finding,
    drawing: Drawing | None,
    changes: Mapping[str, str],
    lang: str,
) -> Row:
    """Field, cell, printed, implied, difference and the sum; what there is of them."""
    head = drawing.printed.path if drawing and drawing.printed else finding.fields[0]
    implied = Cell(_plain(drawing.implied) if drawing and drawing.printed else None, number=True)
    if len(changes) == 1:
        head, value = next(iter(changes.items()))
        implied = Cell(value, number=True)
    entry = form.entries[head]
    printed = cell_of(form, head) if entry.value is not None else " ".join(entry.raw)
    where = [family_in(form).label(head, lang, form.record), address_of(form, head), printed]
    if drawing is None or drawing.printed is None:
        return [*where, implied, None, None]
    residual = Cell(_plain(drawing.residual), number=True)
    return [*where, implied, residual, _written_out(drawing)]


def _written_out(drawing: Drawing) -> str:
    """``3.00 + 3.00 = 6.00 ≠ 7.00`` or ``5.00 > 4.00``."""
    line = ""
    for term in drawing.terms:
        text = term.text or "?"
        line += f" {term.sign} {text}" if line else text
    printed = (drawing.printed and drawing.printed.text) or "?"
    if any(term.sign == "≤" for term in drawing.terms):
        return f"{printed} > {line}"
    worked = f"{line} = {drawing.implied}" if len(drawing.terms) > 1 else line or drawing.implied
    return f"{worked} ≠ {printed}"


def _plain(shown: str | None) -> str | None:
    """A number as it is shown to people, as a decimal string again."""
    return shown and shown.replace(",", "").replace("−", "-").removesuffix(" %")


BY_INDICATOR = Table("csv", _csv_columns, _csv_rows)
DEFECTS = Table("defects", _defect_columns, _defect_rows)
SHEETS = (
    Table("forms", _form_columns, _form_rows),
    Table("funds", _funds_columns, _funds_rows),
    _listed("groups"),
    _listed("indicators"),
    Table("findings", _finding_columns, _finding_rows),
    Table("review", _review_columns, _review_rows),
)
