"""The archive's tables, as numbered steps that are only ever appended to.

``PRAGMA user_version`` of the file counts the steps it has taken and ``PRAGMA application_id``
tells a Crossfoot archive from any other SQLite file. A released step is never edited: what should
change gets a successor at the end of :data:`MIGRATIONS`.

The tables fall into two kinds. ``batches``, ``documents``, ``places``, ``readings``, ``refused``,
``failures``, ``calls``, ``replies``, ``calibrations``, ``labels`` and ``operations`` say what
happened and lose nothing. ``reviews`` and ``reviewed`` are readings and documents with operations
applied. ``forms``, ``funds``,
``groups``, ``indicators`` and ``findings`` are drawn from the readings of the *current* documents,
so that a plain ``SELECT`` over them is never spoiled by an older version of a file. Numbers are
TEXT, with the decimals that were printed; the views ``…_numbers`` cast them for sums.
"""

from __future__ import annotations

APPLICATION_ID = 0x43724674
"""``CrFt`` in ASCII; ``file`` and SQLite's own tools show it."""

_EVENTS = (
    """
    CREATE TABLE batches (
        id INTEGER PRIMARY KEY,
        started TEXT NOT NULL,
        finished TEXT,
        reader TEXT NOT NULL,
        check_set TEXT NOT NULL,
        summary TEXT
    ) STRICT
    """,
    # Small columns first: a row's long text spills over to pages that need not be read for them.
    """
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        root TEXT NOT NULL,
        path TEXT NOT NULL,
        version INTEGER NOT NULL,
        current INTEGER NOT NULL CHECK (current IN (0, 1)),
        sha256 TEXT NOT NULL UNIQUE,
        encoding TEXT NOT NULL,
        check_set TEXT NOT NULL,
        batch INTEGER NOT NULL REFERENCES batches (id),
        titles INTEGER NOT NULL,
        untitled INTEGER NOT NULL,
        tail_start INTEGER,
        tail_end INTEGER,
        text TEXT NOT NULL,
        exact BLOB
    ) STRICT
    """,
    "CREATE INDEX documents_in_order ON documents (path, sha256) WHERE current = 1",
    """
    CREATE TABLE places (
        id INTEGER PRIMARY KEY,
        root TEXT NOT NULL,
        path TEXT NOT NULL,
        version INTEGER NOT NULL,
        current INTEGER NOT NULL CHECK (current IN (0, 1)),
        document INTEGER NOT NULL REFERENCES documents (id),
        batch INTEGER NOT NULL REFERENCES batches (id)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX places_current ON places (root, path) WHERE current = 1",
    "CREATE INDEX places_by_document ON places (document)",
    """
    CREATE TABLE readings (
        id INTEGER PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        batch INTEGER NOT NULL REFERENCES batches (id),
        record TEXT NOT NULL,
        evidence TEXT NOT NULL,
        exact BLOB,
        UNIQUE (document, number)
    ) STRICT
    """,
    """
    CREATE TABLE refused (
        document INTEGER NOT NULL REFERENCES documents (id),
        position INTEGER NOT NULL,
        span_start INTEGER NOT NULL,
        span_end INTEGER NOT NULL,
        title TEXT NOT NULL,
        code TEXT NOT NULL,
        reason_zh TEXT,
        reason_en TEXT,
        PRIMARY KEY (document, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE failures (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL REFERENCES batches (id),
        root TEXT NOT NULL,
        path TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX failures_by_key ON failures (root, path)",
)

_TABLES = (
    """
    CREATE TABLE forms (
        id INTEGER PRIMARY KEY REFERENCES readings (id) ON DELETE CASCADE,
        document INTEGER NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        family TEXT NOT NULL,
        title TEXT,
        state TEXT NOT NULL CHECK (state IN ('open', 'clear')),
        year INTEGER,
        issuer TEXT,
        project_name TEXT,
        supervising_department TEXT,
        subordinate_units INTEGER,
        amount_unit TEXT,
        total_weight TEXT,
        total_score TEXT,
        grade TEXT,
        fields INTEGER NOT NULL,
        flagged INTEGER NOT NULL,
        errors INTEGER NOT NULL,
        unread INTEGER NOT NULL,
        repeats INTEGER NOT NULL,
        reader TEXT NOT NULL,
        check_set TEXT NOT NULL,
        span_start INTEGER NOT NULL,
        span_end INTEGER NOT NULL,
        identity TEXT,
        goal TEXT,
        completion TEXT
    ) STRICT
    """,
    "CREATE INDEX forms_by_document ON forms (document)",
    "CREATE INDEX forms_by_identity ON forms (identity) WHERE identity IS NOT NULL",
    """
    CREATE TABLE funds (
        form INTEGER NOT NULL REFERENCES forms (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        section TEXT NOT NULL,
        source TEXT NOT NULL,
        initial_budget TEXT,
        annual_budget TEXT,
        executed TEXT,
        weight TEXT,
        execution_rate TEXT,
        score TEXT,
        PRIMARY KEY (form, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE groups (
        form INTEGER NOT NULL REFERENCES forms (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        level1 TEXT,
        weight TEXT,
        level2_listed TEXT,
        note TEXT,
        PRIMARY KEY (form, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE indicators (
        form INTEGER NOT NULL REFERENCES forms (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        "row" TEXT,
        level1 TEXT,
        level2 TEXT,
        name TEXT,
        target TEXT,
        actual TEXT,
        weight TEXT,
        score TEXT,
        deviation TEXT,
        PRIMARY KEY (form, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE findings (
        form INTEGER NOT NULL REFERENCES forms (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        check_id TEXT NOT NULL,
        rule TEXT,
        verdict TEXT NOT NULL CHECK (verdict IN ('fails', 'cannot_tell', 'holds')),
        severity TEXT NOT NULL CHECK (severity IN ('error', 'advice')),
        cause TEXT NOT NULL,
        residual TEXT,
        fields TEXT NOT NULL,
        message_zh TEXT,
        message_en TEXT,
        suspects TEXT NOT NULL,
        PRIMARY KEY (form, position)
    ) STRICT, WITHOUT ROWID
    """,
)

# One packed entry is [path, [start, end, …], section, column, judgement, {…}]: see store_evidence.
_JUDGEMENT = "json_extract(r.evidence, '$.judgements[' || json_extract(e.value, '$[4]') || ']"
_ENTRY_COLUMNS = f"""
    json_extract(e.value, '$[0]') AS field,
    CASE WHEN json_type(e.value, '$[5].value') IS NULL
        THEN json_extract(r.record, '$.' || json_extract(e.value, '$[0]'))
        ELSE json_extract(e.value, '$[5].value') END AS value,
    (SELECT group_concat(substr(d.text, s.value + 1,
            json_extract(e.value, '$[1][' || (s.key + 1) || ']') - s.value), ' ¦ ')
        FROM json_each(e.value, '$[1]') AS s WHERE s.key % 2 = 0) AS raw,
    coalesce(json_extract(r.evidence, '$.words[' || json_extract(e.value, '$[2]') || ']') || ' › ',
        '') || json_extract(r.evidence, '$.words[' || json_extract(e.value, '$[3]') || ']') AS cell,
    {_JUDGEMENT}[0]') AS standing,
    {_JUDGEMENT}[1]') AS stratum,
    {_JUDGEMENT}[3]') AS reasons,
    {_JUDGEMENT}[4]') AS holds,
    {_JUDGEMENT}[5]') AS fails
"""
_NEEDS_REVIEW = f"{_JUDGEMENT}[2]')"

_VIEWS = (
    # Every field of every current form, with its evidence; unfolded when asked, stored compactly.
    f"""
    CREATE VIEW entries AS
    SELECT f.id AS form, e.key AS position, {_ENTRY_COLUMNS}, {_NEEDS_REVIEW} AS needs_review
    FROM forms AS f
    JOIN readings AS r ON r.id = f.id
    JOIN documents AS d ON d.id = f.document
    JOIN json_each(r.evidence, '$.entries') AS e
    """,
    # What a person has to look at: doubtful fields, then printed cells that nothing claims.
    f"""
    CREATE VIEW review_queue AS
    SELECT f.id AS form, d.path AS document, f.number, f.family, f.year, f.issuer, f.project_name,
        e.key AS position, {_ENTRY_COLUMNS}
    FROM forms AS f
    JOIN readings AS r ON r.id = f.id
    JOIN documents AS d ON d.id = f.document
    JOIN json_each(r.evidence, '$.entries') AS e
    WHERE f.flagged > 0 AND {_NEEDS_REVIEW}
    UNION ALL
    SELECT f.id, d.path, f.number, f.family, f.year, f.issuer, f.project_name,
        f.fields + u.key, NULL, NULL,
        substr(d.text, json_extract(u.value, '$[0]') + 1,
            json_extract(u.value, '$[1]') - json_extract(u.value, '$[0]')),
        NULL, 'unread', 'unread', '["unclaimed"]', '[]', '[]'
    FROM forms AS f
    JOIN readings AS r ON r.id = f.id
    JOIN documents AS d ON d.id = f.document
    JOIN json_each(r.evidence, '$.unread') AS u
    WHERE f.unread > 0 AND f.state = 'open'
    """,
    """
    CREATE VIEW forms_once AS
    SELECT f.* FROM forms AS f JOIN documents AS d ON d.id = f.document
    WHERE NOT EXISTS (
        SELECT 1 FROM forms AS t JOIN documents AS td ON td.id = t.document
        WHERE t.identity = f.identity
            AND (td.path, td.sha256, t.number) < (d.path, d.sha256, f.number))
    """,
    """
    CREATE VIEW twins AS
    SELECT f.id AS form, t.id AS twin FROM forms AS f
    JOIN forms AS t ON t.identity = f.identity AND t.id <> f.id
    """,
    """
    CREATE VIEW form_numbers AS
    SELECT id AS form, CAST(total_weight AS REAL) AS total_weight,
        CAST(total_score AS REAL) AS total_score FROM forms
    """,
    """
    CREATE VIEW funds_numbers AS
    SELECT form, position, section, source, CAST(initial_budget AS REAL) AS initial_budget,
        CAST(annual_budget AS REAL) AS annual_budget, CAST(executed AS REAL) AS executed,
        CAST(weight AS REAL) AS weight, CAST(execution_rate AS REAL) AS execution_rate,
        CAST(score AS REAL) AS score FROM funds
    """,
    """
    CREATE VIEW indicator_numbers AS
    SELECT form, position, level1, level2, name, CAST(weight AS REAL) AS weight,
        CAST(score AS REAL) AS score FROM indicators
    """,
    """
    CREATE VIEW search_text AS
    SELECT f.id AS form, coalesce(f.title, '') || char(10) || coalesce(f.project_name, '')
        || char(10) || coalesce(f.issuer, '') || char(10) || coalesce(f.supervising_department, '')
        || char(10) || coalesce(f.goal, '') || char(10) || coalesce(f.completion, '') || char(10)
        || coalesce((SELECT group_concat(i.name, char(10)) FROM indicators AS i
            WHERE i.form = f.id), '') AS text
    FROM forms AS f
    """,
    # A failure is over once the same file was stored by the same batch or a later one.
    """
    CREATE VIEW open_failures AS
    SELECT x.* FROM failures AS x
    WHERE x.id = (SELECT max(y.id) FROM failures AS y WHERE y.root = x.root AND y.path = x.path)
        AND NOT EXISTS (SELECT 1 FROM places AS p
            WHERE p.root = x.root AND p.path = x.path AND p.current = 1 AND p.batch >= x.batch)
    """,
)

# What a model was asked and replied. A document names how it was read (``method``): by a table
# reader, or by which model with which prompts; a failure names the bytes that failed.
_CALLS = (
    "ALTER TABLE batches ADD COLUMN model TEXT",
    "ALTER TABLE batches ADD COLUMN endpoint TEXT",
    "ALTER TABLE batches ADD COLUMN consent TEXT",
    "ALTER TABLE documents ADD COLUMN method TEXT NOT NULL DEFAULT 'table'",
    "ALTER TABLE failures ADD COLUMN sha256 TEXT",
    """
    CREATE TABLE replies (
        id INTEGER PRIMARY KEY,
        question TEXT NOT NULL UNIQUE,
        model TEXT NOT NULL,
        prompt TEXT NOT NULL,
        schema TEXT NOT NULL,
        text TEXT NOT NULL,
        parameters TEXT NOT NULL,
        batch INTEGER NOT NULL REFERENCES batches (id),
        raw TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        batch INTEGER NOT NULL REFERENCES batches (id),
        root TEXT NOT NULL,
        path TEXT NOT NULL,
        start INTEGER NOT NULL,
        purpose TEXT NOT NULL CHECK (purpose IN ('page', 'block', 'look')),
        question TEXT NOT NULL,
        sent TEXT NOT NULL,
        how TEXT NOT NULL,
        input INTEGER,
        cached INTEGER,
        output INTEGER,
        most_input INTEGER NOT NULL,
        most_output INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX calls_by_batch ON calls (batch)",
    # A call without a bill may have cost anything up to its most; one turned away cost nothing.
    """
    CREATE VIEW call_costs AS
    SELECT c.batch, b.model, c.root, c.path, c.start, c.purpose, c.how,
        coalesce(c.input, 0) AS input, coalesce(c.cached, 0) AS cached,
        coalesce(c.output, 0) AS output, c.input IS NULL AS unknown,
        CASE WHEN c.input IS NULL THEN c.most_input ELSE 0 END AS most_input,
        CASE WHEN c.input IS NULL THEN c.most_output ELSE 0 END AS most_output,
        (SELECT f.number FROM places AS p JOIN forms AS f ON f.document = p.document
            WHERE p.root = c.root AND p.path = c.path AND p.current = 1
                AND f.span_start = c.start) AS form
    FROM calls AS c JOIN batches AS b ON b.id = c.batch
    """,
)

# Calibrations speak of forms that were read as their labels were; the newest for such forms holds.
# A label is a field that a person is asked about; ``answered`` numbers the answers as they come.
_CALIBRATIONS = (
    """
    CREATE TABLE calibrations (
        id INTEGER PRIMARY KEY,
        stored TEXT NOT NULL,
        why TEXT NOT NULL CHECK (why IN ('calibrated', 'revoked')),
        family TEXT NOT NULL,
        reader TEXT NOT NULL,
        reader_version TEXT NOT NULL,
        check_set TEXT NOT NULL,
        last_answer INTEGER NOT NULL,
        artefact TEXT NOT NULL
    ) STRICT
    """,
    # What was revoked stays refused until labels that were answered later clear it.
    """
    CREATE TABLE revocations (
        id INTEGER PRIMARY KEY,
        calibration INTEGER NOT NULL REFERENCES calibrations (id),
        class TEXT NOT NULL
    ) STRICT
    """,
    # The newest calibration that a document was weighed by, and the code that read it.
    "ALTER TABLE documents ADD COLUMN weighed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE documents ADD COLUMN reader_version TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE labels (
        id INTEGER PRIMARY KEY,
        how TEXT NOT NULL CHECK (how IN ('sample', 'correction')),
        drawn TEXT NOT NULL,
        document INTEGER NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        field TEXT NOT NULL,
        class TEXT NOT NULL,
        stratum TEXT NOT NULL,
        value TEXT,
        answered INTEGER UNIQUE,
        labelled TEXT,
        person TEXT,
        truth TEXT,
        wrong INTEGER CHECK (wrong IN (0, 1))
    ) STRICT
    """,
    # Nobody is asked twice about one value of a field, however many draw at the same time.
    """
    CREATE UNIQUE INDEX labels_once ON labels (how, document, number, field, coalesce(value, ''))
    """,
)

# What reviewers did, chained by hashes for each document, and the forms as they left them.
# ``reviews`` can be thrown away and drawn again from readings and operations.
_REVIEWS = (
    """
    CREATE TABLE operations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        document TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        content TEXT NOT NULL,
        received TEXT NOT NULL,
        before TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX operations_by_document ON operations (document, seq)",
    """
    CREATE TABLE reviews (
        reading INTEGER PRIMARY KEY REFERENCES readings (id) ON DELETE CASCADE,
        head TEXT NOT NULL,
        record TEXT NOT NULL,
        evidence TEXT NOT NULL,
        exact BLOB,
        conflicts TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE leases (
        document TEXT PRIMARY KEY,
        bench TEXT NOT NULL,
        person TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE VIEW standing AS
    SELECT r.id, r.document, r.number, coalesce(v.record, r.record) AS record,
        coalesce(v.evidence, r.evidence) AS evidence,
        CASE WHEN v.reading IS NULL THEN r.exact ELSE v.exact END AS exact
    FROM readings AS r LEFT JOIN reviews AS v ON v.reading = r.id
    """,
    "DROP VIEW entries",
    "DROP VIEW review_queue",
    _VIEWS[0].replace("JOIN readings AS r", "JOIN standing AS r"),
    _VIEWS[1].replace("JOIN readings AS r", "JOIN standing AS r"),
)

# What a form costs if nobody looks at it: the order of work. Forms with an error come first.
_QUEUE = (
    "ALTER TABLE forms ADD COLUMN cost REAL NOT NULL DEFAULT 0",
    """
    CREATE INDEX forms_to_review
        ON forms (document, number, cost, issuer, family, year, flagged, unread)
        WHERE state = 'open'
    """,
    "CREATE INDEX findings_by_check ON findings (check_id, form) WHERE verdict = 'fails'",
)

# Forms that a person marked where no reader saw one, and operations that fit no form at all.
# ``reviewed`` can be thrown away and drawn again, as ``reviews`` can.
_MARKED = (
    "ALTER TABLE readings ADD COLUMN marked INTEGER NOT NULL DEFAULT 0",
    # Where a question's form starts, and in which row its field is: neither moves by a number.
    "ALTER TABLE labels ADD COLUMN start INTEGER",
    'ALTER TABLE labels ADD COLUMN "row" TEXT',
    """
    CREATE TABLE reviewed (
        document INTEGER PRIMARY KEY REFERENCES documents (id),
        head TEXT NOT NULL,
        conflicts TEXT NOT NULL
    ) STRICT
    """,
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (*_EVENTS, *_TABLES, *_VIEWS),
    _CALLS,
    _CALIBRATIONS,
    _REVIEWS,
    _QUEUE,
    _MARKED,
)
"""Step n makes version n + 1; each is a tuple of SQL statements, run in one transaction."""
