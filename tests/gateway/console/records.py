"""Count records, results, lists and operations as services would answer, for looking at pages.

`python -m tests.gateway.console.records <port>` serves them; names and figures are invented.
"""

import sys
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from fastapi import FastAPI

from services.contracts.base import Finding, HasFindings, Job
from services.contracts.candidates import (
    Background,
    Contest,
    ListedCandidate,
    Nominator,
    OfficialList,
    OfficialLists,
)
from services.contracts.reporting import Document, Documents, Freshness, Publications, Snapshot, Snapshots
from services.contracts.results import (
    CandidateResult,
    Choice,
    CommuneLine,
    Comparison,
    Draft,
    EntryOutcome,
    Figures,
    FirstEntryIsYours,
    NothingToEnter,
    RecordRow,
    Records,
    RecordSheet,
    RecordTaken,
    RecordView,
    RecordViews,
    Result,
    Results,
    Totals,
    batch_hash,
)
from services.contracts.vietnamese import percent
from services.contracts.voters import Area, AreaRow, Areas, Imports, ListStanding, Rights
from services.gateway.sessions import session_of
from services.results.domain import boxes, checks
from services.results.domain.entry import must_confirm, second_act
from services.results.domain.rules import RULES
from services.results.domain.states import NEEDS_PERSON, RECORD_STATES
from services.voters.domain.rules import RULES as RULES_VOTERS
from tests.gateway.stage import ELECTION, NOW, PLACES, Stage

COMMUNE = f"{ELECTION}/vn/46/19777"
NAMES = (
    ("Lê Thị Diệu Hiền", "female", 1978), ("Trần Quốc Khánh", "male", 1971), ("Nguyễn Hữu Phước", "male", 1969),
    ("Hồ Ngọc Quỳnh", "female", 1982), ("Phan Đình Tường", "male", 1985),
)  # fmt: skip
PAPER = Figures(
    voters=1286, took_part=1279, issued=1279, collected=1279, valid=1262, invalid=17, votes=(1104, 873, 642, 585, 265),
    kinds=(38, 241, 983),
)  # fmt: skip
EVENING = NOW + timedelta(hours=5, minutes=5)
ALWAYS = UUID(int=7)
BAD_JOB, GOOD_JOB, BUSY_JOB = UUID(int=21), UUID(int=22), UUID(int=23)


def candidates() -> tuple[ListedCandidate, ...]:
    return tuple(
        ListedCandidate(
            order=place, dossier=UUID(int=place), full_name=name, other_name="", birth_date=date(year, 5, place), sex=sex,
            ethnicity="Kinh", religion="Không", home_town="Huế", residence="Huế", background=Background(),
            nominator=Nominator.LOCAL,
        )
        for place, (name, sex, year) in enumerate(NAMES, start=1)
    )  # fmt: skip


def paper() -> checks.Paper:
    return checks.Paper(contest=Contest.NA, seats=3, candidates=5)


class Hall(Stage):
    """A commune after the boxes have closed: one record each for entry, comparison and approval, and the rest."""

    def __init__(self) -> None:
        super().__init__()
        for token, role, name in (
            ("go1", "typist", "Nguyễn Thị Ánh"), ("go2", "typist", "Trần Văn Khoa"),
            ("doi", "checker", "Nguyễn Thị Ánh Tuyết"), ("duyet", "approver", "Phạm Minh Đức"),
            ("ds", "list_officer", "Tôn Nữ Quỳnh Anh"), ("ky-ds", "list_signer", "Hoàng Văn Lộc"),
        ):  # fmt: skip
            self.line.sign_in(role, COMMUNE, name, token)
        self.line.sign_in("board_head", f"{ELECTION}/vn/46/NA-46-01", "Võ Đăng Khoa", "ban")
        self.line.sign_in("board_secretary", f"{ELECTION}/vn/46/NA-46-01", "Đoàn Thị Thu Hà", "thu-ky-ban")
        self.line.sign_in("operations", "*", "Trần Vận Hành", "vh")
        self.line.sign_in("publisher", f"{ELECTION}/vn", "Lê Công Bố", "cong-bo")
        self.first: Figures | None = None
        self.answered: dict[UUID, EntryOutcome] = {}
        self.drafts: dict[str, tuple[Draft, object]] = {}
        self.state = "awaited"
        self.compared = "differs"
        self.approved: list[str] = []
        self.result_state = "prepared"
        self.rolls = "drafted"
        self.busy_done = 0
        self.publication = ""
        second = PAPER.model_copy(update={"issued": 1297, "votes": (1104, 873, 642, 558, 265)})
        self.pair = (PAPER, second)
        self.line.answers |= {
            name: getattr(self, name)
            for name in (
                "records_of", "claim_record", "next_record", "save_draft", "submit_entry", "comparison_of", "check_choice",
                "resolve_record", "return_record", "waiting_approval", "record_of", "approve_records", "result_of",
                "results_of", "prepare_result", "declare_result", "lists_of", "areas_of", "imports_of", "import_of",
                "import_voters", "post_lists", "close_lists", "documents_of", "issue_document", "operations_now",
                "snapshots_of", "publish_snapshot", "publications_of",
            )
        }  # fmt: skip

    def who(self) -> str:
        """The token of whoever asks, by the session in the newest passport."""
        session = session_of(self.line.letters[-1].passport or "")
        return next((token for token, person in self.line.people.items() if person["session"] == session), "")

    def rows(self) -> list[RecordRow]:
        found = []
        states = [
            "approved",
            "waiting",
            "entered_first",
            "awaited",
            "approved",
            "entering_second",
            "awaited",
            "approved",
        ]
        for number in range(1, 25):
            for n, contest in enumerate(Contest):
                area = f"19777-{number:03d}"
                state = states[(number * 3 + n) % 8]
                if (area, contest) == ("19777-012", Contest.NA):
                    state = self.state
                if (area, contest) == ("19777-009", Contest.NA):
                    state = self.compared
                at = EVENING - timedelta(minutes=number) if state != "awaited" else None
                found.append(
                    RecordRow(
                        area=area, contest=contest, constituency={"NA": "NA-46-01", "PC": "PC-46-02"}.get(contest, "CC-19777-01"),
                        place=PLACES[number % 4], state=state, version=1, mine=False, changed_at=at,
                        claimed_at=at if state.startswith("entering") else None, findings=2 if state == "differs" else 0,
                    )
                )  # fmt: skip
        order = [str(state) for state in NEEDS_PERSON]
        return sorted(found, key=lambda row: (order.index(row.state), row.area, row.contest))

    def records_of(self, request):
        rows = [row for row in self.rows() if request.contest in (None, row.contest)]
        by_state: dict[str, int] = {}
        for row in rows:
            by_state[row.state] = by_state.get(row.state, 0) + 1
        kept = [row for row in rows if request.state in (None, row.state)]
        return Records(records=tuple(kept[request.page.first :][: request.page.size]), by_state=by_state)

    def sheet(self, area: str, contest: str, token: str = "") -> RecordSheet:
        draft, at = self.drafts.get(token, (None, None))
        return RecordSheet(
            area=area, contest=contest, constituency="NA-46-01", constituency_title="Đơn vị bầu cử số 1",
            place="Trường THCS Vỹ Dạ", form="18/HĐBC-QH", seats=3, candidates=candidates(),
            entry=1 if self.first is None else 2, state=self.state, draft=draft or Draft(votes=(None,) * 5, kinds=(None,) * 3),
            draft_at=at, claimed_at=EVENING,
        )  # fmt: skip

    def claim_record(self, request):
        if request.area == "19777-006":
            return RecordTaken(since="21:40")
        if self.state == "entered_first" and self.who() == "go1":
            return FirstEntryIsYours(did="nhập lần 1")
        return self.sheet(request.area, request.contest, self.who())

    def next_record(self, request):
        return self.sheet("19777-012", "NA") if self.state in {"awaited", "entered_first"} else NothingToEnter()

    def save_draft(self, request):
        self.drafts[self.who()] = (request.draft, EVENING + timedelta(seconds=12))
        return self.sheet(request.area, request.contest, self.who())

    def submit_entry(self, request):
        if request.key in self.answered:
            return self.answered[request.key]
        if self.first is not None and self.who() == "go1":
            return FirstEntryIsYours(did="nhập lần 1")
        found = checks.findings(request.figures, paper())
        unlike = boxes.differing(self.first, request.figures) if self.first else ()
        if unlike:
            found = (*found, checks.unlike(unlike, 5))
        if must_confirm(found, as_paper=request.as_paper):
            return HasFindings(findings=found, number=len(found))
        if self.first is None:
            self.first, self.state = request.figures, "entered_first"
        else:
            act = second_act(self.first, request.figures, found)
            self.pair = (self.first, request.figures)
            self.state = RECORD_STATES.advance("entering_second", act)
        self.drafts.pop(self.who(), None)
        self.answered[request.key] = EntryOutcome(
            area=request.area, contest=request.contest, state=self.state, receipt="46-19777-0412", at=EVENING,
            findings=found, differing=unlike,
        )  # fmt: skip
        return self.answered[request.key]

    def comparison_of(self, request):
        first, second = self.pair
        found = dict.fromkeys((*checks.findings(first, paper()), *checks.findings(second, paper())))
        return Comparison(
            sheet=self.sheet(request.area, request.contest).model_copy(update={"state": "differs"}),
            boxes=boxes.unlike(first, second, candidates()), first=first, second=second, findings=tuple(found),
            first_at=EVENING - timedelta(minutes=48), second_at=EVENING,
            content=boxes.comparison_content(1, first, second),
        )  # fmt: skip

    def check_choice(self, request):
        return Choice(
            findings=checks.findings(request.figures, paper()), holding=checks.holding(request.figures, paper())
        )

    def resolve_record(self, request):
        wrong = checks.blocking(checks.findings(request.figures, paper()))
        if wrong:
            return HasFindings(findings=wrong, number=len(wrong))
        self.compared = "waiting"
        return EntryOutcome(
            area=request.area, contest=request.contest, state="waiting", receipt="46-19777-0413", at=EVENING, findings=(),
            differing=(),
        )  # fmt: skip

    def return_record(self, request):
        self.compared = "returned"
        return EntryOutcome(
            area=request.area, contest=request.contest, state="returned", receipt="46-19777-0414", at=EVENING, findings=(),
            differing=(),
        )  # fmt: skip

    def view(self, area: str, contest: str, state: str = "waiting", findings=()) -> RecordView:
        return RecordView(
            area=area, contest=contest, constituency="NA-46-01", state=state, version=1, figures=PAPER, findings=findings,
            content=boxes.record_content(ELECTION, area, contest, 1, PAPER), entered_by=("Nguyễn Thị Ánh", "Trần Văn Khoa"),
            compared_by="Nguyễn Thị Ánh Tuyết" if area == "19777-009" else "",
            approved_by="Phạm Minh Đức" if state == "approved" else "", changed_at=EVENING,
        )  # fmt: skip

    def waiting_approval(self, request):
        missing = RULES["F1_missing"].finding(
            "issued", area="19777-017", contest="Đại biểu Quốc hội", contest_en="National Assembly"
        )
        views = [self.view(f"19777-{n:03d}", "NA") for n in (3, 9, 11, 14) if f"19777-{n:03d}" not in self.approved]
        views.append(self.view("19777-017", "NA", findings=(missing,)))
        return RecordViews(records=tuple(views), content=batch_hash(tuple(view.content for view in views)))

    def record_of(self, request):
        return self.view(request.area, request.contest, "approved" if request.area != "19777-009" else "waiting")

    def approve_records(self, request):
        self.approved += [ref.area for ref in request.records]
        views = tuple(self.view(ref.area, ref.contest, "approved") for ref in request.records)
        return RecordViews(records=views, content=batch_hash(tuple(ref.content for ref in request.records)))

    def result(self) -> Result:
        collecting = self.result_state == "collecting"
        votes = (186_204, 148_117, 108_640, 92_377, 61_845)
        valid = 221_906
        lines = tuple(
            CandidateResult(
                candidate=one, votes=count, share=percent(count, valid), elected=not collecting and 2 * count > valid,
                short_by=max(0, 110_954 - count),
                outcome="counting" if collecting else "elected" if 2 * count > valid else "short",
            )
            for one, count in zip(candidates(), votes, strict=True)
        )  # fmt: skip
        wards = ("Thuận Hóa", "Phú Xuân", "Vỹ Dạ", "An Cựu", "Thủy Xuân")
        return Result(
            election=ELECTION, constituency="NA-46-01", contest="NA", path="vn/46/NA-46-01", title="Đơn vị bầu cử số 1",
            state=self.result_state, version=1, seats=3, areas=171, approved=96 if collecting else 171,
            totals=Totals(
                areas=171, voters=224_318, took_part=223_671, issued=223_671, collected=223_652, valid=valid, invalid=1746
            ),
            candidates=lines,
            by_commune=tuple(
                CommuneLine(unit=f"vn/46/197{n}7", title=f"phường {name}", areas=20 + n, votes=tuple(v // 5 for v in votes))
                for n, name in enumerate(wards)
            ),
            valid_turnout=True, elected=0 if collecting else 2, missing=0 if collecting else 1,
            additional_election=not collecting, rerun=False, needs_decision=False, majority=110_954, findings=(),
            content="7f3a91c2d05e" + "0" * 52,
            prepared_by="Đoàn Thị Thu Hà" if self.result_state in {"prepared", "declared"} else "",
            prepared_at=EVENING if self.result_state in {"prepared", "declared"} else None,
            declared_by="Võ Đăng Khoa" if self.result_state == "declared" else "",
            declared_at=EVENING if self.result_state == "declared" else None,
        )  # fmt: skip

    def result_of(self, request):
        return self.result()

    def results_of(self, request):
        other = self.result().model_copy(
            update={"constituency": "NA-46-02", "title": "Đơn vị bầu cử số 2", "state": "collecting", "approved": 40}
        )
        return Results(results=(self.result(), other))

    def prepare_result(self, request):
        self.result_state = "prepared"
        return self.result()

    def declare_result(self, request):
        self.result_state = "declared"
        return self.result()

    def lists_of(self, request):
        held = OfficialList(
            constituency="NA-46-01",
            contest="NA",
            seats=3,
            candidates=candidates(),
            document="85/NQ-HĐBCQG",
            published_at=NOW,
        )
        return OfficialLists(lists=(held,))

    def areas_of(self, request):
        rows = [
            AreaRow(
                area=Area(
                    code=f"19777-{n:03d}", place=PLACES[n % 4], na="NA-46-01", pc="PC-46-02", cc="CC-19777-01"
                ),
                state=self.rolls, rights=Rights(na=1286 + n, pc=1286 + n, cc=1279 + n, male=630, female=656 + n),
            )
            for n in range(1, 25)
        ]  # fmt: skip
        return Areas(areas=tuple(rows))

    def job(self, id: UUID) -> Job:
        codes = [("VL29", 3), ("VL1", 12), ("VL23", 2), ("VL2", 1)]
        findings = tuple(
            RULES_VOTERS[code].finding(
                f"line {17 + n * 31}", "birth_date", column="birth_date", masked="•••• •••• 3471", day="15/03/2026"
            )
            for code, count in codes
            for n in range(count)
        )
        base = {
            "id": id,
            "kind": "voters",
            "stage": "received",
            "total": 28_117,
            "started_at": NOW - timedelta(days=30),
        }
        if id == BAD_JOB:
            return Job(**base, state="refused", done=28_117, written=0, findings=findings, ended_at=NOW)
        if id == BUSY_JOB:
            self.busy_done = min(28_117, self.busy_done + 9000)
            return Job(**base, state="checking", done=self.busy_done, written=0)
        return Job(**base, state="written", done=28_117, written=28_117, ended_at=NOW)

    def imports_of(self, request):
        jobs = tuple(self.job(one).model_copy(update={"findings": ()}) for one in (BUSY_JOB, BAD_JOB, GOOD_JOB))
        return Imports(jobs=jobs, names=("vy-da-3.csv", "vy-da-2.csv", "vy-da.xlsx"), people=("Tôn Nữ Quỳnh Anh",) * 3)

    def import_of(self, request):
        return self.job(request.job)

    def import_voters(self, request):
        return self.job(BAD_JOB)

    def post_lists(self, request):
        self.rolls = "posted"
        return ListStanding(areas=24, rights=Rights())

    def close_lists(self, request):
        self.rolls = "closed"
        return ListStanding(areas=24, rights=Rights())

    def document(self, form: str, object: str, *, superseded: bool = False) -> Document:
        return Document(
            document=uuid4(), form=form, title="Biên bản", object=object, unit="vn/46/19777", file="a" * 64,
            content="4c1e90b722af" + "0" * 52, file_name=f"mau-{form}.pdf", issued_at=EVENING, issued_by="Phạm Minh Đức",
            superseded=superseded,
        )  # fmt: skip

    def documents_of(self, request):
        return Documents(
            documents=(
                self.document("18", "khu vực bỏ phiếu 19777-003, đại biểu Quốc hội"),
                self.document("18", "khu vực bỏ phiếu 19777-005, đại biểu Quốc hội", superseded=True),
                self.document("23", "khu vực bỏ phiếu 19777-003, đại biểu HĐND cấp tỉnh"),
            )
        )

    def issue_document(self, request):
        return self.document(request.form, "khu vực")

    def operations_now(self, request):
        return Freshness(heard_at=NOW, counts={})

    def snapshots_of(self, request):
        snapshot = Snapshot(
            number=3, folder=ELECTION, manifest="4c1e90b722af" + "0" * 52, signature="x", files=640, constituencies=182,
            published_at=EVENING, published_by="Lê Công Bố",
        )  # fmt: skip
        return Snapshots(snapshots=(snapshot,))

    def publish_snapshot(self, request):
        self.publication = "printing"
        return self.publications_of(request).jobs[0]

    def publications_of(self, request):
        if not self.publication:
            return Publications(jobs=(), people=())
        broken = Finding(
            code="CB1", severity="block", vi="Việc dừng vì sự cố c0ffee.", en="Stopped by incident c0ffee."
        )
        job = Job(
            id=UUID(int=9), kind="publication", state=self.publication, stage="", done=24_000, total=98_000, written=0,
            findings=(broken,) if self.publication == "failed" else (), started_at=EVENING,
            ended_at=None if self.publication == "printing" else EVENING,
        )  # fmt: skip
        return Publications(jobs=(job,), people=("Lê Công Bố",))


def app(hall: Hall, folder: Path) -> FastAPI:
    return hall.app(folder)


def main() -> None:
    import uvicorn

    uvicorn.run(app(Hall(), Path("/tmp/hp-hall")), port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
