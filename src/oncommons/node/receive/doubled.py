"""Rows of a table of series that contradict each other: nothing is guessed, and each is told by its line.

================================== =====================================================================================
what                               is kept
================================== =====================================================================================
a person of two sexes              everything but the sex, which is unknown
a series twice, alike              it counts once
a series twice, with other values  it counts once; what its rows disagree on is unknown
a series of two people or studies  nothing of it: nobody knows whose it is
================================== =====================================================================================

A series belongs to one study of one person (DICOM PS3.3 A.1.2), and its identifier is used once in the world.
"""

from __future__ import annotations

from collections.abc import Sequence

from oncommons.node.receive.placing import Teller
from oncommons.node.receive.unread import write_unread
from oncommons.schema.errors_of_rows import DuplicatePerson
from oncommons.schema.image_fields import READ
from oncommons.storage.generations import quoted

_CODE = DuplicatePerson.code


def tell_sexes(teller: Teller, column: str) -> None:
    """Tell of people whose rows say different sexes, and let the sex of each of these rows be missing.

    Args:
        teller: Hears of them; its connection holds ``received`` with the column ``stood``.
        column: What the source calls the sex.
    """
    base = teller.connection
    base.execute(
        "CREATE OR REPLACE TEMP TABLE of_two AS SELECT dataset, person, min(stood) AS first, arg_min(sex, stood) AS sex "
        "FROM received WHERE sex IS NOT NULL GROUP BY dataset, person HAVING min(sex) <> max(sex)"
    )
    if not _number(teller, "of_two"):
        return
    teller.tell(
        f"SELECT line_of(stood), {quoted(column)}, '{_CODE}', 'The person is ' || sex || ' here and ' || other || ' in row ' "
        "|| line_of(first) || '; the sex counts as missing.', TRUE FROM ("
        "  SELECT min(r.stood) AS stood, r.sex, of_two.sex AS other, first FROM received r JOIN of_two USING (dataset, person) "
        "  WHERE r.sex <> of_two.sex GROUP BY ALL) ORDER BY stood"
    )
    base.execute(
        "UPDATE received SET sex = NULL FROM of_two t WHERE t.dataset = received.dataset AND t.person = received.person"
    )


def settle_series(teller: Teller, fields: Sequence[str], columns: tuple[str, str]) -> int:
    """Make one row of the rows of each series, or none where they belong to several people or studies.

    Args:
        teller: Hears of them; its connection holds ``received`` with the column ``stood``.
        fields: Columns of ``received`` that a series has beside whose it is.
        columns: What the source calls the series, and its person.

    Returns:
        How many rows were left out since nobody knows whose they are.
    """
    base = teller.connection
    differ = ", ".join(f"CASE WHEN min({f}) <> max({f}) THEN '{f.replace('_', ' ')}' END" for f in fields)
    base.execute(
        "CREATE OR REPLACE TEMP TABLE doubled AS SELECT dataset, series, min(stood) AS first, max(stood) AS last, "
        f"min(person) <> max(person) OR min(study) <> max(study) AS is_lost, concat_ws(', ', {differ}) AS differing "
        "FROM received WHERE (dataset, series) IN "
        "(SELECT (dataset, series) FROM received GROUP BY dataset, series HAVING count(*) > 1) GROUP BY dataset, series"
    )
    if not _number(teller, "doubled"):
        return 0
    teller.tell(
        f"SELECT line_of(stood), {quoted(columns[0])}, '{_CODE}', 'The series is there already in row ' || line_of(first) "
        "|| CASE WHEN differing = '' THEN ', alike; it counts once.' "
        "ELSE ', with other values; it counts once, and what differs counts as missing: ' || differing || '.' END, TRUE "
        "FROM received JOIN doubled USING (dataset, series) WHERE NOT is_lost AND stood <> first ORDER BY stood"
    )
    teller.tell(
        f"SELECT line_of(stood), {quoted(columns[1])}, '{_CODE}', 'The series is in row ' "
        "|| line_of(CASE WHEN stood = first THEN last ELSE first END) || ' too, and the rows name several people or "
        "studies, so that nobody knows whose it is.', FALSE "
        "FROM received JOIN doubled USING (dataset, series) WHERE is_lost ORDER BY stood"
    )
    write_unread(teller)
    lost = base.execute("SELECT count(*) FROM received JOIN doubled USING (dataset, series) WHERE is_lost").fetchall()
    base.execute(f"CREATE OR REPLACE TEMP TABLE received AS {_settled(fields)}")
    return int(lost[0][0])


def _settled(fields: Sequence[str]) -> str:
    """SQL for the rows of series that are there once, and one for each other that is somebody's."""
    columns = ["dataset", "min(person) AS person", "min(study) AS study", "series", "min(stood) AS stood"]
    for name in fields:
        one = f"min({name}) = max({name})"
        columns.append(f"CASE WHEN {one} THEN min({name}) END AS {name}")
        if name in READ:
            key = f"{name}_reading"
            columns.append(
                f"CASE WHEN {one} THEN min({key}) FILTER (WHERE {name} IS NOT NULL) "
                f"WHEN min({name}) IS NULL AND min({key}) = max({key}) THEN min({key}) END AS {key}"
            )
    return (
        "SELECT * FROM received WHERE (dataset, series) NOT IN (SELECT (dataset, series) FROM doubled) "
        f"UNION ALL BY NAME SELECT {', '.join(columns)} FROM received JOIN doubled USING (dataset, series) "
        "WHERE NOT is_lost GROUP BY dataset, series"
    )


def _number(teller: Teller, table: str) -> int:
    return int(teller.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
