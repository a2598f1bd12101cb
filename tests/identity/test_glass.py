"""Break-glass: two of three keys, one role, one unit, one hour, and everything done with it is read from above."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import (
    Envelope,
    HasFindings,
    NotAllowed,
    SameMachine,
    SamePerson,
    StepNotAllowed,
    StepUpNeeded,
    Unknown,
)
from services.contracts.duties import (
    GLASS_ROLES,
    CloseOpening,
    GlassIsOpen,
    GlassOf,
    JoinOpening,
    NotAboveOpening,
    OpenGlass,
    OpeningActs,
    ReviewOpening,
    SealedKeyRefused,
    SealKeys,
    opening_hash,
)
from services.contracts.identity import OpenPassport
from services.contracts.roles import POLICY, Action, Role
from services.identity.domain import glass
from services.identity.domain.roles import administers
from tests.identity.conftest import ELECTION, HUE, VY_DA, holder

REASON = "Thư ký ốm nặng trong đêm kiểm phiếu, không ai báo được tiến độ"
HEADS = ("binh.vy-da", "chi.hue", "dung.hue", "em.hue")


class Envelopes:
    """Four heads of Commissions with accounts, three of whom hold a key of the ward in an envelope."""

    def __init__(self, identity, somebody) -> None:
        self.identity = identity
        self.people = [
            somebody(login, "commission_head", VY_DA if login.endswith("vy-da") else HUE, name=f"Chủ tịch {login[:4]}")
            for login in HEADS
        ]
        for person in self.people:
            person.activated()
        with identity.db.engine.connect() as connection:
            rows = connection.execute(text("SELECT login, person FROM accounts")).all()
        self.ids: dict[str, UUID] = dict(tuple(row) for row in rows)
        self.keys: dict[str, str] = {}
        self.seal()

    def passport(self, login, approves=None, machine=None):
        unit = VY_DA if login.endswith("vy-da") else HUE
        made = holder("commission_head", f"{ELECTION}/{unit}", self.ids[login])
        return made.model_copy(update={"approves": approves, "machine": machine or f"may cua {login}", "name": login})

    def seal(self, holders=HEADS[:3]):
        asked = SealKeys(key=uuid4(), election=ELECTION, unit=VY_DA, holders=holders)
        answer = self.identity.seal_keys(asked, by=self.passport(HEADS[0]))
        self.keys = {each.login: each.key for each in answer.keys}
        return answer

    def ask(self, login=HEADS[0], key=None, role=Role.SECRETARY, **how):
        asked = OpenGlass(
            key=uuid4(), election=ELECTION, unit=VY_DA, role=role, reason=REASON,
            sealed_key=key or self.keys.get(login, "AAAA"),
        )  # fmt: skip
        return self.identity.open_glass(asked, by=self.passport(login, **how))

    def join(self, opening, login=HEADS[1], key=None, approves=None, content=None, **how):
        content = content or opening.content
        asked = JoinOpening(
            key=uuid4(), election=ELECTION, unit=VY_DA, opening=opening.opening, content=content,
            sealed_key=key or self.keys.get(login, "AAAA"),
        )  # fmt: skip
        return self.identity.join_opening(asked, by=self.passport(login, approves=approves or content, **how))

    def close(self, opening, login=HEADS[2]):
        asked = CloseOpening(key=uuid4(), election=ELECTION, unit=VY_DA, opening=opening.opening)
        return self.identity.close_opening(asked, by=self.passport(login))

    def review(self, opening, by, in_order=True, unit=VY_DA):
        asked = ReviewOpening(
            key=uuid4(), election=ELECTION, unit=unit, opening=opening.opening, in_order=in_order, verdict="Đã đọc"
        )
        return self.identity.review_opening(asked, by=by)

    def grants(self, login):
        """The roles the account really holds now, as a passport of a new session would tell them."""
        person = next(each for each in self.people if each.login == login)
        person.free_codes()
        session = person.signed_in()
        return {grant.role for grant in self.identity.open_passport(OpenPassport(token=session.token)).grants}

    def shown(self, by=None, unit=VY_DA):
        return self.identity.glass_of(GlassOf(election=ELECTION, unit=unit), by=by or self.passport(HEADS[0]))

    def later(self, **by):
        """As if so much time had passed for every opening and the roles they lent."""
        with self.identity.db.engine.begin() as connection:
            for column in ("asked_at", "lapses_at", "opened_at", "ends_at", "over_at"):
                connection.execute(text(f"UPDATE openings SET {column} = {column} - :by"), {"by": timedelta(**by)})
            connection.execute(text("UPDATE grants SET expires_at = expires_at - :by"), {"by": timedelta(**by)})


OFFICE = holder("nation_officer", f"{ELECTION}/vn")


@pytest.fixture
def held(identity, somebody):
    return Envelopes(identity, somebody)


def test_three_keys_are_sealed_for_three_people_and_shown_once(held, db, told):
    assert [each.login for each in held.shown().holders] == sorted(HEADS[:3])
    assert len(set(held.keys.values())) == 3

    with db.engine.connect() as connection:
        kept = [bytes(row) for row in connection.execute(text("SELECT key_hash FROM sealed_keys")).scalars()]
        answered = connection.execute(text("SELECT reply FROM answered")).scalars().all()
    assert not any(key in reply for key in held.keys.values() for reply in answered)
    assert all(len(each) == 32 for each in kept)
    letters = [letter for letter in told(db) if letter.topic == "identity.keys_sealed"]
    assert not any(key in str(letter.data) for key in held.keys.values() for letter in letters)


@pytest.mark.parametrize(
    ("holders", "codes"),
    [
        ((HEADS[0], HEADS[1], HEADS[1]), ["G501"]),
        ((HEADS[0], HEADS[1], "khong.co"), ["G502"]),
        ((HEADS[0], HEADS[1], "hoa.vy-da"), ["G502"]),
        ((HEADS[0], "lan.vy-da", "khong.co"), ["G502", "G503"]),
    ],
)
def test_keys_are_held_by_three_active_people_who_may_hold_them(held, somebody, holders, codes):
    somebody("hoa.vy-da", "typist")
    somebody("lan.vy-da", "typist").activated()

    with pytest.raises(HasFindings) as refused:
        held.seal(holders)
    assert sorted(found.code for found in refused.value.findings) == codes


def test_two_keys_lend_one_role_in_one_unit_to_who_asked_and_to_nobody_else(held, db, told):
    asked = held.ask()
    assert asked.state == "asked"
    assert held.grants(HEADS[0]) == {"commission_head"}

    opening = held.join(asked)

    assert opening.state == "open"
    assert opening.ends_at - opening.opened_at == timedelta(minutes=60)
    assert held.grants(HEADS[0]) == {"commission_head", "secretary"}
    assert held.grants(HEADS[1]) == {"commission_head"}
    letters = [letter.data for letter in told(db) if letter.topic == "identity.glass_changed"]
    assert [letter["state"] for letter in letters] == ["asked", "open"]
    assert letters[1]["reason"] == REASON
    changed = [letter.data for letter in told(db) if letter.topic == "identity.account_changed"][-1]
    assert {"role": "secretary", "scope": f"{ELECTION}/{VY_DA}"} in changed["grants"]
    assert held.identity.signals()["hp_glass_open"] == 1


def test_one_person_with_two_keys_opens_nothing(held):
    asked = held.ask()

    with pytest.raises(SamePerson):
        held.join(asked, login=HEADS[0])
    with pytest.raises(SamePerson):
        held.join(asked, login=HEADS[0], key=held.keys[HEADS[1]])
    with pytest.raises(SameMachine):
        held.join(asked, login=HEADS[1], machine=f"may cua {HEADS[0]}")
    assert held.grants(HEADS[0]) == {"commission_head"}


def test_a_key_opens_only_in_the_hand_it_was_sealed_for(held):
    for login, key in ((HEADS[3], held.keys[HEADS[0]]), (HEADS[0], held.keys[HEADS[1]]), (HEADS[0], "AAAA-BBBB")):
        with pytest.raises(SealedKeyRefused):
            held.ask(login, key=key)
    asked = held.ask()
    with pytest.raises(SealedKeyRefused):
        held.join(asked, login=HEADS[1], key=held.keys[HEADS[2]])
    with pytest.raises(SealedKeyRefused):
        held.join(asked, login=HEADS[3], key=held.keys[HEADS[1]])


def test_the_second_holder_gives_a_second_factor_for_exactly_this_opening(held):
    asked = held.ask()
    other = opening_hash(asked.opening, ELECTION, VY_DA, "approver", REASON)

    with pytest.raises(StepUpNeeded):
        held.join(asked, approves="0" * 64)
    with pytest.raises(Exception, match="content changed"):
        held.join(asked, content=other)
    assert asked.content == opening_hash(asked.opening, ELECTION, VY_DA, "secretary", REASON)


def test_sealing_anew_makes_the_old_keys_worthless_and_waits_for_an_opening_to_end(held):
    old = held.keys[HEADS[0]]
    held.seal((HEADS[0], HEADS[1], HEADS[3]))
    with pytest.raises(SealedKeyRefused):
        held.ask(key=old)
    asked = held.ask()
    with pytest.raises(GlassIsOpen):
        held.seal()
    with pytest.raises(GlassIsOpen):
        held.ask(HEADS[1])
    held.close(asked, login=HEADS[3])
    assert held.ask(HEADS[1]).state == "asked"


@pytest.mark.parametrize("role", sorted(set(Role) - set(GLASS_ROLES)))
def test_no_other_role_is_lent(held, role):
    with pytest.raises(HasFindings) as refused:
        held.ask(role=role)
    assert [found.code for found in refused.value.findings] == ["G504"]


def test_the_roles_that_are_lent_reach_neither_accounts_nor_the_ledger():
    forbidden = {
        Action.READ_LEDGER, Action.REGISTER_WITNESS, Action.HOLD_KEY, Action.REVIEW_OPENING, Action.LOAD_UNITS,
        Action.PUBLISH_SNAPSHOT, Action.SET_CLOCK,
    }  # fmt: skip
    for role in GLASS_ROLES:
        assert not administers(role)
        assert not set(POLICY.table[role]) & forbidden
    assert [found.code for found in glass.role_findings(Role.BOARD_HEAD, VY_DA)] == ["G505"]
    assert glass.role_findings(Role.BOARD_HEAD, f"{HUE}/NA-46-01") == ()


def test_what_nobody_joins_within_a_quarter_of_an_hour_lapses(held):
    asked = held.ask()
    held.later(minutes=15)

    with pytest.raises(StepNotAllowed):
        held.join(asked)
    held.identity.end_openings()
    assert held.shown().openings[0].state == "lapsed"
    assert held.grants(HEADS[0]) == {"commission_head"}


def test_after_an_hour_the_role_is_gone_by_itself(held):
    opening = held.join(held.ask())
    held.later(minutes=59)
    assert held.grants(HEADS[0]) == {"commission_head", "secretary"}
    held.later(minutes=1)

    assert held.grants(HEADS[0]) == {"commission_head"}
    held.identity.end_openings()
    shown = held.shown().openings[0]
    assert (shown.state, shown.over_at) == ("over", shown.ends_at)
    assert held.identity.signals()["hp_glass_open"] == 0
    assert opening.opening == shown.opening


def test_any_holder_ends_it_at_once(held):
    opening = held.join(held.ask())
    with pytest.raises(SealedKeyRefused):
        held.close(opening, login=HEADS[3])

    assert held.close(opening).state == "over"

    assert held.grants(HEADS[0]) == {"commission_head"}
    with pytest.raises(StepNotAllowed):
        held.close(opening)


def test_every_act_of_the_borrower_in_that_hour_is_listed_and_no_other(held):
    opening = held.join(held.ask())
    now = datetime.now(UTC)

    def letter(actor, aggregate, at):
        return Envelope(
            id=uuid4(),
            topic="results.turnout_reported",
            aggregate=aggregate,
            version=1,
            at=at,
            actor=str(actor),
            data={},
        )

    borrower = held.ids[HEADS[0]]
    held.identity.hear(
        [
            letter(borrower, "turnout/a", now + timedelta(milliseconds=1)),
            letter(held.ids[HEADS[1]], "turnout/b", now),
            letter(borrower, "turnout/c", opening.opened_at - timedelta(seconds=1)),
        ]
    )
    closed = held.close(opening)

    acts = held.identity.opening_acts(OpeningActs(election=ELECTION, unit=VY_DA, opening=opening.opening), by=OFFICE)
    assert [act.aggregate for act in acts.acts] == ["turnout/a"]
    assert closed.acts == 1
    with pytest.raises(Unknown):
        held.identity.opening_acts(
            OpeningActs(election=ELECTION, unit="vn/46/19780", opening=opening.opening), by=OFFICE
        )


def test_it_is_reviewed_from_above_by_neither_of_the_two_within_a_day(held):
    opening = held.close(held.join(held.ask()))
    assert held.shown().openings[0].findings == ()
    held.later(hours=24, minutes=1)
    assert [found.code for found in held.shown().openings[0].findings] == ["G506"]
    assert held.identity.signals()["hp_glass_unreviewed"] == 1

    with pytest.raises(NotAllowed):
        held.review(opening, held.passport(HEADS[2]))
    for login in HEADS[:2]:
        with pytest.raises(SamePerson):
            held.review(opening, holder("nation_officer", f"{ELECTION}/vn", held.ids[login]))
    with pytest.raises(SameMachine):
        held.review(opening, OFFICE.model_copy(update={"machine": f"may cua {HEADS[1]}"}))
    reviewed = held.review(opening, OFFICE, in_order=False)

    assert (reviewed.state, reviewed.in_order, reviewed.findings) == ("reviewed", False, ())
    assert held.identity.signals()["hp_glass_unreviewed"] == 0


@pytest.mark.parametrize("unit", ["vn", HUE, VY_DA])
def test_the_nation_reviews_it_from_the_page_of_any_unit_above(held, unit):
    opening = held.close(held.join(held.ask()))

    assert held.shown(OFFICE, unit).openings[0].reviewable
    assert held.review(opening, OFFICE, unit=unit).state == "reviewed"
    assert not held.shown(OFFICE, unit).openings[0].reviewable


def test_the_province_reviews_what_its_wards_opened_and_no_unit_reviews_itself(held):
    opening = held.close(held.join(held.ask()))
    itself = holder("province_officer", f"{ELECTION}/{VY_DA}")
    with pytest.raises(NotAboveOpening):
        held.review(opening, itself)
    assert not held.shown(itself).openings[0].reviewable
    stranger = holder("province_officer", f"{ELECTION}/vn/48")
    with pytest.raises(NotAllowed):
        held.review(opening, stranger)
    with pytest.raises(Unknown):
        held.review(opening, stranger, unit="vn/48")

    above = holder("province_officer", f"{ELECTION}/{HUE}")
    assert held.shown(above, HUE).openings[0].reviewable
    assert held.review(opening, above, unit=HUE).state == "reviewed"


@pytest.mark.parametrize(
    ("role", "scope", "unit", "may"),
    [
        ("province_officer", "vn/46", "vn/46/19777", True),
        ("province_officer", "vn/46", "vn/46/NA-46-01", True),
        ("province_officer", "vn/46", "vn/46", False),
        ("province_officer", "vn/46", "vn/48/20194", False),
        ("province_officer", "vn/4", "vn/46/19777", False),
        ("nation_officer", "vn", "vn/46", True),
        ("nation_officer", "vn", "vn", True),
        ("province_officer", "vn/46", "vn", False),
        ("commission_head", "vn/46", "vn/46/19777", False),
    ],
)
def test_who_stands_above_an_opening(role, scope, unit, may):
    grants = holder(role, f"{ELECTION}/{scope}").grants

    assert glass.reviewed_from(grants, ELECTION, unit) is may
    assert glass.reviewed_from((), ELECTION, unit) is False


def test_an_open_one_is_not_reviewed_before_it_is_over(held):
    opening = held.join(held.ask())

    with pytest.raises(StepNotAllowed):
        held.review(opening, OFFICE)
