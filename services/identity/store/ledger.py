"""Queries of the ledger. Rows are only ever added: the database refuses everything else (migration 0002)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, not_, or_, select, tuple_

from services.contracts.daytime import VIETNAM
from services.contracts.ledger import JournalOf, WitnessRow
from services.identity.domain.entries import Entry
from services.identity.domain.merkle import Frontier, Node, Term, frontier_nodes
from services.identity.models import CheckpointRow, CosignatureRow, LedgerNodeRow, LedgerRow, WitnessKeyRow
from services.kit.database import Transaction

_NODES = 10_000
"""Nodes asked for at once; a statement has room for 65,535 values."""


def frontier(tx: Transaction) -> Frontier:
    """The tree as it stands."""
    size = entries(tx)
    needed = frontier_nodes(size)
    known = nodes(tx, [needed])
    return Frontier(size, tuple(known[node] for node in needed))


def entries(tx: Transaction) -> int:
    """How many entries there are."""
    newest = tx.execute(select(func.max(LedgerRow.place))).scalar_one()
    return 0 if newest is None else int(newest) + 1


def nodes(tx: Transaction, terms: Iterable[Term]) -> dict[Node, bytes]:
    """The complete nodes the terms name."""
    wanted = sorted({node for term in terms for node in term})
    place, known = tuple_(LedgerNodeRow.level, LedgerNodeRow.place), dict[Node, bytes]()
    for first in range(0, len(wanted), _NODES):
        rows = tx.scalars(select(LedgerNodeRow).where(place.in_(wanted[first : first + _NODES])))
        known |= {(row.level, row.place): row.hash for row in rows}
    return known


def append(tx: Transaction, first: int, fresh: Sequence[Entry], completed: Mapping[Node, bytes]) -> None:
    """The entries stand from place `first` on, with the nodes they completed."""
    into = "COPY ledger (place, id, topic, aggregate, line, salt, content) FROM STDIN"
    with tx.cursor() as cursor:
        with cursor.copy(into) as copy:
            for place, entry in enumerate(fresh, first):
                copy.write_row((place, entry.id, entry.topic, entry.aggregate, entry.line, entry.salt, entry.content))
        with cursor.copy("COPY ledger_nodes (level, place, hash) FROM STDIN") as copy:
            for (level, place), known in completed.items():
                copy.write_row((level, place, known))


def newest_checkpoint(tx: Transaction) -> CheckpointRow | None:
    """The newest checkpoint."""
    return tx.scalars(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1)).first()


def checkpoint_of(tx: Transaction, size: int) -> CheckpointRow | None:
    """The checkpoint of a size."""
    return tx.get(CheckpointRow, size)


def add_checkpoint(tx: Transaction, size: int, root: bytes, note: str, at: datetime) -> None:
    """A checkpoint was signed."""
    tx.add(CheckpointRow(size=size, root=root, note=note, at=at))


def cosignatures(tx: Transaction, size: int) -> list[str]:
    """The signature lines of the witnesses of a checkpoint."""
    rows = select(CosignatureRow.line).where(CosignatureRow.size == size).order_by(CosignatureRow.witness)
    return list(tx.scalars(rows))


def witness_key(tx: Transaction, name: str) -> str | None:
    """The key line of a registered witness."""
    row = tx.get(WitnessKeyRow, name)
    return row.key if row else None


def add_witness(tx: Transaction, name: str, key: str, by: UUID, at: datetime) -> None:
    """A witness is registered."""
    tx.add(WitnessKeyRow(name=name, key=key, registered_by=by, registered_at=at))


def add_cosignature(tx: Transaction, size: int, witness: str, line: str, at: datetime) -> None:
    """A witness has seen a checkpoint; a second signature of the same changes nothing."""
    if tx.get(CosignatureRow, (size, witness)) is None:
        tx.add(CosignatureRow(size=size, witness=witness, line=line, at=at))


def count_witnesses(tx: Transaction) -> int:
    """How many witnesses are registered."""
    return int(tx.execute(select(func.count()).select_from(WitnessKeyRow)).scalar_one())


def witnesses(tx: Transaction) -> list[WitnessRow]:
    """Every witness by name, with the newest checkpoint it has seen."""
    seen = (
        select(
            CosignatureRow.witness, func.max(CosignatureRow.size).label("size"), func.max(CosignatureRow.at).label("at")
        )
        .group_by(CosignatureRow.witness)
        .subquery()
    )
    rows = tx.execute(
        select(WitnessKeyRow.name, WitnessKeyRow.key, seen.c.size, seen.c.at)
        .outerjoin(seen, seen.c.witness == WitnessKeyRow.name)
        .order_by(WitnessKeyRow.name)
    )
    return [WitnessRow(name=row.name, size=row.size or 0, at=row.at, key=row.key) for row in rows]


def newest_of(tx: Transaction, aggregates: Collection[str], size: int) -> list[LedgerRow]:
    """The newest entry of each aggregate within the first `size`, in the order of the ledger."""
    newest = (
        select(func.max(LedgerRow.place))
        .where(LedgerRow.aggregate.in_(aggregates), LedgerRow.place < size)
        .group_by(LedgerRow.aggregate)
    )
    return list(tx.scalars(select(LedgerRow).where(LedgerRow.place.in_(newest)).order_by(LedgerRow.place)))


def history_of(tx: Transaction, aggregates: Collection[str], size: int) -> list[LedgerRow]:
    """Every entry of the aggregates within the first `size`, in the order of the ledger."""
    within = select(LedgerRow).where(LedgerRow.aggregate.in_(aggregates), LedgerRow.place < size)
    return list(tx.scalars(within.order_by(LedgerRow.place)))


def acts_of_day(tx: Transaction, asked: JournalOf, limit: int) -> list[LedgerRow]:
    """Entries of a day that some person, or one, caused and that may be about the unit, newest first."""
    begin = datetime.combine(asked.day, time(), VIETNAM)
    by = f'"actor":"{asked.person}"' if asked.person else '"actor":"'
    wanted = select(LedgerRow).where(
        LedgerRow.entered_at >= begin,
        LedgerRow.entered_at < begin + timedelta(days=1),
        LedgerRow.line.contains(by, autoescape=True),
        or_(
            LedgerRow.content.contains(f'"election":"{asked.election}"', autoescape=True),
            not_(LedgerRow.content.contains('"election":"', autoescape=True)),
        ),
    )
    if asked.unit != "vn":
        wanted = wanted.where(LedgerRow.content.contains(asked.unit, autoescape=True))
    if asked.before is not None:
        wanted = wanted.where(LedgerRow.place < asked.before)
    return list(tx.scalars(wanted.order_by(LedgerRow.place.desc()).limit(limit)))


def oldest_beyond(tx: Transaction, size: int) -> datetime | None:
    """When the first entry after the first `size` was entered."""
    return tx.execute(select(LedgerRow.entered_at).where(LedgerRow.place == size)).scalar_one_or_none()


def gaps(tx: Transaction) -> int:
    """Places without an entry below the newest: always 0."""
    return entries(tx) - int(tx.execute(select(func.count()).select_from(LedgerRow)).scalar_one())


def lines(tx: Transaction, size: int, at_once: int = 5000) -> Iterator[LedgerRow]:
    """The first `size` entries in order; rows never change, so pages of them are one whole."""
    for first in range(0, size, at_once):
        page = LedgerRow.place.between(first, min(first + at_once, size) - 1)
        yield from tx.scalars(select(LedgerRow).where(page).order_by(LedgerRow.place))
        tx.session.expunge_all()
