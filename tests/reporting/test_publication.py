"""A publication is a job: ordered at once, printed apart, never half published however often its worker dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import StepNotAllowed, Unknown
from services.contracts.reporting import (
    PublicationOf,
    PublicationsOf,
    PublicationUnderWay,
    PublishSnapshot,
    SnapshotsOf,
)
from services.kit.metrics import page
from services.reporting.domain.states import PUBLICATION_STATES, PublicationAct, PublicationState
from services.reporting.press_room import ATTEMPTS, PressRoom
from services.reporting.verify import faults
from tests.reporting.election import E

STEPS = ("slice", "sealed", "moved", "placed", "opened")
ROOT = Path(__file__).resolve().parents[2]


class Killed(BaseException):
    """The worker is gone, and nothing of it runs any more."""


@pytest.fixture
def publisher(passport: Any) -> str:
    return passport(role="publisher", scope=f"{E}/vn", name="Trịnh Hoài Nam")


@pytest.fixture
def ordered(heard: Any, publisher: str) -> Iterator[Any]:
    """Reporting whose orders wait: nobody works them."""
    heard.service.start = lambda work: None
    return heard


def order(reporting: Any, publisher: str) -> Any:
    return reporting.publish_snapshot(PublishSnapshot(election=E, unit="vn", key=uuid4()), publisher)


def card(reporting: Any, publisher: str, job: UUID) -> Any:
    return reporting.publication_of(PublicationOf(election=E, unit="vn", job=job), publisher)


def public(reporting: Any) -> Path:
    return Path(reporting.service.settings.public_folder) / E


def abandon(db: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE publications SET touched_at = touched_at - interval '1 minute'"))


def worker(reporting: Any, dies_at: str = "") -> PressRoom:
    def passed(step: str) -> None:
        if step == dies_at:
            raise Killed

    return PressRoom(reporting.db, reporting.service.settings, passed)


def test_the_door_answers_at_once_and_the_card_tells_how_far_it_is(ordered: Any, publisher: str) -> None:
    job = order(ordered, publisher)

    assert (job.state, job.done, job.written) == ("waiting", 0, 0)
    worker(ordered).work()
    done = card(ordered, publisher, job.id)
    snapshot = ordered.snapshots_of(SnapshotsOf(election=E, unit="vn"), publisher).snapshots[0]
    assert (done.state, done.done, done.total) == ("published", snapshot.files, snapshot.files)
    assert done.ended_at is not None
    assert snapshot.files == sum(1 for place in (public(ordered) / "1").rglob("*") if place.is_file())
    assert snapshot.published_by == "Trịnh Hoài Nam"


def test_the_snapshot_carries_the_time_of_the_election_not_of_the_machine(ordered: Any, publisher: str) -> None:
    order(ordered, publisher)
    worker(ordered).work()

    snapshot = ordered.snapshots_of(SnapshotsOf(election=E, unit="vn"), publisher).snapshots[0]
    assert snapshot.published_at.isoformat().startswith("2026-03-15T05:00:00")


def test_an_order_that_waits_is_joined_and_one_under_way_is_not(ordered: Any, publisher: str, db: Any) -> None:
    first, second = order(ordered, publisher), order(ordered, publisher)

    assert first.id == second.id
    with pytest.raises(Killed):
        worker(ordered, "slice").work()
    with pytest.raises(PublicationUnderWay):
        order(ordered, publisher)
    jobs = ordered.publications_of(PublicationsOf(election=E, unit="vn"), publisher)
    assert [job.id for job in jobs.jobs] == [first.id]
    assert jobs.people == ("Trịnh Hoài Nam",)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_leaves_nothing_half_published(
    ordered: Any, publisher: str, db: Any, told: Any, step: str
) -> None:
    order(ordered, publisher)
    worker(ordered).work()
    job = order(ordered, publisher)
    with pytest.raises(Killed):
        worker(ordered, step).work()

    latest = (public(ordered) / "latest").readlink().name
    assert latest == ("2" if step == "opened" else "1")
    assert faults(public(ordered) / latest) == []
    assert card(ordered, publisher, job.id).state in {"printing", "placed"}
    worker(ordered).work()  # too soon: the job may still be somebody's
    assert card(ordered, publisher, job.id).ended_at is None

    abandon(db)
    worker(ordered).work()

    assert card(ordered, publisher, job.id).state == "published"
    assert sorted(place.name for place in public(ordered).iterdir()) == ["1", "2", "latest"]
    assert faults(public(ordered) / "latest") == []
    topics = [letter.topic for letter in told(db)]
    assert topics.count("reporting.snapshot_published") == 2


def test_a_worker_that_was_thought_dead_changes_nothing_when_it_wakes(ordered: Any, publisher: str, db: Any) -> None:
    job = order(ordered, publisher)

    def overtaken(step: str) -> None:
        if step == "sealed":
            abandon(db)
            worker(ordered).work()

    PressRoom(ordered.db, ordered.service.settings, overtaken).work()

    assert card(ordered, publisher, job.id).state == "published"
    assert len(ordered.snapshots_of(SnapshotsOf(election=E, unit="vn"), publisher).snapshots) == 1
    assert sorted(place.name for place in public(ordered).iterdir()) == ["1", "latest"]
    assert faults(public(ordered) / "latest") == []


def test_a_fault_ends_the_job_with_its_incident_and_the_snapshot_before_it_stays(
    ordered: Any, publisher: str, told: Any, db: Any
) -> None:
    order(ordered, publisher)
    worker(ordered).work()
    job = order(ordered, publisher)

    def broken(step: str) -> None:
        raise RuntimeError("the disk is full")

    PressRoom(ordered.db, ordered.service.settings, broken).work()
    ended = card(ordered, publisher, job.id)

    assert ended.state == "failed"
    assert [finding.code for finding in ended.findings] == ["CB1"]
    assert sorted(place.name for place in public(ordered).iterdir()) == ["1", "latest"]
    assert told(db)[-1].data["state"] == "failed"
    again = order(ordered, publisher)
    worker(ordered).work()
    assert card(ordered, publisher, again.id).state == "published"


def test_a_job_that_kills_every_worker_is_given_up(ordered: Any, publisher: str, db: Any) -> None:
    job = order(ordered, publisher)
    for _ in range(ATTEMPTS):
        with pytest.raises(Killed):
            worker(ordered, "slice").work()
        abandon(db)

    worker(ordered).work()

    ended = card(ordered, publisher, job.id)
    assert (ended.state, [finding.code for finding in ended.findings]) == ("failed", ["CB2"])
    assert ordered.signals()["hp_publication_broken_off"] == 1


def test_operations_see_a_publication_that_broke_off_until_a_newer_one_is_ordered(
    ordered: Any, publisher: str
) -> None:
    def broken(step: str) -> None:
        raise RuntimeError("the disk is full")

    assert ordered.signals()["hp_publication_broken_off"] == 0
    order(ordered, publisher)
    PressRoom(ordered.db, ordered.service.settings, broken).work()
    assert ordered.signals()["hp_publication_broken_off"] == 1
    assert f'hp_publication_broken_off{{election="{E}",service="reporting"}} 1.0' in page().decode()

    order(ordered, publisher)
    assert ordered.signals()["hp_publication_broken_off"] == 0
    worker(ordered).work()
    assert ordered.signals()["hp_publication_broken_off"] == 0


def test_operations_see_how_long_an_order_has_not_ended(ordered: Any, publisher: str, db: Any) -> None:
    assert ordered.signals()["hp_publication_open_seconds"] == 0
    order(ordered, publisher)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE publications SET ordered_at = now() - interval '16 minutes'"))

    assert 960 <= ordered.signals()["hp_publication_open_seconds"] < 1020
    worker(ordered).work()
    assert ordered.signals()["hp_publication_open_seconds"] == 0


@pytest.mark.slow
def test_a_real_process_killed_while_it_writes_is_followed_by_another(ordered: Any, publisher: str, db: Any) -> None:
    job = order(ordered, publisher)
    settings = ordered.service.settings
    environment = {
        **os.environ, "HP_DATABASE_URL": db.url, "HP_PUBLIC_FOLDER": str(settings.public_folder),
        "HP_SNAPSHOT_KEY": str(settings.snapshot_key),
    }  # fmt: skip
    command = [sys.executable, "-m", "services.reporting.press_room"]
    child = subprocess.Popen(command, cwd=ROOT, env=environment)
    ends = time.monotonic() + 30
    while not list(public(ordered).glob(".draft-*/*")) and time.monotonic() < ends:
        time.sleep(0.001)
    child.send_signal(signal.SIGKILL)

    assert child.wait() == -signal.SIGKILL
    assert not (public(ordered) / "latest").exists()
    abandon(db)
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0
    assert card(ordered, publisher, job.id).state == "published"
    assert sorted(place.name for place in public(ordered).iterdir()) == ["1", "latest"]
    assert faults(public(ordered) / "latest") == []


def test_a_job_of_another_election_is_unknown(ordered: Any, publisher: str) -> None:
    order(ordered, publisher)

    with pytest.raises(Unknown):
        card(ordered, publisher, uuid4())


def test_the_timer_finds_a_worker_for_what_waits(ordered: Any, publisher: str) -> None:
    job = order(ordered, publisher)
    ordered.service.start = lambda work: work()

    ordered.resume_publications()

    assert card(ordered, publisher, job.id).state == "published"


ARROWS = {
    ("waiting", "print"): "printing",
    ("printing", "print"): "printing",
    ("printing", "place"): "placed",
    ("placed", "open"): "published",
    ("printing", "fail"): "failed",
}


@pytest.mark.parametrize("act", PublicationAct)
@pytest.mark.parametrize("state", PublicationState)
def test_every_pair_of_state_and_act(state: str, act: str) -> None:
    if (state, act) in ARROWS:
        assert PUBLICATION_STATES.advance(state, act) == ARROWS[state, act]
    else:
        with pytest.raises(StepNotAllowed):
            PUBLICATION_STATES.advance(state, act)
