"""The tables of the way in: passwords, authenticators, guesses, challenges, sessions."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class PasswordRow(Base):
    """The argon2id hash of a person's password."""

    __tablename__ = "passwords"

    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class AuthenticatorRow(Base):
    """A second factor of a person: its sealed secret, and the last time step it was accepted for."""

    __tablename__ = "authenticators"
    __table_args__ = (
        Index(
            "uq_authenticators_totp",
            "person",
            unique=True,
            postgresql_where=text("kind = 'totp' AND ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger)


class GuessRow(Base):
    """Failures in a row under a login, whether the login exists or not, and when the next try is looked at."""

    __tablename__ = "guesses"

    login_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    not_before: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class ChallengeRow(Base):
    """The first factor was right; the second is due."""

    __tablename__ = "challenges"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(400))
    device: Mapped[str] = mapped_column(String(400))
    machine: Mapped[str] = mapped_column(String(400))


class SessionRow(Base):
    """A session: one live one for each person, held by the database.

    `token_hash` is of the token in use, `next_hash` of the successor that was offered and not yet used.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'signed_out', 'replaced', 'expired', 'revoked')", name="state"),
        CheckConstraint("(state = 'live') = (ended_at IS NULL)", name="ended"),
        Index("uq_sessions_live", "person", unique=True, postgresql_where=text("state = 'live'")),
        Index("uq_sessions_next", "next_hash", unique=True),
        Index("ix_sessions_ended_at", "ended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    state: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    idle_minutes: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(400))
    device: Mapped[str] = mapped_column(String(400))
    machine: Mapped[str] = mapped_column(String(400))
    next_hash: Mapped[bytes | None]
    renewed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FormerTokenRow(Base):
    """A token of a session whose successor is in use: good for requests on their way, afterwards a sign of theft."""

    __tablename__ = "former_tokens"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    good_until: Mapped[datetime] = mapped_column(index=True)
