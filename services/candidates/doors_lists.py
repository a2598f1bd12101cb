"""The doors of placement and official lists."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from services.candidates import cards
from services.candidates.desk import Desk
from services.candidates.domain import lists as rules
from services.candidates.domain import states
from services.candidates.domain.calendar import deadline
from services.candidates.domain.rules import RULES
from services.candidates.domain.states import DOSSIER_STATES
from services.candidates.models import DossierRow, ElectionRow
from services.candidates.store import dossiers, lists, structure
from services.contracts.base import Finding, Unknown, require_nothing_blocks
from services.contracts.candidates import (
    CONTEST_NAMES,
    Constituency,
    Contest,
    Dossiers,
    ListedCandidate,
    ListIsFrozen,
    ListPublished,
    ListsOf,
    ListsPublished,
    OfficialList,
    OfficialLists,
    PlaceCandidates,
    PublishLists,
    StrikeCandidate,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import invariant, rpc, signal


class ListDoors(Desk):
    """From confirmed dossiers to official lists, and striking."""

    @rpc(may=Action.PLACE_CANDIDATES)
    def place_candidates(self, request: PlaceCandidates, by: Actor, tx: Transaction) -> Dossiers:
        """Each dossier stands in one constituency of its own contest; all of them or none."""
        held = self.election_held(tx, request.election)
        codes = {placement.constituency for placement in request.placements}
        areas = structure.held(tx, request.election, request.unit, codes)
        units = [request.unit] if len(request.unit.split("/")) != 2 else [request.unit, "vn"]
        wanted = list(dict.fromkeys(placement.dossier for placement in request.placements))
        rows = {row.dossier: row for row in dossiers.filed_at(tx, request.election, units, wanted, hold=True)}
        standees = {dossier: cards.standee(row) for dossier, row in rows.items()}
        published = lists.published(tx, request.election, codes)
        findings = require_nothing_blocks(rules.placement_findings(request.placements, standees, areas, published))
        steps = []
        for placement in request.placements:
            row = rows[placement.dossier]
            before = row.state
            dossiers.moved(row, DOSSIER_STATES.advance(before, states.PLACE), by.at)
            row.constituency = placement.constituency
            steps.append((row, states.PLACE, before))
        dossiers.record_steps(tx, steps, by, request.consultation)
        tx.emit_all(cards.advanced(row) for row in rows.values())
        told = (*findings, *_times(held, by, publishing=False), *_namesakes(tx, request.election, codes))
        return self._placed(rows.values(), told)

    def _placed(self, rows: Iterable[DossierRow], findings: Sequence[Finding]) -> Dossiers:
        """The dossiers as placed; what is told of all of them stands with each."""
        shown = []
        for row in rows:
            card = cards.dossier_card(row)
            near = tuple(one for one in findings if not one.places or row.constituency in one.places)
            shown.append(card.model_copy(update={"findings": (*card.findings, *near)}))
        return Dossiers(dossiers=tuple(shown), total=len(shown), by_state={states.PLACED: len(shown)})

    @rpc(may=Action.PUBLISH_LIST)
    def publish_lists(self, request: PublishLists, by: Actor, tx: Transaction) -> ListsPublished:
        """The lists stand in the legal order with enough candidates, each confirmed by two people; all or none."""
        held = self.election_held(tx, request.election)
        codes = list(dict.fromkeys(request.constituencies))
        areas = structure.held(tx, request.election, request.unit, codes)
        _require_known(codes, areas)
        placed = _by_constituency(dossiers.placed_in(tx, request.election, codes))
        published = lists.published(tx, request.election, codes)
        findings: list[Finding] = []
        for code in codes:
            standees = [cards.standee(row) for row in placed[code]]
            findings += rules.list_findings(areas[code], standees, published=code in published)
        require_nothing_blocks(findings)
        told = _publish(tx, request, [(areas[code], placed[code]) for code in codes], by)
        tx.emit_all(told)
        quotas = _quotas(tx, request.election, areas.values())
        names = rules.namesake_findings({one.constituency: [who.full_name for who in one.candidates] for one in told})
        every = (*_times(held, by, publishing=True), *names, *quotas)
        return ListsPublished(lists=lists.how_many(tx, request.election), findings=every)

    @rpc(may=Action.STRIKE_CANDIDATE)
    def strike_candidate(self, request: StrikeCandidate, by: Actor, tx: Transaction) -> OfficialList:
        """The candidate is struck before voting starts; the order and numbers of the others stay (LBC 60)."""
        held = self.election_held(tx, request.election)
        if cards.clock_of(held).at(by.at) >= deadline(held.day, "voting_opens"):
            raise ListIsFrozen(constituency=request.constituency)
        standing = lists.standing(tx, request.election, request.unit, request.constituency)
        if standing is None:
            raise Unknown(what=f"danh sách chính thức {request.constituency}")
        row = _struck_dossier(tx, request, by)
        lines = tuple(_struck(line, row.dossier) for line in cards.lines_of(standing))
        fresh = lists.supersede(tx, standing, lines, request.document, by)
        tx.emit_all((cards.advanced(row), cards.list_told(fresh)))
        return cards.list_card(fresh, rules.struck_findings(fresh.constituency, fresh.seats, lines))

    @rpc(may=Action.READ_ELECTION)
    def lists_of(self, request: ListsOf, by: Actor, tx: Transaction) -> OfficialLists:
        rows = lists.around(tx, request.election, request.unit, request.contest)
        return OfficialLists(lists=tuple(cards.list_card(row) for row in rows))

    @signal("hp_dossiers", labels=("election", "contest", "state"), seconds=30)
    def dossiers_by_state(self, tx: Transaction) -> list[tuple[str, str, str, int]]:
        return dossiers.counted(tx)

    @invariant("every listed candidate's identity was confirmed by a second person, on the content that stands")
    def listed_without_two_people(self, tx: Transaction) -> int:
        return dossiers.listed_unconfirmed(tx)

    @invariant("every listed dossier stands on one official list, and every list line has its dossier")
    def lists_and_dossiers_apart(self, tx: Transaction) -> int:
        return lists.apart_from_dossiers(tx)


def _times(held: ElectionRow, by: Actor, *, publishing: bool) -> tuple[Finding, ...]:
    return rules.time_findings(held.day, cards.clock_of(held).at(by.at), publishing=publishing)


def _by_constituency(rows: Iterable[DossierRow]) -> dict[str, list[DossierRow]]:
    placed: dict[str, list[DossierRow]] = defaultdict(list)
    for row in rows:
        placed[row.constituency or ""].append(row)
    return placed


def _namesakes(tx: Transaction, election: str, codes: Iterable[str]) -> tuple[Finding, ...]:
    tx.flush()
    placed = _by_constituency(dossiers.placed_in(tx, election, list(codes)))
    return rules.namesake_findings({code: [row.full_name for row in rows] for code, rows in placed.items()})


def _require_known(codes: Sequence[str], areas: dict[str, Constituency]) -> None:
    unknown = [(code, CONTEST_NAMES[Contest(code[:2])][0]) for code in codes if code not in areas]
    require_nothing_blocks(RULES["DS1"].finding(code, constituency=code, contest=name) for code, name in unknown)


def _publish(
    tx: Transaction, request: PublishLists, each: Sequence[tuple[Constituency, list[DossierRow]]], by: Actor
) -> list[ListPublished]:
    """Lists and dossiers advance together; the order of names is frozen here."""
    frozen = [(area, rules.ballot_order(cards.listed(row) for row in rows)) for area, rows in each]
    lists.publish(tx, request.election, frozen, request.document, by)
    steps = []
    for _, rows in each:
        for row in rows:
            before = row.state
            dossiers.moved(row, DOSSIER_STATES.advance(before, states.PUBLISH), by.at)
            steps.append((row, states.PUBLISH, before))
    dossiers.record_steps(tx, steps, by, request.document)
    tx.emit_all(cards.advanced(row) for row, _, _ in steps)
    return [
        ListPublished(
            election=request.election,
            constituency=area.code,
            contest=area.contest,
            seats=area.seats,
            candidates=candidates,
            document=request.document,
            published_at=by.at,
        )
        for area, candidates in frozen
    ]


def _quotas(tx: Transaction, election: str, areas: Iterable[Constituency]) -> tuple[Finding, ...]:
    """Shares over all lists of each body touched: the National Assembly's or a Council's."""
    bodies = {(area.contest, "vn" if area.contest is Contest.NA else area.path.rsplit("/", 1)[0]) for area in areas}
    found: list[Finding] = []
    for contest, unit in sorted(bodies):
        total, women, ethnicities = lists.shares(tx, election, unit, contest)
        minorities = sum(1 for ethnicity in ethnicities if rules.is_minority(ethnicity))
        found += rules.quota_findings(contest, women, minorities, total)
    return tuple(found)


def _struck_dossier(tx: Transaction, request: StrikeCandidate, by: Actor) -> DossierRow:
    placed = dossiers.placed_in(tx, request.election, [request.constituency])
    row = next((one for one in placed if one.dossier == request.dossier), None)
    if row is None:
        raise Unknown(what=f"người ứng cử {request.dossier} trong {request.constituency}")
    before = row.state
    dossiers.moved(row, DOSSIER_STATES.advance(before, states.STRIKE), by.at)
    dossiers.record_steps(tx, [(row, states.STRIKE, before)], by, f"{request.reason} ({request.document})")
    return row


def _struck(line: ListedCandidate, dossier: UUID) -> ListedCandidate:
    return line.model_copy(update={"struck": True}) if line.dossier == dossier else line
