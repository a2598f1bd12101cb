"""Roles given, ended, expired and handed over, accounts closed: by whom, with what findings, and what ends with them."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.accounts import (
    AlreadyActive,
    CloseAccount,
    EndRole,
    GiveRole,
    HandOver,
    NotYourOwn,
    PeopleOf,
    ReissueActivation,
    SetExpiry,
    content_of,
)
from services.contracts.base import (
    Grant,
    HasFindings,
    KeyReused,
    NotAllowed,
    NotSignedIn,
    Passport,
    StepNotAllowed,
    StepUpNeeded,
    Unknown,
)
from services.contracts.identity import CodeRefused, NewAccount, OpenPassport, SecondFactor, SignInFailed
from services.contracts.roles import Role
from services.identity.domain.accounts import Giver
from services.identity.domain.roles import (
    Acting,
    Held,
    Holder,
    Wish,
    administers,
    clash,
    closing,
    counts,
    ending,
    giving,
)
from tests.identity.conftest import ELECTION, HUE, ROOT, VY_DA, creating, holder, new

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
THUAN_HOA = "vn/46/19786"
COUNTING_ROLES = {
    "typist", "checker", "approver", "board_secretary", "board_head", "publisher", "province_officer",
}  # fmt: skip


def admin(unit=HUE, person=None, approves=None, election=ELECTION):
    grants = (Grant(role="account_admin", scope=f"{election}/{unit}"),)
    return Passport(person=person or uuid4(), name="Trần Quản Trị", session=uuid4(), grants=grants, approves=approves)


def somebody_holding(*roles, state="active"):
    return Holder(uuid4(), "hoa.vy-da", "Lê Thị Hoa", state, tuple(roles))


def held(role, unit=VY_DA, election=ELECTION):
    return Held(uuid4(), Role(role), election, unit)


def acting(scope=f"{ELECTION}/{HUE}", unit=HUE, role="account_admin", known=(VY_DA, HUE)):
    return Acting(Giver("quan-tri", (Grant(role=role, scope=scope),)), f"{ELECTION}/{unit}", set(known), NOW)


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.parametrize("role", list(Role))
def test_the_counting_roles_are_those_of_the_table_and_none_of_them_administers(role):
    assert counts(role) == (role in COUNTING_ROLES)
    assert administers(role) == (role in {"system_admin", "account_admin"})


@pytest.mark.parametrize("role", list(Role))
def test_who_administers_accounts_gets_no_counting_role_and_the_other_way_round(role):
    expected = role in COUNTING_ROLES

    assert (clash(role, ELECTION, [held("account_admin")]) is not None) == expected
    assert (clash(Role.ACCOUNT_ADMIN, ELECTION, [held(role)]) is not None) == expected
    assert (clash(role, ELECTION, [held("system_admin", "vn", None)]) is not None) == expected


def test_accounts_and_counts_in_one_hand_are_only_parted_within_an_election():
    assert clash(Role.TYPIST, "2026", [held("account_admin")]) is None
    assert clash(Role.SYSTEM_ADMIN, None, [held("typist")]) is not None
    assert clash(Role.CHECKER, ELECTION, [held("typist"), held("approver")]) is None


def test_a_further_role_is_judged_and_a_basic_finding_silences_the_finer_ones():
    hoa = somebody_holding(held("typist"))

    assert codes(giving(Wish(Role.CHECKER, VY_DA), hoa, acting())) == []
    assert codes(giving(Wish(Role.TYPIST, VY_DA), hoa, acting())) == ["A309"]
    assert codes(giving(Wish(Role.TYPIST, THUAN_HOA), hoa, acting(known=(THUAN_HOA,)))) == []
    assert codes(giving(Wish(Role.ACCOUNT_ADMIN, VY_DA), hoa, acting())) == ["A312"]
    assert codes(giving(Wish(Role.ACCOUNT_ADMIN, HUE), hoa, acting())) == ["A303"]
    assert codes(giving(Wish(Role.TYPIST, HUE), hoa, acting())) == ["A301"]
    assert codes(giving(Wish(Role.TYPIST, "vn/46/00001"), hoa, acting())) == ["A307"]
    assert codes(giving(Wish(Role.CHECKER, VY_DA), hoa, acting(f"{ELECTION}/vn/48", "vn/48"))) == ["A302"]
    assert codes(giving(Wish(Role.TYPIST, VY_DA), somebody_holding(held("typist"), state="closed"), acting())) == [
        "A311"
    ]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, ["A310"]), (0, ["A310"]), (1, [])])
def test_a_role_expires_in_the_future(seconds, expected):
    wish = Wish(Role.CHECKER, VY_DA, NOW + timedelta(seconds=seconds))

    assert codes(giving(wish, somebody_holding(), acting())) == expected


def test_a_role_is_ended_by_whoever_could_give_it():
    hoa = somebody_holding()

    assert codes(ending(held("typist"), hoa, acting())) == []
    assert codes(ending(held("typist"), hoa, acting(f"{ELECTION}/vn/48"))) == ["A302"]
    assert codes(ending(held("typist"), hoa, acting(role="approver"))) == ["A302"]
    assert codes(ending(held("account_admin", HUE), hoa, acting())) == ["A303"]
    assert codes(ending(held("account_admin", HUE), hoa, acting("*", role="system_admin"))) == []
    assert codes(ending(held("system_admin", "vn", None), hoa, acting(f"{ELECTION}/vn", "vn"))) == ["A303"]


def test_an_account_is_closed_only_by_somebody_who_reaches_all_of_its_roles():
    both = somebody_holding(held("typist"), held("secretary", "vn/48"))

    assert codes(closing(somebody_holding(held("typist")), acting())) == []
    assert codes(closing(both, acting())) == ["A313"]
    assert "vn/48" in closing(both, acting())[0].vi
    assert codes(closing(somebody_holding(held("typist", election="2026")), acting())) == ["A313"]


@pytest.fixture
def team(identity, units):
    """Two people of Vỹ Dạ by login, as their administrator sees them."""
    rows = [new("hoa.vy-da"), new("khoa.vy-da", "checker", name="Trần Văn Khoa")]
    identity.create_accounts(creating(*rows, unit=HUE), by=admin())
    found = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people
    return {each.login: each for each in found}


def person_card(identity, person, unit=HUE):
    return identity.people_of(PeopleOf(election=ELECTION, unit=unit, person=person), by=admin("vn")).people[0]


def giving_to(card, role, place=VY_DA, unit=HUE, **more):
    facts = {"person": card.person, "role": role, "place": place, "reason": "thay người ốm", **more}
    return GiveRole(key=uuid4(), election=ELECTION, unit=unit, **facts)


def give(identity, request, by=None):
    who = by or admin()
    return identity.give_role(request, by=who.model_copy(update={"approves": request.content}))


def handing(card, unit=HUE, place=VY_DA, **more):
    facts = {"person": card.person, "place": place, "document": "QĐ 12/QĐ-UBBC", "reason": "chuyển công tác", **more}
    return HandOver(key=uuid4(), election=ELECTION, unit=unit, **facts)


def hand(identity, request, by=None):
    who = by or admin()
    return identity.hand_over(request, by=who.model_copy(update={"approves": request.content}))


def last_account(told, db):
    return [letter.data for letter in told(db) if letter.topic == "identity.account_changed"][-1]


def test_a_further_role_is_given_told_and_shown(identity, db, told, team):
    ends = datetime.now(UTC) + timedelta(days=30)

    card = give(identity, giving_to(team["hoa.vy-da"], "secretary", expires_at=ends))

    assert [(role.role, role.unit, role.expires_at) for role in card.roles] == [
        ("typist", VY_DA, None),
        ("secretary", VY_DA, ends),
    ]
    letter = last_account(told, db)
    assert letter["login"] == "hoa.vy-da"
    assert [grant["role"] for grant in letter["grants"]] == ["typist", "secretary"]


def test_a_role_is_given_only_with_the_second_factor_for_exactly_this_role(identity, team):
    request = giving_to(team["hoa.vy-da"], "secretary")
    other = content_of("give_role", ELECTION, VY_DA, team["hoa.vy-da"].person, "approver", None)

    for approves in (None, other):
        with pytest.raises(StepUpNeeded):
            identity.give_role(request, by=admin(approves=approves))
    assert len(person_card(identity, request.person).roles) == 1


def test_nobody_administers_their_own_account(identity, team):
    me = team["hoa.vy-da"]
    mine = {"key": uuid4(), "election": ELECTION, "unit": HUE}
    by = admin(person=me.person)

    with pytest.raises(NotYourOwn):
        give(identity, giving_to(me, "secretary"), by)
    for door, request in (
        ("end_role", EndRole(grant=me.roles[0].grant, reason="tự bỏ", **mine)),
        ("set_expiry", SetExpiry(grant=me.roles[0].grant, reason="tự bỏ", **mine)),
        ("close_account", CloseAccount(person=me.person, reason="tự bỏ", **mine)),
        ("reissue_activation", ReissueActivation(person=me.person, **mine)),
    ):
        with pytest.raises(NotYourOwn):
            getattr(identity, door)(request, by=by)
    for request in (handing(me, to=team["khoa.vy-da"].person), handing(team["khoa.vy-da"], to=me.person)):
        with pytest.raises(NotYourOwn):
            hand(identity, request, by)


def test_an_ended_role_is_gone_from_the_passport_and_the_last_one_ends_the_session(identity, db, told, somebody):
    hoa = somebody().activated()
    token = hoa.signed_in().token
    card = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people[0]
    assert card.live
    give(identity, giving_to(card, "secretary"))
    grants = {role.role: role.grant for role in person_card(identity, card.person).roles}

    about = {"election": ELECTION, "unit": VY_DA, "reason": "hết việc"}
    identity.end_role(EndRole(key=uuid4(), grant=grants["typist"], **about), by=admin())
    assert [grant.role for grant in identity.open_passport(OpenPassport(token=token)).grants] == ["secretary"]

    left = identity.end_role(EndRole(key=uuid4(), grant=grants["secretary"], **about), by=admin())
    assert (left.roles, left.live, left.state) == ((), False, "active")
    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=token))
    ended = [letter.data["reason"] for letter in told(db) if letter.topic == "identity.session_ended"]
    assert ended == ["revoked"]


def test_a_role_elsewhere_or_ended_is_not_there_to_be_ended(identity, team):
    grant = team["hoa.vy-da"].roles[0].grant
    about = {"grant": grant, "reason": "hết việc"}

    with pytest.raises(Unknown):
        identity.end_role(EndRole(key=uuid4(), election=ELECTION, unit="vn/48", **about), by=admin("vn"))
    with pytest.raises(NotAllowed):
        identity.end_role(EndRole(key=uuid4(), election=ELECTION, unit=VY_DA, **about), by=admin("vn/48"))
    identity.end_role(EndRole(key=uuid4(), election=ELECTION, unit=VY_DA, **about), by=admin())
    with pytest.raises(Unknown):
        identity.end_role(EndRole(key=uuid4(), election=ELECTION, unit=VY_DA, **about), by=admin())


def test_a_repeated_act_is_done_once(identity, db, told, team):
    request = EndRole(
        key=uuid4(), election=ELECTION, unit=VY_DA, grant=team["hoa.vy-da"].roles[0].grant, reason="hết việc"
    )
    by = admin()
    first = identity.end_role(request, by=by)
    before = len(told(db))

    assert identity.end_role(request, by=by) == first
    assert len(told(db)) == before
    with pytest.raises(KeyReused):
        identity.end_role(request.model_copy(update={"reason": "lý do khác"}), by=by)


def test_an_expired_role_ends_by_itself_is_told_and_ends_the_session(identity, db, told, somebody):
    hoa = somebody().activated()
    token = hoa.signed_in().token
    card = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people[0]
    soon = SetExpiry(
        key=uuid4(), election=ELECTION, unit=VY_DA, grant=card.roles[0].grant, reason="hết đợt",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )  # fmt: skip
    identity.set_expiry(soon, by=admin())
    identity.expire_roles()
    assert identity.open_passport(OpenPassport(token=token)).grants
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE grants SET expires_at = now() - interval '1 second'"))

    assert identity.open_passport(OpenPassport(token=token)).grants == ()
    identity.expire_roles()

    assert last_account(told, db)["grants"] == []
    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=token))
    letters = len(told(db))
    identity.expire_roles()
    assert len(told(db)) == letters


def test_a_closed_account_has_no_role_session_code_or_factor(identity, db, told, somebody):
    hoa = somebody().activated()
    token, pending = hoa.signed_in().token, hoa.challenged()
    card = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people[0]
    request = CloseAccount(key=uuid4(), election=ELECTION, unit=VY_DA, person=card.person, reason="thôi việc")

    closed = identity.close_account(request, by=admin())

    assert (closed.state, closed.roles, closed.live) == ("closed", (), False)
    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=token))
    with pytest.raises(CodeRefused):
        identity.second_factor(SecondFactor(key=uuid4(), challenge=pending, totp=hoa.totp(1)))
    with pytest.raises(SignInFailed):
        hoa.challenged()
    letter = last_account(told, db)
    assert (letter["state"], letter["grants"]) == ("closed", [])
    topics = [letter.topic for letter in told(db)][-2:]
    assert sorted(topics) == ["identity.account_changed", "identity.session_ended"]
    with db.engine.begin() as connection:
        left = connection.execute(text("SELECT count(*) FROM passwords")).scalar_one()
    assert left == 0
    assert set(identity.invariants().values()) == {0}


def test_a_closed_account_takes_no_role_and_is_not_closed_twice(identity, team):
    person = team["hoa.vy-da"].person
    about = {"election": ELECTION, "unit": VY_DA, "person": person, "reason": "thôi việc"}
    identity.close_account(CloseAccount(key=uuid4(), **about), by=admin())

    with pytest.raises(HasFindings) as refused:
        give(identity, giving_to(team["hoa.vy-da"], "secretary"))
    assert codes(refused.value.findings) == ["A311"]
    with pytest.raises(StepNotAllowed):
        identity.close_account(CloseAccount(key=uuid4(), **about), by=admin())


def test_closing_and_giving_at_the_same_time_never_leave_a_closed_account_with_a_role(identity, db, team):
    for round_ in range(6):
        login = f"doi-{round_}.vy-da"
        identity.create_accounts(creating(new(login), unit=HUE), by=admin())
        found = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people
        card = next(each for each in found if each.login == login)
        start, outcomes = threading.Barrier(2), []

        def do(work, start=start, outcomes=outcomes):
            start.wait()
            try:
                work()
                outcomes.append("done")
            except HasFindings as refused:
                outcomes.append(refused.findings[0].code)

        closing_it = CloseAccount(key=uuid4(), election=ELECTION, unit=VY_DA, person=card.person, reason="thôi việc")
        giving_it = giving_to(card, "secretary")
        threads = [
            threading.Thread(target=do, args=(lambda: identity.close_account(closing_it, by=admin()),)),
            threading.Thread(target=do, args=(lambda: give(identity, giving_it),)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) in (["A311", "done"], ["done", "done"])
        after = person_card(identity, card.person)
        assert (after.state, after.roles) == ("closed", ())


def test_roles_are_handed_over_to_a_new_person_in_one_act(identity, db, told, team):
    hoa = team["hoa.vy-da"]
    give(identity, giving_to(hoa, "secretary"))
    request = handing(hoa, login="lan.vy-da", name="Phạm Thị Lan", close=True)

    sheet = hand(identity, request)

    assert [(card.login, card.name, card.role, card.unit) for card in sheet.cards] == [
        ("lan.vy-da", "Phạm Thị Lan", "typist", VY_DA)
    ]
    assert len(sheet.cards[0].code) == 19
    people = {
        each.login: each for each in identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people
    }
    assert "hoa.vy-da" not in people
    assert [role.role for role in people["lan.vy-da"].roles] == ["typist", "secretary"]
    assert person_card(identity, hoa.person).state == "closed"
    changed = [letter.data for letter in told(db) if letter.topic == "identity.account_changed"][-2:]
    assert [(each["login"], each["state"], len(each["grants"])) for each in changed] == [
        ("lan.vy-da", "created", 2),
        ("hoa.vy-da", "closed", 0),
    ]


def test_a_repeated_hand_over_shows_the_same_code_and_changes_nothing(identity, db, told, team):
    by = admin()
    request = handing(team["hoa.vy-da"], login="lan.vy-da", name="Phạm Thị Lan")
    first = hand(identity, request, by)
    letters = len(told(db))

    assert hand(identity, request, by) == first
    assert len(told(db)) == letters
    with pytest.raises(KeyReused):
        hand(identity, request.model_copy(update={"reason": "lý do khác"}), by)
    with db.engine.begin() as connection:
        kept = connection.execute(text("SELECT string_agg(reply, ' ') FROM answered")).scalar_one() or ""
    assert first.cards[0].code not in kept


def test_roles_are_handed_over_to_somebody_with_an_account_and_no_code_is_made(identity, team):
    sheet = hand(identity, handing(team["hoa.vy-da"], to=team["khoa.vy-da"].person))

    assert sheet.cards == ()
    assert [role.role for role in person_card(identity, team["khoa.vy-da"].person).roles] == ["checker", "typist"]
    assert person_card(identity, team["hoa.vy-da"].person).roles == ()
    assert person_card(identity, team["hoa.vy-da"].person).state == "created"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"login": "khoa.vy-da", "name": "Trần Văn Khoa"}, ["A305"]),
        ({"login": "lan.vy-da"}, ["A315"]),
        ({}, ["A315"]),
        ({"login": "lan.vy-da", "name": "Phạm Thị Lan", "place": HUE}, ["A314"]),
    ],
)
def test_a_hand_over_that_cannot_be_is_refused_and_changes_nothing(identity, db, told, team, more, expected):
    before = len(told(db))

    with pytest.raises(HasFindings) as refused:
        hand(identity, handing(team["hoa.vy-da"], **more))

    assert codes(refused.value.findings) == expected
    assert len(told(db)) == before


def test_a_hand_over_to_an_administrator_of_accounts_is_a_finding(identity, team):
    identity.create_accounts(creating(new("quan-tri.vy-da", "account_admin"), unit=HUE), by=admin())
    found = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people
    boss = next(each for each in found if each.login == "quan-tri.vy-da")

    with pytest.raises(HasFindings) as refused:
        hand(identity, handing(team["hoa.vy-da"], to=boss.person))
    assert codes(refused.value.findings) == ["A312"]
    with pytest.raises(HasFindings) as refused:
        hand(identity, handing(team["hoa.vy-da"], to=team["hoa.vy-da"].person))
    assert codes(refused.value.findings) == ["A316"]


def test_a_new_code_replaces_the_former_one(identity, somebody):
    hoa = somebody()
    card = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people[0]
    request = ReissueActivation(key=uuid4(), election=ELECTION, unit=VY_DA, person=card.person)
    by = admin()

    sheet = identity.reissue_activation(request, by=by)

    assert sheet.cards[0].code != hoa.code
    assert identity.reissue_activation(request, by=by) == sheet
    with pytest.raises(CodeRefused):
        hoa.activated()
    hoa.code = sheet.cards[0].code
    hoa.activated()
    with pytest.raises(AlreadyActive):
        identity.reissue_activation(request.model_copy(update={"key": uuid4()}), by=by)


def test_people_are_shown_by_the_unit_and_on_demand_with_the_units_below(identity, team):
    identity.create_accounts(creating(new("an.hue", "secretary", HUE, "Đặng Văn Ân"), unit=HUE), by=admin())
    about = {"election": ELECTION, "unit": HUE}

    own = identity.people_of(PeopleOf(**about), by=admin())
    below = identity.people_of(PeopleOf(below=True, **about), by=admin())
    second = identity.people_of(PeopleOf(below=True, first=1, size=1, **about), by=admin())
    elsewhere = identity.people_of(PeopleOf(election=ELECTION, unit="vn/48"), by=admin("vn"))

    assert [each.login for each in own.people] == ["an.hue"]
    assert [each.login for each in below.people] == ["an.hue", "hoa.vy-da", "khoa.vy-da"]
    assert (below.total, below.states) == (3, {"created": 3})
    assert [each.login for each in second.people] == ["hoa.vy-da"]
    assert elsewhere.total == 0
    assert below.people[0].code_ends_at is not None
    with pytest.raises(Unknown):
        identity.people_of(
            PeopleOf(election=ELECTION, unit="vn/48", person=team["hoa.vy-da"].person), by=admin("vn/48")
        )


def test_a_role_of_another_unit_is_counted_and_not_shown(identity, team):
    nation = admin("vn")
    give(identity, giving_to(team["hoa.vy-da"], "secretary", "vn/48", unit="vn"), nation)

    card = person_card(identity, team["hoa.vy-da"].person)

    assert ([role.unit for role in card.roles], card.elsewhere) == ([VY_DA], 1)
    with pytest.raises(HasFindings) as refused:
        identity.close_account(
            CloseAccount(key=uuid4(), election=ELECTION, unit=VY_DA, person=card.person, reason="thôi việc"), by=admin()
        )
    assert codes(refused.value.findings) == ["A313"]


def test_a_new_account_may_have_an_expiry(identity, units):
    ends = datetime.now(UTC) + timedelta(days=3)
    account = NewAccount(login="tam.vy-da", name="Lê Tâm", role="typist", unit=VY_DA, expires_at=ends)

    identity.create_accounts(creating(account, unit=HUE), by=ROOT)

    found = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=holder("account_admin", f"{ELECTION}/{HUE}"))
    assert found.people[0].roles[0].expires_at == ends


def test_a_new_account_that_has_expired_already_is_a_finding(identity, units):
    account = NewAccount(login="tam.vy-da", name="Lê Tâm", role="typist", unit=VY_DA, expires_at=datetime.now(UTC))

    with pytest.raises(HasFindings) as refused:
        identity.create_accounts(creating(account, unit=HUE), by=ROOT)

    assert [(finding.code, finding.places) for finding in refused.value.findings] == [
        ("A310", ("accounts.0.expires_at",))
    ]


def test_every_act_is_kept_with_who_did_it_and_why(identity, db, team):
    by = admin()
    give(identity, giving_to(team["hoa.vy-da"], "secretary"), by)
    hand(identity, handing(team["hoa.vy-da"], to=team["khoa.vy-da"].person), by)
    with db.engine.begin() as connection:
        acts = connection.execute(text("SELECT act, by, reason, document FROM account_acts ORDER BY at")).all()
        ended = connection.execute(text("SELECT DISTINCT end_reason FROM grants WHERE ended_at IS NOT NULL")).scalars()

        assert [tuple(act) for act in acts] == [
            ("give_role", by.person, "thay người ốm", ""),
            ("hand_over", by.person, "chuyển công tác", "QĐ 12/QĐ-UBBC"),
        ]
        assert list(ended) == ["chuyển công tác"]
