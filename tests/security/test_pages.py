"""The pages of signing in and out: passwords are masked and may be pasted, the way out is on every page (ASVS 6.2, 7.4)."""

import re
from pathlib import Path

import pytest

from services.contracts.identity import SignInFailed
from tests.gateway.conftest import client, hub, line, settings  # noqa: F401  a gateway with nobody behind it

CONSOLE = Path(__file__).resolve().parents[2] / "services" / "gateway" / "console"
TEMPLATES = {path.relative_to(CONSOLE): path.read_text(encoding="utf-8") for path in CONSOLE.rglob("*.html")}
FIELD = re.compile(r"<input[^>]*name=\"(?:password|again)\"[^>]*>")


def test_every_field_of_a_password_is_masked_and_filled_by_password_managers():
    fields = [(path, field) for path, text in TEMPLATES.items() for field in FIELD.findall(text)]

    assert len(fields) >= 3
    for path, field in fields:
        assert 'type="password"' in field, path
        assert re.search(r'autocomplete="(current|new)-password"', field), path
        assert 'autocomplete="off"' not in field, path
        assert int(re.search(r'maxlength="(\d+)"', field)[1]) >= 128, path


def test_nothing_of_ours_stands_in_the_way_of_pasting():
    scripts = [path.read_text(encoding="utf-8") for path in CONSOLE.rglob("*.js")]

    assert scripts
    assert not any(re.search(r"['\"](paste|copy|contextmenu)['\"]|onpaste|oncopy", text) for text in [*scripts, *TEMPLATES.values()])


def test_every_page_of_somebody_signed_in_has_the_way_out_in_its_frame():
    frame = TEMPLATES[Path("templates/frame.html")]
    inside = [text for path, text in TEMPLATES.items() if 'extends "frame.html"' in text]

    assert frame.count('<form method="post" action="/ra">') >= 1
    assert len(inside) > 10
    assert not any("block header" in text or "block top" in text for text in inside)


@pytest.mark.parametrize(
    ("login", "password"),
    [("", ""), ("A", "x"), ("hoa.vy-da", ""), ("' OR 1=1", "x"), ("a" * 5000, "x"), ("hoa\x00", "x"), ("hoa.vy-da", "x" * 6000), ("hoa.vy-da", "sai")],
)
def test_a_name_no_account_can_have_gets_the_page_of_a_wrong_password(client, line, login, password):  # noqa: F811
    def wrong(_request):
        raise SignInFailed(seconds=1)

    line.answers["sign_in"] = wrong
    ours = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    usual = client.post("/vao", data={"login": "ai.do", "password": "sai"}, headers=ours)
    answer = client.post("/vao", data={"login": login, "password": password}, headers=ours)

    def without_name(page):
        return re.sub(r'value="[^"]*"|autofocus|\s+', "", page)

    assert answer.status_code == usual.status_code == 401
    assert without_name(answer.text) == without_name(usual.text)
