"""The tables of sealed keys and emergency openings, and of what bodies and candidates are compared by."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base

ELECTION, PATH, CODE = String(20), String(40), String(20)


class HeardElectionRow(Base):
    """An election as candidates told it: its day and its clock."""

    __tablename__ = "heard_elections"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    day: Mapped[date]
    clock: Mapped[dict[str, Any]] = mapped_column(JSONB)


class HeardConstituencyRow(Base):
    """A constituency as candidates told it: where its Board stands."""

    __tablename__ = "heard_constituencies"
    __table_args__ = (Index("ix_heard_constituencies_path", "election", "path"),)

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    path: Mapped[str] = mapped_column(PATH)
    title: Mapped[str] = mapped_column(String(200))


class HeardAreaRow(Base):
    """A polling area as voters told it: where its Team stands, and its three constituencies."""

    __tablename__ = "heard_areas"

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    path: Mapped[str] = mapped_column(PATH, primary_key=True)
    na: Mapped[str] = mapped_column(CODE)
    pc: Mapped[str] = mapped_column(CODE)
    cc: Mapped[str] = mapped_column(CODE)


class HeardCandidateRow(Base):
    """A candidate of an official list who was not struck; the list is public."""

    __tablename__ = "heard_candidates"
    __table_args__ = (Index("ix_heard_candidates_folded", "election", "folded"),)

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE, primary_key=True)
    dossier: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(200))
    born: Mapped[date]


class ConflictRow(Base):
    """A candidate found on a body of his constituency (LBC 27), and what became of it."""

    __tablename__ = "conflicts"
    __table_args__ = (CheckConstraint("state IN ('open', 'explained', 'settled')", name="state"),)

    election: Mapped[str] = mapped_column(ELECTION, primary_key=True)
    path: Mapped[str] = mapped_column(PATH, primary_key=True)
    dossier: Mapped[UUID] = mapped_column(primary_key=True)
    constituency: Mapped[str] = mapped_column(CODE, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(200))
    candidate: Mapped[str] = mapped_column(String(200))
    sure: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20))
    found_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    explanation: Mapped[str] = mapped_column(Text, server_default="")
    explained_by: Mapped[UUID | None]
    explained_name: Mapped[str] = mapped_column(String(200), server_default="")


class SealedKeyRow(Base):
    """A key in an envelope, of which only the hash is known; ended when new ones are sealed, never deleted."""

    __tablename__ = "sealed_keys"
    __table_args__ = (
        Index(
            "uq_sealed_keys_holder",
            "election", "unit", "person",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    election: Mapped[str] = mapped_column(ELECTION)
    unit: Mapped[str] = mapped_column(PATH)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    key_hash: Mapped[bytes]
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[UUID]
    sealed_name: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None]


class OpeningRow(Base):
    """An emergency opening: who asked, who joined, which grant it lent, how it ended, what the review said."""

    __tablename__ = "openings"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'lapsed', 'open', 'over', 'reviewed')", name="state"),
        CheckConstraint("joined_by IS NULL OR joined_by <> asked_by", name="two_people"),
        CheckConstraint("joined_machine = '' OR joined_machine <> asked_machine", name="two_machines"),
        CheckConstraint("state IN ('asked', 'lapsed') OR (joined_by IS NOT NULL AND lent IS NOT NULL)", name="joined"),
        CheckConstraint("reviewed_by IS NULL OR reviewed_by NOT IN (asked_by, joined_by)", name="third_person"),
        Index(
            "uq_openings_standing",
            "election", "unit",
            unique=True,
            postgresql_where=text("state IN ('asked', 'open')"),
        ),
        Index("ix_openings_unit", "election", "unit", "asked_at"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(ELECTION)
    unit: Mapped[str] = mapped_column(PATH)
    role: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    asked_name: Mapped[str] = mapped_column(String(200))
    asked_machine: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    joined_by: Mapped[UUID | None]
    joined_name: Mapped[str] = mapped_column(String(200), server_default="")
    joined_machine: Mapped[str] = mapped_column(String(64), server_default="")
    opened_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    lent: Mapped[UUID | None] = mapped_column(ForeignKey("grants.id"))
    over_at: Mapped[datetime | None]
    over_name: Mapped[str] = mapped_column(String(200), server_default="")
    reviewed_by: Mapped[UUID | None]
    reviewed_name: Mapped[str] = mapped_column(String(200), server_default="")
    reviewed_at: Mapped[datetime | None]
    in_order: Mapped[bool | None] = mapped_column(Boolean)
    verdict: Mapped[str] = mapped_column(Text, server_default="")
