"""Tokens that are renewed, passports that are asked for anew, and what every answer carries to protect a browser."""

import asyncio
import re
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from services.contracts.base import Grant, NotSignedIn, SessionNews, Unavailable
from services.contracts.passkeys import RenewedSession
from services.gateway import app as app_module
from services.gateway.app import build, gateway
from services.gateway.doors import OFFERED
from services.gateway.security import COOKIE, form_mark, guarded_cookie, unguarded_cookies
from services.gateway.sessions import Sessions
from tests.gateway.fakes import KEY

BEARER = {"Authorization": "Bearer token"}
ASKED = "/api/v1/results/incidents_of?election=2026&unit=vn/46/19777"
OURS = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
PUBLIC_PAGES = (
    "/vao", "/kich-hoat", "/khoi-phuc", "/tro-giup", "/tieng/", "/tinh/", "/cong-bo", "/favicon.ico", "/healthz", "/readyz",
    "/metrics", "/api/",
)  # fmt: skip


def records(_request):
    return {"incidents": []}


@pytest.fixture
def due(line):
    """Somebody whose token has been in use for long."""
    line.sign_in("secretary", "2026/vn/46/19777")
    line.answers["incidents_of"] = records
    papers = line.answers["open_passport"]
    line.answers["open_passport"] = lambda request: papers(request) | {"token_due": True}
    line.answers["renew_session"] = lambda request: RenewedSession(token=f"{request.token.split('.')[0]}.after")
    return line


@pytest.fixture
def secure(line, hub, settings):
    settings = settings.model_copy(update={"gateway_secure": True})
    with TestClient(build(settings, gateway(settings, line, hub)), base_url="https://hop.test") as opened:
        yield opened


def test_a_program_finds_the_next_token_in_a_header(client, due):
    answer = client.get(ASKED, headers=BEARER)

    assert answer.status_code == 200
    assert answer.headers["x-session-token"] == "token.after"
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_browser_finds_the_next_token_in_its_cookie(client, due):
    answer = client.get(ASKED, headers={"Cookie": f"{COOKIE}=token"})

    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(COOKIE))
    assert cookie.startswith("hp_phien=token.after;")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
    assert "x-session-token" not in answer.headers


def test_a_token_that_is_not_due_stays(client, line):
    line.sign_in("secretary", "2026/vn/46/19777")
    line.answers["incidents_of"] = records

    answer = client.get(ASKED, headers=BEARER)

    assert answer.status_code == 200
    assert "x-session-token" not in answer.headers
    assert line.asked("renew_session") == []


def test_many_requests_with_one_old_token_renew_it_once(client, due):
    answers = [client.get(ASKED, headers=BEARER) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(due.asked("renew_session")) == 1


def test_when_the_token_cannot_be_renewed_the_request_goes_on_with_the_old_one(client, due):
    def away(_request):
        raise Unavailable(seconds=3)

    due.answers["renew_session"] = away

    answer = client.get(ASKED, headers=BEARER)

    assert answer.status_code == 200
    assert "x-session-token" not in answer.headers


def test_nobody_outside_may_renew_a_token_or_ask_for_the_news_of_sessions(client, line):
    for door in ("renew_session", "news_of_sessions", "open_passport", "step_up"):
        assert client.post(f"/api/v1/identity/{door}", json={"token": "token", "key": KEY}).status_code == 404
        assert line.asked(door) == []


def test_a_form_filled_in_before_the_token_was_renewed_is_still_taken():
    assert form_mark("family.first") == form_mark("family.second")
    assert form_mark("family.first") != form_mark("another.first")
    assert form_mark("old token without a dot") == form_mark("old token without a dot.next")


def test_a_refused_passport_is_asked_for_anew_and_the_question_asked_once_more(client, line):
    line.sign_in("secretary", "2026/vn/46/19777")
    refused, answered = [], []

    def changed(_request):
        passport = line.letters[-1].passport
        if not refused:
            refused.append(passport)
            line.people["token"]["grants"] = [Grant(role="typist", scope="2026/vn/46/19777").model_dump()]
            line.answers["open_passport"] = lambda request: papers(request) | {"passport": fresh}
            raise NotSignedIn
        answered.append(passport)
        return {"incidents": []}

    papers = line.answers["open_passport"]
    fresh = papers(type("Asked", (), {"token": "token"})())["passport"] + "fresh"
    line.answers["incidents_of"] = changed

    answer = client.get(ASKED, headers=BEARER)

    assert answer.status_code == 200
    assert answered == [fresh]
    assert refused != answered
    assert len(line.asked("open_passport")) == 2


def test_a_passport_that_is_refused_twice_is_not_asked_for_a_third_time(client, line):
    line.sign_in("secretary", "2026/vn/46/19777")

    def never(_request):
        raise NotSignedIn

    line.answers["incidents_of"] = never

    assert client.get(ASKED, headers=BEARER).status_code == 401
    assert len(line.asked("incidents_of")) <= 2


def test_an_act_with_a_second_factor_is_not_tried_again(client, line):
    line.sign_in("approver", "2026/vn/46/19777")

    def never(_request):
        raise NotSignedIn

    line.answers["incidents_of"] = never
    stepped = {**BEARER, "X-Second-Factor": "123456", "X-Content-Hash": "ab" * 32}

    assert client.get(ASKED, headers=stepped).status_code == 401
    assert (len(line.asked("incidents_of")), len(line.asked("step_up"))) == (1, 1)


@pytest.mark.parametrize(
    ("grants", "kept"),
    [
        (None, False),
        ((), False),
        ((Grant(role="typist", scope="2026/vn/46/19777"),), False),
        ((Grant(role="secretary", scope="2026/vn/46/19777"),), True),
    ],
)
def test_papers_that_say_something_else_than_the_session_may_do_are_dropped(line, grants, kept):
    session = line.sign_in("secretary", "2026/vn/46/19777")
    sessions = Sessions(line, hold=60)

    async def story():
        await sessions.papers("token")
        sessions.hear(SessionNews(session=uuid4(), grants=None))
        sessions.hear(SessionNews(session=session, grants=grants))
        await sessions.papers("token")

    asyncio.run(story())

    assert len(line.asked("open_passport")) == (1 if kept else 2)


def test_over_tls_cookies_are_bound_to_the_host(secure, due):
    answer = secure.get(ASKED, headers={"Cookie": "__Host-hp_phien=token"})

    assert answer.status_code == 200
    for cookie in answer.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))
        assert "domain" not in cookie.lower()
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_over_tls_a_cookie_that_another_host_could_have_set_is_not_ours(secure, due):
    assert secure.get(ASKED, headers={"Cookie": "hp_phien=token"}).status_code == 401


@pytest.mark.parametrize(
    ("cookie", "guarded"),
    [
        (b"a=1; Path=/; HttpOnly", b"__Host-a=1; Path=/; HttpOnly; Secure"),
        (b"a=1; Path=/; Secure", b"__Host-a=1; Path=/; Secure"),
        (b"hp_buoc2=1; Path=/vao", b"hp_buoc2=1; Path=/vao; Secure"),
        (b"a=1; Path=/; Domain=x.vn", b"a=1; Path=/; Domain=x.vn; Secure"),
    ],
)
def test_a_cookie_leaves_over_tls_with_what_keeps_it_ours(cookie, guarded):
    assert guarded_cookie(cookie) == guarded


def test_only_guarded_cookies_come_in_over_tls():
    assert unguarded_cookies(b"__Host-a=1; b=2; hp_buoc2=3; __Host-c=4") == b"a=1; hp_buoc2=3; c=4"


def addresses(app):
    """Every route with a made-up value for each of its places."""
    values = {"election": "2026", "unit": "19777", "language": "vi", "area": "19777-001", "contest": "NA", "service": "results", "door": "incidents_of"}
    for route in (route for included in app.routes for route in included.original_router.routes):
        path = getattr(route, "path", "")
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            if path and not path.endswith("/live"):  # a stream does not end by itself; it has a test of its own
                yield method, path, re.sub(r"\{(\w+)(:\w+)?\}", lambda found: values.get(found[1], "x"), path)


def test_every_route_answers_with_the_headers_that_protect_a_browser(client, line, secure):
    line.sign_in("secretary", "2026/vn/46/19777")
    found, wrong = 0, []
    for method, path, address in addresses(client.app):
        for cookies in ({}, {"Cookie": f"{COOKIE}=token"}):
            answer = client.request(method, address, headers={**OURS, **cookies}, follow_redirects=False)
            found += 1
            wrong += [(method, path, fault) for fault in faults(path, answer)]

    assert found > 80
    assert not wrong, wrong


def faults(path, answer):
    """What an answer lacks."""
    headers = answer.headers
    policy = headers.get("content-security-policy", "")
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    needed = {
        "no policy": bool(directives),
        "default": directives.get("default-src") == ["'none'"],
        "scripts": directives.get("script-src") == ["'self'"],
        "styles": directives.get("style-src") == ["'self'"],
        "unsafe": "unsafe" not in policy,
        "framed": directives.get("frame-ancestors") == ["'none'"],
        "base": directives.get("base-uri") == ["'none'"],
        "forms": directives.get("form-action") == ["'self'"],
        "sniff": headers.get("x-content-type-options") == "nosniff",
        "opener": headers.get("cross-origin-opener-policy") == "same-origin",
        "resource": headers.get("cross-origin-resource-policy") == "same-origin",
        "referrer": headers.get("referrer-policy") in {"same-origin", "no-referrer"},
        "store": headers.get("cache-control") == "no-store" or may_be_kept(path),
        "cookies": all(
            "httponly" in cookie.lower() and "samesite" in cookie.lower() for cookie in headers.get_list("set-cookie")
        ),
    }
    return [name for name, held in needed.items() if not held]


def may_be_kept(path):
    """Files of a version, and what is public anyway."""
    return path.startswith(("/tinh/", "/cong-bo", "/favicon.ico"))


def test_no_page_has_a_script_or_style_in_itself(client, line):
    line.sign_in("secretary", "2026/vn/46/19777")
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+\s*=\s*[\"']|\sstyle\s*=\s*[\"']|javascript:", re.IGNORECASE)
    seen = 0
    for method, path, address in addresses(client.app):
        if method != "GET" or path.startswith(("/api/", "/metrics", "/tinh/")):
            continue
        for cookies in ({}, {"Cookie": f"{COOKIE}=token"}):
            answer = client.get(address, headers=cookies, follow_redirects=False)
            if "text/html" in answer.headers.get("content-type", ""):
                seen += 1
                assert not inline.search(answer.text), (path, inline.search(answer.text))

    assert seen > 20


def test_every_act_of_a_browser_needs_to_come_from_our_own_page(client, line):
    line.sign_in("secretary", "2026/vn/46/19777")
    wrong, asked = [], 0
    for method, path, address in addresses(client.app):
        if method in {"GET", "HEAD", "OPTIONS"}:
            continue
        asked += 1
        headers = {"Cookie": f"{COOKIE}=token", "Sec-Fetch-Site": "cross-site", "Origin": "https://khac.test"}
        answer = client.request(method, address, headers=headers, follow_redirects=False)
        if answer.status_code != 403:
            wrong.append((method, path, answer.status_code))

    assert asked > 20
    assert not wrong, wrong


def test_every_page_for_people_who_signed_in_sends_others_to_the_sign_in(client):
    wrong = []
    for method, path, address in addresses(client.app):
        if method == "GET" and not path.startswith(PUBLIC_PAGES):
            answer = client.get(address, follow_redirects=False)
            if (answer.status_code, answer.headers.get("location", "").partition("?")[0]) != (303, "/vao"):
                wrong.append((path, answer.status_code))

    assert not wrong, wrong


def test_every_door_but_the_public_ones_needs_somebody_signed_in(client, line):
    wrong = []
    for door in OFFERED:
        if door.public or door.of_token:
            continue
        answer = client.request(door.method, door.path, json={} if door.method == "POST" else None)
        if answer.status_code != 401:
            wrong.append((door.path, answer.status_code))

    assert not wrong, wrong


@pytest.mark.parametrize("grants", [None, (Grant(role="typist", scope="2026/vn/46/19777"),)])
def test_news_of_a_session_over_the_direct_line_drop_its_papers_and_end_its_streams(line, hub, settings, monkeypatch, grants):
    session = line.sign_in("secretary", "2026/vn/46/19777")
    news, ended = [(), (SessionNews(session=session, grants=grants),)], []

    class Teller:
        def ask(self):
            return news.pop(0) if news else ()

    monkeypatch.setattr(app_module, "standing_of", lambda *_: Teller())
    monkeypatch.setattr(app_module, "EVERY", 0.01)
    monkeypatch.setattr(hub, "end_session", ended.append)
    parts = gateway(settings, line, hub)

    async def story():
        await parts.sessions.papers("token")
        watch = asyncio.create_task(app_module._watch(parts))
        while not ended:  # noqa: ASYNC110  the other side is a fake without events
            await asyncio.sleep(0.01)
        watch.cancel()
        await parts.sessions.papers("token")

    asyncio.run(asyncio.wait_for(story(), 20))

    assert ended == [session]
    assert len(line.asked("open_passport")) == 2


def test_a_question_that_fails_is_not_the_last_one(line, hub, settings, monkeypatch):
    asked = []

    class Teller:
        def ask(self):
            asked.append(1)
            raise OSError

    monkeypatch.setattr(app_module, "standing_of", lambda *_: Teller())
    monkeypatch.setattr(app_module, "EVERY", 0.01)

    async def story():
        watch = asyncio.create_task(app_module._watch(gateway(settings, line, hub)))
        while len(asked) < 3:  # noqa: ASYNC110  the other side is a fake without events
            await asyncio.sleep(0.01)
        watch.cancel()

    asyncio.run(asyncio.wait_for(story(), 20))

    assert len(asked) >= 3
