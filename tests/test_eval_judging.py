"""What became of a form: every slip, whether anybody is led to it, and the evidence for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from eval.judging import Case, Evidence, judge
from eval.results import Cell, FormResult, Slip
from extractor.families import family_of
from extractor.pipeline import read_document
from extractor.types import CheckedForm, Document, Finding, Span

FAMILY = family_of("project")
PAGE = """\
财政项目支出绩效自评表
（2023年度）
项目名称\t\t河道养护经费\t\t\t\t\t
主管部门\t\t水务局\t\t实施单位\t\t水务站\t
项目资金（万元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率（%）\t得分
\t年度资金总额：\t100.00\t100.00\t80.00\t10\t80.00\t8.00
\t其中：当年财政拨款\t100.00\t100.00\t80.00\t-\t80.00\t-
\t上年结转资金\t0.00\t0.00\t0.00\t-\t0.00\t-
\t其他资金\t0.00\t0.00\t0.00\t-\t0.00\t-
年度总体目标\t预期目标\t\t\t实际完成情况\t\t\t
\t养护河道12条。\t\t\t养护河道11条。\t\t\t
一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分\t偏差原因分析及改进措施
产出指标\t数量指标\t养护河道\t=12.00(条)\t11.00(条)\t40.00\t36.00\t一条并入邻段。
\t质量指标\t水质达标率\t≥95.00(%)\t96.00(%)\t30.00\t30.00\t
满意度指标\t服务对象满意度指标\t居民满意度\t≥90.00(%)\t93.00(%)\t20.00\t20.00\t
总分\t\t\t\t\t100\t94.00\t
评分等级\t优\t\t\t\t\t\t
"""
LAST = "indicators[2]"
LAST_ROW = "满意度指标\t服务对象满意度指标\t居民满意度\t≥90.00(%)\t93.00(%)\t20.00\t20.00\t\n"


def document(text: str) -> Document:
    return Document("test", "page.md", text, hashlib.sha256(text.encode()).hexdigest())


def read(text: str) -> CheckedForm:
    found = read_document(document(text)).forms
    assert len(found) == 1
    return found[0]


CLEAN = read(PAGE)
TRUTH = {path: entry.value for path, entry in CLEAN.entries.items()}
PLACES = {path: entry.spans for path, entry in CLEAN.entries.items()}


@dataclass
class Given:
    """A reading to be judged: the clean one of the page until something is changed."""

    text: str = PAGE
    form: CheckedForm | None = CLEAN
    truth: Mapping[str, str | None] = field(default_factory=lambda: TRUTH)
    places: Mapping[str, tuple[Span, ...]] = field(default_factory=lambda: PLACES)
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cells: dict[str, Cell] = field(default_factory=dict[str, Cell])

    def judged(self, evidence: Evidence = "all") -> FormResult:
        case = Case("item", FAMILY, "office", self.truth, self.places, self.about)
        return judge(case, document(self.text), self.form, 0.25, evidence, self._tell)

    def _tell(self, path: str, cell: Cell) -> None:
        assert path not in self.cells
        self.cells[path] = cell


def entries(form: CheckedForm, paths: Iterable[str], **change: Any) -> CheckedForm:
    """A reading in which some entries say something else."""
    changed = {path: form.entries[path]._replace(**change) for path in paths}
    return replace(form, entries={**form.entries, **changed})


def reading(path: str, value: str | None, **change: Any) -> CheckedForm:
    """The clean reading but for one leaf, about which nobody is asked."""
    return entries(CLEAN, [path], value=value, **change)


def without_last_row(*findings: Finding) -> CheckedForm:
    """A reading that lost the last indicator."""
    kept = {path: e for path, e in CLEAN.entries.items() if not path.startswith(LAST)}
    record = {**CLEAN.record, "indicators": CLEAN.record["indicators"][:2]}
    state = "open" if findings else "clear"
    return replace(CLEAN, entries=kept, record=record, findings=findings, state=state)


def failing(*fields: str, severity: Any = "error", verdict: Any = "fails") -> Finding:
    return Finding("x", "R10", verdict, severity, fields, None, {"zh": "", "en": ""})


def one(result: FormResult) -> Slip:
    assert len(result.slips) == 1, [slip.path for slip in result.slips]
    return result.slips[0]


def flags(result: FormResult) -> dict[str, bool]:
    return {slip.path: slip.flagged for slip in result.slips}


def filled(prefix: str = "") -> set[str]:
    return {path for path, value in TRUTH.items() if value is not None and path.startswith(prefix)}


def test_the_page_of_these_tests_is_read_without_a_doubt():
    assert CLEAN.state == "clear"
    assert not [finding.check for finding in CLEAN.findings if finding.is_error]
    assert CLEAN.unread == ()
    assert len(filled(LAST)) == 7


class TestRight:
    def test_a_right_reading_has_no_slip_and_counts_every_leaf(self):
        told = Given().judged()
        assert told.exact
        assert told.clear
        assert told.found
        assert told.slips == []
        assert told.silent == {}
        assert sum(n for counts in told.counts.values() for n in counts.values()) == len(TRUTH)
        assert told.counts["money"] == {"correct": 12, "correct_blank": 6}
        assert told.counts["categories"] == {"correct": 3 + 2 * 3}
        assert told.rows == (3, 3, 3)
        assert told.character_errors == (0, len("养护河道12条。养护河道11条。一条并入邻段。"))

    def test_it_keeps_what_it_was_told_of_the_form(self):
        about = {"layout": "tabs", "columns": "shanghai", "damage": "stamps", "grade": 2}
        told = Given(about={**about, "anls": 0.5, "donut": None, "failed": None}).judged()
        assert told.model_dump(include={"item", "family", "document_family", "seconds"}) == {
            "item": "item", "family": "project", "document_family": "office", "seconds": 0.25,
        }  # fmt: skip
        assert {name: getattr(told, name) for name in about} == about
        assert (told.anls, told.donut, told.failed) == (0.5, None, None)

    def test_the_same_value_written_differently_is_no_slip(self):
        told = Given(form=reading("funds.total.executed", "80.0")).judged()
        assert told.exact
        assert told.counts["money"] == {"correct": 11, "format_only": 1, "correct_blank": 6}

    def test_entries_and_flags_are_those_of_the_reader_right_or_wrong(self):
        form = entries(CLEAN, ["grade", "year"], needs_review=True)
        told = Given(form=replace(form, state="open")).judged()
        assert (told.entries, told.flagged) == (len(CLEAN.entries), 2)
        assert told.exact
        assert not told.clear


class TestFlagged:
    def test_a_wrong_value_is_silent_unless_its_entry_is_flagged(self):
        path = "funds.total.executed"
        silent = Given(form=reading(path, "88.00")).judged()
        assert (one(silent).outcome, one(silent).flagged) == ("wrong", False)
        assert silent.silent == {"money": 1}
        form = replace(reading(path, "88.00", needs_review=True), state="open")
        flagged = Given(form=form).judged()
        assert one(flagged).flagged
        assert flagged.silent == {}

    def test_another_entry_that_is_flagged_leads_nobody_here(self):
        form = entries(reading("total_score", "95.00"), ["grade"], needs_review=True)
        told = Given(form=replace(form, state="open")).judged()
        assert not one(told).flagged

    def test_a_failing_identity_notices_a_number_but_the_flag_is_that_of_the_entry(self):
        form = reading("total_score", "95.00")
        named = replace(form, findings=(failing("total_score"),), state="open")
        told = Given(form=named).judged()
        assert (one(told).noticed, one(told).flagged) == (True, False)
        assert told.noticed == 1

    @pytest.mark.parametrize(
        ("state", "shift", "flagged"), [("open", 0, True), ("clear", 0, False), ("open", 5, False)]
    )
    def test_an_omitted_value_is_seen_where_its_characters_stand_in_an_unread_cell(
        self, state: Any, shift: int, flagged: bool
    ):
        """… of a form that goes to a person; a clear one is looked at by nobody."""
        path = "indicators[1].actual"
        start, end = PLACES[path][0]
        unread = Span(start + shift, start + shift + 1) if not shift else Span(end, end + shift)
        form = replace(reading(path, None, spans=(), raw=()), unread=(unread,), state=state)
        told = Given(form=form).judged()
        assert (one(told).outcome, one(told).flagged) == ("omitted", flagged)
        assert told.silent == ({} if flagged else {"quantities": 1})

    def test_characters_that_a_flagged_entry_took_are_seen_too(self):
        """The score went into the weight's cell: whoever checks the weight sees it there."""
        (a, _), (_, d) = PLACES["indicators[1].weight"][0], PLACES["indicators[1].score"][0]
        form = reading("indicators[1].score", None, spans=(), raw=())
        wide = entries(form, ["indicators[1].weight"], spans=(Span(a, d),))
        assert not one(Given(form=replace(wide, state="open")).judged()).flagged
        doubted = entries(wide, ["indicators[1].weight"], needs_review=True)
        assert one(Given(form=replace(doubted, state="open")).judged()).flagged

    def test_every_part_of_a_value_leads_to_it(self):
        path = "indicators[1].name"
        start, end = PLACES[path][0]
        parts = (Span(start, start + 2), Span(end - 2, end))
        form = replace(reading(path, None, spans=()), unread=(parts[1],), state="open")
        assert one(Given(form=form, places={**PLACES, path: parts}).judged()).flagged
        assert not one(Given(form=form, places={**PLACES, path: parts[:1]}).judged()).flagged

    def test_an_invented_value_is_silent_though_the_page_beside_it_is_unread(self):
        """The dash in the cell has a place; the reading of a value there is not thereby shown."""
        path = "funds.current_year_appropriation.score"
        form = replace(reading(path, "8.00"), unread=PLACES[path], state="open")
        told = Given(form=form).judged()
        assert (one(told).outcome, one(told).flagged) == ("invented", False)

    def test_a_surplus_row_is_silent_unless_flagged(self):
        extra = {
            path.replace("[2]", "[3]"): entry._replace(value="一段河道" if "name" in path else "7")
            for path, entry in CLEAN.entries.items()
            if path.startswith(LAST)
        }
        told = Given(form=replace(CLEAN, entries={**CLEAN.entries, **extra})).judged()
        assert {slip.outcome for slip in told.slips} == {"spurious"}
        assert len(told.slips) == 8
        assert sum(told.silent.values()) == 8
        doubted = {path: entry._replace(needs_review=True) for path, entry in extra.items()}
        form = replace(CLEAN, entries={**CLEAN.entries, **doubted}, state="open")
        assert Given(form=form).judged().silent == {}


class TestLostRow:
    def test_without_a_failing_sum_it_is_silent(self):
        told = Given(form=without_last_row()).judged()
        assert flags(told) == dict.fromkeys(filled(LAST), False)
        assert {slip.outcome for slip in told.slips} == {"omitted"}
        assert told.silent == {"categories": 2, "names": 1, "quantities": 2, "points": 2}
        assert told.noticed == 0
        assert told.rows == (2, 3, 2)

    def test_a_sum_of_its_row_that_does_not_come_out_leads_to_all_of_it(self):
        off = failing("total_score", "indicators[0].score", "indicators[1].score")
        told = Given(form=without_last_row(off)).judged()
        assert flags(told) == dict.fromkeys(filled(LAST), True)
        assert told.silent == {}
        noticed = {slip.path for slip in told.slips if slip.noticed}
        assert noticed == {f"{LAST}.score"}
        assert told.noticed == 1

    @pytest.mark.parametrize(
        "other",
        [
            failing("indicators[0].score", "indicators[0].weight"),
            failing("indicators[0].score"),
            failing("indicators[0].score", "indicators[1].score"),
            failing("funds.total.score", "funds.total.executed"),
            failing("total_score", "indicators[0].score", severity="advice"),
            failing("total_score", "indicators[0].score", verdict="cannot_tell"),
        ],
    )
    def test_what_fails_in_other_rows_leads_nobody_to_it(self, other: Finding):
        told = Given(form=without_last_row(other)).judged()
        assert flags(told) == dict.fromkeys(filled(LAST), False)
        assert told.noticed == 0

    def test_the_sum_of_a_group_leads_to_its_rows(self):
        off = failing("groups[0].weight", "indicators[0].weight")
        told = Given(form=without_last_row(off)).judged()
        assert {slip.path for slip in told.slips if slip.noticed} == {f"{LAST}.weight"}
        assert told.silent == {}

    def test_a_sum_leads_nobody_to_a_row_that_adds_nothing_to_it(self):
        off = failing("total_score", "indicators[0].score", "indicators[1].score")
        truth = {**TRUTH, f"{LAST}.score": None, f"{LAST}.weight": None}
        told = Given(form=without_last_row(off), truth=truth).judged()
        assert not any(flags(told).values())

    def test_one_cell_of_it_that_is_shown_unread_leads_to_the_row(self):
        form = replace(without_last_row(), unread=PLACES[f"{LAST}.actual"], state="open")
        assert flags(Given(form=form).judged()) == dict.fromkeys(filled(LAST), True)

    def test_a_level_that_it_shares_with_a_row_in_doubt_does_not(self):
        form = entries(without_last_row(), ["indicators[1].level1"], needs_review=True)
        shared = PLACES["indicators[1].level1"]
        places = {**PLACES, f"{LAST}.level1": shared}
        told = flags(Given(form=replace(form, state="open"), places=places).judged())
        assert {path for path, flagged in told.items() if flagged} <= {f"{LAST}.level1"}

    def test_the_reader_itself_is_led_by_its_sums(self):
        """The row cut out of the page: 36 + 30 + 8 are not 94, and the person is sent there."""
        form = read(PAGE.replace(LAST_ROW, ""))
        assert any("total_score" in f.fields for f in form.findings if f.is_error)
        told = Given(PAGE.replace(LAST_ROW, ""), form, places={}).judged()
        assert flags(told) == dict.fromkeys(filled(LAST), True)
        assert {slip.path for slip in told.slips if slip.noticed} == {
            f"{LAST}.score",
            f"{LAST}.weight",
        }

    def test_a_row_that_carries_no_points_is_lost_silently(self):
        """No sum reaches it: the ruler must not count it as found."""
        row = LAST_ROW.replace("\t20.00\t20.00\t", "\t\t\t")
        page = PAGE.replace(LAST_ROW, row).replace("\t40.00\t36.00", "\t60.00\t56.00")
        truth = {path: entry.value for path, entry in read(page).entries.items()}
        form = read(page.replace(row, ""))
        told = Given(page, form, truth, {}).judged()
        assert [slip.path for slip in told.slips] == [p for p in truth if p in filled(LAST)][:5]
        assert not any(flags(told).values())


class TestFormNotFound:
    def test_every_value_is_omitted_and_silent(self):
        told = Given(form=None).judged()
        assert (told.found, told.clear, told.exact) == (False, False, False)
        assert {slip.path for slip in told.slips} == filled()
        assert {(s.outcome, s.flagged, s.noticed) for s in told.slips} == {
            ("omitted", False, False)
        }
        assert sum(told.silent.values()) == len(filled())
        assert (told.entries, told.flagged) == (0, 0)
        assert told.rows == (0, 3, 0)
        edits, characters = told.character_errors
        assert edits == characters > 0

    def test_the_source_is_shown_all_the_same(self):
        told = Given(form=None).judged()
        shown = {slip.path: slip for slip in told.slips}
        assert shown["total_score"].line == "总分\t\t\t\t\t100\t94.00\t"
        assert shown["total_score"].sums == []


class TestCounts:
    def test_slips_are_counted_in_their_class_of_fields_and_noticed_are_numbers_alone(self):
        form = reading("funds.total.executed", "90.00")
        for path, value in (
            ("indicators[0].score", "1.00"), ("indicators[0].name", "河"), ("grade", "差"),
            ("indicators[1].target", None), ("expected_goal", "养护河道21条。"),
        ):  # fmt: skip
            form = entries(form, [path], value=value)
        named = failing("funds.total.executed", "indicators[0].score", "indicators[0].name")
        told = Given(form=replace(form, findings=(named,), state="open")).judged()
        wrong = {
            name: n for name, found in told.counts.items() for out, n in found.items()
            if out not in ("correct", "correct_blank")
        }  # fmt: skip
        assert wrong == dict.fromkeys(
            ("money", "points", "names", "categories", "quantities", "prose"), 1
        )
        assert told.silent == wrong
        assert told.noticed == 2
        assert sum(slip.noticed for slip in told.slips) == 3
        assert told.rows == (1, 3, 3)

    def test_characters_of_prose_count_where_it_is_lost_or_made_up(self):
        lost = Given(form=reading("expected_goal", None)).judged().character_errors
        assert lost == (len("养护河道12条。"), 23)
        made_up = Given(form=reading("indicators[1].deviation", "无。")).judged().character_errors
        assert made_up == (2, 23)

    def test_fields_are_told_by_column_without_the_blank(self):
        given = Given(form=entries(reading("indicators[0].score", "1"), ["grade"], value=None))
        given.judged()
        assert given.cells["indicators[].score"] == Cell(judged=3, right=2, silent=1)
        assert given.cells["indicators[].deviation"] == Cell(judged=1, right=1)
        assert given.cells["grade"] == Cell(judged=1, right=0, silent=1)
        assert "funds.other.score" not in given.cells
        assert sum(cell.judged for cell in given.cells.values()) == len(filled())

    def test_a_flagged_error_is_not_silent_in_its_cell(self):
        form = reading("grade", "差", needs_review=True)
        given = Given(form=replace(form, state="open"))
        given.judged()
        assert given.cells["grade"] == Cell(judged=1)


def long_page(before: str, after: str) -> str:
    """The page with one endless line: its last indicator."""
    return PAGE.replace("\t93.00(%)\t", f"\t{before}93.00(%){after}\t")


class TestEvidence:
    def test_the_line_is_that_of_the_page_and_the_mark_what_is_printed(self):
        slip = one(Given(form=reading("indicators[0].target", None)).judged())
        line = next(line for line in PAGE.split("\n") if "养护河道\t" in line)
        assert slip.line == line
        assert _marked(slip) == "=12.00(条)"

    def test_the_first_line_and_the_last_are_whole(self):
        text = PAGE.rstrip("\n")
        for path, line in (("year", "（2023年度）"), ("grade", "评分等级\t优\t\t\t\t\t\t")):
            slip = one(Given(text, form=reading(path, None)).judged())
            assert (slip.line, _marked(slip)) == (line, TRUTH[path])
        start = PAGE.index("财政")
        places = {**PLACES, "grade": (Span(start, start + 2),)}
        slip = one(Given(form=reading("grade", None), places=places).judged())
        assert (slip.line, slip.mark) == ("财政项目支出绩效自评表", (0, 2))

    @pytest.mark.parametrize(("before", "after"), [(0, 5000), (5000, 0), (5000, 5000), (150, 220)])
    def test_a_very_long_line_is_cut_around_the_mark(self, before: int, after: int):
        text = long_page("前" * before, "后" * after)
        start = text.index("93.00(%)")
        places = {f"{LAST}.actual": (Span(start, start + 8),)}
        slip = one(Given(text, reading(f"{LAST}.actual", None), places=places).judged())
        assert slip.line is not None
        assert len(slip.line) <= 400
        assert _marked(slip) == "93.00(%)"
        assert slip.line in text
        assert slip.line.count("前") >= min(before, 150)
        assert slip.line.count("后") >= min(after, 150)

    def test_a_value_longer_than_any_line_is_marked_as_far_as_it_is_shown(self):
        text = long_page("", "长" * 3000)
        start = text.index("93.00(%)")
        places = {f"{LAST}.actual": (Span(start, start + 3008),)}
        slip = one(Given(text, reading(f"{LAST}.actual", None), places=places).judged())
        assert slip.line is not None
        assert slip.mark is not None
        assert slip.mark[1] == len(slip.line) <= 400
        assert _marked(slip).startswith("93.00(%)长")

    def test_where_the_page_lost_the_value_the_reading_is_shown(self):
        path, other = "indicators[0].score", "indicators[1].score"
        places = {p: spans for p, spans in PLACES.items() if p != path}
        slip = one(Given(form=reading(path, "1", spans=PLACES[other]), places=places).judged())
        assert slip.line is not None
        assert "水质达标率" in slip.line

    def test_a_value_from_nowhere_has_no_line(self):
        form = reading("funds.other.score", "1", spans=(), raw=())
        slip = one(Given(form=form).judged())
        assert (slip.line, slip.mark) == (None, None)

    def test_failing_sums_come_first_and_only_those_of_the_leaf(self):
        """9.00 is not 10 × 80 %, though it is no more than 10; 9 + 86 are not 94."""
        form = read(PAGE.replace("\t80.00\t8.00", "\t80.00\t9.00"))
        slip = one(Given(form=form).judged())
        assert slip.path == "funds.total.score"
        assert [drawn.verdict for drawn in slip.sums] == ["fails", "fails", "holds"]
        for drawn in slip.sums:
            terms = [*drawn.terms, *([drawn.printed] if drawn.printed else [])]
            assert "9.00" in {term.value for term in terms if term.path == slip.path}
        assert {Decimal(drawn.implied or 0) for drawn in slip.sums[:2]} == {8, 95}

    def test_no_more_than_three_sums_are_shown(self):
        form = read(PAGE.replace("\t80.00\t10\t", "\t60.00\t10\t"))
        slip = one(Given(form=form).judged())
        assert slip.path == "funds.total.executed"
        assert [drawn.verdict for drawn in slip.sums] == ["fails"] * 3

    def test_advice_is_no_sum(self):
        """The grade is judged by advice alone; that 11 is an unusual weight is advice as well."""
        assert one(Given(form=reading("grade", "差")).judged()).sums == []
        form = read(PAGE.replace("\t80.00\t10\t", "\t80.00\t11\t"))
        slip = one(Given(form=form).judged())
        assert slip.path == "funds.total.weight"
        assert slip.sums
        assert "R5" not in {drawn.rule for drawn in slip.sums}

    def test_evidence_may_be_kept_for_silent_slips_alone(self):
        form = reading("indicators[0].score", "1.00", needs_review=True)
        form = replace(entries(form, ["indicators[1].score"], value="2.00"), state="open")
        every = {slip.path: slip for slip in Given(form=form).judged().slips}
        some = {slip.path: slip for slip in Given(form=form).judged("silent").slips}
        flagged, silent = "indicators[0].score", "indicators[1].score"
        assert every[flagged].line
        assert every[flagged].sums
        assert (some[flagged].line, some[flagged].mark, some[flagged].sums) == (None, None, [])
        assert some[silent] == every[silent]
        assert some[silent].sums

    def test_a_slip_says_what_it_is(self):
        """Two values changed places: each is called by the label where it belongs."""
        one_, two = "indicators[0].actual", "indicators[1].actual"
        form = entries(CLEAN, [one_], value=TRUTH[two])
        form = entries(form, [two], value=TRUTH[one_])
        slips = {slip.path: slip for slip in Given(form=form).judged().slips}
        assert slips[one_].model_dump(include={"kind", "outcome", "truth", "read", "belongs"}) == {
            "kind": "actual", "outcome": "misattached", "truth": TRUTH[one_], "read": TRUTH[two],
            "belongs": two,
        }  # fmt: skip


def _marked(slip: Slip) -> str:
    assert slip.line is not None
    assert slip.mark is not None
    return slip.line[slice(*slip.mark)]
