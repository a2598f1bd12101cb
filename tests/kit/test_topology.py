"""Whatever starts first, whichever versions meet, whatever was renamed or declared otherwise: right, or one clear sentence."""

import json
from uuid import uuid4

import pytest

from deploy.local import programs
from deploy.local.rabbitmq import start_rabbitmq
from deploy.wire import events_of, services
from services.contracts.base import BadRequest
from services.kit.broker import connect
from services.kit.relay import Letter, Press
from services.kit.topology import bindings_of, unheard_of
from tests.kit.running import MIRROR, SHOP, Stage, eventually
from tests.kit.shop import Add, CounterChanged, Look, MirrorBase, ShopBase, Total
from tests.servers import fresh_vhost

NEXT_SHOP, NEXT_MIRROR = "tests.kit.shop_next:NextShopService", "tests.kit.shop_next:NextMirrorService"
MANY = "shop.counter_changed--mirror.on_many_changed"


@pytest.fixture
def bare(broker, own_database, passport_keys):
    """A stage whose broker knows no queue yet."""
    if broker is None:
        pytest.skip("no vhost of our own")
    shop, mirror = own_database("shop", ShopBase.metadata), own_database("mirror", MirrorBase.metadata)
    made = Stage(fresh_vhost(broker), passport_keys, shop, mirror)
    made.dbs |= {NEXT_SHOP: shop, NEXT_MIRROR: mirror}
    yield made
    made.stop()


def tell(stage, *events):
    with stage.dbs[SHOP].transaction() as tx:
        tx.emit_all(events)


def declared(stage, *names, **more):
    return stage.command("topology", "--services", ",".join(names), **more)


@pytest.mark.broker
@pytest.mark.parametrize("order", [(SHOP, MIRROR, "queues"), (MIRROR, "queues", SHOP), ("queues", MIRROR, SHOP)])
def test_services_may_start_in_any_order_even_before_their_queues(bare, order):
    tell(bare, *(CounterChanged(counter="a", total=n) for n in range(1, 6)))
    for one in order:
        if one == "queues":
            assert declared(bare, SHOP, MIRROR).returncode == 0
        else:
            bare.start(one)

    assert eventually(lambda: bare.rows(MIRROR, "SELECT total FROM seen") == [(5,)])
    every = "SELECT version FROM lines WHERE handler = 'every' ORDER BY n"
    assert eventually(lambda: bare.rows(MIRROR, every) == [(n,) for n in range(1, 6)])
    assert [process.poll() for process in bare.running] == [None, None]


@pytest.mark.broker
def test_a_newer_teller_and_an_older_listener_understand_each_other(bare, clerk):
    declared(bare, NEXT_SHOP, MIRROR)
    bare.start(NEXT_SHOP)
    bare.start(MIRROR)
    with bare.caller() as caller:
        answer = caller.ask("mirror", "pass_on", Add(key=uuid4(), counter="a", amount=4), reply=Total, passport=clerk, timeout=40)
        assert (answer.total, answer.by) == (4, None)
        assert caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=clerk, timeout=40).total == 7
        with pytest.raises(BadRequest) as refused:
            caller.ask("mirror", "peek", {"counter": "a", "colour": "red"}, reply=Total, passport=clerk, timeout=40)

    assert [(finding.code, finding.places) for finding in refused.value.findings] == [("K002", ("colour",))]
    assert eventually(lambda: bare.rows(MIRROR, "SELECT counter, total FROM seen") == [("a", 4)])


@pytest.mark.broker
def test_an_older_teller_and_a_newer_listener_understand_each_other(bare):
    declared(bare, SHOP, NEXT_MIRROR)
    bare.start(SHOP)
    bare.start(NEXT_MIRROR)
    tell(bare, CounterChanged(counter="a", total=3))

    assert eventually(lambda: bare.rows(MIRROR, "SELECT counter, total FROM seen") == [("a none", 3)])


@pytest.mark.broker
def test_the_queue_of_a_renamed_handler_is_named_until_it_is_empty_and_then_removed(bare):
    declared(bare, SHOP, MIRROR)
    bare.start(SHOP)
    tell(bare, CounterChanged(counter="a", total=1), CounterChanged(counter="b", total=2))
    assert eventually(lambda: bare.one(SHOP, "SELECT count(*) FROM outbox WHERE told_at IS NULL") == 0)

    waiting = declared(bare, SHOP, NEXT_MIRROR)
    older = bare.start(MIRROR)
    assert eventually(lambda: bare.one(MIRROR, "SELECT count(*) FROM lines WHERE handler = 'many'") == 2)
    heard = declared(bare, SHOP, NEXT_MIRROR)
    older.terminate()
    older.wait(20)
    removed = declared(bare, SHOP, NEXT_MIRROR)
    again = declared(bare, SHOP, NEXT_MIRROR)
    bare.start(NEXT_MIRROR)
    tell(bare, CounterChanged(counter="a", total=3))

    sentence = "give the handler its old name until they are taken, then run this again"
    assert waiting.stderr.strip() == f"{MANY} holds 2 letters and no handler of mirror hears it any more: {sentence}"
    assert waiting.returncode == 1
    assert f"{MANY}: its handler left the code and an older process still hears it; run this again later" in heard.stdout
    assert f"{MANY}: its handler left the code; it was empty and is removed" in removed.stdout
    assert MANY not in again.stdout
    moved = "SELECT aggregate, version FROM lines WHERE handler = 'moved' AND aggregate = 'a' ORDER BY version DESC LIMIT 1"
    assert eventually(lambda: bare.rows(MIRROR, moved) == [("a", 2)])


@pytest.mark.broker
def test_a_queue_declared_otherwise_is_named_with_what_to_do_and_its_service_goes_on(bare):
    declared(bare, SHOP, MIRROR)
    bare.start(SHOP)
    bare.start(MIRROR)

    refused = declared(bare, SHOP, MIRROR, delivery_limit=5)

    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "exists with other arguments (x-delivery-limit is 20 at the broker and 5 here): set them back" in refused.stderr
    assert "--mirror.on_" in refused.stderr
    tell(bare, CounterChanged(counter="a", total=1))
    assert eventually(lambda: bare.rows(MIRROR, "SELECT total FROM seen") == [(1,)])


@pytest.fixture
def own_broker(tmp_path):
    """A node nobody else uses, and how it is killed and started again."""
    node = start_rabbitmq(tmp_path / "rabbitmq", programs.free_port(0), durable=False)

    def killed():
        node.kill()
        return start_rabbitmq(tmp_path / "rabbitmq", node.node.ports.amqp, durable=False)

    again = []
    yield node.url, lambda: again.append(killed())
    for running in again or [node]:
        running.stop()
    programs.forget(tmp_path / "rabbitmq")


@pytest.mark.broker
def test_a_letter_confirmed_right_after_the_queues_were_declared_outlives_the_broker(
    own_broker, own_database, passport_keys
):
    url, kill_and_start = own_broker
    shop, mirror = own_database("shop", ShopBase.metadata), own_database("mirror", MirrorBase.metadata)
    stage = Stage(url, passport_keys, shop, mirror)
    try:
        stage.topology(queue_written=3)
        data = {"counter": "a", "total": 7}
        envelope = {"id": str(uuid4()), "topic": CounterChanged.topic, "aggregate": "a", "version": 1, "data": data}
        press = Press(url, "test", 10)
        body = json.dumps(envelope | {"at": "2026-03-15T08:00:00Z"}).encode()
        assert press.send([Letter(1, envelope["id"], CounterChanged.topic, "a", body, None)]) == {1}

        kill_and_start()

        stage.start(MIRROR)
        assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen") == [(7,)])
    finally:
        stage.stop()


def test_every_event_of_the_contracts_has_a_queue():
    kinds = services()
    topics = {kind.name: {event.topic for event in events_of(kind.name)} for kind in kinds}
    bound = [binding for kind in kinds for binding in bindings_of(kind, topics)]
    unheard = unheard_of(kinds, topics)

    for owner, told in topics.items():
        assert told, owner
        for topic in told:
            hearing = [queue for queue, exchange, key in bound if exchange == f"{owner}.events" and key in {topic, "#"}]
            assert hearing or topic in unheard[owner], topic


def test_without_who_hears_everything_the_rest_is_kept_unheard():
    kinds = [kind for kind in services() if kind.name != "identity"]
    topics = {kind.name: {event.topic for event in events_of(kind.name)} for kind in services()}

    assert unheard_of(kinds, topics)["results"]
    assert not topics["results"] <= unheard_of(kinds, topics)["results"]


@pytest.mark.broker
def test_no_event_of_any_service_is_returned_by_the_broker(bare):
    """R16, over the real exchanges and queues of all services; a topic nobody declared shows that a return is seen."""
    told = [event.topic for kind in services() for event in events_of(kind.name)]
    before = Press(bare.broker_url, "test", 10)
    connection = connect(bare.broker_url, "test exchanges")
    for owner in {topic.partition(".")[0] for topic in told}:
        connection.channel().exchange_declare(f"{owner}.events", "topic", durable=True, auto_delete=False)
    letters = [Letter(n, str(uuid4()), topic, topic, json.dumps({}).encode(), None) for n, topic in enumerate(told)]
    assert before.send(letters) == set()
    assert before.returned == set(range(len(told)))
    before.close()
    connection.close()

    assert bare.command("topology").returncode == 0
    press = Press(bare.broker_url, "test", 10)

    assert press.send(letters) == set(range(len(told)))
    assert press.returned == set()
    stranger = Letter(999, str(uuid4()), "results.nobody_knows_it_but_all_hear", "a", b"{}", None)
    assert press.send([stranger]) == {999}  # who hears everything hears what is newer than the topology
    press.close()
