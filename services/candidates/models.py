"""The tables of candidates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.kit.database import service_metadata


class Base(DeclarativeBase):
    """Everything in candidates' database."""

    metadata = service_metadata("candidates")
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it as it stands
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        bytes: LargeBinary,
        date: Date,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
    }


class ElectionRow(Base):
    """An election: its day, and the clock that a rehearsal may set."""

    __tablename__ = "elections"
    __table_args__ = (
        CheckConstraint("rehearsal = starts_with(election, 'dien-tap-')", name="id_says_rehearsal"),
        CheckConstraint("rehearsal OR (clock_speed = 1 AND clock_shown_at = clock_real_at)", name="real_clock"),
    )

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    day: Mapped[date]
    rehearsal: Mapped[bool]
    slots: Mapped[list[str]]
    clock_real_at: Mapped[datetime]
    clock_shown_at: Mapped[datetime]
    clock_speed: Mapped[int]
    called_at: Mapped[datetime]
    called_by: Mapped[UUID]


class UnitRow(Base):
    """An administrative unit as identity told it."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    path: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))


class StructureRow(Base):
    """A structure file that was accepted: the file itself stays in the store under its hash."""

    __tablename__ = "structures"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(ForeignKey("elections.election"))
    unit: Mapped[str] = mapped_column(String(40))
    file: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(400))
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[UUID]


class ConstituencyRow(Base):
    """A constituency as the newest accepted file fixed it."""

    __tablename__ = "constituencies"
    __table_args__ = (
        CheckConstraint("seats BETWEEN 1 AND CASE contest WHEN 'NA' THEN 3 ELSE 5 END", name="seats_by_law"),
        Index("ix_constituencies_path", "election", "path"),
    )

    election: Mapped[str] = mapped_column(ForeignKey("elections.election"), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    contest: Mapped[str] = mapped_column(String(2))
    path: Mapped[str] = mapped_column(String(40))
    ordinal: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(200))
    seats: Mapped[int] = mapped_column(SmallInteger)
    communes: Mapped[list[str]]
    extent: Mapped[str] = mapped_column(Text)
    population: Mapped[int]
    resolution: Mapped[str] = mapped_column(String(400))
    structure: Mapped[UUID] = mapped_column(ForeignKey("structures.id"))


class CommuneOfConstituency(Base):
    """A commune is in one constituency of the National Assembly and in one of its province's Council."""

    __tablename__ = "communes_of_constituencies"
    __table_args__ = (
        CheckConstraint("contest IN ('NA', 'PC')", name="whole_communes"),
        ForeignKeyConstraint(["election", "code"], ["constituencies.election", "constituencies.code"]),
    )

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    contest: Mapped[str] = mapped_column(String(2), primary_key=True)
    commune: Mapped[str] = mapped_column(String(5), primary_key=True)
    code: Mapped[str] = mapped_column(String(12))


class DossierRow(Base):
    """A dossier as it now stands; the personal number is there only as its concealed block."""

    __tablename__ = "dossiers"
    __table_args__ = (
        Index(
            "uq_dossiers_person_in_contest",
            "election",
            "concealed",
            "contest",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'struck')"),
        ),
        Index("ix_dossiers_unit", "election", "unit", "order_key"),
        Index("ix_dossiers_constituency", "election", "constituency"),
        ForeignKeyConstraint(["election", "constituency"], ["constituencies.election", "constituencies.code"]),
        CheckConstraint("octet_length(concealed) = 16", name="number_is_concealed"),
        CheckConstraint("state NOT IN ('placed', 'listed') OR confirmed_content = content", name="two_people_read_it"),
        CheckConstraint("confirmed_by_id NOT IN (entered_by_id, received_by_id, checked_by_id)", name="second_person"),
        CheckConstraint("(constituency IS NOT NULL) = (state IN ('placed', 'listed', 'struck'))", name="has_place"),
    )

    dossier: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(ForeignKey("elections.election"))
    contest: Mapped[str] = mapped_column(String(2))
    unit: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]

    full_name: Mapped[str] = mapped_column(String(200))
    other_name: Mapped[str] = mapped_column(String(400))
    birth_date: Mapped[date]
    sex: Mapped[str] = mapped_column(String(10))
    concealed: Mapped[bytes]
    ethnicity: Mapped[str] = mapped_column(String(200))
    religion: Mapped[str] = mapped_column(String(400))
    home_town: Mapped[str] = mapped_column(String(200))
    residence: Mapped[str] = mapped_column(String(200))
    background: Mapped[dict[str, Any]]
    nominator: Mapped[str] = mapped_column(String(10))
    nominated_by: Mapped[str] = mapped_column(String(400))
    order_key: Mapped[str] = mapped_column(Text(collation="C"))
    content: Mapped[str] = mapped_column(String(64))
    receipt_findings: Mapped[list[dict[str, Any]]]
    check_findings: Mapped[list[dict[str, Any]]]
    machines: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    identity_fields: Mapped[list[dict[str, Any]]]
    constituency: Mapped[str | None] = mapped_column(String(12))

    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(String(400))
    received_by_id: Mapped[UUID]
    entered_by_id: Mapped[UUID]
    checked_by: Mapped[str] = mapped_column(String(400))
    checked_by_id: Mapped[UUID | None]
    checked_content: Mapped[str | None] = mapped_column(String(64))
    confirmed_by: Mapped[str] = mapped_column(String(400))
    confirmed_by_id: Mapped[UUID | None]
    confirmed_content: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime]


class DossierStepRow(Base):
    """One act on a dossier: who, when, from what state to what, on what ground. Never changed."""

    __tablename__ = "dossier_steps"

    dossier: Mapped[UUID] = mapped_column(ForeignKey("dossiers.dossier"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    by_id: Mapped[UUID]
    by_name: Mapped[str] = mapped_column(String(400))
    ground: Mapped[str] = mapped_column(Text)
    superseded: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ListRow(Base):
    """One version of the official list of a constituency; the newest stands, the others are history."""

    __tablename__ = "official_lists"
    __table_args__ = (
        ForeignKeyConstraint(["election", "constituency"], ["constituencies.election", "constituencies.code"]),
        Index("uq_official_lists_standing", "election", "constituency", unique=True, postgresql_where=text("stands")),
    )

    election: Mapped[str] = mapped_column(String(20), primary_key=True)
    constituency: Mapped[str] = mapped_column(String(12), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    stands: Mapped[bool]
    contest: Mapped[str] = mapped_column(String(2))
    path: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int] = mapped_column(SmallInteger)
    candidates: Mapped[list[dict[str, Any]]]
    document: Mapped[str] = mapped_column(String(400))
    published_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]
