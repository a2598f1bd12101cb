"""Our side of every line runs, counts what it should, and prints; no figure is judged here and no peer installed."""

import pytest

from deploy.bench import asking, calls, letters, telling
from deploy.bench.plan import Plan
from deploy.bench.report import Report
from deploy.bench.stage import Stage

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.alone]


@pytest.fixture
def stage(tmp_path, broker_url, postgres_url):
    made = Stage(tmp_path, broker_url, postgres_url, peers=None)
    made.topology()
    yield made
    made.dismiss()


def test_every_line_of_the_bus_runs_and_prints(stage):
    report = Report(short=True, servers="the tests'", peers={})
    for line in (asking, calls, letters, telling):
        line.measure(stage, Plan.short(report))
    assert [title for title, _, _ in report.sections] == [
        "RPC, 1 caller, a service asks a service", "RPC, 100 callers, a service asks a service",
        "RPC, 1 caller, servers alone", "RPC, 100 callers, servers alone", "Events with inbox and upsert", "Outbox relay",
    ]  # fmt: skip
    assert all(row.rate > 0 for _, _, rows in report.sections for row in rows)
    assert "ours, by 500" in report.text()
