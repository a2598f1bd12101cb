"""`python -m services.gateway`: serves the API and the console."""

import uvicorn

from services.gateway.settings import GatewaySettings
from services.kit.logs import configure


def main() -> None:
    settings = GatewaySettings()
    configure("gateway", settings.log_level)
    from services.gateway.app import build  # after the logs are configured: modules keep the logger they got

    uvicorn.run(
        build(settings),
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


if __name__ == "__main__":
    main()
