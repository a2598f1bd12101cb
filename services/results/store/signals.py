"""What operations watch, counted by province, and what must never be true."""

from sqlalchemy import text

from services.kit.database import Transaction

Rows = list[tuple[str, str, int]]

_REPORTS = text("""
    SELECT election, split_part(unit, '/', 2), count(*) FROM turnout_reports WHERE current GROUP BY 1, 2
""")
_ENTRIES = text("""
    SELECT election, split_part(unit, '/', 2), count(first_by) + count(second_by) FROM records GROUP BY 1, 2
""")
_COMPARED = text("""
    SELECT election, split_part(unit, '/', 2), count(compared_by) FROM records GROUP BY 1, 2
""")
_APPROVED = text("""
    SELECT election, split_part(unit, '/', 2), count(*) FILTER (WHERE state = 'approved') FROM records GROUP BY 1, 2
""")
_LATE = text("""
    WITH now_shown AS (
        SELECT election, slots,
               (CAST(clock->>'shown_at' AS timestamptz)
                + greatest(now() - CAST(clock->>'real_at' AS timestamptz), interval '0') * CAST(clock->>'speed' AS int)
                - make_interval(mins => :grace)) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS at, day
        FROM elections
    ), due AS (
        SELECT election, max(slot) AS slot FROM now_shown, unnest(slots) AS slot
        WHERE at >= day + CAST(slot AS time) GROUP BY 1
    )
    SELECT a.election, split_part(a.unit, '/', 2), count(due.slot) FILTER (WHERE t.id IS NULL)
    FROM areas a LEFT JOIN due USING (election)
    LEFT JOIN turnout_reports t ON t.election = a.election AND t.area = a.code AND t.slot = due.slot AND t.current
    GROUP BY 1, 2
""")
_ALONE = text("""
    SELECT count(*) FROM records
    WHERE state = 'approved' AND (approved_by IN (first_by, second_by, compared_by) OR first_by = second_by)
""")
_UNBALANCED = text("""
    SELECT count(*) FROM records WHERE state = 'approved' AND (valid + invalid <> collected OR took_part > voters)
""")


def _by_province(tx: Transaction, query: object, grace: int | None = None) -> Rows:
    params = {} if grace is None else {"grace": grace}
    return [(election, province, int(count)) for election, province, count in tx.execute(query, params)]  # type: ignore[arg-type]  # one of the statements above


def reports(tx: Transaction) -> Rows:
    """Turnout reports that stand."""
    return _by_province(tx, _REPORTS)


def entries(tx: Transaction) -> Rows:
    """Entries of records, first and second."""
    return _by_province(tx, _ENTRIES)


def compared(tx: Transaction) -> Rows:
    """Records a checker compared."""
    return _by_province(tx, _COMPARED)


def approved(tx: Transaction) -> Rows:
    """Approved records."""
    return _by_province(tx, _APPROVED)


def late(tx: Transaction, grace: int) -> Rows:
    """Areas without the report of the last slot that is due, on the election's own clock."""
    return _by_province(tx, _LATE, grace)


def approved_alone(tx: Transaction) -> int:
    """Approved records in which one person took two parts; must be 0."""
    return int(tx.scalar(_ALONE))


def approved_unbalanced(tx: Transaction) -> int:
    """Approved records that break C1 or C2; must be 0."""
    return int(tx.scalar(_UNBALANCED))
