"""Numbers about a ledger that it keeps up to date itself, so that nobody has to count a million files.

Triggers of SQLite enter every change in the same transaction as the change; no writer can forget them.
"""

from __future__ import annotations

_FACTS = ("modality", "manufacturer", "sex", "age", "body_part")
_ADD = """
    INSERT INTO tally VALUES (substr(new.entered, 1, 10), new.dataset, new.outcome, new.code, 1, new.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
    INSERT INTO pace VALUES (substr(new.entered, 1, 16), new.dataset, new.entered, new.entered, 1, new.size)
        ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last),
        files = files + 1, bytes = bytes + excluded.bytes;
"""
_ADD_WORDS = f"""
    INSERT INTO words SELECT new.dataset, {", ".join(f"new.{name}" for name in _FACTS)}, 1 WHERE new.outcome = 'kept'
        ON CONFLICT DO UPDATE SET files = files + 1;
"""
_TAKE = f"""
    UPDATE tally SET files = files - 1, bytes = bytes - old.size WHERE day = substr(old.entered, 1, 10)
        AND dataset = old.dataset AND outcome = old.outcome AND code = old.code;
    UPDATE words SET files = files - 1 WHERE old.outcome = 'kept' AND dataset = old.dataset
        AND {" AND ".join(f"{name} = old.{name}" for name in _FACTS)};
"""
TABLES = f"""
CREATE TABLE IF NOT EXISTS tally (
    day TEXT NOT NULL, dataset TEXT NOT NULL, outcome TEXT NOT NULL, code TEXT NOT NULL,
    files INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (day, dataset, outcome, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pace (
    minute TEXT NOT NULL, dataset TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
    files INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (minute, dataset)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS words (
    dataset TEXT NOT NULL, {" TEXT NOT NULL, ".join(_FACTS)} TEXT NOT NULL, files INTEGER NOT NULL,
    PRIMARY KEY (dataset, {", ".join(_FACTS)})
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS file_came AFTER INSERT ON file BEGIN {_ADD} {_ADD_WORDS} END;
CREATE TRIGGER IF NOT EXISTS file_changed AFTER UPDATE ON file BEGIN {_TAKE} {_ADD} {_ADD_WORDS} END;
CREATE TRIGGER IF NOT EXISTS file_went AFTER DELETE ON file BEGIN {_TAKE} END;
"""
"""``tally``: files and bytes by day, dataset, outcome and reason, as the ledger has them now.
``pace``: what was entered in each minute, from its first to its last second.
``words``: kept files by what their headers say, as it is written there."""

COUNT_ANEW = f"""
BEGIN IMMEDIATE;
DELETE FROM tally; DELETE FROM pace; DELETE FROM words;
INSERT INTO tally SELECT substr(entered, 1, 10), dataset, outcome, code, count(*), sum(size) FROM file GROUP BY 1, 2, 3, 4;
INSERT INTO pace SELECT substr(entered, 1, 16), dataset, min(entered), max(entered), count(*), sum(size) FROM file
    GROUP BY 1, 2;
INSERT INTO words SELECT dataset, {", ".join(_FACTS)}, count(*) FROM file WHERE outcome = 'kept'
    GROUP BY dataset, {", ".join(_FACTS)};
COMMIT;
"""
"""For a ledger that is older than its tallies."""
