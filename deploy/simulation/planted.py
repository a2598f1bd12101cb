"""Faults put into the kit on purpose: a simulation that cannot find them proves nothing.

Each is a mistake that services like these have been shipped with; `services/kit` is patched while it is tried.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from deploy.simulation import tables
from services.contracts.base import Envelope
from services.kit import ears, hearing, relay

Plant = Callable[[], AbstractContextManager[Any]]


def _acknowledged_before_the_commit() -> AbstractContextManager[Any]:
    handle = ears.Single._handle

    def early(self: Any, message: Any) -> None:
        ears.acknowledge(message)
        handle(self, message)

    return patch.object(ears.Single, "_handle", early)


def _no_inbox() -> AbstractContextManager[Any]:
    first_heard = hearing._first_heard

    def whatever(tx: Any, ear: Any, envelopes: list[Envelope]) -> list[Envelope]:
        first_heard(tx, ear, envelopes)
        return list(envelopes)

    return patch.object(hearing, "_first_heard", whatever)


def _claimed_in_a_transaction_of_its_own() -> AbstractContextManager[Any]:
    first_heard = hearing._first_heard

    def apart(tx: Any, ear: Any, envelopes: list[Envelope]) -> list[Envelope]:
        with tx._database.transaction() as other:
            return first_heard(other, ear, envelopes)

    return patch.object(hearing, "_first_heard", apart)


def _older_version_applied() -> AbstractContextManager[Any]:
    return patch.object(hearing, "_newest", lambda _tx, _ear, fresh: fresh)


def _marked_before_it_is_published() -> AbstractContextManager[Any]:
    def turn(self: Any) -> int:
        press = self._pressed()
        with self._db.transaction() as tx:
            partitions = list(tx.scalars(relay._LOCKS, {"mine": list(self._mine)}))
            limits = {"partitions": partitions, "stopped": [], "window": self._settings.relay_window}
            letters = [relay.letter_of(row) for row in tx.execute(relay._UNTOLD, limits)]
            tx.execute(relay._MARK, {"seqs": [letter.seq for letter in letters]})
        press.send(letters)
        return len(letters)

    return patch.object(relay.Relay, "turn", turn)


def _marked_without_a_confirm() -> AbstractContextManager[Any]:
    return patch.object(relay.Relay, "_told", lambda _self, letters, *_: [letter.seq for letter in letters])


def _a_later_letter_under_way_with_an_earlier_one() -> AbstractContextManager[Any]:
    def send(self: Any, letters: list[relay.Letter]) -> set[int]:
        self._taken, self.returned = set(), set()
        self._behind = {letter.aggregate: deque() for letter in letters}
        for letter in letters:
            self._publish(letter)
        while self._flying:
            self._line.blocking_read(self._timeout)
        return self._taken  # type: ignore[no-any-return]

    return patch.object(relay.Press, "send", send)


def _returned_letter_counts_as_taken() -> AbstractContextManager[Any]:
    def on_ack(self: Any, tag: int, multiple: bool) -> None:
        self._taken.update(letter.seq for letter in self._settled(tag, multiple))

    return patch.object(relay.Press, "_on_ack", on_ack)


def _read_by_a_cursor_on_the_sequence() -> AbstractContextManager[Any]:
    def untold(session: tables.Session, params: Any) -> list[Any]:
        last = max((row.seq for row in session.tables.outbox.values() if row.told), default=0)
        return [row for row in tables.Session.untold(session, params) if row.seq > last]

    return patch.dict(tables._KNOWN, {id(relay._UNTOLD): untold})


def _batch_acknowledged_with_what_is_tried_alone() -> AbstractContextManager[Any]:
    def handle(self: Any, messages: list[Any]) -> None:
        read = [(message, self.read(message)) for message in messages]
        taken = self._apply([(message, letter) for message, letter in read if letter is not None])
        if taken:
            try:
                taken[-1].channel.basic_ack(taken[-1].delivery_tag, multiple=True)
            except ears.ERRORS:
                return

    return patch.object(ears.Batch, "_handle", handle)


def _acknowledged_before_it_is_parked() -> AbstractContextManager[Any]:
    shelve = ears.Handling.shelve

    def early(self: Any, message: Any, parcel: Any) -> None:
        ears.acknowledge(message)
        shelve(self, message, parcel)

    return patch.object(ears.Handling, "shelve", early)


@contextmanager
def _a_database_that_is_away_counts_as_a_failure() -> Iterator[None]:
    with patch.object(ears, "is_away", lambda _: False):
        yield


PLANTED: dict[str, Plant] = {
    plant.__name__.strip("_").replace("_", " "): plant
    for plant in (
        _acknowledged_before_the_commit,
        _no_inbox,
        _claimed_in_a_transaction_of_its_own,
        _older_version_applied,
        _marked_before_it_is_published,
        _marked_without_a_confirm,
        _a_later_letter_under_way_with_an_earlier_one,
        _returned_letter_counts_as_taken,
        _read_by_a_cursor_on_the_sequence,
        _batch_acknowledged_with_what_is_tried_alone,
        _acknowledged_before_it_is_parked,
        _a_database_that_is_away_counts_as_a_failure,
    )
}
