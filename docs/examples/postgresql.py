"""Keep a gallery in step with a register in PostgreSQL, through ADBC.

Run it against a server that you may create tables on:
`python docs/examples/postgresql.py "postgresql:///scratch?host=/run/postgresql"`. Everything is
made in a schema of its own, `prum_example`, which is dropped before and after.
"""

from __future__ import annotations

import sys
from typing import Any

import adbc_driver_postgresql.dbapi as postgresql

from prum_match import dna, samples

SCHEMA = """
CREATE SCHEMA prum_example;
SET search_path TO prum_example;

CREATE TABLE profile (
    reference_id text PRIMARY KEY,
    subject_id text,
    label text,
    expires timestamptz,
    packed bytea NOT NULL
);

-- Which reference was touched by which transaction; nothing else about it.
CREATE TABLE change (
    reference_id text NOT NULL,
    transaction bigint NOT NULL
);
CREATE INDEX ON change (transaction);

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO change VALUES (OLD.reference_id, pg_current_xact_id()::text::bigint);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO change VALUES (NEW.reference_id, pg_current_xact_id()::text::bigint);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON profile
FOR EACH ROW EXECUTE FUNCTION note_change();
"""

REFERENCES = "SELECT reference_id, subject_id, label, expires, packed AS profile FROM profile"
TOUCHED = "SELECT reference_id FROM change WHERE transaction >= $1"


def load(gallery: dna.Gallery, connection: Any) -> int:
    """Enrol the whole register into a new gallery, and return where `keep_in_step` goes on."""
    with connection.cursor() as cursor:
        until = begin(connection, cursor)
        cursor.execute(REFERENCES)
        gallery.enrol_table(cursor.fetch_arrow())
    connection.rollback()
    return until


def keep_in_step(gallery: dna.Gallery, connection: Any, since: int) -> int:
    """Do to a gallery what was done to the register, and return where to go on."""
    with connection.cursor() as cursor:
        until = begin(connection, cursor)
        cursor.execute(f"{TOUCHED} EXCEPT SELECT reference_id FROM profile", (since,))
        gone = [reference_id for (reference_id,) in cursor.fetchall() if reference_id in gallery]
        if gone:
            gallery.erase(gone)
        cursor.execute(f"{REFERENCES} WHERE reference_id IN ({TOUCHED})", (since,))
        gallery.enrol_table(cursor.fetch_arrow(), known="replace")
    connection.rollback()
    return until


def begin(connection: Any, cursor: Any) -> int:
    """Begin to read one state of the register, and return the oldest transaction that still runs.

    All before it have ended, and what they did is in that state.
    """
    connection.rollback()
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    until: int = cursor.fetchone()[0]
    return until


def main(uri: str) -> None:
    """Fill a register with real genotypes, and follow it through a day."""
    file = dna.read_csv(samples.NIST_GENOTYPES)
    people = list(zip(file.reference_ids, file.profiles, strict=True))
    with postgresql.connect(uri, autocommit=True) as office, office.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS prum_example CASCADE")
        cursor.executescript(SCHEMA)
        insert = "INSERT INTO profile (reference_id, label, packed) VALUES ($1, 'suspect', $2)"
        cursor.executemany(insert, [(name, profile.packed) for name, profile in people[:-1]])
        with postgresql.connect(uri) as connection:
            connection.cursor().execute("SET search_path TO prum_example")
            connection.commit()
            gallery = dna.Gallery()
            since = load(gallery, connection)
            print(f"loaded: {len(gallery)} references")

            name, profile = people[-1]
            cursor.execute(insert, (name, profile.packed))
            cursor.execute(
                "UPDATE profile SET label = 'convicted' WHERE reference_id = $1", (name,)
            )
            cursor.execute("DELETE FROM profile WHERE reference_id = $1", (people[0][0],))
            since = keep_in_step(gallery, connection, since)
            answer = gallery.search(profile)
            print(f"in step: {len(gallery)} references, {name} is {answer[0].label}")
            print(
                f"{people[0][0]} is {'still' if people[0][0] in gallery else 'no longer'} enrolled"
            )
        cursor.execute("DROP SCHEMA prum_example CASCADE")


if __name__ == "__main__":
    main(*sys.argv[1:])
