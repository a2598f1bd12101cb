"""Documents are made from approved facts only, name their version, and are marked when a fact moves on."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.base import NotAllowed, Unknown
from services.contracts.candidates import Contest
from services.contracts.reporting import DocumentOf, DocumentsOf, Form, IssueDocument, NotReady
from tests.reporting import election as e
from tests.reporting.election import AREAS, CC, COMMUNE, NA, E


@pytest.fixture
def secretary(passport: Any) -> str:
    return passport(role="secretary", scope=f"{E}/{COMMUNE}", name="Lê Thị Minh Châu")


@pytest.fixture
def board(passport: Any) -> str:
    return passport(role="board_secretary", scope=f"{E}/vn/46/{NA}")


def team_form(**changes: Any) -> IssueDocument:
    given = {
        "election": E,
        "unit": COMMUNE,
        "key": uuid4(),
        "form": Form.TEAM_NA,
        "area": AREAS[0],
        "contest": Contest.NA,
    }
    return IssueDocument(**(given | changes))


def board_form(**changes: Any) -> IssueDocument:
    given = {"election": E, "unit": f"vn/46/{NA}", "key": uuid4(), "form": Form.BOARD_NA, "constituency": NA}
    return IssueDocument(**(given | changes))


def test_a_team_record_is_issued_stored_by_its_hash_and_told(heard: Any, db: Any, told: Any, secretary: str) -> None:
    issued = heard.issue_document(team_form(), secretary)
    stored = heard.service.files.open(issued.file).read()

    assert hashlib.sha256(stored).hexdigest() == issued.file
    assert stored.startswith(b"%PDF")
    assert issued.content == "a1" * 32
    assert issued.file_name == "DIỄN TẬP 18-HĐBC-QH 19777-001 NA.pdf"
    assert (issued.issued_by, issued.superseded) == ("Lê Thị Minh Châu", False)
    assert [letter.topic for letter in told(db)] == ["reporting.document_issued"]


def test_the_same_request_again_issues_nothing_more(heard: Any, db: Any, told: Any, secretary: str) -> None:
    request = team_form()
    first, second = heard.issue_document(request, secretary), heard.issue_document(request, secretary)

    assert first == second
    assert len(told(db)) == 1


def test_a_board_record_is_issued_once_the_board_has_met(heard: Any, board: str) -> None:
    heard.hear(e.result(state="complete").model_copy(update={"result": e.result("collecting").result}))
    with pytest.raises(NotReady):
        heard.issue_document(board_form(), board)
    heard.hear(e.result())

    assert heard.issue_document(board_form(), board).object == NA


def test_forms_of_the_councils_are_issued_too(heard: Any, secretary: str, passport: Any) -> None:
    head = passport(role="board_head", scope=f"{E}/{COMMUNE}/{CC}")

    team = heard.issue_document(team_form(form=Form.TEAM_COUNCIL, contest=Contest.PC), secretary)
    council = heard.issue_document(board_form(form=Form.BOARD_COUNCIL, unit=f"{COMMUNE}/{CC}", constituency=CC), head)

    assert (team.form, council.form) == (Form.TEAM_COUNCIL, Form.BOARD_COUNCIL)


def test_a_record_that_is_not_approved_has_no_document(heard: Any, db: Any, told: Any, secretary: str) -> None:
    heard.hear(e.record(AREAS[0], Contest.NA, state="waiting"))

    with pytest.raises(NotReady) as refused:
        heard.issue_document(team_form(), secretary)

    assert "biên bản chưa được phê duyệt" in refused.value.told().vi
    assert told(db) == []


def test_a_document_is_superseded_when_its_record_is_reopened_and_stays_so(heard: Any, secretary: str) -> None:
    heard.issue_document(team_form(), secretary)
    heard.hear(e.record(AREAS[0], Contest.NA, state="reopened"))
    reopened = heard.documents_of(DocumentsOf(election=E, unit=COMMUNE), secretary).documents
    heard.hear(e.record(AREAS[0], Contest.NA))
    heard.issue_document(team_form(), secretary)
    again = heard.documents_of(DocumentsOf(election=E, unit=COMMUNE), secretary).documents

    assert [document.superseded for document in reopened] == [True]
    assert [document.superseded for document in again] == [False, True]


def test_signing_the_very_same_content_supersedes_nothing_and_other_content_does(heard: Any, board: str) -> None:
    heard.hear(e.result(state="prepared"))
    heard.issue_document(board_form(), board)
    heard.hear(e.result(state="declared"))
    signed = heard.documents_of(DocumentsOf(election=E, unit=f"vn/46/{NA}"), board).documents
    heard.hear(e.result(content="c3" * 32))
    changed = heard.documents_of(DocumentsOf(election=E, unit=f"vn/46/{NA}"), board).documents

    assert [document.superseded for document in signed] == [False]
    assert [document.superseded for document in changed] == [True]


def test_documents_are_for_those_who_may_issue_them_in_that_unit(heard: Any, secretary: str, passport: Any) -> None:
    issued = heard.issue_document(team_form(), secretary)
    typist = passport(role="typist", scope=f"{E}/{COMMUNE}")
    elsewhere = passport(role="secretary", scope=f"{E}/vn/46/19789")
    province = passport(role="province_officer", scope=f"{E}/vn/46")

    for other in (typist, elsewhere):
        with pytest.raises(NotAllowed):
            heard.issue_document(team_form(), other)
        with pytest.raises(NotAllowed):
            heard.document_of(DocumentOf(election=E, unit=COMMUNE, document=issued.document), other)
    assert heard.document_of(DocumentOf(election=E, unit="vn/46", document=issued.document), province) == issued
    with pytest.raises(Unknown):
        heard.document_of(DocumentOf(election=E, unit="vn/46/19789", document=issued.document), elsewhere)
    with pytest.raises(Unknown):
        heard.document_of(DocumentOf(election=E, unit=COMMUNE, document=UUID(int=5)), secretary)


def test_an_area_of_another_commune_is_unknown_here(heard: Any, passport: Any) -> None:
    elsewhere = passport(role="secretary", scope=f"{E}/vn/46/19789")

    with pytest.raises(Unknown):
        heard.issue_document(team_form(unit="vn/46/19789"), elsewhere)
