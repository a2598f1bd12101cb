"""Delivery over the real broker: everything committed is told once in effect, in order, through every crash window."""

import json
import subprocess
import sys
from urllib.parse import unquote
from uuid import uuid4

import pytest

from services.kit.broker import connect
from services.kit.failpoints import WINDOWS, armed
from tests.kit.running import MIRROR, ROOT, SHOP, eventually
from tests.kit.shop import CounterChanged, NobodyListens
from tests.servers import fresh_vhost

pytestmark = pytest.mark.broker

EVERY = "SELECT version FROM lines WHERE handler = 'every' AND aggregate = :a ORDER BY n"


def tell(stage, *events):
    with stage.dbs[SHOP].transaction() as tx:
        tx.emit_all(events)


def changes(counter, number, first=1):
    return [CounterChanged(counter=counter, total=n) for n in range(first, first + number)]


def untold(stage):
    return stage.one(SHOP, "SELECT count(*) FROM outbox WHERE told_at IS NULL")


def test_letters_arrive_in_order_and_the_newest_counts(stage):
    tell(stage, *[event for group in zip(*(changes(c, 100) for c in "abc"), strict=True) for event in group])
    stage.start(SHOP)
    stage.start(MIRROR)

    assert eventually(lambda: stage.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'every'") == 300)
    for counter in "abc":
        assert [version for (version,) in stage.rows(MIRROR, EVERY, a=counter)] == list(range(1, 101))
    assert eventually(lambda: stage.rows(MIRROR, "SELECT DISTINCT total FROM seen") == [(100,)])
    assert eventually(lambda: untold(stage) == 0)


@pytest.mark.parametrize("window", WINDOWS)
def test_nothing_is_lost_or_counted_twice_when_a_process_dies(stage, window):
    """Three deaths in each window here; the long battery does thousands."""
    told_by = SHOP if "publish" in window else MIRROR
    other = MIRROR if told_by == SHOP else SHOP
    stage.start(other)
    for turn in range(3):
        tell(stage, *changes("a", 20, turn * 20 + 1))
        dying = stage.start(told_by, failpoints=f"{window}=1")
        assert dying.wait(60) == 86
    stage.start(told_by)

    count = "SELECT count(DISTINCT version) FROM lines WHERE handler = 'every'"
    assert eventually(lambda: stage.one(MIRROR, count) == 60, 30)
    assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen") == [(60,)])
    assert eventually(lambda: untold(stage) == 0)
    assert stage.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'every'") == 60
    assert stage.one(MIRROR, "SELECT max(version) FROM lines WHERE handler = 'one'") == 60


def left_with(broker, stage):
    """Messages of any queue of the vhost that nobody has acknowledged."""
    vhost = stage.broker_url.rpartition("/")[2]
    listed = broker.ctl("list_queues", "-p", vhost, "name", "messages").split("\n")
    return {name: int(number) for name, number in (line.split("\t") for line in listed[1:] if line) if int(number) and not name.endswith(".unheard")}


def test_poison_is_parked_alone_listed_and_redriven(stage, broker):
    stage.start(SHOP)
    stage.start(MIRROR)
    tell(stage, *changes("a", 5), CounterChanged(counter="poison", total=1), *changes("b", 5))

    parked = "SELECT handler, tries FROM parked WHERE redriven_at IS NULL ORDER BY handler"
    expected = [("shop.counter_changed--on_counter_changed", 4), ("shop.counter_changed--on_many_changed", 4)]
    assert eventually(lambda: stage.rows(MIRROR, parked) == expected)
    assert {c for (c,) in stage.rows(MIRROR, "SELECT counter FROM seen")} == {"a", "b"}
    assert stage.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'many' AND aggregate = 'poison'") == 0
    assert eventually(lambda: stage.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'every'") == 11)

    assert broker is None or eventually(lambda: not left_with(broker, stage)), left_with(broker, stage)

    listed = stage.command("parked", MIRROR, "list", service=MIRROR)
    assert "ValueError: this letter cannot be taken" in listed.stdout
    assert listed.returncode == 1
    again = stage.command("parked", MIRROR, "redrive", service=MIRROR)
    assert "taken: 0  still parked: 2" in again.stdout
    healed = "UPDATE parked SET body = convert_to(replace(convert_from(body, 'UTF8'), 'poison', 'cured'), 'UTF8')"
    with stage.dbs[MIRROR].engine.begin() as connection:
        connection.exec_driver_sql(healed)
    assert "taken: 2  still parked: 0" in stage.command("parked", MIRROR, "redrive", service=MIRROR).stdout
    assert stage.rows(MIRROR, "SELECT total FROM seen WHERE counter = 'cured'") == [(1,)]


def test_what_cannot_be_read_is_parked_once_for_each_handler_and_stops_nobody(stage, broker):
    stage.start(SHOP)
    stage.start(MIRROR)
    connection = connect(stage.broker_url, "test")
    channel = connection.channel()
    for body in (b"\xff\xfe\x00", b"{}", b"{}", json.dumps({"id": str(uuid4()), "version": 0}).encode()):
        message = channel.prepare_message(body, content_type="application/json", content_encoding="utf-8")
        channel.basic_publish_confirm(message, exchange="shop.events", routing_key="shop.counter_changed")
    connection.close()
    tell(stage, *changes("a", 3))

    assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen") == [(3,)])

    def parked() -> list[tuple[str, bytes]]:
        return sorted(stage.rows(MIRROR, "SELECT handler, body FROM parked"))

    assert eventually(lambda: len(parked()) == 9), "\n".join(map(str, [*parked(), left_with(broker, stage)]))
    assert broker is None or eventually(lambda: not left_with(broker, stage)), left_with(broker, stage)
    assert len(parked()) == 9, "\n".join(map(str, parked()))
    assert stage.one(MIRROR, "SELECT count(*) FROM parked WHERE reason NOT LIKE 'unreadable%'") == 0


def test_a_letter_without_a_queue_stops_its_aggregate_only_and_goes_out_in_order_later(stage):
    connection = connect(stage.broker_url, "test")
    channel = connection.channel()
    for queue in ("every--mirror.on_everything",):
        channel.queue_unbind(queue, "shop.events", "#")
        channel.queue_unbind("shop.unheard", "shop.events", "shop.nobody_listens")
    stage.start(SHOP)
    stage.start(MIRROR)
    tell(stage, NobodyListens(counter="a"), *changes("a", 3), *changes("b", 3))

    assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen WHERE counter = 'b'") == [(3,)])
    left = "SELECT DISTINCT aggregate FROM outbox WHERE told_at IS NULL"
    assert eventually(lambda: stage.rows(SHOP, left) == [("a",)])

    stage.topology()
    assert eventually(lambda: untold(stage) == 0)
    assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen WHERE counter = 'a'") == [(3,)])
    assert eventually(lambda: [v for (v,) in stage.rows(MIRROR, EVERY, a="a")] == [1, 2, 3, 4])
    connection.close()


def test_who_is_refused_by_a_queue_asks_on_another_connection_and_tells_all_in_order_later(stage, broker):
    """A channel never asks another leader of a queue than the one it knows; only a newer one does (RabbitMQ 3.10)."""
    if broker is None:
        pytest.skip("the broker is not ours to ask")
    vhost = unquote(stage.broker_url.rpartition("/")[2])
    few = ("set_policy", "-p", vhost, "few", "^every--", '{"max-length": 1}', "--apply-to", "queues")
    broker.ctl(*few)
    stage.start(SHOP)
    told = relays(broker, vhost)
    tell(stage, *changes("a", 20))

    assert eventually(lambda: relays(broker, vhost) - told)
    assert untold(stage) > 0
    broker.ctl("clear_policy", "-p", vhost, "few")
    stage.start(MIRROR)
    assert eventually(lambda: [v for (v,) in stage.rows(MIRROR, EVERY, a="a")] == list(range(1, 21)))
    assert eventually(lambda: untold(stage) == 0)


def relays(broker, vhost):
    """The relays' connections, as soon as there are any."""

    def found():
        rows = broker.ctl("list_connections", "vhost", "client_properties", "pid").splitlines()
        return {row.rpartition("\t")[2] for row in rows if row.startswith(f"{vhost}\t") and "shop relay" in row}

    return eventually(found)


def test_two_processes_of_a_service_share_the_outbox(stage):
    stage.start(SHOP)
    stage.start(SHOP)
    stage.start(MIRROR)
    for turn in range(10):
        tell(stage, *changes("a", 50, turn * 50 + 1), *changes("b", 50, turn * 50 + 1))

    assert eventually(lambda: stage.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'every'") == 1000)
    assert [version for (version,) in stage.rows(MIRROR, EVERY, a="a")] == list(range(1, 501))


def test_kept_letters_are_told_again_for_a_listener_that_started_later(stage):
    stage.start(SHOP)
    tell(stage, *changes("a", 3))
    assert eventually(lambda: untold(stage) == 0)

    assert "3 letters" in stage.command("retell", SHOP, "shop.counter_changed").stdout
    stage.start(MIRROR)
    assert eventually(lambda: stage.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'every'") == 3)
    assert eventually(lambda: untold(stage) == 0)


def test_a_service_without_its_queues_waits_and_says_what_to_run(stage, broker, passport_keys):
    if broker is None:
        pytest.skip("no vhost of our own")
    stage.broker_url = fresh_vhost(broker)
    waiting = subprocess.Popen(
        [sys.executable, "-m", "services", "run", SHOP],
        env=stage.environment(),
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        line = next(line for line in waiting.stderr if "queues" in line)
    finally:
        waiting.kill()
        waiting.wait()

    assert "python -m services topology" in line


def test_fail_points_are_nothing_unless_asked_for_and_know_their_names():
    armed("")("after commit before ack")
    with pytest.raises(ValueError):
        armed("after lunch=1")


def test_a_letter_that_kills_its_reader_again_and_again_is_parked_not_lost(stage, broker):
    if broker is None:
        pytest.skip("no vhost of our own")
    stage.broker_url = fresh_vhost(broker)
    declared = stage.command("topology", "--services", f"{SHOP},{MIRROR}", delivery_limit=1)
    assert declared.returncode == 0, declared.stderr
    stage.start(SHOP)
    tell(stage, *changes("a", 1))
    assert eventually(lambda: untold(stage) == 0)
    for _ in range(2):
        assert stage.start(MIRROR, failpoints="after receive before commit=0.999999").wait(60) == 86
    stage.start(MIRROR)

    parked = "SELECT DISTINCT reason FROM parked"
    assert eventually(lambda: stage.rows(MIRROR, parked) == [("given up by the broker: delivery_limit",)])
    assert "still parked: 0" in stage.command("parked", MIRROR, "redrive", service=MIRROR).stdout
    assert stage.rows(MIRROR, "SELECT total, times FROM seen") == [(1, 1)]
