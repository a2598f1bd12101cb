"""Signs that an account is in more hands than one: pure rules over where and when a person was seen.

A machine is the id a browser keeps; a network is the registered one, else the neighbourhood of an address. What cannot
be told from honest work is not a sign: one move of the same machine between unregistered networks is a phone line that
dialled again, and a laptop that changes hands on the same desk leaves no trace at all until somebody else signs in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from services.contracts.base import EVERYWHERE, Grant
from services.contracts.daytime import moment
from services.contracts.sharing import SharingKind, Sighted
from services.identity.domain.paths import holds, unit_path
from services.identity.domain.rules.sharing import SIGNS

MOST_EVIDENCE = 20
_SILENCES = {
    SharingKind.SECOND_PLACE: {SharingKind.NEW_MACHINE, SharingKind.OVERLAP},
    SharingKind.TOKEN_ELSEWHERE: {SharingKind.OVERLAP, SharingKind.OTHER_BROWSER, SharingKind.LEFT_NETWORK},
    SharingKind.FOREIGN_NETWORK: {SharingKind.FAR_APART, SharingKind.LEFT_NETWORK},
}
"""Where the first is found, the others would only say it again."""

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("coc_coc", "Cốc Cốc"), ("SamsungBrowser", "Samsung"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """The thresholds; the settings of identity give them their values."""

    second_place: timedelta = timedelta(minutes=10)
    overlap: timedelta = timedelta(minutes=15)
    far_apart: timedelta = timedelta(hours=2)
    shared_machine: timedelta = timedelta(hours=12)
    at_work: timedelta = timedelta(hours=20)
    pause: timedelta = timedelta(hours=4)
    acts_in_one_minute: int = 40
    acts_in_ten_minutes: int = 200


@dataclass(frozen=True)
class Place:
    """A machine ("" when it told none), its address, its browser's own words, the units whose network it is in."""

    machine: str
    address: str
    device: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A session in one place, from when to when."""

    session: UUID
    place: Place
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Scene:
    """A person in a place now; `before` are the sightings of the last hours, `work` when their sessions were busy.

    `units` are the units their roles are given in: nobody is a stranger in a network above or below one of them.
    """

    now: datetime
    session: UUID
    here: Place
    units: tuple[str, ...]
    before: tuple[Seen, ...] = ()
    work: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True)
class Arrival:
    """What is known of a machine somebody has just signed in from."""

    known: bool
    first: bool
    announced: bool = False
    declared_shared: bool = False
    people: int = 1
    replaced: Seen | None = None


@dataclass(frozen=True)
class Sign:
    """A sign with its evidence."""

    kind: SharingKind
    evidence: tuple[Sighted, ...]
    machine: str = ""
    facts: dict[str, object] = field(default_factory=dict)


def on_sign_in(scene: Scene, arrival: Arrival, limits: Limits) -> tuple[Sign, ...]:
    """The signs of a sign-in."""
    here = [_sighted(scene.here, scene.now, scene.now)]
    signs = [*_of_place(scene, limits), *on_hours(scene.here, scene.now, scene.work, limits)]
    signs += _second_place(scene, arrival, limits)
    if scene.here.machine and not (arrival.known or arrival.first or arrival.announced):
        signs.append(Sign(SharingKind.NEW_MACHINE, tuple(here), scene.here.machine))
    if scene.here.machine and arrival.people > 1 and not arrival.declared_shared:
        facts: dict[str, object] = {"people": arrival.people, "hours": limits.shared_machine // timedelta(hours=1)}
        signs.append(Sign(SharingKind.SHARED_MACHINE, tuple(here), scene.here.machine, facts))
    return _spoken(signs)


def on_request(scene: Scene, opened: Place, limits: Limits) -> tuple[Sign, ...]:
    """The signs of a request in a session that was opened in some place."""
    signs = [*_of_place(scene, limits), *on_hours(scene.here, scene.now, scene.work, limits)]
    newest = max((seen for seen in scene.before if seen.session == scene.session), key=_last, default=None)
    was = newest.place if newest else opened
    both = (*([_shown(newest)] if newest else []), _sighted(scene.here, scene.now, scene.now))
    if is_another_machine(opened, scene.here):
        signs.append(Sign(SharingKind.TOKEN_ELSEWHERE, both, scene.here.machine))
    elif family(was.device) != family(scene.here.device):
        facts: dict[str, object] = {"before": family(was.device), "after": family(scene.here.device)}
        signs.append(Sign(SharingKind.OTHER_BROWSER, both, scene.here.machine, facts))
    if _is_home(was, scene.units) and not scene.here.owners and not same_network(was, scene.here):
        signs.append(Sign(SharingKind.LEFT_NETWORK, both, scene.here.machine))
    return _spoken(signs)


def on_hours(here: Place, now: datetime, work: Iterable[tuple[datetime, datetime]], limits: Limits) -> tuple[Sign, ...]:
    """The sign of somebody at work for longer than a person is, by sessions that follow one another without a pause."""
    began = now
    for first, last in sorted(work, key=lambda span: span[1], reverse=True):
        if began - last >= limits.pause:
            break
        began = min(began, first)
    if now - began <= limits.at_work:
        return ()
    hour = timedelta(hours=1)
    facts: dict[str, object] = {"hours": (now - began) // hour, "pause": limits.pause // hour}
    return (Sign(SharingKind.NO_PAUSE, (_sighted(here, began, now),), facts=facts),)


def on_acts(minute: int, ten_minutes: int, now: datetime, limits: Limits) -> tuple[Sign, ...]:
    """The sign of so many acts in the last minute and the last ten."""
    for acts, minutes, most in (
        (minute, 1, limits.acts_in_one_minute),
        (ten_minutes, 10, limits.acts_in_ten_minutes),
    ):
        if acts > most:
            seen = Sighted(first_at=now - timedelta(minutes=minutes), last_at=now, acts=acts)
            return (Sign(SharingKind.TOO_FAST, (seen,), facts={"acts": acts, "minutes": minutes}),)
    return ()


def on_reuse(place: Place, now: datetime) -> Sign:
    """A key of a session that had been replaced was used again."""
    return Sign(SharingKind.TOKEN_REUSED, (_sighted(place, now, now),), place.machine)


def on_disowned(place: Place, began_at: datetime, last_at: datetime) -> Sign:
    """The holder of the account says a session of it was somebody else's."""
    seen = _sighted(place, began_at, last_at)
    return Sign(SharingKind.DISOWNED, (seen,), place.machine, {"began": moment(began_at)})


def is_another_machine(opened: Place, here: Place) -> bool:
    """Whether a session's request comes from another machine than it was opened on.

    A program that tells no machine is taken for the same while its address and its browser's words stay.
    """
    if not opened.machine or not here.machine:
        told_less = bool(opened.machine) is not bool(here.machine)
        return told_less and (family(opened.device) != family(here.device) or not same_network(opened, here))
    return opened.machine != here.machine


def same_network(one: Place, other: Place) -> bool:
    """Whether two places are in one network: registered by one unit, or neighbours by address (/24, /64).

    >>> same_network(Place("", "203.0.113.7", ""), Place("", "203.0.113.200", ""))
    True
    """
    if one.address == other.address or set(one.owners) & set(other.owners):
        return True
    near = _neighbourhood(one.address)
    return near is not None and near == _neighbourhood(other.address)


def family(device: str) -> str:
    """The browser and the system a user agent names, without versions: an update changes neither.

    >>> family("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0")
    'Edge · Windows'
    """
    browser = next((name for mark, name in _BROWSERS if mark in device), device.split("/", 1)[0][:40])
    system = next((name for mark, name in _SYSTEMS if mark in device), "")
    return " · ".join(part for part in (browser, system) if part)


def home_of(grants: Iterable[Grant]) -> tuple[str | None, str]:
    """The election and the administrative unit a person is looked after in: that of the lowest, then newest role."""
    lowest: tuple[str | None, str] = (None, "vn")
    for grant in grants:
        if grant.scope != EVERYWHERE:
            election, _, path = grant.scope.partition("/")
            if unit_path(path).count("/") >= lowest[1].count("/"):
                lowest = (election, unit_path(path))
    return lowest


def units_of(grants: Iterable[Grant]) -> tuple[str, ...]:
    """The administrative units of a person's roles; the whole country for a role that holds everywhere."""
    scopes = {grant.scope for grant in grants}
    return tuple(sorted({"vn" if scope == EVERYWHERE else unit_path(scope.partition("/")[2]) for scope in scopes}))


def unit_above(unit: str) -> str:
    """Who settles what concerns a unit: the unit above; the nation settles its own.

    >>> unit_above("vn/46/19777"), unit_above("vn/46"), unit_above("vn")
    ('vn/46', 'vn', 'vn')
    """
    return unit_path(unit).rpartition("/")[0] or "vn"


def longest_look(limits: Limits) -> timedelta:
    """How far back sightings matter."""
    return max(limits.overlap, limits.far_apart, limits.second_place)


def _of_place(scene: Scene, limits: Limits) -> Iterable[Sign]:
    """Whose network it is, another province minutes ago, and coming back while somebody went on elsewhere."""
    here, shown = scene.here, _sighted(scene.here, scene.now, scene.now)
    if here.owners and scene.units and not _is_home(here, scene.units):
        yield Sign(SharingKind.FOREIGN_NETWORK, (shown,), here.machine, {"owner": here.owners[0]})
    for seen in sorted(scene.before, key=_last, reverse=True):
        apart = scene.now - seen.last_at
        if apart <= limits.far_apart and not _meet(_provinces(seen.place), _provinces(here)):
            facts: dict[str, object] = {"minutes": apart // timedelta(minutes=1)}
            yield Sign(SharingKind.FAR_APART, (_shown(seen), shown), here.machine, facts)
            break
    yield from _overlap(scene, limits)


def _overlap(scene: Scene, limits: Limits) -> Iterable[Sign]:
    """Here, elsewhere, here again, all within minutes."""
    recent = [seen for seen in scene.before if scene.now - seen.last_at <= limits.overlap]
    same = [seen.last_at for seen in recent if _one_place(seen.place, scene.here)]
    if not same:
        return
    between = [seen for seen in recent if not _one_place(seen.place, scene.here) and seen.last_at > max(same)]
    if between:
        seen = max(between, key=_last)
        facts: dict[str, object] = {"minutes": max(1, (scene.now - max(same)) // timedelta(minutes=1))}
        shown = (_sighted(scene.here, max(same), scene.now), _shown(seen))
        yield Sign(SharingKind.OVERLAP, shown, scene.here.machine, facts)


def _second_place(scene: Scene, arrival: Arrival, limits: Limits) -> Iterable[Sign]:
    former = arrival.replaced
    if former is None or arrival.announced or scene.now - former.last_at > limits.second_place:
        return
    machines = is_another_machine(former.place, scene.here)
    networks = not same_network(former.place, scene.here) and not _is_home(scene.here, scene.units)
    if machines or networks:
        facts: dict[str, object] = {"minutes": (scene.now - former.last_at) // timedelta(minutes=1)}
        shown = (_shown(former), _sighted(scene.here, scene.now, scene.now))
        yield Sign(SharingKind.SECOND_PLACE, shown, scene.here.machine, facts)


def _spoken(signs: Sequence[Sign]) -> tuple[Sign, ...]:
    """Each kind once, none that a more basic one says already."""
    found: dict[SharingKind, Sign] = {}
    for sign in signs:
        found.setdefault(sign.kind, sign)
    silent = {quiet for kind in found for quiet in _SILENCES.get(kind, ())}
    return tuple(found[kind] for kind in SIGNS if kind in found and kind not in silent)


def _one_place(one: Place, other: Place) -> bool:
    return not is_another_machine(one, other) and same_network(one, other)


def _is_home(place: Place, units: Iterable[str]) -> bool:
    return any(holds(owner, unit) or holds(unit, owner) for owner in place.owners for unit in units)


def _provinces(place: Place) -> set[str]:
    return {owner.split("/")[1] for owner in place.owners if "/" in owner}


def _meet(one: set[str], other: set[str]) -> bool:
    """Whether two places may be in one province; what nobody registered may be anywhere."""
    return not one or not other or bool(one & other)


def _neighbourhood(address: str) -> str | None:
    try:
        wide = 24 if ip_address(address).version == 4 else 64
    except ValueError:
        return None
    return str(ip_network(f"{address}/{wide}", strict=False))


def _last(seen: Seen) -> datetime:
    return seen.last_at


def _shown(seen: Seen) -> Sighted:
    return _sighted(seen.place, seen.first_at, seen.last_at)


def _sighted(place: Place, first_at: datetime, last_at: datetime) -> Sighted:
    return Sighted(
        machine=place.machine[:8],
        address=place.address,
        device=family(place.device),
        network=place.owners[0] if place.owners else "",
        first_at=first_at,
        last_at=last_at,
    )
