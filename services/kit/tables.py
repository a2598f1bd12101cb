"""The letterboxes every service's database holds: outbox, versions, inbox, heard, answered, parked."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PARTITIONS = 8
"""Aggregates are spread over this many partitions of the outbox; each has one publisher at a time."""


_WAITING = text("redriven_at IS NULL")


def _now(name: str) -> Column[datetime]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def service_metadata(service: str) -> MetaData:
    """The metadata of a service's database with its letterboxes already in it."""
    metadata = MetaData(naming_convention=NAMES, info={"service": service})
    Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Uuid, nullable=False, unique=True),
        Column("topic", String(100), nullable=False),
        Column("aggregate", String(300), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("partition", SmallInteger, nullable=False),
        Column("data", JSONB, nullable=False),
        Column("headers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
        _now("created_at"),
        Column("told_at", DateTime(timezone=True)),
        UniqueConstraint("aggregate", "version"),
        Index("ix_outbox_untold", "seq", postgresql_where=text("told_at IS NULL")),
    )
    Table(
        "versions",
        metadata,
        Column("aggregate", String(300), primary_key=True),
        Column("version", BigInteger, nullable=False),
    )
    Table(
        "inbox",
        metadata,
        Column("handler", String(200), primary_key=True),
        Column("id", Uuid, primary_key=True),
        _now("at"),
    )
    Table(
        "heard",
        metadata,
        Column("handler", String(200), primary_key=True),
        Column("aggregate", String(300), primary_key=True),
        Column("version", BigInteger, nullable=False),
    )
    Table(
        "answered",
        metadata,
        Column("person", Uuid, primary_key=True),
        Column("key", Uuid, primary_key=True),
        Column("door", String(100), primary_key=True),
        Column("request_hash", String(64), nullable=False),
        Column("reply", Text, nullable=False),
        _now("at"),
    )
    Table(
        "parked",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("handler", String(200), nullable=False),
        Column("queue", String(255), nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
        Column("reason", Text, nullable=False),
        Column("tries", Integer, nullable=False),
        _now("at"),
        Column("redriven_at", DateTime(timezone=True)),
        Column("digest", LargeBinary, Computed("sha256(body)", persisted=True), nullable=False),
        Index("ix_parked_waiting", "id", postgresql_where=_WAITING),
        Index("uq_parked_waiting", "handler", "digest", unique=True, postgresql_where=_WAITING),
    )
    return metadata
