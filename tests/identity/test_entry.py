"""Coming in, staying, going: two factors, one session, passports of the moment; guessing is slow and tells nothing."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import BadRequest, NotSignedIn, Refusal, Unavailable
from services.contracts.identity import (
    Activate,
    CodeRefused,
    ConfirmEnrolment,
    OpenPassport,
    SecondFactor,
    SignIn,
    SignInFailed,
    SignOut,
    StepUp,
)
from services.identity.domain import sessions, totp
from services.identity.domain.states import SESSION_STATES
from services.identity.hashing import room
from services.kit.passports import Verifier
from tests.identity.conftest import ELECTION, PASSWORD, VY_DA

CONTENT = "ab" * 32


def sign_in(login, password="sai rồi, thử lại xem nào"):
    return SignIn(key=uuid4(), login=login, password=password, address="10.0.0.7", device="máy 1")


def elapsed(db, table, seconds):
    """As if so much time had passed for a table's rows."""
    columns = {"sessions": "seen_at", "guesses": "not_before", "challenges": "ends_at"}
    with db.engine.begin() as connection:
        column = columns[table]
        connection.execute(text(f"UPDATE {table} SET {column} = {column} - make_interval(secs => {seconds})"))


def number(db, sql):
    with db.engine.connect() as connection:
        return connection.execute(text(sql)).scalar()


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(at, code):
    instant = datetime.fromtimestamp(at, UTC)

    assert totp.accepted_step(b"12345678901234567890", code, instant) == at // 30


def test_a_code_is_good_one_step_early_and_late_and_no_more():
    secret, at = b"12345678901234567890", datetime.fromtimestamp(3_000_000, UTC)
    accepted = [totp.accepted_step(secret, totp.code_at(secret, 100_000 + drift), at) for drift in (-2, -1, 0, 1, 2)]

    assert accepted == [None, 99_999, 100_000, 100_001, None]


def test_the_wait_grows_from_the_fifth_failure_and_stays_bearable():
    waits = [sessions.seconds_to_wait(failures) for failures in range(1, 100)]

    assert waits[:4] == [0] * 4
    assert waits[4] > 0
    assert waits == sorted(waits)
    assert max(waits) == 60
    assert len(sessions.WAITS) == 100


@pytest.mark.parametrize("state", ["live", "signed_out", "replaced", "expired", "revoked"])
@pytest.mark.parametrize("act", ["sign_out", "replace", "expire", "revoke"])
def test_a_session_ends_once(state, act):
    assert SESSION_STATES.allows(state, act) == (state == "live")


def test_two_factors_open_a_session_and_the_session_a_passport(identity, settings, passport_keys, somebody):
    person = somebody("lan.vy-da", "approver", name="Nguyễn Thị Lan").activated()

    session = person.signed_in()
    papers = identity.open_passport(OpenPassport(token=session.token))

    carried = Verifier(passport_keys).verify(papers.passport)
    assert (carried.person, carried.name, carried.approves) == (session.person, "Nguyễn Thị Lan", None)
    assert [(grant.role, grant.scope) for grant in carried.grants] == [("approver", f"{ELECTION}/{VY_DA}")]
    assert papers.login == "lan.vy-da"
    assert timedelta(hours=11, minutes=59) < session.ends_at - datetime.now(UTC) <= timedelta(hours=12)
    assert session.idle_minutes == 15


def test_who_approves_nothing_may_be_idle_longer(identity, somebody):
    assert somebody(role="typist").activated().signed_in().idle_minutes == 30


def test_no_first_factor_before_activation(identity, somebody):
    person = somebody()

    with pytest.raises(SignInFailed):
        identity.sign_in(sign_in(person.login, PASSWORD))


def test_a_known_and_an_unknown_account_answer_alike_to_the_last_letter(identity, db, somebody):
    person = somebody().activated()
    answers = {person.login: [], "khong.co-ai": []}

    for _ in range(7):
        for login, given in answers.items():
            with pytest.raises(SignInFailed) as refused:
                identity.sign_in(sign_in(login))
            given.append(refused.value.told())

    known, unknown = answers.values()
    assert [answer.code for answer in known] == ["SignInFailed"] * 7
    assert known == unknown


def test_a_known_and_an_unknown_account_take_the_same_time(identity, db, somebody):
    person = somebody().activated()
    took = {person.login: [], "khong.co-ai": []}

    for _ in range(12):
        for login, seconds in took.items():
            elapsed(db, "guesses", 3600)
            began = time.perf_counter()
            with pytest.raises(SignInFailed):
                identity.sign_in(sign_in(login))
            seconds.append(time.perf_counter() - began)

    known, unknown = map(median, took.values())
    assert abs(known - unknown) < max(known, unknown) / 2


def test_from_the_fifth_failure_even_the_right_password_must_wait(identity, db, somebody):
    person = somebody().activated()
    for _ in range(5):
        with pytest.raises(SignInFailed):
            identity.sign_in(sign_in(person.login))

    with pytest.raises(SignInFailed) as refused:
        person.challenged()
    elapsed(db, "guesses", 3)

    assert int(refused.value.facts["seconds"]) in (1, 2)
    assert person.challenged()


def test_of_many_guesses_at_once_five_are_looked_at(identity, db, somebody):
    person = somebody().activated()

    def guess(_):
        with pytest.raises(SignInFailed):
            identity.sign_in(sign_in(person.login))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(guess, range(40)))

    assert number(db, "SELECT failures FROM guesses") in (5, 6)  # the sixth after two seconds, on a slow machine


def test_who_finds_eight_before_them_is_told_to_come_back_and_no_failure_is_counted(identity, db, somebody):
    who = somebody().activated()
    with ExitStack() as crowd:
        for _ in range(8):
            crowd.enter_context(room())
        with pytest.raises(Unavailable):
            who.challenged()
        with pytest.raises(Unavailable):
            who.challenged("không phải mật khẩu này đâu")

    assert who.challenged()
    assert number(db, "SELECT coalesce(sum(failures), 0) FROM guesses") == 0


def test_nothing_is_looked_at_after_a_hundred_failures(identity, db, somebody):
    person = somebody().activated()
    with pytest.raises(SignInFailed):
        identity.sign_in(sign_in(person.login))
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE guesses SET failures = 99, not_before = now() - interval '1 day'"))

    assert person.challenged()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE guesses SET failures = 100, not_before = now() - interval '1 day'"))
    with pytest.raises(SignInFailed):
        person.challenged()


def test_both_factors_right_begin_the_count_anew(identity, db, somebody):
    person = somebody().activated()
    for _ in range(4):
        with pytest.raises(SignInFailed):
            identity.sign_in(sign_in(person.login))

    person.signed_in()

    assert number(db, "SELECT count(*) FROM guesses") == 0


def test_a_code_is_good_once(identity, somebody):
    person = somebody().activated()
    code = person.totp()
    identity.second_factor(SecondFactor(key=uuid4(), challenge=person.challenged(), totp=code))

    with pytest.raises(CodeRefused):
        identity.second_factor(SecondFactor(key=uuid4(), challenge=person.challenged(), totp=code))


def test_an_older_code_than_the_last_is_refused(identity, somebody):
    person = somebody().activated()
    person.signed_in(+1)

    with pytest.raises(CodeRefused):
        person.signed_in(0)


def test_the_code_of_activation_does_not_sign_in(identity, somebody):
    person = somebody()
    person.secret = identity.activate(
        Activate(key=uuid4(), login=person.login, code=person.code, password=PASSWORD)
    ).secret
    code = person.totp()
    identity.confirm_enrolment(ConfirmEnrolment(key=uuid4(), login=person.login, code=person.code, totp=code))

    with pytest.raises(CodeRefused):
        identity.second_factor(SecondFactor(key=uuid4(), challenge=person.challenged(), totp=code))


def test_one_code_given_twenty_times_at_once_opens_one_session(identity, db, somebody):
    person = somebody().activated()
    challenges, code = [person.challenged() for _ in range(20)], person.totp()

    def give(challenge):
        try:
            return identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=code)).token
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(give, challenges))

    assert len([outcome for outcome in outcomes if outcome not in ("CodeRefused", "SignInFailed")]) == 1
    assert number(db, "SELECT count(*) FROM sessions") == 1


def test_one_challenge_opens_one_session(identity, db, somebody):
    person = somebody().activated()
    challenge = person.challenged()
    identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=person.totp()))

    with pytest.raises(CodeRefused):
        identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=person.totp(+1)))


def test_a_challenge_waits_five_minutes(identity, db, somebody):
    person = somebody().activated()
    challenge = person.challenged()
    elapsed(db, "challenges", 301)

    with pytest.raises(CodeRefused):
        identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=person.totp()))


def test_codes_cannot_be_guessed_quickly_and_the_guesser_does_not_lock_out_the_password(identity, db, somebody):
    person = somebody().activated()
    challenge = person.challenged()
    wrong = f"{(int(person.totp()) + 1) % 10**6:06d}"
    outcomes = []
    for _ in range(7):
        with pytest.raises(Refusal) as refused:
            identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=wrong))
        outcomes.append(refused.value.code)

    assert outcomes == ["CodeRefused"] * 5 + ["SignInFailed"] * 2
    assert person.challenged()


def test_a_second_place_ends_the_first_and_it_is_told(identity, db, told, somebody):
    person = somebody().activated()
    first = person.signed_in(0)
    second = person.signed_in(+1)

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=first.token))
    assert identity.open_passport(OpenPassport(token=second.token)).person == first.person
    ended = [letter.data for letter in told(db) if letter.topic == "identity.session_ended"]
    assert [(each["person"], each["reason"]) for each in ended] == [(str(first.person), "replaced")]


def test_a_session_ends_when_its_person_goes(identity, db, told, somebody):
    session = somebody().activated().signed_in()

    identity.sign_out(SignOut(key=uuid4(), token=session.token))
    identity.sign_out(SignOut(key=uuid4(), token=session.token))

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=session.token))
    assert [letter.data["reason"] for letter in told(db) if letter.topic == "identity.session_ended"] == ["signed_out"]


@pytest.mark.parametrize(("role", "minutes"), [("typist", 30), ("approver", 15)])
def test_an_idle_session_ends_and_a_used_one_lives(identity, db, told, somebody, role, minutes):
    session = somebody(role=role).activated().signed_in()

    elapsed(db, "sessions", minutes * 60 - 20)
    identity.expire()
    identity.open_passport(OpenPassport(token=session.token))
    elapsed(db, "sessions", minutes * 60 - 20)
    identity.open_passport(OpenPassport(token=session.token))
    elapsed(db, "sessions", minutes * 60 + 1)

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=session.token))
    identity.expire()
    assert [letter.data["reason"] for letter in told(db) if letter.topic == "identity.session_ended"] == ["expired"]


def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(identity, db, somebody):
    session = somebody().activated().signed_in()

    elapsed(db, "sessions", 20 * 60)
    identity.open_passport(OpenPassport(token=session.token, renew=False))
    elapsed(db, "sessions", 11 * 60)

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=session.token, renew=False))


def test_a_session_ends_after_twelve_hours_however_busy(identity, db, somebody):
    session = somebody().activated().signed_in()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE sessions SET ends_at = ends_at - interval '12 hours'"))

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=session.token))


def test_idle_time_is_written_down_once_a_minute(identity, db, somebody):
    session = somebody().activated().signed_in()
    seen = number(db, "SELECT seen_at FROM sessions")

    identity.open_passport(OpenPassport(token=session.token))
    assert number(db, "SELECT seen_at FROM sessions") == seen

    elapsed(db, "sessions", 61)
    identity.open_passport(OpenPassport(token=session.token))
    assert number(db, "SELECT seen_at FROM sessions") >= seen


def test_a_role_that_ended_is_not_in_the_next_passport(identity, db, somebody):
    session = somebody().activated().signed_in()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE grants SET ended_at = now()"))

    assert identity.open_passport(OpenPassport(token=session.token)).grants == ()


def test_a_closed_account_has_no_session(identity, db, somebody):
    person = somebody().activated()
    session = person.signed_in()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET state = 'closed'"))

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=session.token))
    with pytest.raises(SignInFailed):
        person.challenged()


def test_stepping_up_approves_exactly_one_content_with_a_fresh_code(identity, passport_keys, somebody):
    person = somebody(role="approver").activated()
    session = person.signed_in(0)
    code = person.totp(+1)

    papers = identity.step_up(StepUp(key=uuid4(), token=session.token, totp=code, content=CONTENT))

    assert Verifier(passport_keys).verify(papers.passport).approves == CONTENT
    with pytest.raises(CodeRefused):
        identity.step_up(StepUp(key=uuid4(), token=session.token, totp=code, content="cd" * 32))
    assert (
        Verifier(passport_keys).verify(identity.open_passport(OpenPassport(token=session.token)).passport).approves
        is None
    )


def test_one_code_steps_up_once_however_often_it_is_given_at_once(identity, somebody):
    person = somebody(role="approver").activated()
    session, code = person.signed_in(0), person.totp(+1)

    def give(place):
        try:
            return identity.step_up(StepUp(key=uuid4(), token=session.token, totp=code, content=f"{place:064x}")).login
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(give, range(20)))

    assert outcomes.count(person.login) == 1


@pytest.mark.parametrize("token", ["", "x", "không phải mã", "A" * 512, "' OR 1=1 --", "\u0000"])
@pytest.mark.parametrize("door", ["open_passport", "step_up", "second_factor"])
def test_what_is_no_token_opens_nothing(identity, door, token):
    bodies = {
        "open_passport": {"token": token},
        "step_up": {"key": str(uuid4()), "token": token, "totp": "123456", "content": CONTENT},
        "second_factor": {"key": str(uuid4()), "challenge": token, "totp": "123456"},
    }

    with pytest.raises((NotSignedIn, CodeRefused, BadRequest)):
        getattr(identity, door)(json.dumps(bodies[door]).encode())


def test_the_answers_of_sign_in_are_not_kept(identity, db, somebody):
    person = somebody().activated()
    person.signed_in()

    assert number(db, "SELECT count(*) FROM answered") == 0


@pytest.mark.parametrize(
    "role", ["approver", "board_head", "system_admin", "account_admin", "publisher", "commission_head"]
)
def test_who_approves_signs_publishes_or_administers_is_signed_out_early(role):
    assert sessions.idle_minutes(["typist", role]) == 15
