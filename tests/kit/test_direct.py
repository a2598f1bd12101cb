"""The direct line's own port: who may ask, and what a stranger's headers do."""

import io
import time

import eventlet
import pytest

from services.kit.admission import Admission
from services.kit.crew import Crew
from services.kit.direct_doors import DirectDoors
from services.kit.settings import Settings
from tests.kit.shop import ShopService

SECRET = "một bí mật của hệ thống".encode().hex()
CROWDED = b"crowded"


class Served:
    """Doors that only say what reached them."""

    def __init__(self):
        self.calls = []

    def __call__(self, _door):
        def serve(_service, call):
            self.calls.append(call)
            return b"{}"

        return serve


@pytest.fixture
def served():
    return Served()


@pytest.fixture
def admission():
    """One worker and one place to wait, as much for those who come by the queue as for those who come here."""
    return Admission("shop", Crew(), workers=1, waiting=1)


@pytest.fixture
def ask(served, admission):
    settings = Settings(direct_secret=SECRET, database_url="postgresql://x/x")
    kind = type("Shop", (ShopService,), {"settings": settings, "admission": admission})
    doors = DirectDoors(kind, served, CROWDED)

    def call(path="/doors/look", method="POST", body=b"{}", **environ):
        told = []
        given = {
            "PATH_INFO": path, "REQUEST_METHOD": method, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
            "HTTP_X_DIRECT_SECRET": SECRET, **environ,
        }  # fmt: skip
        answer = b"".join(doors(given, lambda status, _headers: told.append(status)))
        return told[0], answer

    return call


def test_who_shows_the_secret_is_answered(ask, served):
    assert ask(body=b'{"a": 1}', HTTP_X_DEADLINE="1700000000000") == ("200 OK", b"{}")
    assert [(call.body, call.deadline) for call in served.calls] == [(b'{"a": 1}', 1_700_000_000.0)]


@pytest.mark.parametrize(
    "changed",
    [
        {"HTTP_X_DIRECT_SECRET": ""},
        {"HTTP_X_DIRECT_SECRET": "wrong"},
        {"HTTP_X_DIRECT_SECRET": "b\u00ed m\u1eadt"},
        {"REQUEST_METHOD": "GET"},
        {"PATH_INFO": "/doors/_private"},
        {"PATH_INFO": "/doors/__class__"},
        {"CONTENT_LENGTH": str(100 << 20)},
    ],
)
def test_everybody_else_finds_nothing_there(ask, served, changed):
    assert ask(**changed) == ("404 Not Found", b"")
    assert served.calls == []


@pytest.mark.parametrize("length", ["-1", "abc", "²", "9" * 400, "1e3", " 12", ""])
def test_a_length_that_is_no_number_is_an_empty_body_and_no_fault(ask, served, length):
    assert ask(CONTENT_LENGTH=length) == ("200 OK", b"{}")
    assert served.calls[0].body == b""


@pytest.mark.parametrize("deadline", ["-1", "abc", "²", "9" * 400, "nan", ""])
def test_a_deadline_that_is_no_number_is_none(ask, served, deadline):
    assert ask(HTTP_X_DEADLINE=deadline)[0] == "200 OK"
    assert served.calls[0].deadline is None


def busy(admission: Admission, calls: int) -> None:
    """So many calls have come by the queue and nobody has served them yet."""
    for _ in range(calls):
        admission.enter("add", lambda: eventlet.sleep(0.05))


def test_who_finds_a_worker_at_work_waits_for_it(ask, served, admission):
    busy(admission, 1)

    assert ask() == ("200 OK", b"{}")
    assert len(served.calls) == 1


def test_who_finds_all_workers_at_work_and_every_place_taken_is_told_at_once(ask, served, admission):
    busy(admission, 2)

    assert ask() == ("200 OK", CROWDED)
    assert served.calls == []


def test_who_would_be_answered_after_the_deadline_is_told_at_once(ask, served, admission):
    for _ in range(9):
        busy(admission, 1)
        admission.pool.waitall()
    busy(admission, 1)

    now = int(time.time() * 1000)
    assert ask(HTTP_X_DEADLINE=str(now + 5)) == ("200 OK", CROWDED)
    assert ask(HTTP_X_DEADLINE=str(now + 5000)) == ("200 OK", b"{}")
    assert len(served.calls) == 1


def test_without_a_secret_of_its_own_a_service_answers_nobody(served):
    settings = Settings(direct_secret="", database_url="postgresql://x/x")
    kind = type("Shop", (ShopService,), {"settings": settings, "admission": None})
    told = []

    list(DirectDoors(kind, served, CROWDED)(
        {"PATH_INFO": "/doors/look", "REQUEST_METHOD": "POST", "HTTP_X_DIRECT_SECRET": "", "wsgi.input": io.BytesIO()},
        lambda status, _headers: told.append(status),
    ))  # fmt: skip

    assert told == ["404 Not Found"]
