"""Every door against every role: who may, said once more by hand; and nobody through a grant of another commune."""

from uuid import uuid4

import pytest

from services.contracts.base import Grant, NotAllowed, NotSignedIn, Passport, Refusal, Request
from services.contracts.candidates import Contest
from services.contracts.results import (
    ApproveRecords,
    AreaTurnout,
    BallotUse,
    CheckChoice,
    ClaimRecord,
    ClosePolling,
    Closing,
    ComparisonOf,
    DecideTie,
    DeclareResult,
    Draft,
    IncidentKind,
    IncidentsOf,
    Meeting,
    NextRecord,
    Opening,
    OpenPolling,
    PrepareResult,
    RecordBallotUse,
    RecordOf,
    RecordRef,
    RecordsOf,
    ReopenRecord,
    ReportIncident,
    ReportTurnout,
    ResolveRecord,
    ResultOf,
    ResultsApi,
    ResultsOf,
    ReturnRecord,
    SaveDraft,
    SettleIncident,
    SubmitEntry,
    WaitingApproval,
)
from services.contracts.roles import Role
from tests.results.papers import figures
from tests.results.world import CC, ELECTION, KIM_LONG, PATHS, TWO, VY_DA, World, at

AREA, ZERO = "19777-001", "0" * 64
LOOKERS = set(Role) - {Role.SYSTEM_ADMIN}
READERS = {
    Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.COMMISSION_HEAD, Role.SECRETARY, Role.CHECKER, Role.APPROVER,
}  # fmt: skip
REPORTERS = {Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.SECRETARY}

unit = {"election": ELECTION, "unit": VY_DA}
record = {**unit, "area": AREA, "contest": Contest.NA}
board = {"election": ELECTION, "unit": PATHS[CC], "constituency": CC}
USE = BallotUse(contest=Contest.NA, received=1, issued=1, spoiled=0, unused=0)


def asked(kind: type[Request], /, **fields) -> Request:
    key = {"key": uuid4()} if "key" in kind.model_fields else {}
    return kind(**key, **fields)


DOORS: dict[str, tuple[Request, set[Role]]] = {
    "open_polling": (asked(OpenPolling, **unit, openings=(Opening(area=AREA, opened_at=at(7), witnesses=TWO),)), {Role.SECRETARY}),
    "close_polling": (asked(ClosePolling, **unit, closings=(Closing(area=AREA, closed_at=at(19), witnesses=TWO),)), {Role.SECRETARY}),
    "report_turnout": (
        asked(ReportTurnout, **unit, slot="09:00", rows=(AreaTurnout(area=AREA, took_part=1),)), {Role.SECRETARY},
    ),
    "report_incident": (
        asked(ReportIncident, **unit, kind=IncidentKind.OTHER, happened_at=at(8), what="Mưa to"), REPORTERS,
    ),
    "settle_incident": (asked(SettleIncident, **unit, number=1, how="Tạnh"), REPORTERS),
    "incidents_of": (asked(IncidentsOf, **unit), LOOKERS),
    "record_ballot_use": (asked(RecordBallotUse, **unit, area=AREA, uses=(USE,), witnesses=TWO), {Role.TYPIST}),
    "records_of": (asked(RecordsOf, **unit), LOOKERS),
    "claim_record": (asked(ClaimRecord, **record), {Role.TYPIST}),
    "next_record": (asked(NextRecord, **unit), {Role.TYPIST}),
    "save_draft": (asked(SaveDraft, **record, draft=Draft()), {Role.TYPIST}),
    "submit_entry": (asked(SubmitEntry, **record, figures=figures()), {Role.TYPIST}),
    "comparison_of": (asked(ComparisonOf, **record), {Role.CHECKER}),
    "check_choice": (asked(CheckChoice, **record, figures=figures()), {Role.CHECKER}),
    "resolve_record": (asked(ResolveRecord, **record, figures=figures(), content=ZERO), {Role.CHECKER}),
    "return_record": (asked(ReturnRecord, **record, reason="lập lại"), {Role.CHECKER}),
    "waiting_approval": (asked(WaitingApproval, **unit), READERS),
    "record_of": (asked(RecordOf, **record), READERS),
    "approve_records": (
        asked(ApproveRecords, **unit, records=(RecordRef(area=AREA, contest=Contest.NA, content=ZERO),)), {Role.APPROVER},
    ),
    "reopen_record": (asked(ReopenRecord, **record, reason="sai", document="1/UBBC"), {Role.PROVINCE_OFFICER}),
    "result_of": (asked(ResultOf, **board), LOOKERS),
    "results_of": (asked(ResultsOf, **unit), LOOKERS),
    "decide_tie": (asked(DecideTie, **board, first=(1,), document="1"), {Role.BOARD_SECRETARY}),
    "prepare_result": (
        asked(PrepareResult, **board, meeting=Meeting(held_at=at(23), place="UBND"), content=ZERO), {Role.BOARD_SECRETARY},
    ),
    "declare_result": (asked(DeclareResult, **board, content=ZERO), {Role.BOARD_HEAD}),
}  # fmt: skip


def holds(role: Role, scope: str) -> Passport:
    return Passport(person=uuid4(), name="Ai Đó", session=uuid4(), grants=(Grant(role=role, scope=scope),))


def refused(world: World, door: str, passport: Passport | None) -> bool:
    request, _ = DOORS[door]
    fresh = request.model_copy(update={"key": uuid4()} if hasattr(request, "key") else {})
    try:
        getattr(world.results, door)(fresh, by=passport)
    except (NotAllowed, NotSignedIn):
        return True
    except Refusal:
        return False
    return False


def test_the_sweep_knows_every_door() -> None:
    assert set(DOORS) == {name for name in vars(ResultsApi) if not name.startswith("_")}


@pytest.fixture(scope="module")
def doors() -> list[str]:
    return sorted(DOORS)


def test_a_role_opens_the_doors_that_are_its_own_and_no_other(world: World, doors: list[str]) -> None:
    wrong = [
        (door, role)
        for door in doors
        for role in Role
        if refused(world, door, holds(role, f"{ELECTION}/{DOORS[door][0].unit}")) is (role in DOORS[door][1])
    ]

    assert wrong == []


def test_no_grant_of_another_commune_province_or_election_opens_a_door(world: World, doors: list[str]) -> None:
    elsewhere = (f"{ELECTION}/{KIM_LONG}", f"{ELECTION}/vn/48", f"dien-tap-2/{VY_DA}", f"dien-tap-11/{VY_DA}")
    opened = [
        (door, role, scope)
        for door in doors
        for role in DOORS[door][1]
        for scope in elsewhere
        if not refused(world, door, holds(role, scope))
    ]

    assert opened == []


def test_without_a_passport_no_door_opens(world: World, doors: list[str]) -> None:
    assert [door for door in doors if not refused(world, door, None)] == []
