"""The private servers: they start from nothing, keep their data, stop cleanly and recover from a kill."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pika
import psycopg
import pytest
import yaml

from deploy.local import databases, programs
from deploy.local.layout import PORTS, Layout
from deploy.local.postgres import start_postgres
from deploy.local.programs import CannotStart
from deploy.local.rabbitmq import BrokerUser, start_rabbitmq
from services.kit.settings import Settings

pytestmark = pytest.mark.broker
ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
READERS = (
    PROMETHEUS / "rules.yml", ROOT / "deploy/grafana/election-day.json", ROOT / "services/gateway/console/pages/van_hanh.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("servers")
    yield place
    for name in ("pg", "rmq"):
        programs.forget(place / name)


@pytest.fixture(scope="module")
def postgres(folder):
    server = start_postgres(folder / "pg", programs.free_port(0), durable=False)
    yield server
    server.stop()


def test_a_service_reaches_its_own_database_and_no_other(postgres):
    urls = databases.make_databases(postgres.cluster, {"alpha": "one", "beta": "two"})

    with psycopg.connect(urls["alpha"]) as connection:
        connection.execute("CREATE TABLE mine (a int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(urls["alpha"].removesuffix("alpha") + "beta")


def test_what_a_person_entered_never_reaches_the_servers_log(postgres):
    number = "046201123456"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE numbers (n text PRIMARY KEY)")
        connection.execute("INSERT INTO numbers VALUES (%s)", [number])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO numbers VALUES (%s)", [number])
        with pytest.raises(psycopg.DataError), connection.cursor().copy("COPY numbers FROM STDIN") as copy:
            copy.write(f"{number}\ttoo many columns\n")
        connection.execute("SELECT pg_sleep(1.1), %s::text", [number])

    log = postgres.cluster.program.log.read_text()
    assert "duplicate key" in log
    assert "duration" in log
    assert number not in log


def test_a_second_start_renews_passwords_and_keeps_what_is_stored(postgres):
    urls = databases.make_databases(postgres.cluster, {"gamma": "old"})
    with psycopg.connect(urls["gamma"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS a")
    postgres.stop()
    port = programs.free_port(0)
    again = start_postgres(postgres.cluster.seat, port, durable=False)
    postgres.cluster, postgres.process = again.cluster, again.process

    urls = databases.make_databases(postgres.cluster, {"gamma": "new"})

    with psycopg.connect(urls["gamma"]) as connection:
        assert connection.execute("SELECT a FROM kept").fetchone() == (7,)


def test_a_cluster_whose_making_was_interrupted_is_made_again(tmp_path):
    (tmp_path / "pg").mkdir()
    half = programs.seat(tmp_path / "pg", programs.account_for("postgres"))
    (half / "data").mkdir()
    (half / "data" / "PG_VERSION").write_text("15")

    server = start_postgres(tmp_path / "pg", programs.free_port(0), durable=False)
    server.stop()

    programs.forget(tmp_path / "pg")
    assert not half.exists()


def test_a_port_that_somebody_else_holds_is_refused_in_words(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match=f"port {port}: another program"):
            start_postgres(tmp_path / "pg", port)


def test_the_ports_of_last_time_are_kept_unless_somebody_took_one(tmp_path, monkeypatch):
    monkeypatch.setitem(PORTS, "gateway", programs.free_port(0))  # 8000 is for whoever starts a whole stack just now
    place = Layout(tmp_path, tmp_path / "var")
    place.make()
    first = place.ports()

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first["gateway"]))
        other.listen()
        second = place.ports()

    assert second["gateway"] != first["gateway"]
    assert {k: v for k, v in second.items() if k != "gateway"} == {k: v for k, v in first.items() if k != "gateway"}


def test_a_port_another_starting_system_has_chosen_is_not_chosen_again():
    chooser = "from deploy.local.programs import free_port; print(free_port(0), flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", chooser], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with other:
        chosen = int(other.stdout.readline())

        assert programs.is_free(chosen)  # nobody listens there yet
        assert programs.free_port(chosen) != chosen

        other.stdin.close()
    assert programs.free_port(chosen) == chosen


def _first_letter(broker, queue):
    """The letter a patient reader gets: a quorum queue that has not chosen its leader yet answers with a 541."""
    until = time.monotonic() + 60
    while True:
        connection = pika.BlockingConnection(pika.URLParameters(broker.url))
        try:
            return connection.channel().basic_get(queue, auto_ack=True)[2]
        except pika.exceptions.ConnectionClosedByBroker as closed:
            if closed.reply_code != 541 or time.monotonic() > until:
                raise


def test_a_broker_user_does_what_it_may_and_nothing_else_and_letters_outlive_a_stop(folder):
    writer = BrokerUser("writer", "secret", configure="", write="^post$", read="")
    broker = start_rabbitmq(folder / "rmq", programs.free_port(0), durable=False, users=[writer])
    try:
        admin = pika.BlockingConnection(pika.URLParameters(broker.url)).channel()
        admin.exchange_declare("post", "topic", durable=True)
        admin.queue_declare("box", durable=True, arguments={"x-queue-type": "quorum"})
        admin.queue_bind("box", "post", "#")
        connection = pika.BlockingConnection(pika.URLParameters(broker.url_for("writer", "secret")))
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("post", "a", b"letter", mandatory=True)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            channel.queue_declare("mine")
        time.sleep(Settings().queue_written)  # a node that ends before forgets a new queue's letters
    finally:
        broker.stop()

    broker = start_rabbitmq(folder / "rmq", programs.free_port(0), durable=False, users=[writer])
    try:
        assert _first_letter(broker, "box") == b"letter"
    finally:
        broker.stop()


def test_the_broker_counts_what_alerts_and_dashboards_read_and_no_channel(folder):
    broker = start_rabbitmq(folder / "rmq", programs.free_port(0), durable=False)
    try:
        channel = pika.BlockingConnection(pika.URLParameters(broker.url)).channel()
        channel.queue_declare("counted", durable=True)
        for _ in range(2):
            channel.basic_publish("", "counted", b"letter")
        ready, until, told = 'rabbitmq_detailed_queue_messages_ready{vhost="/",queue="counted"} 2', time.monotonic() + 30, ""
        while ready not in told and time.monotonic() < until:
            told = _figures_of(broker)
            time.sleep(0.5)

        assert ready in told
        assert "rabbitmq_channel_messages_published_total 0\n" in told  # what nobody reads is not counted
        read = "".join(place.read_text(encoding="utf-8") for place in READERS)
        assert set(re.findall(r"rabbitmq_[a-z_]+", read)) <= set(re.findall(r"^rabbitmq_[a-z_]+", told, re.MULTILINE))
    finally:
        broker.stop()


def _figures_of(broker):
    """Both pages Prometheus asks for, as its own file says."""
    queues = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"][1]
    place = f"http://127.0.0.1:{broker.node.ports.metrics}"
    pages = (f"{place}/metrics", f"{place}{queues['metrics_path']}?{urlencode(queues['params'], doseq=True)}")
    return "".join(urlopen(page, timeout=10).read().decode() for page in pages)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_a_project_made_anew_in_the_same_closed_folder_does_not_meet_the_old_data(tmp_path):
    account = programs.account_for("postgres")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    first = programs.seat(closed / "pg", account)
    again = programs.seat(closed / "pg", account)
    (closed / "pg" / "MOVED").rename(tmp_path / "MOVED")

    anew = programs.seat(closed / "pg", account)

    assert again == first
    assert anew != first
    for place in (first, anew):
        assert place.parent == programs.ELSEWHERE
        place.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_root_runs_no_server_as_root(postgres):
    owner = Path(f"/proc/{postgres.process.pid}").stat().st_uid

    assert owner != 0
