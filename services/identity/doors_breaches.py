"""The doors to reports of breaches: one form upward, taken up in an hour or handed on, settled."""

from datetime import timedelta
from uuid import UUID, uuid4

from services.contracts.base import Unknown, require_nothing_blocks
from services.contracts.identity import BreachChanged
from services.contracts.roles import Action
from services.contracts.sharing import (
    Breach,
    Breaches,
    BreachesOf,
    BreachState,
    ReportBreach,
    SettleBreach,
    TakeUpBreach,
)
from services.identity.desk import Desk
from services.identity.domain import breaches
from services.identity.domain.paths import holds
from services.identity.domain.states import BREACH_STATES
from services.identity.models import BreachRow
from services.identity.store import breaches as store
from services.identity.store import entry
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, invariant, rpc, signal

_GRACE = timedelta(minutes=5)


class BreachDoors(Desk):
    """What is wrong with the security of an account, a machine or of data, and who works on it."""

    @rpc(may=Action.REPORT_BREACH)
    def report_breach(self, request: ReportBreach, by: Actor, tx: Transaction) -> Breach:
        """The unit above has the report; the nation sees it too, as everything below."""
        require_nothing_blocks(breaches.findings_of(request.noticed_at, by.at))
        row = BreachRow(
            id=uuid4(), handler=breaches.first_handler(request.unit), state=BREACH_STATES.start, reported_by=by.person,
            reporter=by.name, reported_at=by.at, due_at=by.at + self._patience, **request.model_dump(exclude={"key"}),
        )  # fmt: skip
        store.add(tx, row)
        tx.emit(_told(row))
        return store.card(row, by.at)

    @rpc(may=Action.REPORT_BREACH, judges=True)
    def breaches_of(self, request: BreachesOf, by: Actor, tx: Transaction) -> Breaches:
        """Who settles reports sees those of the unit and below; everybody else sees their own."""
        if by.may(Action.SETTLE_BREACH, request.scope):
            found, total = store.reports(tx, request, None, by.at)
        else:
            by.require(Action.REPORT_BREACH, request.scope)
            found, total = store.reports(tx, request, by.person, by.at)
        return Breaches(breaches=tuple(found), total=total)

    @rpc(may=Action.SETTLE_BREACH, judges=True)
    def take_up_breach(self, request: TakeUpBreach, by: Actor, tx: Transaction) -> Breach:
        """Somebody of the unit that has the report, or of one above, works on it."""
        row = self._held(tx, request, request.breach, by)
        row.state = BREACH_STATES.advance(row.state, "take_up")
        row.taken_name, row.taken_at = by.name, by.at
        tx.emit(_told(row))
        return store.card(row, by.at)

    @rpc(may=Action.SETTLE_BREACH, judges=True)
    def settle_breach(self, request: SettleBreach, by: Actor, tx: Transaction) -> Breach:
        """The breach is over."""
        row = self._held(tx, request, request.breach, by)
        row.state = BREACH_STATES.advance(row.state, "settle")
        row.settled_name, row.settled_at, row.how = by.name, by.at, request.how
        tx.emit(_told(row))
        return store.card(row, by.at)

    @every(20)
    def hand_on(self, tx: Transaction) -> None:
        """What nobody took up in time goes to the next unit above, with a new hour."""
        now = entry.now(tx)
        for row in store.overdue(tx, now):
            row.state = BREACH_STATES.advance(row.state, "escalate")
            row.handler = breaches.next_handler(row.handler)
            row.due_at, row.escalated = now + self._patience, row.escalated + 1
            tx.emit(_told(row))

    @signal("hp_breaches_open", labels=("state",))
    def breaches_open(self, tx: Transaction) -> list[tuple[str, int]]:
        return store.by_state(tx)

    @invariant("report of a breach not handed on in time")
    def not_handed_on(self, tx: Transaction) -> int:
        return store.waiting_too_long(tx, entry.now(tx) - _GRACE)

    @property
    def _patience(self) -> timedelta:
        return timedelta(minutes=self.settings.breach_take_up_minutes)

    def _held(self, tx: Transaction, request: TakeUpBreach | SettleBreach, id: UUID, by: Actor) -> BreachRow:
        """The report, when the person may settle it where it is now."""
        by.require(Action.SETTLE_BREACH, request.scope)
        row = store.held(tx, id)
        if row is None or row.election != request.election or not holds(request.unit, row.unit):
            raise Unknown(what=f"báo cáo {id}")
        by.require(Action.SETTLE_BREACH, f"{row.election}/{row.handler}")
        return row


def _told(row: BreachRow) -> BreachChanged:
    return BreachChanged(
        breach=row.id,
        number=row.number,
        election=row.election,
        unit=row.unit,
        handler=row.handler,
        state=BreachState(row.state),
        personal_data=row.personal_data,
        reported_at=row.reported_at,
        due_at=row.due_at,
        escalated=row.escalated,
    )
