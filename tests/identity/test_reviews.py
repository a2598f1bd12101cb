"""Reviews of accounts: opened from above, confirmed or closed by each unit, late ones found the day after."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.accounts import (
    CloseAccount,
    ConfirmAccounts,
    EndRole,
    OpenReview,
    PeopleOf,
    Reviewed,
    ReviewOf,
    ReviewsOf,
    ReviewsProgress,
)
from services.contracts.base import HasFindings, Unknown
from services.identity.domain import reviews
from services.identity.domain.reviews import Campaign, Counts
from tests.identity.conftest import ELECTION, HUE, VY_DA, creating, new
from tests.identity.test_roles import admin

THUAN_HOA = "vn/46/19786"
TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
NATION = admin("vn")


def campaign(due=TODAY, unit=HUE):
    return Campaign(uuid4(), ELECTION, unit, "Rà soát trước ngày bầu cử", due, uuid4(), "Trần Quản Trị", NOW)


def codes(findings):
    return [finding.code for finding in findings]


def test_a_review_is_due_today_or_later():
    assert codes(reviews.opening(TODAY, TODAY, [])) == []
    assert codes(reviews.opening(TODAY - timedelta(days=1), TODAY, [])) == ["R401"]


def test_a_unit_has_one_review_at_a_time_and_a_past_day_is_told_first():
    standing = [campaign(TODAY)]

    assert codes(reviews.opening(TODAY, TODAY, standing)) == ["R402"]
    assert codes(reviews.opening(TODAY + timedelta(days=9), TODAY + timedelta(days=1), standing)) == []
    assert codes(reviews.opening(TODAY - timedelta(days=1), TODAY, standing)) == ["R401"]


def test_nobody_confirms_their_own_account_or_one_that_is_not_asked_about():
    me, other = uuid4(), uuid4()
    asked = {(VY_DA, me): "toi.vy-da", (VY_DA, other): "hoa.vy-da"}

    assert codes(reviews.confirming([Reviewed(person=other, unit=VY_DA)], asked, me)) == []
    assert codes(reviews.confirming([Reviewed(person=me, unit=VY_DA)], asked, me)) == ["R403"]
    assert codes(reviews.confirming([Reviewed(person=me, unit=HUE)], asked, me)) == ["R404"]


def test_late_units_come_first_with_all_they_hold_below():
    counts = {
        HUE: Counts(confirmed=2),
        VY_DA: Counts(open=1, confirmed=5),
        f"{VY_DA}/CC-19777-01": Counts(open=2),
        THUAN_HOA: Counts(open=9, closed=1),
        "vn/48": Counts(open=50),
    }
    after = TODAY + timedelta(days=1)

    found = reviews.lines(counts, campaign(), HUE, after, deep=False)
    deep = reviews.lines(counts, campaign(), HUE, after, deep=True)
    in_time = reviews.lines(counts, campaign(), HUE, TODAY, deep=False)

    assert [(line.unit, line.open, line.late) for line in found] == [
        (THUAN_HOA, 9, True), (VY_DA, 3, True), (HUE, 0, False),
    ]  # fmt: skip
    assert [line.unit for line in deep] == [THUAN_HOA, f"{VY_DA}/CC-19777-01", VY_DA, HUE]
    assert not any(line.late for line in in_time)
    assert codes(reviews.late_findings(found, TODAY)) == ["R405", "R405"]
    assert codes(reviews.late_findings(in_time, TODAY)) == []


def test_a_day_is_a_day_in_vietnam():
    assert reviews.day_of(datetime(2026, 2, 28, 17, tzinfo=UTC)) == TODAY
    assert reviews.day_of(datetime(2026, 2, 28, 16, 59, tzinfo=UTC)) == TODAY - timedelta(days=1)


@pytest.fixture
def team(identity, units):
    rows = [
        new("hoa.vy-da"), new("khoa.vy-da", "checker", name="Trần Văn Khoa"),
        new("an.thuan-hoa", unit=THUAN_HOA, name="Đặng Văn Ân"), new("chau.hue", "secretary", HUE, "Lê Thị Minh Châu"),
        new("qt.vy-da", "account_admin", name="Hồ Quản Trị"),
    ]  # fmt: skip
    identity.create_accounts(creating(*rows, unit=HUE), by=admin())
    found = [
        each
        for unit in (HUE, VY_DA, THUAN_HOA)
        for each in identity.people_of(PeopleOf(election=ELECTION, unit=unit), by=NATION).people
    ]
    return {each.login: each for each in found}


def opened(identity, unit=HUE, due=None, by=None):
    request = OpenReview(
        key=uuid4(), election=ELECTION, unit=unit, name="Rà soát đợt 1", due=due or reviews.day_of(datetime.now(UTC))
    )
    return identity.open_review(request, by=by or admin(unit))


def confirming(card, *accounts, unit=VY_DA):
    return ConfirmAccounts(
        key=uuid4(), election=ELECTION, unit=unit, review=card.review,
        accounts=tuple(Reviewed(person=each.person, unit=place) for each, place in accounts),
    )  # fmt: skip


def sheet(identity, card, unit):
    return identity.review_of(ReviewOf(election=ELECTION, unit=unit, review=card.review), by=NATION)


def told_reviews(told, db):
    found = [letter.data for letter in told(db) if letter.topic == "identity.review_advanced"]
    return [(each["unit"], each["open"], each["confirmed"], each["closed"]) for each in found]


def test_a_review_asks_every_unit_and_each_confirms_its_own_and_those_directly_below(identity, db, told, team):
    card = opened(identity)

    assert (card.open, card.confirmed, card.closed, card.late) == (5, 0, 0, False)
    assert told_reviews(told, db) == [(HUE, 1, 0, 0), (VY_DA, 3, 0, 0), (THUAN_HOA, 1, 0, 0)]
    boss = team["qt.vy-da"]
    by = admin(VY_DA, person=boss.person)
    left = identity.confirm_accounts(confirming(card, (team["hoa.vy-da"], VY_DA), (team["khoa.vy-da"], VY_DA)), by=by)
    assert (left.open, left.confirmed) == (1, 2)
    with pytest.raises(HasFindings) as refused:
        identity.confirm_accounts(confirming(card, (boss, VY_DA)), by=by)
    assert codes(refused.value.findings) == ["R403"]
    identity.confirm_accounts(confirming(card, (boss, VY_DA), unit=HUE), by=admin())
    rows = sheet(identity, card, VY_DA).rows
    assert [(row.login, row.verdict, row.by) for row in rows] == [
        ("hoa.vy-da", "confirmed", "Trần Quản Trị"),
        ("khoa.vy-da", "confirmed", "Trần Quản Trị"),
        ("qt.vy-da", "confirmed", "Trần Quản Trị"),
    ]
    assert told_reviews(told, db)[-1] == (VY_DA, 0, 3, 0)


def test_a_closed_account_and_an_ended_role_count_as_closed_and_are_told(identity, db, told, team):
    card = opened(identity)
    about = {"election": ELECTION, "unit": VY_DA, "reason": "không còn làm"}
    identity.close_account(CloseAccount(key=uuid4(), person=team["hoa.vy-da"].person, **about), by=admin())
    assert told_reviews(told, db)[-1] == (VY_DA, 2, 0, 1)
    grant = team["khoa.vy-da"].roles[0].grant
    identity.end_role(EndRole(key=uuid4(), grant=grant, **about), by=admin())

    assert told_reviews(told, db)[-1] == (VY_DA, 1, 0, 2)
    assert [(row.login, row.verdict, row.roles) for row in sheet(identity, card, VY_DA).rows] == [
        ("qt.vy-da", "open", ("account_admin",)),
        ("hoa.vy-da", "closed", ("typist",)),
        ("khoa.vy-da", "closed", ("checker",)),
    ]
    with pytest.raises(HasFindings) as refused:
        identity.confirm_accounts(confirming(card, (team["hoa.vy-da"], VY_DA)), by=admin(VY_DA))
    assert codes(refused.value.findings) == ["R404"]


def test_accounts_made_later_and_of_other_units_are_not_asked_about(identity, team):
    card = opened(identity, VY_DA)
    identity.create_accounts(creating(new("moi.vy-da"), unit=HUE), by=admin())

    assert {row.login for row in sheet(identity, card, VY_DA).rows} == {"hoa.vy-da", "khoa.vy-da", "qt.vy-da"}
    with pytest.raises(HasFindings) as refused:
        identity.confirm_accounts(confirming(card, (team["an.thuan-hoa"], THUAN_HOA)), by=admin(VY_DA))
    assert codes(refused.value.findings) == ["R404"]
    with pytest.raises(Unknown):
        sheet(identity, card, THUAN_HOA)
    assert identity.reviews_of(ReviewsOf(election=ELECTION, unit=HUE), by=NATION).reviews == ()


def test_who_is_late_is_found_the_day_after(identity, db, team):
    card = opened(identity)
    ask = ReviewsProgress(election=ELECTION, unit=HUE, review=card.review)
    before = identity.reviews_progress(ask, by=admin())
    assert (before.late, before.findings, identity.signals()["hp_reviews_late"]) == (0, (), 0)
    identity.confirm_accounts(confirming(card, (team["an.thuan-hoa"], THUAN_HOA), unit=THUAN_HOA), by=admin(THUAN_HOA))
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE reviews SET due = due - 2"))

    found = identity.reviews_progress(ask, by=admin())

    assert [(line.unit, line.open, line.late) for line in found.lines] == [
        (VY_DA, 3, True), (HUE, 1, True), (THUAN_HOA, 0, False),
    ]  # fmt: skip
    assert (found.late, codes(found.findings)) == (2, ["R405", "R405"])
    assert identity.signals()["hp_reviews_late"] == 2
    assert identity.reviews_of(ReviewsOf(election=ELECTION, unit=VY_DA), by=NATION).reviews[0].late


def test_a_second_review_of_a_unit_waits_for_the_first(identity, team):
    opened(identity)

    with pytest.raises(HasFindings) as refused:
        opened(identity)
    assert codes(refused.value.findings) == ["R402"]
    assert opened(identity, VY_DA).open == 3


def test_confirming_twice_keeps_the_first_name(identity, team):
    card = opened(identity)
    accounts = (team["hoa.vy-da"], VY_DA)
    identity.confirm_accounts(confirming(card, accounts), by=admin(VY_DA).model_copy(update={"name": "Người Thứ Nhất"}))

    identity.confirm_accounts(confirming(card, accounts), by=admin(VY_DA))

    assert [row.by for row in sheet(identity, card, VY_DA).rows if row.login == "hoa.vy-da"] == ["Người Thứ Nhất"]
