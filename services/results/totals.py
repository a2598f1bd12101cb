"""From sums to results: adding up what was touched, moving results between states, telling what they became."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from services.contracts.candidates import Constituency, ListedCandidate
from services.contracts.duties import Duty, Hand
from services.contracts.results import Meeting, Result, ResultAdvanced, ResultState, Totals
from services.kit.database import Transaction
from services.results.domain.result import Signed, Sum, poll_of, result_of
from services.results.domain.states import RESULT_STATES, ResultAct
from services.results.domain.winners import Poll
from services.results.models import CommuneSum, ResultRow, ResultVersion
from services.results.store import sums as store

_CANDIDATES = TypeAdapter(tuple[ListedCandidate, ...])


def settle(tx: Transaction, touched: Iterable[tuple[str, str, str]], at: datetime) -> None:
    """The sums of (election, constituency, commune) are renewed; a result is complete when every record is approved.

    A result that was complete or further, and no longer has every record, collects again under the next version.
    """
    touched = sorted(set(touched))
    pairs = sorted({(election, constituency) for election, constituency, _ in touched})
    rows = store.lock_results(tx, pairs)
    store.refresh_sums(tx, touched)
    store.forget_left(tx, pairs)
    counts = store.counted(tx, pairs)
    moved = [pair for pair, row in rows.items() if _moved(tx, row, *counts.get(pair, (0, 0)), at)]
    tell(tx, moved)


def _moved(tx: Transaction, row: ResultRow, areas: int, approved: int, at: datetime) -> bool:
    complete = areas > 0 and areas == approved
    if complete and row.state == ResultState.COLLECTING:
        row.state = RESULT_STATES.advance(row.state, ResultAct.COMPLETE)
        row.changed_at = at
        return True
    if complete or row.state == ResultState.COLLECTING:
        return False
    row.state = RESULT_STATES.advance(row.state, ResultAct.REOPEN)
    _start_anew(tx, row, at)
    return True


def _start_anew(tx: Transaction, row: ResultRow, at: datetime) -> None:
    tx.add(
        ResultVersion(
            election=row.election, constituency=row.constituency, version=row.version, stood=row.told or {}, at=at
        )
    )
    row.version += 1
    row.first, row.first_document, row.first_by, row.meeting = [], "", None, None
    row.prepared_by = row.prepared_at = row.declared_by = row.declared_at = None
    row.prepared_name = row.declared_name = row.prepared_machine = row.declared_machine = ""
    row.changed_at = at


def tell(tx: Transaction, pairs: Sequence[store.Pair]) -> None:
    """What results have become is kept with them and told."""
    for standing, result in zip(*_with_results(tx, store.standings_of(tx, pairs)), strict=True):
        standing.row.told = result.model_dump(mode="json")
        tx.emit(ResultAdvanced(result=result, hands=_hands(standing.row)))


def _hands(row: ResultRow) -> tuple[Hand, ...]:
    """Who drew up and who signed the result, on which machines."""
    done = (
        (Duty.PREPARE, row.prepared_by, row.prepared_machine),
        (Duty.DECLARE, row.declared_by, row.declared_machine),
    )
    return tuple(Hand(duty=duty, person=person, machine=machine or "") for duty, person, machine in done if person)


def results_of(tx: Transaction, standings: Sequence[store.Standing]) -> list[Result]:
    """The results as their approved records make them now."""
    return _with_results(tx, standings)[1]


def poll_for(tx: Transaction, standing: store.Standing) -> Poll:
    """The constituency's sums as the rules of election take them."""
    sums = store.sums_of(tx, [(standing.row.election, standing.row.constituency)])
    titles = store.titles_of(tx, [line.unit for line in sums])
    return poll_of(
        _constituency(standing), _candidates(standing), [_sum(line, titles) for line in sums], _signed(standing.row)
    )


def _with_results(
    tx: Transaction, standings: Sequence[store.Standing]
) -> tuple[Sequence[store.Standing], list[Result]]:
    lines: dict[store.Pair, list[CommuneSum]] = {}
    for line in store.sums_of(tx, [(standing.row.election, standing.row.constituency) for standing in standings]):
        lines.setdefault((line.election, line.constituency), []).append(line)
    titles = store.titles_of(tx, [line.unit for group in lines.values() for line in group])
    results = []
    for standing in standings:
        row = standing.row
        sums = [_sum(line, titles) for line in lines.get((row.election, row.constituency), ())]
        results.append(result_of(row.election, _constituency(standing), _candidates(standing), sums, _signed(row)))
    return standings, results


def _constituency(standing: store.Standing) -> Constituency:
    told = Constituency.model_validate(standing.constituency.told)
    return told.model_copy(update={"seats": standing.list.seats or told.seats})


def _candidates(standing: store.Standing) -> tuple[ListedCandidate, ...]:
    return _CANDIDATES.validate_python(standing.list.candidates)


def _sum(line: CommuneSum, titles: dict[str, str]) -> Sum:
    return Sum(
        unit=line.unit,
        title=titles.get(line.unit, line.unit.rsplit("/", 1)[-1]),
        areas=line.areas,
        totals=Totals(
            areas=line.approved,
            voters=line.voters,
            took_part=line.took_part,
            issued=line.issued,
            collected=line.collected,
            valid=line.valid,
            invalid=line.invalid,
        ),
        votes=tuple(line.votes),
    )


def _signed(row: ResultRow) -> Signed:
    return Signed(
        state=row.state,
        version=row.version,
        stands_anyway=row.stands_anyway,
        first=tuple(row.first),
        first_document=row.first_document,
        meeting=Meeting.model_validate(row.meeting) if row.meeting else None,
        prepared_by=row.prepared_name,
        prepared_at=row.prepared_at,
        declared_by=row.declared_name,
        declared_at=row.declared_at,
    )
