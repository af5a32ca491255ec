"""Fields drawn from an archive, what people answer, and what becomes of its promises."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.calibrating import calibrations, of_archive, revoked, watch
from eval.generated_set import write_set
from eval.promises import LIMITS
from eval.sampling import is_wrong, labels_of
from extractor.calibration import Calibration
from extractor.cli import app
from extractor.sampling import draw
from extractor.store import Store
from extractor.types import CheckedForm, Entry
from extractor.weighing import weigh

Row = dict[str, str]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of 24 generated forms, ``a.db``, and the forms themselves."""
    folder = tmp_path_factory.mktemp("archive")
    write_set(folder / "forms", 24, 5, "hubei", None, None, None)
    documents = str(folder / "forms" / "documents")
    invoke("ingest", documents, "--root", "r", "--db", str(folder / "a.db"))
    return folder


@pytest.fixture
def db(read: Path, tmp_path: Path) -> Path:
    """An archive of one's own."""
    with Store.open(read / "a.db") as store:
        store.backup(tmp_path / "a.db")
    return tmp_path / "a.db"


def invoke(*arguments: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, [*arguments, "--lang", "en"])
    assert found.exit_code == code, found.output
    return found.output


def sheet(db: Path, *counts: str) -> list[Row]:
    """A drawn sheet."""
    flags = [part for count in counts for part in ("--count", count)]
    file = db.with_name(f"sheet-{len(list(db.parent.glob('sheet-*')))}.csv")
    invoke("eval", "sample", "--db", str(db), "-o", str(file), *flags)
    return rows(file)


def rows(file: Path) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def filled(db: Path, told: list[Row], answer: Callable[[Row], str]) -> Path:
    """The sheet with an answer in each row."""
    file = db.with_name("filled.csv")
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(told[0]))
        writer.writeheader()
        writer.writerows({**row, "truth": answer(row)} for row in told)
    return file


def ok(row: Row) -> str:
    return "ok"


def label(db: Path, file: Path, code: int = 0) -> str:
    return invoke("eval", "label", str(file), "--db", str(db), "--person", "r1", code=code)


class TestSample:
    def test_a_sheet_holds_accepted_fields_of_the_classes_asked_for(self, db: Path) -> None:
        told = sheet(db, "money=40", "blanks=10")
        assert Counter(row["class"] for row in told) == {"money": 40, "blanks": 10}
        assert {row["stratum"] for row in told} <= {"closed", "moved", "empty"}
        assert all((row["value"] == "") == (row["class"] == "blanks") for row in told)
        assert {row["truth"] for row in told} == {""}
        with Store.open(db) as store:
            asked = store.labels(answered=False)
            assert [one.id for one in asked] == [int(row["number"]) for row in told]
            _, form = store.form(asked[0].form or 0)
            assert form.entries[asked[0].field].value == asked[0].value

    def test_nobody_is_asked_about_the_same_field_twice(self, db: Path) -> None:
        first = sheet(db, "names=50")
        second = sheet(db, "names=10000")
        places = [(row["document"], row["field"]) for row in first + second]
        assert len(set(places)) == len(places)
        with Store.open(db) as store:
            assert draw(store, {"names": 5}, 1) == []

    def test_every_accepted_field_has_the_same_chance(self, db: Path) -> None:
        """Forms with more money fields than others are drawn from as much more often."""
        with Store.open(db) as store:
            everything = draw(store, {"money": 10**6}, 0)
            share = Counter(one.draw.form for one in everything)
            drawn: Counter[int] = Counter()
            for seed in range(40):
                drawn.update(one.draw.form for one in draw(store, {"money": 30}, seed))
        total = 40 * 30
        for form, fields in share.items():
            expected = total * fields / len(everything)
            assert abs(drawn[form] - expected) < 5 * expected**0.5

    def test_fewer_than_asked_for_are_told(self, db: Path) -> None:
        file = str(db.with_suffix(".csv"))
        told = invoke("eval", "sample", "--db", str(db), "-o", file, "--count", "names=9999")
        held = invoke("eval", "sample", "--db", str(db), "-o", file, "--count", "money=1", code=2)
        assert "may hold answers" in held
        file = str(db.with_suffix(".again.csv"))
        assert "names:" in told
        assert "of 9999 drawn" in told
        again = invoke("eval", "sample", "--db", str(db), "-o", file, "--count", "names=1", code=2)
        assert "nothing to draw" in again

    @pytest.mark.parametrize("count", ["cash=1", "money", "money=-1", "money=x", "money=nan"])
    def test_a_count_that_is_none_is_refused(self, db: Path, count: str) -> None:
        told = invoke("eval", "sample", "--db", str(db), "-o", "x.csv", "--count", count, code=2)
        assert f"--count {count}" in told


class TestLabel:
    def test_answers_are_kept_and_judged_as_the_benchmark_judges(self, db: Path) -> None:
        told = sorted(sheet(db, "money=4", "blanks=2"), key=lambda row: row["class"])
        answers = ["ok", "12.00", "ok", told[3]["value"] + "0", "-", ""]
        file = filled(db, told, lambda row: answers[told.index(row)])
        said = label(db, file)
        assert "5 answers kept, 2 of them say that the value is wrong; 1 left blank" in said
        with Store.open(db) as store:
            labels = {one.id: one for one in store.labels(answered=True)}
        found = [labels[int(row["number"])].wrong for row in told[:5]]
        # A number with one more zero behind its point is the same number.
        assert found == [False, True, False, False, True]

    def test_a_sheet_that_comes_twice_changes_nothing(self, db: Path) -> None:
        told = sheet(db, "money=5")
        label(db, filled(db, told, ok))
        assert "0 answers kept" in label(db, filled(db, told, ok))
        other = filled(db, told[:1], lambda row: "77.77")
        assert "the first answer stands" in label(db, other, code=1)
        said = invoke("eval", "label", str(other), "--db", str(db), "--correct")
        assert "1 answers kept, 1 of them" in said
        with Store.open(db) as store:
            assert sum(bool(one.wrong) for one in store.labels(answered=True)) == 1

    def test_lines_that_cannot_be_kept_are_named_and_the_others_kept(self, db: Path) -> None:
        told = sheet(db, "money=3")
        told[1]["number"], told[2]["number"] = "99999", "x"
        said = label(db, filled(db, told, ok), code=1)
        assert "line 3: this archive has no question 99999" in said
        assert "line 4: this archive has no question x" in said
        assert "1 answers kept" in said

    def test_another_file_is_refused(self, db: Path) -> None:
        other = db.with_name("other.csv")
        head = ",".join(("number", "document", "form", "field", "value", "truth", "truth"))
        for text in (b"a,b\n1,2\n", b"\xff\xfe\x00", b"", head.encode() + b"\n1,,,,,,ok\n"):
            other.write_bytes(text)
            assert "is no sheet of questions" in label(db, other, code=2)

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_as_spreadsheet_programs_save_it(self, db: Path, codec: str, separator: str) -> None:
        told = sheet(db, "money=3", "names=3")
        file = db.with_name("saved.csv")
        with file.open("w", encoding=codec, newline="") as stream:
            writer = csv.writer(stream, delimiter=separator)
            writer.writerow([name.upper() + " " for name in told[0]])
            for row in told:
                # Excel keeps no decimals that are zeros.
                short = row["value"].removesuffix(".00")
                writer.writerow([*({**row, "value": short} | {"truth": " ＯＫ."}).values()])
            writer.writerow([])
        assert "6 answers kept, 0 of them" in label(db, file)

    def test_a_row_of_another_question_is_refused(self, db: Path) -> None:
        told = sheet(db, "money=4")
        numbers = [row["number"] for row in told]
        for row, number in zip(told, reversed(numbers), strict=True):
            row["number"] = number
        said = label(db, filled(db, told, ok), code=1)
        assert said.count("is not the row of question") == 4
        for row, number in zip(told, numbers, strict=True):
            row["number"], row["value"] = number, "999.99"
        assert "is not the row of question" in label(db, filled(db, told, ok), code=1)

    def test_an_answer_without_a_digit_is_no_number(self, db: Path) -> None:
        told = sheet(db, "money=1")
        assert "is no value of this field" in label(db, filled(db, told, lambda row: "错"), code=1)

    def test_a_row_that_comes_twice_or_too_short(self, db: Path) -> None:
        told = sheet(db, "money=2")
        assert "2 answers kept" in label(db, filled(db, [*told, told[0]], ok))
        file = db.with_name("short.csv")
        file.write_text(",".join(told[0]) + "\n1,ok\n", "utf-8")
        assert "line 2: has too few cells" in label(db, file, code=1)

    def test_open_questions_can_be_written_again(self, db: Path) -> None:
        told = sheet(db, "money=5")
        label(db, filled(db, told[:2], ok))
        file = db.with_name("again.csv")
        invoke("eval", "sample", "--db", str(db), "-o", str(file), "--again")
        assert [row["number"] for row in rows(file)] == [row["number"] for row in told[2:]]

    def test_a_field_that_reads_otherwise_now_is_no_label(self, db: Path, read: Path) -> None:
        told = sheet(db, "money=6")
        label(db, filled(db, told, ok))
        with Store.open(db) as store:
            assert labels_of(store).fields.total() == 6
            document, form = store.form(store.labels(answered=True)[0].form or 0)
            changed = {p: e._replace(value="1.23") for p, e in form.entries.items()}
            store.put_calibration("{}", ("project", "", "", ""), uses_answers=False)
            store.weigh_anew(
                lambda d, f: f if d.path != document.path else with_entries(f, changed),
                1,
                lambda: None,
            )
            assert labels_of(store).fields.total() < 6


def with_entries(form: CheckedForm, entries: dict[str, Entry]) -> CheckedForm:
    return replace(form, entries=entries)


class TestPromises:
    def promised(self, db: Path) -> None:
        """An archive that promises names at a limit that its sample can show."""
        told = sheet(db, "names=100")
        label(db, filled(db, told, ok))
        said = invoke("eval", "calibrate", "--db", str(db), "--limit", "names=10")
        assert "names                at most 10 % wrong, shown: at most" in said

    def confidences(self, db: Path) -> Iterator[dict[str, object]]:
        file = db.with_name("forms.jsonl")
        invoke("export", "--db", str(db), "-o", str(file))
        for line in file.read_bytes().splitlines():
            for entry in json.loads(line)["entries"].values():
                if entry["confidence"]:
                    yield entry

    def test_labels_of_the_archive_make_a_promise_that_its_forms_bear(self, db: Path) -> None:
        assert list(self.confidences(db)) == []
        self.promised(db)
        found = list(self.confidences(db))
        assert {entry["stratum"] for entry in found} <= {"grounded", "moved"}
        assert {entry["confidence"]["basis"] for entry in found} == {"corrections"}  # type: ignore[index]
        assert "promises for project forms read by table:" in invoke("stats", "--db", str(db))

    def test_what_is_read_later_bears_it_too(self, db: Path, tmp_path: Path) -> None:
        self.promised(db)
        before = len(list(self.confidences(db)))
        write_set(tmp_path / "more", 3, 99, "hubei", None, None, None)
        invoke("ingest", str(tmp_path / "more" / "documents"), "--root", "m", "--db", str(db))
        assert len(list(self.confidences(db))) > before

    def test_without_an_answer_there_is_nothing_to_calibrate_with(self, db: Path) -> None:
        assert "nobody has answered" in invoke("eval", "calibrate", "--db", str(db), code=2)

    def test_a_promise_that_holds_stays(self, db: Path) -> None:
        self.promised(db)
        label(db, filled(db, sheet(db, "names=30"), ok))
        said = invoke("eval", "drift", "--db", str(db))
        assert "names: 30 labels since, 0 wrong" in said
        assert list(self.confidences(db))

    def test_a_broken_promise_is_revoked_and_its_fields_go_to_a_person(self, db: Path) -> None:
        self.promised(db)
        label(db, filled(db, sheet(db, "names=12"), lambda row: "别的"))
        said = invoke("eval", "drift", "--db", str(db), code=1)
        assert "names: the promise of 10 % is broken and was revoked" in said
        assert list(self.confidences(db)) == []
        with Store.open(db) as store:
            entries = [
                entry
                for number, _ in store.form_sizes()
                for entry in store.form(number)[1].entries.values()
                if entry.stratum == "grounded" and entry.path.endswith("].name") and entry.value
            ]
            assert entries
            assert all(entry.needs_review for entry in entries)
        assert "promises nothing yet" in invoke("eval", "drift", "--db", str(db))

    def broken(self, db: Path) -> None:
        """The promise of names is broken and revoked."""
        self.promised(db)
        label(db, filled(db, sheet(db, "names=12"), lambda row: "别的"))
        invoke("eval", "drift", "--db", str(db), code=1)

    def refused(self, db: Path) -> bool:
        """Whether a person looks at every name that stands under its labels."""
        with Store.open(db) as store:
            entries = [
                entry
                for number, _ in store.form_sizes()
                for entry in store.form(number)[1].entries.values()
                if entry.stratum == "grounded" and entry.path.endswith("].name")
            ]
        return all(entry.needs_review for entry in entries)

    def test_labels_from_before_a_revocation_do_not_bring_the_promise_back(self, db: Path) -> None:
        self.broken(db)
        with Store.open(db) as store:
            assert labels_of(store).fields.total() == 0

    def test_labels_of_another_class_do_not_end_a_refusal(self, db: Path) -> None:
        self.broken(db)
        label(db, filled(db, sheet(db, "points=20"), ok))
        said = invoke("eval", "calibrate", "--db", str(db), "--limit", "names=10")
        assert "shown to be worse, a person looks at: grounded" in said
        assert self.refused(db)

    def test_new_labels_bring_a_revoked_promise_back(self, db: Path) -> None:
        self.broken(db)
        label(db, filled(db, sheet(db, "names=100"), ok))
        invoke("eval", "calibrate", "--db", str(db), "--limit", "names=10")
        assert not self.refused(db)

    def test_other_classes_keep_their_labels(self, db: Path) -> None:
        label(db, filled(db, sheet(db, "points=60"), ok))
        self.broken(db)
        with Store.open(db) as store:
            assert labels_of(store).fields.total() == 60

    def test_adopting_brings_nothing_back_that_was_revoked(self, db: Path, tmp_path: Path) -> None:
        self.promised(db)
        file = tmp_path / "c.json"
        with Store.open(db) as store:
            one = Calibration.model_validate_json(store.calibrations()[0][0])
        file.write_text(json.dumps({"calibrations": [one.model_dump(mode="json")]}))
        label(db, filled(db, sheet(db, "names=40"), lambda row: "别的"))
        invoke("eval", "calibrate", "--adopt", str(file), "--db", str(db))
        said = invoke("eval", "drift", "--db", str(db), code=1)  # adopting hides no answer
        assert "140 labels since, 40 wrong" in said
        again = invoke("eval", "calibrate", "--adopt", str(file), "--db", str(db), code=2)
        assert "this archive revoked its promise of names" in again
        assert self.refused(db)

    def test_what_was_drawn_before_and_answered_after_is_watched(self, db: Path) -> None:
        later = sheet(db, "names=12")
        self.promised(db)
        label(db, filled(db, later, lambda row: "别的"))
        assert "12 labels since, 12 wrong" in invoke("eval", "drift", "--db", str(db), code=1)

    def test_two_who_draw_at_once_ask_nobody_twice(self, db: Path) -> None:
        with Store.open(db) as one, Store.open(db) as two:
            first, second = draw(one, {"money": 30}, 1), draw(two, {"money": 30}, 1)
            numbers = one.draw("sample", [question.draw for question in first])
            assert None not in numbers
            assert two.draw("sample", [question.draw for question in second]) == [None] * 30

    def test_every_look_costs_confidence(self, db: Path) -> None:
        """The same labels, looked at again after one more: the second look wants more of them."""
        label(db, filled(db, sheet(db, "names=40"), ok))
        first = invoke("eval", "calibrate", "--db", str(db), "--limit", "names=8")
        assert "names                at most 8 % wrong" in first
        again = invoke("eval", "calibrate", "--db", str(db), "--limit", "names=8")
        assert "names                at most 8 % wrong" in again  # the same answers: the same look
        label(db, filled(db, sheet(db, "points=9"), ok))
        other = invoke("eval", "calibrate", "--db", str(db), "--limit", "names=8")
        assert "names                at most 8 % wrong" in other  # answers of another class
        label(db, filled(db, sheet(db, "names=1"), ok))
        second = invoke("eval", "calibrate", "--db", str(db), "--limit", "names=8")
        assert "names                8 %: not yet certifiable" in second

    def test_corrections_alone_certify_nothing(self, db: Path) -> None:
        label(db, filled(db, sheet(db, "names=100"), ok))
        with Store.open(db) as store:
            store.db.conn.execute("UPDATE labels SET how = 'correction'")
            (one,) = calibrations(of_archive(store), {**LIMITS, "names": 0.1}, store)
            assert one.promises["names"].accepted == ()

    def test_weighing_that_was_ended_in_the_middle_is_gone_on_with(self, db: Path) -> None:
        self.promised(db)
        with Store.open(db) as store:
            store.db.conn.execute("UPDATE documents SET weighed = 0 WHERE id > 12")
            assert store.unweighed() == 12
        assert "12 documents were not weighed yet" in invoke("stats", "--db", str(db))
        invoke("eval", "drift", "--db", str(db))
        with Store.open(db) as store:
            assert store.unweighed() == 0

    def test_no_output_takes_the_place_of_an_archive(self, db: Path) -> None:
        told = invoke("eval", "calibrate", "-o", str(db), code=2)
        assert "is a database, which would be lost" in told
        with Store.open(db) as store:
            assert store.stats()["forms"] == 24

    def test_the_first_calibration_stays_on_record(self, db: Path) -> None:
        self.promised(db)
        with Store.open(db) as store:
            (one,) = watch(store)
            ((gone, classes),) = revoked([one._replace(evidence=50.0)])
            store.put_calibration(
                gone.model_dump_json(), gone.made_for, uses_answers=True, revoked=classes
            )
            kinds = store.db.conn.execute("SELECT why FROM calibrations ORDER BY id").fetchall()
            assert kinds == [("calibrated",), ("revoked",)]

    def test_a_file_can_be_adopted(self, db: Path, tmp_path: Path) -> None:
        self.promised(db)
        with Store.open(db) as store:
            one = Calibration.model_validate_json(store.calibrations()[0][0])
        file = tmp_path / "c.json"
        file.write_text(json.dumps({"calibrations": [one.model_dump(mode="json")]}))
        with Store.open(tmp_path / "b.db") as other, Store.open(db) as store:
            assert other.calibrations() == []
        invoke("eval", "calibrate", "--adopt", str(file), "--db", str(tmp_path / "b.db"))
        with Store.open(tmp_path / "b.db") as other:
            assert len(other.calibrations()) == 1
        assert "--adopt" in invoke("eval", "calibrate", "--adopt", str(file), code=2)

    def test_an_outdated_calibration_is_told_and_the_rule_holds(self, db: Path) -> None:
        self.promised(db)
        with Store.open(db) as store:
            text = store.calibrations()[0][0]
            old = Calibration.model_validate_json(text).model_copy(update={"check_set": "0ld"})
            store.db.conn.execute("DELETE FROM calibrations")
            store.db.conn.execute("UPDATE documents SET weighed = 0")
            store.put_calibration(old.model_dump_json(), old.made_for, uses_answers=True)
            weigh(store)
        assert "was made for another reading" in invoke("stats", "--db", str(db))
        assert list(self.confidences(db)) == []


def test_wrong_is_what_the_benchmark_calls_wrong(read: Path) -> None:
    with Store.open(read / "a.db") as store:
        _, form = store.form(store.form_sizes()[0][0])
    field = "funds.total.executed"
    assert not is_wrong(form, field, "1765.05", "1,765.05")
    assert is_wrong(form, field, "1765.05", "1765.06")
    assert is_wrong(form, field, None, "0.00")
    assert is_wrong(form, field, "0.00", None)
    assert not is_wrong(form, field, None, None)
