"""A candidate on a Board or Team of his constituency (LBC 27), and bodies that are late or missing."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from services.contracts.base import HasFindings, NotAllowed, Unknown
from services.contracts.candidates import (
    Background,
    Clock,
    Constituency,
    ConstituencyFixed,
    Contest,
    Election,
    ElectionCalled,
    ListedCandidate,
    ListPublished,
    Nominator,
    Sex,
)
from services.contracts.duties import BodiesMissing, ConflictsOf, ExplainConflict
from services.contracts.units import FormBodies, Member
from services.contracts.voters import Area, PollingAreaFixed
from services.identity.domain.bodies import DEADLINES, late_findings
from services.identity.domain.conflicts import Change, Known, Match, changes
from tests.identity.conftest import ELECTION, HUE, VY_DA, holder
from tests.identity.test_bodies import BOARD_CC, BOARD_NA, TEAM, body

DAY, BORN = date(2026, 3, 15), date(1978, 5, 4)
NAME = "Lê Thị Diệu Hiền"
PROVINCE = holder("province_officer", f"{ELECTION}/{HUE}")
WARD = holder("secretary", f"{ELECTION}/{VY_DA}")
DOSSIER = uuid4()


def seat(code, contest, path):
    made = Constituency(
        code=code, contest=contest, path=path, ordinal=1, title="Đơn vị bầu cử số 1", seats=3, communes=("19777",), extent=""
    )  # fmt: skip
    return ConstituencyFixed(election=ELECTION, constituency=made)


def called(shown=datetime(2026, 1, 5, 3, tzinfo=UTC)):
    election = Election(
        election=ELECTION, title="Diễn tập", day=DAY, rehearsal=True, milestones=(), slots=("09:00",),
        clock=Clock(real_at=datetime.now(UTC), shown_at=shown),
    )  # fmt: skip
    return ElectionCalled(election=election)


def listed(code="NA-46-01", name=NAME, struck=False):
    who = ListedCandidate(
        order=1, dossier=DOSSIER, full_name=name, other_name="", birth_date=BORN, sex=Sex.FEMALE, ethnicity="Kinh",
        religion="Không", home_town="Huế", residence="Huế", background=Background(), nominator=Nominator.LOCAL, struck=struck,
    )  # fmt: skip
    return ListPublished(
        election=ELECTION, constituency=code, contest=Contest(code[:2]), seats=3, candidates=(who,), document="NQ 40",
        published_at=datetime(2026, 2, 26, tzinfo=UTC),
    )  # fmt: skip


@pytest.fixture
def map_told(identity, units):
    identity.hear(called())
    identity.hear([seat("NA-46-01", Contest.NA, BOARD_NA), seat("CC-19777-02", Contest.CC, BOARD_CC)])
    area = Area(code="19777-012", place="Trường", na="NA-46-01", pc="PC-46-01", cc="CC-19777-02")
    identity.hear([PollingAreaFixed(election=ELECTION, unit=VY_DA, area=area)])
    return identity


def with_member(path, name, born=None):
    made = body(path)
    return made.model_copy(
        update={"members": (*made.members[:-1], Member(name=name, role=made.members[-1].role, born=born))}
    )


def form(identity, made, by=PROVINCE, unit=HUE):
    return identity.form_bodies(FormBodies(key=uuid4(), election=ELECTION, unit=unit, bodies=(made,)), by=by)


def found(identity, unit=HUE, by=PROVINCE):
    return identity.conflicts_of(ConflictsOf(election=ELECTION, unit=unit), by=by)


@pytest.mark.parametrize("path", [BOARD_NA, TEAM])
def test_a_candidate_on_a_board_or_team_is_found_the_moment_the_list_is_published(map_told, db, told, path):
    form(map_told, with_member(path, "LÊ THỊ  DIỆU HIỀN", BORN))
    assert found(map_told).conflicts == ()

    map_told.hear(listed())

    [conflict] = found(map_told).conflicts
    assert (conflict.path, conflict.constituency, conflict.sure, conflict.state) == (path, "NA-46-01", True, "open")
    assert (conflict.finding.code, conflict.finding.severity) == ("B215", "block")
    [letter] = [letter for letter in told(db) if letter.topic == "identity.conflict_found"]
    assert letter.data["conflict"]["dossier"] == str(DOSSIER)
    assert found(map_told, "vn", holder("nation_officer", f"{ELECTION}/vn")).open == 1
    assert map_told.signals()["hp_conflicts_open"] == 1


def test_with_the_list_first_such_a_body_is_not_formed_at_all(map_told, db, told):
    map_told.hear(listed())

    with pytest.raises(HasFindings) as refused:
        form(map_told, with_member(BOARD_NA, NAME, BORN))

    assert [each.code for each in refused.value.findings] == ["B215"]
    assert not [letter for letter in told(db) if letter.topic in {"identity.body_formed", "identity.conflict_found"}]


def test_the_name_alone_warns_in_both_orders_and_the_body_stands(map_told):
    map_told.hear(listed())
    assert [each.code for each in form(map_told, with_member(BOARD_NA, NAME)).findings] == ["B213", "B216"]
    assert [each.code for each in form(map_told, with_member(TEAM, NAME)).findings] == ["B216"]
    assert [(each.path, each.sure) for each in found(map_told).conflicts] == [(TEAM, False), (BOARD_NA, False)]

    map_told.hear(listed("CC-19777-02"))
    assert found(map_told).open == 3


@pytest.mark.parametrize(
    ("path", "name", "born", "code"),
    [
        (BOARD_NA, NAME, date(1978, 5, 5), "NA-46-01"),
        (BOARD_NA, "Lê Thị Diệu Hiên Hòa", BORN, "NA-46-01"),
        (BOARD_CC, NAME, BORN, "NA-46-01"),
        (BOARD_NA, NAME, BORN, "CC-19777-02"),
    ],
)
def test_another_birth_date_another_name_or_another_constituency_is_no_conflict(map_told, path, name, born, code):
    form(map_told, with_member(path, name, born))
    map_told.hear(listed(code))

    assert found(map_told).conflicts == ()


def test_it_is_settled_when_the_body_stands_without_him_and_found_again_when_he_returns(map_told):
    form(map_told, with_member(BOARD_NA, NAME))
    map_told.hear(listed())

    form(map_told, body(BOARD_NA))
    assert [each.state for each in found(map_told).conflicts] == ["settled"]
    form(map_told, with_member(BOARD_NA, NAME))
    assert [each.state for each in found(map_told).conflicts] == ["open"]


def test_a_struck_candidate_is_a_candidate_no_more(map_told):
    form(map_told, with_member(BOARD_NA, NAME, BORN))
    map_told.hear(listed())
    map_told.hear(listed(struck=True))

    assert [each.state for each in found(map_told).conflicts] == ["settled"]


def explain(identity, path, by, unit):
    asked = ExplainConflict(
        key=uuid4(), election=ELECTION, unit=unit, path=path, dossier=DOSSIER, explanation="Khác ngày sinh, theo CCCD"
    )
    return identity.explain_conflict(asked, by=by)


def test_another_person_of_the_name_is_explained_until_the_birth_date_agrees_too(map_told):
    form(map_told, with_member(TEAM, NAME))
    map_told.hear(listed())

    explained = explain(map_told, TEAM, WARD, VY_DA)

    assert (explained.state, explained.explained_by) == ("explained", "Trần Văn Thử")
    assert found(map_told).open == 0
    map_told.hear(listed())
    assert found(map_told).open == 0
    with pytest.raises(HasFindings):
        form(map_told, with_member(TEAM, NAME, BORN))


def test_where_the_birth_date_agrees_only_a_unit_above_explains(map_told):
    form(map_told, with_member(TEAM, NAME, BORN))
    map_told.hear(listed())

    with pytest.raises(NotAllowed):
        explain(map_told, TEAM, WARD, VY_DA)
    with pytest.raises(NotAllowed):
        explain(map_told, BOARD_NA, WARD, VY_DA)
    assert explain(map_told, TEAM, PROVINCE, HUE).state == "explained"


def test_a_polling_area_or_constituency_told_last_finds_as_well(identity, units):
    identity.hear(called())
    form(identity, with_member(TEAM, NAME, BORN))
    form(identity, with_member(BOARD_NA, NAME, BORN))
    identity.hear(listed())
    assert found(identity).open == 0

    area = Area(code="19777-012", place="Trường", na="NA-46-01", pc="PC-46-01", cc="CC-19777-02")
    identity.hear([PollingAreaFixed(election=ELECTION, unit=VY_DA, area=area)])
    assert [each.path for each in found(identity).conflicts] == [TEAM]
    identity.hear([seat("NA-46-01", Contest.NA, BOARD_NA)])
    assert found(identity).open == 2


def test_birth_dates_and_accounts_of_members_stay_in_identity(map_told, db, told, somebody):
    somebody("hoa.vy-da")
    made = body(TEAM)
    linked = made.members[0].model_copy(update={"born": BORN, "login": "hoa.vy-da"})
    form(map_told, made.model_copy(update={"members": (linked, *made.members[1:])}))

    [letter] = [letter for letter in told(db) if letter.topic == "identity.body_formed"]
    assert letter.data["body"]["members"][0] | {"born": None, "login": ""} == letter.data["body"]["members"][0]


def test_a_member_is_linked_to_an_account_that_exists(map_told):
    made = body(TEAM)
    linked = made.members[0].model_copy(update={"login": "khong.co"})

    with pytest.raises(HasFindings) as refused:
        form(map_told, made.model_copy(update={"members": (linked, *made.members[1:])}))
    assert [each.code for each in refused.value.findings] == ["B214"]


@pytest.mark.parametrize(
    ("path", "day"),
    [(HUE, date(2025, 11, 30)), (VY_DA, date(2025, 11, 30)), (BOARD_NA, date(2026, 1, 4)), (TEAM, date(2026, 1, 31))],
)
def test_a_body_formed_after_the_laws_day_is_told_with_its_article(path, day):
    after = day.replace(day=day.day + 1) if day.day < 30 else date(day.year + day.month // 12, day.month % 12 + 1, 1)

    assert list(late_findings([body(path, formed_on=day)], DAY)) == []
    [late] = late_findings([body(path, formed_on=after)], DAY)
    assert (late.code, late.severity) == ("B213", "warn")
    assert DEADLINES[body(path).kind].source in late.vi
    assert list(late_findings([body(path, formed_on=after)], None)) == []
    assert list(late_findings([body("vn", 15, formed_on=after)], DAY)) == []


def test_who_is_missing_is_named_with_the_day_it_was_due(map_told):
    form(map_told, body(TEAM))

    ward = map_told.bodies_missing(BodiesMissing(election=ELECTION, unit=VY_DA), by=WARD)

    assert [(each.path, each.kind, each.due, each.late) for each in ward.missing] == [
        (VY_DA, "commission", date(2025, 11, 30), True),
        (BOARD_CC, "board", date(2026, 1, 4), True),
    ]
    assert (ward.total, ward.late, ward.by_kind) == (2, 2, {"commission": 1, "board": 1})
    nation = map_told.bodies_missing(
        BodiesMissing(election=ELECTION, unit="vn"), by=holder("nation_officer", f"{ELECTION}/vn")
    )
    assert nation.by_kind == {"commission": 34 + 3321, "board": 2}
    assert len(nation.missing) == 500


def test_what_is_not_due_yet_is_missing_and_not_late(map_told):
    map_told.hear(called(datetime(2026, 1, 4, 16, 59, tzinfo=UTC)))
    ward = map_told.bodies_missing(BodiesMissing(election=ELECTION, unit=VY_DA), by=WARD)

    assert {each.kind: each.late for each in ward.missing} == {"commission": True, "board": False, "team": False}
    assert (ward.total, ward.late) == (3, 1)


def test_of_an_election_nobody_called_nothing_is_missing(identity, units):
    with pytest.raises(Unknown):
        identity.bodies_missing(BodiesMissing(election=ELECTION, unit=VY_DA), by=WARD)


def match(**fields):
    return Match(**({"path": TEAM, "title": "Tổ", "constituency": "NA-46-01", "dossier": DOSSIER, "member": NAME,
        "candidate": NAME, "sure": False} | fields))  # fmt: skip


def test_nothing_changes_while_the_same_is_found():
    for state in ("open", "explained"):
        assert list(changes([match()], {match().key: Known(match(), state)})) == []
    assert list(changes([], {match().key: Known(match(), "settled")})) == []


def test_two_members_of_the_name_in_one_body_are_one_conflict_told_of_the_surer():
    assert list(changes([match(), match(sure=True), match()], {})) == [Change(match(sure=True), "open", fresh=True)]


def test_an_explanation_falls_when_the_birth_date_agrees_as_well():
    known = {match().key: Known(match(), "explained")}

    assert list(changes([match(sure=True)], known)) == [Change(match(sure=True), "open")]
