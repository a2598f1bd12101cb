"""The grammar: text, counts, scopes, refusals, permissions."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.contracts.base import EVERYWHERE, BadRequest, Grant, Passport, Policy, Reach, Refusal, StepNotAllowed
from services.contracts.results import AreaTurnout, ReportTurnout
from services.contracts.roles import POLICY, Action, Role

AREA = "19777-001"


@pytest.mark.parametrize("count", [True, "3", 3.0, -1, 2**53, None])
def test_a_count_is_a_whole_number_and_nothing_else(count) -> None:
    with pytest.raises(ValidationError):
        AreaTurnout(area=AREA, took_part=count)


def test_text_typed_in_two_ways_is_one_text() -> None:
    composed = AreaTurnout(area=AREA, took_part=1, reason="Lý do: mất điện")
    decomposed = AreaTurnout(area=AREA, took_part=1, reason="Ly\u0301 do: ma\u0302\u0301t đie\u0323\u0302n")

    assert composed == decomposed


def test_text_with_a_nul_is_refused() -> None:
    with pytest.raises(ValidationError):
        AreaTurnout(area=AREA, took_part=1, reason="a\x00b")


@pytest.mark.parametrize("unit", ["vn/4", "vn/46/1977", "VN", "vn/46/19777/", "vn/../46", "vn/46/CC-19777-01", "", "vn/46\n"])
def test_a_unit_path_has_one_form(unit) -> None:
    with pytest.raises(ValidationError):
        ReportTurnout(key=uuid4(), election="2026", unit=unit, slot="09:00", rows=())


def test_a_request_with_a_field_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        ReportTurnout(key=uuid4(), election="2026", unit="vn/46/19777", slot="09:00", rows=(), more=1)


def test_a_refusal_survives_the_wire() -> None:
    told = StepNotAllowed(state="Đã phê duyệt").told()

    heard = Refusal.heard(told)

    assert isinstance(heard, StepNotAllowed)
    assert heard.told() == told


def test_a_refusal_nobody_knows_keeps_its_sentence() -> None:
    told = BadRequest(number=2).told().model_copy(update={"code": "FromTheFuture", "en": "Something newer."})

    assert "Something newer." in str(Refusal.heard(told))


def passport(*grants: Grant) -> Passport:
    return Passport(person=uuid4(), name="Lê Thị Minh Châu", session=uuid4(), grants=grants)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("2026/vn/46/19777", True),
        ("2026/vn/46/19778", False),
        ("2026/vn/46", False),
        ("2026/vn/46/19777/19777-001", False),
        ("dien-tap-1/vn/46/19777", False),
        (EVERYWHERE, False),
    ],
)
def test_a_typist_enters_records_in_the_own_commune_of_the_own_election_only(scope, allowed) -> None:
    typist = passport(Grant(role=Role.TYPIST, scope="2026/vn/46/19777"))

    assert POLICY.permits(typist, Action.ENTER_RECORD, scope) is allowed


@pytest.mark.parametrize("scope", ["2026/vn/46", "2026/vn/46/19777", "2026/vn/46/NA-46-01"])
def test_a_province_reads_all_below_it(scope) -> None:
    assert POLICY.permits(passport(Grant(role=Role.PROVINCE_OFFICER, scope="2026/vn/46")), Action.READ_PROGRESS, scope)


def test_a_code_that_begins_alike_is_another_unit() -> None:
    officer = passport(Grant(role=Role.PROVINCE_OFFICER, scope="2026/vn/4"))

    assert not POLICY.permits(officer, Action.READ_PROGRESS, "2026/vn/46")


COUNTING = {Action.ENTER_RECORD, Action.COMPARE_RECORD, Action.APPROVE_RECORD, Action.PREPARE_RESULT, Action.DECLARE_RESULT}


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN, Role.OPERATIONS])
def test_who_administers_accounts_or_machines_cannot_count(role) -> None:
    assert not COUNTING & set(POLICY.table[role])


def test_no_role_holds_two_of_the_duties_that_must_be_apart() -> None:
    apart = [
        {Action.ENTER_RECORD, Action.COMPARE_RECORD, Action.APPROVE_RECORD, Action.PUBLISH_SNAPSHOT},
        {Action.PREPARE_RESULT, Action.DECLARE_RESULT},
        {Action.CHECK_IDENTITY, Action.CONFIRM_IDENTITY},
        {Action.IMPORT_VOTERS, Action.POST_LIST},
        {Action.CREATE_ACCOUNTS, Action.APPROVE_RECORD},
    ]
    for role in POLICY.table.values():
        for duties in apart:
            assert len(duties & set(role)) <= 1


def test_every_role_has_its_row_and_every_action_somebody() -> None:
    assert set(POLICY.table) == set(Role)
    assert {action for row in POLICY.table.values() for action in row} == set(Action)


@given(st.sampled_from(list(Role)), st.sampled_from(list(Action)), st.text(max_size=30))
def test_nobody_may_do_what_the_table_does_not_say(role, action, scope) -> None:
    nobody = Policy(table={role: {}})

    assert not nobody.allows(Grant(role=role, scope=EVERYWHERE), action, scope)


def test_reach_own_ends_at_the_unit() -> None:
    policy = Policy(table={"a": {"x": Reach.OWN}, "b": {"x": Reach.BELOW}})

    assert not policy.allows(Grant(role="a", scope="e/vn"), "x", "e/vn/46")
    assert policy.allows(Grant(role="b", scope="e/vn"), "x", "e/vn/46")
