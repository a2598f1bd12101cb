"""The tables of passkeys, of what browsers were asked, of disowned sign-ins and of recoveries."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class PasskeyRow(Base):
    """A passkey of a person: its public half and its counter. Ended, never deleted, never taken twice."""

    __tablename__ = "passkeys"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (end_cause = '')", name="ended"),
        Index("ix_passkeys_live", "person", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    counter: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(36))
    attested: Mapped[bool]
    synced: Mapped[bool]
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_cause: Mapped[str] = mapped_column(String(20))


class CeremonyRow(Base):
    """What a browser was asked to sign: bound by its challenge, answered once."""

    __tablename__ = "ceremonies"

    challenge: Mapped[bytes] = mapped_column(primary_key=True)
    nonce: Mapped[bytes]
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class DisownedRow(Base):
    """A sign-in its person says was not theirs."""

    __tablename__ = "disowned"

    session: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    at: Mapped[datetime]


class RecoveryAskRow(Base):
    """A request from the street for the account of a login, whether there is one or not; looked at soon."""

    __tablename__ = "recovery_asks"

    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    address: Mapped[str] = mapped_column(String(400))
    device: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime]


class RecoveryRow(Base):
    """The recovery of an account; rows are kept."""

    __tablename__ = "recoveries"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'half', 'confirmed', 'used', 'refused', 'lapsed')", name="state"),
        Index(
            "uq_recoveries_open",
            "person",
            unique=True,
            postgresql_where=text("state IN ('asked', 'half', 'confirmed')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(400))
    device: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(String(4000))
    opened_by: Mapped[UUID | None]
    activation: Mapped[UUID | None]
    refused_by: Mapped[UUID | None]
    refusal: Mapped[str] = mapped_column(String(4000))


class RecoveryConfirmationRow(Base):
    """One person's confirmation of a recovery."""

    __tablename__ = "recovery_confirmations"

    recovery: Mapped[UUID] = mapped_column(ForeignKey("recoveries.id"), primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    at: Mapped[datetime]
