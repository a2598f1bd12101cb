"""One history: owners that tell, listeners that hear, and everything that may happen to them in between."""

from collections import Counter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from deploy.simulation.broker import Broker, Delivery, Line
from deploy.simulation.processes import LISTENERS, OWNERS, SETTINGS, Here, Process
from deploy.simulation.tables import Session, Tables
from deploy.simulation.tasks import TICK, Schedule, Task
from deploy.simulation.trade import EARS, EVERY, POISON, QUEUES, CounterMoved
from services.contracts.base import Envelope
from services.kit import parking
from services.kit.failpoints import WINDOWS
from services.kit.pipeline import is_away

TRIES = len(SETTINGS.retry_delays) + 1
COUNTERS = "abcd"
SETTLES_WITHIN = 5000


class Broken(BaseException):
    """A promise that was not kept, in one sentence. No `except Exception` of the kit may hide it."""


class World:
    """The whole of it. `apply` does one step; what a promise forbids raises Broken."""

    def __init__(self) -> None:
        Here.world = self
        self.schedule = Schedule()
        self.told_from, self.heard_in = Tables(), Tables()
        self.broker = Broker(self.schedule, list(QUEUES.values()))
        self.broker.on_ack, self.broker.on_arrival = self.on_ack, self.on_arrival
        self.told_from.on_commit, self.heard_in.on_commit = self.on_told, self.on_heard
        self.away: set[str] = set()  # processes the broker cannot be reached from
        self.attempts: Counter[tuple[str, UUID]] = Counter()
        self.cured = False
        self.names = 0
        self.moves: Counter[str] = Counter()
        self.newest: dict[tuple[str, str], int] = {}
        self.reached: Counter[tuple[str, str]] = Counter()
        self.applied: set[tuple[str, str, int]] = set()
        self.hits: Counter[str] = Counter()
        self.trace: list[str] | None = None
        self.processes = {name: Process(self, name) for name in (*OWNERS, *LISTENERS)}

    # what the kit is given in place of the real thing

    def connect(self, name: str) -> Line:
        process = self.processes[name.removesuffix(" relay")]
        if process.name in self.away:
            raise ConnectionRefusedError
        return Line(self.broker, process)

    def new_name(self) -> UUID:
        self.names += 1
        return UUID(int=self.names)

    def require_takeable(self, handler: str, event: CounterMoved, envelope: Envelope) -> None:
        """The handler fails as often as the letter says, on every process together."""
        self.attempts[handler, envelope.id] += 1
        if not self.cured and self.attempts[handler, envelope.id] <= event.fails:
            raise ValueError("not takeable yet")

    # what must be true at every moment

    def on_told(self, session: Session) -> None:
        """Told letters are in every queue, and those of an aggregate are a beginning of its history."""
        for seq in session.told:
            row = self.told_from.outbox[seq]
            missing = [queue for queue, arrived in self.broker.arrived.items() if str(row.id) not in arrived]
            if missing:
                raise Broken(f"{row.aggregate}/{row.version} is marked told and was never in {missing[0]}")
        for aggregate in {self.told_from.outbox[seq].aggregate for seq in session.told}:
            history = sorted(
                (row.version, row.told) for row in self.told_from.outbox.values() if row.aggregate == aggregate
            )
            if [told for _, told in history] != sorted((told for _, told in history), reverse=True):
                raise Broken(f"a later letter of {aggregate} is marked told before an earlier one")
            if [version for version, _ in history] != list(range(1, len(history) + 1)):
                raise Broken(f"the versions of {aggregate} have a gap")

    def on_heard(self, session: Session) -> None:
        """Every effect is new, and where only the newest counts it is newer than the last."""
        for row in session.effects:
            name = (row["handler"], row["aggregate"], row["version"])
            if name in self.applied:
                raise Broken(f"{row['handler']} applied {row['aggregate']}/{row['version']} twice")
            self.applied.add(name)
            if row["handler"] not in EVERY:
                before = self.newest.get(name[:2], 0)
                if row["version"] < before:
                    raise Broken(f"{row['handler']} applied {row['aggregate']}/{row['version']} after /{before}")
                self.newest[name[:2]] = row["version"]
        for row in session.parked.values():
            if row["tries"] not in {TRIES, SETTINGS.delivery_limit}:
                raise Broken(f"a letter was parked after {row['tries']} tries")

    def on_arrival(self, queue: str, body: bytes) -> None:
        """Letters of an aggregate come into a queue for the first time in the order of their versions."""
        letter = from_json(body)
        self.reached[queue, letter["aggregate"]] += 1
        due = self.reached[queue, letter["aggregate"]]
        if letter["version"] != due:
            raise Broken(f"{letter['aggregate']}/{letter['version']} came into {queue} before /{due}")

    def on_ack(self, delivery: Delivery) -> None:
        """What the broker may forget is in the inbox or parked."""
        key = next((key for key, queue in QUEUES.items() if queue == delivery.queue), None)
        claimed = key is not None and (key, UUID(delivery.parcel.id)) in self.heard_in.inbox
        if not claimed and not any(body == delivery.body for _, body in self.heard_in.parked):
            raise Broken(f"{delivery.queue} forgot a letter that was neither applied nor parked")

    # what may happen

    def apply(self, kind: str, one: int, two: int) -> None:
        self.schedule.clock += TICK
        told = getattr(self, f"_{kind}")(one, two)
        if self.trace is not None and told:
            self.trace.append(f"{kind}: {told}")

    def _run(self, one: int, _two: int) -> str | None:
        task = self.schedule.can_go_on(one)
        if task is None:
            return None
        return self._go(task)

    def _go(self, task: Task) -> str:
        at = task.at
        try:
            self.schedule.run(task)
        except Exception as error:
            raise Broken(f"{task.name} ended by {type(error).__name__}: {error}") from error
        return f"{task.name} {at}" if self.trace is not None else "on"

    def _arrive(self, one: int, two: int) -> str | None:
        lines = [line for line in self.broker.lines if line.outgoing]
        if not lines:
            return None
        line = lines[one % len(lines)]
        told = f"{line.outgoing[0][0]} of {line.process.name}"
        self.broker.take(line, two)
        return told

    def _deliver(self, one: int, two: int) -> str | None:
        process = self.processes[LISTENERS[two % len(LISTENERS)]]
        if process.dead or process.name in self.away:
            return None
        queues = [queue for queue, parcels in self.broker.queues.items() if parcels]
        if not queues:
            return None
        queue = queues[one % len(queues)]
        if not process.line.open:
            process.subscribe()
        if not process.has_room(queue):
            return None
        process.hearers[queue].receive(self.broker.deliver(queue, process.channels[queue]))
        return f"{queue} to {process.name}"

    def _write(self, one: int, two: int) -> str | None:
        process = self.processes[OWNERS[one % len(OWNERS)]]
        if process.dead:
            return None
        counters = [COUNTERS[(two >> shift) % len(COUNTERS)] for shift in range(0, 2 + 2 * (one % 3), 2)]
        fails = {0: POISON, 1: 2, 2: 1}.get(two % 40, 0)
        self.schedule.spawn(process, f"{process.name} writer", lambda: self._post(process, counters, fails))
        return f"{process.name} {''.join(counters)}"

    def _post(self, process: Process, counters: list[str], fails: int) -> None:
        """A door that tells; its caller takes a database that is away for an answer."""
        try:
            with process.ground.transaction() as tx:
                for counter in counters:
                    self.moves[counter] += 1
                    tx.emit(CounterMoved(counter=counter, total=self.moves[counter], fails=fails))
        except Exception as error:
            if not is_away(error):
                raise

    def _crash(self, one: int, _two: int) -> str | None:
        return self._kill(list(self.processes.values())[one % len(self.processes)])

    def _fall(self, one: int, _two: int) -> str | None:
        """A process dies in one of the named windows."""
        there = [task.process for task in self.schedule.tasks if task.at in WINDOWS]
        return self._kill(there[one % len(there)]) if there else None

    def _kill(self, process: Process) -> str | None:
        if process.dead:
            return None
        process.dead = True
        self.hits.update(task.at for task in self.schedule.tasks if task.process is process and task.at in WINDOWS)
        self.schedule.kill(process)
        for line in [line for line in self.broker.lines if line.process is process]:
            self.broker.cut(line, len(self.hits))
        return process.name

    def _start(self, one: int, _two: int) -> str | None:
        process = list(self.processes.values())[one % len(self.processes)]
        if not process.dead:
            return None
        self.processes[process.name] = Process(self, process.name)
        return process.name

    def _reap(self, one: int, _two: int) -> str | None:
        """The server notices that nobody is at the other end of a session."""
        orphans = [one for tables in (self.told_from, self.heard_in) for one in tables.sessions if self._orphan(one)]
        if not orphans:
            return None
        orphans[one % len(orphans)].roll_back()
        return "a session nobody holds"

    @staticmethod
    def _orphan(session: Session) -> bool:
        return session.dead or session.process.dead

    def _cut(self, one: int, two: int) -> str | None:
        """A connection to the broker breaks."""
        if not self.broker.lines:
            return None
        line = self.broker.lines[one % len(self.broker.lines)]
        self.broker.cut(line, two)
        return line.process.name

    def _part(self, one: int, two: int) -> str:
        """A process cannot reach the broker any more."""
        name = list(self.processes)[one % len(self.processes)]
        self.away.add(name)
        for line in [line for line in self.broker.lines if line.process.name == name]:
            self.broker.cut(line, two)
        return name

    def _join(self, _one: int, _two: int) -> str | None:
        return self.away.pop() if self.away else None

    def _sever(self, one: int, _two: int) -> str | None:
        """A database connection breaks; the server keeps the session and its locks until it notices."""
        sessions = [*self.told_from.sessions, *self.heard_in.sessions]
        if not sessions:
            return None
        sessions[one % len(sessions)].dead = True
        return sessions[one % len(sessions)].process.name

    def _hush(self, one: int, _two: int) -> str | None:
        """A commit will be done and its answer lost."""
        sessions = [*self.told_from.sessions, *self.heard_in.sessions]
        if not sessions:
            return None
        sessions[one % len(sessions)].answer_lost = True
        return sessions[one % len(sessions)].process.name

    def _stop(self, one: int, _two: int) -> str:
        """A database is down: nobody's session survives."""
        tables = (self.told_from, self.heard_in)[one % 2]
        tables.down = True
        for session in list(tables.sessions):
            session.dead = True
            session.roll_back()
        return ("owners' database", "listeners' database")[one % 2]

    def _rise(self, _one: int, _two: int) -> str:
        self.told_from.down = self.heard_in.down = False
        return "databases"

    def _fill(self, one: int, _two: int) -> str:
        queue = self.broker.bound[one % len(self.broker.bound)]
        self.broker.full ^= {queue}
        return queue

    def _unbind(self, _one: int, _two: int) -> str:
        self.broker.unbound = not self.broker.unbound
        return "nobody is bound" if self.broker.unbound else "all are bound"

    def _expire(self, one: int, _two: int) -> str | None:
        """Somebody has waited for a row as long as the server lets him."""
        waiting = [task for task in self.schedule.tasks if task.at == "waits for a row"]
        if not waiting:
            return None
        return self._go(waiting[one % len(waiting)])

    def end(self) -> None:
        """No greenlet outlives its world."""
        for process in self.processes.values():
            process.dead = True
            self.schedule.kill(process)

    # the storm is over

    def settle(self) -> None:
        """What was away is back: all that was committed is told, heard and acknowledged, or never will be."""
        self.away.clear()
        self.broker.full.clear()
        self.broker.unbound = self.told_from.down = self.heard_in.down = False
        for place in range(len(self.processes)):
            self._start(place, 0)
        relays = sum(len(self.processes[owner].relays) for owner in OWNERS)
        loops = relays + len(LISTENERS) * sum(ear.batch is not None for ear in EARS)
        for turn in range(SETTLES_WITHIN):
            self._turn(turn)
            if len(self.schedule.tasks) == loops and self._at_rest():
                return
        untold = sum(not row.told for row in self.told_from.outbox.values())
        waiting = {name: len(parcels) for name, parcels in self.broker.queues.items() if parcels}
        threads = [f"{task.name} {task.at}" for task in self.schedule.tasks]
        raise Broken(f"never comes to rest: {untold} untold, waiting {waiting}, threads {threads}")

    def _turn(self, turn: int) -> None:
        while self._reap(0, 0):
            pass
        while self._arrive(turn, 1):
            pass
        for place in range(len(self.broker.queues) * len(LISTENERS)):
            self._deliver(place, place // len(self.broker.queues))
        for task in list(self.schedule.tasks):
            if task in self.schedule.tasks and (task.ready is None or task.ready()):
                self._go(task)
        self.schedule.clock += 0.05

    def _at_rest(self) -> bool:
        """No letter is under way anywhere."""
        channels = [channel for line in self.broker.lines for channel in line.channels]
        return not (
            any(self.broker.queues.values())
            or any(channel.unacked for channel in channels)
            or any(not row.told for row in self.told_from.outbox.values())
        )

    def judge(self) -> None:
        """Nothing is lost: what was committed is applied or parked, and all of it is applied once it can be taken."""
        letters = {row.id: row for row in self.told_from.outbox.values()}
        for ear in EARS:
            rows = [row for row in self.heard_in.parked.values() if row["handler"] == ear.key]
            put_aside = {UUID(from_json(row["body"])["id"]) for row in rows}
            given_up = {UUID(from_json(row["body"])["id"]) for row in rows if row["tries"] != TRIES}
            for name in put_aside - given_up:
                if from_json(letters[name].data)["fails"] < POISON:
                    raise Broken(f"{ear.name} parked a letter that could be taken")
            self._require_heard(ear, [row for name, row in letters.items() if name not in put_aside])
        self.cured = True
        service = next(self.processes[name].service for name in LISTENERS)
        by_key = {ear.key: ear for ear in EARS}
        for row in list(self.heard_in.parked.values()):
            why = parking._hand_over(service, by_key[row["handler"]], SimpleNamespace(**row, id=0))
            if why is not None:
                raise Broken(f"a cured letter is still refused: {why}")
        for ear in EARS:
            self._require_heard(ear, list(letters.values()))

    def _require_heard(self, ear: Any, letters: list[Any]) -> None:
        newest: dict[str, int] = {}
        for row in letters:
            newest[row.aggregate] = max(newest.get(row.aggregate, 0), row.version)
            if ear.every and (ear.name, row.aggregate, row.version) not in self.applied:
                raise Broken(f"{ear.name} never applied {row.aggregate}/{row.version}")
        for aggregate, version in newest.items():
            if not ear.every and self.newest.get((ear.name, aggregate), 0) < version:
                raise Broken(f"{ear.name} never came to {aggregate}/{version}")
