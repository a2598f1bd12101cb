"""The whole story through the gateway: what was planned on paper is what the system says and what SQL counts again."""

import json
import re
import time
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import AREAS, local

pytestmark = [pytest.mark.journey, pytest.mark.broker]
DASHBOARD = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "election-day.json"


def test_an_election_is_rehearsed_without_a_difference_and_every_mistake_is_caught(running) -> None:
    assert running.code == 0, running.printed[-4000:]
    assert running.verdict["verdict"] == "ok"
    assert running.verdict["differences"] == "0"
    assert running.verdict["planted"] == running.verdict["caught"]
    assert running.verdict["records"] == str(3 * AREAS)


def test_a_bent_record_is_found_by_the_recount(running) -> None:
    def bend(step: int) -> None:
        query = (
            "UPDATE records SET first_figures = jsonb_set(first_figures, '{votes,0}', "
            f"to_jsonb((first_figures->'votes'->>0)::int + {step})), "
            "second_figures = jsonb_set(second_figures, '{votes,0}', "
            f"to_jsonb((second_figures->'votes'->>0)::int + {step})) "
            f"WHERE election = '{running.election}' AND contest = 'NA' AND first_figures = second_figures "
            "AND area = (SELECT min(area) FROM records WHERE first_figures = second_figures AND contest = 'NA')"
        )
        code = f"import os, psycopg; psycopg.connect(os.environ['HP_RESULTS_DATABASE_URL'], autocommit=True).execute({query!r})"
        assert local(running.var, "exec", "--", "python", "-c", code).returncode == 0

    recount = ["exec", "--", "python", "-m", "deploy.recount", "--election", running.election]
    bend(1)
    bent = local(running.var, *recount)
    bend(-1)

    assert bent.returncode == 1
    assert re.search(r"verdict: miss differences=[1-9]", bent.stdout)
    assert local(running.var, *recount).returncode == 0


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


@pytest.mark.parametrize("query", queries())
def test_every_query_of_the_dashboard_finds_something(running, query) -> None:
    for _ in range(30):
        answer = httpx.get(f"{running.prometheus}/api/v1/query", params={"query": query}, timeout=10).json()
        if answer["status"] == "success" and answer["data"]["result"]:
            break
        time.sleep(1)

    assert answer["status"] == "success"
    assert answer["data"]["result"]


def test_nothing_was_parked_and_no_invariant_broke(running) -> None:
    for query in ("sum(hp_parked_waiting)", "sum(hp_invariant)"):
        answer = httpx.get(f"{running.prometheus}/api/v1/query", params={"query": query}, timeout=10).json()
        assert [row["value"][1] for row in answer["data"]["result"]] == ["0"]


def test_the_public_reads_a_signed_snapshot(running) -> None:
    public = running.var / "public" / running.election / "latest"
    checked = local(running.var, "exec", "--", "python", "-m", "services.reporting.verify", str(public))

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "DIỄN TẬP" in (public / "index.html").read_text(encoding="utf-8").upper()
