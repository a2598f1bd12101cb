"""The doors to the ledger: every event entered, checkpoints signed each minute, witnesses, proofs."""

import json
import secrets
from datetime import timedelta
from functools import cached_property
from uuid import UUID

from services.contracts.base import Envelope, Event
from services.contracts.ledger import (
    ActRow,
    CheckpointAt,
    Cosign,
    CosignatureRefused,
    EvidenceOf,
    Evidences,
    FigureEvidence,
    FigureOf,
    Growth,
    Journal,
    JournalOf,
    LatestCheckpoint,
    LedgerCard,
    LedgerState,
    NoSuchCheckpoint,
    NotAWitnessKey,
    Proof,
    RegisterWitness,
    SignedCheckpoint,
    Witnessed,
    WitnessKnown,
)
from services.contracts.roles import Action
from services.identity import watching
from services.identity.desk import Desk
from services.identity.domain.entries import SALT, concerns, entry_of, may_be_opened
from services.identity.domain.merkle import consistency_terms, leaf_hash, proof
from services.identity.figure_evidence import evidence, figure_evidence, signed_note
from services.identity.models import CheckpointRow
from services.identity.notes import Signer, load_signer, note_of
from services.identity.settings import LEDGER
from services.identity.store import entry, ledger
from services.identity.store.places import one_change_at_a_time
from services.identity.store.recovery import names_of
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, invariant, on, rpc, signal
from services.kit.proofs import LOG, WITNESS, Broken, Checkpoint, Key, Note

_TREE = "ledger"
_LATE = timedelta(minutes=15)
_ACTS = 200


class LedgerDoors(Desk):
    """What happened, so that nobody can bend it afterwards."""

    @cached_property
    def ledger_signer(self) -> Signer:
        return load_signer(LEDGER, LOG, self.settings.ledger_key_path)

    @on(Event, batch=500, every=True)  # type: ignore[type-abstract]  # the base stands for every event there is
    def enter(self, events: list[Envelope], tx: Transaction) -> None:
        """Every event of every service is a leaf, in the order it was heard."""
        one_change_at_a_time(tx, _TREE)
        fresh = [entry_of(event, secrets.token_bytes(SALT)) for event in events]
        standing = ledger.frontier(tx)
        _, completed = standing.appended([leaf_hash(one.line.encode()) for one in fresh])
        ledger.append(tx, standing.size, fresh, completed)
        watching.note_acts(tx, events)

    @every(20)
    def sign_checkpoint(self, tx: Transaction) -> None:
        """What came since the last checkpoint is under a signed one."""
        one_change_at_a_time(tx, _TREE)
        tree, newest = ledger.frontier(tx), ledger.newest_checkpoint(tx)
        if tree.size == (newest.size if newest else 0):
            return
        told = Checkpoint(LEDGER, tree.size, tree.root())
        note = note_of(told, [self.ledger_signer.sign(told)])
        ledger.add_checkpoint(tx, tree.size, told.root, note, entry.now(tx))

    @rpc(public=True)
    def latest_checkpoint(self, request: LatestCheckpoint, by: Actor, tx: Transaction) -> SignedCheckpoint:
        """The newest signed checkpoint, with who has seen it."""
        newest = _newest(tx)
        return SignedCheckpoint(note=signed_note(tx, newest), size=newest.size, key=self.ledger_signer.key.line())

    @rpc(public=True)
    def checkpoint_at(self, request: CheckpointAt, by: Actor, tx: Transaction) -> SignedCheckpoint:
        """The checkpoint of a size, with who has seen it."""
        standing = ledger.checkpoint_of(tx, request.size)
        if standing is None:
            raise NoSuchCheckpoint(size=request.size)
        return SignedCheckpoint(note=signed_note(tx, standing), size=standing.size, key=self.ledger_signer.key.line())

    @rpc(public=True)
    def growth(self, request: Growth, by: Actor, tx: Transaction) -> Proof:
        """The proof that one checkpoint only adds to an older tree."""
        if request.old > request.size or ledger.checkpoint_of(tx, request.size) is None:
            raise NoSuchCheckpoint(size=request.size)
        terms = consistency_terms(request.old, request.size)
        return Proof(hashes=tuple(known.hex() for known in proof(terms, ledger.nodes(tx, terms))))

    @rpc(may=Action.REGISTER_WITNESS)
    def register_witness(self, request: RegisterWitness, by: Actor, tx: Transaction) -> Witnessed:
        """A witness may cosign from now on; a name keeps its key."""
        try:
            key = Key.read(request.witness)
        except Broken as unreadable:
            raise NotAWitnessKey from unreadable
        if key.kind != WITNESS:
            raise NotAWitnessKey
        known = ledger.witness_key(tx, key.name)
        if known is not None and known != request.witness:
            raise WitnessKnown(name=key.name)
        if known is None:
            ledger.add_witness(tx, key.name, request.witness, by.person, by.at)
        tx.session.flush()
        return Witnessed(witnesses=ledger.count_witnesses(tx))

    @rpc(public=True)
    def cosign(self, request: Cosign, by: Actor, tx: Transaction) -> Witnessed:
        """A witness's signature stands with the checkpoint; whoever has no registered key changes nothing."""
        standing = ledger.checkpoint_of(tx, request.size)
        if standing is None:
            raise NoSuchCheckpoint(size=request.size)
        name = request.signature.split(" ")[1]
        key = ledger.witness_key(tx, name)
        if key is None or not _signs(key, standing, request.signature):
            raise CosignatureRefused(size=request.size)
        ledger.add_cosignature(tx, standing.size, name, request.signature, by.at)
        tx.session.flush()
        return Witnessed(witnesses=len(ledger.cosignatures(tx, standing.size)))

    @rpc(may=Action.READ_LEDGER)
    def evidence_of(self, request: EvidenceOf, by: Actor, tx: Transaction) -> Evidences:
        """The newest entries of the aggregates under the newest checkpoint, each with its proof."""
        newest = _newest(tx)
        rows = ledger.newest_of(tx, request.aggregates, newest.size)
        shown = frozenset(
            row.place for row in rows if may_be_opened(row.topic, row.content, request.election, request.unit)
        )
        found = evidence(tx, rows, newest.size, shown)
        unknown = set(request.aggregates) - {row.aggregate for row in rows}
        return Evidences(note=signed_note(tx, newest), entries=found, unknown=tuple(sorted(unknown)))

    @rpc(may=Action.READ_LEDGER)
    def figure_evidence(self, request: FigureOf, by: Actor, tx: Transaction) -> FigureEvidence:
        """Everything that proves the result of a constituency, down to who typed, compared, approved and signed."""
        newest = _newest(tx)
        note, key = signed_note(tx, newest), self.ledger_signer.key.line()
        return figure_evidence(tx, request, newest, note, key)

    @rpc(may=Action.READ_LEDGER)
    def ledger_state(self, request: LedgerState, by: Actor, tx: Transaction) -> LedgerCard:
        """How many entries there are, the newest checkpoint, and who watches."""
        newest, seen = ledger.newest_checkpoint(tx), tuple(ledger.witnesses(tx))
        if newest is None:
            return LedgerCard(entries=ledger.entries(tx), size=0, witnesses=seen)
        return LedgerCard(
            entries=ledger.entries(tx), size=newest.size, root=newest.root.hex(), at=newest.at, witnesses=seen
        )

    @rpc(may=Action.READ_LEDGER)
    def journal_of(self, request: JournalOf, by: Actor, tx: Transaction) -> Journal:
        """Who did what in a unit on a day, as the ledger has it; the contents stay where they are."""
        rows = ledger.acts_of_day(tx, request, _ACTS)
        told = [(row, json.loads(row.line)) for row in rows if concerns(row.content, request.election, request.unit)]
        names = names_of(tx, sorted({UUID(line["actor"]) for _, line in told}))
        acts = tuple(
            ActRow(
                place=row.place,
                at=line["at"],
                topic=row.topic,
                aggregate=row.aggregate,
                person=line["actor"],
                name=names.get(UUID(line["actor"]), ""),
            )
            for row, line in told
        )
        return Journal(acts=acts, before=rows[-1].place if len(rows) == _ACTS else 0)

    @signal("hp_ledger_entries")
    def ledger_entries(self, tx: Transaction) -> int:
        return ledger.entries(tx)

    @signal("hp_ledger_unsigned_seconds")
    def unsigned_seconds(self, tx: Transaction) -> int:
        """How long the oldest entry that no checkpoint covers has waited."""
        newest = ledger.newest_checkpoint(tx)
        waiting = ledger.oldest_beyond(tx, newest.size if newest else 0)
        return 0 if waiting is None else max(0, int((entry.now(tx) - waiting).total_seconds()))

    @signal("hp_ledger_checkpoint_age_seconds")
    def checkpoint_age(self, tx: Transaction) -> int:
        """Seconds since the newest checkpoint was signed; without any, since the first entry."""
        newest = ledger.newest_checkpoint(tx)
        since = newest.at if newest else ledger.oldest_beyond(tx, 0)
        return 0 if since is None else max(0, int((entry.now(tx) - since).total_seconds()))

    @signal("hp_ledger_witnesses_late", seconds=30)
    def witnesses_late(self, tx: Transaction) -> int:
        """Registered witnesses that have not signed the newest checkpoint, nor any within a quarter of an hour."""
        newest, since = ledger.newest_checkpoint(tx), entry.now(tx) - _LATE
        if newest is None:
            return 0
        return sum(one.size < newest.size and (one.at is None or one.at < since) for one in ledger.witnesses(tx))

    @invariant("places of the ledger without an entry", seconds=300)
    def gaps_in_the_ledger(self, tx: Transaction) -> int:
        return ledger.gaps(tx)


def _newest(tx: Transaction) -> CheckpointRow:
    newest = ledger.newest_checkpoint(tx)
    if newest is None:
        raise NoSuchCheckpoint(size=1)
    return newest


def _signs(key: str, checkpoint: CheckpointRow, line: str) -> bool:
    try:
        return Note.read(f"{checkpoint.note}{line}\n").is_signed_by(Key.read(key))
    except Broken:
        return False
