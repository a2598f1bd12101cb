"""The line to the services, against a real broker and a service on stock nameko."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from services.contracts.base import TooLate, Unavailable
from services.contracts.identity import Challenge, SignIn, SignInFailed
from services.gateway.letters import Letter, RemoteFailure, opened
from services.gateway.lines import Line

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def echo(broker_url: str) -> Iterator[str]:
    script = Path(__file__).with_name("echo.py")
    with subprocess.Popen([sys.executable, str(script), broker_url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield broker_url
        process.terminate()
        process.wait(10)


def letter(door: str, body: bytes = b"{}", seconds: float = 5.0, service: str = "results", **more) -> Letter:
    return Letter(service, door, body, time.time() + seconds, **more)


def over_a_line(url: str, story):
    async def run():
        line = Line(url)
        await line.start()
        try:
            return await story(line)
        finally:
            await line.stop()

    return asyncio.run(run())


async def ask(line: Line, *args, **kwargs):
    return opened(await line.send(letter(*args, **kwargs)))


def test_an_answer_comes_back_to_its_own_question_though_two_hundred_are_in_flight(echo: str) -> None:
    async def story(line: Line):
        return await asyncio.gather(*(ask(line, "echo", b'{"n": %d}' % n) for n in range(200)))

    answers = over_a_line(echo, story)

    assert answers == [{"n": n} for n in range(200)]


def test_six_passwords_are_worked_out_at_once_and_the_others_wait_in_the_gateway() -> None:
    class Counting(Line):
        inside = most = 0

        async def send(self, letter: Letter) -> bytes:
            if letter.door == "sign_in":
                self.inside += 1
                self.most = max(self.most, self.inside)
                await asyncio.sleep(0.01)
                self.inside -= 1
            return b'{"result": {"challenge": "c", "name": "Hoa", "v": 1}, "error": null}'

    async def story() -> tuple[int, int]:
        line = Counting("amqp://nowhere")
        asked = SignIn(key=uuid4(), login="hoa.vy-da", password="con trâu già")
        answers = await asyncio.gather(*(line.ask(asked, Challenge) for _ in range(40)))
        return line.most, len(answers)

    assert asyncio.run(story()) == (6, 40)


def test_large_integers_and_vietnamese_text_arrive_as_they_were_sent(echo: str) -> None:
    async def story(line: Line):
        return await ask(line, "echo", '{"v": 9007199254740991, "t": "Vỹ Dạ"}'.encode())

    assert over_a_line(echo, story) == {"v": 2**53 - 1, "t": "Vỹ Dạ"}


def test_passport_deadline_and_trace_travel_in_the_headers(echo: str) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"

    async def story(line: Line):
        return await ask(line, "headers", passport="a.b.c", trace=trace)

    headers = over_a_line(echo, story)

    assert headers["nameko.passport"] == "a.b.c"
    assert abs(int(headers["nameko.deadline"]) / 1000 - time.time() - 5) < 5
    assert headers["nameko.traceparent"].startswith("00-" + "a" * 32)
    assert headers["nameko.traceparent"] != trace


def test_a_refusal_is_raised_as_its_own_class_with_its_facts(echo: str) -> None:
    body = SignInFailed(seconds=30).told().model_dump_json().encode()

    async def story(line: Line):
        await ask(line, "refuse", body)

    with pytest.raises(SignInFailed) as refused:
        over_a_line(echo, story)

    assert refused.value.told().vi == SignInFailed(seconds=30).told().vi


def test_a_refusal_of_a_newer_service_is_passed_on_as_it_was_told(echo: str) -> None:
    body = b'{"code": "Brandnew", "status": 418, "vi": "M\xe1\xbb\x9bi", "en": "New"}'

    async def story(line: Line):
        try:
            await ask(line, "refuse", body)
        except Exception as refusal:  # noqa: BLE001
            return refusal

    refusal = over_a_line(echo, story)

    assert (refusal.told().code, refusal.told().status, refusal.told().vi) == ("Brandnew", 418, "Mới")


@pytest.mark.parametrize("door", ["crash", "nowhere"])
def test_a_bug_of_a_service_is_not_a_refusal(echo: str, door: str) -> None:
    async def story(line: Line):
        await ask(line, door)

    with pytest.raises(RemoteFailure):
        over_a_line(echo, story)


def test_a_deadline_that_passes_ends_the_call_as_too_late_and_leaves_nothing_pending(echo: str) -> None:
    async def story(line: Line):
        with pytest.raises(TooLate):
            await ask(line, "slow", b'{"seconds": 2}', seconds=0.3)
        return line.in_flight

    assert over_a_line(echo, story) == 0


def test_a_service_that_is_not_there_is_unavailable_at_once(echo: str) -> None:
    async def story(line: Line):
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await ask(line, "echo", service="voters")
        return time.monotonic() - began

    assert over_a_line(echo, story) < 2


def test_a_broker_that_is_not_there_is_unavailable_after_a_short_wait() -> None:
    async def story(line: Line):
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await ask(line, "echo")
        return time.monotonic() - began

    assert over_a_line("amqp://guest:guest@127.0.0.1:1/", story) < 4


def test_calls_in_flight_end_when_the_connection_is_lost_and_the_line_comes_back(broker, echo: str) -> None:
    if broker is None:
        pytest.skip("the broker is somebody else's")

    async def story(line: Line):
        await ask(line, "echo")
        slow = asyncio.create_task(ask(line, "slow", b'{"seconds": 40}', seconds=60))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(broker.ctl, "close_all_connections", "--vhost", echo.rsplit("/", 1)[1], "test")
        with pytest.raises(Unavailable):
            await slow
        for _ in range(60):
            try:
                return await ask(line, "echo", b'{"again": 1}', seconds=2)
            except (Unavailable, TooLate):
                await asyncio.sleep(0.25)
        return None

    assert over_a_line(echo, story) == {"again": 1}
