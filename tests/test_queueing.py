"""What the queue page shows, without any screen."""

from __future__ import annotations

import doctest
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor.bulk import ingest
from extractor.families import family_of
from extractor.sources import walk
from extractor.store import Store
from extractor.store_doubts import Doubts
from extractor.store_filters import Filters
from tests.shapes import PAGE
from ui import queueing
from ui.queueing import Lang, choices, page, reasons, units

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive of two documents: two forms with a name missing, and one with a wrong digit."""
    (tmp_path / "in").mkdir()
    two = PAGE.replace("购书数量", "", 1) + PAGE.replace("2023", "2022").replace("读者增长", "", 1)
    (tmp_path / "in" / "a.tsv").write_text(two.replace("乙中心", "丙中心"), "utf-8")
    (tmp_path / "in" / "b.tsv").write_text(WRONG, "utf-8")
    with Store.open(tmp_path / "a.db") as store:
        ingest(list(walk([tmp_path / "in"])), store)
        yield store


def shown(store: Store, filters: Filters | None = None, **more: Any) -> dict[str, Any]:
    found = page(store, filters or Filters(), **more)
    assert json.loads(json.dumps(found)) == found  # nothing that a browser could not get
    return found


def doubts(*fields: tuple[str, str], unread: int = 0, errors: int = 0) -> Doubts:
    messages = [{"zh": f"错{n}", "en": f"error {n}"} for n in range(errors)]
    return Doubts("project", {"indicators": [{"name": "购书"}]}, list(fields), unread, messages)


class TestPage:
    def test_the_rows_come_in_the_order_of_work_and_say_where_documents_begin(
        self, store: Store
    ) -> None:
        rows = shown(store)["rows"]
        assert [(one["path"], one["number"], one["starts"]) for one in rows] == [
            ("b.tsv", 0, True),
            ("a.tsv", 0, True),
            ("a.tsv", 1, False),
        ]

    def test_a_further_page_begins_with_a_document(self, store: Store) -> None:
        found = shown(store, offset=2, limit=1)
        assert (found["forms"], found["documents"]) == (3, 2)
        assert [(one["number"], one["starts"]) for one in found["rows"]] == [(1, True)]

    def test_a_row_says_why_it_is_there_in_the_language_of_the_page(self, store: Store) -> None:
        (message,) = (
            one.message for _, form in store.forms() for one in form.findings if one.is_error
        )
        for lang in ("zh", "en"):
            first, second, _ = shown(store, lang=lang)["rows"]
            assert first["reasons"] == [message[lang]]
            assert first["kind"] == family_of("project").title[lang]
            said = {"zh": "应有而没有", "en": "should be there and is not"}[lang]
            assert second["reasons"][0].endswith(said)

    def test_filters_hold(self, store: Store) -> None:
        assert [one["year"] for one in shown(store, Filters(year=2022))["rows"]] == [2022]


class TestReasons:
    @pytest.mark.parametrize(
        ("told", "lang", "wanted"),
        [
            (doubts(("total_score", "disputed")), "zh", ["总分：两种读法不同"]),
            (
                doubts(*[(f"indicators[0].{role}", "unread") for role in ("score", "weight")]),
                "zh",
                ["2 个字段：未读出"],
            ),
            (doubts(unread=3), "zh", ["3 处内容不属于任何字段"]),
            (doubts(("indicators[0].score", "closed")), "zh", ["得分 · 购书：把握不足"]),
            (
                doubts(("total_score", "unproven"), ("year", "unread"), errors=1),
                "en",
                ["error 0", "year: could not be read", "total score: nothing supports it"],
            ),
        ],
    )
    def test_fields_are_told_by_what_is_wrong_the_gravest_first(
        self, told: Doubts, lang: Lang, wanted: list[str]
    ) -> None:
        assert reasons(told, conflicts=False, lang=lang) == wanted

    def test_fields_of_a_failing_sum_are_not_told_again(self) -> None:
        told = doubts(("total_score", "contradicted"), errors=1)
        assert reasons(told, conflicts=False, lang="zh") == ["错0"]
        alone = doubts(("total_score", "contradicted"))
        assert reasons(alone, conflicts=False, lang="zh") == ["总分：与等式矛盾"]

    def test_conflicts_come_first(self) -> None:
        assert reasons(doubts(errors=1), conflicts=True, lang="zh") == [
            "有操作互相矛盾或已不适用",
            "错0",
        ]

    def test_a_row_gives_three_and_counts_the_others(self, store: Store) -> None:
        folder = store.path.parent / "in"
        many = PAGE.replace("100.00", "1O0.00").replace("90.00", "9O.00").replace("2023", "2021")
        (folder / "c.tsv").write_text(many, "utf-8")
        ingest(list(walk([folder])), store)
        (row,) = shown(store, Filters(year=2021))["rows"]
        (told,) = store.doubts([row["form"]]).values()
        everything = reasons(told, conflicts=False, lang="zh")
        assert row["reasons"] == everything[:3]
        assert row["more"] == len(everything) - 3 > 0


class TestChoices:
    def test_each_choice_has_a_label_and_its_forms(self, store: Store) -> None:
        found = choices(store, "zh")
        assert found["family"] == [
            {"value": "project", "label": "财政项目支出绩效自评表", "forms": 3}
        ]
        assert [one["value"] for one in found["year"]] == [2023, 2022]
        assert found["check"] == [
            {"value": "sum:indicators[].score", "label": "合计：得分", "forms": 1}
        ]
        assert found["units"] == 2
        assert units(store, "丙") == [{"value": "丙中心", "label": "丙中心", "forms": 2}]

    def test_the_examples_hold(self) -> None:
        assert doctest.testmod(queueing).failed == 0
