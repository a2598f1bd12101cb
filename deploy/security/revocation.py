"""S8: a passport in a thief's hand after its session ended, a role ended or the account closed; broker up, then dead.

Identity and one other service run as processes of their own. The thief asks the other service five times a second with
the passport of before, over whatever line there is.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from deploy.chaos.verdict import Plan, Verdict
from deploy.local import programs
from deploy.security.ground import Ground, Who, on_database
from services.contracts.base import Refusal
from services.contracts.identity import OpenPassport
from services.identity.models import Base
from services.identity.notes import make_key
from services.kit.broker import connect, rpc_queue
from services.kit.callers import Caller
from services.kit.database import Database
from services.kit.direct import Direct
from tests import servers
from tests.kit.running import MIRROR, SHOP, Stage, eventually
from tests.kit.shop import Look, MirrorBase, ShopBase, Total

IDENTITY = "identity"
GONE_WITHIN = 5.0  # seconds
WATCHED_FOR = 3.0  # seconds after the limit during which nothing may be accepted
ENDS = {
    "session_ended": "UPDATE sessions SET state = 'revoked', ended_at = now() WHERE person = :p AND state = 'live'",
    "role_ended": "UPDATE grants SET ended_at = now() WHERE person = :p",
    "account_closed": "UPDATE accounts SET state = 'closed' WHERE person = :p",
    "role_ran_out": "UPDATE grants SET expires_at = now() WHERE person = :p",
}


@dataclass
class Town:
    """Identity and the shop as processes; the doors of identity also in our own hands, for passports."""

    ground: Ground
    stage: Stage
    caller: Caller
    lines: dict[str, Any]
    processes: dict[str, Any] = field(default_factory=dict)
    taken: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def second_identity(self) -> None:
        """Another process of identity beside the first, as Compose runs it; it hears the same queues."""
        port = programs.free_port(0)
        self.processes["identity-2"] = self.stage.start(IDENTITY, health_port=port, **self.lines)
        with closing(connect(self.stage.broker_url, "counts processes")) as connection:
            asked = connection.channel()
            doors = rpc_queue(IDENTITY)
            if not eventually(lambda: asked.queue_declare(doors, passive=True).consumer_count == 2):
                raise TimeoutError("a second process of identity does not serve")

    def passport(self, who: Who) -> str:
        """A passport as the gateway would hold it."""
        return self.opened(self.ground.session(who))

    def clerk(self) -> str:
        """The token of a session of somebody whose role the shop knows."""
        return self.ground.session(_clerks(self, 1)[0])

    def opened(self, token: str) -> str:
        """The passport of a session."""
        return str(self.ground.identity.open_passport(OpenPassport(token=token)).passport)

    def outcome(self, passport: str) -> str:
        """What the shop says to who shows the passport."""
        try:
            self.caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=passport, timeout=3.0)
        except Refusal as refusal:
            return refusal.code
        return "ok"

    def thief(self, name: str, passport: str) -> None:
        """Asks again and again, and writes down what came when."""
        self.taken[name] = []
        while not self.stop.is_set():
            began = time.monotonic()
            self.taken[name].append((began, self.outcome(passport)))
            time.sleep(0.2)


def revocation(plan: Plan) -> Verdict:
    """`make security SCENARIO=revocation`: every way a passport can lose its worth, with the broker and without."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with servers.postgres() as url, servers.rabbitmq() as broker:
        return ended_everywhere(plan.folder, servers.Databases(url), broker)


def ended_everywhere(folder: Path, databases: servers.Databases, broker: Any) -> Verdict:
    """The broker is ours alone and dies on the way."""
    told = Verdict("revocation")
    with town(folder, databases, servers.fresh_vhost(broker)) as place:
        _ended(place, told, "broker_up")
        _broker_dies(broker)
        _ended(place, told, "broker_dead")
        _silent(place, told)
    return told


@contextmanager
def town(folder: Path, databases: servers.Databases, broker_url: str) -> Iterator[Town]:
    """Both processes serve, each knows where the other listens and whom to ask for news."""
    with ExitStack() as held:
        dbs = {}
        for name, metadata in ((IDENTITY, Base.metadata), (SHOP, ShopBase.metadata), (MIRROR, MirrorBase.metadata)):
            dbs[name] = Database(databases.fresh(metadata.info["service"], metadata), pool=5)
            held.callback(databases.drop, dbs[name].url.replace("+psycopg", ""))
            held.callback(dbs[name].close)
        ground = on_database(folder, dbs[IDENTITY])
        make_key(folder / "ledger.key")
        stage = Stage(broker_url, folder / "passports.json", dbs[SHOP], dbs[MIRROR])
        stage.dbs[IDENTITY] = dbs[IDENTITY]
        held.callback(stage.stop)
        declared = stage.command("topology", "--services", f"{IDENTITY},{SHOP},{MIRROR}")
        assert declared.returncode == 0, declared.stderr
        ports = {"identity": programs.free_port(0), "shop": programs.free_port(0)}
        addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        shared = {"direct_secret": "thu", "direct_lines": json.dumps(addresses)}
        shared |= {"revocations": "identity.news_of_sessions", "passport_private_key": str(folder / "passport.json")}
        caller = Caller(broker_url, name="thief", direct=Direct(addresses, "thu"))
        place = Town(ground, stage, caller, shared)
        for name, kind in (("identity", IDENTITY), ("shop", SHOP)):
            place.processes[name] = stage.start(kind, health_port=ports[name], **shared)
        caller.start()
        held.callback(caller.close)
        yield place


def _broker_dies(broker: Any) -> None:
    """The node and its port mapper are killed."""
    for process in (broker.process, broker.mapper):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _clerks(place: Town, number: int) -> list[Who]:
    """People whose role the shop knows."""
    people = place.ground.people(number, prefix=f"nguoi-{uuid4().hex[:6]}")
    with place.ground.db.engine.begin() as connection:
        changed = text("UPDATE grants SET role = 'clerk', scope = '*' WHERE person = ANY(:people)")
        connection.execute(changed, {"people": [who.id for who in people]})
    return people


def _ended(place: Town, told: Verdict, when: str) -> None:
    """One person for each way, and one whom nothing happens to."""
    honest, *others = _clerks(place, 1 + len(ENDS))
    passports = {name: place.passport(who) for name, who in zip(ENDS, others, strict=True)}
    passports["honest"] = place.passport(honest)
    served = eventually(lambda: all(place.outcome(passport) == "ok" for passport in passports.values()), 60)
    told.require(f"{when}_serves", int(served), least=1)
    place.taken, place.stop = {}, threading.Event()
    thieves = [threading.Thread(target=place.thief, args=each) for each in passports.items()]
    for each in thieves:
        each.start()
    at: dict[str, float] = {}
    for (name, statement), who in zip(ENDS.items(), others, strict=True):
        place.ground.change(statement, p=who.id)
        at[name] = time.monotonic()
    time.sleep(GONE_WITHIN + WATCHED_FOR)
    place.stop.set()
    for each in thieves:
        each.join()
    for name, began in at.items():
        accepted = [asked - began for asked, outcome in place.taken[name] if outcome == "ok"]
        refused = [outcome for _, outcome in place.taken[name] if outcome == "NotSignedIn"]
        told.require(f"{when}_{name}_last_accepted", round(max([*accepted, 0.0]), 2), most=GONE_WITHIN)
        told.require(f"{when}_{name}_refusals", len(refused), least=5)
    wrong = [outcome for _, outcome in place.taken["honest"] if outcome != "ok"]
    told.measured(**{f"{when}_honest_asked": len(place.taken["honest"])})
    told.require(f"{when}_honest_refused", len(wrong), most=0)


def _silent(place: Town, told: Verdict) -> None:
    """Identity stops answering: what cannot be asked about is not believed any longer, and is again afterwards."""
    passport = place.passport(_clerks(place, 1)[0])
    served = eventually(lambda: place.outcome(passport) == "ok", 30)
    time.sleep(GONE_WITHIN)  # until it is too old to be believed for its youth
    place.processes["identity"].send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    refused = eventually(lambda: place.outcome(passport) == "Unavailable", 20)
    took = time.monotonic() - stopped
    place.processes["identity"].send_signal(signal.SIGCONT)
    told.require("serves_before_silence", int(served), least=1)
    told.require("refused_after_silence_of", round(took, 1) if refused else None, most=GONE_WITHIN + 3)
    told.require("serves_after_silence", int(eventually(lambda: place.outcome(passport) == "ok", 30)), least=1)
