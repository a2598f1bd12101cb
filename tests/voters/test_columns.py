"""Columns against single persons: both judge alike; whatever the bytes are, a file ends in rows or in findings."""

import csv
import io
from datetime import date, timedelta
from functools import cache
from unicodedata import normalize

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.candidates import Sex
from services.contracts.voters import AddVoter, Area, AreaKind
from services.kit.concealed import Concealer
from services.voters.checking import Checked, Facts, check_file
from services.voters.domain.entries import person_findings, right_of
from services.voters.reading import COLUMNS, Unreadable, read_file
from tests.voters.conftest import DAY, ELECTION, HEADER, KEY, UNIT, area, line, scope

KINDS = list(AreaKind)
AREAS = {
    one.code: one for one in (area(place).model_copy(update={"kind": kind}) for place, kind in enumerate(KINDS, 1))
}


@cache
def concealer() -> Concealer:
    return Concealer(KEY)


def checked(folder, content: bytes, areas: dict[str, Area] = AREAS) -> Checked:
    path = folder / "file"
    path.write_bytes(content)
    return check_file(read_file(path), Facts(areas, DAY), concealer())


def written(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([list(COLUMNS), *rows])
    return out.getvalue().encode()


births = st.dates(date(1920, 1, 1), date(2010, 12, 31))
stays = st.none() | st.dates(DAY - timedelta(days=800), DAY + timedelta(days=5))


@st.composite
def persons(draw):
    """A person whose number fits sex and year, or has one of the two wrong."""
    born, sex = draw(births), draw(st.sampled_from(list(Sex)))
    told_sex, told_year = draw(st.sampled_from([(sex, born.year)] * 4 + [(Sex.MALE, born.year), (sex, born.year - 1)]))
    kind = 2 * (told_year >= 2000) + (told_sex is Sex.FEMALE)
    number = f"046{kind}{told_year % 100:02d}{draw(st.integers(0, 999_999)):06d}"
    return AddVoter(
        **scope(), area=draw(st.sampled_from(list(AREAS))), full_name="Lê Thị Hoa", birth_date=born, sex=sex, ethnicity="Kinh",
        personal_number=number, temporary_since=draw(stays), address="1 Lê Lợi", reason="x", document="x",
    )  # fmt: skip


def row_of(person: AddVoter) -> list[str]:
    since = person.temporary_since
    return [
        person.area, "1", person.full_name, f"{person.birth_date:%d/%m/%Y}", "Nam" if person.sex is Sex.MALE else "Nữ", "Kinh",
        person.personal_number, "tạm trú" if since else "thường trú", f"{since:%d/%m/%Y}" if since else "", person.address, "",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(persons(), min_size=1, max_size=12, unique_by=lambda person: person.personal_number))
def test_a_file_judges_its_rows_as_the_desk_judges_one_person(tmp_path_factory, people) -> None:
    result = checked(tmp_path_factory.mktemp("file"), written([row_of(person) for person in people]))

    found = [(finding.places[0], finding.code) for finding in result.findings if finding.severity == "block"]
    expected = [
        (f"line {place}", finding.code)
        for place, person in enumerate(people, start=2)
        for finding in person_findings(person, DAY)
    ]
    assert sorted(found) == sorted(expected)
    if not expected:
        rights = [right_of(AREAS[person.area].kind, person.temporary_since, DAY).cc for person in people]
        assert result.frame.sort("line")["cc"].to_list() == rights
        assert sum(one.cc for one in result.rights.values()) == sum(rights)
        assert all(one.male + one.female == one.na == one.pc >= one.cc for one in result.rights.values())


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.lists(st.text(max_size=12), min_size=11, max_size=12), max_size=5).map(written)
)
def test_whatever_the_bytes_are_the_file_ends_in_rows_or_findings(tmp_path_factory, content) -> None:
    try:
        findings = checked(tmp_path_factory.mktemp("file"), content).findings
    except Unreadable as unreadable:
        findings = unreadable.findings

    assert findings


def test_serials_follow_the_file_within_each_area(tmp_path) -> None:
    places = ["19777-001", "19777-002", "19777-001", "19777-002", "19777-001"]
    content = "\n".join([HEADER, *(line(number, area=code) for number, code in enumerate(places))])

    assert checked(tmp_path, content.encode()).frame["serial"].to_list() == [1, 1, 2, 2, 3]


def test_names_typed_in_pieces_are_stored_in_one_form(tmp_path) -> None:
    content = "\n".join([HEADER, line(1, full_name=normalize("NFD", "Đặng Thị Quế"), sex=normalize("NFD", "Nữ"))])

    assert checked(tmp_path, content.encode()).frame["full_name"].to_list() == ["Đặng Thị Quế"]


def test_empty_lines_are_no_rows_and_lines_keep_their_number(tmp_path) -> None:
    content = "\n".join([HEADER, line(0), "", ",,,,,,,,,,", line(1, sex="?"), "", ""])

    result = checked(tmp_path, content.encode())

    assert [(finding.code, finding.places[0]) for finding in result.findings] == [("VL26", "line 5")]
    assert result.rows == 2


def test_every_row_with_a_cell_too_many_is_told_by_line(tmp_path) -> None:
    content = "\n".join([HEADER, line(0) + ",x", line(1), line(2) + ",x,y"])

    with pytest.raises(Unreadable) as refused:
        checked(tmp_path, content.encode())

    assert [(finding.code, finding.places) for finding in refused.value.findings] == [
        ("VL35", ("line 2",)),
        ("VL35", ("line 4",)),
    ]


def test_what_is_written_is_what_was_checked(world) -> None:
    """Quotes, separators, backslashes and the sign of null survive the way into the table."""
    odd = 'Tổ 3, "xóm \\N" \\ Đông; ngõ 5'
    world.fix()
    row = line(1).split(",")
    row[COLUMNS.index("address")], row[COLUMNS.index("note")] = odd, "\\N"

    job = world.bring(written([row]))

    assert job.state == "written", job
    from services.contracts.voters import VotersOf

    asked = VotersOf(election=ELECTION, unit=UNIT, area="19777-001")
    (voter,) = world.doors.voters_of(asked, by=world.by("list_officer")).voters
    assert (voter.address, voter.note) == (odd, "\\N")


def test_the_concealed_column_opens_to_the_numbers_of_the_file(tmp_path) -> None:
    content = "\n".join([HEADER, *(line(number) for number in range(5))])

    frame = checked(tmp_path, content.encode()).frame

    opened = [concealer().reveal(bytes.fromhex(block.removeprefix("\\x"))) for block in frame["concealed"]]
    assert opened == [line(number).split(",")[6] for number in range(5)]
    assert "personal_number" not in frame.columns
    assert isinstance(frame, pl.DataFrame)
