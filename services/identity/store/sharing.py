"""Queries about sightings, machines, acts, networks and findings of shared accounts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, cast, delete, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import CIDR, insert

from services.contracts import sharing as words
from services.identity.domain.networks import Registered
from services.identity.domain.sharing import MOST_EVIDENCE, Place, Seen, Sign
from services.identity.models import (
    AccountRow,
    ActDoneRow,
    AnnouncementRow,
    NetworkRow,
    PersonRow,
    SessionRow,
    SharedMachineRow,
    SharingRow,
    SightingRow,
    UnitRow,
)
from services.kit.database import Transaction

# What everybody who comes in is looked at by goes to the driver as it is written here.
_OWNERS = """
    SELECT DISTINCT given.address, n.unit
    FROM unnest(%(addresses)s::text[]) AS given (address)
    JOIN networks n ON n.ended_at IS NULL AND n.network >>= given.address::inet
    ORDER BY given.address, n.unit
"""
_ADD_SIGHTING = """
    INSERT INTO sightings (id, person, session, machine, address, device, first_at, last_at)
    VALUES (%(id)s, %(person)s, %(session)s, %(machine)s, %(address)s, %(device)s, %(at)s, %(at)s)
"""
_SEEN = """
    SELECT session, machine, address, device, first_at, last_at FROM sightings
    WHERE person = %(person)s AND last_at >= %(since)s ORDER BY last_at
"""
_NEWEST = """
    SELECT id, session, machine, address, device, first_at, last_at FROM sightings
    WHERE session = %(session)s ORDER BY last_at DESC LIMIT 1
"""
_AT_WORK = """
    SELECT began_at, seen_at FROM sessions WHERE person = %(person)s AND seen_at >= %(since)s ORDER BY began_at
"""
_MACHINE = """
    SELECT EXISTS (SELECT FROM machines WHERE person = %(person)s AND machine = %(machine)s),
           EXISTS (SELECT FROM machines WHERE person = %(person)s),
           EXISTS (SELECT FROM shared_machines WHERE machine = %(machine)s),
           (SELECT count(*) FROM machines WHERE machine = %(machine)s AND person <> %(person)s AND last_at >= %(since)s)
"""
_REMEMBER = """
    INSERT INTO machines (person, machine, first_at, last_at) VALUES (%(person)s, %(machine)s, %(at)s, %(at)s)
    ON CONFLICT (person, machine) DO UPDATE SET last_at = excluded.last_at
"""
_FAST = text("""
    SELECT person, count(*) FILTER (WHERE at > :minute) AS minute, count(*) AS ten_minutes
    FROM acts_done WHERE at > :ten_minutes AND at <= :now GROUP BY person
    HAVING count(*) FILTER (WHERE at > :minute) > :most_in_minute OR count(*) > :most_in_ten
""")
_OPEN = "open"


@dataclass(frozen=True)
class Concerned:
    """Whom a finding is about, and where they are looked after."""

    person: UUID
    election: str | None
    unit: str


@dataclass(frozen=True)
class Told:
    """A finding as it is to be written."""

    sign: Sign
    code: str
    severity: str
    vi: str
    en: str
    day: date


@dataclass(frozen=True)
class Newest:
    """A session's last sighting, by its id."""

    id: UUID
    seen: Seen


@dataclass(frozen=True)
class Known:
    """A machine somebody signs in from: theirs before, or any; declared to be shared; how many others used it."""

    theirs: bool
    any_theirs: bool
    declared_shared: bool
    others: int


def newest_sighting(tx: Transaction, session: UUID) -> Newest | None:
    """Where a session was seen last."""
    rows = tx.drive(_NEWEST, {"session": session})
    return Newest(rows[0][0], _seen(*rows[0][1:])) if rows else None


def add_sighting(tx: Transaction, person: UUID, session: UUID, place: Place, at: datetime) -> None:
    """A session is seen in a place for the first time since it was elsewhere."""
    seen = {"id": uuid4(), "person": person, "session": session, "at": at}
    where = {"machine": place.machine, "address": place.address, "device": place.device}
    tx.drive(_ADD_SIGHTING, seen | where)


def touch_sighting(tx: Transaction, id: UUID, at: datetime) -> None:
    """It is still seen there."""
    changed = update(SightingRow).where(SightingRow.id == id, SightingRow.last_at < at).values(last_at=at)
    tx.execute(changed.execution_options(synchronize_session=False))


def seen_since(tx: Transaction, person: UUID, since: datetime) -> list[Seen]:
    """Where a person was seen, the oldest first; whose networks those are is not looked up here."""
    return [_seen(*row) for row in tx.drive(_SEEN, {"person": person, "since": since})]


def replaced_at(tx: Transaction, person: UUID, at: datetime) -> Seen | None:
    """The session of a person that was replaced at that instant, where and when it was last at work."""
    ended = select(SessionRow).where(
        SessionRow.person == person, SessionRow.state == "replaced", SessionRow.ended_at == at
    )
    row = tx.scalars(ended.order_by(SessionRow.seen_at.desc()).limit(1)).first()
    if row is None:
        return None
    newest = newest_sighting(tx, row.id)
    opened = Place(row.machine, row.address, row.device)
    if newest is None:
        return Seen(row.id, opened, row.began_at, row.seen_at)
    return replace(newest.seen, last_at=max(newest.seen.last_at, row.seen_at))


def opened_in(tx: Transaction, session: UUID) -> Place | None:
    """The place a session was opened in."""
    row = tx.execute(
        select(SessionRow.machine, SessionRow.address, SessionRow.device).where(SessionRow.id == session)
    ).one_or_none()
    return Place(row.machine, row.address, row.device) if row else None


def owners_of(tx: Transaction, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The units that registered a network with the address, by address. The addresses are well-formed."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(addresses, ())
    if addresses:
        for address, unit in tx.drive(_OWNERS, {"addresses": sorted(set(addresses))}):
            found[address] = (*found[address], unit)
    return found


def at_work(tx: Transaction, person: UUID, since: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when each session of a person was busy."""
    return tuple((began, seen) for began, seen in tx.drive(_AT_WORK, {"person": person, "since": since}))


def machine_of(tx: Transaction, person: UUID, machine: str, since: datetime) -> Known:
    """What is known of a machine a person signs in from, and who else did since then."""
    asked = {"person": person, "machine": machine, "since": since}
    return Known(*tx.drive(_MACHINE, asked)[0])


def remember_machine(tx: Transaction, person: UUID, machine: str, at: datetime) -> None:
    """The person has signed in from the machine."""
    tx.drive(_REMEMBER, {"person": person, "machine": machine, "at": at})


def declare_shared(tx: Transaction, machine: str, by: UUID, at: datetime) -> None:
    """Several people may use the machine from now on."""
    tx.execute(
        insert(SharedMachineRow).values(machine=machine, declared_by=by, declared_at=at).on_conflict_do_nothing()
    )


def announce(tx: Transaction, person: UUID, reason: str, by: UUID, at: datetime, ends_at: datetime) -> None:
    """The person's next sign-in from another machine is expected until then."""
    tx.execute(
        insert(AnnouncementRow).values(
            id=uuid4(), person=person, reason=reason, announced_by=by, announced_at=at, ends_at=ends_at
        )
    )


def use_announcement(tx: Transaction, person: UUID, at: datetime) -> bool:
    """Whether the other machine was expected; the announcement is used up."""
    waiting = (
        select(AnnouncementRow.id)
        .where(AnnouncementRow.person == person, AnnouncementRow.used_at.is_(None), AnnouncementRow.ends_at > at)
        .order_by(AnnouncementRow.ends_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    used = update(AnnouncementRow).where(AnnouncementRow.id.in_(waiting.scalar_subquery())).values(used_at=at)
    return tx.execute(used.execution_options(synchronize_session=False)).rowcount == 1


def note_acts(tx: Transaction, acts: Iterable[tuple[UUID, str, datetime]]) -> None:
    """These acts were done; one that was noted before stays as it was."""
    rows = [{"person": person, "cause": cause, "at": at} for person, cause, at in acts]
    if rows:
        tx.execute(insert(ActDoneRow).on_conflict_do_nothing(), rows)


def fast_people(tx: Transaction, now: datetime, in_minute: int, in_ten: int) -> list[tuple[UUID, int, int]]:
    """Who did more than so many acts in the last minute or ten, and how many."""
    given = {
        "now": now, "minute": now - timedelta(minutes=1), "ten_minutes": now - timedelta(minutes=10),
        "most_in_minute": in_minute, "most_in_ten": in_ten,
    }  # fmt: skip
    return [(row.person, row.minute, row.ten_minutes) for row in tx.execute(_FAST, given)]


def forget(tx: Transaction, acts_before: datetime, sightings_before: datetime) -> None:
    """What no rule looks at any more is forgotten."""
    tx.execute(delete(ActDoneRow).where(ActDoneRow.at < acts_before).execution_options(synchronize_session=False))
    old = delete(SightingRow).where(SightingRow.last_at < sightings_before)
    tx.execute(old.execution_options(synchronize_session=False))


def add_finding(tx: Transaction, whom: Concerned, told: Told, at: datetime) -> SharingRow | None:
    """The finding as it now stands when it is new; None when it only adds to one of the day, or repeats one explained.

    The day's newest finding of the kind is held until the end of the transaction; who is first writes it.
    """
    evidence = [seen.model_dump(mode="json") for seen in told.sign.evidence]
    standing = _of_day(tx, whom.person, told)
    if standing is not None and standing.state == _OPEN:
        _add_evidence(standing, evidence, at)
        return None
    if standing is not None and standing.state == "explained" and standing.machine == told.sign.machine:
        return None
    values = {
        "id": uuid4(), "person": whom.person, "kind": told.sign.kind.value, "day": told.day, "code": told.code,
        "severity": told.severity, "vi": told.vi, "en": told.en, "election": whom.election, "unit": whom.unit,
        "machine": told.sign.machine, "evidence": evidence, "times": 1, "found_at": at, "last_at": at, "state": _OPEN,
    }  # fmt: skip
    fresh = insert(SharingRow).values(values).on_conflict_do_nothing().returning(SharingRow)
    found: SharingRow | None = tx.scalars(fresh).one_or_none()
    return found


def _of_day(tx: Transaction, person: UUID, told: Told) -> SharingRow | None:
    wanted = select(SharingRow).where(
        SharingRow.person == person, SharingRow.kind == told.sign.kind.value, SharingRow.day == told.day
    )
    return tx.scalars(wanted.order_by(SharingRow.found_at.desc()).limit(1).with_for_update()).first()


def _add_evidence(standing: SharingRow, evidence: Sequence[dict[str, Any]], at: datetime) -> None:
    """What was not shown yet is added; the same again is counted once a minute."""
    places = {(one["machine"], one["address"], one["device"]) for one in standing.evidence}
    fresh = [one for one in evidence if (one["machine"], one["address"], one["device"]) not in places]
    if fresh or at - standing.last_at >= timedelta(minutes=1):
        standing.evidence = [*standing.evidence, *fresh][:MOST_EVIDENCE]
        standing.times, standing.last_at = standing.times + 1, max(at, standing.last_at)


def finding(tx: Transaction, id: UUID, *, lock: bool = False) -> SharingRow | None:
    """A finding by its id; locked until the end of the transaction on demand."""
    wanted = select(SharingRow).where(SharingRow.id == id)
    return tx.scalars(wanted.with_for_update() if lock else wanted).one_or_none()


def findings(tx: Transaction, asked: words.FindingsOf) -> tuple[list[words.SharingRow], int, int]:
    """A page of findings at and below a unit, how many there are, how many open."""
    where = [*_within(asked.election, asked.unit)]
    open_now = tx.scalar(select(func.count()).select_from(SharingRow).where(*where, SharingRow.state == _OPEN))
    if asked.state is not None:
        where.append(SharingRow.state == asked.state.value)
    if asked.kind is not None:
        where.append(SharingRow.kind == asked.kind.value)
    total = tx.scalar(select(func.count()).select_from(SharingRow).where(*where))
    order = (
        SharingRow.state != _OPEN,
        func.array_position(["block", "warn", "info"], SharingRow.severity),
        SharingRow.last_at.desc(),
    )
    ids = select(SharingRow.id).where(*where).order_by(*order).offset(asked.page.first).limit(asked.page.size)
    return cards(tx, list(tx.scalars(ids))), total, open_now


def cards(tx: Transaction, ids: Sequence[UUID]) -> list[words.SharingRow]:
    """Findings as they are shown, in the order of the ids."""
    live = select(SessionRow.person).where(SessionRow.state == "live")
    rows = tx.execute(
        select(SharingRow, PersonRow.name, PersonRow.phone, AccountRow.login, SharingRow.person.in_(live))
        .join(PersonRow, PersonRow.id == SharingRow.person)
        .join(AccountRow, AccountRow.person == SharingRow.person)
        .where(SharingRow.id.in_(ids))
    )
    found = {row.id: _card(row, name, phone, login, in_session) for row, name, phone, login, in_session in rows}
    return [found[each] for each in ids]


def open_by_kind(tx: Transaction) -> list[tuple[str, int]]:
    """How many findings are open, by kind; a kind without any is 0."""
    held = select(SharingRow.kind, func.count()).where(SharingRow.state == _OPEN).group_by(SharingRow.kind)
    counted = {kind: number for kind, number in tx.execute(held)}  # noqa: C416  a Row is no pair to the type checker
    return [(kind.value, counted.get(kind.value, 0)) for kind in words.SharingKind]


def counts_of(tx: Transaction, election: str, unit: str, first: date, days: int) -> list[tuple[str, str, str, int]]:
    """Unit, kind, state and number of the findings of some days at and below a unit."""
    rows = tx.execute(
        select(SharingRow.unit, SharingRow.kind, SharingRow.state, func.count())
        .where(*_within(election, unit), SharingRow.day >= first, SharingRow.day < first + timedelta(days=days))
        .group_by(SharingRow.unit, SharingRow.kind, SharingRow.state)
    )
    return [(place, kind, state, number) for place, kind, state, number in rows]


def person_of(tx: Transaction, login: str) -> UUID | None:
    """The person under a login."""
    person: UUID | None = tx.scalar(select(AccountRow.person).where(AccountRow.login == login))
    return person


def title_of(tx: Transaction, unit: str) -> str:
    """What a unit is called; its path when nobody loaded it."""
    return tx.scalar(select(UnitRow.title).where(UnitRow.path == unit)) or unit


def networks_of(tx: Transaction, unit: str) -> list[words.Network]:
    """The networks a unit has registered."""
    rows = tx.scalars(
        select(NetworkRow).where(NetworkRow.unit == unit, NetworkRow.ended_at.is_(None)).order_by(NetworkRow.network)
    )
    return [words.Network(cidr=str(row.network), note=row.note) for row in rows]


def networks_like(tx: Transaction, unit: str, cidrs: Collection[str]) -> list[Registered]:
    """The networks of other units that share an address with one of these."""
    touching = [NetworkRow.network.op("&&")(cast(literal(cidr), CIDR)) for cidr in cidrs]
    if not touching:
        return []
    others = (
        select(NetworkRow.unit, NetworkRow.network, func.coalesce(UnitRow.title, NetworkRow.unit))
        .outerjoin(UnitRow, UnitRow.path == NetworkRow.unit)
        .where(NetworkRow.unit != unit, NetworkRow.ended_at.is_(None), or_(*touching))
    )
    rows = tx.execute(others.order_by(NetworkRow.unit))
    return [Registered(place, str(held), title) for place, held, title in rows]


def set_networks(tx: Transaction, unit: str, networks: Mapping[str, str], by: UUID, at: datetime) -> None:
    """A unit's networks are these, by CIDR with their notes."""
    former = update(NetworkRow).where(NetworkRow.unit == unit, NetworkRow.ended_at.is_(None))
    tx.execute(former.values(ended_at=at).execution_options(synchronize_session=False))
    rows = [
        {"id": uuid4(), "unit": unit, "network": cidr, "note": note, "set_by": by, "set_at": at}
        for cidr, note in networks.items()
    ]
    if rows:
        tx.execute(insert(NetworkRow), rows)


def _within(election: str, unit: str) -> tuple[ColumnElement[bool], ...]:
    below = or_(SharingRow.unit == unit, SharingRow.unit.startswith(f"{unit}/", autoescape=True))
    return below, or_(SharingRow.election == election, SharingRow.election.is_(None))


def _seen(session: UUID, machine: str, address: str, device: str, first_at: datetime, last_at: datetime) -> Seen:
    return Seen(session, Place(machine, address, device), first_at, last_at)


def _card(row: SharingRow, name: str, phone: str, login: str, in_session: bool) -> words.SharingRow:
    above = row.unit.rpartition("/")[0] or row.unit
    return words.SharingRow(
        finding=row.id, kind=words.SharingKind(row.kind), code=row.code, severity=row.severity, vi=row.vi, en=row.en,
        person=row.person, name=name, login=login, phone=phone, election=row.election, unit=row.unit, act_by=above,
        found_at=row.found_at, last_at=row.last_at, times=row.times, state=words.SharingState(row.state),
        evidence=tuple(words.Sighted.model_validate(one) for one in row.evidence),
        in_session=in_session, settled_by=row.settled_name, settled_at=row.settled_at, note=row.note,
    )  # fmt: skip


def settled_about_oneself(tx: Transaction) -> int:
    """Findings settled by whom they are about: always 0."""
    about_self = SharingRow.settled_by == SharingRow.person
    return int(tx.scalar(select(func.count()).select_from(SharingRow).where(about_self)))
