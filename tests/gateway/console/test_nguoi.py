"""The pages of bodies and of break-glass: what is missing, a candidate among the members, keys, openings, reviews."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.contracts.base import HasFindings
from services.contracts.duties import (
    Conflict,
    Conflicts,
    Glass,
    GlassAct,
    GlassActs,
    GlassOpening,
    KeyHolder,
    MissingBodies,
    MissingBody,
    SealedKey,
    SealedKeyRefused,
    SealedKeys,
)
from services.contracts.roles import Role
from services.contracts.units import Bodies, BodiesFormed, Body, BodyKind, Member, MemberRole
from services.gateway.security import form_mark
from services.identity.domain.conflicts import Match, finding_of
from tests.gateway.fakes import KEY, PERSON
from tests.gateway.stage import ELECTION, NOW

HERE = f"/{ELECTION}/19777"
VY_DA, TEAM = "vn/46/19777", "vn/46/19777/19777-012"
DOSSIER = UUID(int=7)


def team(people=11):
    roles = [MemberRole.HEAD, MemberRole.SECRETARY] + [MemberRole.MEMBER] * (people - 2)
    names = (
        "Hoàng Văn Lộc",
        "Võ Thị Thanh Tâm",
        "Trương Công Định",
        "Lê Thị Diệu Hiền",
        "Ngô Đức Thịnh",
        "Phan Thị Mai",
    )
    return Body(
        path=TEAM, kind=BodyKind.TEAM, title="Tổ bầu cử số 12", document="Quyết định số 41/QĐ-UBND",
        formed_on=date(2026, 1, 29),
        members=tuple(
            Member(name=f"{names[n % 6]}{' ' + str(n) if n > 5 else ''}", role=role, phone=f"0912 000 {100 + n}")
            for n, role in enumerate(roles)
        ),
    )  # fmt: skip


def conflict(sure=False):
    found = Match(TEAM, "Tổ bầu cử số 12", "NA-46-01", DOSSIER, "Lê Thị Diệu Hiền", "Lê Thị Diệu Hiền", sure)
    return Conflict(
        election=ELECTION, path=TEAM, title=found.title, constituency="NA-46-01", dossier=DOSSIER, member=found.member,
        candidate=found.candidate, sure=sure, state="open", found_at=NOW, finding=finding_of(found),
    )  # fmt: skip


class Unit:
    """What identity holds of a ward: one Team, two missing bodies, a match with a candidate; keys and one opening."""

    def __init__(self, hall):
        self.line = hall.line
        self.line.sign_in("commission_head", f"{ELECTION}/{VY_DA}", "Tôn Thất Bình", "chu-tich")
        self.opening_id, self.openings, self.acts = uuid4(), [], ()
        self.line.answers |= {
            "bodies_of": lambda _: Bodies(bodies=(team(),)),
            "bodies_missing": lambda _: self.missing(),
            "conflicts_of": lambda _: Conflicts(conflicts=(conflict(),), open=1),
            "form_bodies": lambda _: BodiesFormed(formed=1),
            "explain_conflict": lambda _: conflict(),
            "glass_of": lambda _: self.glass(),
            "seal_keys": lambda _: self.sealed(),
            "open_glass": lambda _: self.opening("asked"),
            "join_opening": lambda _: self.opening("open"),
            "close_opening": lambda _: self.opening("over"),
            "review_opening": lambda _: self.opening("reviewed"),
            "opening_acts": lambda _: GlassActs(acts=self.acts),
        }

    def missing(self):
        return MissingBodies(
            missing=(
                MissingBody(
                    path=VY_DA, kind="commission", title="Ủy ban bầu cử phường Vỹ Dạ", due=date(2025, 11, 30),
                    source="LBC 22", late=True,
                ),
                MissingBody(
                    path=f"{VY_DA}/19777-013", kind="team", title="Tổ bầu cử khu vực 19777-013", due=date(2026, 1, 31),
                    source="LBC 25", late=True,
                ),
            ),
            total=2, late=2, by_kind={"commission": 1, "team": 1},
        )  # fmt: skip

    def glass(self):
        names = ("Tôn Thất Bình", "Nguyễn Khoa Điềm", "Hồ Thị Bích Ngọc")
        holders = tuple(
            KeyHolder(person=PERSON if n == 0 else UUID(int=n), login=f"chu-tich.{n}", name=name)
            for n, name in enumerate(names)
        )
        return Glass(holders=holders, sealed_at=NOW, sealed_by="Tôn Thất Bình", openings=tuple(self.openings))

    def opening(self, state, **facts):
        made = {
            "opening": self.opening_id, "election": ELECTION, "unit": VY_DA, "role": Role.SECRETARY, "state": state,
            "reason": "Thư ký ốm nặng trong đêm kiểm phiếu", "asked_by": "Nguyễn Khoa Điềm", "asked_at": NOW,
            "content": "ab" * 32,
        }  # fmt: skip
        if state != "asked":
            made |= {"joined_by": "Tôn Thất Bình", "opened_at": NOW, "ends_at": NOW + timedelta(hours=1)}
        return GlassOpening(**(made | facts))

    def sealed(self):
        keys = tuple(SealedKey(login=f"chu-tich.{n}", name=f"Người {n}", key=f"ABCD-EFG{n}") for n in range(3))
        return SealedKeys(keys=keys, sealed_at=NOW)


@pytest.fixture
def unit(hall):
    return Unit(hall)


def get(visitor, address, token="xa"):
    visitor.cookies.set("hp_phien", token)
    return visitor.get(address)


def post(visitor, address, token="xa", **fields):
    visitor.cookies.set("hp_phien", token)
    given = {"dau": form_mark(token), "key": KEY, **fields}
    return visitor.post(address, data=given, headers={"Origin": "http://hop.test"})


def test_the_page_says_who_is_missing_since_when_and_offers_the_first(visitor, unit):
    page = get(visitor, f"{HERE}/nguoi").text

    assert "Còn thiếu" in page
    assert "2 tổ chức" in page
    assert "30/11/2025" in page
    assert "LBC 22" in page
    assert f'href="{HERE}/nguoi?sua={VY_DA}" data-primary' in page
    assert "Tổ bầu cử số 12" in page


def test_a_match_with_a_candidate_stands_on_top_with_both_ways_out(visitor, unit):
    page = get(visitor, f"{HERE}/nguoi").text

    assert "cùng tên với người ứng cử" in page
    assert "B216" in page
    assert f"nguoi?sua={TEAM}" in page
    answer = post(visitor, f"{HERE}/nguoi", viec="giai-trinh", path=TEAM, dossier=str(DOSSIER), explanation="Khác CCCD")
    assert answer.status_code == 303
    assert unit.line.asked("explain_conflict")[0]["explanation"] == "Khác CCCD"


def test_members_are_shown_with_roles_in_the_words_of_a_team(visitor, unit):
    page = get(visitor, f"{HERE}/nguoi?xem={TEAM}").text

    assert "Hoàng Văn Lộc" in page
    assert "Tổ trưởng" in page
    assert "Phó Trưởng Ban" not in page


def test_a_missing_body_is_formed_with_the_named_rows_only(visitor, unit):
    form = get(visitor, f"{HERE}/nguoi?sua={VY_DA}/19777-013").text
    assert "Thành lập Tổ bầu cử khu vực 19777-013" in form
    assert "Phó" not in form

    answer = post(
        visitor, f"{HERE}/nguoi", path=f"{VY_DA}/19777-013", kind="team", title="Tổ bầu cử số 13", document="QĐ 42",
        formed_on="31/1/2026", **{"name-0": "Hoàng Văn Lộc", "role-0": "head", "born-0": "5/4/1978", "name-1": "",
        "role-1": "secretary", "name-2": "Võ Thị Tâm", "role-2": "member", "login-2": "tam.vy-da"},
    )  # fmt: skip

    assert answer.status_code == 303
    [asked] = unit.line.asked("form_bodies")
    [body] = asked["bodies"]
    assert (body["formed_on"], body["document"]) == ("2026-01-31", "QĐ 42")
    assert [(each["name"], each["role"], each["born"], each["login"]) for each in body["members"]] == [
        ("Hoàng Văn Lộc", "head", "1978-04-05", ""),
        ("Võ Thị Tâm", "member", None, "tam.vy-da"),
    ]


def test_what_is_wrong_is_told_at_its_box_and_nothing_typed_is_lost(visitor, unit):
    match = Match(TEAM, "Tổ bầu cử số 12", "NA-46-01", DOSSIER, "Lê Thị Diệu Hiền", "Lê Thị Diệu Hiền", sure=True)
    unit.line.answers["form_bodies"] = lambda _: HasFindings(
        findings=(finding_of(match).model_copy(update={"places": ("bodies.0.members.1.name",)}),), number=1
    )

    answer = post(
        visitor, f"{HERE}/nguoi", path=TEAM, kind="team", title="Tổ 12", document="QĐ", formed_on="31/1/2026", standing="1",
        **{"name-0": "Hoàng Văn Lộc", "role-0": "head", "name-1": "", "name-2": "Lê Thị Diệu Hiền", "role-2": "member"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "B215" in answer.text
    assert 'href="#name-2"' in answer.text
    assert 'value="Lê Thị Diệu Hiền"' in answer.text


def test_a_day_that_is_none_is_refused_with_the_form_kept(visitor, unit):
    answer = post(
        visitor, f"{HERE}/nguoi", path=TEAM, kind="team", title="Tổ 12", document="QĐ", formed_on="hôm qua",
        **{"name-0": "Hoàng Văn Lộc", "role-0": "head"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert 'value="hôm qua"' in answer.text
    assert unit.line.asked("form_bodies") == []


def test_what_is_recorded_with_warnings_says_so(visitor, unit):
    unit.line.answers["form_bodies"] = lambda _: BodiesFormed(formed=1, findings=(conflict().finding,))

    answer = post(
        visitor, f"{HERE}/nguoi", path=TEAM, kind="team", title="Tổ 12", document="QĐ", formed_on="31/1/2026",
        **{"name-0": "Hoàng Văn Lộc", "role-0": "head"},
    )  # fmt: skip

    assert answer.status_code == 200
    assert "Đã ghi; xem lại mấy điều này" in answer.text


@pytest.mark.parametrize("address", ["nguoi", "mo-khan-cap"])
def test_who_may_do_nothing_there_finds_no_page(visitor, unit, address):
    assert get(visitor, f"{HERE}/{address}", "go1").status_code == 404
    assert post(visitor, f"{HERE}/{address}", "go1", viec="xin").status_code == 404
    assert get(visitor, f"{HERE}/nguoi?sua=vn/46/19789").status_code == 404


def test_a_holder_asks_with_role_reason_and_the_key_from_the_envelope(visitor, unit):
    page = get(visitor, f"{HERE}/mo-khan-cap", "chu-tich").text
    assert "Không có lần mở khẩn cấp nào đang diễn ra." in page
    assert "Thư ký UBBC" in page
    assert "Quản trị tài khoản</option>" not in page
    assert "Trưởng Ban bầu cử" not in page

    answer = post(
        visitor, f"{HERE}/mo-khan-cap", "chu-tich", viec="xin", role="secretary", reason="Thư ký ốm nặng trong đêm",
        sealed_key="ABCD-EFGH",
    )  # fmt: skip

    assert answer.status_code == 303
    assert unit.line.asked("open_glass")[0]["sealed_key"] == "ABCD-EFGH"


def test_a_refused_key_keeps_the_reason_and_not_the_key(visitor, unit):
    unit.line.answers["open_glass"] = lambda _: SealedKeyRefused(unit=VY_DA)

    answer = post(
        visitor, f"{HERE}/mo-khan-cap", "chu-tich", viec="xin", role="secretary", reason="Thư ký ốm nặng trong đêm",
        sealed_key="ABCD-EFGH",
    )  # fmt: skip

    assert answer.status_code == 403
    assert "Thư ký ốm nặng trong đêm" in answer.text
    assert "ABCD-EFGH" not in answer.text


def test_the_second_holder_joins_with_a_code_for_exactly_this_opening(visitor, unit):
    unit.openings = [unit.opening("asked")]
    page = get(visitor, f"{HERE}/mo-khan-cap", "chu-tich").text
    assert "chờ người giữ khóa thứ hai" in page
    assert "Tôi cùng mở" in page

    answer = post(
        visitor, f"{HERE}/mo-khan-cap", "chu-tich", viec="cung", lan=str(unit.opening_id), sealed_key="ABCD-EFGH",
        totp="123456", **{"noi-dung": "ab" * 32},
    )  # fmt: skip

    assert answer.status_code == 303
    [asked] = unit.line.asked("join_opening")
    assert (asked["opening"], asked["content"]) == (str(unit.opening_id), "ab" * 32)
    assert unit.line.asked("step_up")[0]["content"] == "ab" * 32


def test_without_a_code_nobody_joins(visitor, unit):
    unit.openings = [unit.opening("asked")]

    answer = post(
        visitor, f"{HERE}/mo-khan-cap", "chu-tich", viec="cung", lan=str(unit.opening_id), sealed_key="ABCD-EFGH",
        **{"noi-dung": "ab" * 32},
    )  # fmt: skip

    assert answer.status_code == 401
    assert unit.line.asked("join_opening") == []


def test_what_is_open_says_until_when_for_whom_and_can_be_closed(visitor, unit):
    unit.openings = [unit.opening("open")]

    page = get(visitor, f"{HERE}/mo-khan-cap", "chu-tich").text

    assert "Đang mở</b> đến 17:42: Nguyễn Khoa Điềm được dùng vai trò Thư ký UBBC" in page
    assert post(visitor, f"{HERE}/mo-khan-cap", "chu-tich", viec="dong", lan=str(unit.opening_id)).status_code == 303
    assert unit.line.asked("close_opening")[0]["opening"] == str(unit.opening_id)


def test_three_keys_are_shown_once_and_not_after_reloading(visitor, unit):
    answer = post(
        visitor, f"{HERE}/mo-khan-cap", "chu-tich", viec="niem-phong", **{f"holder-{n}": f"chu-tich.{n}" for n in range(3)}
    )  # fmt: skip

    assert answer.status_code == 200
    assert all(f"ABCD-EFG{n}" in answer.text for n in range(3))
    assert "no-store" in answer.headers["cache-control"]
    assert "ABCD-EFG0" not in get(visitor, f"{HERE}/mo-khan-cap", "chu-tich").text


def test_the_unit_above_reads_every_act_and_says_whether_all_was_in_order(visitor, unit):
    late = unit.opening("over", over_at=NOW).findings
    unit.openings = [unit.opening("over", over_at=NOW, acts=1, findings=late, reviewable=True)]
    unit.acts = (GlassAct(number=4711, at=NOW, topic="results.turnout_reported", aggregate="turnout/19777-012"),)

    page = get(visitor, f"/{ELECTION}/vn/mo-khan-cap", "vn").text
    assert "4.711" in page
    assert "Báo cử tri đi bầu" in page
    assert "turnout/19777-012" in page
    answer = post(
        visitor, f"/{ELECTION}/vn/mo-khan-cap", "vn", viec="xem-lai", lan=str(unit.opening_id), in_order="0",
        verdict="Báo thay hai lần",
    )  # fmt: skip

    assert answer.status_code == 303
    assert unit.line.asked("review_opening")[0]["in_order"] is False


@pytest.mark.browser
@pytest.mark.parametrize(
    ("address", "token"), [("nguoi", "xa"), (f"nguoi?sua={TEAM}", "xa"), ("mo-khan-cap", "chu-tich")]
)
def test_the_pages_stand_in_a_browser_at_both_sizes_by_keyboard(seat, unit, address, token, tmp_path):
    unit.openings = [unit.opening("asked")]
    for size in ({"width": 1366, "height": 768}, {"width": 390, "height": 844}):
        page = seat(token, size)
        page.goto(f"{HERE}/{address}")

        assert page.locator("h1").count() == 1
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        unnamed = page.evaluate(
            "[...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]"
            ".filter((box) => !box.labels.length && !box.ariaLabel && !box.closest('[hidden]')).map((box) => box.outerHTML)"
        )
        assert unnamed == []
        page.screenshot(path=tmp_path / "page.png", full_page=True)
