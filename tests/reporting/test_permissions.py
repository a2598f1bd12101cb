"""Every door of reporting against every role: who may, said once more by hand; nobody by a grant of another unit."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.base import NotAllowed, NotSignedIn, Refusal
from services.contracts.candidates import Contest
from services.contracts.reporting import (
    BoardOf,
    DayOf,
    DocumentOf,
    DocumentsOf,
    Form,
    IssueDocument,
    ListOf,
    OperationsNow,
    PublicationOf,
    PublicationsOf,
    PublicResult,
    PublishSnapshot,
    ReportingApi,
    ResultsSeen,
    SnapshotsOf,
    TotalsOf,
)
from services.contracts.roles import Role
from tests.reporting.election import COMMUNE, NA, E

LOOKERS = set(Role) - {Role.SYSTEM_ADMIN}
ISSUERS = {
    Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.COMMISSION_HEAD, Role.SECRETARY, Role.APPROVER,
    Role.BOARD_SECRETARY, Role.BOARD_HEAD, Role.PUBLISHER,
}  # fmt: skip
UNIT = {"election": E, "unit": COMMUNE}
BOARD = {"election": E, "unit": f"vn/46/{NA}", "constituency": NA}


def doors() -> dict[str, tuple[Any, set[Role]]]:
    issue = IssueDocument(**UNIT, key=uuid4(), form=Form.TEAM_NA, area="19777-001", contest=Contest.NA)
    return {
        "day_of": (DayOf(**UNIT), LOOKERS),
        "board_of": (BoardOf(election=E, unit="vn/46"), LOOKERS),
        "totals_of": (TotalsOf(**UNIT, contest=Contest.NA), LOOKERS),
        "public_result": (PublicResult(**BOARD), LOOKERS),
        "results_seen": (ResultsSeen(**UNIT), LOOKERS),
        "list_of": (ListOf(**BOARD), LOOKERS),
        "issue_document": (issue, ISSUERS),
        "documents_of": (DocumentsOf(**UNIT), ISSUERS),
        "document_of": (DocumentOf(**UNIT, document=UUID(int=1)), ISSUERS),
        "publish_snapshot": (PublishSnapshot(election=E, unit="vn", key=uuid4()), {Role.PUBLISHER}),
        "publication_of": (PublicationOf(election=E, unit="vn", job=UUID(int=1)), LOOKERS),
        "publications_of": (PublicationsOf(election=E, unit="vn"), LOOKERS),
        "snapshots_of": (SnapshotsOf(**UNIT), LOOKERS),
        "operations_now": (OperationsNow(), {Role.SYSTEM_ADMIN, Role.OPERATIONS}),
    }


def opens(reporting: Any, name: str, request: Any, by: str | None) -> bool:
    try:
        getattr(reporting, name)(request, by)
    except NotAllowed:
        return False
    except Refusal:
        return True
    return True


def test_every_door_of_the_api_is_in_this_sweep() -> None:
    assert set(doors()) == {name for name in vars(ReportingApi) if not name.startswith("_")}


def test_every_door_opens_for_exactly_its_roles(heard: Any, passport: Any) -> None:
    for name, (request, allowed) in doors().items():
        scope = f"{request.election}/{request.unit}" if hasattr(request, "unit") else f"{E}/vn"
        found = {role for role in Role if opens(heard, name, request, passport(role=role, scope=scope))}

        assert found == allowed, name


def test_no_door_opens_by_a_grant_of_another_unit_or_election(heard: Any, passport: Any) -> None:
    for name, (request, _) in doors().items():
        if not hasattr(request, "unit"):
            continue
        for scope in (f"{E}/vn/48", f"dien-tap-8/{request.unit}", "2026/vn"):
            for role in Role:
                assert not opens(heard, name, request, passport(role=role, scope=scope)), (name, role, scope)


def test_no_door_opens_without_a_passport(heard: Any) -> None:
    for name, (request, _) in doors().items():
        with pytest.raises(NotSignedIn):
            getattr(heard, name)(request)
