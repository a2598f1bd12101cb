"""`python -m services.gateway`: serves the API and the console."""

from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from services.gateway.settings import GatewaySettings
from services.kit.logs import configure
from services.kit.settling import settle

if TYPE_CHECKING:
    from services.gateway.live import Hub


class Server(uvicorn.Server):
    """Ends the live streams as soon as it is told to stop: they would not end by themselves."""

    def __init__(self, config: uvicorn.Config, hub: "Hub") -> None:
        super().__init__(config)
        self._hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hub.end()
        super().handle_exit(sig, frame)


def main() -> None:
    settings = GatewaySettings()
    configure("gateway", settings.log_level)
    from services.gateway.app import build, gateway  # after the logs are configured: modules keep the logger they got

    parts = gateway(settings)
    config = uvicorn.Config(
        build(settings, parts),
        host=settings.gateway_host,
        port=settings.gateway_port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        date_header=True,
        log_level="warning",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        backlog=4096,
    )
    settle()
    Server(config, parts.hub).run()


if __name__ == "__main__":
    main()
