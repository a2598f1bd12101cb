"""The tables of results: what was heard, polling day, count records, sums and results."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Sequence,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.kit.database import service_metadata

Json = dict[str, Any]


class Base(DeclarativeBase):
    """Everything in the database of results."""

    metadata = service_metadata("results")
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        date: Date,
        UUID: Uuid,
        int: BigInteger,
        str: Text,
        Json: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(BigInteger),
    }


receipt_numbers = Sequence("receipt_numbers", metadata=Base.metadata)
"""Numbers of receipts; a gap means an act that was refused after it began."""

ELECTION, CODE, CONTEST, STATE = String(20), String(20), String(2), String(20)


class HeardUnit(Base):
    """A unit and its title, as identity told."""

    __tablename__ = "units"

    path: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str]


class HeardElection(Base):
    """An election, as candidates told: its day, its slots, its clock."""

    __tablename__ = "elections"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    day: Mapped[date]
    slots: Mapped[list[str]]
    clock: Mapped[Json]


class HeardConstituency(Base):
    """A constituency, as candidates told."""

    __tablename__ = "constituencies"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    contest: Mapped[str] = mapped_column(CONTEST)
    path: Mapped[str] = mapped_column(String(40))
    told: Mapped[Json]


class HeardList(Base):
    """An official list, as candidates told: in ballot order."""

    __tablename__ = "official_lists"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE, primary_key=True)
    seats: Mapped[int]
    candidates: Mapped[list[Json]] = mapped_column(JSONB)


class HeardVoterList(Base):
    """The totals of an area's voter list, as voters told."""

    __tablename__ = "voter_lists"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    area: Mapped[str] = mapped_column(CODE, primary_key=True)
    state: Mapped[str] = mapped_column(STATE)
    rights: Mapped[Json]


class AreaRow(Base):
    """A polling area, as voters told, and its polling day: when it opened and closed, before whom, with which list."""

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint("state IN ('awaited', 'open', 'closed')", name="state"),
        CheckConstraint("closed_at > opened_at", name="order"),
        Index("ix_areas_unit", "election", "unit"),
    )

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    unit: Mapped[str] = mapped_column(String(40))
    place: Mapped[str]
    na: Mapped[str] = mapped_column(CODE)
    pc: Mapped[str] = mapped_column(CODE)
    cc: Mapped[str] = mapped_column(CODE)
    state: Mapped[str] = mapped_column(STATE, server_default="awaited")
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    opening_witnesses: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    count_witnesses: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    rights_at_opening: Mapped[Json | None]


class TurnoutReport(Base):
    """A turnout report; a later report of the same slot supersedes it and leaves it standing."""

    __tablename__ = "turnout_reports"
    __table_args__ = (
        UniqueConstraint("election", "area", "slot", "version"),
        Index(
            "uq_turnout_reports_current",
            "election", "area", "slot",
            unique=True,
            postgresql_where=text("current"),
        ),
        CheckConstraint("took_part >= 0 AND voters >= 0", name="counts"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    election: Mapped[str] = mapped_column(ELECTION)
    unit: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(CODE)
    slot: Mapped[str] = mapped_column(String(5))
    version: Mapped[int]
    current: Mapped[bool]
    took_part: Mapped[int]
    voters: Mapped[int]
    late: Mapped[bool]
    reason: Mapped[str]
    reported_by: Mapped[UUID]
    reported_name: Mapped[str]
    at: Mapped[datetime]


class IncidentRow(Base):
    """An incident with its number in the unit."""

    __tablename__ = "incidents"
    __table_args__ = (CheckConstraint("state IN ('open', 'settled')", name="state"),)

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area: Mapped[str | None] = mapped_column(CODE)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(STATE)
    happened_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    reported_by: Mapped[UUID]
    reported_name: Mapped[str]
    what: Mapped[str]
    action: Mapped[str]
    needs_decision: Mapped[bool]
    settled: Mapped[str] = mapped_column(server_default="")
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]


class BallotUseRow(Base):
    """Form 32 of a Team for one contest; a later one supersedes it and leaves it standing."""

    __tablename__ = "ballot_uses"
    __table_args__ = (
        UniqueConstraint("election", "area", "contest", "version"),
        Index(
            "uq_ballot_uses_current",
            "election", "area", "contest",
            unique=True,
            postgresql_where=text("current"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    election: Mapped[str] = mapped_column(ELECTION)
    area: Mapped[str] = mapped_column(CODE)
    contest: Mapped[str] = mapped_column(CONTEST)
    version: Mapped[int]
    current: Mapped[bool]
    received: Mapped[int]
    issued: Mapped[int]
    spoiled: Mapped[int]
    unused: Mapped[int]
    witnesses: Mapped[list[str]]
    recorded_by: Mapped[UUID]
    recorded_name: Mapped[str]
    at: Mapped[datetime]


_STATES = (
    "state IN ('awaited', 'entering_first', 'entered_first', 'entering_second', 'differs', 'faulty', 'waiting', "
    "'approved', 'returned', 'reopened')"
)
_TWO_PEOPLE = "first_by IS NULL OR second_by IS NULL OR first_by <> second_by"
_APPROVED = (
    "state <> 'approved' OR (first_by IS NOT NULL AND second_by IS NOT NULL AND approved_by IS NOT NULL "
    "AND content IS NOT NULL AND valid IS NOT NULL AND approved_by <> first_by AND approved_by <> second_by "
    "AND (compared_by IS NULL OR approved_by <> compared_by))"
)
_TWO_MACHINES = "first_machine = '' OR first_machine NOT IN (second_machine, compared_machine, approved_machine)"
_THREE_MACHINES = "second_machine = '' OR second_machine NOT IN (compared_machine, approved_machine)"
_FOUR_MACHINES = "compared_machine = '' OR compared_machine <> approved_machine"


class RecordRow(Base):
    """The count record of one area and contest in its present version. Figures stand only once two entries agree."""

    __tablename__ = "records"
    __table_args__ = (
        CheckConstraint(_STATES, name="state"),
        CheckConstraint(_TWO_PEOPLE, name="two_people"),
        CheckConstraint(
            "compared_by IS NULL OR (compared_by <> first_by AND compared_by <> second_by)", name="compared"
        ),
        CheckConstraint(_APPROVED, name="approved"),
        CheckConstraint(_TWO_MACHINES, name="two_machines"),
        CheckConstraint(_THREE_MACHINES, name="three_machines"),
        CheckConstraint(_FOUR_MACHINES, name="four_machines"),
        CheckConstraint("(state IN ('waiting', 'approved')) = (content IS NOT NULL)", name="agreed"),
        Index("ix_records_unit", "election", "unit", "state"),
        Index("ix_records_constituency", "election", "constituency", "unit"),
        Index("ix_records_vector", "election", "constituency", "vector", postgresql_where=text("vector IS NOT NULL")),
    )

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    area: Mapped[str] = mapped_column(CODE, primary_key=True)
    contest: Mapped[str] = mapped_column(CONTEST, primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE)
    unit: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(STATE, server_default="awaited")
    version: Mapped[int] = mapped_column(server_default="1")
    changed_at: Mapped[datetime | None]

    claimed_by: Mapped[UUID | None]
    claimed_at: Mapped[datetime | None]

    first_by: Mapped[UUID | None]
    first_name: Mapped[str] = mapped_column(server_default="")
    first_machine: Mapped[str] = mapped_column(server_default="")
    first_at: Mapped[datetime | None]
    first_figures: Mapped[Json | None]
    second_by: Mapped[UUID | None]
    second_name: Mapped[str] = mapped_column(server_default="")
    second_machine: Mapped[str] = mapped_column(server_default="")
    second_at: Mapped[datetime | None]
    second_figures: Mapped[Json | None]
    tellings: Mapped[int] = mapped_column(Integer, server_default="0")

    compared_by: Mapped[UUID | None]
    compared_name: Mapped[str] = mapped_column(server_default="")
    compared_machine: Mapped[str] = mapped_column(server_default="")
    approved_by: Mapped[UUID | None]
    approved_name: Mapped[str] = mapped_column(server_default="")
    approved_machine: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    document: Mapped[str] = mapped_column(server_default="")

    voters: Mapped[int | None]
    took_part: Mapped[int | None]
    issued: Mapped[int | None]
    collected: Mapped[int | None]
    valid: Mapped[int | None]
    invalid: Mapped[int | None]
    votes: Mapped[list[int] | None]
    kinds: Mapped[list[int] | None]
    content: Mapped[str | None] = mapped_column(String(64))
    vector: Mapped[str | None] = mapped_column(String(32))
    findings: Mapped[int] = mapped_column(Integer, server_default="0")


class RecordVersion(Base):
    """A version of a count record that was returned or re-opened: the whole row as it stood, and why not any more."""

    __tablename__ = "record_versions"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    area: Mapped[str] = mapped_column(CODE, primary_key=True)
    contest: Mapped[str] = mapped_column(CONTEST, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stood: Mapped[Json]
    reason: Mapped[str]
    document: Mapped[str]
    superseded_by: Mapped[UUID]
    superseded_name: Mapped[str]
    at: Mapped[datetime]


class DraftRow(Base):
    """What a person has typed of a record so far; it never enters a total."""

    __tablename__ = "drafts"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    area: Mapped[str] = mapped_column(CODE, primary_key=True)
    contest: Mapped[str] = mapped_column(CONTEST, primary_key=True)
    person: Mapped[UUID] = mapped_column(primary_key=True)
    draft: Mapped[Json]
    saved_at: Mapped[datetime]


class CommuneSum(Base):
    """The approved records of one commune in one constituency, added up: rebuilt from the records at will."""

    __tablename__ = "commune_sums"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE, primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    areas: Mapped[int]
    approved: Mapped[int]
    voters: Mapped[int]
    took_part: Mapped[int]
    issued: Mapped[int]
    collected: Mapped[int]
    valid: Mapped[int]
    invalid: Mapped[int]
    votes: Mapped[list[int]]


_SIGNED = "state <> 'declared' OR (prepared_by IS NOT NULL AND declared_by IS NOT NULL AND declared_by <> prepared_by)"


class ResultRow(Base):
    """What people have done with the result of a constituency. Its figures are the sums; none stands here."""

    __tablename__ = "results"
    __table_args__ = (
        CheckConstraint("state IN ('collecting', 'complete', 'prepared', 'declared')", name="state"),
        CheckConstraint(_SIGNED, name="two_people"),
        CheckConstraint("prepared_machine = '' OR prepared_machine <> declared_machine", name="two_machines"),
    )

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE, primary_key=True)
    state: Mapped[str] = mapped_column(STATE, server_default="collecting")
    version: Mapped[int] = mapped_column(server_default="1")
    stands_anyway: Mapped[bool] = mapped_column(server_default=text("false"))
    first: Mapped[list[int]] = mapped_column(server_default=text("'{}'"))
    first_document: Mapped[str] = mapped_column(server_default="")
    first_by: Mapped[UUID | None]
    meeting: Mapped[Json | None]
    told: Mapped[Json | None]
    changed_at: Mapped[datetime | None]
    prepared_by: Mapped[UUID | None]
    prepared_name: Mapped[str] = mapped_column(server_default="")
    prepared_machine: Mapped[str] = mapped_column(server_default="")
    prepared_at: Mapped[datetime | None]
    declared_by: Mapped[UUID | None]
    declared_name: Mapped[str] = mapped_column(server_default="")
    declared_machine: Mapped[str] = mapped_column(server_default="")
    declared_at: Mapped[datetime | None]


class ResultVersion(Base):
    """A prepared or declared result that a re-opened record overtook: the whole result as it was told."""

    __tablename__ = "result_versions"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stood: Mapped[Json]
    at: Mapped[datetime]
