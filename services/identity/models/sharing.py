"""The tables of shared accounts and breaches: sightings, machines, acts, networks, findings, reports."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Identity, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import CIDR, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class SightingRow(Base):
    """A session in one place, from the first to the last time it was seen there."""

    __tablename__ = "sightings"
    __table_args__ = (
        Index("ix_sightings_session", "session", "last_at"),
        Index("ix_sightings_person", "person", "last_at"),
        Index("ix_sightings_last", "last_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person: Mapped[UUID]
    session: Mapped[UUID]
    machine: Mapped[str] = mapped_column(String(400))
    address: Mapped[str] = mapped_column(String(400))
    device: Mapped[str] = mapped_column(String(400))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class MachineRow(Base):
    """A machine a person has signed in from."""

    __tablename__ = "machines"
    __table_args__ = (Index("ix_machines_machine", "machine", "last_at"),)

    person: Mapped[UUID] = mapped_column(primary_key=True)
    machine: Mapped[str] = mapped_column(String(400), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class SharedMachineRow(Base):
    """A machine that was declared to be used by several people."""

    __tablename__ = "shared_machines"

    machine: Mapped[str] = mapped_column(String(400), primary_key=True)
    declared_by: Mapped[UUID]
    declared_at: Mapped[datetime]


class AnnouncementRow(Base):
    """A person's next sign-in from another machine was announced; used once."""

    __tablename__ = "announcements"
    __table_args__ = (Index("ix_announcements_waiting", "person", postgresql_where=text("used_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str] = mapped_column(Text)
    announced_by: Mapped[UUID]
    announced_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ActDoneRow(Base):
    """An act of a person in any service, as the ledger heard it: one for a command, whatever it told."""

    __tablename__ = "acts_done"
    __table_args__ = (Index("ix_acts_done_at", "at"),)

    person: Mapped[UUID] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]


class NetworkRow(Base):
    """A network a unit has registered; ended, never deleted."""

    __tablename__ = "networks"
    __table_args__ = (
        Index(
            "ix_networks_standing",
            "network",
            postgresql_using="gist",
            postgresql_ops={"network": "inet_ops"},
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_networks_unit", "unit", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    unit: Mapped[str] = mapped_column(String(40))
    network: Mapped[Any] = mapped_column(CIDR)
    note: Mapped[str] = mapped_column(String(400))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SharingRow(Base):
    """A finding: one open for a person, a kind and a Vietnamese day."""

    __tablename__ = "sharing_findings"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'explained', 'confirmed')", name="state"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("settled_by IS DISTINCT FROM person", name="settled_by_another"),
        Index(
            "uq_sharing_findings_open", "person", "kind", "day", unique=True, postgresql_where=text("state = 'open'")
        ),
        Index("ix_sharing_findings_unit", "unit", "found_at"),
        Index("ix_sharing_findings_day", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    code: Mapped[str] = mapped_column(String(10))
    severity: Mapped[str] = mapped_column(String(10))
    vi: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    election: Mapped[str | None] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(40))
    machine: Mapped[str] = mapped_column(String(400))
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    times: Mapped[int] = mapped_column(Integer)
    found_at: Mapped[datetime]
    last_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    settled_by: Mapped[UUID | None]
    settled_name: Mapped[str] = mapped_column(String(200), server_default="")
    settled_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, server_default="")


class BreachRow(Base):
    """A report of a breach of security, and the unit that has it now."""

    __tablename__ = "breaches"
    __table_args__ = (
        CheckConstraint("state IN ('reported', 'taken_up', 'settled')", name="state"),
        Index("ix_breaches_unit", "election", "unit"),
        Index("ix_breaches_waiting", "due_at", postgresql_where=text("state = 'reported'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, Identity(), unique=True)
    election: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(80))
    handler: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(Text)
    noticed_at: Mapped[datetime]
    accounts: Mapped[str] = mapped_column(String(400))
    machines: Mapped[str] = mapped_column(String(400))
    action: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(String(400))
    personal_data: Mapped[bool] = mapped_column(Boolean)
    reported_by: Mapped[UUID]
    reporter: Mapped[str] = mapped_column(String(200))
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime]
    escalated: Mapped[int] = mapped_column(Integer, server_default="0")
    taken_name: Mapped[str] = mapped_column(String(200), server_default="")
    taken_at: Mapped[datetime | None]
    settled_name: Mapped[str] = mapped_column(String(200), server_default="")
    settled_at: Mapped[datetime | None]
    how: Mapped[str] = mapped_column(Text, server_default="")
