"""What every table of identity is made on."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, DateTime, LargeBinary, Uuid
from sqlalchemy.orm import DeclarativeBase

from services.kit.database import service_metadata


class Base(DeclarativeBase):
    """Everything in identity's database."""

    metadata = service_metadata("identity")
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid, bytes: LargeBinary, date: Date}  # noqa: RUF012
