"""Signs of shared accounts: each rule alone, then through the doors with what is told, shown and settled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.contracts.base import Envelope, Grant, HasFindings, NotAllowed, StepNotAllowed, Unknown
from services.contracts.daytime import moment
from services.contracts.identity import OpenPassport, SecondFactor, SessionEnded, SignIn, SignOut
from services.contracts.passkeys import MySessions, NotMe
from services.contracts.sharing import (
    AnnounceMachine,
    FindingAboutYou,
    FindingsOf,
    Network,
    NetworksOf,
    SetNetworks,
    SettleFinding,
    SharingKind,
    SharingState,
    SharingWeekOf,
)
from services.identity.domain import sharing
from services.identity.domain.networks import Registered
from services.identity.domain.networks import findings_of as network_findings
from services.identity.domain.sharing import Arrival, Limits, Place, Scene, Seen
from tests.identity.conftest import ELECTION, HUE, PASSWORD, VY_DA, holder

AN_CUU, DA_NANG = "vn/46/19815", "vn/48"
NOW = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"
)
CHROME_NEXT = CHROME.replace("139", "140")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
SESSION, ANOTHER = UUID(int=1), UUID(int=2)
LIMITS = Limits()
DESK = Place("a" * 32, "203.0.113.10", CHROME)
NEXT_DESK = Place("b" * 32, "203.0.113.10", CHROME)


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


def scene(here=DESK, *before, units=(VY_DA,), work=()):
    return Scene(NOW, SESSION, here, units, tuple(before), tuple(work))


def seen(place, minutes, session=SESSION):
    return Seen(session, place, ago(minutes + 1), ago(minutes))


def arrival(**facts):
    return Arrival(**{"known": True, "first": False, **facts})


def kinds(signs):
    return {sign.kind for sign in signs}


def at_sign_in(where, **facts):
    return kinds(sharing.on_sign_in(where, arrival(**facts), LIMITS))


def in_session(where, opened=DESK):
    return kinds(sharing.on_request(where, opened, LIMITS))


@pytest.mark.parametrize(("minutes", "found"), [(0, True), (10, True), (11, False)])
def test_a_sign_in_elsewhere_is_a_sign_while_the_former_session_was_at_work_within_ten_minutes(minutes, found):
    signs = at_sign_in(scene(NEXT_DESK), replaced=seen(DESK, minutes, ANOTHER))

    assert (SharingKind.SECOND_PLACE in signs) is found


def test_signing_in_again_at_the_same_desk_is_no_sign():
    assert at_sign_in(scene(DESK), replaced=seen(DESK, 1, ANOTHER)) == set()


def test_the_same_machine_in_a_strange_network_is_a_second_place_and_in_its_own_it_is_none():
    away = replace(DESK, address="198.51.100.7")
    home = replace(away, owners=(VY_DA,))

    assert at_sign_in(scene(away), replaced=seen(DESK, 3, ANOTHER)) == {SharingKind.SECOND_PLACE}
    assert at_sign_in(scene(home), replaced=seen(DESK, 3, ANOTHER)) == set()


def test_an_announced_machine_is_neither_new_nor_a_second_place():
    told = {"known": False, "replaced": seen(DESK, 3, ANOTHER)}

    assert at_sign_in(scene(NEXT_DESK), **told) == {SharingKind.SECOND_PLACE}
    assert at_sign_in(scene(NEXT_DESK), **told, announced=True) == set()


def test_a_machine_never_seen_is_a_sign_except_the_very_first():
    assert at_sign_in(scene(NEXT_DESK), known=False) == {SharingKind.NEW_MACHINE}
    assert at_sign_in(scene(NEXT_DESK), known=False, first=True) == set()
    assert at_sign_in(scene(replace(NEXT_DESK, machine="")), known=False) == set()


def test_several_people_on_a_machine_are_a_sign_unless_it_was_declared():
    assert at_sign_in(scene(), people=2) == {SharingKind.SHARED_MACHINE}
    assert at_sign_in(scene(), people=1) == set()
    assert at_sign_in(scene(), people=3, declared_shared=True) == set()


@pytest.mark.parametrize(
    ("owner", "found"), [(AN_CUU, True), (DA_NANG, True), (VY_DA, False), (HUE, False), ("vn", False)]
)
def test_the_network_of_a_unit_neither_above_nor_below_is_a_sign(owner, found):
    there = replace(DESK, owners=(owner,))

    assert (SharingKind.FOREIGN_NETWORK in at_sign_in(scene(there))) is found


def test_a_network_two_units_registered_is_strange_to_neither():
    assert at_sign_in(scene(replace(DESK, owners=(AN_CUU, VY_DA)))) == set()


def test_an_officer_of_a_province_may_be_in_the_network_of_any_commune_of_it():
    assert at_sign_in(scene(replace(DESK, owners=(AN_CUU,)), units=(HUE,))) == set()


@pytest.mark.parametrize(("minutes", "found"), [(5, True), (120, True), (121, False)])
def test_two_provinces_within_two_hours_are_a_sign(minutes, found):
    hue, da_nang = replace(DESK, owners=(HUE,)), replace(DESK, address="198.51.100.7", owners=(DA_NANG,))
    signs = at_sign_in(scene(da_nang, seen(hue, minutes, ANOTHER), units=("vn",)))

    assert (SharingKind.FAR_APART in signs) is found


def test_another_province_that_is_a_strange_network_already_is_said_once():
    hue, da_nang = replace(DESK, owners=(HUE,)), replace(DESK, address="198.51.100.7", owners=(DA_NANG,))

    assert at_sign_in(scene(da_nang, seen(hue, 5, ANOTHER))) == {SharingKind.FOREIGN_NETWORK}


def test_a_session_used_on_another_machine_is_a_sign_at_its_first_request():
    assert in_session(scene(NEXT_DESK, seen(DESK, 1))) == {SharingKind.TOKEN_ELSEWHERE}
    assert in_session(scene(DESK, seen(DESK, 1))) == set()


def test_a_browser_that_lost_its_machine_is_another_one_as_soon_as_it_speaks_otherwise():
    silent = replace(DESK, machine="")

    assert in_session(scene(silent, seen(DESK, 1))) == set()
    assert in_session(scene(replace(silent, device=FIREFOX), seen(DESK, 1))) == {SharingKind.TOKEN_ELSEWHERE}
    assert in_session(scene(replace(silent, address="198.51.100.7"), seen(DESK, 1))) == {SharingKind.TOKEN_ELSEWHERE}


def test_another_browser_in_a_session_is_a_sign_and_an_update_is_none():
    assert in_session(scene(replace(DESK, device=FIREFOX), seen(DESK, 1))) == {SharingKind.OTHER_BROWSER}
    assert in_session(scene(replace(DESK, device=CHROME_NEXT), seen(DESK, 1))) == set()


def test_one_move_between_phone_lines_is_no_sign_and_going_to_and_fro_is_one():
    line, other = replace(DESK, address="14.160.1.2"), replace(DESK, address="27.72.9.9")

    assert in_session(scene(other, seen(line, 1)), line) == set()
    assert in_session(scene(line, seen(line, 3), seen(other, 1)), line) == {SharingKind.OVERLAP}
    assert in_session(scene(line, seen(line, 16), seen(other, 1)), line) == set()


def test_leaving_the_units_own_network_within_a_session_is_a_sign():
    office = replace(DESK, owners=(VY_DA,))
    away = replace(DESK, address="14.160.1.2")
    neighbour = replace(DESK, address="203.0.113.77")

    assert in_session(scene(away, seen(office, 1)), office) == {SharingKind.LEFT_NETWORK}
    assert in_session(scene(neighbour, seen(office, 1)), office) == set()
    assert in_session(scene(replace(away, owners=(HUE,)), seen(office, 1)), office) == set()


def test_twenty_hours_without_four_of_rest_are_a_sign():
    first = (ago(60 * 21), ago(60 * 12))
    after_three_hours, after_four_hours = (ago(60 * 9), ago(1)), (ago(60 * 8), ago(1))

    assert in_session(scene(DESK, seen(DESK, 1), work=(first, after_three_hours))) == {SharingKind.NO_PAUSE}
    assert in_session(scene(DESK, seen(DESK, 1), work=(first, after_four_hours))) == set()
    assert in_session(scene(DESK, seen(DESK, 1), work=((ago(60 * 20), ago(1)),))) == set()


@pytest.mark.parametrize(
    ("minute", "ten", "found"), [(40, 40, False), (41, 41, True), (20, 200, False), (21, 201, True)]
)
def test_more_acts_than_hands_can_do_are_a_sign(minute, ten, found):
    assert bool(sharing.on_acts(minute, ten, NOW, LIMITS)) is found


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome · Windows"), (FIREFOX, "Firefox · Windows"), ("python-httpx/0.28.1", "python-httpx"), ("", ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; SM-S921B) Chrome/139.0 Mobile Safari/537.36", "Chrome · Android"),
    ],
)  # fmt: skip
def test_a_user_agent_is_told_in_two_words(agent, words):
    assert sharing.family(agent) == words


@pytest.mark.parametrize(
    ("scopes", "election", "unit", "above"),
    [
        ((f"{ELECTION}/{VY_DA}",), ELECTION, VY_DA, HUE),
        ((f"{ELECTION}/vn", f"{ELECTION}/{VY_DA}/19777-012"), ELECTION, VY_DA, HUE),
        ((f"{ELECTION}/{HUE}/NA-46-01",), ELECTION, HUE, "vn"),
        (("*",), None, "vn", "vn"),
        ((), None, "vn", "vn"),
    ],
)
def test_a_person_is_looked_after_where_their_lowest_role_is(scopes, election, unit, above):
    found = sharing.home_of(Grant(role="typist", scope=scope) for scope in scopes)

    assert found == (election, unit)
    assert sharing.unit_above(unit) == above


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("203.0.113.0/24", None), ("2001:db8::/48", None), ("10.20.0.0/16", None), ("203.0.113.9/24", "N601"),
        ("nhà", "N601"), ("10.0.0.0/8", "N602"), ("2000::/16", "N602"), ("127.0.0.0/16", "N604"), ("fe80::/64", "N604"),
    ],
)  # fmt: skip
def test_a_network_is_written_in_one_way_and_is_not_the_whole_world(cidr, code):
    found = network_findings(VY_DA, [Network(cidr=cidr)], [])

    assert [finding.code for finding in found] == ([code] if code else [])


def test_networks_within_each_other_and_networks_of_others_are_told():
    within = network_findings(VY_DA, [Network(cidr="203.0.113.0/24"), Network(cidr="203.0.113.8/29")], [])
    theirs = [
        Registered(AN_CUU, "203.0.113.128/25", "phường An Cựu"), Registered(HUE, "203.0.113.0/24", "thành phố Huế"),
        Registered(DA_NANG, "::/32", "thành phố Đà Nẵng"),
    ]  # fmt: skip
    shared = network_findings(VY_DA, [Network(cidr="203.0.113.0/24")], theirs)

    assert [finding.code for finding in within] == ["N603"]
    assert [(finding.code, finding.severity) for finding in shared] == [("N605", "warn")]
    assert "của phường An Cựu" in shared[0].vi


class At:
    """A person who comes in from somewhere."""

    def __init__(self, somebody, identity):
        self.somebody, self.identity, self.session = somebody, identity, None

    def comes_in(self, place):
        who, identity = self.somebody, self.identity
        who.free_codes()
        told = {"address": place.address, "device": place.device, "machine": place.machine}
        asked = SignIn(key=uuid4(), login=who.login, password=PASSWORD, **told)
        challenge = identity.sign_in(asked).challenge
        self.session = identity.second_factor(SecondFactor(key=uuid4(), challenge=challenge, totp=who.totp()))
        return self.session

    def asks(self, place):
        told = {"address": place.address, "device": place.device, "machine": place.machine}
        return self.identity.open_passport(OpenPassport(token=self.session.token, **told))


@pytest.fixture
def hoa(identity, somebody):
    return At(somebody("hoa.vy-da", "typist").activated(), identity)


ADMIN_HUE = holder("account_admin", f"{ELECTION}/{HUE}")
ADMIN_VY_DA = holder("account_admin", f"{ELECTION}/{VY_DA}")


def listed(identity, by=ADMIN_HUE, unit=VY_DA, **asked):
    return identity.findings_of(FindingsOf(election=ELECTION, unit=unit, **asked), by=by)


def settling(finding, *, shared=False, note="đã gọi điện, đúng là tự đổi máy", unit=VY_DA, **more):
    return SettleFinding(
        key=uuid4(), election=ELECTION, unit=unit, finding=finding, shared=shared, note=note, **more
    )  # fmt: skip


def found_events(told, db):
    return [one for one in told(db) if one.topic == "identity.sharing_found"]


def test_a_second_place_is_told_at_once_and_shown_with_both_places(identity, hoa, told, db):
    hoa.comes_in(DESK)
    hoa.comes_in(NEXT_DESK)
    events = found_events(told, db)
    rows = listed(identity)

    assert [event.data["kind"] for event in events] == ["second_place"]
    assert (events[0].data["unit"], events[0].data["act_by"], events[0].data["state"]) == (VY_DA, HUE, "open")
    assert (rows.total, rows.open) == (1, 1)
    assert {one.machine for one in rows.findings[0].evidence} == {"a" * 8, "b" * 8}
    assert rows.findings[0].in_session
    assert rows.findings[0].login == "hoa.vy-da"


def test_evidence_holds_no_secret_and_the_event_holds_no_name_and_no_address(identity, hoa, told, db):
    hoa.comes_in(DESK)
    session = hoa.comes_in(NEXT_DESK)
    row = listed(identity).findings[0].model_dump_json()
    event = str(found_events(told, db)[0].data)

    assert PASSWORD not in row
    assert session.token not in row
    assert NEXT_DESK.machine not in row
    assert "Hoa" not in event
    assert "203.0.113" not in event


def test_a_token_on_another_machine_is_found_at_its_first_request_and_once_a_day(identity, hoa, told, db):
    hoa.comes_in(DESK)
    hoa.asks(DESK)
    assert found_events(told, db) == []
    for _ in range(5):
        hoa.asks(NEXT_DESK)
        hoa.asks(DESK)

    assert [event.data["kind"] for event in found_events(told, db)] == ["token_elsewhere", "overlap"]
    assert listed(identity, kind=SharingKind.TOKEN_ELSEWHERE).total == 1


def test_a_caller_that_says_nothing_of_its_place_is_not_looked_at(identity, hoa, told, db):
    hoa.comes_in(Place("", "", ""))
    hoa.comes_in(Place("", "", ""))
    hoa.asks(Place("", "", ""))

    assert found_events(told, db) == []


def test_an_announced_laptop_is_expected_once(identity, hoa, told, db):
    asked = AnnounceMachine(
        key=uuid4(), election=ELECTION, unit=VY_DA, login="hoa.vy-da", reason="máy cũ hỏng màn hình"
    )
    hoa.comes_in(DESK)
    until = identity.announce_machine(asked, by=ADMIN_VY_DA).until
    hoa.comes_in(NEXT_DESK)
    assert found_events(told, db) == []
    assert until > datetime.now(UTC)

    hoa.comes_in(replace(DESK, machine="c" * 32))
    assert [event.data["kind"] for event in found_events(told, db)] == ["second_place"]


def test_nobody_announces_for_another_unit_or_for_themselves(identity, hoa):
    person = hoa.comes_in(DESK).person
    asked = AnnounceMachine(key=uuid4(), election=ELECTION, unit=AN_CUU, login="hoa.vy-da", reason="đổi máy")

    with pytest.raises(Unknown):
        identity.announce_machine(asked, by=ADMIN_HUE)
    with pytest.raises(FindingAboutYou):
        identity.announce_machine(
            asked.model_copy(update={"unit": VY_DA}), by=holder("account_admin", f"{ELECTION}/{HUE}", person)
        )


def test_two_people_on_one_machine_are_found_and_a_declared_machine_is_quiet(identity, hoa, somebody, told, db):
    lan = At(somebody("lan.vy-da", "checker", name="Trần Thị Lan").activated(), identity)
    minh = At(somebody("minh.vy-da", "approver", name="Phan Văn Minh").activated(), identity)
    hoa.comes_in(DESK)
    lan.comes_in(DESK)
    row = listed(identity).findings[0]
    assert (row.kind, row.login) == ("shared_machine", "lan.vy-da")
    assert row.vi.startswith("2 người cùng đăng nhập trên một máy")

    identity.settle_finding(settling(row.finding, note="máy chung của văn phòng"), by=ADMIN_HUE)
    minh.comes_in(DESK)
    assert len([e for e in found_events(told, db) if e.data["state"] == "open"]) == 1


def test_the_network_of_another_commission_is_found_when_it_was_registered(identity, hoa, told, db):
    networks = (Network(cidr="198.51.100.0/24", note="UBND phường An Cựu"),)
    answer = identity.set_networks(
        SetNetworks(key=uuid4(), election=ELECTION, unit=AN_CUU, networks=networks), by=ADMIN_HUE
    )
    hoa.comes_in(replace(DESK, address="198.51.100.20"))

    assert answer.networks == networks
    assert [event.data["kind"] for event in found_events(told, db)] == ["foreign_network"]
    assert listed(identity).findings[0].evidence[0].network == AN_CUU
    assert "từ mạng của phường An Cựu" in listed(identity).findings[0].vi


def test_networks_are_replaced_whole_or_not_at_all(identity, units):
    first = SetNetworks(key=uuid4(), election=ELECTION, unit=VY_DA, networks=(Network(cidr="10.1.0.0/16"),))
    wrong = SetNetworks(
        key=uuid4(), election=ELECTION, unit=VY_DA, networks=(Network(cidr="10.2.0.0/24"), Network(cidr="tất cả"))
    )
    identity.set_networks(first, by=ADMIN_VY_DA)

    with pytest.raises(HasFindings) as refused:
        identity.set_networks(wrong, by=ADMIN_VY_DA)
    held = identity.networks_of(NetworksOf(election=ELECTION, unit=VY_DA), by=ADMIN_VY_DA).networks

    assert [finding.code for finding in refused.value.findings] == ["N601"]
    assert [one.cidr for one in held] == ["10.1.0.0/16"]
    emptied = SetNetworks(key=uuid4(), election=ELECTION, unit=VY_DA, networks=())
    assert identity.set_networks(emptied, by=ADMIN_VY_DA).networks == ()


def test_an_overlap_with_another_unit_is_told_and_stands(identity, units):
    for unit in (AN_CUU, VY_DA):
        asked = SetNetworks(key=uuid4(), election=ELECTION, unit=unit, networks=(Network(cidr="10.1.0.0/24"),))
        answer = identity.set_networks(asked, by=ADMIN_HUE)

    assert [finding.code for finding in answer.findings] == ["N605"]
    assert len(answer.networks) == 1


def test_only_the_unit_above_settles_and_never_about_oneself(identity, hoa, told, db):
    person = hoa.comes_in(DESK).person
    hoa.comes_in(NEXT_DESK)
    finding = listed(identity, by=ADMIN_VY_DA).findings[0].finding

    with pytest.raises(NotAllowed):
        identity.settle_finding(settling(finding), by=ADMIN_VY_DA)
    with pytest.raises(FindingAboutYou):
        identity.settle_finding(settling(finding), by=holder("account_admin", f"{ELECTION}/{HUE}", person))
    with pytest.raises(NotAllowed):
        identity.settle_finding(settling(finding), by=holder("account_admin", f"{ELECTION}/{DA_NANG}"))
    with pytest.raises(Unknown):
        identity.settle_finding(settling(finding, unit=AN_CUU), by=ADMIN_HUE)

    row = identity.settle_finding(settling(finding, shared=True, end_session=True), by=ADMIN_HUE)
    assert (row.state, row.in_session, row.settled_by) == (SharingState.CONFIRMED, False, ADMIN_HUE.name)
    assert [event.data["state"] for event in found_events(told, db)] == ["open", "confirmed"]
    assert [event.data["reason"] for event in told(db) if event.topic == "identity.session_ended"][-1] == "revoked"
    with pytest.raises(StepNotAllowed):
        identity.settle_finding(settling(finding), by=ADMIN_HUE)
    assert set(identity.invariants().values()) == {0}


def test_what_was_explained_today_is_not_found_again_and_another_machine_is(identity, hoa, told, db):
    hoa.comes_in(DESK)
    hoa.comes_in(NEXT_DESK)
    identity.settle_finding(settling(listed(identity).findings[0].finding), by=ADMIN_HUE)
    hoa.comes_in(DESK)
    opened = listed(identity, state=SharingState.OPEN).findings
    assert [row.evidence[-1].machine for row in opened if row.kind == "second_place"] == ["a" * 8]

    hoa.comes_in(replace(DESK, machine="c" * 32))
    row = next(row for row in listed(identity, state=SharingState.OPEN).findings if row.kind == "second_place")
    assert "c" * 8 in {one.machine for one in row.evidence}


def test_an_old_key_that_comes_back_is_found(identity, hoa, hear, db, told):
    session = hoa.comes_in(DESK)
    ended = next(iter(db.glance("SELECT id FROM sessions WHERE person = %(person)s", {"person": session.person})))[0]
    hear(identity, db, SessionEnded(session=ended, person=session.person, reason="signed_out"))
    assert found_events(told, db) == []
    hear(identity, db, SessionEnded(session=ended, person=session.person, reason="reused"), 2)

    assert [event.data["kind"] for event in found_events(told, db)] == ["token_reused"]


def test_a_sign_in_its_holder_disowns_is_shown_to_the_unit_above_once(identity, hoa, db, told):
    session = hoa.comes_in(DESK)
    passport = identity.open_passport(OpenPassport(token=session.token)).passport
    card = identity.my_sessions(MySessions(), by=passport).sessions[0]
    for _ in range(2):
        identity.not_me(NotMe(key=uuid4(), session=card.id), by=passport)

    row = listed(identity, state=SharingState.OPEN).findings[0]
    assert [event.data["kind"] for event in found_events(told, db)] == ["disowned"]
    assert (row.code, row.severity, row.in_session) == ("D513", "block", False)
    assert moment(card.began_at) in row.vi
    assert [(one.machine, one.address) for one in row.evidence] == [(DESK.machine[:8], DESK.address)]


def acts(person, number, first_at, every, kind="results.entry_submitted"):
    for n in range(number):
        for part in ("record", "area"):  # a command that tells two things is one act
            yield Envelope(
                id=uuid4(), topic=kind, aggregate=f"{part}/{uuid4()}", version=1, at=first_at + n * every,
                actor=str(person), causation=f"submit_entry:{UUID(int=n)}", data={"n": n},
            )  # fmt: skip


@pytest.mark.parametrize(("number", "found"), [(40, []), (41, ["too_fast"])])
def test_a_program_under_an_account_is_found_within_seconds(identity, hoa, told, db, number, found):
    person = hoa.comes_in(DESK).person
    identity.hear(list(acts(person, number, datetime.now(UTC) - timedelta(seconds=50), timedelta(seconds=1))))
    identity.watch_rhythm()
    identity.watch_rhythm()

    assert [event.data["kind"] for event in found_events(told, db)] == found


def test_the_weekly_list_counts_by_unit_and_says_who_acts(identity, hoa):
    hoa.comes_in(DESK)
    hoa.comes_in(NEXT_DESK)
    today = (datetime.now(UTC) + timedelta(hours=7)).date()
    asked = SharingWeekOf(election=ELECTION, unit=HUE, first_day=today)
    row = identity.sharing_week(asked, by=ADMIN_HUE).units[0]
    nation = identity.sharing_week(
        asked.model_copy(update={"unit": "vn"}), by=holder("account_admin", f"{ELECTION}/vn")
    )
    before = asked.model_copy(update={"first_day": today - timedelta(days=7)})

    assert (row.unit, row.act_by, row.open) == (VY_DA, HUE, 1)
    assert [(one.kind, one.number) for one in row.kinds] == [("second_place", 1)]
    assert [(unit.unit, unit.act_by) for unit in nation.units] == [(HUE, "vn")]
    assert identity.sharing_week(before, by=ADMIN_HUE).units == ()


def test_the_open_findings_are_a_signal_and_other_elections_see_none(identity, hoa):
    hoa.comes_in(DESK)
    hoa.comes_in(NEXT_DESK)
    other = FindingsOf(election="dien-tap-8", unit=VY_DA)

    assert identity.signals()["hp_sharing_open"] == 1
    assert identity.findings_of(other, by=holder("account_admin", f"dien-tap-8/{VY_DA}")).total == 0


def test_sightings_are_forgotten_in_time_and_signing_out_is_no_sign(identity, hoa, told, db):
    session = hoa.comes_in(DESK)
    identity.sign_out(SignOut(key=uuid4(), token=session.token))
    hoa.comes_in(NEXT_DESK)
    identity.forget_sightings()

    assert [event.data["kind"] for event in found_events(told, db)] == ["new_machine"]
    assert db.glance("SELECT count(*) FROM sightings", {}) == [(2,)]


def test_a_session_that_stays_where_it_is_is_written_down_once_a_minute_at_most(identity, hoa, db):
    hoa.comes_in(DESK)
    for _ in range(3):
        hoa.asks(DESK)
    assert db.glance("SELECT count(*), max(last_at) = max(first_at) FROM sightings", {}) == [(1, True)]

    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE sightings SET last_at = last_at - interval '61 s', first_at = first_at - interval '61 s'"
        )
    hoa.asks(DESK)
    assert db.glance("SELECT count(*), max(last_at) > max(first_at) FROM sightings", {}) == [(1, True)]


def test_a_night_relay_is_found_while_the_session_goes_on_in_its_place(identity, hoa, db, told):
    session = hoa.comes_in(DESK)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sessions (id, token_hash, person, state, began_at, seen_at, ends_at, idle_minutes, ended_at, address,"
            " device, machine) SELECT gen_random_uuid(), 'x', person, 'expired', began_at - interval '20 h 30 min',"
            " began_at - interval '3 h', ends_at, 30, began_at, address, device, machine FROM sessions"
        )
        connection.exec_driver_sql(
            "UPDATE sightings SET last_at = last_at - interval '2 min', first_at = first_at - interval '2 min'"
        )
    hoa.asks(DESK)

    assert [event.data["kind"] for event in found_events(told, db)] == ["no_pause"]
    assert listed(identity).findings[0].person == session.person


def test_what_many_requests_see_at_the_same_moment_is_found_once(identity, hoa, told, db):
    hoa.comes_in(DESK)
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: hoa.asks(NEXT_DESK).person, range(24)))

    assert len(opened) == 24
    assert [event.data["kind"] for event in found_events(told, db)].count("token_elsewhere") == 1
    assert listed(identity, kind=SharingKind.TOKEN_ELSEWHERE).total == 1


def test_a_letter_that_names_no_person_is_entered_and_is_nobodys_act(identity, db):
    letters = list(acts(uuid4(), 2, NOW, timedelta(seconds=1)))
    odd = (
        letters[0].model_copy(update={"actor": "ai đó"}), letters[1].model_copy(update={"causation": "x\x00y"}),
        letters[2].model_copy(update={"actor": None}), letters[3],
    )  # fmt: skip
    identity.hear(list(odd))

    assert db.glance("SELECT count(*) FROM ledger", {}) == [(4,)]
    assert db.glance("SELECT count(*) FROM acts_done", {}) == [(1,)]
