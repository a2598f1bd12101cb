"""The reporting service: its doors in four groups."""

from services.contracts.roles import POLICY
from services.reporting.doors_documents import DocumentDoors
from services.reporting.doors_hearing import HearingDoors
from services.reporting.doors_pages import PageDoors
from services.reporting.doors_public import PublicDoors


class ReportingService(HearingDoors, PageDoors, DocumentDoors, PublicDoors):
    """Read models, documents, the public snapshot."""

    name = "reporting"
    policy = POLICY
