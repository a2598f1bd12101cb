"""The tables of what administrators did to accounts, and of account reviews."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.identity.models.base import Base


class ActRow(Base):
    """An act of an administrator on an account, with its reason; the key of a repeat finds it again."""

    __tablename__ = "account_acts"
    __table_args__ = (Index("uq_account_acts_key", "by", "key", "act", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    by: Mapped[UUID]
    key: Mapped[UUID]
    act: Mapped[str] = mapped_column(String(20))
    person: Mapped[UUID | None]
    election: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(400))
    document: Mapped[str] = mapped_column(String(400))
    request_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class CampaignRow(Base):
    """A review of all accounts at and below a unit, to be finished by the end of a day."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_place", "election", "unit"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    due: Mapped[date]
    opened_by: Mapped[UUID]
    opened_name: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]


class ConfirmationRow(Base):
    """Somebody confirmed that a person still works in a unit."""

    __tablename__ = "review_confirmations"

    review: Mapped[UUID] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    by: Mapped[UUID]
    by_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
