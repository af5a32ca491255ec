"""A page that is too long, taken apart and put together again."""

from __future__ import annotations

import asyncio

import pytest

from eval.loopback.faults import Faults
from eval.loopback.ledger import Ledger
from eval.loopback.server import serving
from eval.loopback.simulated import Simulated
from extractor.families import family_of
from extractor.pipeline import outline
from extractor.readers.model import ModelReader, ReplyError
from extractor.readers.model.blocks import blocks, joined
from extractor.readers.table import read_table
from extractor.twins import leaves
from tests.shapes import PAGE, document

PROJECT = family_of("project")
LONG = PAGE.replace(
    "效益指标\t社会效益指标\t读者增长",
    "".join(f"\t\t第{n}项活动\t=1(次)\t1(次)\t1.00\t1.00\t\n" for n in range(60))
    + "效益指标\t社会效益指标\t读者增长",
)


def rows_of(text: str) -> list[int]:
    (piece,) = outline(document(text)).pieces
    return piece.rows()


def test_a_short_page_stays_whole() -> None:
    assert blocks(PAGE, PROJECT, rows_of(PAGE), len(PAGE)) == [PAGE]


def test_no_line_is_lost_and_every_further_block_stands_under_title_and_header() -> None:
    found = blocks(LONG, PROJECT, rows_of(LONG), 900)
    assert len(found) > 2
    title, header = LONG.splitlines()[0], next(x for x in LONG.splitlines() if "三级指标" in x)
    rest = [found[0]]
    for block in found[1:]:
        labels, _, body = block.partition(f"{header}\n")
        assert labels == f"{title}\n"
        rest.append(body)
    assert "".join(rest) == LONG


def test_a_block_ends_before_a_row_and_never_inside_one() -> None:
    for block in blocks(LONG, PROJECT, rows_of(LONG), 900)[:-1]:
        assert block.endswith("\n")
        assert block.splitlines()[-1].count("\t") >= 4


@pytest.mark.parametrize("text", ["一 " * 700, "一" * 1400])
def test_a_page_in_one_line_is_cut_at_spaces_or_where_it_must(text: str) -> None:
    found = blocks(text, PROJECT, [], 500)
    bodies = [found[0], *(block.split("\n", 1)[1] for block in found[1:])]
    assert "".join(bodies) == text
    assert all(len(body) <= 500 for body in bodies)


def test_joining_takes_the_first_value_all_rows_and_carries_levels_on() -> None:
    one = {
        "year": "2023", "total_score": None, "groups[0].level1": "产出指标",
        "groups[0].weight": "50", "indicators[0].level1": "产出指标",
        "indicators[0].level2": "数量指标", "indicators[0].name": "甲",
    }  # fmt: skip
    two = {
        "year": None, "total_score": "99.00", "groups[0].level1": "产出指标",
        "groups[0].weight": None, "groups[1].level1": "效益指标", "groups[1].weight": "40",
        "indicators[0].level1": None, "indicators[0].level2": None, "indicators[0].name": "乙",
        "indicators[1].level1": "效益指标", "indicators[1].level2": None,
        "indicators[1].name": "丙",
    }  # fmt: skip
    found = joined([one, two])
    assert (found["year"], found["total_score"]) == ("2023", "99.00")
    names = [found[f"indicators[{n}].name"] for n in range(3)]
    assert names == ["甲", "乙", "丙"]
    assert found["indicators[1].level1"] == "产出指标"
    assert found["indicators[1].level2"] == "数量指标"
    assert found["indicators[2].level2"] is None
    assert (found["groups[0].weight"], found["groups[1].weight"]) == ("50", "40")
    assert "groups[2].level1" not in found


def test_a_reply_cut_short_is_never_a_short_table() -> None:
    """The model's limit is reached, always: what cannot be read in blocks either is a failure."""
    says = {"year": "2023"}

    async def ask(url: str) -> None:
        async with ModelReader("simulated", url, direct=True) as reader:
            await reader.ask(PROJECT, LONG, rows=lambda: rows_of(LONG))

    ledger = Ledger()
    faults = Faults({"length": 1.0})
    with serving(Simulated(lambda page: says), faults, ledger) as url:
        with pytest.raises(ReplyError) as caught:
            asyncio.run(ask(url))
        assert caught.value.code == "cut_short"
        assert len(ledger.entries) == 2, "once whole, and the first of the blocks"


def test_leaves_of_blocks_and_of_a_whole_page_have_the_same_paths() -> None:
    table = read_table(outline(document(LONG)).pieces[0].text, PROJECT)
    whole = {path: one.value for path, one in table.readings.items()}
    assert set(joined([whole])) == set(whole)
    assert leaves({"a": [{"b": "1"}]}) == {"a[0].b": "1"}
