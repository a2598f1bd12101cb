"""The doors of publication: the signed snapshot the public reads."""

from services.contracts.base import Unknown
from services.contracts.reporting import PublishSnapshot, Snapshot, SnapshotPublished, Snapshots, SnapshotsOf
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.kit.offload import offload
from services.reporting.desk import Desk
from services.reporting.models import SnapshotRow
from services.reporting.public.press import print_snapshot, switch_latest
from services.reporting.public.signing import signing_key
from services.reporting.store import papers, places, public


class PublicDoors(Desk):
    """Only what is declared is official; a snapshot is never changed, the next one replaces it."""

    @rpc(may=Action.PUBLISH_SNAPSHOT)
    def publish_snapshot(self, request: PublishSnapshot, by: Actor, tx: Transaction) -> Snapshot:
        if request.unit != places.NATION:
            raise Unknown(what=f"bản công bố của {request.unit}")
        election = places.election_held(tx, request.election)
        papers.hold(tx, f"snapshot/{request.election}")
        number = public.next_number(tx, request.election)
        facts = public.site_facts(tx, election, number, election.clock.at(by.at))
        folder = self.settings.public_folder
        printed = offload(print_snapshot, facts, folder, signing_key(self.settings.snapshot_key))
        snapshot = Snapshot(
            number=number,
            folder=f"{request.election}/{number}",
            manifest=printed.manifest,
            signature=printed.signature,
            files=printed.files,
            constituencies=printed.constituencies,
            published_at=by.at,
            published_by=by.name,
        )
        row = SnapshotRow(election=request.election, number=number, data=snapshot.model_dump(mode="json"))
        tx.add(row)
        tx.emit(SnapshotPublished(election=request.election, snapshot=snapshot))
        tx.after_commit.append(lambda: switch_latest(folder, request.election, number))
        return snapshot

    @rpc(may=Action.READ_RESULT)
    def snapshots_of(self, request: SnapshotsOf, by: Actor, tx: Transaction) -> Snapshots:
        rows = public.snapshots(tx, request.election)
        return Snapshots(snapshots=tuple(Snapshot.model_validate(row.data) for row in rows))
