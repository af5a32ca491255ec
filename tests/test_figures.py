"""The pages of statistics and batches: what they show, and that they show it without markup."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractor.acting import act
from extractor.effort import FEWEST
from extractor.operations import Operation
from extractor.reviewing import places_of
from extractor.store import Store
from extractor.store_labels import Draw
from tests.test_reviewing import first, op, store
from ui.figure_words import FIGURE_WORDS
from ui.figures import NOTHING, Lang, duration, percent, short, statistics
from ui.figures_batches import batches

testing = pytest.importorskip("streamlit.testing.v1")

__all__ = ["store"]


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit puts the script that it tests in place of the main module, which processes that are
    started later would then run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


LANGS: tuple[Lang, ...] = ("zh", "en")
HOSTILE = "<img src=x onerror=alert(1)> [a](http://b) :red[c] $x$\u202e.pdf"


def review(store: Store, count: int, person: str = "p") -> None:
    """So many fields accepted in six seconds each, and the doubtful one corrected."""
    sha256, form = first(store)
    places = [(place, form.entries[path].raw) for path, place in places_of(form).items()]
    made = [
        Operation(
            f"acc-{n}", sha256, "accept", person, n, **place._asdict(), against=raw, spent=6000
        )
        for n, (place, raw) in enumerate(places[:count], 1)
    ]
    act(store, [*made, op(store, "set", n=count + 1, value="30.00", person=person, spent=400_000)])


class TestFigures:
    @pytest.mark.parametrize("lang", LANGS)
    def test_an_empty_archive_says_what_to_do(self, tmp_path: Any, lang: Lang) -> None:
        with Store.open(tmp_path / "empty.db") as empty:
            told, runs = statistics(empty, lang), batches(empty, lang)
        assert "crossfoot ingest" in (told.hint or "")
        assert (told.cards, told.series, told.tables) == ((), (), ())
        assert "crossfoot ingest" in (runs.hint or "")
        assert (runs.table, runs.batches) == (None, ())

    def test_before_anybody_reviewed_only_shares_are_told(self, store: Store) -> None:
        told = statistics(store, "en")
        assert told.hint == FIGURE_WORDS["no_operations"]["en"]
        assert told.cards[0].value == "0.0 %"
        assert (len(told.cards), told.series) == (2, ())

    def test_with_operations(self, store: Store) -> None:
        review(store, FEWEST)
        told = statistics(store, "en")
        assert told.hint is None
        by_label = {card.label: card for card in told.cards}
        unseen = store.stats()["fields"] - FEWEST - 1
        saved = by_label["Time saved"]
        spent = FEWEST * 6 + 300
        assert saved.value == duration((unseen * 6 - spent) / 60, "en")
        assert f"fields that nobody decided: {unseen:,}" in saved.note
        assert "as if each would have taken the median" in saved.note
        assert by_label["Per field (median)"].value == "6.0 s"
        assert by_label["Time spent"].note.endswith(": 1")
        assert by_label["Accepted as read"].value == percent(FEWEST / (FEWEST + 1))
        seconds, people, days = told.tables
        assert seconds.rows[0] == ("field", "21", "6.0", "6.0", "20.0")
        assert people.rows == (("p", "20", "1", "0", "0", "0", "0", "0"),)
        assert days.rows[0][1:] == people.rows[0]
        decisions, pace = told.series
        assert sum(point.amount for point in decisions.points) == FEWEST + 1
        assert {point.group for point in decisions.points} == {"accepted", "corrected"}
        assert "decisions: 21, corrections among them: 1." in decisions.told
        assert [point.amount for point in pace.points] == [6.0]

    def test_too_few_timed_fields_make_no_estimate(self, store: Store) -> None:
        review(store, 3)
        saved = statistics(store, "zh").cards[2]
        assert (saved.value, saved.note) == (
            NOTHING,
            f"计时的已核字段只有 4 个，不足 {FEWEST} 个，不作估计",
        )

    def test_answers_of_the_sample_are_told_as_counts(self, store: Store) -> None:
        (number,) = (form for form, _ in store.form_sizes())
        (label,) = store.draw("sample", [Draw(number, "grade", "categories", "grounded", "优")])
        assert label is not None
        store.answer(label, "p", "良", True)
        (table,) = statistics(store, "zh").tables
        assert table.rows == (("在自己的行名和列名之下", "类别", "1", "1", "1"),)

    def test_batches_newest_first_with_failures_and_cost(self, store: Store) -> None:
        killed = store.start_batch("both", "set-1", "gpt-x")
        for n in range(101):
            store.fail(killed, "in", f"{n:03}.pdf", "no_text", "nothing to read")
        told = batches(store, "en")
        assert told.table is not None
        new, old = (dict(zip(told.table.heads, row, strict=True)) for row in told.table.rows)
        assert (new["batch"], new["model"], new["failures"]) == (str(killed), "gpt-x", "101")
        assert new["finished (UTC)"].startswith("not finished")
        assert (old["model"], old["cost"], old["open forms"]) == (NOTHING, NOTHING, "1")
        view, first_ = told.batches
        assert view.failures is not None
        assert (len(view.failures.rows), view.more) == (100, "not listed: 1")
        assert view.failures.rows[0] == ("000.pdf", "no_text", "nothing to read", "still unread")
        assert (view.to_queue, first_.to_queue) == (None, "Batch 1, forms to review: 1")

    @pytest.mark.parametrize(
        ("summary", "told"),
        [
            ({"cost": "2.64", "most_cost": "0", "currency": "CNY"}, "2.64 CNY"),
            (None, "no price: 1,200 tokens in, 300 out"),
            ({"cost": None, "most_cost": None}, "no price: 1,200 tokens in, 300 out"),
        ],
    )
    def test_the_cost_of_a_batch(self, store: Store, summary: Any, told: str) -> None:
        batch = store.start_batch("model", "set-1", "gpt-x")
        store.db.conn.execute(
            "INSERT INTO calls (batch, root, path, start, purpose, question, sent, how, input, "
            "cached, output, most_input, most_output) "
            "VALUES (?, 'r', 'p', 0, 'page', 'q', '', 'ok', 1200, 0, 300, 0, 0)",
            (batch,),
        )
        if summary is not None:
            store.finish_batch(batch, summary)
        table = batches(store, "en").table
        assert table is not None
        assert table.rows[0][-1] == told

    def test_texts_of_others_cannot_turn_or_flood_a_cell(self) -> None:
        assert "\u202e" not in short(HOSTILE)
        assert len(short("x" * 5000)) == 60

    def test_both_languages_have_the_same_parts(self) -> None:
        def parts(text: str) -> set[str]:
            return {piece.split("}")[0] for piece in text.split("{")[1:]}

        for key, words in FIGURE_WORDS.items():
            assert set(words) == {"zh", "en"}, key
            # Chinese has no need of every one, and no sentence has one that is not given.
            assert parts(words["zh"]) == parts(words["en"]), key

    def test_all_of_them_is_said_of_all_alone(self) -> None:
        assert [percent(share) for share in (1.0, 0.99999, 0.29, 0.0, None)] == [
            "100.0 %", "99.9 %", "29.0 %", "0.0 %", NOTHING,
        ]  # fmt: skip

    def test_time(self) -> None:
        assert duration(555, "en") == "9 h 15 min"
        assert duration(75_000, "en") == "1,250 h 0 min"
        assert duration(-61.2, "zh") == "−1 小时 1 分"
        assert duration(-0.2, "en") == "0 h 0 min"


def _statistics() -> None:
    from ui.screens.statistics import page

    page()


def _batches() -> None:
    from ui.screens.batches import page

    page()


class TestPages:
    @pytest.fixture
    def shown(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
        """Draws a page of the archive in a language, as Streamlit would."""
        monkeypatch.setenv("CROSSFOOT_REVIEW_DB", str(store.path))

        def draw(page: Callable[[], None], lang: Lang = "en") -> Any:
            monkeypatch.setenv("CROSSFOOT_REVIEW_LANG", lang)
            app = testing.AppTest.from_function(page, default_timeout=30).run()
            assert not app.exception
            return app

        return draw

    @pytest.mark.parametrize("lang", LANGS)
    def test_statistics_without_operations(self, shown: Any, lang: Lang) -> None:
        app = shown(_statistics, lang)
        assert [one.value for one in app.text] == [FIGURE_WORDS["no_operations"][lang]]
        assert app.metric[0].label == FIGURE_WORDS["forms_through"][lang]

    @pytest.mark.parametrize("lang", LANGS)
    def test_statistics_with_operations(self, store: Store, shown: Any, lang: Lang) -> None:
        review(store, FEWEST, HOSTILE)
        app = shown(_statistics, lang)
        assert len(app.metric) == 6
        plots = app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")
        assert len(plots) == 2
        assert FIGURE_WORDS["decisions_plot"][lang] in str(json.loads(plots[0].proto.spec)["title"])
        drawn = "".join(one.proto.body for one in app.get("html"))
        assert "<img" not in drawn
        assert "&lt;img" in drawn

    @pytest.mark.parametrize("lang", LANGS)
    def test_batches_with_hostile_names(self, store: Store, shown: Any, lang: Lang) -> None:
        batch = store.start_batch(HOSTILE, "set-1", HOSTILE)
        store.fail(batch, "in", HOSTILE, "no_text", HOSTILE)
        app = shown(_batches, lang)
        assert [one.value for one in app.header] == [{"zh": "批次", "en": "Batches"}[lang]]
        drawn = "".join(one.proto.body for one in app.get("html"))
        assert "<img" not in drawn
        assert "\u202e" not in drawn
        others = [
            one.value for kind in ("markdown", "caption", "subheader") for one in app.get(kind)
        ]
        assert not any(":red" in text or "](" in text for text in others)
        assert [one.label for one in app.button] == [
            FIGURE_WORDS["to_queue"][lang].format(n=1, open=1)
        ]

    def test_the_button_goes_to_the_queue_of_its_batch(
        self, shown: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        went: list[dict[str, object]] = []
        monkeypatch.setattr("ui.shell.open_queue", lambda **filters: went.append(filters))
        app = shown(_batches)
        app.button[0].click().run()
        assert went == [{"batch": 1}]
