"""Recovery: the same answer for everybody, two people above and never the holder, a code used once, everything old ends."""

import time
from statistics import median
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.contracts.accounts import AlreadyActive, ReissueActivation
from services.contracts.base import Grant, NotAllowed, NotSignedIn, SamePerson, StepNotAllowed, StepUpNeeded, Unknown
from services.contracts.identity import CodeRefused, ConfirmEnrolment, OpenPassport, PasswordTooWeak, SignInFailed
from services.contracts.passkeys import (
    AskRecovery,
    ConfirmRecovery,
    NotAbove,
    OpenRecovery,
    Recover,
    RecoveriesOf,
    RefuseRecovery,
)
from services.identity.domain.recovery import stands_above
from services.identity.domain.states import ACCOUNT_STATES, RECOVERY_STATES
from tests.identity.authenticator import SecurityKey
from tests.identity.conftest import ELECTION, HUE, PASSWORD, ROOT, VY_DA, creating, new
from tests.identity.test_passkeys import Keeper

NEW_PASSWORD = "mưa rơi trên mái ngói cũ sau vườn chuối"
PROVINCE, COMMUNE = f"{ELECTION}/{HUE}", f"{ELECTION}/{VY_DA}"


def number(db, sql):
    with db.engine.connect() as connection:
        return connection.execute(text(sql)).scalar()


@pytest.fixture
def admins(identity, units):
    """Account administrators that exist: `admins("a.hue", HUE)` → their passport maker."""
    from services.contracts.base import Passport

    def make(login, unit, role="account_admin"):
        identity.create_accounts(creating(new(login, role, unit), unit=unit), by=ROOT)
        with identity.db.engine.connect() as connection:
            asked = text("SELECT person FROM accounts WHERE login = :login")
            person = connection.execute(asked, {"login": login}).scalar()

        def passport(approves=None):
            scope = "*" if role == "system_admin" else f"{ELECTION}/{unit}"
            return Passport(
                person=person, name=login, session=uuid4(), grants=(Grant(role=role, scope=scope),), approves=approves
            )

        return passport

    return make


@pytest.fixture
def lost(identity, somebody):
    """A person at work who will have lost everything."""
    return Keeper(identity, somebody("lan.vy-da", "approver").activated())


@pytest.fixture
def above(admins):
    return admins("mot.hue", HUE), admins("hai.hue", HUE)


def ask(identity, login="lan.vy-da"):
    identity.ask_recovery(AskRecovery(key=uuid4(), login=login, address="10.1.2.3", device="Chrome"))
    identity.tend_recoveries()


def listed(identity, by, unit=HUE):
    return identity.recoveries_of(RecoveriesOf(election=ELECTION, unit=unit), by=by()).recoveries


def confirm(identity, by, card, *, approves=None, key=None, unit=HUE):
    asked = ConfirmRecovery(key=key or uuid4(), election=ELECTION, unit=unit, recovery=card.id, content=card.content)
    return identity.confirm_recovery(asked, by=by(card.content if approves is None else approves))


def confirmed(identity, above):
    ask(identity)
    card = listed(identity, above[0])[0]
    confirm(identity, above[0], card)
    return confirm(identity, above[1], card).code


def recover(identity, code, login="lan.vy-da", password=NEW_PASSWORD):
    return identity.recover(Recover(key=uuid4(), login=login, code=code, password=password))


@pytest.mark.parametrize(
    ("role", "mine", "theirs", "above_them"),
    [
        ("account_admin", PROVINCE, [COMMUNE], True),
        ("account_admin", f"{ELECTION}/vn", [COMMUNE], True),
        ("account_admin", COMMUNE, [COMMUNE], False),
        ("account_admin", PROVINCE, [PROVINCE], False),
        ("account_admin", PROVINCE, [COMMUNE, f"{ELECTION}/vn/48/20194"], False),
        ("account_admin", PROVINCE, [COMMUNE, f"2026/{VY_DA}"], False),
        ("account_admin", f"{ELECTION}/vn/4", [COMMUNE], False),
        ("account_admin", PROVINCE, [], False),
        ("account_admin", f"{ELECTION}/vn", ["*"], False),
        ("approver", PROVINCE, [COMMUNE], False),
        ("system_admin", "*", [COMMUNE], True),
        ("system_admin", "*", ["*"], True),
    ],
)
def test_who_recovers_stands_strictly_above_every_role(role, mine, theirs, above_them):
    assert stands_above([Grant(role=role, scope=mine)], theirs) is above_them


@pytest.mark.parametrize("state", RECOVERY_STATES.words)
def test_a_recovery_that_ended_stays_ended(state):
    acts = {act for act in ("confirm", "refuse", "lapse", "use") if RECOVERY_STATES.allows(state, act)}

    assert acts == {
        "asked": {"confirm", "refuse", "lapse"}, "half": {"confirm", "refuse", "lapse"},
        "confirmed": {"refuse", "lapse", "use"}, "used": {"use"}, "refused": set(), "lapsed": set(),
    }[state]  # fmt: skip


def test_only_who_has_an_account_in_use_recovers_it():
    assert [state for state in ACCOUNT_STATES.words if ACCOUNT_STATES.allows(state, "recover")] == ["enrolling", "active"]


def test_asking_answers_alike_and_does_the_same_work_for_known_and_unknown(identity, db, lost):
    took = {"lan.vy-da": [], "khong.co-ai": []}
    answers = set()
    for _ in range(30):
        for login, seconds in took.items():
            began = time.perf_counter()
            answers.add(identity.ask_recovery(AskRecovery(key=uuid4(), login=login)).model_dump_json())
            seconds.append(time.perf_counter() - began)

    known, unknown = map(median, took.values())
    assert len(answers) == 1
    assert abs(known - unknown) < max(known, unknown) / 2
    assert number(db, "SELECT count(*) FROM recovery_asks") == 2
    identity.tend_recoveries()
    assert number(db, "SELECT count(*) FROM recovery_asks") == 0
    assert number(db, "SELECT count(*) FROM recoveries") == 1


def test_two_people_above_confirm_and_the_second_is_told_the_code(identity, db, told, lost, above):
    ask(identity)
    card = listed(identity, above[0])[0]
    first = confirm(identity, above[0], card)
    second = confirm(identity, above[1], card)

    assert (card.login, card.state, card.address, card.device) == ("lan.vy-da", "asked", "10.1.2.3", "Chrome")
    assert (first.recovery.state, first.code) == ("half", "")
    assert second.recovery.state == "confirmed"
    assert len(second.code.replace("-", "")) == 16
    assert second.recovery.confirmed_by == ("Lê Thị Hoa", "Lê Thị Hoa")
    states = [letter.data["state"] for letter in told(db) if letter.topic == "identity.recovery_changed"]
    assert states == ["asked", "half", "confirmed"]
    with db.engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM answered")).all()) + str(told(db))
    assert second.code not in kept


def test_while_a_person_recovers_one_administrator_alone_gives_no_other_code(identity, lost, above):
    code = confirmed(identity, above)
    recover(identity, code)
    again = ReissueActivation(key=uuid4(), election=ELECTION, unit=VY_DA, person=lost.session.person)

    with pytest.raises(AlreadyActive):
        identity.reissue_activation(again, by=above[0]())


def test_the_code_ends_every_old_factor_and_session_and_begins_a_new_account(identity, db, told, lost, above):
    key = lost.adds()
    challenge, options = lost.challenge()
    code = confirmed(identity, above)
    assert lost.passport

    enrolment = recover(identity, code)

    with pytest.raises(NotSignedIn):
        identity.open_passport(OpenPassport(token=lost.session.token))
    with pytest.raises(CodeRefused):
        lost.gives(challenge, key.used(options))
    for password in (PASSWORD, NEW_PASSWORD):
        with pytest.raises(SignInFailed):
            lost.who.challenged(password)
    lost.who.secret = enrolment.secret
    identity.confirm_enrolment(
        ConfirmEnrolment(key=uuid4(), login="lan.vy-da", code=code, totp=lost.who.totp())
    )
    with pytest.raises(SignInFailed):
        lost.who.challenged(PASSWORD)
    assert lost.who.challenged(NEW_PASSWORD)
    assert number(db, "SELECT count(*) FROM passkeys WHERE ended_at IS NULL") == 0
    letters = [letter.data for letter in told(db)]
    assert {"reason": "recovered"}.items() <= next(each for each in letters if "reason" in each and each["reason"] == "recovered").items()
    assert [each["cause"] for each in letters if "cause" in each] == ["added", "recovered"]
    assert identity.invariants()["active account without password or second factor"] == 0


def test_a_recovered_account_may_take_a_key_instead_of_an_app(identity, lost, above):
    from tests.identity.test_passkeys import first

    lost.who.code = confirmed(identity, above)
    recover(identity, lost.who.code)
    first(identity, lost.who, SecurityKey())

    assert lost.who.challenged(NEW_PASSWORD)


def test_the_code_is_good_once(identity, lost, above):
    code = confirmed(identity, above)
    lost.who.secret = recover(identity, code).secret
    identity.confirm_enrolment(ConfirmEnrolment(key=uuid4(), login="lan.vy-da", code=code, totp=lost.who.totp()))

    with pytest.raises(CodeRefused):
        recover(identity, code)


def test_who_loses_the_page_halfway_may_type_the_code_again(identity, lost, above):
    code = confirmed(identity, above)
    recover(identity, code)

    assert recover(identity, code).secret


@pytest.mark.parametrize(
    ("login", "code"), [("lan.vy-da", "AAAA-BBBB-CCCC-DDDD"), ("khong.co-ai", None), ("hoa.vy-da", None)]
)
def test_a_wrong_code_or_name_is_refused_alike(identity, somebody, lost, above, login, code):
    somebody("hoa.vy-da").activated()
    right = confirmed(identity, above)

    with pytest.raises(CodeRefused):
        recover(identity, code or right, login)
    assert lost.passport


def test_the_code_of_an_activation_recovers_nothing(identity, lost):
    with pytest.raises(CodeRefused):
        recover(identity, lost.who.code)


def test_a_weak_password_is_refused_and_nothing_ends(identity, lost, above):
    code = confirmed(identity, above)

    with pytest.raises(PasswordTooWeak):
        recover(identity, code, password="ngắn")
    assert lost.passport


def test_one_person_is_not_two(identity, lost, above):
    ask(identity)
    card = listed(identity, above[0])[0]
    confirm(identity, above[0], card)

    with pytest.raises(SamePerson):
        confirm(identity, above[0], card)
    assert [each.may_confirm for each in (*listed(identity, above[0]), *listed(identity, above[1]))] == [False, True]


def test_a_confirmation_needs_a_second_factor_for_exactly_this_recovery(identity, lost, above):
    ask(identity)
    card = listed(identity, above[0])[0]

    asked = ConfirmRecovery(key=uuid4(), election=ELECTION, unit=HUE, recovery=card.id, content=card.content)
    for approves in (None, "ab" * 32):
        with pytest.raises(StepUpNeeded):
            identity.confirm_recovery(asked, by=above[0](approves))
    forged = card.model_copy(update={"content": "ab" * 32})
    with pytest.raises(StepUpNeeded):
        confirm(identity, above[0], forged)


def test_nobody_of_the_same_unit_and_not_the_holder_confirms(identity, admins, lost, above):
    same = admins("ba.vy-da", VY_DA)
    holder = admins("bon.hue", HUE)
    ask(identity)
    card = listed(identity, above[0])[0]

    with pytest.raises(NotAbove):
        confirm(identity, same, card, unit=VY_DA)
    with pytest.raises(NotAbove):
        identity.open_recovery(
            OpenRecovery(key=uuid4(), election=ELECTION, unit=HUE, login="bon.hue", reason="mất"), by=holder()
        )
    assert [each.may_confirm for each in listed(identity, same, VY_DA)] == [False]


def test_the_holder_does_not_confirm_even_from_above(identity, admins, db):
    """Who is an administrator of the nation and also types in a commune stands above the latter role of their own."""
    both = admins("sau.vn", "vn", "account_admin")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET state = 'active'"))
        connection.execute(text(f"UPDATE grants SET scope = '{COMMUNE}', unit = '{VY_DA}'"))
    ask(identity, "sau.vn")
    card = listed(identity, both, "vn")[0]

    with pytest.raises(NotAbove):
        confirm(identity, both, card, unit="vn")


def test_an_administrator_opens_one_for_somebody_at_the_desk(identity, lost, above):
    asked = OpenRecovery(key=uuid4(), election=ELECTION, unit=HUE, login="lan.vy-da", reason="Mất điện thoại, đến tận nơi")
    card = identity.open_recovery(asked, by=above[0]()).recovery
    again = identity.open_recovery(asked.model_copy(update={"key": uuid4()}), by=above[1]()).recovery

    assert (card.state, card.opened_by, card.reason) == ("asked", "Lê Thị Hoa", "Mất điện thoại, đến tận nơi")
    assert again.id == card.id
    confirm(identity, above[0], card)
    assert confirm(identity, above[1], card).code


@pytest.mark.parametrize("login", ["khong.co-ai", "cho.vy-da"])
def test_nothing_is_opened_for_who_has_no_active_account(identity, somebody, above, login):
    somebody("cho.vy-da")

    with pytest.raises(NotAbove):
        identity.open_recovery(
            OpenRecovery(key=uuid4(), election=ELECTION, unit=HUE, login=login, reason="mất"), by=above[0]()
        )
    ask(identity, login)
    assert listed(identity, above[0]) == ()


def test_a_role_without_the_power_sees_no_recovery(identity, lost, admins):
    typist = admins("go.vy-da", VY_DA, "typist")

    with pytest.raises(NotAllowed):
        listed(identity, typist, VY_DA)


def test_a_refused_recovery_gives_no_code_and_asking_again_waits(identity, lost, above, admins):
    code = confirmed(identity, above)
    card = listed(identity, above[0])[0]
    refused = identity.refuse_recovery(
        RefuseRecovery(key=uuid4(), election=ELECTION, unit=HUE, recovery=card.id, reason="không phải chính chủ"), by=above[0]()
    )

    assert refused.recovery.state == "refused"
    with pytest.raises(CodeRefused):
        recover(identity, code)
    ask(identity)
    assert [each.state for each in listed(identity, above[0])] == ["refused"]
    with pytest.raises(StepNotAllowed):
        confirm(identity, admins("ba.hue", HUE), card)


def test_a_recovery_nobody_decides_lapses_with_its_code(identity, db, told, lost, above):
    code = confirmed(identity, above)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE recoveries SET ends_at = now() - interval '1 second'"))
    identity.tend_recoveries()

    with pytest.raises(CodeRefused):
        recover(identity, code)
    assert [each.state for each in listed(identity, above[0])] == ["lapsed"]
    ask(identity)
    assert [each.state for each in listed(identity, above[0])] == ["asked", "lapsed"]


def test_the_second_person_who_asks_again_is_told_the_same_code(identity, lost, above):
    ask(identity)
    card = listed(identity, above[0])[0]
    confirm(identity, above[0], card)
    key = uuid4()

    assert confirm(identity, above[1], card, key=key).code == confirm(identity, above[1], card, key=key).code


def test_an_unknown_recovery_is_not_there(identity, lost, above):
    card = listed(identity, above[0])
    assert card == ()
    with pytest.raises(Unknown):
        identity.confirm_recovery(
            ConfirmRecovery(key=uuid4(), election=ELECTION, unit=HUE, recovery=UUID(int=5), content="ab" * 32), by=above[0]()
        )
