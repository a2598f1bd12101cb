"""Reports of breaches: one form upward, an hour to take it up, the next unit when nobody does, settled in the end."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StepNotAllowed, Unknown
from services.contracts.sharing import BreachesOf, BreachState, ReportBreach, SettleBreach, TakeUpBreach
from services.identity.domain import breaches
from services.identity.settings import IdentitySettings
from tests.identity.conftest import ELECTION, HUE, VY_DA, holder

NOW = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
TYPIST = holder("typist", f"{ELECTION}/{VY_DA}")
ADMIN_VY_DA = holder("account_admin", f"{ELECTION}/{VY_DA}")
ADMIN_HUE = holder("account_admin", f"{ELECTION}/{HUE}")
NATION = holder("nation_officer", f"{ELECTION}/vn")


def reporting(**facts):
    told = {
        "what": "Máy ở phòng tiếp dân mở sẵn tài khoản của người khác", "noticed_at": datetime.now(UTC), "phone": "0912 000 118",
        "accounts": "hoa.vy-da", "machines": "máy số 2", "action": "đã rút dây mạng", **facts,
    }  # fmt: skip
    return ReportBreach(key=uuid4(), election=ELECTION, unit=VY_DA, **told)


def asked(kind, report, unit=VY_DA, **more):
    return kind(key=uuid4(), election=ELECTION, unit=unit, breach=report.breach, **more)


def listed(identity, by, unit=VY_DA, **more):
    return identity.breaches_of(BreachesOf(election=ELECTION, unit=unit, **more), by=by)


@pytest.fixture
def report(identity):
    return identity.report_breach(reporting(), by=TYPIST)


def an_hour_later(identity):
    with identity.db.engine.begin() as connection:
        connection.execute(text("UPDATE breaches SET due_at = due_at - interval '61 minutes'"))
    identity.hand_on()


def events(told, db):
    found = [one.data for one in told(db) if one.topic == "identity.breach_changed"]
    return [(data["state"], data["handler"], data["escalated"]) for data in found]


def test_anybody_reports_from_their_own_unit_and_the_unit_above_has_it(identity, report, told, db):
    assert (report.number, report.state, report.handler) == (1, BreachState.REPORTED, HUE)
    assert (report.reported_by, report.notify_by) == (TYPIST.name, None)
    assert timedelta(minutes=59) < report.due_at - datetime.now(UTC) <= timedelta(minutes=60)
    assert events(told, db) == [("reported", HUE, 0)]
    with pytest.raises(NotAllowed):
        identity.report_breach(reporting(), by=holder("typist", f"{ELECTION}/vn/46/19815"))


def test_the_event_holds_nothing_that_was_typed(report, told, db):
    data = str([one.data for one in told(db) if one.topic == "identity.breach_changed"])

    for typed in (report.what, report.phone, report.accounts, report.machines, report.reported_by):
        assert typed not in data


def test_who_settles_sees_all_below_and_everybody_else_their_own(identity, report):
    identity.report_breach(reporting(what="mất thẻ khóa"), by=holder("checker", f"{ELECTION}/{VY_DA}"))

    assert listed(identity, ADMIN_HUE).total == listed(identity, ADMIN_HUE, HUE).total == 2
    assert listed(identity, NATION, "vn").total == 2
    assert [one.breach for one in listed(identity, TYPIST).breaches] == [report.breach]
    with pytest.raises(NotAllowed):
        listed(identity, TYPIST, HUE)
    with pytest.raises(NotAllowed):
        listed(identity, holder("account_admin", f"{ELECTION}/vn/48"))


def test_it_is_taken_up_and_settled_by_the_unit_that_has_it_or_one_above(identity, report, told, db):
    with pytest.raises(NotAllowed):
        identity.take_up_breach(asked(TakeUpBreach, report), by=ADMIN_VY_DA)
    with pytest.raises(StepNotAllowed):
        identity.settle_breach(asked(SettleBreach, report, how="xong"), by=ADMIN_HUE)
    taken = identity.take_up_breach(asked(TakeUpBreach, report), by=ADMIN_HUE)
    with pytest.raises(StepNotAllowed):
        identity.take_up_breach(asked(TakeUpBreach, report), by=NATION)
    settled = identity.settle_breach(asked(SettleBreach, report, how="đã đặt lại mật khẩu"), by=NATION)

    assert (taken.state, taken.taken_by) == ("taken_up", ADMIN_HUE.name)
    assert (settled.state, settled.how) == ("settled", "đã đặt lại mật khẩu")
    assert [state for state, _, _ in events(told, db)] == ["reported", "taken_up", "settled"]


def test_a_report_of_another_unit_or_election_is_not_there(identity, report):
    with pytest.raises(Unknown):
        identity.take_up_breach(asked(TakeUpBreach, report, unit="vn/46/19815"), by=ADMIN_HUE)
    with pytest.raises(Unknown):
        identity.take_up_breach(
            TakeUpBreach(key=uuid4(), election=ELECTION, unit=VY_DA, breach=uuid4()), by=ADMIN_HUE
        )


def test_what_nobody_takes_up_in_an_hour_goes_up_once_and_then_stays_with_the_nation(identity, report, told, db):
    identity.hand_on()
    an_hour_later(identity)
    identity.hand_on()
    with pytest.raises(NotAllowed):
        identity.take_up_breach(asked(TakeUpBreach, report), by=ADMIN_HUE)
    an_hour_later(identity)
    row = listed(identity, NATION, "vn").breaches[0]

    assert (row.handler, row.escalated, row.late) == ("vn", 1, True)
    assert events(told, db) == [("reported", HUE, 0), ("reported", "vn", 1)]
    assert identity.take_up_breach(asked(TakeUpBreach, report), by=NATION).late is False
    assert set(identity.invariants().values()) == {0}


def test_what_was_taken_up_is_not_handed_on(identity, report, told, db):
    identity.take_up_breach(asked(TakeUpBreach, report), by=ADMIN_HUE)
    an_hour_later(identity)

    assert events(told, db)[-1] == ("taken_up", HUE, 0)
    assert identity.signals()["hp_breaches_open"] == 1


def test_personal_data_start_the_clock_of_72_hours_when_it_was_noticed(identity):
    noticed = datetime.now(UTC) - timedelta(hours=5)
    report = identity.report_breach(reporting(noticed_at=noticed, personal_data=True), by=TYPIST)

    assert report.notify_by == noticed + timedelta(days=3)


def test_nothing_is_noticed_before_it_happens(identity):
    late = datetime.now(UTC) + timedelta(hours=1)

    with pytest.raises(HasFindings) as refused:
        identity.report_breach(reporting(noticed_at=late), by=TYPIST)
    assert [finding.code for finding in refused.value.findings] == ["N611"]
    assert breaches.findings_of(NOW, NOW) == ()
    assert "10:30 15/3/2026" in breaches.findings_of(NOW + timedelta(minutes=30), NOW)[0].vi


def test_reports_are_listed_those_that_wait_first(identity, report):
    second = identity.report_breach(reporting(what="thư lạ"), by=TYPIST)
    identity.take_up_breach(asked(TakeUpBreach, second), by=ADMIN_HUE)
    rows = listed(identity, ADMIN_HUE).breaches

    assert [row.number for row in rows] == [report.number, second.number]
    assert [row.number for row in listed(identity, ADMIN_HUE, state=BreachState.TAKEN_UP).breaches] == [second.number]


def test_the_hour_is_a_setting():
    assert IdentitySettings(breach_take_up_minutes=15).breach_take_up_minutes == 15
