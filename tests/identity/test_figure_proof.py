"""A published figure is proven down to the people who approved it; whatever is bent on the way is named with its place."""

import copy
import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.contracts.base import Envelope, Grant, Passport
from services.contracts.candidates import Clock, Election, ElectionCalled
from services.contracts.ledger import Cosign, FigureOf, LatestCheckpoint, RegisterWitness
from services.contracts.reporting import PublishSnapshot, Snapshot, SnapshotPublished
from services.contracts.results import RecordAdvanced, ResultAdvanced
from services.identity.bundle import write_figure
from services.identity.figure import Published, Trust, prove, published_at
from services.identity.notes import load_signer, make_key, note_of
from services.identity.service import IdentityService
from services.identity.settings import LEDGER, IdentitySettings
from services.identity.verify import main
from services.identity.witness import opened
from services.kit.passports import save_key
from services.kit.proofs import LOG, Checkpoint, Key, Note
from services.reporting.press_room import PressRoom
from services.reporting.service import ReportingService
from services.reporting.settings import ReportingSettings
from services.results.service import ResultsService
from tests.hands import told
from tests.results.world import (
    DAY,
    ELECTION,
    KIM_LONG,
    NA,
    PATHS,
    VY_DA,
    World,
    at,
    constituency_told,
    list_told,
    unit_told,
    voters_told,
)

ROOT = Path(__file__).parents[2]
CARRIED = ("services/__init__.py", "services/kit/__init__.py", "services/kit/proofs.py", "services/identity/__init__.py",
           "services/identity/verify.py", "services/identity/figure.py")  # fmt: skip
OFFICER = Passport(
    person=uuid4(),
    name="Thanh tra",
    session=uuid4(),
    grants=(Grant(role="province_officer", scope=f"{ELECTION}/vn/46"),),
)
ADMIN = Passport(person=uuid4(), name="Quản trị", session=uuid4(), grants=(Grant(role="system_admin", scope="*"),))


@pytest.fixture
def world(hands, own_database):
    """Two polling areas typed twice, one of them compared, approved; the result drawn up and signed."""
    world = World(hands(ResultsService, own_database("results"))).hear_all()
    world.use("19777-001")
    world.use("19777-002")
    world.enter_twice("19777-001")
    right, _ = world.differ("19777-002")
    world.resolve(world.tuyet, "19777-002", right, world.comparison(world.tuyet, "19777-002").content)
    world.approve_all()
    world.prepare(world.secretary, world.result().content)
    world.declare(world.head, world.result().content, approves=world.result().content)
    return world


@pytest.fixture
def ledger(hands, own_database, signing_key, tmp_path):
    db = own_database("identity")
    save_key(signing_key, tmp_path / "passport.json")
    settings = IdentitySettings(database_url=db.url, passport_private_key=tmp_path / "passport.json")
    settings.make_sealing_key()
    make_key(settings.ledger_key_path)
    return hands(IdentityService, db, settings=settings)


@pytest.fixture
def reporting(hands, own_database, tmp_path, world):
    """Reporting that has heard what results heard and told."""
    db = own_database("reporting")
    settings = ReportingSettings(
        database_url=db.url, files_url=str(tmp_path / "files"), public_folder=tmp_path / "public",
        snapshot_key=tmp_path / "keys" / "snapshot.pem",
    )  # fmt: skip
    made = hands(ReportingService, db, settings=settings)
    made.service.work_publications = PressRoom(db, settings).work
    clock = Clock(real_at=datetime.now(UTC), shown_at=at(23))
    called = Election(
        election=ELECTION, title="Diễn tập", day=DAY, rehearsal=True, clock=clock, milestones=(), slots=("09:00", "19:00")
    )  # fmt: skip
    made.hear([unit_told(VY_DA, "phường Vỹ Dạ"), unit_told(KIM_LONG, "phường Kim Long")])
    made.hear([ElectionCalled(election=called)])
    made.hear([constituency_told(code, 3) for code in PATHS])
    made.hear([list_told(code, 3) for code in PATHS])
    made.hear([world.area(VY_DA, number) for number in (1, 2)])
    made.hear([voters_told(VY_DA, number) for number in (1, 2)])
    for letter in told(world.results.db):
        if letter.topic in {"results.record_advanced", "results.result_advanced"}:
            made.hear(letter)
    return made


def test_a_snapshot_that_reporting_has_really_published_is_proven(counted, reporting, trust, tmp_path):
    publisher = Passport(
        person=uuid4(), name="Trịnh Hoài Nam", session=uuid4(),
        grants=(Grant(role="publisher", scope=f"{ELECTION}/vn"),),
    )  # fmt: skip
    reporting.publish_snapshot(PublishSnapshot(election=ELECTION, unit="vn", key=uuid4()), publisher)
    folder = tmp_path / "public" / ELECTION / "latest"
    for letter in told(reporting.db):
        if letter.topic == "reporting.snapshot_published":
            counted.hear(letter)
    counted.sign_checkpoint()
    asked = FigureOf(election=ELECTION, unit=PATHS[NA], constituency=NA, held=trust.held[0].checkpoint.size)
    bundle = counted.figure_evidence(asked, by=OFFICER).model_dump(mode="json")
    alone = Trust(trust.keys, trust.held)

    assert prove(bundle, NA, alone, published_at(folder, NA)).wrong == []
    assert any(line.startswith("Bản công bố số 1 là mục") for line in prove(bundle, NA, alone, published_at(folder, NA)).said)
    figure = folder / "quoc-hoi" / f"{NA}.json"
    figure.write_text(figure.read_text().replace('"votes": 2405', '"votes": 2450'))
    wrong = prove(bundle, NA, alone, published_at(folder, NA)).wrong
    assert f"bản công bố: tệp quoc-hoi/{NA}.json đã bị đổi sau khi công bố" in wrong
    assert any("ứng cử viên 1 (Lê Thị Diệu Hiền) được công bố 2450 phiếu" in fault for fault in wrong)


@pytest.fixture
def snapshot(world, tmp_path):
    """What the public downloads: the constituency's file and the manifest that names it."""
    folder = tmp_path / "snapshot"
    (folder / "quoc-hoi").mkdir(parents=True)
    result = world.result()
    told_to_all = {
        "election": ELECTION,
        "constituency": NA,
        "totals": result.totals.model_dump(mode="json"),
        "content": result.content,
        "candidates": [line.model_dump(mode="json") for line in result.candidates],
    }
    content = json.dumps(told_to_all).encode()
    (folder / "quoc-hoi" / f"{NA}.json").write_bytes(content)
    files = {f"quoc-hoi/{NA}.json": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}}
    (folder / "manifest.json").write_text(json.dumps({"election": ELECTION, "number": 1, "files": files}))
    return folder


@pytest.fixture
def counted(ledger, world, tmp_path):
    """The ledger has heard all of it and something else; a checkpoint of it is held."""
    for letter in told(world.results.db):
        ledger.hear(letter)
    for _ in range(5):
        ledger.hear(
            Envelope(
                id=uuid4(),
                topic="voters.list_asked",
                aggregate=f"asked/{uuid4()}",
                version=1,
                at=datetime.now(UTC),
                data={},
            )
        )
    ledger.sign_checkpoint()
    newest = ledger.latest_checkpoint(LatestCheckpoint())
    witness = opened("46", tmp_path / "witness")
    (tmp_path / "held").write_text(newest.note)
    (tmp_path / "trusted").write_text(f"{newest.key}\n{witness.signer.key.line()}\n")
    return ledger


@pytest.fixture
def entered(counted, snapshot, tmp_path):
    """The ledger has heard of the snapshot too; one witness has signed."""
    ledger = counted
    manifest = (snapshot / "manifest.json").read_bytes()
    published = Snapshot(
        number=1, folder="1", manifest=hashlib.sha256(manifest).hexdigest(), signature="x", files=2, constituencies=1,
        published_at=datetime.now(UTC), published_by="Trịnh Hoài Nam",
    )  # fmt: skip
    ledger.hear(SnapshotPublished(election=ELECTION, snapshot=published))
    ledger.sign_checkpoint()
    newest = ledger.latest_checkpoint(LatestCheckpoint())
    witness = opened("46", tmp_path / "witness")
    ledger.register_witness(RegisterWitness(key=uuid4(), witness=witness.signer.key.line()), by=ADMIN)
    line = witness.signer.cosign(Note.read(newest.note).checkpoint, 1_800_000_000)
    ledger.cosign(Cosign(key=uuid4(), size=newest.size, signature=line))
    return ledger


@pytest.fixture
def held(counted, tmp_path):
    return Note.read((tmp_path / "held").read_text())


@pytest.fixture
def bundle(entered, held):
    asked = FigureOf(election=ELECTION, unit=PATHS[NA], constituency=NA, held=held.checkpoint.size)
    return entered.figure_evidence(asked, by=OFFICER).model_dump(mode="json")


@pytest.fixture
def trust(held, tmp_path):
    keys = [Key.read(line) for line in (tmp_path / "trusted").read_text().splitlines()]
    return Trust(keys, [held], witnesses=1)


@pytest.fixture
def published(snapshot):
    return published_at(snapshot, NA)


def entry_of(bundle, aggregate, state):
    """The entry of an aggregate that told a state, and its place as a person finds it."""
    for entry in bundle["entries"]:
        content = json.loads(entry["content"])
        if json.loads(entry["line"])["aggregate"] == aggregate and content.get("result", content)["state"] == state:
            return entry
    raise LookupError(aggregate)


def rewritten(entry, change):
    content = json.loads(entry["content"])
    change(content)
    entry["content"] = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def test_the_figure_is_followed_to_the_people_in_one_step(bundle, trust, published, world):
    report = prove(bundle, NA, trust, published)

    said = "\n".join(report.said)
    assert report.wrong == []
    assert "1. Lê Thị Diệu Hiền: 2405 phiếu, trúng cử" in said  # 1204 - 1 of the first area, 1204 - 2 of the second
    first = next(line for line in report.said if line.startswith("Khu vực 19777-001"))
    second = next(line for line in report.said if line.startswith("Khu vực 19777-002"))
    for person in (world.khoa, world.lan, world.hung):
        assert f"{person.name} (mã {str(person.id)[:8]})" in first
    assert "hai lần nhập khớp" in first
    assert f"đối chiếu: {world.tuyet.name} (mã {str(world.tuyet.id)[:8]})" in second
    assert f"ký: {world.head.name} (mã {str(world.head.id)[:8]})" in said
    assert report.said[-1] == (
        f"Con số của {NA} đúng bằng tổng của 2 biên bản do 4 người nhập, đối chiếu và phê duyệt; "
        "không mục nào bị sửa, bớt hay đổi chỗ từ khi được ghi."
    )


def test_the_command_needs_nothing_but_its_own_files_and_says_the_verdict(bundle, snapshot, tmp_path):
    home = tmp_path / "alone"
    for name in CARRIED:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    (tmp_path / "figure.json").write_text(json.dumps(bundle))
    command = [sys.executable, "-P", "-s", "-m", "services.identity.verify", "figure", "--bundle", str(tmp_path / "figure.json"), "--figure", NA,
               "--keys", str(tmp_path / "trusted"), "--held", str(tmp_path / "held"), "--witnesses", "1", "--published", str(snapshot)]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(home)}, cwd=tmp_path
    )

    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == f"verdict: ok figure={NA} faults=0"
    assert "Bản công bố số 1 là mục" in done.stdout
    figure = snapshot / "quoc-hoi" / f"{NA}.json"
    figure.write_text(figure.read_text().replace('"votes": 2405', '"votes": 2450'))
    bent = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(home)}, cwd=tmp_path
    )
    assert bent.returncode == 1
    assert "SAI: bản công bố: ứng cử viên 1 (Lê Thị Diệu Hiền) được công bố 2450 phiếu" in bent.stdout
    assert f"SAI: bản công bố: tệp quoc-hoi/{NA}.json đã bị đổi sau khi công bố" in bent.stdout


def test_the_export_command_writes_what_the_door_answers(entered, bundle, tmp_path):
    with entered.db.transaction(read_only=True) as tx:
        written = write_figure(tx, tmp_path / "out" / "f.json", (ELECTION, NA, bundle["old"]), bundle["key"])
        assert write_figure(tx, tmp_path / "no.json", (ELECTION, "NA-46-09", 0), bundle["key"]) == 0
    assert written == len(bundle["entries"])
    assert json.loads((tmp_path / "out" / "f.json").read_text()) == bundle
    assert (
        main(["figure", "--bundle", str(tmp_path / "no.json"), "--figure", NA, "--keys", str(tmp_path / "trusted")]) == 1
    )


def test_a_bent_record_is_named(bundle, trust, published):
    record = entry_of(bundle, f"record/{ELECTION}/19777-001/NA", "approved")
    rewritten(record, lambda content: content["figures"]["votes"].__setitem__(0, 1300))
    wrong = prove(bundle, NA, trust, published).wrong

    place = f"mục {record['place']} (biên bản khu vực 19777-001 NA)"
    assert f"{place}: nội dung không phải điều đã được ghi vào sổ" in wrong
    assert any("ứng cử viên 1 (Lê Thị Diệu Hiền) có 2405 phiếu, cộng 2 biên bản được 2502" in fault for fault in wrong)


def test_a_bent_record_whose_digest_was_bent_too_is_named(bundle, trust, published):
    record = entry_of(bundle, f"record/{ELECTION}/19777-002/NA", "approved")
    rewritten(record, lambda content: content["figures"].__setitem__("invalid", 25))
    line = json.loads(record["line"])
    line["digest"] = hashlib.sha256(bytes.fromhex(record["salt"]) + record["content"].encode()).hexdigest()
    record["line"] = json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    wrong = prove(bundle, NA, trust, published).wrong
    assert f"mục {record['place']} (biên bản khu vực 19777-002 NA): không nằm trong sổ mà điểm kiểm tra đã ký" in wrong


def test_a_bent_approver_is_named_by_name_and_by_id(bundle, trust, published):
    record = entry_of(bundle, f"record/{ELECTION}/19777-001/NA", "approved")
    other = copy.deepcopy(bundle)
    rewritten(record, lambda content: content.__setitem__("approved_by", "Người Khác"))
    place = f"mục {record['place']} (biên bản khu vực 19777-001 NA)"
    assert prove(bundle, NA, trust, published).wrong == [f"{place}: nội dung không phải điều đã được ghi vào sổ"]

    record = entry_of(other, f"record/{ELECTION}/19777-001/NA", "approved")
    typist = json.loads(entry_of(other, f"record/{ELECTION}/19777-001/NA", "entered_first")["line"])["actor"]
    record["line"] = record["line"].replace(json.loads(record["line"])["actor"], typist)
    wrong = prove(other, NA, trust, published).wrong
    assert f"{place}: không nằm trong sổ mà điểm kiểm tra đã ký" in wrong
    assert f"{place}: một người đã làm hai trong các việc nhập, đối chiếu, phê duyệt" in wrong


def test_a_bent_or_forged_checkpoint_is_named(bundle, trust, published, entered, tmp_path):
    note = Note.read(bundle["note"])
    bent = copy.deepcopy(bundle)
    bent["note"] = bundle["note"].replace(f"\n{note.checkpoint.size}\n", f"\n{note.checkpoint.size + 1}\n", 1)
    assert "điểm kiểm tra: không có chữ ký của khóa sổ mà ông/bà tin" in prove(bent, NA, trust, published).wrong

    make_key(tmp_path / "stranger")
    stranger = load_signer(LEDGER, LOG, tmp_path / "stranger")
    forged = {**bundle, "note": note_of(note.checkpoint, [stranger.sign(note.checkpoint)])}
    wrong = prove(forged, NA, trust, published).wrong
    assert "điểm kiểm tra: không có chữ ký của khóa sổ mà ông/bà tin" in wrong
    assert "điểm kiểm tra: mới có 0 nhân chứng ký, ông/bà cần 1" in wrong

    signer = load_signer(LEDGER, LOG, entered.service.settings.ledger_key_path)
    other = Checkpoint(LEDGER, note.checkpoint.size, b"\7" * 32)
    wrong = prove(
        {**bundle, "note": note_of(other, [signer.sign(other)])}, NA, Trust(trust.keys, trust.held), None
    ).wrong
    assert any("không nối tiếp điểm kiểm tra" in fault for fault in wrong)
    assert sum("không nằm trong sổ" in fault for fault in wrong) == len(bundle["entries"])


def test_a_record_or_one_step_of_it_left_out_is_named(bundle, trust, published):
    record = f"record/{ELECTION}/19777-002/NA"
    without = [entry for entry in bundle["entries"] if json.loads(entry["line"])["aggregate"] != record]
    wrong = prove({**bundle, "entries": without}, NA, trust, published).wrong
    assert any("tính trên 2 khu vực, bằng chứng có 1 biên bản" in fault for fault in wrong)

    step = entry_of(bundle, record, "differs")
    without = [entry for entry in bundle["entries"] if entry is not step]
    wrong = prove({**bundle, "entries": without}, NA, trust, published).wrong
    assert any("19777-002 NA): thiếu mục ngay trước nó" in fault for fault in wrong)


def test_swapped_proofs_are_named(bundle, trust, published):
    first, second = bundle["entries"][0], bundle["entries"][-1]
    first["proof"], second["proof"] = second["proof"], first["proof"]
    wrong = prove(bundle, NA, trust, published).wrong
    assert [fault.split(" (")[0] for fault in wrong] == [f"mục {first['place']}", f"mục {second['place']}"]


def test_a_snapshot_the_ledger_does_not_know_is_named(bundle, trust, published):
    signed = json.loads(published.manifest)
    other = Published(published.figure, published.file, published.name, json.dumps({**signed, "more": 1}).encode())
    later = Published(published.figure, published.file, published.name, json.dumps({**signed, "number": 2}).encode())
    assert any("danh mục tệp không phải danh mục" in fault for fault in prove(bundle, NA, trust, other).wrong)
    assert prove(bundle, NA, trust, later).wrong == ["bản công bố: sổ không có bản công bố số 2"]


def test_the_evidence_of_another_figure_proves_nothing(bundle, trust, published):
    wrong = prove(bundle, "NA-46-02", trust, published).wrong
    assert f"bản công bố: tệp là của {NA}, không phải NA-46-02" in wrong
    assert "kết quả NA-46-02: bằng chứng không có mục nào của kết quả này" in wrong


@pytest.mark.parametrize("bundle", [{}, [], 7, {"note": "x"}, {"note": 3, "entries": []}])
def test_evidence_that_makes_no_sense_is_told_not_crashed_on(bundle):
    assert prove(bundle, NA, Trust([])).wrong[0].startswith("không đọc được bằng chứng")


def test_the_events_told_of_records_and_results_are_those_the_proof_reads():
    assert {"state", "figures", "constituency", "entered_by", "compared_by", "approved_by"} <= set(
        RecordAdvanced.model_fields
    )
    assert "result" in ResultAdvanced.model_fields
