"""Passports of sessions that ended or changed are refused; without news only young ones are taken."""

import json
from uuid import uuid4

import pytest

from services.contracts.base import Grant, NotSignedIn, Passport, SessionNews, Unavailable
from services.kit import passports, revoked
from services.kit.direct import Direct, Unreached
from services.kit.passports import Verifier, new_key, save_public, sign
from services.kit.revoked import Standing, standing_of

CLERK, GUEST = Grant(role="clerk", scope="*"), Grant(role="guest", scope="a/b")


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


class Teller:
    """A direct line with somebody at the other end, or nobody."""

    def __init__(self):
        self.news, self.asked, self.away = [], [], False

    def reaches(self, _service):
        return True

    def carry(self, question):
        self.asked.append((question.service, question.method, json.loads(question.body)))
        if self.away:
            raise Unreached
        return json.dumps({"result": {"sessions": self.news}, "error": None}).encode()


def passport(*grants, session=None):
    return Passport(person=uuid4(), name="Nguyễn Thị Hoa", session=session or uuid4(), grants=grants)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def teller():
    return Teller()


@pytest.fixture
def standing(clock, teller):
    return Standing(teller, "people.news", clock=clock)


def test_a_passport_of_a_session_that_ended_is_refused_whatever_its_age(standing, teller, clock):
    held = passport(CLERK)
    teller.news = [{"session": str(held.session), "grants": None}]
    standing.ask()

    with pytest.raises(NotSignedIn):
        standing.require(held, clock.now)


def test_after_a_change_of_roles_only_a_passport_that_says_those_of_now_is_taken(standing, teller, clock):
    before = passport(CLERK, GUEST)
    after = passport(GUEST, session=before.session)
    teller.news = [{"session": str(before.session), "grants": [{"role": "guest", "scope": "a/b"}]}]
    standing.ask()

    with pytest.raises(NotSignedIn):
        standing.require(before, clock.now)
    standing.require(after, clock.now)


def test_the_order_of_roles_says_nothing(standing, teller, clock):
    held = passport(CLERK, GUEST)
    teller.news = [{"session": str(held.session), "grants": [GUEST.model_dump(), CLERK.model_dump()]}]
    standing.ask()

    standing.require(held, clock.now)


def test_who_is_not_in_the_news_goes_on(standing, clock):
    standing.ask()

    standing.require(passport(CLERK), clock.now - 290)


def test_without_news_for_five_seconds_only_a_young_passport_is_taken(standing, teller, clock):
    standing.ask()
    teller.away = True
    clock.now += 5.0
    standing.ask()
    standing.require(passport(CLERK), clock.now - 200)

    clock.now += 0.1
    with pytest.raises(Unavailable):
        standing.require(passport(CLERK), clock.now - 5.1)
    standing.require(passport(CLERK), clock.now - 4.9)


def test_before_the_first_news_only_a_young_passport_is_taken(standing, clock):
    with pytest.raises(Unavailable):
        standing.require(passport(CLERK), clock.now - 6)
    standing.require(passport(CLERK), clock.now - 1)


def test_the_first_question_looks_back_over_the_life_of_a_passport_the_next_over_what_passed(standing, teller, clock):
    standing.ask()
    clock.now += 1.5
    standing.ask()
    teller.away = True
    clock.now += 30
    standing.ask()
    teller.away = False
    clock.now += 2
    standing.ask()

    assert [question[2]["seconds"] for question in teller.asked] == [600, 2, 31, 33]
    assert {question[:2] for question in teller.asked} == {("people", "news")}
    assert passports.LIFETIME.total_seconds() < 600


def test_what_is_told_again_is_no_news(standing, teller):
    session = str(uuid4())
    teller.news = [{"session": session, "grants": None}]

    assert standing.ask() == (SessionNews(session=session),)
    assert standing.ask() == ()


def test_what_is_older_than_any_passport_is_forgotten(standing, teller, clock):
    held = passport(CLERK)
    teller.news = [{"session": str(held.session), "grants": None}]
    standing.ask()
    teller.news = []
    clock.now += 601
    standing.ask()

    standing.require(held, clock.now)  # such a passport ended by itself minutes ago
    assert standing._known == {}


@pytest.mark.parametrize("answer", [b"", b"no json", b'{"result": null, "error": {"exc_type": "Unavailable"}}', None])
def test_an_answer_that_says_nothing_is_no_news(standing, teller, clock, answer, monkeypatch):
    monkeypatch.setattr(teller, "carry", lambda _question: answer)

    assert standing.ask() == ()
    assert not standing.fresh


def test_a_verifier_without_news_trusts_a_passport_until_it_ends(tmp_path):
    key = new_key()
    save_public([key], tmp_path / "keys.json")

    assert Verifier(tmp_path / "keys.json").verify(sign(passport(CLERK), key)).grants == (CLERK,)


def test_a_verifier_with_news_refuses_what_verified_a_moment_ago(tmp_path):
    key, held = new_key(), passport(CLERK)
    save_public([key], tmp_path / "keys.json")
    teller = Teller()
    standing = Standing(teller, "people.news")
    verifier, token = Verifier(tmp_path / "keys.json", standing), sign(held, key)
    standing.ask()
    assert verifier.verify(token) == held

    teller.news = [{"session": str(held.session), "grants": None}]
    standing.ask()
    with pytest.raises(NotSignedIn):
        verifier.verify(token)


@pytest.mark.parametrize(
    ("lines", "secret", "asked", "there"),
    [
        ({"people": "http://127.0.0.1:1"}, "s", "people.news", True),
        ({"people": "http://127.0.0.1:1"}, "s", "", False),
        ({"people": "http://127.0.0.1:1"}, "", "people.news", False),
        ({}, "s", "people.news", False),
    ],
)
def test_news_are_asked_for_only_where_they_were_named(lines, secret, asked, there):
    assert (standing_of(Direct(lines, secret), asked) is not None) == there


def test_a_question_and_its_answer_fit_into_five_seconds():
    assert revoked.EVERY + revoked._ANSWER_WITHIN < 5.0
    assert revoked.PATIENCE == 5.0
