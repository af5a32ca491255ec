"""What is left to do, in the archive: the queue, and what each open form costs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from extractor import store_doubts, store_filters, store_queue
from extractor.store_doubts import Doubts
from extractor.store_filters import ALL, Choices, Filters
from extractor.store_open import telling
from extractor.store_people import PeopleStore
from extractor.store_queue import QueuePage
from extractor.store_reading import snapshot


class WorkStore(PeopleStore):
    """The part of an archive that says what people are to look at next."""

    def queue(self, filters: Filters = ALL, offset: int = 0, limit: int = 50) -> QueuePage:
        """What is left to review, in the order of work: units by their gravest form, forms with an
        error that nobody confirmed before all others, documents together, their forms by number.

        A form that stands alike in two documents is there once.
        """
        with telling(self.path), snapshot(self.db):
            return store_queue.page(self.db, filters, offset, limit, time.time())

    def queue_choices(self) -> Choices:
        """The values that each filter of the queue can take, with the open forms of each."""
        with telling(self.path), snapshot(self.db):
            return store_filters.choices(self.db)

    def queue_units(self, part: str) -> list[tuple[str, int]]:
        """The units in the queue whose names hold ``part``, with the open forms of each."""
        with telling(self.path):
            return store_filters.units_like(self.db, part)

    def doubts(self, forms: Sequence[int]) -> dict[int, Doubts]:
        """Why forms (by id) are in the queue, as they stand."""
        with telling(self.path):
            return store_doubts.doubts_of(self.db, forms)

    def next_in_queue(
        self, after: str | None = None, filters: Filters = ALL, bench: str = ""
    ) -> str | None:
        """The next document (by hash) that no other bench holds, ``None`` where there is none.

        ``after`` is the one that was just left; if it is settled, its unit goes on. After the last
        comes the first.
        """
        with telling(self.path), snapshot(self.db):
            return store_queue.next_document(self.db, after, filters, bench, time.time())

    def weigh_queue(self) -> int:
        """Give every open form that was stored without one its cost; how many there were.

        One transaction for some hundred forms; killed in between, run it again.
        """
        weighed = last = 0
        while True:
            with self.writing():
                forms = store_doubts.unweighed(self.db, last)
                store_doubts.weigh(self.db, forms)
            if not forms:
                return weighed
            weighed, last = weighed + len(forms), forms[-1]
