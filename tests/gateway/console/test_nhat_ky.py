"""The journal of a unit: acts as the ledger has them, by day and person; who may not read the ledger finds nothing."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deploy.wire import events_of, services
from services.contracts.ledger import ActRow, Journal
from services.gateway.console.pages.nhat_ky import ACTS
from tests.gateway.stage import ELECTION

HOME = f"/{ELECTION}/19777/nhat-ky"
PERSON = UUID("00000000-0000-4000-8000-00000000beef")


@pytest.fixture
def officer(visitor, hall):
    visitor.cookies.set("hp_phien", "tinh")
    hall.line.answers["journal_of"] = lambda request: Journal(
        acts=(
            ActRow(
                place=1204, at=datetime(2026, 3, 15, 20, 5, 9, tzinfo=UTC), topic="results.record_advanced",
                aggregate=f"record/{ELECTION}/19777-012/NA", person=PERSON, name="Đỗ Mạnh Hùng",
            ),
            ActRow(
                place=1200, at=datetime(2026, 3, 15, 20, 1, tzinfo=UTC), topic="new.kind_of_event", aggregate="thing/1",
                person=uuid4(), name="",
            ),
        ),
        before=0 if request.before else 1200,
    )  # fmt: skip
    return visitor


def test_acts_are_told_in_words_with_who_and_when(officer, hall):
    text = officer.get(f"{HOME}?ngay=2026-03-16").text

    assert "Nhật ký ngày 16/3/2026" in text
    assert "Xử lý biên bản kiểm phiếu" in text
    assert "<code>new.kind_of_event</code>" in text
    assert ">19777-012/NA<" in text
    assert f'?ngay=2026-03-16&amp;nguoi={PERSON}">Đỗ Mạnh Hùng</a>' in text
    assert "03:05:09" in text  # 20:05:09 UTC is 3 in the morning of the next day in Vietnam
    assert hall.line.asked("journal_of")[-1]["day"] == "2026-03-16"
    assert hall.line.asked("journal_of")[-1]["unit"] == "vn/46/19777"


def test_one_person_and_the_next_page_are_asked_for(officer, hall):
    text = officer.get(f"{HOME}?ngay=2026-03-16&nguoi={PERSON}").text
    assert "Chỉ việc của Đỗ Mạnh Hùng." in text
    assert f"?ngay=2026-03-16&amp;nguoi={PERSON}&amp;truoc=1200" in text
    last = officer.get(f"{HOME}?ngay=2026-03-16&nguoi={PERSON}&truoc=1200").text
    asked = hall.line.asked("journal_of")[-1]
    assert (asked["person"], asked["before"]) == (str(PERSON), 1200)
    assert "truoc=" not in last


@pytest.mark.parametrize("rest", ["?ngay=hôm qua", "?nguoi=ai đó", "?ngay=0001-01-01", "?truoc=-5", ""])
def test_what_cannot_be_read_of_the_address_means_today_and_everybody(officer, hall, rest):
    assert officer.get(HOME + rest).status_code == 200
    asked = hall.line.asked("journal_of")[-1]
    today = datetime.now(UTC) + timedelta(hours=7)
    assert abs(date.fromisoformat(asked["day"]) - today.date()) <= timedelta(days=1)
    assert (asked["person"], asked["before"]) == (None, None)


@pytest.mark.parametrize("token", ["go1", "duyet", "xa"])
def test_who_may_not_read_the_ledger_finds_no_journal(officer, token):
    officer.cookies.set("hp_phien", token)
    assert officer.get(HOME).status_code == 404


def test_an_empty_day_says_so(officer, hall):
    hall.line.answers["journal_of"] = lambda _request: Journal(acts=())
    assert "Không có việc nào của đơn vị được ghi trong ngày này." in officer.get(HOME).text


def test_every_kind_of_event_there_is_has_its_words():
    topics = {event.topic for service in services() for event in events_of(service.name)}
    assert len(topics) > 20
    assert topics == set(ACTS)
