"""Every door of every service opens to the stock nameko client: a right answer, or a refusal with its code and sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from nameko.exceptions import RemoteError
from nameko.standalone.rpc import ClusterRpcProxy

from deploy.local import keys
from deploy.wire import services
from services.contracts.base import EVERYWHERE, Grant, NotSignedIn, Passport, Refusal
from services.contracts.roles import Role
from services.kit.entrypoints import doors_of
from services.kit.passports import load_key, sign
from tests.contracts.examples import example_of
from tests.servers import fresh_vhost

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
DOORS = [(kind.name, door) for kind in services() for door in doors_of(kind).values()]


@pytest.mark.parametrize(("service", "door"), DOORS, ids=lambda value: getattr(value, "name", value))
def test_the_requests_sent_here_are_well_formed(service, door) -> None:
    door.request.model_validate_json(json.dumps(example_of(door.request)))


@pytest.fixture
def running(broker, broker_url, own_database, tmp_path):
    """All five services as processes; (broker's URL, key that signs passports)."""
    vhost = broker_url if broker is None else fresh_vhost(broker)
    folder = tmp_path / "keys"
    keys.make(folder)
    (folder / "identity" / "ledger.key").write_text("0a" * 32)
    shared = {
        **os.environ, "HP_BROKER_URL": vhost, "HP_PASSPORT_KEYS": str(folder / keys.PUBLIC), "PYTHONWARNINGS": "ignore",
        "HP_PASSPORT_PRIVATE_KEY": str(folder / keys.PASSPORT), "HP_SNAPSHOT_KEY": str(folder / keys.SNAPSHOT),
        "HP_TOTP_KEY": "ab" * 32, "HP_PERSONAL_NUMBER_KEY": "0f" * 16, "HP_FILES_URL": str(tmp_path / "files"),
        "HP_PUBLIC_FOLDER": str(tmp_path / "public"), "HP_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    command = [sys.executable, "-m", "services"]
    subprocess.run([*command, "topology"], cwd=ROOT, env=shared, check=True, capture_output=True)
    processes = []
    try:
        for name in sorted({service for service, _ in DOORS}):
            environment = {**shared, "HP_DATABASE_URL": own_database(name).url}
            processes.append(subprocess.Popen([*command, "run", name], cwd=ROOT, env=environment))
        yield vhost, load_key(folder / keys.PASSPORT)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def asked(cluster, service, door):
    """What came of it: `answer`, or the refusal's code; anything else fails the test."""
    try:
        answer = getattr(getattr(cluster, service), door.name)(example_of(door.request))
    except RemoteError as refused:
        kind = Refusal.known.get(refused.exc_type)
        if kind is None:
            return f"{refused.exc_type}: not a refusal of the contracts"
        beginning = kind.en.partition("{")[0]
        return refused.exc_type if str(refused.value).startswith(beginning) else f"not its sentence: {refused.value}"
    door.reply.validate_json(json.dumps(answer))
    return "answer"


@pytest.mark.broker
@pytest.mark.slow
def test_the_stock_client_reaches_every_door(running) -> None:
    vhost, key = running
    grants = tuple(Grant(role=role, scope=EVERYWHERE) for role in Role)
    passport = sign(Passport(person=uuid4(), name="Nguyễn Thị Thử", session=uuid4(), grants=grants), key)
    with ClusterRpcProxy({"AMQP_URI": vhost}, context_data={"passport": passport}, timeout=PATIENCE) as cluster:
        outcomes = {f"{service}.{door.name}": asked(cluster, service, door) for service, door in DOORS}
    with ClusterRpcProxy({"AMQP_URI": vhost}, timeout=PATIENCE) as cluster:
        nobody = {f"{service}.{door.name}": asked(cluster, service, door) for service, door in DOORS if not door.public}

    strange = {name: outcome for name, outcome in outcomes.items() if outcome not in {"answer", *Refusal.known}}
    inside = {name: outcome for name, outcome in outcomes.items() if outcome in {"Unexpected", "BadRequest", "Unavailable", "TooLate"}}
    assert not strange
    assert not inside
    assert set(nobody.values()) == {NotSignedIn.__name__}
    assert sum(outcome == "answer" for outcome in outcomes.values()) > 20
