"""The doors of dossiers: received, compared with the register, confirmed by a second person, corrected, withdrawn."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from services.candidates import cards
from services.candidates.desk import Desk
from services.candidates.domain import eligibility, identity_check, states
from services.candidates.domain.calendar import deadline
from services.candidates.domain.confirming import Reading, confirm_findings, confirming_act, paired
from services.candidates.domain.ordering import order_key
from services.candidates.domain.rules import RULES
from services.candidates.domain.states import DOSSIER_STATES
from services.candidates.models import DossierRow, ElectionRow
from services.candidates.register import Answer, look_up
from services.candidates.store import dossiers
from services.contracts.base import Finding, StaleVersion, require_nothing_blocks
from services.contracts.candidates import (
    CheckIdentity,
    ConfirmIdentity,
    Contest,
    CorrectDossier,
    DeskClosed,
    Dossier,
    DossierOf,
    Dossiers,
    DossiersOf,
    IdentityField,
    ReceiveDossier,
    SecondPersonNeeded,
    WithdrawDossier,
)
from services.contracts.daytime import moment
from services.contracts.duties import Duty, require_other_machine
from services.contracts.roles import Action
from services.contracts.voters import VotersApi
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import remote, rpc


class DossierDoors(Desk):
    """The desk of a Commission: every act on a dossier up to its confirmed identity."""

    voters = remote(VotersApi)

    @rpc(may=Action.RECEIVE_DOSSIER)
    def receive_dossier(self, request: ReceiveDossier, by: Actor, tx: Transaction) -> Dossier:
        """A complete dossier of a person who may stand, received before the desk closes by the election's own clock."""
        held = self.election_held(tx, request.election)
        early = _desk_open(held, by)
        columns = cards.declared(request.identity, self.concealer)
        others = dossiers.other_contests(tx, request.election, columns["concealed"])
        findings = require_nothing_blocks((*eligibility.receipt_findings(request, held.day, others), *early))
        row = _fresh(request, columns, findings, by)
        row.machines = {**row.machines, Duty.RECEIVE_DOSSIER: by.machine}
        tx.add(row)
        dossiers.record_steps(tx, [(row, "receive", "")], by)
        tx.emit(cards.advanced(row))
        return cards.dossier_card(row)

    @rpc(may=Action.CHECK_IDENTITY)
    def check_identity(self, request: CheckIdentity, by: Actor, tx: Transaction) -> Dossiers:
        """Each dossier now shows, field by field, what the voter register says of its personal number."""
        asked = list(dict.fromkeys(request.dossiers))
        with self.db.transaction(read_only=True) as reading:
            rows = dossiers.filed_at(reading, request.election, [request.unit], asked, hold=False)
            contents = [row.content for row in rows]
            people = [cards.identity_of(row, self.concealer) for row in rows]
        answers = look_up(self.voters, self.concealer, request, people)
        rows = dossiers.filed_at(tx, request.election, [request.unit], asked, hold=True)
        for row, content in zip(rows, contents, strict=True):
            if row.content != content:
                raise StaleVersion(at=moment(row.changed_at))
        steps = [(row, *self._checked(row, answer, by)) for row, answer in zip(rows, answers, strict=True)]
        dossiers.record_steps(tx, steps, by)
        return self._told(tx, rows)

    def _checked(self, row: DossierRow, answer: Answer, by: Actor) -> tuple[str, str]:
        fields = identity_check.compare(cards.identity_of(row, self.concealer), answer.person, answer.meant)
        act = states.CHECK_AGREES if identity_check.agrees(fields) else states.CHECK_DIFFERS
        before = row.state
        dossiers.moved(row, DOSSIER_STATES.advance(before, act), by.at)
        row.identity_fields = [field.model_dump(mode="json") for field in fields]
        row.check_findings = [found.model_dump(mode="json") for found in identity_check.check_findings(fields)]
        row.checked_by, row.checked_by_id, row.checked_content = by.name, by.person, row.content
        row.machines = {**row.machines, Duty.CHECK_IDENTITY: by.machine}
        return act, before

    @rpc(may=Action.CONFIRM_IDENTITY)
    def confirm_identity(self, request: ConfirmIdentity, by: Actor, tx: Transaction) -> Dossiers:
        """A second person confirms exactly what was read: the hash of each dossier is that of what is stored."""
        require_nothing_blocks(paired(request.dossiers, request.contents))
        rows = dossiers.filed_at(tx, request.election, [request.unit], request.dossiers, hold=True)
        readings = [_reading(row, content) for row, content in zip(rows, request.contents, strict=True)]
        _require_second_person(readings, by.person)
        for row in rows:
            used = {Duty(duty): machine for duty, machine in row.machines.items()}
            require_other_machine(Duty.CONFIRM_IDENTITY, by.machine, used)
        _require_as_read(readings, rows)
        require_nothing_blocks(confirm_findings(readings, request.reason))
        steps = []
        for row, reading in zip(rows, readings, strict=True):
            act, before = confirming_act(reading), row.state
            dossiers.moved(row, DOSSIER_STATES.advance(before, act), by.at)
            row.confirmed_by, row.confirmed_by_id, row.confirmed_content = by.name, by.person, row.content
            row.machines = {**row.machines, Duty.CONFIRM_IDENTITY: by.machine}
            steps.append((row, act, before))
        dossiers.record_steps(tx, steps, by, request.reason)
        return self._told(tx, rows)

    @rpc(may=Action.RECEIVE_DOSSIER)
    def correct_dossier(self, request: CorrectDossier, by: Actor, tx: Transaction) -> Dossier:
        """The declared identity as the paper says, as a new version; what was checked and confirmed no longer holds."""
        held = self.election_held(tx, request.election)
        columns = cards.declared(request.identity, self.concealer)
        [row] = dossiers.filed_at(tx, request.election, [request.unit], [request.dossier], hold=True)
        before, after = row.state, DOSSIER_STATES.advance(row.state, states.CORRECT)
        others = dossiers.other_contests(tx, request.election, columns["concealed"], row.dossier)
        findings = require_nothing_blocks(
            (
                *eligibility.person_findings(request.identity, held.day),
                *eligibility.limit_findings(Contest(row.contest), others),
            )
        )
        superseded = {name: str(getattr(row, name)) for name in columns if name != "concealed"}
        superseded["concealed"] = row.concealed.hex()
        _corrected(row, columns, findings, by)
        dossiers.moved(row, after, by.at)
        dossiers.record_steps(tx, [(row, states.CORRECT, before)], by, request.reason, superseded)
        tx.emit(cards.advanced(row))
        return cards.dossier_card(row)

    @rpc(may=Action.RECEIVE_DOSSIER)
    def withdraw_dossier(self, request: WithdrawDossier, by: Actor, tx: Transaction) -> Dossier:
        """The person no longer stands, by their written request before the official list."""
        [row] = dossiers.filed_at(tx, request.election, [request.unit], [request.dossier], hold=True)
        before = row.state
        dossiers.moved(row, DOSSIER_STATES.advance(before, states.WITHDRAW), by.at)
        row.constituency = None
        dossiers.record_steps(tx, [(row, states.WITHDRAW, before)], by, request.document)
        tx.emit(cards.advanced(row))
        return cards.dossier_card(row)

    @rpc(may=Action.READ_DOSSIERS)
    def dossiers_of(self, request: DossiersOf, by: Actor, tx: Transaction) -> Dossiers:
        """A page in the order of names."""
        rows, by_state = dossiers.page_of(tx, request)
        total = sum(by_state.values()) if request.state is None else by_state.get(request.state, 0)
        shown = tuple(cards.dossier_card(row, self.concealer) for row in rows)
        return Dossiers(dossiers=shown, total=total, by_state=by_state)

    @rpc(may=Action.READ_DOSSIERS)
    def dossier_of(self, request: DossierOf, by: Actor, tx: Transaction) -> Dossier:
        row = dossiers.seen(tx, request.election, request.unit, request.dossier)
        return cards.dossier_card(row, self.concealer)

    def _told(self, tx: Transaction, rows: Sequence[DossierRow]) -> Dossiers:
        """The dossiers as they now stand, told to everybody."""
        tx.emit_all(cards.advanced(row) for row in rows)
        by_state: dict[str, int] = {}
        for row in rows:
            by_state[row.state] = by_state.get(row.state, 0) + 1
        shown = tuple(cards.dossier_card(row) for row in rows)
        return Dossiers(dossiers=shown, total=len(shown), by_state=by_state)


def _desk_open(held: ElectionRow, by: Actor) -> tuple[Finding, ...]:
    now = cards.clock_of(held).at(by.at)
    opens, closes = deadline(held.day, "dossiers_open"), deadline(held.day, "dossiers_close")
    if now > closes:
        raise DeskClosed(closed=moment(closes))
    return (RULES["UC12"].finding(opens=moment(opens)),) if now < opens else ()


def _fresh(request: ReceiveDossier, columns: dict[str, object], findings: Sequence[Finding], by: Actor) -> DossierRow:
    row = DossierRow(
        dossier=uuid4(),
        election=request.election,
        contest=str(request.contest),
        unit=request.unit,
        state=DOSSIER_STATES.start,
        version=1,
        background=request.background.model_dump(mode="json"),
        nominator=str(request.nominator),
        nominated_by=request.nominated_by,
        received_at=by.at,
        received_by=by.name,
        received_by_id=by.person,
        changed_at=by.at,
        constituency=None,
    )
    _corrected(row, columns, findings, by)
    return row


def _corrected(row: DossierRow, columns: dict[str, object], findings: Sequence[Finding], by: Actor) -> None:
    """The identity as declared now; nothing that was checked, confirmed or placed before holds any more."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.entered_by_id = by.person
    received = (row.machines or {}).get(Duty.RECEIVE_DOSSIER, "")
    row.machines = {Duty.RECEIVE_DOSSIER: received, Duty.ENTER_DOSSIER: by.machine}
    row.order_key = order_key(row.full_name, row.birth_date)
    row.content = cards.content_of(row)
    row.receipt_findings = [found.model_dump(mode="json") for found in findings]
    row.check_findings, row.identity_fields, row.constituency = [], [], None
    row.checked_by, row.checked_by_id, row.checked_content = "", None, None
    row.confirmed_by, row.confirmed_by_id, row.confirmed_content = "", None, None


def _reading(row: DossierRow, content: str) -> Reading:
    return Reading(
        name=row.full_name,
        state=row.state,
        as_read=content == row.content,
        hands=frozenset({row.received_by_id, row.entered_by_id, row.checked_by_id} - {None}),
        fields=tuple(IdentityField.model_validate(field) for field in row.identity_fields),
    )


def _require_second_person(readings: Sequence[Reading], person: UUID) -> None:
    own = [reading.name for reading in readings if person in reading.hands]
    if own:
        raise SecondPersonNeeded(findings=tuple(RULES["HS7"].finding(name, name=name) for name in own))


def _require_as_read(readings: Sequence[Reading], rows: Sequence[DossierRow]) -> None:
    stale = [row for row, reading in zip(rows, readings, strict=True) if not reading.as_read]
    if stale:
        found = tuple(RULES["HS6"].finding(row.full_name, name=row.full_name) for row in stale)
        raise StaleVersion(at=moment(max(row.changed_at for row in stale)), findings=found)
