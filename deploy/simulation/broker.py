"""RabbitMQ as far as the kit leans on it: queues that keep what was confirmed, and connections that break anywhere.

A publish reaches the broker later or, when the connection breaks first, never; so do confirms and acknowledgements. A
letter goes into every bound queue or, when one of them is full, into the others and is refused. What was not
acknowledged goes back when its connection breaks, in any order near the head, and past the limit into the dead queue.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

DEAD = "listener.dead"
LIMIT = 8  # deliveries that may fail before the broker gives a letter up


class Parcel:
    """A message in a queue: what was published, and how often it came back."""

    __slots__ = ("body", "came_back", "headers", "id")

    def __init__(self, body: bytes, id: str, headers: dict[str, Any]) -> None:
        self.body, self.id, self.headers, self.came_back = body, id, headers, 0


class Sent:
    """What `prepare_message` makes."""

    def __init__(self, body: bytes, headers: dict[str, Any], properties: dict[str, Any]) -> None:
        self.body, self.headers, self.properties = body, headers, properties


class Delivery:
    """A message in the hands of a consumer."""

    def __init__(self, parcel: Parcel, queue: str, channel: "Channel", tag: int) -> None:
        self.parcel, self.queue, self.channel, self.delivery_tag = parcel, queue, channel, tag
        self.body, self.headers = parcel.body, parcel.headers

    def ack(self) -> None:
        self.channel.basic_ack(self.delivery_tag)


class Channel:
    """A channel, either of a publisher in confirm mode or of one consumer."""

    def __init__(self, line: "Line") -> None:
        self.line = line
        self.events: dict[str, set[Callable[..., None]]] = defaultdict(set)
        self.unacked: dict[int, Delivery] = {}
        self.last_tag = 0
        self.confirmable: list[int] = []

    def confirm_select(self) -> None:
        """Confirms are always on here."""

    @staticmethod
    def prepare_message(body: bytes, headers: dict[str, Any], properties: dict[str, Any], **_: str) -> Sent:
        return Sent(body, headers, properties)

    def basic_publish(self, message: Sent, **_: Any) -> None:
        """Into the socket; a connection that is gone swallows it."""
        self.last_tag += 1
        self.line.leave(("publish", self, self.last_tag, message))

    def basic_ack(self, tag: int, multiple: bool = False) -> None:
        self.line.broker.pause("acknowledges", None)
        if not self.line.open:
            raise ConnectionResetError
        self.line.leave(("ack", self, tag, multiple))


class Line:
    """A connection of a process."""

    def __init__(self, broker: "Broker", process: Any) -> None:
        self.broker, self.process, self.open = broker, process, True
        self.outgoing: deque[tuple[Any, ...]] = deque()
        self.incoming: deque[tuple[Any, ...]] = deque()
        self.channels: list[Channel] = []
        broker.lines.append(self)

    def channel(self) -> Channel:
        self.channels.append(Channel(self))
        return self.channels[-1]

    def leave(self, frame: tuple[Any, ...]) -> None:
        if self.open:
            self.outgoing.append(frame)

    def blocking_read(self, timeout: float) -> None:
        """One thing the broker said, or TimeoutError, or the news that the connection is gone."""
        schedule = self.broker.schedule
        end = schedule.clock + timeout
        if timeout > 0.01:
            self.broker.pause("awaits confirms", lambda: not self.open or self.incoming or schedule.clock >= end)
        if self.incoming:
            channel, kind, given = self.incoming.popleft()
            for callback in channel.events[kind]:
                callback(*given)
        elif not self.open:
            raise ConnectionResetError
        else:
            raise TimeoutError

    drain_events = blocking_read

    def heartbeat_tick(self) -> None:
        if not self.open:
            raise ConnectionResetError

    def collect(self) -> None:
        self.broker.cut(self, 0)


class Broker:
    """Queues, who is bound, what is full, and every open connection."""

    def __init__(self, schedule: Any, queues: list[str]) -> None:
        self.schedule = schedule
        self.pause = schedule.pause
        self.queues: dict[str, list[Parcel]] = {name: [] for name in (*queues, DEAD)}
        self.bound = list(queues)
        self.unbound = False
        self.full: set[str] = set()
        self.lines: list[Line] = []
        self.arrived: dict[str, set[str]] = {name: set() for name in queues}
        self.on_ack: Callable[[Delivery], None] = lambda _: None
        self.on_arrival: Callable[[str, bytes], None] = lambda _queue, _body: None

    def take(self, line: Line, mood: int) -> None:
        """The next frame of a connection reaches the broker."""
        kind, channel, tag, what = line.outgoing.popleft()
        if kind == "ack":
            self._acknowledge(channel, tag, what)
        else:
            self._publish(channel, tag, what, mood)

    def _publish(self, channel: Channel, tag: int, message: Sent, mood: int) -> None:
        targets = [] if self.unbound else self.bound
        for queue in targets:
            if queue not in self.full:
                self._enqueue(queue, message)
        if not targets:
            channel.line.incoming.append((channel, "basic_return", (312, "", "", message)))
        if self.full.intersection(targets):
            channel.line.incoming.append((channel, "basic_nack", (tag, False)))
        else:
            channel.confirmable.append(tag)
        if channel.confirmable and (mood % 2 or not channel.line.outgoing):
            last = channel.confirmable[-1]
            if len(channel.confirmable) > 1:
                channel.line.incoming.append((channel, "basic_ack", (last, True)))
            else:
                channel.line.incoming.append((channel, "basic_ack", (last, False)))
            channel.confirmable.clear()

    def _enqueue(self, queue: str, message: Sent) -> None:
        name = message.properties["message_id"]
        self.queues[queue].append(Parcel(message.body, name, message.headers))
        if name not in self.arrived[queue]:
            self.arrived[queue].add(name)
            self.on_arrival(queue, message.body)

    def _acknowledge(self, channel: Channel, tag: int, multiple: bool) -> None:
        for one in [known for known in channel.unacked if known <= tag] if multiple else [tag]:
            delivery = channel.unacked.pop(one, None)
            if delivery is not None:
                self.on_ack(delivery)

    def deliver(self, queue: str, channel: Channel) -> Delivery:
        """The head of a queue goes to a consumer."""
        channel.last_tag += 1
        delivery = Delivery(self.queues[queue].pop(0), queue, channel, channel.last_tag)
        channel.unacked[channel.last_tag] = delivery
        return delivery

    def cut(self, line: Line, mood: int) -> None:
        """The connection is gone: what is under way is lost, what was not acknowledged goes back."""
        if not line.open:
            return
        line.open = False
        self.lines.remove(line)
        line.outgoing.clear()
        line.incoming.clear()
        for channel in line.channels:
            back = list(channel.unacked.values())
            channel.unacked.clear()
            for delivery in back if mood % 3 else reversed(back):
                self._return(delivery, mood)

    def _return(self, delivery: Delivery, mood: int) -> None:
        parcel, queue = delivery.parcel, delivery.queue
        parcel.came_back += 1
        if queue != DEAD and parcel.came_back > LIMIT:
            parcel.headers = {"x-death": [{"reason": "delivery_limit", "queue": queue}]}
            queue = DEAD
        here = self.queues[queue]
        here.insert(min(mood % 4, len(here)), parcel)
