"""What the gateway process holds while it runs; every route finds it on the application."""

from dataclasses import dataclass

from starlette.requests import Request

from services.gateway.lines import Line
from services.gateway.live import Hub
from services.gateway.sessions import Sessions
from services.gateway.settings import GatewaySettings
from services.gateway.slots import Slots
from services.gateway.units import UnitDirectory
from services.kit.files import FileStore


@dataclass(frozen=True)
class Gateway:
    """The parts of a running gateway."""

    settings: GatewaySettings
    line: Line
    sessions: Sessions
    slots: Slots
    units: UnitDirectory
    hub: Hub
    files: FileStore


def gateway_of(request: Request) -> Gateway:
    """The gateway a request came to."""
    held: Gateway = request.app.state.gateway
    return held
