"""Queues of handlers that are no longer in the code: found by what the topology command wrote down the last time.

A renamed or removed handler leaves its queue behind, bound and filling. What was declared is kept as one letter in the
broker's own `topology.unheard`, because a broker cannot be asked for its queues over AMQP. A queue that is left over is
unbound and deleted once it is empty and nobody hears it; while an older process hears it, it stays; letters in it that
nobody will ever take are a reason to stop, said in one sentence.
"""

from typing import Any

from amqp.exceptions import NotFound  # type: ignore[import-untyped]  # amqp has no types
from pydantic_core import from_json, to_json

from services.kit.parcel import JSON

KNOWN = "topology.unheard"
"""Named like the other queues whose letters wait for nobody, so that no alarm goes off for it."""
Binding = tuple[str, str, str]  # queue, exchange, topic
Known = dict[str, list[Binding]]


def remember(line: Any, declared: Known) -> tuple[list[str], list[str]]:
    """What was done about left-over queues of these services, and what stands in the way; both as sentences."""
    channel = line.channel()
    before, last = _written_down(channel)
    done: list[str] = []
    problems: list[str] = []
    kept: Known = {service: bindings for service, bindings in before.items() if service not in declared}
    for service, bindings in declared.items():
        present = {queue for queue, _, _ in bindings}
        kept[service] = list(bindings)
        for queue in sorted({queue for queue, _, _ in before.get(service, ())} - present):
            former = [binding for binding in before[service] if binding[0] == queue]
            sentence, is_problem, is_gone = _settle(line, service, queue, former)
            (problems if is_problem else done).append(sentence)
            if not is_gone:
                kept[service] += former
    message = channel.prepare_message(to_json(kept), properties={"delivery_mode": 2}, **JSON)
    channel.basic_publish_confirm(message, exchange="", routing_key=KNOWN)
    if last is not None:
        channel.basic_ack(last, multiple=True)
    channel.close()
    return done, problems


def _written_down(channel: Any) -> tuple[Known, int | None]:
    """What was declared before; of several letters, which two commands at once may leave, all that any of them says."""
    found: dict[str, set[Binding]] = {}
    last = None
    while (letter := channel.basic_get(KNOWN)) is not None:
        last = letter.delivery_tag
        for service, bindings in from_json(letter.body).items():
            found.setdefault(service, set()).update((queue, exchange, topic) for queue, exchange, topic in bindings)
    return {service: sorted(bindings) for service, bindings in found.items()}, last


def _settle(line: Any, service: str, queue: str, former: list[Binding]) -> tuple[str, bool, bool]:
    """The sentence for one left-over queue, whether it stands in the way, whether the queue is gone."""
    letters, hearers = standing(line, queue)
    if letters is None:
        return f"{queue}: gone", False, True
    if hearers:
        return (
            f"{queue}: its handler left the code and an older process still hears it; run this again later",
            False,
            False,
        )
    if not letters:
        channel = line.channel()
        for _, exchange, topic in former:
            channel.queue_unbind(queue, exchange, topic)
        letters, hearers = standing(line, queue)
        if not letters and not hearers:
            channel.queue_delete(queue)
            channel.close()
            return f"{queue}: its handler left the code; it was empty and is removed", False, True
        for _, exchange, topic in former:  # a letter came in between: it is nobody's to throw away
            channel.queue_bind(queue, exchange, topic)
        channel.close()
    sentence = (
        f"{queue} holds {letters} letters and no handler of {service} hears it any more: "
        "give the handler its old name until they are taken, then run this again"
    )
    return sentence, True, False


def standing(line: Any, queue: str) -> tuple[int | None, int]:
    """How many letters wait and how many hear; None when there is no such queue."""
    channel = line.channel()
    try:
        found = channel.queue_declare(queue, passive=True)
    except NotFound:
        return None, 0
    channel.close()
    return int(found.message_count), int(found.consumer_count)
