"""Doors over the real broker: refusals become themselves, deadlines hold, garbage kills nobody."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from amqp.exceptions import AccessRefused

from deploy.local.programs import free_port
from services.contracts.base import BadRequest, KeyReused, NotSignedIn, TooLate, Unavailable
from services.kit.broker import RPC_EXCHANGE, connect
from services.kit.faults import Unexpected
from services.kit.parcel import JSON
from services.kit.topology import permissions
from services.kit.wire import EarIntake
from tests.kit.running import MIRROR, SHOP, eventually
from tests.kit.shop import Add, Full, Look, Slow, Total

pytestmark = pytest.mark.broker


def add(counter="a", amount=1):
    return Add(key=uuid4(), counter=counter, amount=amount)


def publish(url, routing_key, body, headers=None, **properties):
    connection = connect(url, "test")
    channel = connection.channel()
    message = channel.prepare_message(body, headers=headers, properties=properties, **JSON)
    channel.basic_publish(message, exchange=RPC_EXCHANGE, routing_key=routing_key)
    connection.close()


def test_doors_answer_refuse_and_survive_garbage(stage, clerk):
    port = free_port(0)
    stage.start(SHOP, health_port=port)
    stage.start(MIRROR)
    with stage.caller() as caller:
        act = add(amount=3)
        first = caller.ask("shop", "add", act, reply=Total, passport=clerk, timeout=20)
        assert caller.ask("shop", "add", act, reply=Total, passport=clerk) == first
        assert caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=clerk, timeout=20).total == 3

        with pytest.raises(Full) as refused:
            caller.ask("mirror", "pass_on", add(amount=3_000_000), reply=Total, passport=clerk)
        assert refused.value.facts == {"counter": "a"}
        assert [finding.code for finding in refused.value.findings] == ["X1"]
        with pytest.raises(KeyReused):
            caller.ask("shop", "add", act.model_copy(update={"amount": 4}), reply=Total, passport=clerk)
        with pytest.raises(NotSignedIn):
            caller.ask("shop", "look", Look(counter="a"), reply=Total)
        with pytest.raises(BadRequest):
            caller.ask("shop", "look", {"counter": "a\0"}, reply=Total, passport=clerk)
        with pytest.raises(Unexpected):
            caller.ask("shop", "crash", Look(counter="x"), reply=Total, passport=clerk)
        with pytest.raises(Unexpected, match="MethodNotFound"):
            caller.ask("shop", "no_such_door", Look(counter="x"), reply=Total, passport=clerk)

        for body in (b"", b"{", b"\xff\x00", b"[]", b"{}", b'{"args": 1, "kwargs": 2}', b'{"args": [], "kwargs": {}}'):
            publish(stage.broker_url, "shop.look", body)
            publish(stage.broker_url, "shop.look", body, reply_to="nobody", correlation_id="x")
        publish(stage.broker_url, "shop.look", b'{"args": [{}], "kwargs": {}}', headers={"nameko.deadline": "x"})
        assert caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=clerk).total == 3

    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    assert eventually(lambda: httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200)

    def told() -> str:
        return httpx.get(f"http://127.0.0.1:{port}/metrics").text

    assert eventually(lambda: 'hp_shop_total{counter="a",service="shop"} 3.0' in told())  # it is measured every second
    page = told()
    assert 'hp_door_seconds_count{door="add",outcome="ok",service="shop"} 2.0' in page
    assert 'hp_door_seconds_count{door="add",outcome="KeyReused",service="shop"} 1.0' in page
    assert 'hp_invariant{invariant="no counter is negative",service="shop"} 0.0' in page


def test_two_slow_queries_run_side_by_side_and_the_process_is_green(stage, clerk):
    """Guards the order of imports: psycopg's compiled wait would make this take two seconds."""
    stage.start(SHOP)
    with stage.caller() as caller, ThreadPoolExecutor(2) as pool:
        caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=clerk, timeout=20)
        began = time.monotonic()
        for call in [
            pool.submit(caller.ask, "shop", "slow", Slow(seconds=1), reply=Total, passport=clerk) for _ in range(2)
        ]:
            call.result()
        assert time.monotonic() - began < 1.8


def test_a_call_left_in_the_queue_of_a_dead_service_is_not_executed_later(stage, clerk):
    with stage.caller() as caller:
        with pytest.raises(Unavailable):
            caller.ask("shop", "add", add(), reply=Total, passport=clerk, timeout=0.5)
        body = json.dumps({"args": [add().model_dump(mode="json")], "kwargs": {}}).encode()
        late = {"nameko.deadline": int(time.time() * 1000) - 1, "nameko.passport": clerk}
        publish(stage.broker_url, "shop.add", body, headers=late)
        stage.start(SHOP)
        assert caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=clerk, timeout=20).total == 0

    assert stage.one(SHOP, "SELECT count(*) FROM outbox") == 0


def test_the_callers_deadline_is_the_deadline_of_what_it_asks(stage, clerk):
    stage.start(SHOP)
    stage.start(MIRROR)
    with stage.caller() as caller:
        caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=clerk, timeout=20)
        caller.ask("shop", "look", Look(counter="a"), reply=Total, passport=clerk, timeout=20)
        began = time.monotonic()
        with pytest.raises((Unavailable, TooLate)):
            caller.ask("mirror", "impatient", Slow(seconds=5), reply=Total, passport=clerk, timeout=1)
        assert time.monotonic() - began < 2


def test_a_dead_service_does_not_take_its_askers_with_it(stage, clerk):
    stage.start(MIRROR, workers=4, call_timeout=3)
    with stage.caller() as caller, ThreadPoolExecutor(12) as pool:
        caller.ask("mirror", "echo", Look(counter="a"), reply=Total, passport=clerk, timeout=20)
        stuck = [
            pool.submit(caller.ask, "mirror", "peek", Look(counter="a"), reply=Total, passport=clerk, timeout=6)
            for _ in range(4)
        ]
        time.sleep(0.3)
        began = time.monotonic()
        caller.ask("mirror", "echo", Look(counter="a"), reply=Total, passport=clerk, timeout=6)
        assert time.monotonic() - began < 2.5
        for call in stuck:
            with pytest.raises(Unavailable):
                call.result()


def test_a_stock_nameko_client_calls_a_door(stage, clerk):
    from nameko.exceptions import RemoteError
    from nameko.standalone.rpc import ClusterRpcProxy

    stage.start(SHOP)
    with ClusterRpcProxy({"AMQP_URI": stage.broker_url}, context_data={"passport": clerk}, timeout=20) as cluster:
        told = cluster.shop.add({"key": str(uuid4()), "counter": "a", "amount": 2})
        assert told["total"] == 2
        assert cluster.shop.look(request={"counter": "a"})["total"] == 2
        with pytest.raises(RemoteError) as refused:
            cluster.shop.add({"counter": "a", "amount": 2})
    assert refused.value.exc_type == "BadRequest"


def test_a_broker_that_restarts_kills_nobody(stage, clerk, broker):
    if broker is None:
        pytest.skip("the broker is not ours to restart")
    processes = [stage.start(SHOP), stage.start(MIRROR)]
    with stage.caller() as caller:
        caller.ask("shop", "add", add(), reply=Total, passport=clerk, timeout=20)
        assert eventually(lambda: stage.rows(MIRROR, "SELECT 1 FROM seen"))
        broker.ctl("stop_app")
        stage.rows(SHOP, "SELECT 1")
        time.sleep(2)
        broker.ctl("start_app")
        assert eventually(lambda: _asks(caller, clerk), 40)
        assert eventually(
            lambda: stage.one(MIRROR, "SELECT total FROM seen") == stage.one(SHOP, "SELECT total FROM counters")
        )
    assert [process.poll() for process in processes] == [None, None]


def test_a_service_told_to_stop_while_the_broker_is_away_stops_at_once(stage, clerk, broker):
    if broker is None:
        pytest.skip("the broker is not ours to stop")
    processes = [stage.start(SHOP), stage.start(MIRROR)]
    with stage.caller() as caller:
        caller.ask("shop", "add", add(), reply=Total, passport=clerk, timeout=20)
        caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=clerk, timeout=20)
    broker.ctl("stop_app")
    try:
        time.sleep(4)  # they have noticed, and wait for it with growing pauses
        for process in processes:
            process.terminate()

        assert [process.wait(8) for process in processes] == [0, 0]
    finally:
        broker.ctl("start_app")


def test_a_stop_before_the_first_connection_is_a_stop_and_no_fault():
    intake = EarIntake()
    providers = [object(), object()]
    for provider in providers:
        intake.register_provider(provider)

    for provider in providers:
        intake.unregister_provider(provider)
    intake.stop()

    assert intake.should_stop


def _asks(caller, clerk):
    try:
        return caller.ask("shop", "add", add(), reply=Total, passport=clerk, timeout=2)
    except Unavailable:
        return None


def test_a_service_runs_with_its_own_permissions_and_cannot_tell_what_another_owns(stage, clerk, broker):
    if broker is None:
        pytest.skip("the broker's users are not ours to make")
    vhost = stage.broker_url.rpartition("/")[2]
    urls = {}
    for name in ("shop", "mirror"):
        user = f"{name}-{uuid4().hex[:6]}"
        broker.ctl("add_user", user, "secret")
        broker.ctl("set_permissions", "-p", vhost, user, *permissions(name))
        urls[name] = broker.url_for(user, "secret", vhost)
    stage.start(SHOP, broker_url=urls["shop"])
    stage.start(MIRROR, broker_url=urls["mirror"])
    with stage.caller() as caller:
        caller.ask("shop", "add", add(), reply=Total, passport=clerk, timeout=20)
        assert caller.ask("mirror", "peek", Look(counter="a"), reply=Total, passport=clerk, timeout=20).total == 1
        assert eventually(lambda: stage.rows(MIRROR, "SELECT total FROM seen") == [(1,)])

    connection = connect(urls["mirror"], "intruder")
    channel = connection.channel()
    channel.confirm_select()
    channel.basic_publish(channel.prepare_message(b"{}"), exchange="shop.events", routing_key="shop.counter_changed")
    with pytest.raises(AccessRefused):
        connection.drain_events(timeout=5)
    with pytest.raises(AccessRefused):
        connection.channel().basic_get("rpc-shop")
    connection.collect()
