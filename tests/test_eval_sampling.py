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

from eval.calibrating import keep, revoked, watch
from eval.generated_set import write_set
from eval.sampling import draw, is_wrong, labels_of
from extractor.calibration import Calibration
from extractor.cli import app
from extractor.store import Store
from extractor.types import CheckedForm, Entry

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
    invoke("eval", "sample", "--db", str(db), "-o", str(db.with_suffix(".csv")), *flags)
    return rows(db.with_suffix(".csv"))


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
        said = label(db, filled(db, told[:1], lambda row: "77.77"), code=1)
        assert "the first answer stands" in said

    def test_lines_that_cannot_be_kept_are_named_and_the_others_kept(self, db: Path) -> None:
        told = sheet(db, "money=3")
        told[1]["number"], told[2]["number"] = "99999", "x"
        said = label(db, filled(db, told, ok), code=1)
        assert "line 3: this archive has no question 99999" in said
        assert "line 4: this archive has no question x" in said
        assert "1 answers kept" in said

    def test_another_file_is_refused(self, db: Path) -> None:
        other = db.with_name("other.csv")
        for text in (b"a,b\n1,2\n", b"\xff\xfe\x00", b""):
            other.write_bytes(text)
            assert "is no sheet of questions" in label(db, other, code=2)

    def test_a_field_that_reads_otherwise_now_is_no_label(self, db: Path, read: Path) -> None:
        told = sheet(db, "money=6")
        label(db, filled(db, told, ok))
        with Store.open(db) as store:
            assert labels_of(store).fields.total() == 6
            document, form = store.form(store.labels(answered=True)[0].form or 0)
            changed = {p: e._replace(value="1.23") for p, e in form.entries.items()}
            store.weigh_anew(
                lambda d, f: f if d.path != document.path else with_entries(f, changed)
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

    def test_labels_from_before_a_revocation_do_not_bring_the_promise_back(self, db: Path) -> None:
        self.promised(db)
        label(db, filled(db, sheet(db, "names=12"), lambda row: "别的"))
        invoke("eval", "drift", "--db", str(db), code=1)
        with Store.open(db) as store:
            assert labels_of(store).fields.total() == 0

    def test_the_first_calibration_stays_on_record(self, db: Path) -> None:
        self.promised(db)
        with Store.open(db) as store:
            (one,) = watch(store)
            broken = one._replace(evidence=50.0)
            keep(store, revoked([broken]), revoked=True)
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
            keep(store, [old])
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
