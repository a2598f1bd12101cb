"""The tables of identity."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.kit.database import service_metadata


class Base(DeclarativeBase):
    """Everything in identity's database."""

    metadata = service_metadata("identity")
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid, bytes: LargeBinary, date: Date}  # noqa: RUF012


class UnitRow(Base):
    """An administrative unit."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    path: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))


class BodyRow(Base):
    """A body as one founding document made it; a later document supersedes the row."""

    __tablename__ = "bodies"
    __table_args__ = (
        Index("uq_bodies_standing", "election", "path", unique=True, postgresql_where=text("superseded_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    election: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(400))
    formed_on: Mapped[date]
    armed_unit: Mapped[bool]
    formed_by: Mapped[UUID]
    formed_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class MemberRow(Base):
    """A member of a body, in the order of the founding document."""

    __tablename__ = "members"

    body: Mapped[UUID] = mapped_column(ForeignKey("bodies.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(400))


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


class SessionRow(Base):
    """A session: one live one for each person, held by the database."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'signed_out', 'replaced', 'expired', 'revoked')", name="state"),
        CheckConstraint("(state = 'live') = (ended_at IS NULL)", name="ended"),
        Index("uq_sessions_live", "person", unique=True, postgresql_where=text("state = 'live'")),
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


class LedgerRow(Base):
    """A leaf of the ledger: its line is what is hashed, its content is known there by a salted digest only."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_aggregate", "aggregate", "place"),)

    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True)
    topic: Mapped[str] = mapped_column(String(100))
    aggregate: Mapped[str] = mapped_column(String(300))
    line: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes]
    content: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LedgerNodeRow(Base):
    """A complete node of the tree; the leaves are level 0."""

    __tablename__ = "ledger_nodes"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class CheckpointRow(Base):
    """A checkpoint as it was signed: one for a size, for ever."""

    __tablename__ = "checkpoints"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class WitnessKeyRow(Base):
    """Who may cosign checkpoints."""

    __tablename__ = "witnesses"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    registered_by: Mapped[UUID]
    registered_at: Mapped[datetime]


class CosignatureRow(Base):
    """A witness has seen a checkpoint."""

    __tablename__ = "cosignatures"

    size: Mapped[int] = mapped_column(ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(ForeignKey("witnesses.name"), primary_key=True)
    line: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime]
