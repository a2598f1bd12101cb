"""A private Prometheus for the ports of this stack, with the rules of deploy/prometheus."""

import json
import shutil
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deploy.local import programs
from deploy.local.layout import PROCESSES, Layout
from deploy.local.programs import Program


def prepare_prometheus(layout: Layout, ports: dict[str, int], broker_metrics: bool) -> Program:
    """Prometheus with configuration, rules and targets on disk, ready to be started."""
    account = programs.account_for("prometheus")
    place = programs.seat(layout.var / "prometheus", account)
    shipped = layout.root / "deploy" / "prometheus"
    written = [Path(shutil.copy(shipped / name, place / name)) for name in ("prometheus.yml", "rules.yml")]
    written += [
        _targets(place / "services.json", {name: ports[metrics_port(name)] for name in PROCESSES}),
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
    except (URLError, OSError):
        return False


def _targets(file: Path, found: dict[str, int]) -> Path:
    groups = [{"targets": [f"127.0.0.1:{port}"], "labels": {"process": name}} for name, port in found.items()]
    file.write_text(json.dumps(groups, indent=1) + "\n")
    return file
