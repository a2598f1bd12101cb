"""The tables of reporting: copies of what others told, counters rebuilt from them, own documents and snapshots."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, Index, Integer, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.kit.database import service_metadata


class Base(DeclarativeBase):
    """Everything in reporting's database."""

    metadata = service_metadata("reporting")
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it as it stands
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        bool: Boolean,
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
    }


class UnitRow(Base):
    """An administrative unit as heard."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    path: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))


class ElectionRow(Base):
    """An election as heard, with its clock."""

    __tablename__ = "elections"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    data: Mapped[dict[str, Any]]


class ConstituencyRow(Base):
    """A constituency as heard."""

    __tablename__ = "constituencies"
    __table_args__ = (
        Index("ix_constituencies_place", "election", "contest", postgresql_include=["path", "code", "seats"]),
    )

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    contest: Mapped[str] = mapped_column(String(2))
    path: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int]
    data: Mapped[dict[str, Any]]


class ListRow(Base):
    """An official list as heard."""

    __tablename__ = "official_lists"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    constituency: Mapped[str] = mapped_column(String(20), primary_key=True)
    data: Mapped[dict[str, Any]]


class BodyRow(Base):
    """A Commission, Board or Team as heard."""

    __tablename__ = "bodies"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    path: Mapped[str] = mapped_column(String(40), primary_key=True)
    data: Mapped[dict[str, Any]]


class AreaRow(Base):
    """A polling area as heard."""

    __tablename__ = "areas"
    __table_args__ = (Index("ix_areas_commune", "election", "commune"),)

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    area: Mapped[str] = mapped_column(String(10), primary_key=True)
    commune: Mapped[str] = mapped_column(String(5))
    province: Mapped[str] = mapped_column(String(2))
    place: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    na: Mapped[str] = mapped_column(String(20))
    pc: Mapped[str] = mapped_column(String(20))
    cc: Mapped[str] = mapped_column(String(20))


class RightsRow(Base):
    """The voters of an area by contest, as heard."""

    __tablename__ = "area_rights"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    area: Mapped[str] = mapped_column(String(10), primary_key=True)
    state: Mapped[str] = mapped_column(String(30))
    na: Mapped[int] = mapped_column(BigInteger)
    pc: Mapped[int] = mapped_column(BigInteger)
    cc: Mapped[int] = mapped_column(BigInteger)


class PollingRow(Base):
    """Opening and closing of an area, as heard."""

    __tablename__ = "polling"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    area: Mapped[str] = mapped_column(String(10), primary_key=True)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    opening_witnesses: Mapped[list[str]]
    count_witnesses: Mapped[list[str]]


class TurnoutRow(Base):
    """Turnout of an area at a slot, as heard."""

    __tablename__ = "turnout"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    area: Mapped[str] = mapped_column(String(10), primary_key=True)
    slot: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune: Mapped[str] = mapped_column(String(5))
    took_part: Mapped[int] = mapped_column(BigInteger)
    voters: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_turnout_commune", "election", "commune"),)


class IncidentRow(Base):
    """An incident as heard."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_commune", "election", "commune"),)

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    commune: Mapped[str] = mapped_column(String(5))
    open: Mapped[bool]
    happened_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class RecordRow(Base):
    """A count record as heard: its state, its figures once approved."""

    __tablename__ = "records"
    __table_args__ = (
        Index("ix_records_commune", "election", "commune", "contest"),
        Index("ix_records_constituency", "election", "constituency"),
        CheckConstraint("(state = 'approved') = (figures IS NOT NULL)", name="figures_once_approved"),
    )

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    area: Mapped[str] = mapped_column(String(10), primary_key=True)
    contest: Mapped[str] = mapped_column(String(2), primary_key=True)
    commune: Mapped[str] = mapped_column(String(5))
    constituency: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    content: Mapped[str | None] = mapped_column(String(64))
    hands: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    at: Mapped[datetime]


class ResultRow(Base):
    """The result of a constituency as heard."""

    __tablename__ = "results"
    __table_args__ = (
        Index("ix_results_standing", "election", "contest", "state", postgresql_include=["path", "elected"]),
        Index("ix_results_path", "election", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    constituency: Mapped[str] = mapped_column(String(20), primary_key=True)
    contest: Mapped[str] = mapped_column(String(2))
    path: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    seats: Mapped[int]
    elected: Mapped[int]
    version: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(String(64))
    hands: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    data: Mapped[dict[str, Any]]


class CommuneDayRow(Base):
    """Counters of polling day in a commune, rebuilt from its areas: kept only for speed.

    `slots`: slot → [areas, took part, voters] of the reports at it. `last`: slot → areas whose newest report it is.
    """

    __tablename__ = "commune_days"
    __table_args__ = (Index("ix_commune_days_province", "election", "province"),)

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    commune: Mapped[str] = mapped_column(String(5), primary_key=True)
    province: Mapped[str] = mapped_column(String(2))
    areas: Mapped[int]
    voters: Mapped[int] = mapped_column(BigInteger)
    took_part: Mapped[int] = mapped_column(BigInteger)
    slots: Mapped[dict[str, Any]]
    last: Mapped[dict[str, Any]]
    incidents: Mapped[int]


class CommuneCountRow(Base):
    """Counters of the count in a commune and contest, rebuilt from its records: kept only for speed."""

    __tablename__ = "commune_counts"
    __table_args__ = (Index("ix_commune_counts_province", "election", "province", "contest"),)

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    commune: Mapped[str] = mapped_column(String(5), primary_key=True)
    contest: Mapped[str] = mapped_column(String(2), primary_key=True)
    province: Mapped[str] = mapped_column(String(2))
    states: Mapped[dict[str, Any]]
    approved: Mapped[int]
    voters: Mapped[int] = mapped_column(BigInteger)
    took_part: Mapped[int] = mapped_column(BigInteger)
    issued: Mapped[int] = mapped_column(BigInteger)
    collected: Mapped[int] = mapped_column(BigInteger)
    valid: Mapped[int] = mapped_column(BigInteger)
    invalid: Mapped[int] = mapped_column(BigInteger)


class DocumentRow(Base):
    """A document that was issued, and the fact and version it was made from; only `superseded` ever changes."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_fact", "election", "fact", postgresql_where=text("NOT superseded")),)

    document: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(String(20))
    fact: Mapped[str] = mapped_column(String(60))
    fact_version: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str] = mapped_column(String(4))
    title: Mapped[str] = mapped_column(Text)
    object: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(40), index=True)
    file: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    shown_at: Mapped[datetime]  # when it was issued on the election's own clock
    issued_by: Mapped[str] = mapped_column(Text)
    superseded: Mapped[bool]


class SnapshotRow(Base):
    """A public snapshot that was published."""

    __tablename__ = "snapshots"

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[dict[str, Any]]


class PublicationRow(Base):
    """An ordered publication: how far it came, whose worker has it, what came of it. One open at a time an election."""

    __tablename__ = "publications"
    __table_args__ = (
        Index("uq_publications_open", "election", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_publications_ordered", "election", "ordered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    attempt: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finding: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    by_id: Mapped[UUID]
    by_name: Mapped[str] = mapped_column(Text)
    by_machine: Mapped[str] = mapped_column(Text, server_default="")
    ordered_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
