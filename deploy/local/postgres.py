"""A private PostgreSQL cluster: its own folder, port and user; never a cluster somebody else started."""

import secrets
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local import programs
from deploy.local.programs import Account, CannotStart, Program

SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'256MB'",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'10min'",
    "wal_compression": "on",
    "effective_io_concurrency": "100",
    "random_page_cost": "1.1",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "jit": "off",  # our statements are short
    "log_min_duration_statement": "1000",
    # What a person entered stays out of the log: parameters, failed statements, "Key (…)=(…) exists", COPY lines.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "'%m %u@%d '",
}
# For tests only: a crash of the machine may lose the cluster, and nobody minds.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """A prepared cluster: it exists on disk and can be started any number of times."""

    program: Program
    seat: Path
    port: int
    password: str

    def url(self, database: str = "postgres", role: str = SUPERUSER, password: str = "") -> str:
        """Where a client finds the database."""
        secret = quote(password or self.password, safe="")
        return f"postgresql://{role}:{secret}@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether it takes connections: not while it starts, recovers or stops."""
        import psycopg

        with suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=2):
            return True
        return False


@dataclass
class Postgres:
    """A running private cluster."""

    cluster: Cluster
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The superuser's way into the database `postgres`."""
        return self.cluster.url()

    def url_for(self, database: str, role: str = SUPERUSER, password: str = "") -> str:
        """The way into another database, as another role when named."""
        return self.cluster.url(database, role, password)

    def stop(self) -> None:
        """Fast shutdown: clients are cut off, data is flushed."""
        programs.stop(self.process, self.cluster.program)


def start_postgres(folder: Path, port: int, *, durable: bool = True, log: Path | None = None) -> Postgres:
    """A cluster of our own, answering on the port; made first if the folder holds none."""
    cluster = prepare_postgres(folder, port, durable=durable, log=log)
    process = programs.start(cluster.program)
    running = Postgres(cluster, process)
    try:
        programs.await_ready(cluster.answers, process, cluster.program, 60)
    except BaseException:
        running.stop()
        raise
    return running


def prepare_postgres(folder: Path, port: int, *, durable: bool = True, log: Path | None = None) -> Cluster:
    """The cluster on disk with the settings for this port, ready to be started."""
    if not programs.is_free(port):
        raise CannotStart(f"PostgreSQL cannot listen on port {port}: another program does.")
    account = programs.account_for("postgres")
    place = programs.seat(folder, account)
    data = place / "data"
    password = _password(place, account)
    if not (data / "hom-phieu.complete").exists():
        _make(place, data, account)
    _configure(data, port, {**SETTINGS, **({} if durable else CARELESS)}, account)
    program = Program(
        name="postgresql",
        command=(str(programs.find("postgres", "postgresql")), "-D", str(data)),
        log=log or folder / "postgresql.log",
        folder=place,
        environment={"HOME": str(place)},
        account=account,
        stop_signal=signal.SIGINT,
        patience=30,
    )
    return Cluster(program, place, port, password)


def _password(place: Path, account: Account | None) -> str:
    file = place / "superuser"
    if not file.exists() or not file.read_text().strip():
        file.write_text(secrets.token_urlsafe(24))
    programs.give(file, account)
    return file.read_text().strip()


def _make(place: Path, data: Path, account: Account | None) -> None:
    """A new cluster; half of one, left by an interrupted start, is thrown away first."""
    programs.forget(data)
    initdb = str(programs.find("initdb", "postgresql"))
    options = ["-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync"]
    command = [initdb, "-D", str(data), f"--pwfile={place / 'superuser'}", *options]
    programs.run(command, account, place, {"HOME": str(place)})
    programs.give(_written(data / "hom-phieu.complete", ""), account)


def _configure(data: Path, port: int, settings: dict[str, str], account: Account | None) -> None:
    lines = [f"{name} = {value}" for name, value in settings.items()]
    # No socket in a shared folder: nobody meets this cluster by accident.
    lines += [f"port = {port}", "unix_socket_directories = ''", "logging_collector = off"]
    text = "\n".join(["# Written at every start by deploy/local/postgres.py", *lines, ""])
    programs.give(_written(data / "postgresql.auto.conf", text), account)


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
