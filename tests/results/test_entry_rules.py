"""Who may take, enter, compare and approve a record."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.contracts.base import HasFindings, StepNotAllowed
from services.contracts.candidates import Contest
from services.contracts.results import ComparisonIsYours, EntryIsYours, FirstEntryIsYours, RecordTaken
from services.results.domain import boxes, entry
from services.results.domain.checks import findings
from services.results.domain.states import RecordAct
from tests.results.papers import candidate, figures, paper

NOW = datetime(2026, 3, 15, 14, 40, tzinfo=UTC)
IDLE = timedelta(minutes=10)
ANH, BINH, CHI = uuid4(), uuid4(), uuid4()


def claim(standing: entry.Standing, person=ANH) -> str:
    return entry.claim(standing, person, NOW, IDLE, NOW)


@pytest.mark.parametrize("state", ["awaited", "returned", "reopened"])
def test_a_record_nobody_has_is_taken_for_the_first_entry(state: str) -> None:
    assert claim(entry.Standing(state)) == "entering_first"


def test_who_made_the_first_entry_does_not_make_the_second() -> None:
    standing = entry.Standing("entered_first", first_by=ANH)

    with pytest.raises(FirstEntryIsYours):
        claim(standing, ANH)
    assert claim(standing, BINH) == "entering_second"


def test_a_claim_is_ones_own_for_ten_minutes_and_anybodys_after() -> None:
    fresh = entry.Standing("entering_first", claimed_by=ANH, since=NOW - IDLE + timedelta(seconds=1))
    idle = entry.Standing("entering_first", claimed_by=ANH, since=NOW - IDLE)

    with pytest.raises(RecordTaken) as taken:
        claim(fresh, BINH)
    assert taken.value.told().vi.startswith("Đang có người nhập biên bản này từ 21:40")
    assert claim(fresh, ANH) == "entering_first"
    assert claim(idle, BINH) == "entering_first"


def test_an_idle_second_entry_is_not_taken_over_by_who_made_the_first() -> None:
    idle = entry.Standing("entering_second", first_by=BINH, claimed_by=ANH, since=NOW - IDLE)

    with pytest.raises(FirstEntryIsYours):
        claim(idle, BINH)


def test_only_who_has_the_record_open_saves_it() -> None:
    with pytest.raises(StepNotAllowed):
        entry.require_claim(entry.Standing("waiting", claimed_by=ANH), ANH, NOW)
    with pytest.raises(RecordTaken):
        entry.require_claim(entry.Standing("entering_first", claimed_by=ANH), BINH, NOW)
    entry.require_claim(entry.Standing("entering_first", claimed_by=ANH), ANH, NOW)


def test_findings_keep_an_entry_back_unless_the_paper_says_so() -> None:
    wrong, warned, shapeless = (
        findings(said, paper()) for said in (figures(invalid=25), figures(voters=1450), figures(votes=(1,)))
    )

    assert entry.must_confirm(wrong, as_paper=False)
    assert entry.must_confirm(warned, as_paper=False)
    assert not entry.must_confirm(wrong, as_paper=True)
    assert not entry.must_confirm((), as_paper=False)
    assert entry.must_confirm(shapeless, as_paper=True)


def test_a_second_entry_agrees_differs_or_is_at_fault() -> None:
    wrong = findings(figures(invalid=25), paper())

    assert entry.second_act(figures(), figures(), ()) is RecordAct.AGREE
    assert entry.second_act(figures(invalid=25), figures(invalid=25), wrong) is RecordAct.FAULT
    assert entry.second_act(figures(), figures(invalid=25), wrong) is RecordAct.DIFFER


def test_enters_compares_and_approves_are_three_people() -> None:
    standing = entry.Standing("waiting", first_by=ANH, second_by=BINH, compared_by=CHI)

    for typist in (ANH, BINH):
        with pytest.raises(EntryIsYours):
            entry.require_approver(standing, (typist, ""), "19777-001", Contest.NA)
    with pytest.raises(ComparisonIsYours):
        entry.require_approver(standing, (CHI, ""), "19777-001", Contest.NA)
    entry.require_approver(standing, (uuid4(), ""), "19777-001", Contest.NA)


FIRST = figures()
SLIP = figures(votes=(1204, 973, 742, 558, 335))


def test_a_checker_chooses_the_figure_of_either_entry() -> None:
    assert entry.require_resolution(SLIP, FIRST, FIRST, "", paper()) == ()


def resolve(chosen, reason: str = "") -> list[str]:
    with pytest.raises(HasFindings) as refused:
        entry.require_resolution(FIRST, SLIP, chosen, reason, paper())
    return [finding.code for finding in refused.value.findings]


def test_a_checker_does_not_change_what_both_typed_nor_type_another_figure_without_a_reason() -> None:
    assert resolve(figures(votes=(1204, 973, 741, 585, 336))) == ["R1", "R1"]
    assert "R2" in resolve(figures(votes=(1204, 973, 742, 584, 335)))
    assert "R2" not in resolve(figures(votes=(1204, 973, 742, 584, 335)), reason="giấy mờ")


def test_a_choice_that_does_not_balance_is_refused() -> None:
    assert resolve(SLIP) == ["C6"]


def test_boxes_are_numbered_and_named_as_the_paper_prints_them() -> None:
    people = [candidate(order) for order in range(1, 6)]
    found = boxes.unlike(FIRST, SLIP.model_copy(update={"issued": 1453, "kinds": (52, 290, 1068)}), people)

    assert [(box.box, box.number, box.first, box.second) for box in found] == [
        ("issued", 3, 1435, 1453), ("votes.4", 10, 585, 558), ("kinds.3", 14, 1069, 1068),
    ]  # fmt: skip
    assert [box.label_vi for box in found] == ["Số phiếu phát ra", "Ông Hồ Ngọc Quỳnh", "Loại phiếu bầu 03 đại biểu"]


def test_a_content_hash_changes_with_every_box_and_with_the_version() -> None:
    def content(version: int = 1, **changes) -> str:
        return boxes.record_content("2026", "19777-001", "NA", version, figures(**changes))

    seen = {content(), content(2), content(voters=1449), content(votes=(1204, 973, 742, 584, 336)), content(kinds=())}

    assert len(seen) == 5
    assert content() == content()
