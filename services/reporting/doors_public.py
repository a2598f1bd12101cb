"""The doors of publication: the signed snapshot the public reads is ordered here and printed by a job."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import ClassVar
from uuid import uuid4

from services.contracts.base import Job, SameMachine, Unknown
from services.contracts.reporting import (
    CountIsYours,
    PublicationOf,
    Publications,
    PublicationsOf,
    PublicationUnderWay,
    PublishSnapshot,
    Snapshot,
    Snapshots,
    SnapshotsOf,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc, signal
from services.reporting.desk import Desk
from services.reporting.domain.states import PublicationState
from services.reporting.store import papers, places, public, publications

MOST = 20


class PublicDoors(Desk):
    """Only what is declared is official; a snapshot is never changed, the next one replaces it."""

    press: ClassVar[list[subprocess.Popen[bytes]]] = []

    @rpc(may=Action.PUBLISH_SNAPSHOT)
    def publish_snapshot(self, request: PublishSnapshot, by: Actor, tx: Transaction) -> Job:
        """One at a time: an order that still waits is joined; one under way may lack what was declared since."""
        if request.unit != places.NATION:
            raise Unknown(what=f"bản công bố của {request.unit}")
        places.election_held(tx, request.election)
        _require_other_hands(tx, request.election, by)
        papers.hold(tx, f"snapshot/{request.election}")
        standing = publications.open_job(tx, request.election)
        if standing is None:
            standing = publications.order(tx, uuid4(), request.election, by)
            tx.emit(publications.told(standing))
        elif standing.state != PublicationState.WAITING:
            raise PublicationUnderWay(done=standing.done, total=standing.total)
        self.spawn(self.work_publications)
        return publications.card(standing)

    @rpc(may=Action.READ_RESULT)
    def publication_of(self, request: PublicationOf, by: Actor, tx: Transaction) -> Job:
        row = publications.publication(tx, request.election, request.job)
        if row is None:
            raise Unknown(what="lần công bố này")
        return publications.card(row)

    @rpc(may=Action.READ_RESULT)
    def publications_of(self, request: PublicationsOf, by: Actor, tx: Transaction) -> Publications:
        rows = publications.publications(tx, request.election, MOST)
        return Publications(
            jobs=tuple(publications.card(row) for row in rows), people=tuple(row.by_name for row in rows)
        )

    @rpc(may=Action.READ_RESULT)
    def snapshots_of(self, request: SnapshotsOf, by: Actor, tx: Transaction) -> Snapshots:
        rows = public.snapshots(tx, request.election)
        return Snapshots(snapshots=tuple(Snapshot.model_validate(row.data) for row in rows))

    @every(5)
    def resume_publications(self, tx: Transaction) -> None:
        """A job whose worker was killed, or that came while nobody could start one, finds a worker again."""
        if publications.waits(tx, datetime.now(UTC)):
            self.spawn(self.work_publications)

    @signal("hp_publication_broken_off", labels=("election",))
    def publications_broken_off(self, tx: Transaction) -> list[tuple[str, int]]:
        return [(election, 1) for election in publications.broken_off(tx)]

    @signal("hp_publication_open_seconds")
    def publication_open_seconds(self, tx: Transaction) -> int:
        """How long the oldest order has waited for its end."""
        since = publications.oldest_open(tx)
        return 0 if since is None else max(0, int((datetime.now(UTC) - since).total_seconds()))

    def work_publications(self) -> None:
        """A process of its own works everything that waits; this one has one at most."""
        if any(child.poll() is None for child in self.press):
            return
        child = subprocess.Popen(
            [sys.executable, "-m", "services.reporting.press_room"], env={**os.environ, **self._told()}
        )
        self.press[:] = [child]
        try:
            while child.poll() is None:
                time.sleep(0.2)
        finally:
            child.terminate()  # who stops the service stops its worker; a killed service leaves it to finish
        if child.returncode:
            self.log.error("publication worker ended", code=child.returncode)

    def _told(self) -> dict[str, str]:
        given = self.settings
        return {
            "HP_DATABASE_URL": given.database_url,
            "HP_PUBLIC_FOLDER": str(given.public_folder),
            "HP_SNAPSHOT_KEY": str(given.snapshot_key),
        }


def _require_other_hands(tx: Transaction, election: str, by: Actor) -> None:
    """Who counted does not publish, nor does a machine that was counted on."""
    persons, machines = publications.hands_met(tx, election, by.person, by.machine)
    if persons:
        raise CountIsYours
    if machines:
        vi, en = "nhập, đối chiếu, phê duyệt hoặc ký kết quả", "enter, compare, approve or sign results"
        raise SameMachine(did=vi, did_en=en)
