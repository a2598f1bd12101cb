"""The news every service asks for: whatever ends a session or changes what it may do is in them, by whichever door."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.contracts.accounts import CloseAccount, EndRole, PeopleOf
from services.contracts.base import Grant, Passport
from services.contracts.identity import OpenPassport, SignOut
from services.contracts.passkeys import ChangePassword, NewsOfSessions, own_content
from services.kit.passports import Verifier
from services.kit.revoked import Standing
from tests.identity.conftest import ELECTION, HUE, PASSWORD, VY_DA

ABOUT = {"election": ELECTION, "unit": VY_DA}


def admin():
    grants = (Grant(role="account_admin", scope=f"{ELECTION}/{HUE}"),)
    return Passport(person=uuid4(), name="Trần Quản Trị", session=uuid4(), grants=grants)


class News:
    """What a service would hear now."""

    def __init__(self, identity):
        self.identity = identity

    def __call__(self, seconds=600):
        told = self.identity.news_of_sessions(NewsOfSessions(seconds=seconds)).sessions
        return {each.session: None if each.grants is None else {grant.role for grant in each.grants} for each in told}


@pytest.fixture
def news(identity):
    return News(identity)


def session_of(identity, passport_keys, token):
    return Verifier(passport_keys).verify(identity.open_passport(OpenPassport(token=token)).passport).session


@pytest.fixture
def hoa(identity, db, passport_keys, somebody):
    """Somebody who came in an hour after her account was made."""
    person = somebody().activated()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE grants SET given_at = given_at - interval '1 hour'"))
    token = person.signed_in().token
    return person, token, session_of(identity, passport_keys, token)


def card(identity):
    return identity.people_of(PeopleOf(**ABOUT), by=admin()).people[0]


def test_who_only_works_is_no_news(news, hoa):
    assert news() == {}


def test_signing_out_is_news(identity, news, hoa):
    _person, token, session = hoa
    identity.sign_out(SignOut(key=uuid4(), token=token))

    assert news() == {session: None}


def test_a_closed_account_is_news(identity, news, hoa):
    identity.close_account(CloseAccount(key=uuid4(), person=card(identity).person, reason="thôi việc", **ABOUT), by=admin())

    assert news() == {hoa[2]: None}


def test_the_last_role_ended_is_news(identity, news, hoa):
    grant = card(identity).roles[0].grant
    identity.end_role(EndRole(key=uuid4(), grant=grant, reason="hết việc", **ABOUT), by=admin())

    assert news() == {hoa[2]: None}


def test_one_of_two_roles_ended_is_told_with_the_one_that_is_left(identity, db, news, hoa):
    person = card(identity).person
    add_role(db, person, "secretary")
    assert news() == {hoa[2]: {"typist", "secretary"}}
    grant = next(role.grant for role in card(identity).roles if role.role == "typist")

    identity.end_role(EndRole(key=uuid4(), grant=grant, reason="hết việc", **ABOUT), by=admin())

    assert news() == {hoa[2]: {"secretary"}}


def test_a_role_that_runs_out_by_the_clock_is_news_though_nobody_did_anything(db, identity, news, hoa):
    add_role(db, card(identity).person, "secretary")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE grants SET given_at = now() - interval '1 hour'"))
        connection.execute(text("UPDATE grants SET expires_at = now() + interval '1 hour' WHERE role = 'secretary'"))
    assert news() == {}

    with db.engine.begin() as connection:
        connection.execute(text("UPDATE grants SET expires_at = now() - interval '1 s' WHERE role = 'secretary'"))
    assert news() == {hoa[2]: {"typist"}}


def test_a_second_place_and_a_new_password_are_news_for_the_session_they_end(identity, news, passport_keys, hoa):
    person, _, first = hoa
    person.free_codes()
    second = session_of(identity, passport_keys, person.signed_in(+1).token)

    assert news() == {first: None}
    me = card(identity).person
    approved = Passport(
        person=me, name="Hoa", session=uuid4(), grants=(), approves=own_content("change-password", me)
    )
    chosen = "chín con sóc gặm hạt dẻ trên cành"
    identity.change_password(ChangePassword(key=uuid4(), password=chosen, present=PASSWORD), by=approved)
    assert news() == {first: None, second: None}


def test_old_news_are_no_news_and_late_commits_are_still_heard_of(db, news, hoa):
    def ended(ago):
        at = datetime.now(UTC) - ago
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE sessions SET state = 'revoked', ended_at = :at"), {"at": at})

    ended(timedelta(seconds=100))  # committed just now by somebody who began long ago
    assert news(seconds=2) == {hoa[2]: None}
    ended(timedelta(seconds=130))
    assert news(seconds=2) == {}
    assert news(seconds=60) == {hoa[2]: None}


def test_what_is_told_makes_a_passport_of_before_worthless_and_one_of_now_good(identity, db, passport_keys, hoa):
    _, token, _ = hoa
    standing = Standing(None, "identity.news_of_sessions")
    verifier = Verifier(passport_keys, standing)
    before = identity.open_passport(OpenPassport(token=token)).passport
    add_role(db, card(identity).person, "secretary")
    standing.learn(identity.news_of_sessions(NewsOfSessions(seconds=600)).sessions, datetime.now(UTC).timestamp())

    after = identity.open_passport(OpenPassport(token=token)).passport
    assert len(verifier.verify(after).grants) == 2
    with pytest.raises(Exception, match=r"(?i)sign"):
        verifier.verify(before)


def add_role(db, person: UUID, role):
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO grants (id, person, role, election, unit, scope, given_by, given_at)"
                " VALUES (gen_random_uuid(), :p, :r, :e, :u, :s, :p, now())"
            ),
            {"p": person, "r": role, "e": ELECTION, "u": VY_DA, "s": f"{ELECTION}/{VY_DA}"},
        )
