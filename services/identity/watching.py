"""Where people are seen, looked at for signs of shared accounts: load, decide, save, tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from services.contracts.base import Envelope, Grant
from services.contracts.daytime import VIETNAM
from services.contracts.identity import SharingFound
from services.contracts.sharing import SharingState
from services.identity.domain import sharing
from services.identity.domain.rules.sharing import SIGNS
from services.identity.domain.sharing import Arrival, Place, Scene, Seen, Sign
from services.identity.models import SessionRow, SharingRow
from services.identity.settings import IdentitySettings
from services.identity.store import people
from services.identity.store import sharing as store
from services.kit.database import Transaction


@dataclass(frozen=True)
class Visitor:
    """A person, their session, and their roles where they are known already."""

    person: UUID
    session: UUID
    grants: tuple[Grant, ...] | None = None


SEEN_EVERY = timedelta(minutes=1)
"""Staying in one place is written down at most this often; a change of place at once."""


def signed_in(
    tx: Transaction, settings: IdentitySettings, visitor: Visitor, place: Place, at: datetime, *, replaces: bool
) -> None:
    """A session has begun in a place, and `replaces` another or none.

    A caller that says nothing about where it is cannot be looked at.
    """
    if not place.machine and not place.address:
        return
    limits, person = settings.limits(), visitor.person
    scene = _scene(tx, limits, visitor, place, at)
    former = store.replaced_at(tx, person, at) if replaces else None
    arrival = _arrival(tx, limits, person, place.machine, at)
    store.add_sighting(tx, person, visitor.session, place, at)
    if place.machine:
        store.remember_machine(tx, person, place.machine, at)
    replaced = former and replace(former, place=_owned(tx, former.place))
    tell(tx, person, sharing.on_sign_in(scene, replace(arrival, replaced=replaced), limits), at)


def _arrival(tx: Transaction, limits: sharing.Limits, person: UUID, machine: str, at: datetime) -> Arrival:
    """What is known of the machine; of one that has no name nothing."""
    known = store.machine_of(tx, person, machine, at - limits.shared_machine)
    fresh = bool(machine) and known.any_theirs and not known.theirs
    return Arrival(
        known=known.theirs,
        first=not known.any_theirs,
        announced=fresh and store.use_announcement(tx, person, at),
        declared_shared=known.declared_shared,
        people=known.others + 1 if machine else 1,
    )


def was_just_there(tx: Transaction, session: UUID, place: Place, at: datetime) -> bool:
    """Whether a session was seen in the place within the last minute: nothing more is to do."""
    newest = store.newest_sighting(tx, session)
    return newest is not None and newest.seen.place == place and at - newest.seen.last_at < SEEN_EVERY


def seen_again(tx: Transaction, settings: IdentitySettings, visitor: Visitor, place: Place, at: datetime) -> None:
    """A session asks from a place: where it was, it is still there; elsewhere, it is looked at."""
    newest = store.newest_sighting(tx, visitor.session)
    limits = settings.limits()
    if newest is not None and newest.seen.place == place:
        store.touch_sighting(tx, newest.id, at)
        work = store.at_work(tx, visitor.person, at - limits.at_work - limits.at_work)
        tell(tx, visitor.person, sharing.on_hours(place, at, work, limits), at)
        return
    opened = store.opened_in(tx, visitor.session)
    if opened is None:
        return
    scene = _scene(tx, limits, visitor, place, at)
    store.add_sighting(tx, visitor.person, visitor.session, place, at)
    tell(tx, visitor.person, sharing.on_request(scene, opened, limits), at)


def note_acts(tx: Transaction, letters: Iterable[Envelope]) -> None:
    """Acts of people: one for a command, however many letters it wrote. What names no person is nobody's act."""
    acts: dict[tuple[UUID, str], datetime] = {}
    for letter in letters:
        person, cause = _person(letter.actor), (letter.causation or "")[:300]
        if person is not None and cause and cause.isprintable():
            acts.setdefault((person, cause), letter.at)
    store.note_acts(tx, [(person, cause, at) for (person, cause), at in acts.items()])


def look_at_rhythm(tx: Transaction, settings: IdentitySettings, now: datetime) -> None:
    """Whoever did more in the last minutes than hands can."""
    limits = settings.limits()
    fast = store.fast_people(tx, now, limits.acts_in_one_minute, limits.acts_in_ten_minutes)
    for person, minute, ten_minutes in fast:
        if people.login_of(tx, person):  # who has no account here shares none
            tell(tx, person, sharing.on_acts(minute, ten_minutes, now, limits), now)


def reused(tx: Transaction, person: UUID, session: UUID, at: datetime) -> None:
    """An old key of a session came back."""
    opened = store.opened_in(tx, session)
    if opened is not None:
        tell(tx, person, (sharing.on_reuse(_owned(tx, opened), at),), at)


def disowned(tx: Transaction, row: SessionRow, at: datetime) -> None:
    """The holder says a session was not theirs."""
    place = _owned(tx, Place(row.machine, row.address, row.device))
    tell(tx, row.person, (sharing.on_disowned(place, row.began_at, row.ended_at or at),), at)


def tell(tx: Transaction, person: UUID, signs: Sequence[Sign], at: datetime) -> None:
    """The signs are findings, each told once: one for a person, a kind and a day."""
    if not signs:
        return
    election, unit = sharing.home_of(people.grants_of(tx, person, at))
    whom = store.Concerned(person, election, unit)
    for sign in signs:
        rule, facts = SIGNS[sign.kind], dict(sign.facts)
        if "owner" in facts:
            facts["owner"] = store.title_of(tx, str(facts["owner"]))
        told = store.Told(
            sign=sign,
            code=rule.code,
            severity=rule.severity.value,
            vi=rule.vi.format(**facts),
            en=rule.en.format(**facts),
            day=at.astimezone(VIETNAM).date(),
        )
        made = store.add_finding(tx, whom, told, at)
        if made is not None:
            tx.emit(found_of(made))


def found_of(row: SharingRow) -> SharingFound:
    """A finding as it is told: no name, no address."""
    return SharingFound(
        finding=row.id,
        kind=row.kind,
        severity=row.severity,
        person=row.person,
        election=row.election,
        unit=row.unit,
        act_by=sharing.unit_above(row.unit),
        found_at=row.found_at,
        state=SharingState(row.state),
    )


def _scene(tx: Transaction, limits: sharing.Limits, visitor: Visitor, place: Place, at: datetime) -> Scene:
    """The person's last hours, with whose network each address is in."""
    before = store.seen_since(tx, visitor.person, at - sharing.longest_look(limits))
    addresses = {one.place.address for one in before} | {place.address}
    owners = store.owners_of(tx, [address for address in addresses if _is_address(address)])
    grants = visitor.grants if visitor.grants is not None else people.grants_of(tx, visitor.person, at)
    return Scene(
        now=at,
        session=visitor.session,
        here=_with(place, owners),
        units=sharing.units_of(grants),
        before=tuple(Seen(one.session, _with(one.place, owners), one.first_at, one.last_at) for one in before),
        work=store.at_work(tx, visitor.person, at - limits.at_work - limits.at_work),
    )


def _owned(tx: Transaction, place: Place) -> Place:
    return _with(place, store.owners_of(tx, [place.address] if _is_address(place.address) else []))


def _with(place: Place, owners: dict[str, tuple[str, ...]]) -> Place:
    return Place(place.machine, place.address, place.device, owners.get(place.address, ()))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone names an interface of one machine, not a place


def _person(actor: str | None) -> UUID | None:
    """The person a letter names; a letter may come from anywhere, and a bad one must not stop the ledger."""
    try:
        return UUID(actor) if actor else None
    except ValueError:
        return None
