"""The pages of accounts over the real service: a file becomes accounts, a role is given, handed over, reviewed, closed."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from services.contracts.accounts import FILE_COLUMNS, PeopleOf
from services.contracts.base import Grant, Passport
from services.contracts.daytime import VIETNAM
from services.gateway.security import form_mark
from services.kit.entrypoints import doors_of
from tests.gateway.fakes import PERSON
from tests.gateway.stage import Stage
from tests.identity.conftest import ELECTION, VY_DA

OURS = {"Origin": "http://hop.test"}
HOME = f"/{ELECTION}/19777"
LIST, REVIEWS = f"{HOME}/tai-khoan", f"{HOME}/ra-soat"
ROWS = ("Lê Thị Hoa,,Người nhập liệu,,,", "Trần Văn Khoa,,Người đối chiếu,19777,0912,", "Võ An,an.vy-da,Thư ký UBBC,,,")
WHY = {"reason": "chuyển công tác"}


class Real(Stage):
    """The console in front of the real doors of identity, asked by the account administrator of Huế."""

    def __init__(self, identity):
        super().__init__()
        self.identity = identity
        self.line.sign_in("account_admin", f"{ELECTION}/vn/46", "Trần Quang Huy", "qt")
        for door in set(doors_of(type(identity.service))) - {"open_passport", "step_up", "units_below"}:
            self.line.answers[door] = lambda request, door=door: self.ask(door, request)

    def ask(self, door, request):
        grants = (Grant(role="account_admin", scope=f"{ELECTION}/vn/46"),)
        approves = getattr(request, "content", None)
        by = Passport(person=PERSON, name="Trần Quang Huy", session=uuid4(), grants=grants, approves=approves)
        return getattr(self.identity, door)(request, by=by)


@pytest.fixture
def visitor(identity, units, tmp_path):
    identity.service.settings.files_url = str(tmp_path / "files")
    identity.service.__dict__.pop("files", None)
    with TestClient(Real(identity).app(tmp_path), base_url="http://hop.test", follow_redirects=False) as opened:
        opened.cookies.set("hp_phien", "qt")
        yield opened


def form(**fields):
    return {"dau": form_mark("qt"), "key": str(uuid4()), **fields}


def people(identity):
    by = Passport(
        person=uuid4(), name="Xem", session=uuid4(), grants=(Grant(role="account_admin", scope=f"{ELECTION}/vn"),)
    )
    return {each.login: each for each in identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=by).people}


def test_a_team_is_made_changed_reviewed_and_closed_from_the_pages(visitor, identity):
    content = "\n".join((";".join(FILE_COLUMNS), *(row.replace(",", ";") for row in ROWS))).encode("utf-8-sig")
    looked = visitor.post(f"{LIST}/tep", data=form(), files={"file": ("t.csv", content)}, headers=OURS)
    assert "đúng cả" in looked.text
    name = re.search(r'name="file" value="([0-9a-f]{64})"', looked.text)[1]
    slips = visitor.post(f"{LIST}/tep/cap", data=form(file=name, title="t.csv"), headers=OURS)
    assert slips.text.count('class="slip"') == 3
    team = people(identity)
    assert set(team) == {"hoa.vy-da", "khoa.vy-da", "an.vy-da"}
    hoa, khoa = (f"{LIST}/nguoi/{team[login].person}" for login in ("hoa.vy-da", "khoa.vy-da"))

    ends = (datetime.now(VIETNAM) + timedelta(days=30)).strftime("%d/%m/%Y")
    give = form(viec="cap", role="list_officer", place="19777", expires=ends, totp="123456", **WHY)
    assert visitor.post(hoa, data=give, headers=OURS).status_code == 303
    again = visitor.post(hoa, data={**give, "key": str(uuid4())}, headers=OURS)
    assert (again.status_code, "A309" in again.text) == (422, True)
    admin = visitor.post(hoa, data={**give, "key": str(uuid4()), "role": "account_admin"}, headers=OURS)
    assert "A312" in admin.text

    today = datetime.now(VIETNAM).strftime("%d/%m/%Y")
    opened = visitor.post(REVIEWS, data=form(viec="mo", name="Đợt 1", due=today), headers=OURS)
    review = re.search(r"dot=([0-9a-f-]{36})", opened.headers["location"])[1]
    assert "Còn 3 tài khoản" in visitor.get(REVIEWS).text
    ticked = f"{team['an.vy-da'].person} {VY_DA}"
    assert visitor.post(REVIEWS, data=form(dot=review, ai=ticked), headers=OURS).status_code == 303

    hand = form(viec="ban-giao", place="19777", to="", name="Phạm Thị Lan", login="lan.vy-da", document="QĐ 12", chac="1",
                close="1", totp="123456", **WHY)  # fmt: skip
    assert visitor.post(hoa, data=hand, headers=OURS).text.count('class="slip"') == 1
    assert visitor.post(khoa, data=form(viec="dong", chac="1", **WHY), headers=OURS).status_code == 303

    after = people(identity)
    assert [role.role for role in after["lan.vy-da"].roles] == ["typist", "list_officer"]
    assert after["lan.vy-da"].roles[1].expires_at > datetime.now(UTC) + timedelta(days=29)
    assert set(after) == {"lan.vy-da", "an.vy-da"}
    assert "Đã rà soát xong ở đây" in visitor.get(REVIEWS).text
    rows = visitor.get(f"{REVIEWS}/{review}/bao-cao.csv").content.decode("utf-8-sig").splitlines()
    assert rows[2].startswith("19777,Phường Vỹ Dạ,1,2,0")
