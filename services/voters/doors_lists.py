"""The doors of voter lists: posted, changed, closed, looked into."""

from services.contracts.base import SamePerson, StepNotAllowed, Unknown, require_nothing_blocks
from services.contracts.candidates import Sex
from services.contracts.duties import Duty, require_other_machine
from services.contracts.roles import Action
from services.contracts.voters import (
    AddVoter,
    CloseLists,
    FindPersons,
    FoundPersons,
    ListIsClosed,
    ListStanding,
    PostLists,
    Rights,
    StrikeVoter,
    Voter,
    Voters,
    VotersOf,
)
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.voters.desk import Desk, commune_of, election_held, list_told
from services.voters.domain.areas import size_findings
from services.voters.domain.entries import RightOf, masked, person_findings, right_of, with_entry
from services.voters.domain.rules import RULES
from services.voters.domain.states import VOTER_LIST_STATES, ListAct, ListState
from services.voters.models import AreaRow
from services.voters.store import areas, entries


class ListDoors(Desk):
    """Voter lists."""

    @rpc(may=Action.POST_LIST)
    def post_lists(self, request: PostLists, by: Actor, tx: Transaction) -> ListStanding:
        """All lists of the commune are posted by somebody who did not make them (LBC 31, 32)."""
        rows = _lists_held(tx, request)
        empty = [row.code for row in rows if row.state == ListState.EMPTY]
        require_nothing_blocks(tuple(RULES["VL41"].finding(code, area=code) for code in empty))
        for row in rows:
            VOTER_LIST_STATES.advance(row.state, ListAct.POST)
        if any(row.imported_by == by.person for row in rows):
            raise SamePerson(did="lập danh sách này")
        for row in rows:
            require_other_machine(Duty.POST_LIST, by.machine, {Duty.IMPORT_LIST: row.imported_machine})
        return _signed(tx, request, rows, ListState.POSTED, by)

    @rpc(may=Action.CLOSE_LIST)
    def close_lists(self, request: CloseLists, by: Actor, tx: Transaction) -> ListStanding:
        """All lists of the commune are closed; nobody is added any more (LBC 30)."""
        rows = _lists_held(tx, request)
        for row in rows:
            VOTER_LIST_STATES.advance(row.state, ListAct.CLOSE)
        return _signed(tx, request, rows, ListState.CLOSED, by)

    @rpc(may=Action.CHANGE_LIST)
    def add_voter(self, request: AddVoter, by: Actor, tx: Transaction) -> Voter:
        """One person more on a posted list, numbered after the last."""
        row = _list_held(tx, request)
        if row.state == ListState.CLOSED:
            raise ListIsClosed(area=row.code)
        VOTER_LIST_STATES.advance(row.state, ListAct.ADD)
        day = election_held(tx, request.election).day
        require_nothing_blocks(person_findings(request, day))
        concealed = self.concealer.conceal(request.personal_number)
        elsewhere = entries.area_of(tx, request.election, concealed)
        if elsewhere is not None:
            twice = RULES["VL33"].finding("personal_number", masked=masked(request.personal_number), area=elsewhere)
            require_nothing_blocks((twice,))
        right = right_of(areas.card(row).area.kind, request.temporary_since, day)
        try:
            entry = entries.add_entry(tx, row, request, right, concealed)
        except entries.OnAnotherList:
            raise StepNotAllowed(state="danh sách vừa đổi") from None
        areas.set_totals(row, with_entry(areas.rights_of(row), right, request.sex, 1))
        entries.keep_change(tx, request, entry, ListAct.ADD, by)
        tx.emit(list_told(row, by.at))
        return entries.voter(entry)

    @rpc(may=Action.CHANGE_LIST)
    def strike_voter(self, request: StrikeVoter, by: Actor, tx: Transaction) -> Voter:
        """One person less; the line stays, with the reason against it."""
        row = _list_held(tx, request)
        VOTER_LIST_STATES.advance(row.state, ListAct.STRIKE)
        entry = entries.entry_held(tx, request.election, row.code, request.serial)
        if entry is None:
            raise Unknown(what=f"cử tri số {request.serial} của khu vực {row.code}")
        right, sex = RightOf(entry.na, entry.pc, entry.cc), entry.sex
        entries.strike(entry, request.reason)
        areas.set_totals(row, with_entry(areas.rights_of(row), right, Sex(sex), -1))
        entries.keep_change(tx, request, entry, ListAct.STRIKE, by)
        tx.emit(list_told(row, by.at))
        return entries.voter(entry)

    @rpc(may=Action.READ_VOTERS)
    def voters_of(self, request: VotersOf, by: Actor, tx: Transaction) -> Voters:
        below = {row.code: row for row in areas.areas_below(tx, request.election, request.unit)}
        row = below.get(request.area)
        if row is None:
            raise Unknown(what=f"khu vực bỏ phiếu {request.area}")
        page = entries.page(tx, request.election, request.area, request.after, request.size)
        return Voters(voters=tuple(map(entries.voter, page)), rights=areas.rights_of(row), state=row.state)

    @rpc(may=Action.FIND_PERSON)
    def find_persons(self, request: FindPersons, by: Actor, tx: Transaction) -> FoundPersons:
        """Who the register of the whole election holds; every look into it is logged with its purpose."""
        asked = [question.concealed for question in request.persons]
        self.log.info(
            "register looked into",
            person=str(by.person),
            purpose=request.purpose,
            election=request.election,
            unit=request.unit,
            asked=len(asked),
        )
        return FoundPersons(persons=tuple(entries.found_persons(tx, request.election, asked)))


def _lists_held(tx: Transaction, request: PostLists | CloseLists) -> list[AreaRow]:
    commune = commune_of(request.unit)
    rows = list(areas.areas_held(tx, request.election, request.unit))
    if not rows:
        raise Unknown(what=f"khu vực bỏ phiếu của xã {commune}")
    return rows


def _list_held(tx: Transaction, request: AddVoter | StrikeVoter) -> AreaRow:
    row = areas.area_held(tx, request.election, request.unit, request.area)
    if row is None:
        raise Unknown(what=f"khu vực bỏ phiếu {request.area}")
    return row


def _signed(
    tx: Transaction, request: PostLists | CloseLists, rows: list[AreaRow], state: ListState, by: Actor
) -> ListStanding:
    areas.sign(tx, rows, state, request.document, by.person, by.at)
    tx.session.expire_all()
    rows = list(areas.areas_below(tx, request.election, request.unit))
    tx.emit_all(list_told(row, by.at) for row in rows)
    by_code = {row.code: areas.rights_of(row) for row in rows}
    findings = size_findings([areas.card(row).area for row in rows], by_code)
    return ListStanding(areas=len(rows), rights=_sum(by_code), findings=tuple(findings))


def _sum(by_code: dict[str, Rights]) -> Rights:
    names = ("na", "pc", "cc", "male", "female")
    return Rights(**{name: sum(getattr(rights, name) for rights in by_code.values()) for name in names})
