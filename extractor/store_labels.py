"""What people said of fields, and the calibrations made from it, in the archive.

A label is a field of one reading of one document: what stood there when it was drawn, and, once a
person has answered, what the page prints. Calibrations are appended; the newest one for forms that
were read in one way holds for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from extractor.families.base import template
from extractor.operations import Place
from extractor.signals import Class
from extractor.store_evidence import Packed, exact_text, pack, readable, unpack
from extractor.types import CheckedForm, Document

_NEWEST = """
    SELECT artefact, last_answer FROM calibrations WHERE id IN (
        SELECT max(id) FROM calibrations GROUP BY family, reader, reader_version, check_set)
    ORDER BY id
"""
_REVOKED = """
    SELECT c.family, c.reader, c.reader_version, c.check_set, r.class, max(c.last_answer)
    FROM revocations AS r JOIN calibrations AS c ON c.id = r.calibration
    GROUP BY c.family, c.reader, c.reader_version, c.check_set, r.class
"""
_LOOKS = """
    SELECT class, count(DISTINCT seen) FROM (
        SELECT l.class, count(*) AS seen FROM calibrations AS c
        JOIN labels AS l ON l.how = 'sample' AND l.answered <= c.last_answer
        WHERE c.why = 'calibrated'
            AND (c.family, c.reader, c.reader_version, c.check_set) = (?, ?, ?, ?)
        GROUP BY c.id, l.class) AS then_
    WHERE seen < (SELECT count(answered) FROM labels AS n
        WHERE n.how = 'sample' AND n.class = then_.class)
    GROUP BY class
"""
_STORE = """
    INSERT INTO calibrations (stored, why, family, reader, reader_version, check_set, last_answer,
        artefact)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_DRAW = """
    INSERT INTO labels (how, drawn, document, number, start, field, class, stratum, value, "row")
    SELECT ?, ?, f.document, f.number, f.span_start, ?, ?, ?, ?, ? FROM forms AS f WHERE f.id = ?
    ON CONFLICT DO NOTHING RETURNING id
"""
_ASKED = """
    SELECT l.id, l.how, f.id, l.field, l.class, l.stratum, l.value, l.answered, l.truth, l.start,
        l."row", l.wrong
    FROM labels AS l
    LEFT JOIN forms AS f ON f.document = l.document AND f.number = l.number
    WHERE (l.answered IS NULL) = ? ORDER BY l.answered, l.id
"""
_ANSWER = """
    UPDATE labels SET labelled = ?, person = ?, truth = ?, wrong = ?,
        answered = (SELECT coalesce(max(answered), 0) + 1 FROM labels)
    WHERE id = ? AND (answered IS NULL OR ?)
"""
_FORM = """
    SELECT d.root, d.path, d.text, d.exact, d.sha256, d.encoding, f.number, r.record, r.evidence,
        r.exact
    FROM forms AS f JOIN standing AS r ON r.id = f.id JOIN documents AS d ON d.id = f.document
    WHERE f.id = ?
"""
_READINGS = """
    SELECT id, number, record, evidence, exact FROM readings
    WHERE document = ? AND (? OR NOT marked) ORDER BY number
"""
_STANDING = """
    SELECT number, record, evidence, exact FROM standing WHERE document = ? ORDER BY number
"""
_LABEL = """
    SELECT d.sha256, l.id, l.how, f.id, l.field, l.class, l.stratum, l.value, l.answered, l.truth,
        l.start, l."row", l.wrong
    FROM labels AS l JOIN documents AS d ON d.id = l.document
    LEFT JOIN forms AS f ON f.document = l.document AND f.number = l.number
    WHERE l.id = ?
"""
_WITHDRAW = """
    UPDATE labels SET answered = NULL, labelled = NULL, person = NULL, truth = NULL, wrong = NULL
    WHERE id = ? AND answered IS NOT NULL
"""


class Label(NamedTuple):
    """A field that a person was asked about, and the answer.

    ``form`` is the id of the form as the archive has it now, ``None`` where it has it no more.
    ``value`` is what stood in the field when it was drawn; ``answered`` numbers the answers of the
    archive and is ``None``, as ``wrong`` is, until there is one; ``truth`` is what the person says
    the page prints. ``start`` is where the form starts (``None`` of one that was drawn before this
    was kept), ``row`` the id of the field's row: ``field`` tells where that was when it was drawn.
    """

    id: int
    how: str
    form: int | None
    field: str
    class_: Class
    stratum: str
    value: str | None
    answered: int | None
    truth: str | None
    start: int | None
    row: str | None
    wrong: bool | None

    @property
    def place(self) -> Place | None:
        """The field that the question is about."""
        return None if self.start is None else Place(self.start, template(self.field), self.row)


class Draw(NamedTuple):
    """A field to ask a person about; ``form`` is the id of the form, ``row`` that of the row."""

    form: int
    field: str
    class_: Class
    stratum: str
    value: str | None
    row: str | None = None


def stored_calibrations(db: Database) -> list[tuple[str, int]]:
    """The artefacts that hold, each with the last answer that it was made from."""
    return db.conn.execute(_NEWEST).fetchall()


def revocations(db: Database) -> dict[tuple[tuple[str, ...], str], int]:
    """``{(made for, class): last answer}`` of the last time that a promise was revoked."""
    rows = db.conn.execute(_REVOKED)
    return {(tuple(made_for), class_): last for *made_for, class_, last in rows}


def looks(db: Database, made_for: Sequence[str]) -> dict[str, int]:
    """``{class: n}``: how often the answers of an archive were looked at before, for forms that
    were read in one way. The same answers are one look, however often, those of other classes none.
    """
    return dict(db.conn.execute(_LOOKS, tuple(made_for)).fetchall())


def put_calibration(
    db: Database,
    artefact: str,
    made_for: Sequence[str],
    *,
    uses_answers: bool,
    revoked: Sequence[str] = (),
) -> None:
    """Appends an artefact; ``made_for`` is family, reader, its version, checks.

    ``uses_answers`` says that it was made from the answers so far, which cannot be held against it
    again; ``revoked`` are classes whose promises it takes back.
    """
    (last,) = db.conn.execute("SELECT coalesce(max(answered), 0) FROM labels").fetchone()
    why = "revoked" if revoked else "calibrated"
    values = (_now(), why, *made_for, last if uses_answers else 0, artefact)
    number = db.conn.execute(_STORE, values).lastrowid
    db.conn.executemany(
        "INSERT INTO revocations (calibration, class) VALUES (?, ?)",
        [(number, class_) for class_ in revoked],
    )


def newest(db: Database) -> int:
    """The number of the newest calibration, 0 where there is none."""
    (number,) = db.conn.execute("SELECT coalesce(max(id), 0) FROM calibrations").fetchone()
    return number


def unweighed(db: Database) -> list[int]:
    """Documents that were not weighed by the newest calibrations, also those that are current
    nowhere: one may come back."""
    rows = db.conn.execute("SELECT id FROM documents WHERE weighed < ? ORDER BY id", (newest(db),))
    return [number for (number,) in rows]


def sizes(db: Database) -> list[tuple[int, int]]:
    """``(form, its fields)`` of every form once, twins left out."""
    return db.conn.execute("SELECT id, fields FROM forms_once ORDER BY id").fetchall()


def put_draws(db: Database, how: str, draws: Iterable[Draw]) -> list[int | None]:
    """Stores fields to ask about; their numbers, ``None`` of one that somebody was asked about."""
    now = _now()
    found: list[int | None] = []
    for form, field, class_, stratum, value, row in draws:
        shown = None if value is None else readable(value)
        values = (how, now, field, class_, stratum, shown, row, form)
        numbers = db.conn.execute(_DRAW, values).fetchall()
        found.append(numbers[0][0] if numbers else None)
    return found


def labels(db: Database, *, answered: bool) -> list[Label]:
    """Fields that a person has answered, or has not yet, in the order in which they were."""
    return [_label(row) for row in db.conn.execute(_ASKED, (not answered,))]


def label_of(db: Database, number: int) -> tuple[str, Label] | None:
    """A question by its number, with the hash of its document; ``None`` where there is none."""
    row = db.conn.execute(_LABEL, (number,)).fetchone()
    return None if row is None else (row[0], _label(row[1:]))


def _label(row: Sequence[Any]) -> Label:
    *said, wrong = row
    return Label._make((*said, None if wrong is None else bool(wrong)))


def answer(
    db: Database, number: int, person: str, truth: str | None, wrong: bool, *, again: bool
) -> bool:
    """Keeps an answer, ``again`` also in place of an earlier one; whether it was kept."""
    shown = None if truth is None else readable(truth)
    cursor = db.conn.execute(_ANSWER, (_now(), readable(person), shown, wrong, number, again))
    return cursor.rowcount == 1


_QUESTIONS = """
    SELECT l.id, d.sha256, l.start, l.field, l."row" FROM labels AS l
    JOIN documents AS d ON d.id = l.document
    WHERE l.how = 'sample' AND l.answered IS NULL AND d.current = 1 AND EXISTS (
        SELECT 1 FROM forms AS f WHERE f.document = l.document AND f.span_start = l.start)
    ORDER BY l.id
"""


class Asked(NamedTuple):
    """A question that nobody has answered: its number, the document by the hash of its bytes, and
    the field."""

    number: int
    document: str
    place: Place


def questions(db: Database) -> list[Asked]:
    """The questions of samples that are open, of current documents, in the order of drawing."""
    return [
        Asked(number, document, Place(start, template(field), row))
        for number, document, start, field, row in db.conn.execute(_QUESTIONS)
    ]


def withdraw(db: Database, number: int) -> bool:
    """Takes an answer back: the question is open again; whether there was one."""
    return db.conn.execute(_WITHDRAW, (number,)).rowcount == 1


def form_of(db: Database, form: int) -> tuple[Document, CheckedForm]:
    """A form by its id, with its document."""
    root, path, text, exact, sha256, encoding, number, *packed = db.conn.execute(
        _FORM, (form,)
    ).fetchone()
    document = Document(root, path, exact_text(text, exact), sha256, encoding)
    return document, unpack(Packed(*packed), document.text, number)


def document_of(db: Database, document: int) -> Document:
    """A document by its row."""
    root, path, text, exact, sha256, encoding = db.conn.execute(
        "SELECT root, path, text, exact, sha256, encoding FROM documents WHERE id = ?", (document,)
    ).fetchone()
    return Document(root, path, exact_text(text, exact), sha256, encoding)


def readings_of(
    db: Database, about: Document, document: int, *, marked: bool = True
) -> Iterator[tuple[int, CheckedForm]]:
    """The readings of a document, each with its id; with ``marked`` those that a person began."""
    rows = db.conn.execute(_READINGS, (document, marked)).fetchall()
    for reading, number, *packed in rows:
        yield reading, unpack(Packed(*packed), about.text, number)


def standing_of(db: Database, about: Document, document: int) -> list[CheckedForm]:
    """The forms of a document as its reviewers left them, in the order of the page: a marked one
    has a number after those of the others, wherever it begins."""
    rows = db.conn.execute(_STANDING, (document,)).fetchall()
    forms = [unpack(Packed(*packed), about.text, number) for number, *packed in rows]
    return sorted(forms, key=lambda form: form.form.span.start)


def weighed_by(db: Database, document: int, number: int) -> None:
    """Notes by which calibrations a document was weighed: all up to ``number``."""
    db.conn.execute("UPDATE documents SET weighed = ? WHERE id = ?", (number, document))


def put_evidence(db: Database, reading: int, document: Document, form: CheckedForm) -> None:
    """Stores a reading anew whose entries are weighed otherwise now."""
    packed = pack(form, document.text)
    db.conn.execute("DELETE FROM reviews WHERE reading = ?", (reading,))
    db.conn.execute(
        "UPDATE readings SET evidence = ?, exact = ? WHERE id = ?",
        (packed.evidence, packed.exact, reading),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
