"""A letter takes effect once, the newest version wins, and the claim commits with the effect; without a broker."""

import pytest
from sqlalchemy import text

from tests.kit.shop import CounterChanged, MirrorBase, MirrorService


@pytest.fixture
def db(own_database):
    return own_database("mirror", MirrorBase.metadata)


@pytest.fixture
def mirror(hands, db):
    return hands(MirrorService, db)


def lines(db, handler):
    with db.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT aggregate, version FROM lines WHERE handler = :h ORDER BY n"), {"h": handler}
        )
        return [tuple(row) for row in rows]


def seen(db):
    with db.engine.connect() as connection:
        return {row.counter: (row.total, row.times) for row in connection.execute(text("SELECT * FROM seen"))}


def test_a_letter_delivered_twice_counts_once(mirror, db):
    letters = mirror.hear(CounterChanged(counter="a", total=5))
    mirror.hear(letters)

    assert seen(db) == {"a": (5, 1)}
    assert lines(db, "many") == lines(db, "every") == [("a", 1)]


def test_an_older_version_is_skipped_but_the_ledger_hears_it(mirror, db, hear):
    hear(mirror, db, CounterChanged(counter="a", total=9), version=3)
    hear(mirror, db, CounterChanged(counter="a", total=5), version=2)
    hear(mirror, db, CounterChanged(counter="b", total=1), version=1)

    assert seen(db) == {"a": (9, 1), "b": (1, 1)}
    assert lines(db, "many") == [("a", 3), ("b", 1)]
    assert lines(db, "every") == [("a", 3), ("a", 2), ("b", 1)]


def test_a_batch_keeps_the_newest_of_each_aggregate_in_order_of_arrival(mirror, db):
    events = [CounterChanged(counter=name, total=n) for n, name in enumerate("abcab")]
    letters = [mirror._envelope(event, None) for event in events]

    mirror.hear(letters + letters)

    assert lines(db, "many") == [("c", 1), ("a", 2), ("b", 2)]
    assert len(lines(db, "every")) == 5


def test_what_a_handler_cannot_take_leaves_no_trace_and_can_come_again(mirror, db):
    with pytest.raises(ValueError):
        mirror.hear(CounterChanged(counter="poison", total=1))

    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM inbox")) == 0
        assert connection.scalar(text("SELECT count(*) FROM heard")) == 0
