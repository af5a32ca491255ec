"""What people said, in the archive: answers to questions, calibrations made from them, and the
operations of reviewers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from extractor import store_labels, store_leases, store_operations, store_writing
from extractor.operations import Operation
from extractor.store_labels import Asked, Draw, Label
from extractor.store_leases import Lease
from extractor.store_open import OpenArchive, telling
from extractor.store_operations import Broken, Drawn
from extractor.types import CheckedForm, Document

Weigh = Callable[[Document, CheckedForm], CheckedForm]
"""A form of a document → the same with other confidence and other fields for a person."""

Review = Callable[
    [Document, Sequence[CheckedForm], Sequence[Operation], int],
    tuple[Sequence[Drawn], Sequence[tuple[str, str]]],
]
"""A document, its forms as readers read them, the operations on it, and how many of these, from the
first, its forms in the archive were drawn from → its forms as they leave them, marked ones last,
and the operations that fit no form, each with why."""


class PeopleStore(OpenArchive):
    """The part of an archive that people's answers and acts go into."""

    def calibrations(self) -> list[tuple[str, int]]:
        """The artefacts that hold for forms of this archive, as JSON, each with the number of the
        last answer that it was made from."""
        with telling(self.path):
            return store_labels.stored_calibrations(self.db)

    def newest_calibration(self) -> int:
        """The number of the newest one, 0 where there is none."""
        with telling(self.path):
            return store_labels.newest(self.db)

    def revocations(self) -> dict[tuple[tuple[str, ...], str], int]:
        """``{(made for, class): last answer}`` of the last time that a promise was revoked."""
        with telling(self.path):
            return store_labels.revocations(self.db)

    def looks(self, made_for: Sequence[str]) -> dict[str, int]:
        """``{class: n}``: how often the answers of this archive were looked at before, for forms
        read in one way."""
        with telling(self.path):
            return store_labels.looks(self.db, made_for)

    def put_calibration(
        self,
        artefact: str,
        made_for: Sequence[str],
        *,
        uses_answers: bool,
        revoked: Sequence[str] = (),
    ) -> None:
        """Append an artefact for forms ``made_for`` (family, reader, its version, checks).

        ``uses_answers``: it was made from the answers so far. ``revoked``: classes whose promises
        it takes back.
        """
        with self.writing():
            store_labels.put_calibration(
                self.db, artefact, made_for, uses_answers=uses_answers, revoked=revoked
            )

    def unweighed(self) -> int:
        """How many documents were not weighed by the newest calibrations."""
        with telling(self.path):
            return len(store_labels.unweighed(self.db))

    def weigh_anew(self, weigh: Weigh, number: int, told: Callable[[], None]) -> int:
        """Let ``weigh`` say again which fields want a person, in documents that were not weighed by
        the calibrations up to ``number``; how many forms came out otherwise.

        One transaction a document; killed in between, run it again. ``told`` hears of each.
        """
        changed = 0
        with telling(self.path):
            documents = store_labels.unweighed(self.db)
        for document in documents:
            with self.writing():
                changed += self._weigh_document(document, weigh)
                store_labels.weighed_by(self.db, document, number)
            told()
        return changed

    def _weigh_document(self, number: int, weigh: Weigh) -> int:
        changed = 0
        document = store_labels.document_of(self.db, number)
        for reading, form in store_labels.readings_of(self.db, document, number):
            weighed = weigh(document, form)
            if weighed != form:
                store_labels.put_evidence(self.db, reading, document, weighed)
                changed += 1
        if changed:
            store_writing.redraw_current(self.db, number)
        return changed

    def form_sizes(self) -> list[tuple[int, int]]:
        """``(id, fields)`` of every form, a form and its twins once."""
        with telling(self.path):
            return store_labels.sizes(self.db)

    def form(self, number: int) -> tuple[Document, CheckedForm]:
        """A form by its id."""
        with telling(self.path):
            return store_labels.form_of(self.db, number)

    def draw(self, how: Literal["sample", "correction"], draws: Iterable[Draw]) -> list[int | None]:
        """Note fields that a person is to be asked about; the numbers of the questions, ``None`` of
        a field that somebody was asked about already."""
        with self.writing():
            return store_labels.put_draws(self.db, how, draws)

    def labels(self, *, answered: bool) -> list[Label]:
        """What people were asked about fields, answered or not yet."""
        with telling(self.path):
            return store_labels.labels(self.db, answered=answered)

    def answer(
        self, number: int, person: str, truth: str | None, wrong: bool, *, again: bool = False
    ) -> bool:
        """Keep what a person says of a field, ``again`` also in place of an earlier answer; whether
        it was kept."""
        with self.writing():
            return store_labels.answer(self.db, number, person, truth, wrong, again=again)

    def label(self, number: int) -> tuple[str, Label] | None:
        """A question by its number, with the hash of its document."""
        with telling(self.path):
            return store_labels.label_of(self.db, number)

    def withdraw(self, number: int) -> bool:
        """Take the answer to a question back, which is open again then; whether there was one."""
        with self.writing():
            return store_labels.withdraw(self.db, number)

    def questions(self) -> list[Asked]:
        """The questions of samples that nobody has answered, of current documents."""
        with telling(self.path):
            return store_labels.questions(self.db)

    def append(self, operations: Sequence[Operation]) -> list[str]:
        """Append what reviewers did, in one transaction; the ids that are in the archive now.

        What is there already changes nothing. Raises :class:`ArchiveError` where an id comes again
        with another content.
        """
        with self.writing():
            return store_operations.append(self.db, operations)

    def operations(self, document: str) -> list[Operation]:
        """What reviewers did to a document (by the hash of its bytes), in the order of arrival."""
        with telling(self.path):
            return store_operations.of_document(self.db, document)

    def clock(self, document: str) -> int | None:
        """The highest clock of the operations on a document, ``None`` of an unknown one."""
        with telling(self.path):
            return store_operations.clock_of(self.db, document)

    def heads(self) -> dict[str, str]:
        """``{document: hash of its last operation}``."""
        with telling(self.path):
            return store_operations.heads(self.db)

    def head(self, document: str) -> str | None:
        """The hash of the last operation on a document; ``None`` where there is none."""
        with telling(self.path):
            return store_operations.head_of(self.db, document)

    def is_kept(self, head: str) -> bool:
        """Whether some operation has this hash (or one that begins so): the last one on its
        document, or one that others came after."""
        with telling(self.path):
            return store_operations.is_kept(self.db, head)

    def paths(self, documents: Iterable[str]) -> dict[str, str]:
        """The path of each document by its hash; one that the archive has not goes by its hash."""
        with telling(self.path):
            return store_operations.paths(self.db, documents)

    def broken_chains(self) -> list[Broken]:
        """The rows at which a chain of operations does not hold."""
        with telling(self.path):
            return list(store_operations.broken(self.db))

    def conflicts(self, document: str) -> list[tuple[int | None, str, str]]:
        """``(form, operation, why)`` of every operation on a document that does not count; ``form``
        is its number now, none where it fits no form."""
        with telling(self.path):
            return store_operations.conflicts_of(self.db, document)

    def behind(self) -> list[str]:
        """Documents (by hash) whose forms do not stand yet as their operations say."""
        with telling(self.path):
            return store_operations.stale(self.db)

    def review(self, document: str, reviewed: Review) -> None:
        """Let the forms of a document stand as ``reviewed`` makes of them and their operations.

        Read and written in one transaction, so that no operation and no reading comes between.
        """
        with self.writing():
            number = store_operations.document_of(self.db, document)
            head = store_operations.head_of(self.db, document)
            if number is None or head is None:
                return
            about = store_labels.document_of(self.db, number)
            found = list(store_labels.readings_of(self.db, about, number, marked=False))
            drawn, conflicts = reviewed(
                about,
                [form for _, form in found],
                store_operations.of_document(self.db, document),
                store_operations.drawn_up_to(self.db, number, document),
            )
            ids = [reading for reading, _ in found]
            store_operations.put_reviews(self.db, number, about.text, head, ids, drawn, conflicts)

    def forms_as_read(self, document: str) -> tuple[Document, list[CheckedForm]] | None:
        """A document (by hash, current or not) with its forms as they were read, marked ones last;
        ``None`` where the archive has it not."""
        with telling(self.path):
            number = store_operations.document_of(self.db, document)
            if number is None:
                return None
            about = store_labels.document_of(self.db, number)
            read = store_labels.readings_of(self.db, about, number)
            return about, [form for _, form in read]

    def forms_as_left(self, document: str) -> tuple[Document, list[CheckedForm]] | None:
        """The same with its forms as reviewers left them."""
        with telling(self.path):
            number = store_operations.document_of(self.db, document)
            if number is None:
                return None
            about = store_labels.document_of(self.db, number)
            return about, store_labels.standing_of(self.db, about, number)

    def lease(self, document: str, bench: str, person: str, *, take_over: bool = False) -> Lease:
        """Take or keep the lease of a document for a bench; who has it now. ``take_over`` takes it
        from another."""
        with self.writing():
            return store_leases.take(
                self.db, document, bench, person, time.time(), take_over=take_over
            )

    def give_back(self, document: str, bench: str) -> None:
        """End a lease; that of another bench stays."""
        with self.writing():
            store_leases.give_back(self.db, document, bench)

    def leases(self) -> list[Lease]:
        """Who works on which document just now."""
        with telling(self.path):
            return store_leases.held(self.db, time.time())
