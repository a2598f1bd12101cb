"""A private Prometheus for the ports of this stack, with the rules of deploy/prometheus."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from deploy.local import programs
from deploy.local.layout import Layout
from deploy.local.programs import Program


def prepare_prometheus(
    layout: Layout, ports: dict[str, int], processes: Sequence[str], *, broker_metrics: bool
) -> Program:
    """Prometheus with configuration, rules and targets on disk, ready to be started."""
    account = programs.account_for("prometheus")
    place = programs.seat(layout.var / "prometheus", account)
    shipped = layout.root / "deploy" / "prometheus"
    written = [Path(shutil.copy(shipped / name, place / name)) for name in ("prometheus.yml", "rules.yml")]
    written += [
        _targets(place / "services.json", {name: ports[metrics_port(name)] for name in processes}),
        _targets(place / "rabbitmq.json", {"rabbitmq": ports["rabbitmq_metrics"]} if broker_metrics else {}),
        _targets(place / "prometheus.json", {"prometheus": ports["prometheus"]}),
    ]
    for file in written:
        programs.give(file, account)
    command = (
        str(programs.find("prometheus")),
        f"--config.file={place / 'prometheus.yml'}",
        f"--storage.tsdb.path={place / 'data'}",
        "--storage.tsdb.retention.time=30d",
        f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
        "--log.level=warn",
    )
    return Program("prometheus", command, layout.log / "prometheus.log", place, account=account)


def metrics_port(process: str) -> str:
    """The name of the port on which a process answers /healthz, /readyz and /metrics."""
    return "gateway" if process == "gateway" else f"{process}_health"


def answers(port: int, path: str) -> bool:
    """Whether the process says yes."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:  # refused, reset, timed out, or an answer that is not 200
        return False


def words(port: int, path: str) -> str:
    """What the process says about itself, also when it says no."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as reply:
            return str(reply.read(500).decode(errors="replace"))
    except HTTPError as refusal:
        return f"{refusal.code} {refusal.read(500).decode(errors='replace')}"
    except OSError as reason:
        return str(reason)


def _targets(file: Path, found: dict[str, int]) -> Path:
    groups = [{"targets": [f"127.0.0.1:{port}"], "labels": {"process": name}} for name, port in found.items()]
    file.write_text(json.dumps(groups, indent=1) + "\n")
    return file
