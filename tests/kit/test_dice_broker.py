"""Outbox, relay and inbox on real databases against a broker made of dice: what the simulation does on models, slower.

The deaths, the losses and the order of everything come from one seed, which is printed when a history breaks a promise.
HP_SIMULATIONS=1000 runs that many more.
"""

import os
import random
from collections import Counter

import pytest
from sqlalchemy import text

from services.contracts.base import Envelope
from services.kit import hearing, relay
from services.kit.entrypoints import Ear, marks_of
from services.kit.logs import log_of
from services.kit.settings import Settings
from tests.kit.shop import CounterChanged, MirrorBase, MirrorService, ShopBase

SEEDS = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
EARS = marks_of(MirrorService, Ear)


class Death(Exception):
    """The process died here."""


class DiceBroker:
    """Takes letters as a bad day would have it; every queue may hold a letter twice, late and out of order."""

    worn_out = False

    def __init__(self, dice, queues):
        self.dice, self.queues, self.returned, self.fair = dice, queues, set(), False

    def send(self, letters):
        taken, self.returned = set(), set()
        for letter in letters:
            fate = "taken" if self.fair else self.dice.choices(["taken", "lost", "unconfirmed", "returned"], [8, 1, 1, 1])[0]
            if fate in {"taken", "unconfirmed"}:
                for queue in self.queues.values():
                    queue.insert(self.dice.randint(0, len(queue)), Envelope.model_validate_json(letter.body))
            if fate == "taken":
                taken.add(letter.seq)
            if fate == "returned":
                self.returned.add(letter.seq)
        return taken

    def tend(self):
        """Nothing beats here."""

    def close(self):
        """Nothing is open here."""


class World:
    """One history: people change counters, the relay turns, handlers hear; any of them may die."""

    def __init__(self, seed, shop_db, mirror, monkeypatch):
        self.dice = random.Random(seed)
        self.shop_db, self.mirror = shop_db, mirror
        self.queues = {ear.key: [] for ear in EARS}
        self.broker = DiceBroker(self.dice, self.queues)
        self.relay = relay.Relay("shop", shop_db, Settings(relay_window=7, relay_poll=0), log_of("shop"))
        self.relay._press = self.broker
        self.totals = Counter()
        for module in (relay, hearing):
            monkeypatch.setattr(module, "failpoint", self.die_sometimes)
        monkeypatch.setattr(relay, "_PAUSE", 0)

    def die_sometimes(self, _window):
        if not self.broker.fair and self.dice.random() < 0.15:
            raise Death

    def change(self):
        with self.shop_db.transaction() as tx:
            for counter in self.dice.choices("abcd", k=self.dice.randint(1, 4)):
                self.totals[counter] += 1
                tx.emit(CounterChanged(counter=counter, total=self.totals[counter]))

    def tell(self):
        self.relay.turn()

    def hear(self):
        ear = self.dice.choice(EARS)
        queue = self.queues[ear.key]
        letters = [queue[0]] if queue and ear.batch is None else queue[: self.dice.randint(1, 9)]
        if not letters:
            return
        hearing.hear(self.mirror.service, ear, letters)
        if self.broker.fair or self.dice.random() < 0.8:  # else: dead after the commit, before the acknowledgement
            del queue[: len(letters)]

    def step(self):
        try:
            self.dice.choice([self.change, self.tell, self.tell, self.hear, self.hear, self.hear])()
        except Death:
            return

    def settle(self):
        """The storm is over: everything is told and heard."""
        self.broker.fair = True
        while self.relay.turn():
            pass
        while any(self.queues.values()):
            self.hear()


@pytest.mark.parametrize("seed", [*SEEDS, *range(1000, 1000 + int(os.environ.get("HP_SIMULATIONS", "0")))])
def test_whatever_the_broker_does_every_version_is_heard_once_and_the_newest_stands(seed, own_database, hands, monkeypatch):
    shop_db, mirror_db = own_database("shop", ShopBase.metadata), own_database("mirror", MirrorBase.metadata)
    world = World(seed, shop_db, hands(MirrorService, mirror_db), monkeypatch)
    for _ in range(120):
        world.step()
    world.settle()

    with mirror_db.engine.connect() as connection:
        lines = [tuple(row) for row in connection.execute(text("SELECT handler, aggregate, version FROM lines ORDER BY n"))]
        seen = {row.counter: row.total for row in connection.execute(text("SELECT * FROM seen"))}
    heard = Counter((aggregate, version) for handler, aggregate, version in lines if handler == "every")
    assert heard == Counter({(c, v): 1 for c, total in world.totals.items() for v in range(1, total + 1)}), seed
    assert seen == dict(world.totals), seed
    for name in ("one", "many"):
        for counter in world.totals:
            versions = [version for handler, aggregate, version in lines if (handler, aggregate) == (name, counter)]
            assert versions == sorted(set(versions)), seed
            assert versions[-1] == world.totals[counter], seed
