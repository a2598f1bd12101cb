"""The tables of persons, accounts, roles and activations."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class PersonRow(Base):
    """A named person."""

    __tablename__ = "persons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(400))
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]


class AccountRow(Base):
    """The account of a person: how they are known at the door."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("state IN ('created', 'enrolling', 'active', 'closed')", name="state"),)

    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    last_sign_in_at: Mapped[datetime | None]


class GrantRow(Base):
    """A role given to a person in a scope; ended, never deleted."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_standing", "person", postgresql_where=text("ended_at IS NULL")),
        Index("ix_grants_place", "election", "unit"),
        Index(
            "ix_grants_expiring",
            "expires_at",
            postgresql_where=text("ended_at IS NULL AND expires_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    role: Mapped[str] = mapped_column(String(40))
    election: Mapped[str | None] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(80))
    given_by: Mapped[UUID]
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(400), server_default="")
    end_reason: Mapped[str] = mapped_column(String(400), server_default="")


class ActivationRow(Base):
    """A one-time code handed to a person: only its hash, when it ends, by which command it was made and used."""

    __tablename__ = "activations"
    __table_args__ = (Index("ix_activations_command", "made_by", "command"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    code_hash: Mapped[bytes]
    made_by: Mapped[UUID]
    command: Mapped[UUID]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None]
