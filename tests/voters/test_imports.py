"""Files: every bad row by its line, all rows or none, a person on one list only, a killed job begins again."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter
from sqlalchemy import text

from services.contracts.base import NotAllowed, StepNotAllowed, Unknown
from services.contracts.voters import ImportVoters, PostLists, VotersOf
from services.kit import apart
from services.voters.reading import COLUMNS
from tests.voters.conftest import ELECTION, HEADER, UNIT, line, scope


def count(db, table: str) -> int:
    with db.engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def codes(job) -> list[str]:
    return [finding.code for finding in job.findings]


def test_a_good_file_is_written_with_rights_and_totals(world, people, told) -> None:
    world.fix()

    job = world.bring(people(400))

    assert (job.state, job.written, job.total) == ("written", 400, 400)
    lists = [letter.data for letter in told(world.db) if letter.topic == "voters.voter_list_advanced"]
    assert lists[-1]["rights"] == {"na": 400, "pc": 400, "cc": 400, "male": 200, "female": 200}
    assert lists[-1]["state"] == "drafted"


BAD = [
    ("VL23", {"full_name": ""}),
    ("VL24", {"full_name": "A" * 201}),
    ("VL25", {"birth_date": "31/02/1971"}),
    ("VL26", {"sex": "khác"}),
    ("VL27", {"personal_number": "04617100001"}),
    ("VL28", {"sex": "Nam"}),
    ("VL29", {"birth_date": "05/09/1972"}),
    ("VL30", {"area": "19777-009"}),
    ("VL31", {"residence_kind": "vãng lai"}),
    ("VL32", {"residence_kind": "tạm trú"}),
    ("VL32", {"residence_kind": "tạm trú", "resident_since": "16/03/2026"}),
    ("VL1", {"birth_date": "16/03/2008", "personal_number": "046308000001"}),
]


@pytest.mark.parametrize(("code", "changes"), BAD)
def test_each_rule_finds_its_row_and_only_that(world, code, changes) -> None:
    world.fix()

    job = world.bring("\n".join([HEADER, line(0), line(1, **changes), line(2)]))

    assert job.state == "refused"
    assert codes(job) == [code]
    assert job.findings[0].places[0] == "line 3"
    assert count(world.db, "entries") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": "15/03/2008", "personal_number": "046308000001"},
        {"residence_kind": "tạm trú", "resident_since": "15/03/2026"},
        {"birth_date": "9/1971"},
        {"birth_date": "1971"},
        {"birth_date": "1971-09-05"},
        {"full_name": "Nguye\u0302\u0303n Thi\u0323 Lan"},
    ],
)
def test_what_is_just_right_passes(world, changes) -> None:
    world.fix()

    assert world.bring("\n".join([HEADER, line(0), line(1, **changes)])).state == "written"


def test_an_empty_cell_is_told_as_empty_and_not_as_wrong_too(world) -> None:
    world.fix()

    job = world.bring("\n".join([HEADER, line(1, personal_number="", birth_date="", sex="", area="")]))

    assert sorted(codes(job)) == ["VL23"] * 4


def test_all_bad_rows_are_listed_by_line(world) -> None:
    world.fix()
    rows = [line(place) for place in range(50)]
    for place in (3, 17, 30):
        rows[place] = line(place, full_name="")

    job = world.bring("\n".join([HEADER, *rows]))

    assert [finding.places[0] for finding in job.findings] == ["line 5", "line 19", "line 32"]


def test_more_than_a_thousand_findings_are_counted(world) -> None:
    world.fix()

    job = world.bring("\n".join([HEADER, *(line(place, full_name="") for place in range(1200))]))

    assert (len(job.findings), job.more_findings) == (1000, 200)


def test_one_person_twice_in_a_file_is_found_at_both_rows(world) -> None:
    world.fix()

    job = world.bring("\n".join([HEADER, line(1), line(2), line(1, full_name="Tên Khác")]))

    assert [(finding.code, finding.places[0]) for finding in job.findings] == [("VL2", "line 2"), ("VL2", "line 4")]


def test_one_person_on_the_lists_of_two_communes_is_refused_and_nothing_is_written(world) -> None:
    world.fix()
    world.fix(commune="19780")
    world.bring("\n".join([HEADER, line(1), line(2)]))

    other = world.bring("\n".join([HEADER, line(5, area="19780-001"), line(2, area="19780-001")]), unit="vn/46/19780")

    assert other.state == "refused"
    assert [(finding.code, finding.places[0]) for finding in other.findings] == [("VL33", "line 3")]
    assert "19777-001" in other.findings[0].vi
    assert count(world.db, "entries") == 2


def test_no_finding_shows_a_whole_number(world) -> None:
    world.fix()

    job = world.bring("\n".join([HEADER, line(1, sex="Nam")]))

    assert line(1).split(",")[6] not in job.model_dump_json()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "VL21"),
        (b"a,b,c\n1,2,3\n", "VL21"),
        (HEADER.encode(), "VL22"),
        (HEADER.encode() + b"\n\x00", "VL20"),
        ("Họ".encode("utf-16"), "VL20"),
        (b"PK\x03\x04 broken", "VL20"),
        (f"{HEADER},area\n".encode(), "VL21"),
        (f"{HEADER}\n{line(1)},thừa,ô\n".encode(), "VL35"),
        (f'{HEADER}\n"{"x" * 200_000}'.encode(), "VL20"),
    ],
)
def test_what_is_no_voter_file_is_refused_with_a_sentence(world, content, code) -> None:
    world.fix()

    job = world.bring(content)

    assert (job.state, codes(job)) == ("refused", [code])


def far_cell() -> bytes:
    """A good heading, and a space in the very last cell of the sheet: 5 kB that unfold to 17 billion cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_string(1_048_575, 16_383, " ")
    return out.getvalue()


def inflated() -> bytes:
    """A workbook whose one text unfolds to 600 MB; 600 kB as it comes."""
    plain, out = zipfile.ZipFile(io.BytesIO(far_cell())), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in plain.namelist():
            start, *rest = plain.read(part).split(b"<t>area</t>")
            with packed.open(part, "w", force_zip64=True) as written:
                written.write(start)
                if rest:
                    written.write(b"<t>")
                    for _ in range(600):
                        written.write(b"a" * 1_000_000)
                    written.write(b"</t>" + rest[0])
    return out.getvalue()


@pytest.mark.parametrize("content", [far_cell, inflated])
def test_a_workbook_that_unfolds_beyond_all_memory_is_refused_with_what_to_do_and_the_next_file_is_read(
    world, people, content, monkeypatch
) -> None:
    monkeypatch.setattr(apart, "MOST_MEMORY", 512 << 20)
    monkeypatch.setattr(apart, "_HANDS", apart.Hands())
    world.fix()

    job = world.bring(content())

    assert (job.state, codes(job)) == ("refused", ["VL20"])
    assert "xoá các cột và dòng thừa" in job.findings[0].vi
    assert world.bring(people(3)).state == "written"


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_files_as_office_programs_write_them_are_read(world, people, change) -> None:
    world.fix()

    assert world.bring(change(people(3))).state == "written"


def test_a_semicolon_file_is_read(world, people) -> None:
    world.fix()

    assert world.bring(people(3).replace(",", ";")).state == "written"


def test_a_workbook_says_the_same_as_text(world, people) -> None:
    world.fix()
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(people(3).splitlines()):
            sheet.write_row(place, 0, row.split(","))

    job = world.bring(out.getvalue())

    assert (job.state, job.written) == ("written", 3)


def test_eleven_months_have_no_commune_vote(world, told) -> None:
    world.fix()
    short = line(1, residence_kind="tạm trú", resident_since="16/03/2025")
    long = line(2, residence_kind="tạm trú", resident_since="15/03/2025")

    world.bring(f"{HEADER}\n{short}\n{long}")

    assert told(world.db)[-2].data["rights"]["cc"] == 1


def test_a_second_file_of_another_kind_needs_a_second_person(world, people) -> None:
    world.fix()
    world.bring(people(100))
    changed = "\n".join([HEADER, *(line(place) for place in range(50, 150))])

    assert codes(world.bring(changed)) == ["VL40"]
    assert world.bring(changed, place=2).state == "written"
    assert count(world.db, "entries") == 100


def test_a_second_file_that_changes_little_replaces_the_draft(world, people) -> None:
    world.fix()
    world.bring(people(100))

    assert world.bring(people(101)).written == 101
    assert count(world.db, "entries") == 101


def test_a_killed_job_is_read_again_from_the_start(world, people, monkeypatch) -> None:
    world.fix()
    monkeypatch.setattr(type(world.doors.service), "work_import", lambda self, job: None)
    job = world.bring(people(10))
    assert job.state == "reading"
    monkeypatch.undo()
    with world.db.engine.begin() as connection:
        connection.execute(
            text("UPDATE imports SET touched_at = :at"), {"at": datetime.now(UTC) - timedelta(minutes=2)}
        )

    world.doors.resume_imports()

    with world.db.engine.connect() as connection:
        assert connection.execute(text("SELECT state, written FROM imports")).one() == ("written", 10)


def test_a_job_somebody_works_on_is_left_alone(world, people, monkeypatch) -> None:
    world.fix()
    monkeypatch.setattr(type(world.doors.service), "work_import", lambda self, job: None)
    world.bring(people(10))
    monkeypatch.undo()

    world.doors.resume_imports()

    assert count(world.db, "entries") == 0


def test_a_file_nobody_sent_is_unknown(world) -> None:
    world.fix()
    request = ImportVoters(**scope(), file="0" * 64, file_name="x.csv")

    with pytest.raises(Unknown):
        world.doors.import_voters(request, by=world.by("list_officer"))


def test_a_posted_list_takes_no_file(world, people) -> None:
    world.fix()
    world.bring(people(3))
    world.doors.post_lists(PostLists(**scope(), document="TB 05"), by=world.by("list_signer"))

    with pytest.raises(StepNotAllowed):
        world.bring(people(3))


def test_an_officer_of_another_commune_imports_nothing(world) -> None:
    world.fix()
    request = ImportVoters(**scope(), file="0" * 64, file_name="x.csv")

    with pytest.raises(NotAllowed):
        world.doors.import_voters(request, by=world.by("list_officer", "vn/46/19780"))


def test_a_page_of_the_list_never_shows_the_number(world, people) -> None:
    world.fix()
    world.bring(people(3))

    page = world.doors.voters_of(
        VotersOf(election=ELECTION, unit=UNIT, area="19777-001", size=2), by=world.by("list_officer")
    )

    assert [voter.serial for voter in page.voters] == [1, 2]
    assert "number" not in page.model_dump_json()


def test_the_invariant_sees_a_total_that_was_bent(world, people) -> None:
    world.fix()
    world.bring(people(4))
    sentence = "lists whose totals are not the sums of their entries"
    assert world.doors.invariants()[sentence] == 0

    with world.db.engine.begin() as connection:
        connection.execute(text("UPDATE areas SET na = 5, pc = 5, male = male + 1"))

    assert world.doors.invariants()[sentence] == 1


def test_the_columns_of_the_template_are_the_ones_of_the_contract() -> None:
    assert ",".join(COLUMNS) == HEADER
