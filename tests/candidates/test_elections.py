"""Calling elections, their clocks, their structure; against a real database."""

from datetime import UTC, datetime

import pytest

from services.contracts.base import HasFindings, NotAllowed, NotSignedIn, Unknown
from services.contracts.candidates import (
    AlreadyCalled,
    ConstituenciesOf,
    Contest,
    ElectionOf,
    ElectionsHeld,
    LoadStructure,
    RehearsalOnly,
    SetClock,
    UnitsNotLoaded,
)
from services.contracts.roles import Role
from services.contracts.units import UnitDefined, UnitKind
from tests.candidates.factories import (
    ELECTION,
    calling,
    communes,
    hue_rows,
    na_rows,
    noon,
    officer,
    showing,
    unit_events,
    uuid4,
)


def real(election="2026"):
    return officer(Role.NATION_OFFICER, "vn").model_copy(
        update={"grants": (officer(Role.NATION_OFFICER).grants[0].model_copy(update={"scope": f"{election}/vn"}),)}
    )


def test_an_election_is_called_once_and_told(candidates, db, told, office):
    election = candidates.call_election(calling(), by=office)

    assert election.rehearsal
    assert election.milestones[0].code == "announce_day"
    assert [(letter.topic, letter.aggregate, letter.version) for letter in told(db)] == [
        ("candidates.election_called", f"election/{ELECTION}", 1)
    ]
    with pytest.raises(AlreadyCalled):
        candidates.call_election(calling(), by=office)
    assert len(told(db)) == 1


def test_the_clock_of_a_real_election_is_the_worlds_and_nobody_sets_it(candidates, db, told):
    election = candidates.call_election(calling("2026"), by=real())

    assert not election.rehearsal
    assert (election.clock.speed, election.clock.real_at) == (1, election.clock.shown_at)
    setting = SetClock(key=uuid4(), election="2026", unit="vn", shown_at=noon(15, 3))
    with pytest.raises(RehearsalOnly):
        candidates.set_clock(setting, by=real())
    assert len(told(db)) == 1


def test_a_real_election_that_breaks_the_calendar_is_refused_with_findings(candidates, db, told):
    with pytest.raises(HasFindings) as refused:
        candidates.call_election(calling("2031"), by=real("2031"))

    assert [found.code for found in refused.value.findings] == ["BC1"]
    assert told(db) == []


def test_a_rehearsal_shows_the_day_it_is_told_to(candidates, db, told, office):
    candidates.call_election(calling(), by=office)
    election = candidates.set_clock(showing(noon(15, 3)), by=office)

    assert election.clock.at(datetime(2030, 1, 1, tzinfo=UTC)) == noon(15, 3)
    assert [letter.version for letter in told(db)] == [1, 2]


def test_an_election_is_called_for_the_nation_by_its_office_only(candidates):
    province = officer(Role.PROVINCE_OFFICER)
    with pytest.raises(NotAllowed):
        candidates.call_election(calling(), by=province)
    request = calling().model_copy(update={"unit": "vn/46"})
    with pytest.raises(Unknown):
        candidates.call_election(request, by=officer(Role.NATION_OFFICER, "vn"))


def test_all_elections_are_shown_to_anyone_signed_in_and_to_nobody_else(candidates, called):
    someone = officer(Role.SYSTEM_ADMIN)

    assert [one.election for one in candidates.elections_held(ElectionsHeld(), by=someone).elections] == [ELECTION]
    with pytest.raises(NotSignedIn):
        candidates.elections_held(ElectionsHeld())


def test_an_election_that_was_never_called_is_unknown(candidates, office):
    with pytest.raises(Unknown):
        candidates.election_of(ElectionOf(election=ELECTION, unit="vn"), by=office)


def test_a_structure_cannot_be_loaded_before_the_units_are_known(candidates, called, loading, db, told):
    with pytest.raises(UnitsNotLoaded) as refused:
        loading(na_rows())
    assert refused.value.facts == {"known": "0", "needed": "3321"}

    candidates.hear([unit for unit in unit_events() if unit.path.startswith("vn/46")][:20])
    with pytest.raises(UnitsNotLoaded):
        loading(hue_rows(), "vn/46")
    assert len(told(db)) == 2


def test_the_nation_is_loaded_and_every_constituency_told(units_known, loading, db, told):
    loaded = loading(na_rows())

    assert (loaded.constituencies, loaded.seats, loaded.findings) == (182, 500, ())
    fixed = [letter for letter in told(db) if letter.topic == "candidates.constituency_fixed"]
    assert len(fixed) == 182
    assert len({letter.aggregate for letter in fixed}) == 182


def test_a_file_with_bad_rows_lists_them_all_and_stores_nothing(units_known, loading, candidates, db, told, office):
    rows = na_rows()
    rows[0]["seats"], rows[4]["communes"], rows[8]["unit"] = "4", "99999", "77"
    before = told(db)

    with pytest.raises(HasFindings) as refused:
        loading(rows)

    assert [(found.places, found.code) for found in refused.value.findings] == [
        (("line 2",), "DB7"),
        (("line 6",), "DB10"),
        (("line 10",), "DB5"),
    ]
    assert told(db) == before
    asked = ConstituenciesOf(election=ELECTION, unit="vn")
    assert candidates.constituencies_of(asked, by=office).constituencies == ()
    assert loading(na_rows()).constituencies == 182


def test_a_second_file_tells_only_what_changed(hue, loading, db, told):
    before = len(told(db))
    rows = na_rows()
    rows[0]["population"] = "500000"
    loading(rows)

    assert [letter.aggregate for letter in told(db)[before:]] == [f"constituency/{ELECTION}/NA-01-01"]


def test_a_province_loads_its_own_councils_and_no_other(units_known, loading):
    own = officer(Role.PROVINCE_OFFICER)

    assert loading(hue_rows(), "vn/46", own).constituencies == len(hue_rows())
    with pytest.raises(NotAllowed):
        loading(hue_rows(), "vn/48", own)
    with pytest.raises(NotAllowed):
        loading(na_rows(), "vn", own)


@pytest.mark.parametrize("unit", ["vn/46/00001", "vn/46/NA-46-01"])
def test_there_is_no_structure_file_for_a_commune_or_a_constituency(units_known, loading, unit):
    with pytest.raises(Unknown):
        loading(na_rows(), unit)


def test_a_file_that_is_not_in_the_store_is_unknown(units_known, candidates, office):
    request = LoadStructure(key=uuid4(), election=ELECTION, unit="vn", file="0" * 64, file_name="x.csv")
    with pytest.raises(Unknown):
        candidates.load_structure(request, by=office)


def test_constituencies_are_found_below_a_unit_and_around_a_commune(hue, candidates, office):
    ward = communes()["46"][0]

    def codes(unit, contest=None):
        asked = ConstituenciesOf(election=ELECTION, unit=unit, contest=contest)
        return [one.code for one in candidates.constituencies_of(asked, by=office).constituencies]

    assert codes("vn/46", Contest.NA) == ["NA-46-01", "NA-46-02", "NA-46-03", "NA-46-04"]
    assert codes(f"vn/46/{ward}") == [*[f"CC-{ward}-0{place}" for place in (1, 2, 3)], "NA-46-01", "PC-46-01"]
    assert codes(f"vn/46/{ward}/{ward}-001", Contest.PC) == ["PC-46-01"]
    assert codes("vn/46/NA-46-02") == ["NA-46-02"]
    assert len(codes("vn", Contest.NA)) == 182


def test_a_unit_told_again_has_its_newest_name(candidates, called, db):
    first = UnitDefined(
        code="46", path="vn/46", kind=UnitKind.PROVINCE, name="Thừa Thiên Huế", title="tỉnh Thừa Thiên Huế"
    )
    candidates.hear([first, first.model_copy(update={"kind": UnitKind.CITY, "title": "thành phố Huế"})])

    with db.transaction(read_only=True) as tx:
        from services.candidates.store.elections import all_units

        assert [(unit.code, unit.kind, unit.title) for unit in all_units(tx)] == [("46", "thanh_pho", "thành phố Huế")]
