"""How well errors are told from right values, as Markdown and as a section of the page."""

from __future__ import annotations

from collections.abc import Callable

from eval.report.detection_tables import TITLE, Table, lead, tables
from eval.results import Run
from extractor.page.markup import both, classes, tag, words


def detection_markdown(run: Run, suffix: str) -> tuple[str, ...]:
    """The section in English; nothing where the run does not have it."""
    found = run.detection
    if found is None:
        return ()
    parts = [f"## {TITLE['en']}{suffix}", " ".join(one["en"] for one in lead(run, found))]
    for table in tables(found):
        ruler = ["---", *["---:"] * (len(table.head) - 1)]
        rows = [[cell["en"] for cell in row] for row in (table.head, *table.rows)]
        lines = [f"| {' | '.join(cells)} |" for cells in (rows[0], ruler, *rows[1:])]
        parts += [f"{table.title['en']}:", "\n".join(lines)]
    return tuple(parts)


def detection_section(run: Run, heading: Callable[[str, str], str]) -> str:
    """The section of the page; nothing where the run does not have it."""
    found = run.detection
    if found is None:
        return ""
    what, *more = lead(run, found)
    inner = heading(TITLE["zh"], TITLE["en"]) + tag("p", words(what), class_="lead")
    if more:
        said = both("".join(one["zh"] for one in more), " ".join(one["en"] for one in more))
        inner += tag("p", said, class_="note")
    drawn = "".join(_drawn(table) for table in tables(found))
    inner += tag("div", drawn, class_="tables") if drawn else ""
    return tag("section", inner, class_="detection", id="detection")


def _drawn(table: Table) -> str:
    names = ["n" if column else "" for column in range(len(table.head))]
    heads = "".join(
        tag("th", words(cell), scope="col", class_=classes(name))
        for name, cell in zip(names, table.head, strict=True)
    )
    rows = "".join(
        tag(
            "tr",
            tag("th", words(row[0]), scope="row")
            + "".join(tag("td", words(cell), class_="n") for cell in row[1:]),
        )
        for row in table.rows
    )
    inner = tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="plain")
    wide = tag("div", inner, class_="wide", tabindex=0)
    return tag("div", tag("h3", words(table.title)) + wide)
