"""What a process is told by its environment (prefix HP_); a service adds its own fields in a subclass."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.broker import HEARTBEAT


class Settings(BaseSettings):
    """The settings every service process shares."""

    model_config = SettingsConfigDict(env_prefix="HP_", extra="ignore")

    database_url: str = ""
    broker_url: str = "amqp://guest:guest@127.0.0.1:5672/"
    broker_admin_url: str = ""
    files_url: str = "var/files"
    passport_keys: Path = Path("var/keys/passports.json")
    health_host: str = "0.0.0.0"  # noqa: S104  probes and scrapers come from outside the container
    health_port: int = 0
    direct_secret: str = ""  # who shows it at the health port is answered without the broker; nobody while it is empty
    direct_lines: dict[str, str] = {}  # where each service listens, for questions while the broker is away
    revocations: str = ""  # "service.door" that tells over its direct line whose passports hold no more
    failpoints: str = ""
    log_level: str = "INFO"

    heartbeat: int = Field(HEARTBEAT, ge=4)  # below, the broker's own come before a reader's second is over
    awake: float = Field(0.0005, ge=0, le=0.01)  # seconds who is asked again and again looks for more before it sleeps
    workers: int = 16  # calls served at once
    waiting: int = 64  # calls that may wait for a worker; one more is told at once to come back
    pool: int = 10  # database connections of the process, the relay's and the probes' apart
    hearers: int = 8  # messages of one handler in work at once
    patients: int = 64  # messages of one handler between two tries; they take no hearer's place
    call_timeout: float = 5.0  # seconds a remote call may take unless the caller's own deadline is nearer
    retry_delays: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    batch_wait: float = 0.05
    relay_window: int = 200  # letters told in one transaction
    relay_poll: float = 0.5
    confirm_timeout: float = 10.0  # seconds in which the broker must have taken at least one more of them
    delivery_limit: int = 20
    queue_written: float = 3.0  # seconds within which a broker has written a new queue down
