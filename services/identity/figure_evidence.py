"""Everything that proves one constituency's result: its entries, those of the records it sums, and the snapshots'."""

import json
from collections.abc import Iterable, Iterator

from services.contracts.base import Unknown
from services.contracts.ledger import Evidence, FigureEvidence, FigureOf, NoSuchCheckpoint
from services.identity.domain.merkle import consistency_terms, inclusion_terms, proof
from services.identity.models import CheckpointRow, LedgerRow
from services.identity.store import ledger
from services.kit.database import Transaction

_NUMBERS = range(1, 1000)
"""Areas of a commune and snapshots are numbered with at most three digits."""


def evidence(
    tx: Transaction, rows: Iterable[LedgerRow], size: int, shown: frozenset[int] | None = None
) -> tuple[Evidence, ...]:
    """The entries with their proofs in the tree of a size; the contents only of the places shown, or of all."""
    rows = list(rows)
    paths = {row.place: inclusion_terms(row.place, size) for row in rows}
    known = ledger.nodes(tx, (term for terms in paths.values() for term in terms))
    return tuple(
        Evidence(
            place=row.place,
            line=row.line,
            proof=tuple(step.hex() for step in proof(paths[row.place], known)),
            **({"salt": row.salt.hex(), "content": row.content} if shown is None or row.place in shown else {}),
        )
        for row in rows
    )


def figure_evidence(tx: Transaction, asked: FigureOf, newest: CheckpointRow, note: str, key: str) -> FigureEvidence:
    """The evidence under the newest checkpoint; a constituency the ledger does not hold there is not found."""
    if asked.held > newest.size:
        raise NoSuchCheckpoint(size=asked.held)
    if path_of(tx, asked.election, asked.constituency, newest.size) != asked.unit:
        raise Unknown(what=asked.constituency)
    results = ledger.history_of(tx, [f"result/{asked.election}/{asked.constituency}"], newest.size)
    rows = [*results, *_records(tx, asked, results[-1], newest.size)]
    rows += ledger.history_of(tx, [f"snapshot/{asked.election}/{number}" for number in _NUMBERS], newest.size)
    steps: tuple[bytes, ...] = ()
    if 0 < asked.held < newest.size:
        terms = consistency_terms(asked.held, newest.size)
        steps = proof(terms, ledger.nodes(tx, terms))
    return FigureEvidence(
        election=asked.election,
        constituency=asked.constituency,
        note=note,
        key=key,
        old=asked.held,
        growth=tuple(step.hex() for step in steps),
        entries=evidence(tx, sorted(rows, key=lambda row: row.place), newest.size),
    )


def path_of(tx: Transaction, election: str, constituency: str, size: int) -> str:
    """The unit path of a constituency as its newest result tells it; nothing when the ledger holds none."""
    found = ledger.newest_of(tx, [f"result/{election}/{constituency}"], size)
    return str(json.loads(found[0].content)["result"]["path"]) if found else ""


def signed_note(tx: Transaction, checkpoint: CheckpointRow) -> str:
    """A checkpoint with the log's signature and those of its witnesses."""
    return checkpoint.note + "".join(f"{line}\n" for line in ledger.cosignatures(tx, checkpoint.size))


def _records(tx: Transaction, asked: FigureOf, newest: LedgerRow, size: int) -> Iterator[LedgerRow]:
    """The entries of every record that counts in the constituency."""
    result = json.loads(newest.content)["result"]
    for line in result["by_commune"]:
        commune = line["unit"].rsplit("/", 1)[-1]
        names = [f"record/{asked.election}/{commune}-{number:03}/{result['contest']}" for number in _NUMBERS]
        histories: dict[str, list[LedgerRow]] = {}
        for row in ledger.history_of(tx, names, size):
            histories.setdefault(row.aggregate, []).append(row)
        for history in histories.values():
            if json.loads(history[-1].content)["constituency"] == asked.constituency:
                yield from history
