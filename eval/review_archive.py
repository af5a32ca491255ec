"""A large archive to review: generated forms, some with a fault, read and then multiplied."""

from __future__ import annotations

import random
from itertools import cycle, islice, product
from pathlib import Path

from eval.columns import COLUMN_SETS
from eval.faults import faults
from eval.layouts import TABULAR
from eval.pages import Page, Spec, page
from extractor.bulk import ingest
from extractor.families import family_of
from extractor.sources import walk
from extractor.store import Store

BASE = 2000
"""Forms that are generated and read; the others are copies of these."""
FORMS = 4
"""Forms of one document."""
FAULTY = 10
"""One document in so many has a fault."""
_TOGETHER = 8
"""Copies of a document that one issuer files."""

# In an order in which every row finds what it refers to. ``:by`` is the number of the copy,
# ``:documents`` and ``:readings`` are what the ids of a copy are moved by.
_COPY = (
    """
    INSERT INTO documents (id, root, path, version, current, sha256, {same:documents})
    SELECT id + :by * :documents, root, printf('%04d/', :by) || path, version, current,
        printf('%08x', :by) || substr(sha256, 9), {same:documents}
    FROM documents WHERE id <= :documents
    """,
    """
    INSERT INTO places (root, path, document, {same:places})
    SELECT root, printf('%04d/', :by) || path, document + :by * :documents, {same:places}
    FROM places WHERE document <= :documents
    """,
    """
    INSERT INTO readings (id, document, {same:readings})
    SELECT id + :by * :readings, document + :by * :documents, {same:readings}
    FROM readings WHERE id <= :readings
    """,
    """
    INSERT INTO forms (id, document, issuer, identity, {same:forms})
    SELECT id + :by * :readings, document + :by * :documents,
        (SELECT issuer FROM forms AS o WHERE o.document = f.document ORDER BY number LIMIT 1)
            || printf('第%d分局', :by / :together),
        identity || char(10) || :by, {same:forms}
    FROM forms AS f WHERE id <= :readings
    """,
    *(
        f"""
        INSERT INTO {table} (form, {{same:{table}}})
        SELECT form + :by * :readings, {{same:{table}}} FROM {table} WHERE form <= :readings
        """
        for table in ("funds", "groups", "indicators", "findings")
    ),
)


def big(folder: Path, forms: int, seed: int) -> Path:
    """Makes an archive of at least so many forms in ``folder`` and returns its path.

    Generated and read as any others are :data:`BASE` forms (fewer, if fewer are wanted), four to a
    document; in every tenth document one printed number has one fault, drawn by the seed. All
    others are copies of their rows, made by SQL: each copy of a document has a path, a hash and
    identities of its own, and its forms an issuer that eight copies share. Texts, records and
    evidence of a copy are those of its original; its hash is not that of its bytes.
    """
    base = min(forms, BASE)
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for number, text in enumerate(_documents(base, seed)):
        (pages / f"{number:05}.md").write_bytes(text.encode())
    path = folder / "archive.db"
    with Store.open(path) as store:
        ingest(list(walk([pages], "generated")), store)
        _multiply(store, forms)
    return path


def _documents(forms: int, seed: int) -> list[str]:
    """The texts of so many forms, four to a document."""
    chance = random.Random(f"{seed} review")
    shapes = islice(cycle(product(COLUMN_SETS, TABULAR)), forms)
    made = [
        page(Spec(seed * 1_000_000 + number, columns, layout))
        for number, (columns, layout) in enumerate(shapes)
    ]
    texts: list[str] = []
    for start in range(0, forms, FORMS):
        together = made[start : start + FORMS]
        faulty = chance.randrange(len(together)) if len(texts) % FAULTY == 0 else None
        texts.append(
            "\n".join(
                _with_fault(one, chance) if number == faulty else one.text
                for number, one in enumerate(together)
            )
        )
    return texts


def _with_fault(made: Page, chance: random.Random) -> str:
    """The text of a page with one fault in one of its numbers."""
    family = family_of(made.family)
    places = [
        one[0]
        for path, one in made.places.items()
        if len(one) == 1 and family.is_number(path) and made.truth[path] is not None
    ]
    start, end = chance.choice(places)
    changed = chance.choice([one.text for one in faults(made.text[start:end])])
    return made.text[:start] + changed + made.text[end:]


def _multiply(store: Store, forms: int) -> None:
    """Copies all rows until there are enough forms."""
    run = store.db.conn.execute
    ((documents, readings, there),) = run(
        "SELECT (SELECT max(id) FROM documents), (SELECT max(id) FROM readings), count(*) "
        "FROM forms"
    )
    # Nobody else has the archive yet, and a log of it all would write everything twice.
    run("PRAGMA journal_mode = OFF")
    run("PRAGMA synchronous = OFF")
    statements = [_filled(store, statement) for statement in _COPY]
    for by in range(1, -(-forms // there)):
        moved = {"by": by, "documents": documents, "readings": readings, "together": _TOGETHER}
        with store.writing():
            for statement in statements:
                run(statement, moved)
    run("PRAGMA synchronous = NORMAL")
    run("PRAGMA journal_mode = WAL")


def _filled(store: Store, statement: str) -> str:
    """A statement with the columns that a copy takes over unchanged in place of ``{same:…}``."""
    while (start := statement.find("{same:")) >= 0:
        end = statement.index("}", start)
        table = statement[start + 6 : end]
        named = statement[statement.index("(") + 1 : start]
        own = {name.strip() for name in named.split("SELECT")[0].split(",")} | {"id"}
        told = store.db.conn.execute("SELECT name FROM pragma_table_info(?)", (table,))
        columns = [name for (name,) in told if name not in own]
        same = ", ".join(f'"{name}"' for name in columns)
        statement = statement.replace(f"{{same:{table}}}", same)
    return statement
