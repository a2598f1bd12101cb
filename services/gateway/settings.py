"""What the gateway process is told by its environment (prefix HP_)."""

from pathlib import Path

from services.kit.settings import Settings


class GatewaySettings(Settings):
    """The shared settings and the gateway's own."""

    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8000
    gateway_secure: bool = False  # cookies only over TLS; on wherever a proxy terminates TLS
    gateway_body: int = 1 << 20  # bytes of a JSON or form body
    gateway_upload: int = 200 * 1000 * 1000  # bytes of an uploaded file
    gateway_in_flight: int = 200  # requests in work at once
    gateway_waiting: int = 400  # requests that may wait for their turn
    gateway_patience: float = 3.0  # seconds a request waits for its turn
    gateway_per_session: int = 32  # requests of one session in work at once
    gateway_passport_hold: float = 4.0  # seconds an open passport is used again: revocation reaches here within 5
    gateway_live_clients: int = 8000
    gateway_drill: bool = False  # before anybody has signed in, say that this installation only rehearses
    ledger_key: str = ""  # the ledger's public key, `name+id+key`; without it the first one seen is kept
    public_folder: Path = Path("var/public")
    packages_folder: Path = Path("node_modules")
    prometheus_url: str = ""  # where the operations page reads its numbers
