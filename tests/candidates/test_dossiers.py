"""Dossiers through their doors; against a real database and a register that answers."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import (
    HasFindings,
    NotAllowed,
    SameMachine,
    SamePerson,
    StaleVersion,
    StepNotAllowed,
    Unavailable,
    Unknown,
)
from services.contracts.candidates import (
    Contest,
    CorrectDossier,
    DeskClosed,
    DossierOf,
    DossiersOf,
    Nominator,
    SecondPersonNeeded,
    Sex,
    WithdrawDossier,
)
from services.contracts.roles import Role
from tests.candidates.factories import ELECTION, communes, confirming, identity, noon, officer, receiving, showing

WARD = communes()["46"][0]


def codes(refused):
    return [found.code for found in refused.value.findings]


def correcting(card, who, reason="giấy khai sinh trang 3"):
    return CorrectDossier(
        key=uuid4(), election=ELECTION, unit=card.unit, dossier=card.dossier, identity=who, reason=reason
    )


def withdrawing(card):
    return WithdrawDossier(
        key=uuid4(), election=ELECTION, unit=card.unit, dossier=card.dossier, document="đơn ngày 5/2"
    )


def everything(db):
    """All that is stored, as one text."""
    with db.engine.connect() as connection:
        tables = [
            row[0] for row in connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname='public'"))
        ]
        rows = [str(row) for table in tables for row in connection.execute(text(f'SELECT t::text FROM "{table}" t'))]
    return "\n".join(rows)


def test_a_dossier_is_received_masked_and_told_without_number_or_address(called, story, db, told):
    [card] = story.received()

    assert (card.state, card.masked_number, card.received_by) == ("received", "•••• •••• ••••", "Người nhận")
    seen = story.candidates.dossier_of(DossierOf(election=ELECTION, unit="vn/46", dossier=card.dossier), by=story.desk)
    assert seen.masked_number == "•••• •••• 1234"
    letter = told(db)[-1]
    assert letter.topic == "candidates.dossier_advanced"
    assert letter.data["content"] == card.content
    assert "residence" not in letter.data
    assert "046182001234" not in everything(db)


def test_what_is_wrong_with_a_dossier_is_said_at_once_and_nothing_is_stored(called, candidates, story, db, told):
    before = len(told(db))
    young = identity(birth_date=date(2006, 1, 1), personal_number="046306000001")
    with pytest.raises(HasFindings) as refused:
        candidates.receive_dossier(receiving(young, Contest.CC, nominated_by=""), by=story.desk)

    assert codes(refused) == ["UC3", "UC11", "UC1"]
    assert len(told(db)) == before


def test_doubts_about_the_number_are_kept_with_the_dossier(called, candidates, story):
    odd = candidates.receive_dossier(receiving(identity(number="046082001234")), by=story.desk)
    seen = candidates.dossier_of(DossierOf(election=ELECTION, unit="vn/46", dossier=odd.dossier), by=story.desk)

    assert [found.code for found in seen.findings] == ["UC5"]


def test_the_desk_closes_at_17_on_the_42nd_day_by_the_elections_own_clock(called, candidates, story, office):
    candidates.set_clock(showing(noon(1, 2).replace(hour=10, minute=0)), by=office)
    candidates.receive_dossier(receiving(), by=story.desk)
    candidates.set_clock(showing(noon(1, 2).replace(hour=10, minute=0, second=1)), by=office)

    with pytest.raises(DeskClosed) as refused:
        candidates.receive_dossier(receiving(identity(number="046182000002")), by=story.desk)
    assert "17:00 1/2/2026" in refused.value.told().vi


def test_a_dossier_before_the_desks_open_is_noted(called, candidates, story, office):
    candidates.set_clock(showing(noon(1, 12, 2025)), by=office)
    card = candidates.receive_dossier(receiving(), by=story.desk)

    assert [found.code for found in card.findings] == ["UC12"]


def test_one_person_has_two_dossiers_at_most(called, candidates, story):
    who = identity()
    ward_desk = officer(Role.PERSONNEL, f"vn/46/{WARD}")
    candidates.receive_dossier(receiving(who), by=story.desk)
    with pytest.raises(HasFindings) as again:
        candidates.receive_dossier(receiving(who), by=story.desk)
    assert codes(again) == ["UC2"]

    candidates.receive_dossier(receiving(who, Contest.NA), by=story.desk)
    with pytest.raises(HasFindings) as third:
        candidates.receive_dossier(receiving(who, Contest.CC, f"vn/46/{WARD}"), by=ward_desk)
    assert codes(third) == ["UC4"]


def test_a_withdrawn_dossier_makes_room_for_another(called, candidates, story):
    [card] = story.received()
    withdrawn = candidates.withdraw_dossier(withdrawing(card), by=story.desk)

    assert withdrawn.state == "withdrawn"
    assert story.received()[0].state == "received"
    with pytest.raises(StepNotAllowed):
        candidates.withdraw_dossier(withdrawing(card), by=story.desk)


def test_the_same_request_received_twice_is_one_dossier(called, candidates, story, db, told):
    request = receiving()
    first = candidates.receive_dossier(request, by=story.desk)
    count = len(told(db))

    assert candidates.receive_dossier(request, by=story.desk) == first
    assert len(told(db)) == count


def test_a_checked_dossier_shows_every_field_and_who_checked(called, story, register):
    [card] = story.checked()

    assert card.state == "checked"
    assert {field.verdict for field in card.identity_fields} == {"same"}
    assert card.checked_by == "Người đối chiếu"
    assert card.findings == ()
    assert register.asked[0].purpose
    assert "046182001234" not in register.asked[0].model_dump_json()


def test_two_hundred_dossiers_are_checked_in_one_question(called, story, people, register):
    cards = story.checked(*people(*[f"Lê Văn {chr(65 + place // 26)}{chr(97 + place % 26)}" for place in range(200)]))

    assert {card.state for card in cards} == {"checked"}
    assert len(register.asked) == 1


def test_a_difference_makes_the_dossier_mismatched_with_its_words(called, candidates, story, register, concealer):
    who = identity()
    [card] = story.received(who)
    register.holds(who, concealer.conceal(who.personal_number), birth_date=date(1982, 5, 11))
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers

    assert card.state == "mismatched"
    assert (card.identity_fields[0].field, card.identity_fields[0].vi) == ("birth_date", "Đảo ngày và tháng")
    assert [found.code for found in card.findings] == ["HS2"]
    with pytest.raises(HasFindings) as refused:
        candidates.confirm_identity(confirming(card, reason="đã xem"), by=story.second)
    assert codes(refused) == ["HS4"]


def test_a_mismatch_is_corrected_from_the_paper_then_checked_and_confirmed_anew(
    called, candidates, story, register, concealer
):
    wrong, right = identity(birth_date=date(1982, 5, 11)), identity()
    [card] = story.received(wrong)
    register.holds(right, concealer.conceal(right.personal_number))
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers
    assert card.state == "mismatched"

    corrected = candidates.correct_dossier(correcting(card, right), by=story.desk)
    assert (corrected.state, corrected.birth_date, corrected.findings) == ("received", date(1982, 11, 5), ())
    assert corrected.content != card.content
    assert (corrected.checked_by, corrected.identity_fields) == ("", ())

    [checked] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers
    [confirmed] = candidates.confirm_identity(confirming(checked), by=story.second).dossiers
    assert (confirmed.state, confirmed.confirmed_by) == ("confirmed", "Người xác nhận")


def test_a_correction_keeps_what_was_declared_before_with_its_reason(called, candidates, story, db):
    [card] = story.received()
    candidates.correct_dossier(correcting(card, identity("Nguyễn Thị Thúy Hằng")), by=story.desk)

    with db.engine.connect() as connection:
        steps = connection.execute(
            text("SELECT act, before, after, ground, superseded FROM dossier_steps ORDER BY number")
        )
        first, second = steps.all()
    assert (first.act, first.superseded) == ("receive", None)
    assert (second.act, second.before, second.after, second.ground) == (
        "correct",
        "received",
        "received",
        "giấy khai sinh trang 3",
    )
    assert second.superseded["full_name"] == "Nguyễn Thị Thúy Hòa"
    assert "046182001234" not in str(second.superseded)


def test_a_correction_obeys_the_same_rules_as_a_receipt(called, candidates, story):
    first, other = story.received(identity(), identity(number="046182000002"))
    with pytest.raises(HasFindings) as refused:
        candidates.correct_dossier(correcting(other, identity()), by=story.desk)
    assert codes(refused) == ["UC2"]

    assert candidates.correct_dossier(correcting(first, identity()), by=story.desk).state == "received"


def test_another_placing_of_tone_marks_is_confirmed_only_with_a_reason(called, candidates, story, register, concealer):
    who = identity()
    [card] = story.received(who)
    register.holds(who, concealer.conceal(who.personal_number), full_name="NGUYỄN THỊ THUÝ HOÀ")
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers

    assert (card.state, card.identity_fields[0].vi) == ("mismatched", "Cùng tên, khác cách bỏ dấu")
    with pytest.raises(HasFindings) as refused:
        candidates.confirm_identity(confirming(card), by=story.second)
    assert codes(refused) == ["HS5"]
    [card] = candidates.confirm_identity(
        confirming(card, reason="giấy khai sinh ghi Thúy Hòa"), by=story.second
    ).dossiers
    assert card.state == "confirmed"


def test_who_is_not_in_the_register_is_confirmed_only_with_a_reason(called, candidates, story, register):
    [card] = story.received()
    register.people.clear()
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers

    assert (card.state, [found.code for found in card.findings]) == ("mismatched", ["HS1"])
    with pytest.raises(HasFindings):
        candidates.confirm_identity(confirming(card), by=story.second)
    [card] = candidates.confirm_identity(confirming(card, reason="đã xem căn cước"), by=story.second).dossiers
    assert card.state == "confirmed"


def test_a_number_with_two_digits_swapped_is_found_out_and_only_corrected(
    called, candidates, story, register, concealer
):
    right, slip = identity(number="046182001234"), identity(number="046182001324")
    card = candidates.receive_dossier(receiving(slip), by=story.desk)
    register.holds(right, concealer.conceal(right.personal_number))
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers

    assert card.state == "mismatched"
    [field] = card.identity_fields
    assert (field.declared, field.registered, field.vi) == ("•••• •••• ••••", "•••• •••• ••••", "Đảo hai chữ số")
    seen = candidates.dossier_of(DossierOf(election=ELECTION, unit="vn/46", dossier=card.dossier), by=story.desk)
    assert (seen.identity_fields[0].declared, seen.identity_fields[0].registered) == (
        "•••• •••• 1324",
        "•••• •••• 1234",
    )
    with pytest.raises(HasFindings) as refused:
        candidates.confirm_identity(confirming(card, reason="đã xem"), by=story.second)
    assert codes(refused) == ["HS4"]


def test_a_name_typed_in_decomposed_letters_is_the_same_person(called, candidates, story):
    import unicodedata

    typed = unicodedata.normalize("NFD", "Nguyễn Thị Thúy Hòa")
    request = receiving(identity()).model_dump_json().replace("Nguyễn Thị Thúy Hòa", typed)
    assert typed in request
    story.register.holds(identity(), story.concealer.conceal("046182001234"))
    card = candidates.receive_dossier(request.encode(), by=story.desk)
    [checked] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers

    assert (checked.full_name, checked.state) == ("Nguyễn Thị Thúy Hòa", "checked")


@pytest.mark.parametrize("part", ["desk", "checker"])
def test_who_received_or_checked_does_not_confirm(called, candidates, story, part):
    [card] = story.checked()
    first = getattr(story, part)
    confirmer = officer(Role.PERSONNEL_CONFIRMER, name=first.name, person=first.person)

    with pytest.raises(SecondPersonNeeded) as refused:
        candidates.confirm_identity(confirming(card), by=confirmer)
    assert isinstance(refused.value, SamePerson)
    assert codes(refused) == ["HS7"]


@pytest.mark.parametrize("part", ["desk", "checker"])
def test_an_identity_is_confirmed_at_another_machine_than_it_was_received_or_checked_at(
    called, candidates, story, part
):
    machine = "a" * 32
    setattr(story, part, getattr(story, part).model_copy(update={"machine": machine}))
    [card] = story.checked()
    confirmer = officer(Role.PERSONNEL_CONFIRMER)

    with pytest.raises(SameMachine):
        candidates.confirm_identity(confirming(card), by=confirmer.model_copy(update={"machine": machine}))
    elsewhere = confirmer.model_copy(update={"machine": "b" * 32})
    assert candidates.confirm_identity(confirming(card), by=elsewhere).dossiers[0].state == "confirmed"


def test_who_corrected_does_not_confirm(called, candidates, story):
    [card] = story.received()
    corrector = officer(Role.PERSONNEL, name="Người sửa")
    candidates.correct_dossier(correcting(card, identity()), by=corrector)
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers

    with pytest.raises(SecondPersonNeeded):
        candidates.confirm_identity(confirming(card), by=officer(Role.PERSONNEL_CONFIRMER, person=corrector.person))


def test_a_confirmation_is_of_exactly_what_was_read(called, candidates, story, db, told):
    [read] = story.checked()
    candidates.correct_dossier(correcting(read, identity(religion="Phật giáo")), by=story.desk)
    [checked] = candidates.check_identity(story.checking([read]), by=story.checker).dossiers
    before = len(told(db))

    with pytest.raises(StaleVersion) as refused:
        candidates.confirm_identity(confirming(read), by=story.second)
    assert codes(refused) == ["HS6"]
    assert len(told(db)) == before
    assert candidates.confirm_identity(confirming(checked), by=story.second).dossiers[0].state == "confirmed"


def test_of_many_confirmations_one_wrong_hash_stops_them_all(called, candidates, story, people):
    cards = story.checked(*people("Lê A", "Lê B", "Lê C"))
    contents = (cards[0].content, "0" * 64, cards[2].content)

    with pytest.raises(StaleVersion):
        candidates.confirm_identity(confirming(*cards, contents=contents), by=story.second)
    states = candidates.dossiers_of(DossiersOf(election=ELECTION, unit="vn/46"), by=story.desk).by_state
    assert states == {"checked": 3}


def test_contents_and_dossiers_come_in_pairs(called, candidates, story, people):
    cards = story.checked(*people("Lê A", "Lê B"))

    with pytest.raises(HasFindings) as refused:
        candidates.confirm_identity(confirming(*cards, contents=(cards[0].content,)), by=story.second)
    assert codes(refused) == ["HS8"]


def test_an_unchecked_dossier_is_not_confirmed(called, candidates, story):
    [card] = story.received()

    with pytest.raises(HasFindings) as refused:
        candidates.confirm_identity(confirming(card), by=story.second)
    assert codes(refused) == ["HS4"]


def test_a_register_that_does_not_answer_leaves_the_dossier_as_it_was(called, candidates, story, register):
    [card] = story.received()

    def away(request):
        raise Unavailable(seconds=5)

    register.find_persons = away
    with pytest.raises(Unavailable):
        candidates.check_identity(story.checking([card]), by=story.checker)
    seen = candidates.dossier_of(DossierOf(election=ELECTION, unit="vn/46", dossier=card.dossier), by=story.desk)
    assert seen.model_copy(update={"masked_number": card.masked_number}) == card


def test_a_dossier_corrected_while_the_register_is_asked_is_not_judged_by_the_old_answer(
    called, candidates, story, register
):
    [card] = story.received()
    answer = register.find_persons

    def slow(request):
        from services.kit.work import current

        work, token = current.get(), None
        token = current.set(None)
        candidates.correct_dossier(correcting(card, identity(sex=Sex.MALE)), by=story.desk)
        current.reset(token)
        assert work is not None
        return answer(request)

    register.find_persons = slow
    with pytest.raises(StaleVersion):
        candidates.check_identity(story.checking([card]), by=story.checker)


def test_dossiers_of_another_commission_are_unknown(called, candidates, story):
    [card] = story.received()
    elsewhere = officer(Role.PERSONNEL, "vn/48")
    asked = DossierOf(election=ELECTION, unit="vn/48", dossier=card.dossier)

    with pytest.raises(Unknown):
        candidates.dossier_of(asked, by=elsewhere)
    with pytest.raises(NotAllowed):
        candidates.dossier_of(asked.model_copy(update={"unit": "vn/46"}), by=elsewhere)
    with pytest.raises(Unknown):
        candidates.check_identity(story.checking([card], "vn/48"), by=elsewhere)


def test_a_commission_reads_dossiers_below_it_in_the_order_of_names(called, candidates, story, people):
    story.received(*people("Trần Văn Được", "Lê Anh Dũng", "Trần Tiến Đạt"))
    ward_desk = officer(Role.PERSONNEL, f"vn/46/{WARD}")
    [ours] = people("Lê Thị Dương", sex=Sex.FEMALE)
    candidates.receive_dossier(
        receiving(ours, Contest.CC, f"vn/46/{WARD}", Nominator.SELF, nominated_by=""), by=ward_desk
    )

    whole = candidates.dossiers_of(DossiersOf(election=ELECTION, unit="vn/46"), by=story.head)
    assert [card.full_name.split()[-1] for card in whole.dossiers] == ["Dũng", "Dương", "Đạt", "Được"]
    assert (whole.total, whole.by_state) == (4, {"received": 4})
    page = DossiersOf(
        election=ELECTION, unit="vn/46", contest=Contest.PC, state="received", page={"first": 1, "size": 1}
    )
    shown = candidates.dossiers_of(page, by=story.head)
    assert ([card.full_name for card in shown.dossiers], shown.total) == (["Trần Tiến Đạt"], 3)
    ward = candidates.dossiers_of(DossiersOf(election=ELECTION, unit=f"vn/46/{WARD}"), by=ward_desk)
    assert [card.full_name for card in ward.dossiers] == ["Lê Thị Dương"]


def test_at_rest_nothing_of_the_number_can_be_read_or_guessed(called, candidates, story, db):
    """Not from rows, answers, letters or history, nor from a hash whose other parts are all in the database."""
    import hashlib

    request = receiving()
    story.register.holds(request.identity, story.concealer.conceal("046182001234"))
    card = candidates.receive_dossier(request, by=story.desk)
    [card] = candidates.check_identity(story.checking([card]), by=story.checker).dossiers
    candidates.correct_dossier(correcting(card, identity(number="046182991234")), by=story.desk)

    stored = everything(db)
    assert "001234" not in stored
    assert "•• 1234" not in stored
    body = request.model_dump_json().encode()
    for unkeyed in (hashlib.sha256(body), hashlib.blake2b(body, digest_size=32)):
        assert unkeyed.hexdigest() not in stored


def in_threads(*acts):
    """What each act answered or refused, all begun at once."""
    from concurrent.futures import ThreadPoolExecutor

    def outcome(act):
        try:
            return act()
        except Exception as refused:  # noqa: BLE001  the outcome is what is compared
            return refused

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(outcome, acts))


def test_of_many_dossiers_of_one_person_at_once_no_more_than_the_law_allows_are_received(called, candidates, story):
    who, ward_desk = identity(), officer(Role.PERSONNEL, f"vn/46/{WARD}")

    def receive(contest, unit, by):
        return lambda: candidates.receive_dossier(receiving(who, contest, unit), by=by)

    here = [
        (Contest.PC, "vn/46", story.desk),
        (Contest.NA, "vn/46", story.desk),
        (Contest.CC, f"vn/46/{WARD}", ward_desk),
    ]
    outcomes = in_threads(*[receive(*one) for one in here * 2])

    assert sum(not isinstance(one, Exception) for one in outcomes) == 2
    assert all(isinstance(one, HasFindings) for one in outcomes if isinstance(one, Exception))
    whole = candidates.dossiers_of(DossiersOf(election=ELECTION, unit="vn/46"), by=story.head)
    assert whole.total == 2


def test_of_two_confirmations_at_once_one_stands_and_one_is_told(called, candidates, story):
    [card] = story.checked()
    others = [officer(Role.PERSONNEL_CONFIRMER, name=name) for name in ("Một", "Hai")]
    outcomes = in_threads(*[lambda by=by: candidates.confirm_identity(confirming(card), by=by) for by in others])

    assert sum(isinstance(one, HasFindings) for one in outcomes) == 1


def test_the_database_itself_refuses_a_second_dossier_and_a_confirmation_by_the_same_person(called, story, db):
    from sqlalchemy.exc import IntegrityError

    [card] = story.checked()
    for change in (
        "UPDATE dossiers SET confirmed_by_id = checked_by_id, confirmed_content = content, state = 'confirmed'",
        "UPDATE dossiers SET state = 'placed', constituency = 'PC-46-01'",
        "INSERT INTO dossiers SELECT (jsonb_populate_record(d, jsonb_build_object('dossier', gen_random_uuid()))).* FROM dossiers d",
    ):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(change))
    assert card.state == "checked"
