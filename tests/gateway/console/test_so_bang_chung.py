"""The page of the ledger: it verifies for itself, names what is wrong, and compares the root of a paper record."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from services.contracts.base import Envelope
from services.contracts.ledger import (
    Evidences,
    FigureEvidence,
    LedgerCard,
    NoSuchCheckpoint,
    Proof,
    SignedCheckpoint,
    Witnessed,
    WitnessKnown,
    WitnessRow,
)
from services.contracts.results import RecordAdvanced, RecordRow, Records, Result, ResultAdvanced, Results, Totals
from services.gateway.console.evidence import Memory
from services.gateway.security import form_mark
from services.identity.domain.entries import entry_of, may_be_opened
from services.identity.domain.merkle import Frontier, consistency_terms, inclusion_terms, leaf_hash, proof
from services.identity.notes import load_signer, make_key, note_of
from services.kit.proofs import LOG, WITNESS, Broken, Checkpoint
from tests.gateway.console.records import PAPER, Hall
from tests.gateway.fakes import KEY
from tests.gateway.stage import ELECTION, NOW

NAME = "hom-phieu.vn/so-cai"
NA = "NA-46-01"
HOME = f"/{ELECTION}/{NA}/so-bang-chung"
AREAS = ("19777-001", "19777-002")


class Book:
    """A small ledger in a test's hands, as identity would answer for it; `lie` bends what is handed out."""

    def __init__(self, hall, folder):
        for name in ("log", "other", "w46", "w48"):
            make_key(folder / name)
        self.log = load_signer(NAME, LOG, folder / "log")
        self.other = load_signer(NAME, LOG, folder / "other")
        self.witnesses = {name: load_signer(name, WITNESS, folder / f"w{name}") for name in ("46", "48")}
        self.signs, self.entries, self.at, self.points = self.log, [], datetime.now(UTC), {}
        self.seen = {"46": (0, None), "48": (0, None)}
        self.lie = lambda evidence: evidence
        hall.line.answers |= {
            name: getattr(self, name)
            for name in ("ledger_state", "latest_checkpoint", "checkpoint_at", "growth", "evidence_of", "figure_evidence")
        }  # fmt: skip

    def enter(self, event):
        letter = Envelope(
            id=uuid4(), topic=event.topic, aggregate=event.aggregate, version=len(self.entries) + 1, at=NOW,
            actor=str(uuid4()), data=event.model_dump(mode="json"),
        )  # fmt: skip
        self.entries.append(entry_of(letter, b"s" * 16))

    def tree(self, size):
        return Frontier().appended([leaf_hash(one.line.encode()) for one in self.entries[:size]])

    def point(self, size=None):
        size = len(self.entries) if size is None else size
        return Checkpoint(NAME, size, self.tree(size)[0].root())

    def sign(self, *names):
        told = self.point()
        lines = [self.signs.sign(told), *(self.witnesses[name].cosign(told, 1_800_000_000) for name in names)]
        self.points[told.size] = note_of(told, lines)
        self.seen |= dict.fromkeys(names, (told.size, self.at))
        return told

    def note(self, size):
        return SignedCheckpoint(note=self.points[size], size=size, key=self.signs.key.line())

    def ledger_state(self, _request):
        size = max(self.points, default=0)
        rows = tuple(
            WitnessRow(name=name, size=seen, at=at, key=self.witnesses[name].key.line())
            for name, (seen, at) in self.seen.items()
        )
        root = self.point(size).root.hex() if size else ""
        at = self.at if size else None
        return LedgerCard(entries=len(self.entries), size=size, root=root, at=at, witnesses=rows)

    def latest_checkpoint(self, _request):
        return self.note(max(self.points))

    def checkpoint_at(self, request):
        return self.note(request.size) if request.size in self.points else NoSuchCheckpoint(size=request.size)

    def growth(self, request):
        if request.size not in self.points:
            return NoSuchCheckpoint(size=request.size)
        steps = proof(consistency_terms(request.old, request.size), self.tree(request.size)[1])
        return Proof(hashes=tuple(step.hex() for step in steps))

    def evidence_of(self, request):
        size = max(self.points)
        newest = {one.aggregate: place for place, one in enumerate(self.entries[:size]) if one.aggregate in request.aggregates}
        found = [self.evidence(place, size, request) for place in sorted(newest.values())]
        unknown = tuple(name for name in request.aggregates if name not in newest)
        return Evidences(note=self.points[size], entries=tuple(map(self.lie, found)), unknown=unknown)

    def evidence(self, place, size, request):
        one = self.entries[place]
        steps = proof(inclusion_terms(place, size), self.tree(size)[1])
        told = {"place": place, "line": one.line, "proof": [step.hex() for step in steps]}
        if may_be_opened(one.topic, one.content, request.election, request.unit):
            told |= {"salt": one.salt.hex(), "content": one.content}
        return told

    def figure_evidence(self, request):
        size = max(self.points)
        entries = [self.evidence(place, size, request) for place in range(size)]
        return FigureEvidence(
            election=request.election, constituency=request.constituency, note=self.points[size], key=self.log.key.line(),
            old=request.held, entries=entries,
        )  # fmt: skip


def result_of(hall):
    """The result two records like the paper's make."""
    names = ("voters", "took_part", "issued", "collected", "valid", "invalid")
    totals = Totals(areas=2, **{name: 2 * getattr(PAPER, name) for name in names})
    told = hall.result()
    candidates = tuple(
        line.model_copy(update={"votes": 2 * votes}) for line, votes in zip(told.candidates, PAPER.votes, strict=True)
    )
    return told.model_copy(update={"state": "declared", "areas": 2, "totals": totals, "candidates": candidates})


def record(area, state="approved", figures=PAPER):
    return RecordAdvanced(
        election=ELECTION, unit="vn/46/19777", area=area, contest="NA", constituency=NA, state=state, figures=figures,
        content="a" * 64, at=NOW,
    )  # fmt: skip


@pytest.fixture
def book(hall: Hall, tmp_path):
    made = Book(hall, tmp_path)
    made.enter(record(AREAS[0], "waiting", None))
    for area in AREAS:
        made.enter(record(area))
    made.result = result_of(hall)
    made.enter(ResultAdvanced(result=made.result))
    made.sign("46")
    rows = tuple(
        RecordRow(area=area, contest="NA", constituency=NA, place="Nhà văn hóa", state="approved", version=1, mine=False)
        for area in AREAS
    )
    hall.line.answers["records_of"] = lambda _request: Records(records=rows, by_state={"approved": 2})
    hall.line.answers["results_of"] = lambda _request: Results(results=(made.result,))
    return made


@pytest.fixture
def officer(visitor: TestClient):
    visitor.cookies.set("hp_phien", "tinh")
    return visitor


def test_the_page_says_how_the_ledger_stands_and_who_watches(officer, book):
    book.seen["48"] = (1, datetime.now(UTC) - timedelta(hours=1))
    text = officer.get(HOME).text

    root = book.point().root.hex().upper()
    assert '<b class="strong">4 mục</b>' in text
    assert '<b class="strong">1 nhân chứng</b> đã ký.' in text
    assert f"<span>{root[:4]}</span><span>{root[4:8]}</span><span>{root[8:12]}</span>" in text
    assert "1 nhân chứng chậm" in text
    assert text.index('<th scope="row">48</th>') < text.index('<th scope="row">46</th>')
    assert "Kết quả kiểm tra" not in text


def test_verifying_shows_each_object_of_the_unit_and_the_sum(officer, book):
    text = officer.get(f"{HOME}?kiem=1").text

    assert "Tất cả đều đúng." in text
    assert "Điểm kiểm tra 4 mục mang chữ ký đúng của sổ." in text
    assert "1 trên 2 nhân chứng đã ký điểm kiểm tra này, chữ ký đúng." in text
    assert "Cộng 2 biên bản đã phê duyệt trong sổ ra đúng kết quả trong sổ." in text
    assert text.count("nằm trong sổ, nội dung đúng") == 3
    assert "Biên bản khu vực 1 (19777)" in text
    book.enter(record("19777-003"))
    book.sign("46", "48")
    again = officer.get(f"{HOME}?kiem=1").text
    assert "Sổ nối tiếp điểm kiểm tra 4 mục cổng này đã thấy: chỉ thêm, không sửa." in again
    assert "Tất cả đều đúng." in again


def bent(aggregate, change):
    def lie(evidence):
        return {**evidence, **change(evidence)} if json.loads(evidence["line"])["aggregate"] == aggregate else evidence

    return lie


RECORD = f"record/{ELECTION}/{AREAS[0]}/NA"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda one: {"content": one["content"].replace('"invalid":17', '"invalid":18')}, "nội dung không phải điều đã ghi vào sổ"),
        (lambda one: {"line": one["line"].replace('"version":2', '"version":9')}, "không nằm trong sổ đã ký"),
        (lambda one: {"place": one["place"] + 1}, "không nằm trong sổ đã ký"),
        (lambda one: {"proof": one["proof"][::-1]}, "không nằm trong sổ đã ký"),
        (lambda one: {"salt": "không phải số"}, "không đọc được mục này"),
    ],
)  # fmt: skip
def test_what_is_bent_is_named_beside_its_object(officer, book, change, says):
    book.lie = bent(RECORD, change)
    text = officer.get(f"{HOME}?kiem=1").text

    assert "1 điều không đúng. Dừng công bố và báo ngay cho cấp trên." in text
    row = text[text.index("Biên bản khu vực 1 (19777)") :]
    assert says in row[: row.index("</tr>")]
    assert text.count("nằm trong sổ, nội dung đúng") == 2


def test_figures_the_system_shows_otherwise_than_the_ledger_are_named(officer, book):
    book.result = book.result.model_copy(update={"content": "b" * 64})
    assert "số liệu hiện nay khác số liệu sổ ghi" in officer.get(f"{HOME}?kiem=1").text


def test_records_that_do_not_sum_to_the_result_are_named(officer, book):
    book.enter(record(AREAS[1], figures=PAPER.model_copy(update={"invalid": 18, "votes": (1105, *PAPER.votes[1:])})))
    book.sign()
    text = officer.get(f"{HOME}?kiem=1").text
    assert "Cộng 2 biên bản trong sổ không ra kết quả trong sổ: invalid, 1." in text


def test_what_is_newer_than_the_checkpoint_waits_and_is_not_called_wrong(officer, book, hall):
    rows = hall.line.answers["records_of"](None).records
    more = rows[1].model_copy(update={"area": "19777-009", "state": "awaited"})
    changed = rows[0].model_copy(update={"state": "reopened"})
    hall.line.answers["records_of"] = lambda _request: Records(records=(changed, rows[1], more), by_state={})
    text = officer.get(f"{HOME}?kiem=1").text
    assert "Không có gì sai; 2 điều chờ điểm kiểm tra sau." in text
    assert "trạng thái đã đổi sau điểm kiểm tra; xem lại sau một phút" in text
    assert "chưa có trong điểm kiểm tra; xem lại sau một phút" in text


def test_a_rewritten_a_shortened_and_a_forged_ledger_are_told_apart(officer, book, hall, tmp_path):
    assert "Tất cả đều đúng." in officer.get(f"{HOME}?kiem=1").text
    whole = list(book.entries)
    book.points.clear()
    del book.entries[2:]
    book.sign()
    assert "phần cuối đã bị cắt" in officer.get(f"{HOME}?kiem=1").text

    book.points.clear()
    book.entries[:] = [whole[1], whole[0], *whole[2:], whole[0]]
    book.sign()
    assert "Sổ không nối tiếp điểm kiểm tra cổng này đã thấy" in officer.get(f"{HOME}?kiem=1").text

    book.points.clear()
    book.entries[:] = whole
    book.signs = book.other
    book.sign()
    assert "không mang chữ ký của khóa sổ mà cổng này biết từ đầu" in officer.get(f"{HOME}?kiem=1").text


def test_a_checkpoint_that_comes_after_a_newer_one_is_no_alarm(book):
    """Two people verify at once; the one who asked first is answered last."""
    memory = Memory()
    first = book.points[4]
    book.enter(record("19777-003"))
    book.sign()
    memory.accept(book.points[5], book.log.key.line())
    assert memory.must_prove(first) == (4, 5)
    steps = [step.hex() for step in proof(consistency_terms(4, 5), book.tree(5)[1])]
    assert memory.accept(first, "", steps).checkpoint.size == 4
    assert memory.seen == book.point(5)
    with pytest.raises(Broken, match="shorter"):
        memory.accept(first, "", steps[:-1])


def test_a_false_signature_of_a_witness_is_named(officer, book):
    book.witnesses["48"], true = book.witnesses["46"], book.witnesses["48"]
    book.sign("46")
    line = true.cosign(Checkpoint(NAME, 4, bytes(32)), 1_800_000_000)
    book.witnesses["48"] = true
    book.points[4] += f"{line}\n"
    assert "Chữ ký của nhân chứng 48 không đúng." in officer.get(f"{HOME}?kiem=1").text


def test_the_root_on_paper_is_the_same_or_differs(officer, book):
    root = book.point(4).root.hex()
    typed = f"{root[:4]} {root[4:8]} {root[8:12]}".upper()
    book.enter(record("19777-003"))
    book.sign()
    assert "Giống. Gốc trên biên bản là gốc của sổ ở cỡ 4 mục" in officer.get(HOME, params={"co": "4", "goc": typed}).text
    other = officer.get(HOME, params={"co": "4", "goc": f"0000{typed[4:]}"}).text
    assert "Khác. Ở cỡ 4 mục, gốc của sổ là " + typed in other
    assert "chưa bao giờ có điểm kiểm tra cỡ 3" in officer.get(HOME, params={"co": "3", "goc": typed}).text
    for co, goc in (("x", typed), ("4", "12"), ("", typed), ("0", typed), ("4", "<script>"), ("٤", typed)):
        text = officer.get(HOME, params={"co": co, "goc": goc}).text
        assert "Gõ cỡ sổ bằng chữ số" in text
        assert "<script>" not in text


def test_checkpoint_and_evidence_can_be_downloaded(officer, book):
    note = officer.get(f"{HOME}/diem-kiem-tra")
    assert note.text == book.points[4]
    assert note.headers["content-disposition"] == 'attachment; filename="diem-kiem-tra-4.txt"'
    told = officer.get(f"{HOME}/bang-chung", params={"giu": 3})
    assert told.headers["content-disposition"] == f'attachment; filename="bang-chung-{NA}.json"'
    assert (told.json()["constituency"], told.json()["old"], len(told.json()["entries"])) == (NA, 3, 4)
    assert officer.get(f"/{ELECTION}/46/so-bang-chung/bang-chung").status_code == 404


@pytest.mark.parametrize("token", ["go1", "duyet", "ban", ""])
@pytest.mark.parametrize("rest", ["", "?kiem=1", "/diem-kiem-tra", "/bang-chung"])
def test_who_may_not_read_the_ledger_finds_no_page(visitor, book, token, rest):
    visitor.cookies.set("hp_phien", token)
    answer = visitor.get(HOME + rest)
    assert answer.status_code in ({404} if token else {302, 303, 401, 307})


def test_a_ledger_without_a_checkpoint_says_so(officer, book):
    book.points.clear()
    text = officer.get(f"{HOME}?kiem=1").text
    assert "Sổ chưa có điểm kiểm tra nào." in text
    assert "Kết quả kiểm tra" not in text


def test_in_a_province_and_the_nation_results_are_verified(officer, visitor, book):
    assert "Kết quả NA-46-01" in officer.get(f"/{ELECTION}/46/so-bang-chung?kiem=1").text
    visitor.cookies.set("hp_phien", "vn")
    text = visitor.get(f"/{ELECTION}/vn/so-bang-chung?kiem=1").text
    assert "Kết quả NA-46-01" in text
    assert "python -m services.identity.bundle --out SO" in text


def test_english_is_spoken_too(officer, book):
    officer.cookies.set("hp_tieng", "en")
    text = officer.get(f"{HOME}?kiem=1").text
    assert "All of it holds." in text
    assert "The 2 approved records in the ledger sum to its result." in text


def test_a_gateway_that_was_given_the_key_trusts_no_other_from_the_first_page_on(book, hall):
    memory = Memory(book.other.key.line())
    with pytest.raises(Broken, match="signature"):
        memory.accept(book.points[4], book.log.key.line())
    assert Memory(book.log.key.line()).accept(book.points[4], "").checkpoint == book.point()


def test_a_result_is_read_as_reporting_tells_it():
    assert {"content", "state", "totals", "candidates"} <= set(Result.model_fields)


def test_an_administrator_registers_a_witness_and_nobody_else_sees_the_form(visitor, book, hall):
    hall.line.sign_in("system_admin", "*", "Phan Quản Trị", "qt")
    hall.line.answers["register_witness"] = lambda request: (
        WitnessKnown(name="46") if request.witness.startswith("46+") else Witnessed(witnesses=3)
    )
    sent = {"dau": form_mark("qt"), "key": KEY}
    ours = {"Origin": "http://hop.test"}
    visitor.cookies.set("hp_phien", "qt")
    place = f"/{ELECTION}/vn/so-bang-chung"
    assert 'id="khoa"' in visitor.get(place).text
    key = book.witnesses["48"].key.line()
    done = visitor.post(place, data={**sent, "khoa": key}, headers=ours)
    assert (done.status_code, done.headers["location"]) == (303, place)
    assert hall.line.asked("register_witness")[-1]["witness"] == key
    taken = visitor.post(place, data={**sent, "khoa": book.witnesses["46"].key.line()}, headers=ours)
    assert taken.status_code == 409
    assert "Đã có nhân chứng 46 với khóa khác." in taken.text
    nonsense = visitor.post(place, data={**sent, "khoa": "không phải khóa"}, headers=ours)
    assert nonsense.status_code == 422
    assert 'value="không phải khóa"' in nonsense.text
    assert "Dòng này không phải khóa của nhân chứng." in nonsense.text
    visitor.cookies.set("hp_phien", "tinh")
    assert 'id="khoa"' not in visitor.get(HOME).text
    assert visitor.post(HOME, data={"dau": form_mark("tinh"), "khoa": key}, headers=ours).status_code == 404


def test_the_keys_of_ledger_and_witnesses_can_be_downloaded(officer, book):
    answer = officer.get(f"{HOME}/khoa")
    keys = [book.log.key, book.witnesses["46"].key, book.witnesses["48"].key]
    assert answer.text.splitlines() == [key.line() for key in keys]


@pytest.mark.browser
def test_the_button_verifies_by_keyboard_and_on_a_phone_nothing_sticks_out(seat, book):
    page = seat("tinh", {"width": 390, "height": 844})
    page.goto(HOME)
    page.get_by_role("button", name="Kiểm tra").press("Enter")
    assert page.get_by_role("status").filter(has_text="Tất cả đều đúng.").is_visible()
    root = book.point().root.hex()
    page.get_by_label("Cỡ sổ trên biên bản").fill("4")
    page.get_by_label("Ba nhóm của gốc").fill(f"{root[:4]} {root[4:8]} {root[8:12]}")
    page.get_by_role("button", name="So với sổ").click()
    assert page.get_by_role("status").filter(has_text="Giống.").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
