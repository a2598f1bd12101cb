"""From confirmed dossiers to official lists; against a real database."""

import unicodedata
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, StepNotAllowed, Unknown
from services.contracts.candidates import (
    Contest,
    CorrectDossier,
    DossierOf,
    DossiersOf,
    ListIsFrozen,
    ListsOf,
    Nominator,
    Sex,
    StrikeCandidate,
    WithdrawDossier,
)
from services.contracts.roles import Role
from tests.candidates.factories import ELECTION, communes, confirming, identity, noon, officer, receiving, showing

WARD = communes()["46"][0]
EIGHT = ("Trần Văn Được", "Lê Anh Dũng", "Trần Tiến Đạt", "Lê Thị Dương", "Phạm An", "Lý Ân", "Tôn Nữ Ý", "Hồ Sơn")
ORDER = ["Phạm An", "Lý Ân", "Lê Anh Dũng", "Lê Thị Dương", "Trần Tiến Đạt", "Trần Văn Được", "Hồ Sơn", "Tôn Nữ Ý"]


@pytest.fixture
def february(hue, candidates, office):
    """The third consultation is on, dossiers having come before."""

    def turn():
        candidates.set_clock(showing(noon(12, 2)), by=office)

    return turn


@pytest.fixture
def eight_placed(february, story, people):
    """Eight people stand in PC-46-01, which elects five."""
    cards = story.confirmed(*people(*EIGHT))
    february()
    return list(story.candidates.place_candidates(story.placing(cards), by=story.desk).dossiers)


def codes(findings):
    return [found.code for found in findings]


def letters(db, told, topic):
    return [letter for letter in told(db) if letter.topic == f"candidates.{topic}"]


def striking(card, constituency="PC-46-01"):
    return StrikeCandidate(
        key=uuid4(),
        election=ELECTION,
        unit="vn/46",
        constituency=constituency,
        dossier=card.dossier,
        reason="bị khởi tố bị can",
        document="12/NQ-UBBC",
    )


def test_confirmed_dossiers_are_placed_and_moved_until_the_list_is_published(eight_placed, story):
    assert {(card.state, card.constituency) for card in eight_placed} == {("placed", "PC-46-01")}

    moved = story.candidates.place_candidates(story.placing(eight_placed[:1], "PC-46-02"), by=story.desk)
    assert [card.constituency for card in moved.dossiers] == ["PC-46-02"]


def test_placing_tells_every_fault_and_does_nothing(february, story, people):
    [confirmed] = story.confirmed(*people("Lê A"))
    [checked] = story.checked(*people("Lê B"))
    request = story.placing([confirmed, checked])
    wrong = request.model_copy(
        update={
            "placements": (
                request.placements[0].model_copy(update={"constituency": "PC-48-01"}),
                request.placements[1],
            )
        }
    )

    with pytest.raises(HasFindings) as refused:
        story.candidates.place_candidates(wrong, by=story.desk)
    assert codes(refused.value.findings) == ["DS1", "DS2"]
    with pytest.raises(HasFindings) as refused:
        story.candidates.place_candidates(story.placing([confirmed], "NA-46-01"), by=story.desk)
    assert codes(refused.value.findings) == ["DS13"]
    states = story.candidates.dossiers_of(DossiersOf(election=ELECTION, unit="vn/46"), by=story.desk).by_state
    assert states == {"confirmed": 1, "checked": 1}


def test_placing_before_the_third_consultation_is_told(hue, story, people):
    [card] = story.placed(*people("Lê A"))

    assert codes(card.findings) == ["DS8"]


def test_namesakes_in_one_constituency_are_told_of_that_constituency(february, story, people):
    cards = story.confirmed(*people("Lê Văn An", "Lê Văn An", "Lê Văn Ân"))
    february()
    placed = story.candidates.place_candidates(story.placing(cards), by=story.desk).dossiers

    assert {tuple(codes(card.findings)) for card in placed} == {("DS4",)}


def test_a_province_places_its_own_and_the_centrally_nominated_in_its_na_constituencies(
    february, story, candidates, people
):
    centre, centre_second = officer(Role.PERSONNEL, "vn"), officer(Role.PERSONNEL_CONFIRMER, "vn")
    [central, local] = people("Lê Trung Ương", "Lê Địa Phương")
    card = candidates.receive_dossier(receiving(central, Contest.NA, "vn", Nominator.CENTRAL), by=centre)
    [card] = candidates.check_identity(story.checking([card], "vn"), by=centre).dossiers
    reason = {"unit": "vn", "reason": "đã xem căn cước"}
    [card] = candidates.confirm_identity(confirming(card, **reason), by=centre_second).dossiers
    [own] = story.confirmed(local, contest=Contest.NA)
    february()

    placed = candidates.place_candidates(story.placing([card, own], "NA-46-01"), by=story.desk).dossiers
    assert {one.constituency for one in placed} == {"NA-46-01"}
    seen = candidates.dossiers_of(DossiersOf(election=ELECTION, unit="vn/46"), by=story.desk)
    assert seen.total == 2
    with pytest.raises(HasFindings):
        candidates.place_candidates(story.placing([own], "NA-48-01"), by=story.desk)


def test_an_official_list_stands_in_the_legal_order_and_is_told(eight_placed, story, db, told):
    published = story.publish("PC-46-01")

    assert published.lists == 1
    assert codes(published.findings) == ["DS6"]
    [letter] = letters(db, told, "list_published")
    assert [line["full_name"] for line in letter.data["candidates"]] == ORDER
    assert [line["order"] for line in letter.data["candidates"]] == list(range(1, 9))
    assert letter.data["seats"] == 5
    states = story.candidates.dossiers_of(DossiersOf(election=ELECTION, unit="vn/46"), by=story.desk).by_state
    assert states == {"listed": 8}
    assert set(story.candidates.invariants().values()) == {0}


def test_a_published_list_is_read_around_a_commune(eight_placed, story):
    story.publish("PC-46-01")
    asked = ListsOf(election=ELECTION, unit=f"vn/46/{WARD}", contest=Contest.PC)
    [found] = story.candidates.lists_of(asked, by=story.head).lists

    assert [line.full_name for line in found.candidates] == ORDER
    assert story.candidates.lists_of(asked.model_copy(update={"contest": Contest.NA}), by=story.head).lists == ()


def test_a_list_with_too_few_candidates_is_not_published_nor_any_other_of_the_same_act(
    eight_placed, story, people, db, told
):
    seven = story.candidates.place_candidates(story.placing(eight_placed[:1], "PC-46-02"), by=story.desk)
    assert seven.total == 1

    with pytest.raises(HasFindings) as refused:
        story.publish("PC-46-01", "PC-46-02")
    assert [(found.code, found.places) for found in refused.value.findings] == [
        ("DS5", ("PC-46-01",)),
        ("DS5", ("PC-46-02",)),
    ]
    assert letters(db, told, "list_published") == []


def test_a_list_is_published_once_by_the_commission_it_belongs_to(eight_placed, story):
    story.publish("PC-46-01")
    with pytest.raises(HasFindings) as again:
        story.publish("PC-46-01")
    assert codes(again.value.findings) == ["DS3"]

    with pytest.raises(HasFindings) as foreign:
        story.publish(f"CC-{WARD}-01", "PC-48-01")
    assert codes(foreign.value.findings) == ["DS1", "DS1"]
    with pytest.raises(NotAllowed):
        story.candidates.publish_lists(story.publishing("PC-46-02"), by=story.desk)


def test_after_publication_nothing_moves_the_list_but_a_striking(eight_placed, story, people):
    story.publish("PC-46-01")
    card = eight_placed[0]
    base = {"election": ELECTION, "unit": "vn/46", "dossier": card.dossier}

    with pytest.raises(StepNotAllowed):
        story.candidates.withdraw_dossier(WithdrawDossier(key=uuid4(), document="đơn", **base), by=story.desk)
    correction = CorrectDossier(key=uuid4(), identity=identity(), reason="sai", **base)
    with pytest.raises(StepNotAllowed):
        story.candidates.correct_dossier(correction, by=story.desk)
    with pytest.raises(HasFindings) as refused:
        story.candidates.place_candidates(story.placing([card], "PC-46-02"), by=story.desk)
    assert codes(refused.value.findings) == ["DS2"]


def test_a_struck_candidate_keeps_the_place_of_the_line_and_the_order_of_the_others(eight_placed, story, db, told):
    story.publish("PC-46-01")
    third = next(card for card in eight_placed if card.full_name == "Lê Anh Dũng")
    listed = story.candidates.strike_candidate(striking(third), by=story.head)

    assert [(line.order, line.struck) for line in listed.candidates] == [(place, place == 3) for place in range(1, 9)]
    assert [letter.version for letter in letters(db, told, "list_published")] == [1, 2]
    asked = DossierOf(election=ELECTION, unit="vn/46", dossier=third.dossier)
    assert story.candidates.dossier_of(asked, by=story.desk).state == "struck"
    with pytest.raises(Unknown):
        story.candidates.strike_candidate(striking(third), by=story.head)
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT version, stands, document FROM official_lists ORDER BY version")).all()
    assert kept == [(1, False, "151/NQ-UBBC"), (2, True, "12/NQ-UBBC")]
    assert set(story.candidates.invariants().values()) == {0}


def test_when_no_more_stand_than_seats_the_striking_asks_for_a_cut(eight_placed, story):
    story.publish("PC-46-01")
    findings = [
        codes(story.candidates.strike_candidate(striking(card), by=story.head).findings) for card in eight_placed[:3]
    ]

    assert findings == [[], [], ["DS11"]]


def test_nobody_is_struck_once_voting_has_started(eight_placed, story, office):
    story.publish("PC-46-01")
    story.candidates.set_clock(showing(noon(15, 3).replace(hour=0, minute=0)), by=office)

    with pytest.raises(ListIsFrozen):
        story.candidates.strike_candidate(striking(eight_placed[0]), by=story.head)


def test_no_dossier_that_changed_after_its_confirmation_reaches_a_list(eight_placed, story, db):
    """Even when somebody reaches around the doors: the content is computed from what is stored."""
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE dossiers SET home_town = 'nơi khác' WHERE full_name = 'Phạm An'"))

    with pytest.raises(HasFindings) as refused:
        story.publish("PC-46-01")
    assert [(found.code, "Phạm An" in found.vi) for found in refused.value.findings] == [("DS10", True)]


def test_a_correction_takes_a_placed_candidate_off_until_two_people_have_read_it_again(eight_placed, story, people):
    card = eight_placed[0]
    correction = CorrectDossier(
        key=uuid4(),
        election=ELECTION,
        unit="vn/46",
        dossier=card.dossier,
        identity=identity("Trần Văn Đước", "046082000077", sex=Sex.MALE),
        reason="giấy khai sinh",
    )
    corrected = story.candidates.correct_dossier(correction, by=story.desk)

    assert (corrected.state, corrected.constituency, corrected.confirmed_by) == ("received", None, "")
    with pytest.raises(HasFindings) as refused:
        story.publish("PC-46-01")
    assert codes(refused.value.findings) == ["DS5"]


def test_many_lists_are_published_in_one_act(february, story, people, candidates, db, told):
    women = people(*[f"Tôn Nữ {chr(65 + place // 26)}{chr(97 + place % 26)}" for place in range(88)], sex=Sex.FEMALE)
    cards = story.confirmed(*women)
    february()
    placements = []
    for place in range(11):
        code, own = f"PC-46-{place + 1:02d}", cards[place * 8 : place * 8 + 8]
        placements += story.placing(own, code).placements
    request = story.placing([]).model_copy(update={"placements": tuple(placements)})
    assert candidates.place_candidates(request, by=story.desk).total == 88

    published = story.publish(*[f"PC-46-{place + 1:02d}" for place in range(11)])
    assert (published.lists, published.findings) == (11, ())
    assert len(letters(db, told, "list_published")) == 11
    assert set(candidates.invariants().values()) == {0}
    assert candidates.signals() == {"hp_dossiers": 88}


def test_names_on_lists_are_composed_letters(eight_placed, story, db, told):
    story.publish("PC-46-01")
    [letter] = letters(db, told, "list_published")

    assert all(unicodedata.is_normalized("NFC", line["full_name"]) for line in letter.data["candidates"])


def test_of_two_publications_at_once_one_stands(eight_placed, story, db, told):
    from tests.candidates.test_dossiers import in_threads

    outcomes = in_threads(*[lambda: story.publish("PC-46-01")] * 2)

    assert sum(isinstance(one, HasFindings) for one in outcomes) == 1
    assert len(letters(db, told, "list_published")) == 1
    assert set(story.candidates.invariants().values()) == {0}
