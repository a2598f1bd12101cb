"""The tables of units and bodies."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


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
    """A member of a body, in the order of the founding document. `folded`: the name as names are compared."""

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_folded", "folded"),
        Index("ix_members_not_folded", "body", postgresql_where=text("folded = ''")),
    )

    body: Mapped[UUID] = mapped_column(ForeignKey("bodies.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(400))
    born: Mapped[date | None]
    login: Mapped[str] = mapped_column(String(64), server_default="")
    folded: Mapped[str] = mapped_column(String(200), server_default="")
