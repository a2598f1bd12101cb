"""The tables of voters. Personal numbers are there only as their concealed blocks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.kit.database import service_metadata

ELECTION, CODE, PATH, STATE = String(20), String(20), String(40), String(20)


class Base(DeclarativeBase):
    """Everything in the database of voters."""

    metadata = service_metadata("voters")
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        date: Date,
        UUID: Uuid,
        int: BigInteger,
        str: Text,
        bool: Boolean,
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


class HeardElection(Base):
    """An election, as candidates told: its day and its clock."""

    __tablename__ = "elections"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    day: Mapped[date]
    clock: Mapped[dict[str, Any]]


class HeardConstituency(Base):
    """A constituency, as candidates told: its contest and communes."""

    __tablename__ = "constituencies"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    contest: Mapped[str] = mapped_column(String(2))
    communes: Mapped[list[str]]


class AreaRow(Base):
    """A polling area and its list: the state, the totals (sums over its active entries), who posted and closed it."""

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint("state IN ('empty', 'drafted', 'posted', 'closed')", name="state"),
        CheckConstraint("male + female = na AND pc = na AND cc <= na AND cc >= 0", name="totals"),
        Index("ix_areas_unit", "election", "unit"),
    )

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    unit: Mapped[str] = mapped_column(PATH)
    told: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(STATE, server_default="empty")
    na: Mapped[int] = mapped_column(server_default="0")
    pc: Mapped[int] = mapped_column(server_default="0")
    cc: Mapped[int] = mapped_column(server_default="0")
    male: Mapped[int] = mapped_column(server_default="0")
    female: Mapped[int] = mapped_column(server_default="0")
    last_serial: Mapped[int] = mapped_column(server_default="0")
    imported_by: Mapped[UUID | None]
    imported_machine: Mapped[str] = mapped_column(server_default="")
    import_job: Mapped[UUID | None]
    posted_at: Mapped[datetime | None]
    posted_by: Mapped[UUID | None]
    posted_document: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    closed_document: Mapped[str] = mapped_column(server_default="")


class Entry(Base):
    """A line of a voter list, in a partition of its election. A struck line stays and is no longer active."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("uq_entries_person", "election", "concealed", unique=True, postgresql_where=text("active")),
        CheckConstraint("octet_length(concealed) = 16", name="number_is_concealed"),
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
        {"postgresql_partition_by": "LIST (election)"},
    )

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    area: Mapped[str] = mapped_column(CODE, primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    household: Mapped[str]
    full_name: Mapped[str]
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(String(6))
    ethnicity: Mapped[str]
    concealed: Mapped[bytes]
    temporary_since: Mapped[date | None]
    address: Mapped[str]
    na: Mapped[bool]
    pc: Mapped[bool]
    cc: Mapped[bool]
    note: Mapped[str]


class EntryChange(Base):
    """An addition to or a strike from a posted list: reason, document, who, when. Never changed."""

    __tablename__ = "entry_changes"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    election: Mapped[str] = mapped_column(ELECTION)
    area: Mapped[str] = mapped_column(CODE)
    serial: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str]
    document: Mapped[str]
    by_id: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]


class ImportRow(Base):
    """An import: the file's hash, how far it came, what is wrong with it. The file itself stays in the store."""

    __tablename__ = "imports"
    __table_args__ = (
        Index("ix_imports_unit", "election", "unit", "started_at"),
        Index("ix_imports_open", "touched_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(ELECTION)
    unit: Mapped[str] = mapped_column(PATH)
    file: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str]
    state: Mapped[str] = mapped_column(STATE)
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    written: Mapped[int] = mapped_column(server_default="0")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    more_findings: Mapped[int] = mapped_column(server_default="0")
    by_id: Mapped[UUID]
    by_name: Mapped[str]
    by_machine: Mapped[str] = mapped_column(server_default="")
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
