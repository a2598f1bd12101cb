"""The tables of the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class LedgerRow(Base):
    """A leaf of the ledger: its line is what is hashed, its content is known there by a salted digest only."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_aggregate", "aggregate", "place"),
        Index("ix_ledger_entered_at", "entered_at", postgresql_using="brin"),
    )

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
