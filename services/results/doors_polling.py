"""The doors of polling day: opening, turnout, closing, incidents, form 32."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.contracts.base import Finding, HasFindings, StepNotAllowed, Unknown
from services.contracts.candidates import CONTEST_NAMES, Contest
from services.contracts.daytime import hour
from services.contracts.results import (
    BallotUse,
    BallotUseRecorded,
    ClosePolling,
    EntryOutcome,
    Incident,
    IncidentReported,
    Incidents,
    IncidentsOf,
    OpenPolling,
    PollingAdvanced,
    RecordBallotUse,
    ReportIncident,
    ReportTurnout,
    SettleIncident,
    TurnoutOutcome,
    TurnoutReceipt,
    TurnoutReported,
)
from services.contracts.roles import Action
from services.contracts.voters import Rights
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.results.domain import polling
from services.results.domain.rules import RULES, Figure
from services.results.domain.states import POLLING_STATES, PollingAct
from services.results.doors import Doors, election_of, receipt, shown
from services.results.models import AreaRow, BallotUseRow, HeardVoterList, IncidentRow, TurnoutReport
from services.results.store import polling as store


def _told(area: AreaRow) -> PollingAdvanced:
    return PollingAdvanced(
        election=area.election,
        unit=area.unit,
        area=area.code,
        state=area.state,
        opened_at=area.opened_at,
        closed_at=area.closed_at,
        opening_witnesses=tuple(area.opening_witnesses),
        count_witnesses=tuple(area.count_witnesses),
    )


def _absent(codes: Sequence[str], areas: Iterable[str]) -> dict[str, tuple[Finding, ...]]:
    """What is wrong with the rows themselves: an area of another unit, or the same one twice."""
    known = set(areas)
    wrong: dict[str, tuple[Finding, ...]] = {
        code: (RULES["A2"].finding(code, area=code),) for code in codes if code not in known
    }
    twice = {code for code, times in Counter(codes).items() if times > 1}
    return wrong | {code: (RULES["A3"].finding(code, area=code),) for code in twice}


def _names(names: dict[str, set[str]], area: AreaRow) -> set[str]:
    return names.get(area.na, set()) | names.get(area.pc, set()) | names.get(area.cc, set())


def _constituencies(areas: Iterable[AreaRow]) -> set[str]:
    return {code for area in areas for code in (area.na, area.pc, area.cc)}


def _outcome(area: str, found: tuple[Finding, ...]) -> TurnoutOutcome:
    return TurnoutOutcome(area=area, stored=polling.stands(found), findings=found)


def _rights(voters: HeardVoterList | None) -> Rights | None:
    return None if voters is None else Rights.model_validate(voters.rights)


def _incident(row: IncidentRow) -> Incident:
    told = {name: getattr(row, name) for name in Incident.model_fields}
    return Incident.model_validate({**told, "reported_by": row.reported_name})


class PollingDoors(Doors):
    """What a commune tells of polling day."""

    @rpc(may=Action.OPEN_POLLING)
    def open_polling(self, request: OpenPolling, by: Actor, tx: Transaction) -> TurnoutReceipt:
        election = election_of(tx, request.election)
        codes = [opening.area for opening in request.openings]
        areas = store.areas_of(tx, request.election, request.unit, codes, lock=True)
        lists = store.voter_lists_of(tx, request.election, codes)
        names = store.candidate_names(tx, request.election, _constituencies(areas.values()))
        absent = _absent(codes, areas)
        outcomes = []
        for opening in request.openings:
            found = absent.get(opening.area, ())
            if not found:
                area, rights = areas[opening.area], _rights(lists.get(opening.area))
                found = (
                    *polling.opening(area.code, opening.opened_at, opening.witnesses, election.day),
                    *_before_close(area, opening.opened_at),
                    *polling.no_candidates(opening.witnesses, _names(names, area)),
                    *(polling.listed(area.code, rights) if rights else ()),
                )
                if polling.stands(found):
                    area.state = POLLING_STATES.advance(area.state, PollingAct.OPEN)
                    area.opened_at, area.opening_witnesses = opening.opened_at, list(opening.witnesses)
                    if rights is not None and area.rights_at_opening is None:
                        area.rights_at_opening = rights.model_dump(mode="json")
                    tx.emit(_told(area))
            outcomes.append(_outcome(opening.area, found))
        at = shown(election, by.at)
        return TurnoutReceipt(receipt=receipt(tx, request.unit), at=at, outcomes=tuple(outcomes))

    @rpc(may=Action.OPEN_POLLING)
    def close_polling(self, request: ClosePolling, by: Actor, tx: Transaction) -> TurnoutReceipt:
        election = election_of(tx, request.election)
        codes = [closing.area for closing in request.closings]
        areas = store.areas_of(tx, request.election, request.unit, codes, lock=True)
        names = store.candidate_names(tx, request.election, _constituencies(areas.values()))
        absent = _absent(codes, areas)
        outcomes = []
        for closing in request.closings:
            found = absent.get(closing.area, ())
            if not found:
                area = areas[closing.area]
                found = (
                    *polling.closing(area.opened_at, area.code, closing.closed_at, election.day),
                    *polling.two_witnesses(closing.witnesses),
                    *polling.no_candidates(closing.witnesses, _names(names, area)),
                )
                if polling.stands(found):
                    area.state = POLLING_STATES.advance(area.state, PollingAct.CLOSE)
                    area.closed_at, area.count_witnesses = closing.closed_at, list(closing.witnesses)
                    tx.emit(_told(area))
            outcomes.append(_outcome(closing.area, found))
        at = shown(election, by.at)
        return TurnoutReceipt(receipt=receipt(tx, request.unit), at=at, outcomes=tuple(outcomes))

    @rpc(may=Action.REPORT_TURNOUT)
    def report_turnout(self, request: ReportTurnout, by: Actor, tx: Transaction) -> TurnoutReceipt:
        """Each row stands or comes back by itself. A report again of the same figure changes nothing."""
        election = election_of(tx, request.election)
        if request.slot not in election.slots:
            raise Unknown(what=request.slot)
        codes = [row.area for row in request.rows]
        areas = store.areas_of(tx, request.election, request.unit, codes, lock=True)
        lists = store.voter_lists_of(tx, request.election, codes)
        reports = store.reports_of(tx, request.election, codes)
        absent = _absent(codes, areas)
        at = shown(election, by.at)
        late = polling.is_late(at, election.day, request.slot, self.grace)
        outcomes, rows = [], []
        for row in request.rows:
            rights, before = _rights(lists.get(row.area)), reports[row.area]
            slots = {report.slot: report.took_part for report in before if report.slot != request.slot}
            known = polling.Known(voters=rights.na if rights else None, slots=slots)
            found = absent.get(row.area) or polling.turnout(row, request.slot, known)
            outcomes.append(_outcome(row.area, found))
            former = next((report for report in before if report.slot == request.slot), None)
            if polling.stands(found) and (former is None or former.took_part != row.took_part):
                rows.append(_report(request, row.area, former, late=late))
                rows[-1].update(took_part=row.took_part, voters=rights.na if rights else 0, reason=row.reason)
        stamp = {"reported_by": by.person, "reported_name": by.name, "at": at}
        store.add_reports(tx, request.election, request.slot, [{**row, **stamp} for row in rows])
        tx.emit_all(TurnoutReported.model_validate({**row, "at": at}) for row in rows)
        return TurnoutReceipt(receipt=receipt(tx, request.unit), at=at, outcomes=tuple(outcomes))

    @rpc(may=Action.REPORT_INCIDENT)
    def report_incident(self, request: ReportIncident, by: Actor, tx: Transaction) -> Incident:
        at = shown(election_of(tx, request.election), by.at)
        if request.area is not None and not store.areas_of(tx, request.election, request.unit, [request.area]):
            raise Unknown(what=request.area)
        row = IncidentRow(
            election=request.election,
            unit=request.unit,
            number=store.next_incident(tx, request.election, request.unit),
            area=request.area,
            kind=request.kind,
            state="open",
            happened_at=request.happened_at,
            reported_at=at,
            reported_by=by.person,
            reported_name=by.name,
            what=request.what,
            action=request.action,
            needs_decision=request.needs_decision,
            settled="",
        )
        tx.add(row)
        tx.emit(IncidentReported(election=request.election, incident=_incident(row)))
        return _incident(row)

    @rpc(may=Action.REPORT_INCIDENT)
    def settle_incident(self, request: SettleIncident, by: Actor, tx: Transaction) -> Incident:
        at = shown(election_of(tx, request.election), by.at)
        row = store.incident_for_update(tx, request.election, request.unit, request.number)
        if row is None:
            raise Unknown(what=f"sự cố {request.number}")
        if row.state != "open":
            raise StepNotAllowed(state="Đã giải quyết")
        row.state, row.settled, row.settled_by, row.settled_at = "settled", request.how, by.person, at
        tx.emit(IncidentReported(election=request.election, incident=_incident(row)))
        return _incident(row)

    @rpc(may=Action.READ_PROGRESS)
    def incidents_of(self, request: IncidentsOf, by: Actor, tx: Transaction) -> Incidents:
        rows = store.incidents_within(tx, request.election, request.unit)
        return Incidents(incidents=tuple(_incident(row) for row in rows))

    @rpc(may=Action.ENTER_RECORD)
    def record_ballot_use(self, request: RecordBallotUse, by: Actor, tx: Transaction) -> EntryOutcome:
        """Form 32 comes with the count records of the Team and is typed by the same people."""
        at = shown(election_of(tx, request.election), by.at)
        area = store.areas_of(tx, request.election, request.unit, [request.area], lock=True).get(request.area)
        if area is None:
            raise Unknown(what=request.area)
        names = store.candidate_names(tx, request.election, _constituencies([area]))
        found = (
            *polling.ballot_use(request.uses, gross=self.gross),
            *polling.two_witnesses(request.witnesses),
            *_unlike_approved(request.uses, store.approved_issued(tx, request.election, request.area)),
            *polling.no_candidates(request.witnesses, _names(names, area)),
            *polling.same_witnesses(request.witnesses, area.count_witnesses),
        )
        if not polling.stands(found):
            raise HasFindings(findings=found, number=len(found))
        uses = _supersede(tx, request, by, at)
        tx.emit(
            BallotUseRecorded(
                election=request.election, unit=area.unit, area=area.code, uses=uses, witnesses=request.witnesses
            )
        )
        return EntryOutcome(
            area=area.code,
            contest=request.uses[0].contest,
            state="recorded",
            receipt=receipt(tx, request.unit),
            at=at,
            findings=found,
            differing=(),
        )


def _before_close(area: AreaRow, opened_at: datetime) -> tuple[Finding, ...]:
    if area.closed_at is None or opened_at < area.closed_at:
        return ()
    return (RULES["F4_before"].finding(area.code, closed=hour(area.closed_at), opened=hour(opened_at)),)


def _report(request: ReportTurnout, area: str, former: TurnoutReport | None, *, late: bool) -> dict[str, object]:
    """The row of a report; a correction is as late as the report it corrects was."""
    return {
        "election": request.election,
        "unit": request.unit,
        "area": area,
        "slot": request.slot,
        "version": 1 if former is None else former.version + 1,
        "current": True,
        "late": late if former is None else former.late,
    }


def _unlike_approved(uses: Sequence[BallotUse], approved: dict[str, int]) -> tuple[Finding, ...]:
    found = []
    for use in uses:
        issued = approved.get(use.contest, use.issued)
        if issued != use.issued:
            vi, en = CONTEST_NAMES[use.contest]
            facts = {"issued": Figure(issued), "used": Figure(use.issued)}
            found.append(RULES["F1_approved"].finding(f"issued.{use.contest}", contest=vi, contest_en=en, **facts))
    return tuple(found)


def _supersede(tx: Transaction, request: RecordBallotUse, by: Actor, at: datetime) -> tuple[BallotUse, ...]:
    """The lines of form 32 as they now stand, of all contests told so far."""
    standing = store.uses_of(tx, request.election, request.area)
    lines = {Contest(contest): BallotUse.model_validate(row, from_attributes=True) for contest, row in standing.items()}
    for row in standing.values():
        row.current = row.contest not in {use.contest for use in request.uses}
    tx.flush()
    for use in request.uses:
        former = standing.get(use.contest)
        lines[use.contest] = use
        tx.add(
            BallotUseRow(
                election=request.election,
                area=request.area,
                version=1 if former is None else former.version + 1,
                current=True,
                witnesses=list(request.witnesses),
                recorded_by=by.person,
                recorded_name=by.name,
                at=at,
                **use.model_dump(),
            )
        )
    return tuple(lines[contest] for contest in Contest if contest in lines)
