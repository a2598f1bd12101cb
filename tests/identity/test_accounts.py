"""Accounts: created in bulk from above, by one fixed table; activated once, by their holder, with a strong password."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import BadRequest, Grant, HasFindings, KeyReused, NotAllowed, Severity
from services.contracts.identity import (
    AccountsOf,
    Activate,
    CodeRefused,
    ConfirmEnrolment,
    PasswordTooWeak,
)
from services.contracts.roles import Role
from services.identity.domain.accounts import ROLE_LEVELS, Giver, findings_of, scope_of
from services.identity.domain.states import ACCOUNT_STATES
from tests.identity.conftest import ELECTION, HUE, PASSWORD, VY_DA, creating, holder, new

AREA, SEAT_NA, SEAT_CC = f"{VY_DA}/19777-012", f"{HUE}/NA-46-01", f"{VY_DA}/CC-19777-01"
PLACES = {
    "nation": "vn",
    "province": HUE,
    "commune": VY_DA,
    "area": AREA,
    "province_seats": SEAT_NA,
    "commune_seats": SEAT_CC,
}
ALLOWED = {
    "system_admin": "nation",
    "account_admin": "nation province commune",
    "nation_officer": "nation",
    "province_officer": "province",
    "personnel": "nation province commune",
    "personnel_confirmer": "nation province commune",
    "commission_head": "nation province commune",
    "list_officer": "commune",
    "list_signer": "commune",
    "secretary": "province commune",
    "typist": "commune",
    "checker": "commune",
    "approver": "commune",
    "board_secretary": "province_seats commune_seats",
    "board_head": "province_seats commune_seats",
    "publisher": "nation province commune",
    "operations": "nation",
}
FROM_ABOVE = {"system_admin", "account_admin", "operations"}
PROVINCE_ADMIN = holder("account_admin", f"{ELECTION}/{HUE}")


def found(account, giver_scope="*", unit="vn", giver_role="system_admin", login="ai-do", taken=()):
    giver = Giver(login=login, grants=(Grant(role=giver_role, scope=giver_scope),))
    return [each.code for each in findings_of([account], f"{ELECTION}/{unit}", giver, taken, {HUE, VY_DA})]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("level", list(PLACES))
def test_a_role_exists_only_at_its_levels(role, level):
    expected = [] if level in ALLOWED[role].split() else ["A301"]

    assert found(new("moi.tai-khoan", role, PLACES[level])) == expected


def test_every_role_has_its_levels():
    assert set(ROLE_LEVELS) == set(Role)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "giver", ["*", f"{ELECTION}/vn", f"{ELECTION}/{HUE}", f"{ELECTION}/{VY_DA}", f"{ELECTION}/vn/01"]
)
def test_administrators_are_made_from_above_and_others_within_reach(role, giver):
    unit = PLACES[ALLOWED[role].split()[-1]]
    reaches = giver == "*" or f"{ELECTION}/{unit}".startswith(giver)
    above = giver == "*" or (reaches and giver != f"{ELECTION}/{unit}" and role == "account_admin")

    codes = found(new("moi.tai-khoan", role, unit), giver, giver_role="account_admin")

    assert codes == ([] if reaches and (role not in FROM_ABOVE or above) else ["A303"] if reaches else ["A302"])


def test_nobody_gives_a_role_to_themselves():
    assert found(new("quan-tri"), login="quan-tri") == ["A304"]


def test_the_unit_acted_for_bounds_the_list():
    assert found(new("moi.tai-khoan", "secretary", HUE), unit=VY_DA) == ["A302"]


def test_codes_and_units_must_exist():
    assert found(new("moi.tai-khoan", unit="vn/46/00001")) == ["A307"]
    assert found(new("moi.tai-khoan", "board_head", f"{HUE}/NA-79-01")) == ["A308"]


def test_grants_hold_in_one_election_but_for_those_of_the_system():
    assert scope_of(Role.APPROVER, ELECTION, VY_DA) == f"{ELECTION}/{VY_DA}"
    assert scope_of(Role.SYSTEM_ADMIN, ELECTION, "vn") == scope_of(Role.OPERATIONS, ELECTION, "vn") == "*"


@pytest.mark.parametrize("state", ["created", "enrolling", "active", "closed"])
@pytest.mark.parametrize("act", ["activate", "confirm", "close"])
def test_an_account_takes_no_step_but_these(state, act):
    steps = {
        ("created", "activate"): "enrolling",
        ("enrolling", "activate"): "enrolling",
        ("enrolling", "confirm"): "active",
        ("created", "close"): "closed",
        ("enrolling", "close"): "closed",
        ("active", "close"): "closed",
    }

    assert ACCOUNT_STATES.allows(state, act) == ((state, act) in steps)
    if (state, act) in steps:
        assert ACCOUNT_STATES.advance(state, act) == steps[state, act]


def test_accounts_are_created_told_and_listed_without_a_secret(identity, units, db, told):
    accounts = [new("yen.vy-da", name="Trần Thị Yến"), new("an.vy-da", "checker", name="Đặng Văn Ân")]

    answer = identity.create_accounts(creating(*accounts, unit=HUE), by=PROVINCE_ADMIN)

    assert [each.login for each in answer.activations] == ["yen.vy-da", "an.vy-da"]
    assert len({each.code for each in answer.activations}) == 2
    assert [(letter.topic, letter.data["login"], letter.data["state"]) for letter in told(db)] == [
        ("identity.account_changed", "yen.vy-da", "created"),
        ("identity.account_changed", "an.vy-da", "created"),
    ]
    assert told(db)[0].data["grants"] == [{"role": "typist", "scope": f"{ELECTION}/{VY_DA}"}]
    rows = identity.accounts_of(AccountsOf(election=ELECTION, unit=VY_DA), by=PROVINCE_ADMIN).accounts
    assert [(row.name, row.role, row.state) for row in rows] == [
        ("Đặng Văn Ân", "checker", "created"),
        ("Trần Thị Yến", "typist", "created"),
    ]


def test_every_bad_row_of_a_list_is_told_and_none_is_stored(identity, units, db, told, somebody):
    somebody("co-roi")
    before = told(db)
    rows = [
        new("tot"),
        new("co-roi"),
        new("hai-lan"),
        new("hai-lan"),
        new("sai-cap", "typist", HUE),
        new("ngoai", unit="vn/01/00004"),
        new("dong-cap", "account_admin", HUE),
        new("khong-co", unit="vn/46/00001"),
    ]

    with pytest.raises(HasFindings) as refused:
        identity.create_accounts(creating(*rows, unit=HUE), by=PROVINCE_ADMIN)

    findings = refused.value.findings
    assert {(each.code, each.places[0]) for each in findings} == {
        ("A305", "accounts.1.login"),
        ("A306", "accounts.2.login"),
        ("A306", "accounts.3.login"),
        ("A301", "accounts.4.role"),
        ("A302", "accounts.5.unit"),
        ("A303", "accounts.6.role"),
        ("A307", "accounts.7.unit"),
    }
    assert all(each.severity is Severity.BLOCK and "Dòng" in each.vi and "Row" in each.en for each in findings)
    assert told(db) == before


def test_who_may_not_create_accounts_is_refused(identity, units):
    for role in (
        Role.TYPIST,
        Role.APPROVER,
        Role.NATION_OFFICER,
        Role.PROVINCE_OFFICER,
        Role.COMMISSION_HEAD,
        Role.SECRETARY,
    ):
        with pytest.raises(NotAllowed):
            identity.create_accounts(creating(new("moi")), by=holder(role, f"{ELECTION}/{VY_DA}"))
    for scope in (f"{ELECTION}/vn/01", f"dien-tap-8/{HUE}", f"{ELECTION}/vn/4"):
        with pytest.raises(NotAllowed):
            identity.create_accounts(creating(new("moi")), by=holder("account_admin", scope))


def test_the_same_command_gives_the_same_codes_and_no_second_account(identity, units, db, told):
    request = creating(new("lan"), new("mai"))

    first, second = (
        identity.create_accounts(request, by=PROVINCE_ADMIN),
        identity.create_accounts(request, by=PROVINCE_ADMIN),
    )

    assert first == second
    assert len(told(db)) == 2
    with pytest.raises(KeyReused):
        identity.create_accounts(creating(new("khac"), key=request.key), by=PROVINCE_ADMIN)


def test_no_secret_is_in_the_database(identity, db, somebody):
    person = somebody().activated()
    person.signed_in()

    dump = _everything_in(db)

    letters = person.code.replace("-", "")
    for secret in (person.code, letters, person.secret, PASSWORD):
        assert secret not in dump
        assert secret.encode().hex() not in dump


def test_activation_is_two_steps_and_each_is_told(identity, db, told, somebody):
    person = somebody()

    person.activated()

    assert [letter.data["state"] for letter in told(db)] == ["created", "enrolling", "active"]
    assert person.secret not in json.dumps([letter.data for letter in told(db)])


def test_a_lost_page_is_no_harm_the_first_step_may_be_taken_again(identity, somebody):
    person = somebody()
    step = Activate(key=uuid4(), login=person.login, code=person.code, password=PASSWORD)
    lost = identity.activate(step).secret

    person.activated()

    assert person.secret != lost
    assert person.signed_in().person


def test_a_code_is_used_once_but_a_repeat_of_the_same_act_is_answered(identity, somebody):
    person = somebody()
    person.secret = identity.activate(
        Activate(key=uuid4(), login=person.login, code=person.code, password=PASSWORD)
    ).secret
    confirm = ConfirmEnrolment(key=uuid4(), login=person.login, code=person.code, totp=person.totp())

    assert identity.confirm_enrolment(confirm) == identity.confirm_enrolment(confirm)

    for door, request in (
        (identity.confirm_enrolment, confirm.model_copy(update={"key": uuid4()})),
        (identity.activate, Activate(key=uuid4(), login=person.login, code=person.code, password=PASSWORD)),
    ):
        with pytest.raises(CodeRefused):
            door(request)


def test_a_wrong_a_foreign_and_an_old_code_get_one_answer(identity, db, somebody):
    person, other = somebody("lan"), somebody("mai")
    refusals = []

    def refuse(login, code):
        with pytest.raises(CodeRefused) as refused:
            identity.activate(Activate(key=uuid4(), login=login, code=code, password=PASSWORD))
        refusals.append(refused.value.told())

    refuse(person.login, "AAAA-BBBB-CCCC-DDDD")
    refuse(person.login, other.code)
    refuse("khong-ai", person.code)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE activations SET ends_at = now() - interval '1 second'"))
    refuse(person.login, person.code)

    assert len(set(map(str, refusals))) == 1


def test_a_code_may_be_typed_without_dashes_and_in_small_letters(identity, somebody):
    person = somebody()
    person.code = person.code.replace("-", " ").lower()

    assert person.activated().signed_in()


@pytest.mark.parametrize(
    "password",
    [
        "ngắn quá", "bầu cử vỹ dạ 2026", "Bau Cu Vy Da 2026 !!", "mậtkhẩu1234567890", "hoa.vy-da hoa.vy-da",
        "phường Vỹ Dạ, Huế, 2026", "aaaaaaaaaaaaaaaaaaaaaa", "qwertyuiopasdfghjkl", "LÊ THỊ HOA 15/3/2026", "x" * 129,
    ],
)  # fmt: skip
def test_a_weak_password_is_refused_with_its_reason(identity, db, somebody, password):
    person = somebody()

    with pytest.raises(PasswordTooWeak) as refused:
        person.activated(password)

    assert refused.value.findings
    assert password not in refused.value.told().model_dump_json()


def test_a_password_may_come_from_any_keyboard(identity, somebody):
    person = somebody().activated("Con trâu già gặm cỏ bên bờ suối vắng")

    decomposed = (
        "Con tra\u0302u gia\u0300 ga\u0323\u0306m co\u0309 be\u0302n bo\u031b\u0300 suo\u0302\u0301i va\u0306\u0301ng"
    )

    assert person.challenged(decomposed)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"key": "%s", "login": "lan\\u0000", "code": "A", "password": "B"}', "login"),
        (b'{"key": "%s", "login": "lan", "code": "A", "password": "%s"}' % (b"%s", b"x" * 600), "password"),
        (b'{"key": "%s", "login": "LAN", "code": "A", "password": "B"}', "login"),
        (b'{"key": "%s", "login": "lan", "code": "A", "password": "B", "role": "approver"}', "role"),
        (b'{"key": "%s", "login": 7, "code": "A", "password": "B"}', "login"),
        (b"[]", ""),
        (b"{", ""),
    ],
)
def test_what_has_no_shape_is_refused_before_the_door(identity, body, fault):
    filled = body.replace(b"%s", str(uuid4()).encode(), 1)

    with pytest.raises(BadRequest) as refused:
        identity.activate(filled)

    assert refused.value.findings


def test_a_nul_in_a_secret_is_refused_and_not_an_incident(identity, somebody):
    person = somebody()

    with pytest.raises((BadRequest, CodeRefused)):
        identity.activate(Activate(key=uuid4(), login=person.login, code="\x00", password=PASSWORD))


def test_no_account_is_active_without_both_factors(identity, db, somebody):
    person = somebody().activated()
    assert set(identity.invariants().values()) == {0}

    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM passwords"))

    assert sum(identity.invariants().values()) == 1
    assert identity.signals()["hp_accounts"] == 1
    assert person


def _everything_in(db):
    with db.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return "\n".join(
            str(row)
            for table in tables
            for row in connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()
        )
