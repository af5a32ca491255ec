"""How a source module writes a table: cells by tab, rows by newline."""

from __future__ import annotations

from collections.abc import Iterable

PROSE = 24
"""A line longer than this, in characters, is prose; a label or value broken over lines is not."""


def row(cells: Iterable[str]) -> str:
    return "\t".join(cells)


def cell(lines: Iterable[str]) -> str:
    """The text of one cell, which may not hold a tab or a newline.

    The lines of a label or a value are joined by a space, as recognised pages have them:

    >>> cell(["年度", "总体", "目标"])
    '年度 总体 目标'

    Where a line is prose the lines are paragraphs, and are marked as recognised pages mark them,
    so that the reader can tell them apart:

    >>> cell(["1、新增“小哥来吧”红色主题小剧场，服务新就业群体，全年演出十二场。", "2、读书会。"])
    '<p>1、新增“小哥来吧”红色主题小剧场，服务新就业群体，全年演出十二场。</p><p>2、读书会。</p>'
    """
    kept = [flat for line in lines if (flat := line.replace("\t", " ").strip())]
    if len(kept) > 1 and any(len(line) > PROSE for line in kept):
        return "".join(f"<p>{line}</p>" for line in kept)
    return " ".join(kept)
