"""Administrative units, and the bodies that hold an election in them: what identity keeps and every service reads."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol

from pydantic import Field

from services.contracts.base import (
    Command,
    Count,
    ElectionId,
    Event,
    Finding,
    Line,
    Message,
    Name,
    Query,
    Reply,
    ScopedCommand,
    ScopedQuery,
    UnitCode,
    UnitPath,
)


class UnitKind(StrEnum):
    """The kinds of administrative units since 1/7/2025; there is no district."""

    NATION = "nation"
    PROVINCE = "tinh"
    CITY = "thanh_pho"
    COMMUNE = "xa"
    WARD = "phuong"
    SPECIAL_ZONE = "dac_khu"


class Unit(Reply):
    """An administrative unit. `name` is without its kind ("Vỹ Dạ"), `title` with it ("phường Vỹ Dạ")."""

    code: UnitCode
    path: UnitPath
    kind: UnitKind
    name: Name
    title: Name


class LoadUnits(Command):
    """Load the nation, its provinces and communes; refused whole unless there are 34 and 3,321 of them."""

    units: tuple[Unit, ...]


class UnitsBelow(Query):
    """The unit at a path and all units below it, by code. Any person with a passport may ask: units are public."""

    path: UnitPath = "vn"


class Units(Reply):
    """Administrative units, parents before children; after loading, what differs from the reference without harm."""

    units: tuple[Unit, ...]
    findings: tuple[Finding, ...] = ()


class BodyKind(StrEnum):
    """Commission (Ủy ban bầu cử), Board (Ban bầu cử), Team (Tổ bầu cử); the Council is the NEC."""

    COUNCIL = "council"
    COMMISSION = "commission"
    BOARD = "board"
    TEAM = "team"


class MemberRole(StrEnum):
    """A place in a body. A Team has head, secretary and members, no deputy (LBC 25)."""

    HEAD = "head"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    MEMBER = "member"


class Member(Message):
    """A member of a body as the founding document names them. `born` and `login` (their account) may be unknown.

    `born` tells a candidate from another person of the same name (LBC 27); neither is told in events.
    """

    name: Name
    role: MemberRole
    phone: Line = ""
    born: date | None = None
    login: Line = ""


class Body(Message):
    """A body at a path: `vn/46` a provincial Commission, `vn/46/NA-46-01` a Board, `vn/46/19777/19777-012` a Team.

    `armed_unit`: the Team of a polling area of one armed-forces unit, made by its commander, 5 to 9 people.
    """

    path: UnitPath
    kind: BodyKind
    title: Name
    members: tuple[Member, ...]
    document: Line
    formed_on: date
    armed_unit: bool = False


class FormBodies(ScopedCommand):
    """Form or re-form bodies at or below a unit; all findings at once, nothing half stored."""

    bodies: tuple[Body, ...] = Field(max_length=1000)


class BodiesFormed(Reply):
    """How many bodies of the request now stand, and what is worth a look although it binds nobody."""

    formed: Count
    findings: tuple[Finding, ...] = ()


class BodiesOf(ScopedQuery):
    """The bodies at a unit and directly below it."""


class Bodies(Reply):
    """Bodies by path."""

    bodies: tuple[Body, ...]


class UnitDefined(Event):
    """A unit stands."""

    topic: ClassVar[str] = "identity.unit_defined"

    code: UnitCode
    path: UnitPath
    kind: UnitKind
    name: Name
    title: Name

    @property
    def aggregate(self) -> str:
        return f"unit/{self.code}"


class BodyFormed(Event):
    """A body stands, with all its members."""

    topic: ClassVar[str] = "identity.body_formed"

    election: ElectionId
    body: Body

    @property
    def aggregate(self) -> str:
        return f"body/{self.election}/{self.body.path}"


class UnitsApi(Protocol):
    """What identity answers about units and bodies."""

    def load_units(self, request: LoadUnits) -> Units: ...
    def units_below(self, request: UnitsBelow) -> Units: ...
    def form_bodies(self, request: FormBodies) -> BodiesFormed: ...
    def bodies_of(self, request: BodiesOf) -> Bodies: ...
