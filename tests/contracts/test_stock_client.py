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
from tests.servers import fresh_vhost

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
TEXTS = {
    "^([0-9]{4}|dien-tap-[0-9]{1,6})$": "dien-tap-7",
    "^vn(/": "vn/46/19777",
    "^[0-9]{2}:[0-9]{2}$": "09:00",
    "^[0-9a-f]{64}$": "0f" * 32,
    "^[0-9a-f]{32}$": "0f" * 16,
    "^((NA|PC)": "NA-46-01",
    "^(vn|[0-9]{2}|": "46",
    "^[0-9]{5}-[0-9]{3}$": "19777-001",
    "^[a-z0-9][a-z0-9.": "lan.nguyen",
    "^[0-9]{6}$": "123456",
    "^[0-9]{12}$": "046089012345",
    "^— ": "— nhan-chung AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "^[^ +\\n]": f"nhan-chung+00000000+{'A' * 44}",
}  # fmt: skip
FORMATS = {"uuid": lambda: str(uuid4()), "date": lambda: "2026-03-15", "date-time": lambda: "2026-03-15T01:00:00Z"}
NAMED = {"personal_number": "046089012345"}


def text_for(schema):
    if "format" in schema:
        return FORMATS[schema["format"]]()
    pattern = schema.get("pattern")
    if pattern is None:
        return "x" * max(schema.get("minLength", 1), 1)
    return next(text for beginning, text in TEXTS.items() if pattern.startswith(beginning))


def example(schema, definitions, name=""):
    """A value the schema allows, as small as it may be."""
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, name)
    if name in NAMED:
        return NAMED[name]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return example(schema["anyOf"][0], definitions, name)
    kind = schema.get("type")
    if kind == "object":
        needed = {key: schema["properties"][key] for key in schema.get("required", ())}
        return {key: example(inner, definitions, key) for key, inner in needed.items()}
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})] * schema.get("minItems", 0)
        return [example(item, definitions) for item in items]
    return {"integer": lambda: schema.get("minimum", 1), "boolean": lambda: False, "string": lambda: text_for(schema)}[kind]()


DOORS = [(kind.name, door) for kind in services() for door in doors_of(kind).values()]


def request_for(door):
    schema = door.request.model_json_schema()
    return example(schema, schema.get("$defs", {}))


@pytest.mark.parametrize(("service", "door"), DOORS, ids=lambda value: getattr(value, "name", value))
def test_the_requests_sent_here_are_well_formed(service, door) -> None:
    door.request.model_validate_json(json.dumps(request_for(door)))


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
        answer = getattr(getattr(cluster, service), door.name)(request_for(door))
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
