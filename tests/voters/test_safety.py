"""Two imports at once, failures half way, who may do what, and that no number is found anywhere in plain."""

import threading
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.base import HasFindings, NotAllowed, Refusal
from services.contracts.roles import Role
from services.contracts.voters import (
    AddVoter,
    AreaKind,
    AreasOf,
    CloseLists,
    FindPersons,
    FixAreas,
    ImportOf,
    ImportsOf,
    ImportVoters,
    PersonQuestion,
    PostLists,
    StrikeVoter,
    VotersOf,
)
from services.voters.doors_imports import ImportDoors
from services.voters.store import entries
from tests.voters.conftest import ELECTION, HEADER, UNIT, area, line, number, scope

OTHER = "vn/46/19780"
READ, WHERE = {"election": ELECTION, "unit": UNIT}, "19777-001"
SOMEBODY = {
    "full_name": "Trần Văn Thêm", "birth_date": date(1980, 5, 1), "sex": "male", "ethnicity": "Kinh",
    "personal_number": number(900, date(1980, 5, 1)), "address": "2 Lê Lợi", "reason": "Bỏ sót", "document": "QĐ 12",
}  # fmt: skip
DOORS = {
    "fix_areas": (lambda: FixAreas(**scope(), areas=(area(1),)), {"list_officer"}),
    "areas_of": (lambda: AreasOf(**READ), set(Role) - {"system_admin"}),
    "import_voters": (lambda: ImportVoters(**scope(), file="0" * 64, file_name="x"), {"list_officer"}),
    "import_of": (lambda: ImportOf(**READ, job=uuid4()), {"list_officer", "list_signer"}),
    "imports_of": (lambda: ImportsOf(**READ), {"list_officer", "list_signer"}),
    "post_lists": (lambda: PostLists(**scope(), document="TB"), {"list_signer"}),
    "close_lists": (lambda: CloseLists(**scope(), document="TB"), {"list_signer"}),
    "add_voter": (lambda: AddVoter(**scope(), area=WHERE, **SOMEBODY), {"list_officer"}),
    "strike_voter": (lambda: StrikeVoter(**scope(), area=WHERE, serial=1, reason="x", document="x"), {"list_officer"}),
    "voters_of": (lambda: VotersOf(**READ, area=WHERE), {"list_officer", "list_signer"}),
    "find_persons": (
        lambda: FindPersons(**READ, persons=(PersonQuestion(concealed="0" * 32),), purpose="thử"),
        {"personnel", "personnel_confirmer", "commission_head"},
    ),
}


def in_words(db) -> str:
    """Everything the database holds, as text."""
    with db.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return "\n".join(
            row for table in tables for row in connection.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        )


def test_every_door_has_its_roles_in_the_sweep(world) -> None:
    assert set(DOORS) == set(world.doors._doors)


@pytest.mark.parametrize("door", DOORS)
def test_only_the_right_role_in_the_right_commune_gets_in(world, passport, door) -> None:
    world.fix()
    make, roles = DOORS[door]
    let_in = set()
    for role in Role:
        for unit in (UNIT, OTHER):
            try:
                getattr(world.doors, door)(make(), by=passport(role=role, scope=f"{ELECTION}/{unit}"))
            except NotAllowed:
                continue
            except Refusal:
                pass
            let_in.add((str(role), unit))

    assert let_in == {(str(role), UNIT) for role in roles}


def test_two_communes_that_claim_the_same_people_at_once_do_not_both_get_them(world) -> None:
    """The numbers stand in opposite orders: whoever waits for whom, one is written and one refused, none hangs."""
    waiting = []
    world.doors.service.start = waiting.append
    for commune in ("19777", "19780"):
        world.fix(commune=commune)
        rows = [line(place, area=f"{commune}-001") for place in range(3000)]
        world.bring("\n".join([HEADER, *(rows if commune == "19777" else reversed(rows))]), f"vn/46/{commune}")
    workers = [threading.Thread(target=work) for work in waiting]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    with world.db.engine.connect() as connection:
        ended = connection.execute(text("SELECT state, jsonb_array_length(findings), more_findings FROM imports")).all()
        lists = connection.execute(text("SELECT count(DISTINCT area), count(*) FROM entries")).one()
    refused = [row for row in ended if row.state == "refused"]
    assert sorted(row.state for row in ended) == ["refused", "written"]
    assert sum(refused[0][1:]) == 3000
    assert tuple(lists) == (1, 3000)


@pytest.mark.parametrize("step", ["doors_imports.apart", "store.entries.replace_entries"])
def test_an_import_that_breaks_down_is_told_and_leaves_the_old_draft(world, people, monkeypatch, step) -> None:
    world.fix()
    world.bring(people(10))

    def broken(*_: object, **__: object) -> bytes:
        raise RuntimeError("đĩa đầy")

    monkeypatch.setattr(f"services.voters.{step}", broken)
    job = world.bring(people(10))
    monkeypatch.undo()

    assert (job.state, job.written, job.ended_at is not None) == ("failed", 0, True)
    with world.db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar_one() == 10
    assert world.bring(people(10)).state == "written"


def test_an_import_whose_connection_is_cut_half_way_is_written_all_the_same(world, people, monkeypatch) -> None:
    world.fix()
    real, times = entries.replace_entries, []

    def cut(tx, *given) -> None:
        times.append(1)
        if len(times) == 1:
            with world.db.engine.connect() as other:
                others = "pid <> pg_backend_pid() AND datname = current_database() AND state LIKE 'idle in tr%'"
                other.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        real(tx, *given)

    monkeypatch.setattr(entries, "replace_entries", cut)
    job = world.bring(people(10))
    monkeypatch.undo()
    if job.state != "written":
        with world.db.engine.begin() as connection:
            connection.execute(text("UPDATE imports SET touched_at = touched_at - interval '1 minute'"))
        world.doors.resume_imports()

    with world.db.engine.connect() as connection:
        assert connection.execute(text("SELECT state, written FROM imports")).one() == ("written", 10)
        assert connection.execute(text("SELECT count(*) FROM entries")).scalar_one() == 10


def test_a_job_that_ended_elsewhere_is_not_written_again(world, people, monkeypatch, told) -> None:
    world.fix()
    twice = ImportDoors._write
    monkeypatch.setattr(ImportDoors, "_write", lambda self, *a: (twice(self, *a), twice(self, *a)))

    assert world.bring(people(5)).state == "written"
    assert len([letter for letter in told(world.db) if letter.topic == "voters.import_advanced"]) == 1


def test_no_number_is_found_in_the_database_the_answers_the_events_or_the_log(world, people, capsys) -> None:
    world.fix()
    content = people(20)
    numbers = {row.split(",")[6] for row in content.splitlines()[1:]} | {SOMEBODY["personal_number"]}
    world.bring(content.replace("Nam", "Nữ"))
    world.bring(content)
    world.fix(commune="19780")
    world.bring(content.replace("19777-001", "19780-001"), OTHER)
    world.doors.post_lists(PostLists(**scope(), document="TB 05"), by=world.by("list_signer"))
    world.doors.add_voter(AddVoter(**scope(), area=WHERE, **SOMEBODY), by=world.by("list_officer"))
    with pytest.raises(HasFindings) as twice:
        world.doors.add_voter(AddVoter(**scope(), area=WHERE, **SOMEBODY), by=world.by("list_officer"))

    seen = in_words(world.db) + twice.value.told().model_dump_json() + capsys.readouterr().out

    assert "•••• ••••" in seen
    assert not [plain for plain in numbers if plain in seen]


def test_an_area_with_a_list_keeps_its_constituencies(world, people) -> None:
    world.fix()
    world.bring(people(3))
    other = area(1).model_copy(update={"kind": AreaKind.REMOTE})

    with pytest.raises(HasFindings) as refused:
        world.doors.fix_areas(FixAreas(**scope(), areas=(other,)), by=world.by("list_officer"))

    assert [finding.code for finding in refused.value.findings] == ["KV8"]
