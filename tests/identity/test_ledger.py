"""The ledger on a real database: what is heard is entered, signed, witnessed, proven, and cannot be bent unseen."""

import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from deploy.security.ledger import BENDS, Case, bend_and_look, by_command, command, large
from services.contracts.base import BadRequest, Envelope, NotAllowed
from services.contracts.ledger import (
    CheckpointAt,
    Cosign,
    CosignatureRefused,
    EvidenceOf,
    Growth,
    JournalOf,
    LatestCheckpoint,
    LedgerState,
    NoSuchCheckpoint,
    NotAWitnessKey,
    RegisterWitness,
    WitnessKnown,
)
from services.identity.bundle import write_bundle
from services.identity.carried import write_verifier
from services.identity.domain.entries import may_be_opened
from services.identity.notes import make_key
from services.identity.service import IdentityService
from services.identity.verify import faults
from services.identity.witness import Forked, opened
from services.kit.database import Database
from services.kit.entrypoints import Timer, marks_of
from services.kit.migrate import migrate
from services.kit.proofs import WITNESS, Broken, Key, Note, grows, includes, opens
from tests.identity.conftest import ELECTION, ROOT, VY_DA, holder

PUBLISHER = holder("publisher", f"{ELECTION}/vn")


@pytest.fixture
def ledger(identity, settings):
    make_key(settings.ledger_key_path)
    return identity


@pytest.fixture
def asker(ledger):
    """What a witness asks the gateway, answered by the doors themselves."""
    kinds = {"latest_checkpoint": LatestCheckpoint, "growth": Growth, "cosign": Cosign}

    def ask(door, body):
        return getattr(ledger, door)(kinds[door].model_validate(body)).model_dump(mode="json")

    return ask


def letter(topic, aggregate, version=1, **data):
    return Envelope(
        id=uuid4(),
        topic=topic,
        aggregate=aggregate,
        version=version,
        at=datetime.now(UTC),
        actor=str(uuid4()),
        data=data,
    )


def approved(number, votes=585):
    area = f"19777-{number:03}"
    return letter(
        "results.record_advanced",
        f"record/{ELECTION}/{area}/NA",
        election=ELECTION,
        unit=f"{VY_DA}/{area}",
        area=area,
        figures={"votes": [votes]},
    )


def chatter(number):
    """Letters only the ledger hears."""
    return [letter("voters.list_asked", f"asked/{uuid4()}", person=str(uuid4())) for _ in range(number)]


def newest(ledger):
    return Note.read(ledger.latest_checkpoint(LatestCheckpoint()).note).checkpoint


def grow(ledger, number):
    ledger.hear(chatter(number))
    ledger.sign_checkpoint()
    return newest(ledger)


def state(ledger, by=ROOT):
    return ledger.ledger_state(LedgerState(election=ELECTION, unit="vn"), by=by)


def test_what_is_heard_is_entered_once_and_signed_with_the_log_s_key(ledger):
    heard = ledger.hear(chatter(7))
    ledger.hear(heard)
    assert state(ledger).entries == 7
    assert state(ledger).size == 0

    ledger.sign_checkpoint()
    told = ledger.latest_checkpoint(LatestCheckpoint())
    note = Note.read(told.note)
    assert (told.size, note.checkpoint.size, note.checkpoint.origin) == (7, 7, "hom-phieu.vn/so-cai")
    assert note.is_signed_by(Key.read(told.key))
    assert state(ledger).root == note.checkpoint.root.hex()


def test_nothing_new_means_no_new_checkpoint_and_something_new_waits_for_one(ledger):
    grow(ledger, 3)
    first = ledger.latest_checkpoint(LatestCheckpoint())
    ledger.sign_checkpoint()
    assert ledger.latest_checkpoint(LatestCheckpoint()) == first
    assert ledger.signals()["hp_ledger_unsigned_seconds"] == 0
    assert ledger.invariants()["places of the ledger without an entry"] == 0


def test_what_is_entered_is_under_a_signed_checkpoint_within_a_minute(ledger):
    """The timer comes every 20 s, so an entry waits 20 s and what a signature takes; the signals tell when it does not."""
    timer = next(mark for mark in marks_of(IdentityService, Timer) if mark.name == "sign_checkpoint")
    assert timer.seconds <= 20
    ledger.hear(chatter(2000))
    entered = time.monotonic()
    ledger.sign_checkpoint()
    assert timer.seconds + time.monotonic() - entered < 60
    assert newest(ledger).size == 2000
    assert ledger.signals()["hp_ledger_unsigned_seconds"] == 0


def test_an_entry_without_a_checkpoint_and_an_old_checkpoint_are_measured(ledger):
    assert ledger.signals()["hp_ledger_checkpoint_age_seconds"] == 0
    grow(ledger, 3)
    with ledger.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE checkpoints SET at = at - interval '300 seconds'")
    assert 300 <= ledger.signals()["hp_ledger_checkpoint_age_seconds"] < 330
    assert ledger.signals()["hp_ledger_unsigned_seconds"] == 0
    ledger.hear(chatter(1))
    with ledger.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET entered_at = entered_at - interval '90 seconds' WHERE place = 3")
    assert 90 <= ledger.signals()["hp_ledger_unsigned_seconds"] < 120


def test_a_witness_that_has_not_signed_for_long_is_counted(ledger, asker, tmp_path):
    witnesses = [opened(name, tmp_path / name) for name in ("46", "48", "79")]
    grow(ledger, 5)
    for witness in witnesses:
        ledger.register_witness(RegisterWitness(key=uuid4(), witness=witness.signer.key.line()), by=ROOT)
    for witness in witnesses[:2]:
        witness.look(asker)
    assert ledger.signals()["hp_ledger_witnesses_late"] == 1
    with ledger.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cosignatures SET at = at - interval '20 minutes' WHERE witness = '46'")
    assert ledger.signals()["hp_ledger_witnesses_late"] == 1
    grow(ledger, 1)
    witnesses[1].look(asker)
    assert ledger.signals()["hp_ledger_witnesses_late"] == 2


def test_before_the_first_checkpoint_there_is_nothing_to_show(ledger):
    with pytest.raises(NoSuchCheckpoint):
        ledger.latest_checkpoint(LatestCheckpoint())


def test_each_checkpoint_is_proven_to_grow_from_each_before(ledger):
    points = [grow(ledger, number) for number in (1, 4, 7, 1, 19)]
    for old in points:
        for new in points:
            if old.size > new.size:
                with pytest.raises(NoSuchCheckpoint):
                    ledger.growth(Growth(old=old.size, size=new.size))
                continue
            answer = ledger.growth(Growth(old=old.size, size=new.size))
            assert grows(old, new, [bytes.fromhex(step) for step in answer.hashes])
    with pytest.raises(NoSuchCheckpoint):
        ledger.growth(Growth(old=1, size=3))


def test_a_figure_is_proven_with_its_content_and_the_rest_stays_closed(ledger):
    ledger.hear([*chatter(5), approved(1, 11), approved(2, 22), *chatter(3), approved(2, 33)])
    other = chatter(1)[0]
    ledger.hear([other])
    ledger.sign_checkpoint()
    records = [f"record/{ELECTION}/19777-{number:03}/NA" for number in (1, 2, 3)]
    asked = EvidenceOf(election=ELECTION, unit=VY_DA, aggregates=(*records, other.aggregate))
    found = ledger.evidence_of(asked, by=ROOT)

    checkpoint = Note.read(found.note).checkpoint
    assert found.unknown == (records[2],)
    told = {json.loads(entry.line)["aggregate"]: entry for entry in found.entries}
    for entry in found.entries:
        path = [bytes.fromhex(step) for step in entry.proof]
        assert includes(entry.line.encode(), entry.place, path, checkpoint)
    assert [json.loads(told[name].content)["figures"] for name in records[:2]] == [{"votes": [11]}, {"votes": [33]}]
    assert all(opens(told[name].line.encode(), told[name].salt, told[name].content) for name in records[:2])
    assert not opens(told[records[0]].line.encode(), told[records[0]].salt, told[records[1]].content)
    assert (told[other.aggregate].content, told[other.aggregate].salt) == (None, "")
    assert other.data["person"] not in told[other.aggregate].line


def test_a_unit_sees_the_content_of_its_own_records_only(ledger):
    ledger.hear([approved(1)])
    ledger.sign_checkpoint()
    asked = EvidenceOf(election=ELECTION, unit="vn/46/19783", aggregates=(f"record/{ELECTION}/19777-001/NA",))
    assert ledger.evidence_of(asked, by=ROOT).entries[0].content is None
    with pytest.raises(NotAllowed):
        ledger.evidence_of(asked, by=holder("typist", f"{ELECTION}/{VY_DA}"))


def test_thirty_four_witnesses_see_what_only_grows(ledger, asker, tmp_path):
    witnesses = [opened(f"{number:02}", tmp_path / f"{number:02}") for number in range(1, 35)]
    grow(ledger, 5)
    for witness in witnesses:
        ledger.register_witness(RegisterWitness(key=uuid4(), witness=witness.signer.key.line()), by=ROOT)
        assert witness.look(asker) == 5
    grow(ledger, 20)
    assert {witness.look(asker) for witness in witnesses} == {25}

    note = Note.read(ledger.latest_checkpoint(LatestCheckpoint()).note)
    assert all(note.is_signed_by(witness.signer.key) for witness in witnesses)
    assert {row.size for row in state(ledger).witnesses} == {25}
    assert len(state(ledger).witnesses) == 34


def test_a_witness_refuses_a_history_that_was_rewritten_or_cut(ledger, asker, own_database, hands, settings, tmp_path):
    witness = opened("46", tmp_path / "46")
    ledger.register_witness(RegisterWitness(key=uuid4(), witness=witness.signer.key.line()), by=ROOT)
    grow(ledger, 9)
    witness.look(asker)

    other = hands(IdentityService, own_database("identity"), settings=settings)

    def bent(door, body):
        return getattr(other, door)(
            {"latest_checkpoint": LatestCheckpoint, "growth": Growth}[door](**body)
        ).model_dump()

    grow(other, 4)
    with pytest.raises(Forked, match="shows 4 entries; this witness has seen 9"):
        witness.look(bent)
    grow(other, 16)
    with pytest.raises(Forked, match="first 9 of 20 entries"):
        witness.look(bent)
    assert witness.held().size == 9
    grow(ledger, 1)
    assert witness.look(asker) == 10


def test_a_witness_refuses_a_log_that_signs_with_another_key(ledger, asker, tmp_path):
    witness = opened("46", tmp_path / "46")
    ledger.register_witness(RegisterWitness(key=uuid4(), witness=witness.signer.key.line()), by=ROOT)
    grow(ledger, 2)
    witness.look(asker)
    stranger = opened("hom-phieu.vn/so-cai", tmp_path / "stranger").signer.key
    (tmp_path / "46" / "log.key").write_text(stranger.line())
    with pytest.raises(Forked, match="from the beginning"):
        witness.look(asker)


def test_only_registered_witnesses_sign_and_a_name_keeps_its_key(ledger, tmp_path):
    known, stranger = opened("46", tmp_path / "a").signer, opened("46", tmp_path / "b").signer
    checkpoint = grow(ledger, 3)
    with pytest.raises(CosignatureRefused):
        ledger.cosign(Cosign(key=uuid4(), size=3, signature=known.cosign(checkpoint, 1_800_000_000)))
    ledger.register_witness(RegisterWitness(key=uuid4(), witness=known.key.line()), by=ROOT)
    with pytest.raises(WitnessKnown):
        ledger.register_witness(RegisterWitness(key=uuid4(), witness=stranger.key.line()), by=ROOT)
    with pytest.raises(CosignatureRefused):
        ledger.cosign(Cosign(key=uuid4(), size=3, signature=stranger.cosign(checkpoint, 1_800_000_000)))
    with pytest.raises(NoSuchCheckpoint):
        ledger.cosign(Cosign(key=uuid4(), size=4, signature=known.cosign(checkpoint, 1_800_000_000)))
    assert "\n— 46 " not in ledger.latest_checkpoint(LatestCheckpoint()).note
    number = known.key.line().replace(known.key.id.hex(), "00000000")
    for line in (number, ledger.latest_checkpoint(LatestCheckpoint()).key):
        with pytest.raises(NotAWitnessKey):
            ledger.register_witness(RegisterWitness(key=uuid4(), witness=line), by=ROOT)
    with pytest.raises(NotAllowed):
        ledger.register_witness(RegisterWitness(key=uuid4(), witness=known.key.line()), by=PUBLISHER)


def test_the_database_itself_changes_and_removes_no_row_of_the_ledger(databases_url, signing_key, hands, settings):
    database = Database(databases_url)
    try:
        ledger = hands(IdentityService, database, settings=settings)
        make_key(settings.ledger_key_path)
        grow(ledger, 3)
        for act in ("UPDATE ledger SET line = ''", "DELETE FROM ledger_nodes", "TRUNCATE checkpoints CASCADE"):
            with pytest.raises(DBAPIError, match="never changed or removed"), database.engine.begin() as connection:
                connection.exec_driver_sql(act)
        assert newest(ledger).size == 3
    finally:
        database.close()


@pytest.fixture
def databases_url(databases):
    """An identity database made by its migrations, triggers and all."""
    url = databases.empty("identity")
    migrate("identity", url)
    yield url
    databases.drop(url)


@pytest.fixture
def bundle(ledger, db, tmp_path):
    """A bundle of 60 entries, 20 of them opened, with the keys one trusts and a checkpoint a witness holds."""
    for number in range(20):
        ledger.hear([*chatter(2), approved(number)])
    ledger.sign_checkpoint()
    witness = opened("46", tmp_path / "w")
    ledger.register_witness(RegisterWitness(key=uuid4(), witness=witness.signer.key.line()), by=ROOT)
    told = ledger.latest_checkpoint(LatestCheckpoint())
    line = witness.signer.cosign(Note.read(told.note).checkpoint, 1_800_000_000)
    ledger.cosign(Cosign(key=uuid4(), size=told.size, signature=line))
    with db.transaction(read_only=True) as tx:
        assert write_bundle(tx, tmp_path / "bundle", told.key) == 60
    (tmp_path / "keys").write_text(f"{told.key}\n{witness.signer.key.line()}\n")
    return tmp_path / "bundle"


def keys(bundle):
    return [Key.read(line) for line in (bundle.parent / "keys").read_text().splitlines()]


def test_a_bundle_that_is_whole_is_verified_by_the_one_file_alone(bundle, tmp_path):
    write_verifier(tmp_path / "verify.pyz")
    command = [
        sys.executable,
        "-I",
        str(tmp_path / "verify.pyz"),
        str(bundle),
        "--keys",
        str(tmp_path / "keys"),
        "--witnesses",
        "1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "verdict: ok faults=0\n")
    done = subprocess.run([*command[:-1], "2"], capture_output=True, text=True, check=False)
    assert "1 witnesses have seen it, 2 are asked for" in done.stdout
    assert done.returncode == 1


def test_every_edit_deletion_swap_forgery_and_cut_tail_is_found(tmp_path):
    """2,000 here, every kind in its turn; `python -m deploy.security.ledger` does 100,000 (S10)."""
    case = Case(2026, 60)
    case.bundle.write(tmp_path / "whole")
    assert faults(tmp_path / "whole", case.keys, [case.held], witnesses=1) == []

    tally = bend_and_look(case, 2000, tmp_path / "bent", 2026)

    assert tally.missed == []
    assert sum(tally.tried.values()) == 2000
    assert set(tally.tried) == {
        "edit", "delete", "swap", "repeat", "insert", "cut_tail", "torn_line", "number", "salt", "exchange",
        "forged_checkpoint", "other_tree", "note_character", "cosignature", "swapped_inclusion", "bent_inclusion", "bent_growth",
    }  # fmt: skip
    assert min(tally.tried.values()) >= 2000 // 17


def test_every_kind_of_bend_is_found_by_the_command_too(tmp_path):
    case = Case(7, 30)
    tally = by_command(case, len(BENDS), tmp_path, 7)
    assert tally.missed == []
    case.bundle.write(tmp_path / "whole")
    assert command(tmp_path / "whole", tmp_path, witnesses=1).stdout == "verdict: ok faults=0\n"


def test_a_large_bundle_made_by_seed_is_verified_in_one_pass(tmp_path):
    large(3, 3000, tmp_path)
    done = command(tmp_path / "large", tmp_path, witnesses=1)
    assert (done.returncode, done.stdout) == (0, "verdict: ok faults=0\n")
    place = tmp_path / "large" / "entries"
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b'"version":1', b'"version":2', 1))
    assert "the first 3000 are not those of the checkpoint" in command(tmp_path / "large", tmp_path).stdout


def test_a_log_that_signs_a_shorter_history_is_found_by_who_holds_an_older_checkpoint(
    bundle, ledger, own_database, hands, settings
):
    held = Note.read((bundle / "checkpoint").read_text())
    other_db = own_database("identity")
    other = hands(IdentityService, other_db, settings=settings)
    grow(other, 40)
    with other_db.transaction(read_only=True) as tx:
        write_bundle(tx, bundle, "")
    trusted = keys(bundle)
    assert faults(bundle, trusted) == []
    assert faults(bundle, trusted, [held]) == ["entries: 40 are here, a checkpoint knows 60: the end is missing"]
    grow(other, 40)
    with other_db.transaction(read_only=True) as tx:
        write_bundle(tx, bundle, "")
    assert "the first 60 are not those of the checkpoint" in faults(bundle, trusted, [held])[0]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("checkpoint", b"nonsense", "the checkpoint is not a signed note"),
        ("checkpoint", b"hom-phieu.vn/so-cai\n60\n!!\n\n", "the checkpoint is not a signed note"),
        ("opened", b"{}\n", "opened: the content of entry -1"),
        ("opened", b'{"place": 2, "salt": "00", "content": "{}"}\n', "opened: the content of entry 2"),
        ("opened", b"[1]\n", "opened: the content of entry -1"),
        ("opened", b"\xff", "the bundle cannot be read"),
        ("entries", b"{}", "entries: the last line is cut"),
        ("entries", b"", "entries: 0 are here, a checkpoint knows 60: the end is missing"),
    ],
)
def test_a_bundle_that_makes_no_sense_is_told_not_crashed_on(bundle, file, content, says):
    (bundle / file).write_bytes(content)
    assert any(says in fault for fault in faults(bundle, keys(bundle)))


@pytest.mark.parametrize("line", ["", "x", "a+b+c", "46+00000000+AQ==", "46+zz+!!"])
def test_what_is_no_key_is_refused(line):
    with pytest.raises(Broken, match="not a key"):
        Key.read(line)


def test_a_key_of_one_name_does_not_sign_for_another(ledger, tmp_path):
    grow(ledger, 1)
    told = ledger.latest_checkpoint(LatestCheckpoint())
    assert not Note.read(told.note).is_signed_by(opened("x", tmp_path).signer.key)
    assert opened("x", tmp_path).signer.kind == WITNESS


@pytest.mark.parametrize(
    ("unit", "opened"),
    [
        ("vn", True), ("vn/46", True), (VY_DA, True), ("vn/46/NA-46-01", True), ("vn/46/NA-46-02", False),
        ("vn/46/19780", False), (f"{VY_DA}/NA-46-01", False), ("vn/48/NA-46-01", False), ("vn/48", False),
    ],
)  # fmt: skip
def test_a_record_is_opened_to_its_units_and_to_the_one_path_of_its_constituency(unit, opened):
    content = json.dumps({"election": ELECTION, "unit": VY_DA, "area": "19777-001", "constituency": "NA-46-01"})
    assert may_be_opened("results.record_advanced", content, ELECTION, unit) is opened
    assert not may_be_opened("results.record_advanced", content, "dien-tap-8", unit)
    assert not may_be_opened("identity.session_opened", content, ELECTION, unit)


def test_a_council_s_constituency_opens_the_records_of_its_commune_only():
    content = json.dumps({"election": ELECTION, "unit": VY_DA, "constituency": "CC-19777-02"})
    opened = {
        unit: may_be_opened("results.record_advanced", content, ELECTION, unit)
        for unit in (f"{VY_DA}/CC-19777-02", f"{VY_DA}/CC-19777-01", "vn/46/CC-19777-02", "vn/46/19780/CC-19777-02")
    }
    assert list(opened.values()) == [True, False, False, False]


def journal(ledger, unit=VY_DA, by=ROOT, **more):
    today = datetime.now(timezone(timedelta(hours=7))).date()
    return ledger.journal_of(JournalOf(**{"election": ELECTION, "unit": unit, "day": today, **more}), by=by)


def test_the_journal_tells_who_did_what_in_the_unit_that_day_and_no_other(ledger):
    first, second = approved(1), approved(2)
    elsewhere = letter("results.record_advanced", "record/x", election=ELECTION, unit="vn/46/19780", note=VY_DA)
    other = letter("results.record_advanced", "record/y", election="dien-tap-8", unit=VY_DA)
    nobody = approved(3).model_copy(update={"actor": None})
    for one in (first, elsewhere, other, nobody, second):
        ledger.hear(one)

    found = journal(ledger)
    assert [act.aggregate for act in found.acts] == [second.aggregate, first.aggregate]
    assert [str(act.person) for act in found.acts] == [second.actor, first.actor]
    assert found.acts[0].at == second.at
    assert [act.aggregate for act in journal(ledger, person=UUID(first.actor)).acts] == [first.aggregate]
    assert [act.aggregate for act in journal(ledger, before=found.acts[0].place).acts] == [first.aggregate]
    assert journal(ledger, day=date(2026, 1, 1)).acts == ()
    assert len(journal(ledger, unit="vn").acts) == 3
    assert [act.aggregate for act in journal(ledger, unit="vn/46/19780").acts] == ["record/x"]
    with pytest.raises(NotAllowed):
        journal(ledger, by=holder("typist", f"{ELECTION}/{VY_DA}"))


def test_the_journal_is_read_a_page_at_a_time(ledger):
    ledger.hear([approved(number) for number in range(1, 204)])
    first = journal(ledger)
    rest = journal(ledger, before=first.before)
    assert (len(first.acts), len(rest.acts), rest.before) == (200, 3, 0)
    assert {act.place for act in (*first.acts, *rest.acts)} == set(range(203))


@pytest.mark.parametrize("size", [10**15, 2**63, 10**30])
def test_a_size_no_ledger_ever_has_is_refused_and_not_stumbled_over(ledger, size):
    grow(ledger, 2)
    for door, kind, asked in (
        ("checkpoint_at", CheckpointAt, {"size": size}),
        ("growth", Growth, {"old": 1, "size": size}),
        ("growth", Growth, {"old": size, "size": size}),
        ("cosign", Cosign, {"key": uuid4(), "size": size, "signature": "— x " + "A" * 24}),
    ):
        with pytest.raises((BadRequest, NoSuchCheckpoint)):
            getattr(ledger, door)(kind.model_construct(**asked))


@pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date(2200, 1, 1), date.max])
def test_a_day_out_of_reach_is_a_fault_of_the_request(ledger, day):
    asked = JournalOf.model_construct(election=ELECTION, unit=VY_DA, day=day, person=None, before=None)
    with pytest.raises(BadRequest):
        ledger.journal_of(asked, by=ROOT)
    assert journal(ledger, day=date(2199, 12, 31)).acts == journal(ledger, day=date(2000, 1, 1)).acts == ()
