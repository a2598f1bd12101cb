"""Bodies are composed as the law asks; everything wrong is told at once; what stands is superseded, not overwritten."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed
from services.contracts.units import BodiesOf, Body, BodyKind, FormBodies, Member, MemberRole
from services.identity.domain.bodies import findings_of
from tests.identity.conftest import ELECTION, HUE, VY_DA, holder

TEAM, BOARD_NA, BOARD_PC, BOARD_CC = (
    f"{VY_DA}/19777-012",
    f"{HUE}/NA-46-01",
    f"{HUE}/PC-46-03",
    f"{VY_DA}/CC-19777-02",
)
KINDS = {HUE: BodyKind.COMMISSION, VY_DA: BodyKind.COMMISSION, TEAM: BodyKind.TEAM, "vn": BodyKind.COUNCIL}
SECRETARY = holder("secretary", f"{ELECTION}/{VY_DA}")


def body(path, people=11, *, deputies=0, secretaries=1, heads=1, **fields):
    roles = [MemberRole.HEAD] * heads + [MemberRole.SECRETARY] * secretaries + [MemberRole.DEPUTY] * deputies
    roles += [MemberRole.MEMBER] * (people - len(roles))
    made = {
        "path": path,
        "kind": KINDS.get(path, BodyKind.BOARD),
        "title": f"Tổ chức tại {path}",
        "members": tuple(Member(name=f"Nguyễn Văn {number}", role=role) for number, role in enumerate(roles)),
        "document": "Quyết định số 12/QĐ-UBND",
        "formed_on": date(2026, 1, 20),
    }
    return Body(**(made | fields))


def codes(*bodies, unit="vn"):
    return sorted(found.code for found in findings_of(bodies, unit, {HUE, VY_DA}))


@pytest.mark.parametrize(
    ("path", "low", "high"),
    [(HUE, 23, 37), (VY_DA, 9, 17), (BOARD_NA, 9, 17), (BOARD_PC, 11, 15), (BOARD_CC, 9, 15), (TEAM, 11, 21)],
)
def test_the_law_says_how_many_people_a_body_has(path, low, high):
    assert codes(body(path, low)) == codes(body(path, high)) == []
    assert codes(body(path, low - 1)) == codes(body(path, high + 1)) == ["B201"]


def test_the_team_of_an_armed_unit_has_five_to_nine_people():
    assert codes(body(TEAM, 5, armed_unit=True)) == codes(body(TEAM, 9, armed_unit=True)) == []
    assert codes(body(TEAM, 4, armed_unit=True)) == codes(body(TEAM, 11, armed_unit=True)) == ["B201"]
    assert codes(body(BOARD_NA, 11, armed_unit=True)) == ["B212"]


def test_the_size_of_the_council_is_not_yet_confirmed_and_only_warns():
    assert codes(body("vn", 22)) == ["B202"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (body(TEAM, heads=0), ["B203"]),
        (body(BOARD_NA, heads=2), ["B203"]),
        (body(TEAM, deputies=1), ["B204"]),
        (body(TEAM, secretaries=0), ["B205"]),
        (body(TEAM, secretaries=2), ["B205"]),
        (body(BOARD_NA, deputies=2, secretaries=0), []),
        (body(TEAM, kind=BodyKind.BOARD), ["B206"]),
        (body(HUE, 23, kind=BodyKind.TEAM), ["B206"]),
        (body(f"{VY_DA}/19999-001", kind=BodyKind.TEAM), ["B207"]),
        (body(f"{HUE}/NA-79-01"), ["B207"]),
        (body("vn/46/00001", kind=BodyKind.COMMISSION), ["B209"]),
    ],
)
def test_what_the_law_or_the_map_forbids_is_found(wrong, expected):
    assert codes(wrong) == expected


def test_a_name_twice_is_worth_a_look():
    twice = (Member(name="Trần Thị Lan", role=MemberRole.MEMBER),) * 2
    team = body(TEAM, 11)

    assert codes(team.model_copy(update={"members": team.members[:9] + twice})) == ["B211"]


def test_all_findings_of_all_bodies_come_at_once():
    assert codes(body(TEAM, 3, deputies=1), body(TEAM, 11), body(HUE, 9), unit=VY_DA) == [
        "B201",
        "B201",
        "B204",
        "B208",
        "B210",
    ]


def test_bodies_stand_and_are_told(identity, units, db, told):
    request = FormBodies(key=uuid4(), election=ELECTION, unit=VY_DA, bodies=(body(TEAM), body(BOARD_CC)))

    assert identity.form_bodies(request, by=SECRETARY).formed == 2

    assert {letter.aggregate for letter in told(db)} == {f"body/{ELECTION}/{TEAM}", f"body/{ELECTION}/{BOARD_CC}"}
    standing = identity.bodies_of(BodiesOf(election=ELECTION, unit=VY_DA), by=SECRETARY).bodies
    assert {each.path: each for each in standing} == {TEAM: body(TEAM), BOARD_CC: body(BOARD_CC)}


def test_forming_again_supersedes_and_the_same_again_says_nothing(identity, units, db, told):
    def form(team):
        return identity.form_bodies(
            FormBodies(key=uuid4(), election=ELECTION, unit=VY_DA, bodies=(team,)), by=SECRETARY
        )

    form(body(TEAM, 11))
    form(body(TEAM, 11))
    form(body(TEAM, 12))

    assert [(letter.version, len(letter.data["body"]["members"])) for letter in told(db)] == [(1, 11), (2, 12)]
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT superseded_at IS NULL FROM bodies ORDER BY formed_at")).scalars().all()
    assert rows == [False, True]


def test_one_wrong_body_keeps_all_out(identity, units, db, told):
    with pytest.raises(HasFindings) as refused:
        identity.form_bodies(
            FormBodies(key=uuid4(), election=ELECTION, unit=VY_DA, bodies=(body(BOARD_CC), body(TEAM, 4))), by=SECRETARY
        )

    assert [found.code for found in refused.value.findings] == ["B201"]
    assert told(db) == []


def test_a_commune_forms_its_own_bodies_only(identity, units):
    elsewhere = FormBodies(key=uuid4(), election=ELECTION, unit="vn/46/19803", bodies=())
    inside = FormBodies(key=uuid4(), election=ELECTION, unit=VY_DA, bodies=(body(f"{HUE}/NA-46-01"),))

    for role, scope in (
        ("secretary", f"{ELECTION}/{VY_DA}"),
        ("secretary", f"dien-tap-8/{HUE}"),
        ("typist", f"{ELECTION}/{HUE}"),
    ):
        with pytest.raises(NotAllowed):
            identity.form_bodies(elsewhere, by=holder(role, scope))
    with pytest.raises(HasFindings):
        identity.form_bodies(inside, by=SECRETARY)
