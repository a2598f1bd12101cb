"""Where publications are worked, in a process of its own: `python -m services.reporting.press_room`.

A nation's hundred thousand files would hold up the doors for minutes, and leave their memory behind. This process takes
one job after another, tells how far it is, and ends when none waits. Killed at any moment, nothing is half published:
a draft has no number, a number is in the books before `latest` names it, and the next worker goes on from there.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from services.contracts.base import Finding
from services.contracts.reporting import Snapshot, SnapshotPublished
from services.kit.database import Database, Transaction
from services.kit.logs import Log, configure, log_of
from services.kit.pipeline import is_away, what_failed
from services.reporting.domain.rules import RULES
from services.reporting.domain.states import PublicationState
from services.reporting.models import PublicationRow
from services.reporting.public.draft import Draft
from services.reporting.public.press import Press, switch_latest
from services.reporting.public.signing import signing_key
from services.reporting.settings import ReportingSettings
from services.reporting.store import places, public, publications

ATTEMPTS = 5
_TELL = 1.0  # seconds between two words of progress
_NICE = 5  # officers and voters come first


def _nothing(_: str) -> None:
    """Nobody watches."""


class HandsMet(Exception):
    """Who ordered the publication, or the machine it was ordered at, has had a hand in what would be published."""


class PressRoom:
    """One worker. `passed` hears the name of each step, for tests that kill in between."""

    def __init__(self, db: Database, settings: ReportingSettings, passed: Callable[[str], None] = _nothing) -> None:
        self.db, self.settings, self.passed = db, settings, passed
        self.log: Log = log_of("reporting")

    def work(self) -> None:
        """Every job that waits."""
        while (job := self._take()) is not None:
            try:
                self._publish(job)
            except publications.Lost:
                self.log.warning("publication taken over", job=str(job.id))
            except HandsMet:
                self._fail(job, RULES["CB3"].finding(name=job.by_name))
            except Exception as error:  # noqa: BLE001  whatever it is, the publisher is told and the next job is worked
                if is_away(error):
                    self.log.warning("publication waits for the database", job=str(job.id), error=type(error).__name__)
                    return
                self._fail(job, self._incident(job, error))

    def _take(self) -> PublicationRow | None:
        with self.db.transaction() as tx:
            job = publications.take(tx, _now())
            if job is None or job.attempt <= ATTEMPTS or job.state == PublicationState.PLACED:
                return job
            publications.failed(job, RULES["CB2"].finding(times=ATTEMPTS), _now())
            tx.emit(publications.told(job))
        return self._take()

    def _publish(self, job: PublicationRow) -> None:
        if job.state != PublicationState.PLACED:
            self._print(job)
        self._open(job)

    def _print(self, job: PublicationRow) -> None:
        """A signed folder under the next number; until the books say so, it may be thrown away."""
        at = _now()
        home = self.settings.public_folder / job.election
        _sweep(home)
        draft = Draft(home / f".draft-{uuid4().hex}")
        try:
            with self.db.transaction() as facts:
                publications.as_of_now(facts)
                _require_other_hands(facts, job)
                election = places.election_held(facts, job.election)
                snapshot_number = public.next_number(facts, job.election)
                press = _press(facts, election.election, snapshot_number, election.clock.at(at), draft)
                self._run(job, press)
            printed = press.seal(signing_key(self.settings.snapshot_key))
            self.passed("sealed")
            snapshot = Snapshot(
                number=snapshot_number,
                folder=f"{job.election}/{snapshot_number}",
                manifest=printed.manifest,
                signature=printed.signature,
                files=printed.files,
                constituencies=printed.constituencies,
                published_at=election.clock.at(at),
                published_by=job.by_name,
            )
            with self.db.transaction() as tx:
                held = publications.held(tx, job.id, job.attempt)
                draft.move_to(home / str(snapshot_number))
                self.passed("moved")
                publications.placed(held, snapshot, _now())
        finally:
            shutil.rmtree(draft.folder, ignore_errors=True)
        self.passed("placed")

    def _run(self, job: PublicationRow, press: Press) -> None:
        told = 0.0
        for _ in press.run():
            if time.monotonic() - told >= _TELL:
                self._tell(job.id, job.attempt, press.done, press.expected)
                told = time.monotonic()
            self.passed("slice")

    def _tell(self, id: UUID, attempt: int, done: int, expected: int) -> None:
        with self.db.transaction() as tx:
            publications.touch(tx, id, attempt, _now(), done, max(done, expected))

    def _open(self, job: PublicationRow) -> None:
        """`latest` names the folder, in one step; then it is in the books and told."""
        with self.db.transaction() as tx:
            held = publications.held(tx, job.id, job.attempt)
            number = Snapshot.model_validate(held.snapshot).number
            switch_latest(self.settings.public_folder, job.election, number)
            self.passed("opened")
            snapshot = publications.opened(tx, held, _now())
            tx.emit(SnapshotPublished(election=job.election, snapshot=snapshot))
            tx.emit(publications.told(held))

    def _incident(self, job: PublicationRow, error: Exception) -> Finding:
        incident = uuid4().hex[:12]
        self.log.error("incident", incident=incident, job=str(job.id), **what_failed(error))
        return RULES["CB1"].finding(incident=incident)

    def _fail(self, job: PublicationRow, finding: Finding) -> None:
        try:
            with self.db.transaction() as tx:
                held = publications.held(tx, job.id, job.attempt)
                if held.state == PublicationState.PRINTING:
                    publications.failed(held, finding, _now())
                    tx.emit(publications.told(held))
        except publications.Lost:
            self.log.warning("publication taken over", job=str(job.id))


def _require_other_hands(facts: Transaction, job: PublicationRow) -> None:
    """Asked again of exactly what will be printed: an order may be older than the hands it met."""
    if any(publications.hands_met(facts, job.election, job.by_id, job.by_machine)):
        raise HandsMet


def _press(facts: Transaction, election: str, number: int, at: datetime, draft: Draft) -> Press:
    held = places.election_held(facts, election)
    whole = public.site_facts(facts, held, number, at)
    longest = public.longest_lists(facts, election)
    return Press(whole, lambda part: public.part_facts(facts, whole, part), longest, draft)


def _sweep(home: Path) -> None:
    """Drafts of workers that were killed are nobody's."""
    for left in home.glob(".draft-*"):
        shutil.rmtree(left, ignore_errors=True)


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> int:
    """Work until no publication waits."""
    settings = ReportingSettings()
    configure("reporting", settings.log_level)
    os.nice(_NICE)
    database = Database(settings.database_url, pool=2)
    try:
        PressRoom(database, settings).work()
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
