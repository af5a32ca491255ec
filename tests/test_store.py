"""The archive: what goes in comes out, once, whole, and as of one moment."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import store as store_module
from extractor import store_upgrade, twins
from extractor.errors import ArchiveError
from extractor.migrations import APPLICATION_ID, MIGRATIONS
from extractor.pipeline import CHECK_SET, read_document
from extractor.store import Store
from extractor.store_evidence import pack, unpack
from extractor.types import (
    CheckedDocument,
    CheckedForm,
    Document,
    Entry,
    Finding,
    Form,
    Refused,
    Span,
    Suspect,
)
from tests.shapes import GOLD, PAGE

"""One form that leaves nothing to review."""

TABLES = (
    "batches", "documents", "places", "readings", "refused", "failures", "forms", "funds",
    "groups", "indicators", "findings",
)  # fmt: skip
VIEWS = (
    "entries", "review_queue", "forms_once", "twins", "form_numbers", "funds_numbers",
    "indicator_numbers", "search_text", "open_failures",
)  # fmt: skip


def read(text: str, path: str = "a.md", root: str = "root") -> CheckedDocument:
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return read_document(Document(root, path, text, sha256))


@pytest.fixture(scope="module")
def sample() -> list[CheckedDocument]:
    """The four real documents, read once."""
    files = sorted((GOLD / "documents").iterdir())
    return [read(file.read_bytes().decode("utf-8-sig"), file.name) for file in files]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "archive.db") as opened:
        yield opened
        assert opened.db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
        assert opened.db.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def save(store: Store, *documents: CheckedDocument, check_set: str = CHECK_SET) -> int:
    batch = store.start_batch("table", check_set)
    for document in documents:
        store.save(batch, document)
    return batch


def known(store: Store, checked: CheckedDocument, check_set: str = CHECK_SET) -> str:
    document = checked.document
    return store.known(document.root, document.path, document.sha256, check_set)


def counts(store: Store) -> dict[str, int]:
    return {name: store.db[name].count for name in (*TABLES, *VIEWS)}


def query(store: Store, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """As a plain sqlite3 client sees it, through a connection of its own."""
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute(sql, values).fetchall()


def pairs(*documents: CheckedDocument) -> list[tuple[Document, CheckedForm]]:
    return [(checked.document, form) for checked in documents for form in checked.forms]


class TestRehydration:
    def test_the_real_forms_come_back_equal_and_in_order(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        save(store, *reversed(sample))
        assert list(store.forms()) == pairs(*sample)
        assert len(list(store.forms())) == 21
        assert [*next(store.forms())[1].entries] == [*sample[0].forms[0].entries]

    def test_what_neither_record_nor_text_says_comes_back_too(self, store: Store) -> None:
        """An unread cell with a suggestion, a value from elsewhere, raw text that was joined."""
        text = "得分 1O.00 | 分值\n10.00"
        entries = {
            "year": Entry("year", "2023", (), (), None, "read", None, ()),
            "total_score": Entry(
                "total_score", None, ("1O.00",), (Span(3, 8),), "total › 得分", "unread", None,
                ("row_length",), "unread", True, (), ("sum:total_score",),
                {"low": "9.50", "high": "10.50", "checks": ["sum:total_score"]},
            ),
            "total_weight": Entry(
                "total_weight", "10.00", ("分值 10.00",), (Span(11, 13), Span(14, 19)),
                "没有分隔的地址", "read", "万元", ("joined_across_page",), "closed", False,
                ("sum:total_weight",), (),
            ),
            "grade": Entry("grade", "优", ("优",), (Span(0, 1),), " › ", "reviewed", None, ()),
        }  # fmt: skip
        finding = Finding(
            "sum:total_score", None, "cannot_tell", "error", ("total_score",), "-0.50",
            {"zh": "总分", "en": "total"}, "misread",
            (Suspect(1, (("total_score", "10.00"), ("grade", "良")), ("sum:total_score",), "digit"),
             Suspect(1, (("grade", "良"),), (), None)),
        )  # fmt: skip
        record = {
            "form_type": "x", "year": 2023, "total_score": None, "total_weight": "9.99",
            "groups": [], "indicators": [{"row": "r1", "name": None}],
        }  # fmt: skip
        form = CheckedForm(
            Form("project", Span(0, 19), 0, None), "table", "set", record, entries, (finding,),
            (Span(9, 10), Span(18, 19)), (Span(0, 3),), "open",
        )  # fmt: skip
        checked = CheckedDocument(Document("root", "x.md", text, "0" * 64, "gb18030"), [form])
        save(store, checked)
        assert list(store.forms()) == [(checked.document, form)]

    @given(st.data())
    def test_any_entry_comes_back_equal(self, data: st.DataObject) -> None:
        text = data.draw(st.text(st.characters(), max_size=30))
        words = st.text(st.characters(), max_size=6)
        offsets = st.integers(0, 30)
        names = st.lists(words, max_size=2).map(tuple)
        entry = st.builds(
            Entry,
            path=st.sampled_from(["grade", "indicators[0].name", "nowhere"]),
            value=st.none() | words,
            raw=names,
            spans=st.lists(st.builds(Span, offsets, offsets), max_size=3).map(tuple),
            address=st.none() | st.sampled_from(["a › b", " › ", "", "a › b › c"]) | words,
            standing=st.sampled_from(["read", "blank", "absent", "unread", "reviewed"]),
            unit=st.none() | words,
            reasons=names,
            stratum=words,
            needs_review=st.booleans(),
            holds=names,
            fails=names,
            suggestion=st.none() | st.dictionaries(words, words | st.lists(words, max_size=2)),
        )
        entries = {each.path: each for each in data.draw(st.lists(entry, max_size=3))}
        record = {"grade": data.draw(st.none() | words), "indicators": [{"name": data.draw(words)}]}
        form = CheckedForm(
            Form("project", Span(0, 1), 3, data.draw(st.none() | words)),
            "table", "set", record, entries, (), (),
        )  # fmt: skip
        assert unpack(pack(form, text), text, 3) == form

    def test_odd_characters_are_saved_and_come_back(self, store: Store) -> None:
        """A lone surrogate and a NUL in the text, in a name and in a number of 30 digits."""
        text = PAGE.replace("读者增长", "读者\ud800增\0长").replace("甲街道", "甲\udcff街道")
        checked = read(text, "odd\udce9.md")
        checked.forms[0].record["subordinate_units"] = 10**30
        save(store, checked)
        assert known(store, checked) == "same"
        ((document, form),) = store.forms()
        assert document.text == text
        assert form == checked.forms[0]
        assert form.record["indicators"][1]["name"] == "读者\ud800增\0长"
        assert document.path == "odd\\udce9.md"
        (shown,) = query(store, "SELECT name FROM indicators WHERE position = 1")
        assert shown == ("读者\ufffd增\ufffd长",)
        for view in VIEWS:
            query(store, f"SELECT * FROM {view}")
        (raw,) = query(store, "SELECT raw FROM entries WHERE field = 'indicators[1].name'")
        assert raw == ("读者\ufffd增\ufffd长",)


class TestIdempotence:
    def test_the_same_file_again_is_nothing_new(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        assert known(store, sample[0]) == "new"
        batch = save(store, *sample)
        before = counts(store)
        assert {known(store, checked) for checked in sample} == {"same"}
        store.save(batch, sample[0])
        assert counts(store) == before
        assert list(store.forms()) == pairs(*sample)

    def test_changed_bytes_are_a_new_version_and_current_everywhere(self, store: Store) -> None:
        old, new = read(PAGE + PAGE.replace("图书", "道路")), read(PAGE.replace("读者", "居民"))
        save(store, old)
        assert known(store, new) == "changed"
        save(store, new)
        assert known(store, new) == "same"
        assert list(store.forms()) == pairs(new)
        assert store.stats()["documents"] == store.stats()["read"] == 1
        assert store.stats()["superseded"] == 1
        assert store.search("道路") == []
        assert store.search("居民增长") != []
        drawn = "SELECT count(*) FROM {} WHERE form NOT IN (SELECT id FROM forms)"
        for name in ("funds", "indicators", "findings", "groups", "entries", "search_text"):
            assert query(store, drawn.format(name)) == [(0,)], name
        assert query(store, "SELECT count(*) FROM forms") == [(1,)]
        assert query(store, "SELECT version, current FROM documents ORDER BY id") == [
            (1, 0),
            (2, 1),
        ]
        assert query(store, "SELECT count(*) FROM readings") == [(3,)]

    def test_an_older_version_can_come_back(self, store: Store) -> None:
        old, new = read(PAGE), read(PAGE.replace("图书", "道路"))
        save(store, old, new)
        assert known(store, old) == "changed"
        save(store, old)
        assert known(store, old) == "same"
        assert list(store.forms()) == pairs(old)
        assert query(store, "SELECT version, current FROM places ORDER BY id") == [
            (1, 0),
            (2, 0),
            (3, 1),
        ]

    def test_the_same_bytes_elsewhere_are_a_place_and_count_once(self, store: Store) -> None:
        first, again = read(PAGE), read(PAGE, "copy.md", "other")
        batch = save(store, first)
        before = counts(store)
        assert known(store, again) == "place"
        store.add_place(batch, "other", "copy.md", again.document.sha256)
        assert known(store, again) == "same"
        assert counts(store) == before | {"places": 2}
        assert list(store.forms()) == pairs(first)
        assert store.same_as_map() == {}
        assert store.stats()["documents"] == 1
        assert store.stats()["places"] == 2

    def test_a_document_lives_on_where_its_bytes_still_stand(self, store: Store) -> None:
        first, again = read(PAGE), read(PAGE, "copy.md")
        changed = read(PAGE.replace("图书", "道路"))
        batch = save(store, first)
        store.add_place(batch, "root", "copy.md", first.document.sha256)
        store.save(batch, changed)
        assert list(store.forms()) == pairs(changed, again)
        store.save(batch, read(PAGE.replace("图书", "桥梁"), "copy.md"))
        assert [document.path for document, _ in store.forms()] == ["a.md", "copy.md"]
        assert store.search("图书") == []

    def test_a_place_for_bytes_that_were_superseded_brings_their_forms_back(
        self, store: Store
    ) -> None:
        old, new = read(PAGE), read("# 别的\n")
        batch = save(store, old, new)
        assert list(store.forms()) == []
        store.add_place(batch, "root", "b.md", old.document.sha256)
        ((document, form),) = store.forms()
        assert (document.path, form) == ("b.md", old.forms[0])
        assert query(store, "SELECT count(*) FROM indicators") == [(3,)]

    def test_an_unknown_hash_is_no_place(self, store: Store) -> None:
        batch = store.start_batch("table", CHECK_SET)
        with pytest.raises(ArchiveError, match="save it first"):
            store.add_place(batch, "root", "b.md", "f" * 64)
        assert query(store, "SELECT count(*) FROM places") == [(0,)]

    def test_another_check_set_asks_for_a_new_reading_in_place_of_the_old(
        self, store: Store
    ) -> None:
        checked = read(PAGE + PAGE.replace("图书", "道路"))
        save(store, checked, check_set="older")
        assert known(store, checked) == "stale"
        assert known(store, read(PAGE, "b.md")) == "new"
        ids = query(store, "SELECT id, number FROM forms")
        newer = replace(checked, forms=[replace(checked.forms[0], state="open")])
        save(store, newer)
        assert known(store, newer) == "same"
        assert list(store.forms()) == pairs(newer)
        assert query(store, "SELECT id, number FROM forms") == ids[:1]
        assert query(store, "SELECT count(*) FROM readings") == [(1,)]

    def test_a_document_without_forms_is_known_too(self, store: Store) -> None:
        text = "部门年度总结\n"
        refused = Refused(Span(0, 4), "绩效目标表", "target_form", {"zh": "目标表", "en": "target"})
        checked = CheckedDocument(
            Document("root", "none.txt", text, "1" * 64), [], [refused], Span(0, 6), 1, 0
        )
        save(store, checked)
        save(store, checked)
        assert known(store, checked) == "same"
        stats = store.stats()
        assert (stats["documents"], stats["forms"], stats["refused"], stats["tails"]) == (
            1, 0, 1, 1,
        )  # fmt: skip
        assert query(store, "SELECT title, code, reason_zh FROM refused") == [
            ("绩效目标表", "target_form", "目标表")
        ]


class TestFailures:
    def test_a_failure_is_open_until_the_file_is_stored(self, store: Store) -> None:
        checked = read(PAGE)
        batch = store.start_batch("table", CHECK_SET)
        store.fail(batch, "root", "a.md", "empty", "a.md: 空\ud800")
        assert store.stats()["failed"] == 1
        assert known(store, checked) == "new"
        save(store, checked)
        assert store.stats()["failed"] == 0
        assert query(store, "SELECT code, message FROM failures") == [("empty", "a.md: 空\ufffd")]

    def test_a_stored_file_that_failed_since_is_read_again(self, store: Store) -> None:
        checked = read(PAGE)
        save(store, checked)
        batch = store.start_batch("table", CHECK_SET)
        store.fail(batch, "root", "a.md", "unreadable", "a.md: no permission")
        assert store.stats()["failed"] == 1
        assert list(store.forms()) == pairs(checked)
        assert known(store, checked) == "stale"
        save(store, checked)
        assert known(store, checked) == "same"
        assert store.stats()["failed"] == 0


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
from extractor import store_writing
from extractor.pipeline import CHECK_SET
from extractor.store import Store
from tests.test_store import PAGE, read

draw = store_writing.draw
drawn = []

def dying(*args, **kwargs):
    draw(*args, **kwargs)
    drawn.append(1)
    if len(drawn) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

store_writing.draw = dying
with Store.open(sys.argv[1]) as store:
    batch = store.start_batch("table", CHECK_SET)
    for number in range(6):
        checked = read(PAGE.replace("图书", f"第{number}项"), f"{number}.md")
        document = checked.document
        if store.known(document.root, document.path, document.sha256, CHECK_SET) == "new":
            store.save(batch, checked)
    store.finish_batch(batch, {"documents": len(drawn)})
"""


def run(script: Path, code: str, *args: object) -> subprocess.Popen[bytes]:
    script.write_text(code, encoding="utf-8")
    here = Path(__file__).parents[1]
    return subprocess.Popen([sys.executable, str(script), *map(str, args), str(here)], cwd=here)


class TestKilled:
    def test_every_document_saved_before_the_kill_is_there_and_whole(self, tmp_path: Path) -> None:
        db, script = tmp_path / "archive.db", tmp_path / "killed.py"
        assert run(script, KILLED, db, 4).wait(60) == -9
        with Store.open(db) as store:
            assert [document.path for document, _ in store.forms()] == ["0.md", "1.md", "2.md"]
            assert store.stats()["unfinished"] == 1
            for name in ("forms", "readings", "documents", "places"):
                assert query(store, f"SELECT count(*) FROM {name}") == [(3,)], name
            assert query(store, "PRAGMA integrity_check") == [("ok",)]
        assert run(script, KILLED, db, 99).wait(60) == 0
        with Store.open(db) as store:
            assert [document.path for document, _ in store.forms()] == [
                f"{number}.md" for number in range(6)
            ]
            finished = query(store, "SELECT finished IS NOT NULL, summary FROM batches")
            assert finished == [(0, None), (1, '{"documents":3}')]
            assert query(store, "PRAGMA foreign_key_check") == []


WRITER = """
import sys
sys.path.insert(0, sys.argv[3])
from extractor.pipeline import CHECK_SET
from extractor.store import Store
from tests.test_store import PAGE, read

me = sys.argv[2]
checked = [
    read(PAGE.replace("图书", f"第{n}项"), f"{me}-{n}.md" if n % 2 else f"shared-{n}.md")
    for n in range(20)
]
with Store.open(sys.argv[1]) as store:
    batch = store.start_batch("table", CHECK_SET)
    for one in checked:
        d = one.document
        if store.known(d.root, d.path, d.sha256, CHECK_SET) == "place":
            store.add_place(batch, d.root, d.path, d.sha256)
        else:
            store.save(batch, one)
    store.finish_batch(batch, {})
"""


class TestSeveralProcesses:
    def test_writers_neither_lose_nor_corrupt(self, tmp_path: Path) -> None:
        """Four processes make the archive at once and write the same twenty texts into it."""
        db = tmp_path / "archive.db"
        writers = [run(tmp_path / f"{me}.py", WRITER, db, me) for me in "abcd"]
        assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
        with Store.open(db) as store:
            stats = store.stats()
            assert stats["documents"] == stats["read"] == 20
            assert stats["places"] == 10 + 4 * 10
            assert (stats["batches"], stats["unfinished"]) == (4, 0)
            assert len({document.text for document, _ in store.forms()}) == 20
            assert query(store, "SELECT count(*) FROM indicators") == [(60,)]
            assert query(store, "PRAGMA foreign_key_check") == []
            assert query(store, "PRAGMA integrity_check") == [("ok",)]

    def test_a_new_file_is_switched_to_wal_without_a_lock_in_hand(self, tmp_path: Path) -> None:
        """While one process waits to switch, others must come through, or all wait for ever."""

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(
                tmp_path / "a.db", timeout=1, isolation_level=None, check_same_thread=False
            )

        with closing(connect()) as reader, closing(connect()) as mine, closing(connect()) as other:
            reader.execute("CREATE TABLE t (a)")
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM t").fetchall()
            waiting = threading.Thread(target=store_upgrade.use_wal, args=(mine, 30))
            waiting.start()
            time.sleep(0.2)
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            assert waiting.is_alive()
            reader.execute("ROLLBACK")
            waiting.join(30)
            assert mine.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert mine.execute("PRAGMA busy_timeout").fetchone() == (30000,)

    def test_a_writer_that_waits_too_long_says_so(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store_module, "PATIENCE", 0.05)
        with Store.open(store.path) as other, closing(sqlite3.connect(store.path)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            with pytest.raises(ArchiveError, match=r"archive\.db: database is locked .*try again"):
                other.start_batch("table", CHECK_SET)

    def test_a_snapshot_does_not_see_what_is_written_meanwhile(self, store: Store) -> None:
        save(store, read(PAGE))
        with Store.open(store.path) as other, store.snapshot():
            before = store.stats()
            save(other, read(PAGE.replace("图书", "道路"), "b.md"))
            assert store.stats() == before
            assert len(list(store.forms())) == 1
        assert len(list(store.forms())) == 2

    def test_forms_can_be_saved_while_they_are_read(self, store: Store) -> None:
        documents = [read(PAGE.replace("图书", f"第{n}项"), f"{n}.md") for n in range(3)]
        batch = save(store, *documents)
        for (document, form), checked in zip(store.forms(), documents, strict=True):
            assert (document, form) == (checked.document, checked.forms[0])
            store.save(batch, checked)
        assert list(store.forms()) == pairs(*documents)


class TestBackup:
    def test_a_backup_while_others_write_is_whole_and_in_one_file(
        self, store: Store, tmp_path: Path, sample: list[CheckedDocument]
    ) -> None:
        stop = threading.Event()

        def write() -> None:
            number = 0
            with Store.open(store.path) as other:
                batch = other.start_batch("table", CHECK_SET)
                while not stop.is_set():
                    checked = sample[number % 4]
                    document = replace(
                        checked.document, path=f"{number}.md", sha256=f"{number:064}"
                    )
                    other.save(batch, replace(checked, document=document))
                    number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            while store.stats()["documents"] < 4:
                pass
            for number in range(3):
                target = tmp_path / f"copy-{number}.db"
                store.backup(target)
                copied = [*tmp_path.glob(f"copy-{number}.db*")]
                assert copied == [target]
                assert target.read_bytes()[18:20] == b"\1\1"  # readable without a log beside it
                alone = tmp_path / f"alone-{number}.db"
                shutil.copy(target, alone)
                with Store.open(alone, create=False) as copy:
                    assert query(copy, "PRAGMA integrity_check") == [("ok",)]
                    assert query(copy, "PRAGMA foreign_key_check") == []
                    found = list(copy.forms())
                    assert len(found) == copy.stats()["read"] >= 4
                    for document, form in found:
                        checked = sample[int(document.path[:-3]) % 4]
                        assert form == checked.forms[form.form.index]
        finally:
            stop.set()
            writer.join()

    def test_an_earlier_backup_is_replaced_and_nothing_else(
        self, store: Store, tmp_path: Path
    ) -> None:
        target, other = tmp_path / "copy.db", tmp_path / "form.md"
        other.write_text(PAGE, encoding="utf-8")
        store.backup(target)
        save(store, read(PAGE))
        store.backup(target)
        with Store.open(target) as copy:
            assert copy.stats()["documents"] == 1
        for wrong in (other, store.path):
            with pytest.raises(ArchiveError, match="no earlier backup"):
                store.backup(wrong)
        with pytest.raises(ArchiveError, match="no folder"):
            store.backup(tmp_path / "missing" / "copy.db")
        assert other.read_text(encoding="utf-8") == PAGE


class TestVersionsOfTheArchive:
    def test_one_written_by_a_newer_version_is_refused_untouched(self, tmp_path: Path) -> None:
        path = tmp_path / "archive.db"
        Store.open(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        before = path.read_bytes()
        with pytest.raises(ArchiveError, match="written by a newer Crossfoot"):
            Store.open(path)
        assert path.read_bytes() == before

    def test_an_older_one_is_brought_up_to_date_and_a_copy_is_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "archive.db"
        with Store.open(path) as store:
            save(store, read(PAGE))
        newest = len(MIGRATIONS)
        copy = tmp_path / f"archive.db.bak-{newest}"
        copy.write_bytes(b"an earlier copy")
        steps = (*MIGRATIONS, ("ALTER TABLE forms ADD COLUMN more TEXT",))
        monkeypatch.setattr(store_upgrade, "MIGRATIONS", steps)
        for _ in range(2):
            with Store.open(path) as store:
                assert query(store, "PRAGMA user_version") == [(newest + 1,)]
                assert query(store, "SELECT project_name, more FROM forms") == [("图书经费", None)]
        assert copy.read_bytes() == b"an earlier copy"
        kept = tmp_path / f"archive.db.bak-{newest}.2"
        assert sorted(tmp_path.glob("*.bak*")) == [copy, kept]
        monkeypatch.undo()
        with Store.open(kept) as store:
            assert query(store, "PRAGMA user_version") == [(newest,)]
            assert list(store.forms()) == pairs(read(PAGE))

    def test_an_archive_from_before_there_were_models_keeps_what_it_has(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "archive.db"
        with closing(sqlite3.connect(path)) as old:
            for statement in MIGRATIONS[0]:
                old.execute(statement)
            old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            old.execute("PRAGMA user_version = 1")
            old.execute("INSERT INTO batches VALUES (1, 'then', 'then', 'table', 'x', '{}')")
            old.execute(
                "INSERT INTO documents VALUES (1, 'r', 'a.md', 1, 1, 'abc', 'utf-8', 'x', 1, 0, 0, "
                "NULL, NULL, 'text', NULL)"
            )
            old.execute("INSERT INTO places VALUES (1, 'r', 'a.md', 1, 1, 1, 1)")
            old.execute("INSERT INTO failures VALUES (1, 1, 'r', 'b.md', 'empty', 'b.md: empty')")
            old.commit()
        with Store.open(path) as store:
            assert query(store, "SELECT path, method FROM documents") == [("a.md", "table")]
            # Kept, and read again by the next run: calibrations speak of newer readings.
            assert store.known("r", "a.md", "abc", "x") == "stale"
            assert store.stats()["failed"] == 1
            assert store.costs("batch") == []
        assert path.with_name("archive.db.bak-1").exists()

    def test_a_step_that_fails_changes_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "archive.db"
        with Store.open(path) as store:
            save(store, read(PAGE))
        steps = (*MIGRATIONS, ("CREATE TABLE half (a)", "CREATE TABLE forms (a)"))
        monkeypatch.setattr(store_upgrade, "MIGRATIONS", steps)
        with pytest.raises(ArchiveError, match="already exists"):
            Store.open(path)
        monkeypatch.undo()
        with Store.open(path) as store:
            assert query(store, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
            assert list(store.forms()) == pairs(read(PAGE))

    @pytest.mark.parametrize("content", [b"x", "项目".encode() * 5000], ids=["one byte", "text"])
    def test_what_is_no_database_is_refused_untouched(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "archive.db"
        path.write_bytes(content)
        with pytest.raises(ArchiveError, match="not a Crossfoot archive"):
            Store.open(path)
        assert path.read_bytes() == content

    def test_somebody_elses_database_is_refused_untouched(self, tmp_path: Path) -> None:
        path = tmp_path / "archive.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE mine (a)")
        before = path.read_bytes()
        with pytest.raises(ArchiveError, match="not a Crossfoot archive"):
            Store.open(path)
        assert path.read_bytes() == before

    def test_a_damaged_archive_is_said_to_be_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "archive.db"
        Store.open(path).close()
        path.write_bytes(path.read_bytes()[:100] + b"\xff" * 30000)
        with pytest.raises(ArchiveError, match=r"archive\.db: .*backup"):
            Store.open(path)

    def test_a_missing_archive_is_made_only_where_that_is_meant(self, tmp_path: Path) -> None:
        path = tmp_path / "archive.db"
        with pytest.raises(ArchiveError, match="no archive here yet"):
            Store.open(path, create=False)
        assert not path.exists()
        with pytest.raises(ArchiveError, match="no folder"):
            Store.open(tmp_path / "missing" / "archive.db")
        Store.open(path).close()
        Store.open(path, create=False).close()


class TestTablesAndViews:
    def test_foreign_keys_are_enforced(self, store: Store) -> None:
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            store.db.conn.execute(
                "INSERT INTO indicators (form, position, name) VALUES (999, 0, 'x')"
            )

    def test_the_tables_say_what_the_record_says_with_the_printed_decimals(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        save(store, *sample)
        for document, form in pairs(*sample):
            (row,) = query(
                store,
                "SELECT f.id, f.year, f.project_name, f.total_score, f.grade, f.fields, f.flagged, "
                "f.errors, f.unread, f.repeats, f.state "
                "FROM forms f JOIN documents d ON d.id = f.document "
                "WHERE d.path = ? AND f.number = ?",
                document.path,
                form.form.index,
            )
            record = form.record
            assert row[1:] == (
                record["year"], record.get("project_name"), record["total_score"],
                record.get("grade"), len(form.entries),
                sum(entry.needs_review for entry in form.entries.values()),
                sum(finding.is_error for finding in form.findings), len(form.unread),
                len(form.repeats), form.state,
            )  # fmt: skip
            names = ("row", "level1", "level2", "name", "target", "actual", "weight", "score")
            columns = ", ".join(f'"{name}"' for name in names)
            assert query(
                store, f"SELECT {columns} FROM indicators WHERE form = ? ORDER BY position", row[0]
            ) == [tuple(each[name] for name in names) for each in record["indicators"]]
            section = record.get("funds") or record["expenditure"]
            assert query(
                store,
                "SELECT source, annual_budget, executed, execution_rate FROM funds "
                "WHERE form = ? ORDER BY position",
                row[0],
            ) == [
                (name, cells["annual_budget"], cells["executed"], cells["execution_rate"])
                for name, cells in section.items()
            ]
            assert query(
                store, "SELECT check_id, message_zh FROM findings WHERE form = ? ORDER BY position",
                row[0],
            ) == [(finding.check, finding.message["zh"]) for finding in form.findings]  # fmt: skip

    def test_the_entries_view_unfolds_all_evidence(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        save(store, *sample)
        rows = iter(
            query(
                store,
                "SELECT field, value, raw, cell, standing, stratum, needs_review FROM entries "
                "ORDER BY form, position",
            )
        )
        for _, form in pairs(*sample):
            for entry in form.entries.values():
                field, value, raw, *rest = next(rows)
                assert field == entry.path
                assert entry.value == (None if value is None else str(value))
                assert raw == (" ¦ ".join(entry.raw) or None)
                assert rest == [
                    entry.address, entry.standing, entry.stratum, int(entry.needs_review),
                ]  # fmt: skip
        assert next(rows, None) is None

    def test_the_review_queue_holds_what_needs_review_and_why(self, store: Store) -> None:
        """The group weights do not add up, and a cell stands beside the table."""
        text = PAGE.replace("| 50.00", "| 40.00").replace("10.00\t10.00", "10.00\t10.00")
        text = text.replace("99.00", "98.00").replace("评分等级\t优", "评分等级\t优\t777\t888")
        checked = read(text)
        form = checked.forms[0]
        doubtful = [entry for entry in form.entries.values() if entry.needs_review]
        assert doubtful
        assert form.unread
        save(store, checked, read(PAGE.replace("图书", "道路"), "clear.md"))
        queue = query(
            store,
            "SELECT document, number, project_name, field, value, stratum, fails, reasons, raw "
            "FROM review_queue ORDER BY position",
        )
        assert {row[:3] for row in queue} == {("a.md", 0, "图书经费")}
        assert [row[3] for row in queue] == [e.path for e in doubtful] + [None] * len(form.unread)
        by_field = {row[3]: row for row in queue}
        score = by_field["total_score"]
        assert score[4:6] == ("98.00", "contradicted")
        assert "sum:indicators[].score" in score[6]
        assert [row[7:] for row in queue if row[3] is None] == [
            ('["unclaimed"]', text[a:b]) for a, b in form.unread
        ]

    def test_sums_work_in_the_views_of_numbers(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        save(store, *sample)
        ((budget, score),) = query(
            store,
            "SELECT sum(n.annual_budget), (SELECT sum(i.score) FROM indicator_numbers i "
            "WHERE i.form = 1) FROM funds_numbers n WHERE n.form = 1 AND n.source = 'total'",
        )
        assert budget == pytest.approx(1744.68)
        assert score == pytest.approx(88.40)
        assert query(store, "SELECT executed FROM funds WHERE form = 1 AND source = 'other'") == [
            ("0.00",)
        ]

    def test_evidence_is_no_row_for_each_field(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        save(store, *sample)
        rows = sum(store.db[name].count for name in TABLES)
        fields = sum(len(form.entries) for _, form in pairs(*sample))
        assert rows < fields / 4

    @pytest.mark.parametrize("view", VIEWS)
    def test_every_view_answers_a_plain_client(
        self, store: Store, sample: list[CheckedDocument], view: str
    ) -> None:
        batch = save(store, *sample)
        store.fail(batch, "root", "x.pdf", "kind", "x.pdf: not text")
        assert query(store, f"SELECT * FROM {view}") != []


class TestTwins:
    def test_the_map_is_what_the_forms_themselves_say(
        self, store: Store, sample: list[CheckedDocument]
    ) -> None:
        save(store, *reversed(sample))
        stored = store.same_as_map()
        forms = pairs(*sample)
        expected = twins.same_as(forms)
        assert sum(map(bool, expected)) == 14
        for (document, form), same in zip(forms, expected, strict=True):
            assert stored.get((document.sha256, form.form.index), []) == same
        assert len(stored) == 14

    def test_a_form_and_its_twin_count_once_as_the_first_by_path(self, store: Store) -> None:
        first, second = read(PAGE, "b.md"), read(PAGE + "\n", "a.md")
        save(store, first, second)
        stats = store.stats()
        assert (stats["read"], stats["forms"]) == (2, 1)
        assert stats["fields"] == len(first.forms[0].entries)
        assert stats["by_year"] == {2023: 1}
        assert query(
            store,
            "SELECT d.path FROM forms_once f JOIN documents d ON d.id = f.document",
        ) == [("a.md",)]
        assert len(query(store, "SELECT * FROM twins")) == 2


class TestSearch:
    def test_two_characters_are_found_in_names_and_goals(self, store: Store) -> None:
        save(store, read(PAGE), read(PAGE.replace("绩效管理", "服务"), "b.md"))
        (found,) = [hit for hit in store.search("管理") if hit["document"] == "a.md"]
        assert found["project_name"] == "图书经费"
        assert found["number"] == 0
        assert [hit["document"] for hit in store.search("绩效管理")] == ["a.md"]
        assert len(store.search("绩效")) == 2
        assert [hit["document"] for hit in store.search("乙中心")] == ["a.md", "b.md"]
        assert [hit["document"] for hit in store.search("读者满意 图书")] == ["a.md", "b.md"]
        assert store.search("读者满意 道路") == []
        assert store.search("  ") == []

    def test_percent_and_underscore_mean_themselves(self, store: Store) -> None:
        save(store, read(PAGE), read(PAGE.replace("100%。", "100_。"), "b.md"))
        assert [hit["document"] for hit in store.search("100%")] == ["a.md"]
        assert [hit["document"] for hit in store.search("100_")] == ["b.md"]
        assert store.search("图%经费") == []
        assert store.search("图_经费") == []
        assert store.search("100\\") == []
        save(store, read(PAGE.replace("100%。", "路径C:\\绩效。"), "c.md"))
        assert [hit["document"] for hit in store.search("C:\\绩效")] == ["c.md"]


def test_only_settled_forms_where_that_is_asked(store: Store) -> None:
    clear, open_ = read(PAGE), read(PAGE.replace("99.00", "98.00"), "b.md")
    assert [form.state for _, form in pairs(clear, open_)] == ["clear", "open"]
    save(store, clear, open_)
    assert list(store.forms(settled=True)) == pairs(clear)
