"""What every group of reporting's doors stands on: the service with reporting's own settings."""

from services.kit.service import Service
from services.reporting.settings import ReportingSettings


class Desk(Service):
    """Doors of reporting."""

    settings_type = ReportingSettings
    settings: ReportingSettings
