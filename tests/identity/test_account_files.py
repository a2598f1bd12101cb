"""Files of accounts: every wrong row at once by line and column, logins made up, no malformed file is a fault of ours."""

import io
import zipfile
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.accounts import FILE_COLUMNS, CheckAccountFile, CreateFromFile, PeopleOf
from services.contracts.base import Grant, HasFindings, KeyReused, Unknown
from services.identity.account_reading import Unreadable, read_rows
from services.identity.domain import account_files
from services.identity.domain.account_files import Facts, Raw, judge
from services.identity.domain.accounts import Giver
from tests.identity.conftest import ELECTION, HUE, VY_DA
from tests.identity.test_roles import admin

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
UNITS = {"46": (HUE, "Huế"), "19777": (VY_DA, "Vỹ Dạ"), "01": ("vn/01", "Hà Nội")}
HEADING = ",".join(FILE_COLUMNS)
GOOD = ("Lê Thị Hoa", "", "Người nhập liệu", "19777", "0912 000 101", "31/05/2030")


def raw(line=2, **cells):
    good = dict(zip(("name", "login", "role", "unit", "phone", "expiry"), GOOD, strict=True))
    return Raw(line, dict(zip(FILE_COLUMNS, {**good, **cells}.values(), strict=True)))


def judged(*rows, taken=(), unit=HUE, scope=f"{ELECTION}/{HUE}", role="account_admin"):
    giver = Giver("quan-tri", (Grant(role=role, scope=scope),))
    return judge(rows, Facts(f"{ELECTION}/{unit}", giver, UNITS, set(taken), NOW))


def codes(*rows, **facts):
    return [finding.code for finding in judged(*rows, **facts).findings]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, []),
        ({"name": "Nguyễn Thị Bích-Ngọc"}, []),
        ({"name": "H'Hen Niê"}, []),
        ({"name": ""}, ["A324"]),
        ({"name": "X"}, ["A324"]),
        ({"name": "Lê Thị 2"}, ["A324"]),
        ({"name": "=CMD()"}, ["A324"]),
        ({"name": "Lê " * 100}, ["A324"]),
        ({"login": "hoa"}, []),
        ({"login": "Hoa.VY-DA"}, []),
        ({"login": "hò"}, ["A327"]),
        ({"login": "ab"}, ["A327"]),
        ({"login": "co dau cach"}, ["A327"]),
        ({"role": "nguoi nhap lieu"}, []),
        ({"role": "NGƯỜI  PHÊ DUYỆT"}, []),
        ({"role": "typist"}, []),
        ({"role": "Approver"}, []),
        ({"role": "đánh máy"}, ["A325"]),
        ({"role": ""}, ["A325"]),
        ({"role": "Thư ký UBBC", "unit": ""}, []),
        ({"unit": "vn/46/19777"}, []),
        ({"unit": "99999"}, ["A326"]),
        ({"unit": "phường Vỹ Dạ"}, ["A326"]),
        ({"unit": "NA-46-01", "role": "Trưởng Ban bầu cử"}, []),
        ({"unit": "cc-19777-01", "role": "Trưởng Ban bầu cử"}, []),
        ({"unit": "NA-19-01", "role": "Trưởng Ban bầu cử"}, ["A326"]),
        ({"unit": "1"}, ["A301", "A302"]),
        ({"role": "Quản trị tài khoản", "unit": "46"}, ["A303"]),
        ({"expiry": ""}, []),
        ({"expiry": "2030-05-31"}, []),
        ({"expiry": "31.5.2030"}, []),
        ({"expiry": "1/3/2026"}, ["A328"]),
        ({"expiry": "2/3/2026"}, []),
        ({"expiry": "31/02/2030"}, ["A328"]),
        ({"expiry": "cuối năm"}, ["A328"]),
        ({"phone": ""}, []),
        ({"phone": "+84 (912) 000-101"}, []),
        ({"phone": "số máy bàn"}, ["A329"]),
        ({"name": "", "role": "?", "unit": "?", "login": "?", "expiry": "?", "phone": "?"},
         ["A324", "A325", "A326", "A327", "A328", "A329"]),
    ],
)  # fmt: skip
def test_each_cell_is_judged_and_a_wrong_cell_silences_what_depends_on_it(cells, expected):
    assert codes(raw(**cells)) == expected


def test_a_finding_names_the_line_the_column_and_what_is_allowed_there():
    found = judged(raw(17, role="đánh máy")).findings[0]

    assert found.places == ("line 17", "Vai trò")
    assert "Dòng 17: không có vai trò “đánh máy”." in found.vi
    assert "Người nhập liệu, Người đối chiếu, Người phê duyệt" in found.vi
    assert "Trưởng Ban bầu cử" not in found.vi
    assert "Quản trị hệ thống" not in found.vi


def test_the_last_day_of_a_role_counts_to_its_end_in_vietnam():
    account = judged(raw(expiry="31/05/2030")).accounts[0]

    assert account.expires_at == datetime(2030, 5, 31, 17, tzinfo=UTC)
    assert judged(raw(expiry="31/05/2030")).rows[0].expires_on == date(2030, 5, 31)


def test_a_missing_login_is_made_of_given_name_and_unit_and_is_nobodys():
    rows = [raw(2), raw(3, name="Trần Hòa"), raw(4, name="Đặng Đức", unit="46", role="Thư ký UBBC"),
            raw(5, name="Võ Khoa", unit="NA-46-01", role="Trưởng Ban bầu cử"), raw(6, login="hoa-3.vy-da")]  # fmt: skip

    found = judged(*rows, taken={"hoa.vy-da"})

    assert [row.login for row in found.rows] == [
        "hoa-2.vy-da", "hoa-4.vy-da", "duc.hue", "khoa.na-46-01", "hoa-3.vy-da",
    ]  # fmt: skip
    assert [row.suggested for row in found.rows] == [True, True, True, True, False]
    assert found.findings == []


def test_logins_taken_or_twice_in_the_file_are_told_by_line():
    found = judged(raw(2, login="hoa"), raw(3, login="hoa"), raw(4, login="co-roi"), taken={"co-roi"}).findings

    assert [(each.code, each.places) for each in found] == [
        ("A306", ("line 2", "Tên đăng nhập")),
        ("A306", ("line 3", "Tên đăng nhập")),
        ("A305", ("line 4", "Tên đăng nhập")),
    ]


def test_an_administrators_own_login_is_refused():
    assert codes(raw(login="quan-tri")) == ["A304"]


@settings(max_examples=200, deadline=None)
@given(st.tuples(*(st.text(max_size=30) for _ in FILE_COLUMNS)))
def test_no_text_in_a_row_is_a_fault_of_ours(cells):
    found = judged(Raw(2, dict(zip(FILE_COLUMNS, cells, strict=True))))

    assert found.findings or len(found.accounts) == 1


def workbook(*rows, heading=FILE_COLUMNS, merge=None, formula=None):
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for line, row in enumerate((heading, *rows)):
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(line, place, datetime.combine(value, datetime.min.time()), day)
            else:
                sheet.write(line, place, value)
    if merge:
        sheet.merge_range(merge, "Lê Thị Hoa")
    if formula:
        sheet.write_formula(*formula)
    book.close()
    return kept.getvalue()


def text(*rows, separator=",", heading=FILE_COLUMNS, encoding="utf-8"):
    return "\r\n".join(separator.join(row) for row in (heading, *rows)).encode(encoding)


@pytest.fixture
def read(tmp_path):
    def look(content):
        place = tmp_path / "tep"
        place.write_bytes(content)
        return read_rows(place)

    return look


@pytest.mark.parametrize(
    "content",
    [
        text(GOOD), text(GOOD, encoding="utf-8-sig"), text(GOOD, separator=";"), text(GOOD, separator="\t"),
        workbook(GOOD), workbook((*GOOD[:3], 19777, GOOD[4], date(2030, 5, 31))),
        text(GOOD, heading=tuple(name.upper() for name in FILE_COLUMNS)),
        text(GOOD, heading=("Ho va ten", "ten dang nhap", "VAI TRO", "ma don vi", "dien thoai", "het han")),
        text(("",) * 6, GOOD, ("", " ", "", "", "", "")),
    ],
)  # fmt: skip
def test_a_good_file_reads_the_same_however_it_was_saved(read, content):
    rows = read(content)

    assert [dict(row.cells) for row in rows] == [dict(zip(FILE_COLUMNS, GOOD, strict=True))]


def test_columns_may_stand_in_another_order_and_empty_rows_keep_the_line_numbers(read):
    rows = read(text(GOOD[::-1], ("",) * 6, GOOD[::-1], heading=FILE_COLUMNS[::-1]))

    assert [row.line for row in rows] == [2, 4]
    assert rows[0].cells["Họ và tên"] == "Lê Thị Hoa"


def test_a_merged_cell_is_its_first_and_a_formula_its_value(read):
    rows = read(workbook(GOOD, ("", *GOOD[1:]), merge="A2:A3", formula=(1, 1, '=LOWER("HOA")', None, "hoa")))

    assert [row.cells["Họ và tên"] for row in rows] == ["Lê Thị Hoa", ""]
    assert rows[0].cells["Tên đăng nhập"] == "hoa"


def bomb():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (65 * 1024 * 1024))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "A321"), (b"\n\n", "A321"), (b"\x00\x01\x02", "A320"), (b"\xff\xfe" + "Họ".encode("utf-16-le"), "A320"),
        ("Họ và tên".encode("cp1258", "replace") + b"\xff", "A320"), (b"PK\x03\x04 rubbish", "A320"),
        (workbook(GOOD)[:-300], "A320"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "A320"), (bomb(), "A320"),
        (b"x" * (4 * 1024 * 1024 + 1), "A320"), (text(), "A322"), (workbook(), "A322"),
        (text(GOOD, heading=("Tên", *FILE_COLUMNS[1:])), "A321"), (text(GOOD, heading=FILE_COLUMNS[:5]), "A321"),
        (text((*GOOD, "x"), heading=(*FILE_COLUMNS, "Ghi chú")), "A321"),
        (text(GOOD, heading=(*FILE_COLUMNS, "Vai trò")), "A321"),
        (text(*[GOOD] * 2001), "A323"), (text(*[GOOD] * 30_000), "A323"), (text(GOOD, ('"' + "x" * 200_000,)), "A320"),
    ],
    ids=range(19),
)  # fmt: skip
def test_a_malformed_file_is_a_finding(read, content, code):
    with pytest.raises(Unreadable) as unreadable:
        read(content)

    assert unreadable.value.finding.code == code


def test_a_sheet_of_a_hundred_thousand_rows_is_a_finding_with_its_number(read):
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True, "constant_memory": True})
    sheet = book.add_worksheet()
    for line in range(100_001):
        sheet.write_string(line, 0, "a")
    book.close()

    with pytest.raises(Unreadable) as unreadable:
        read(kept.getvalue())

    assert unreadable.value.finding.code == "A323"
    assert "100000" in unreadable.value.finding.vi


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", HEADING.encode() + b"\n"]))
def test_no_bytes_are_a_fault_of_ours(tmp_path_factory, content, beginning):
    place = tmp_path_factory.getbasetemp() / "bat-ky"
    place.write_bytes(beginning + content)
    try:
        found = read_rows(place)
    except Unreadable as unreadable:
        found, told = [], unreadable.finding.code
    else:
        told = "rows"

    assert told in {"A320", "A321", "A322", "A323", "rows"}
    assert all(set(row.cells) == set(FILE_COLUMNS) for row in found)


@pytest.fixture
def stored(identity, tmp_path, monkeypatch):
    """`stored(content)` → the name of the file in the store of the service."""
    identity.service.settings.files_url = str(tmp_path / "files")
    identity.service.__dict__.pop("files", None)
    return identity.service.files.put


def about(file, unit=HUE):
    return {"election": ELECTION, "unit": unit, "file": file}


def test_a_file_is_looked_at_without_a_trace_and_then_written_whole(identity, units, db, told, stored):
    rows = [
        GOOD,
        ("Trần Văn Khoa", "khoa.vy-da", "Người đối chiếu", "19777", "", ""),
        ("Đặng Ân", "", "thu ky ubbc", "", "", ""),
    ]
    file = stored(workbook(*rows))

    checked = identity.check_account_file(CheckAccountFile(**about(file)), by=admin())
    assert checked.findings == ()
    assert [(row.line, row.login, row.unit, row.suggested) for row in checked.rows] == [
        (2, "hoa.vy-da", VY_DA, True), (3, "khoa.vy-da", VY_DA, False), (4, "an.hue", HUE, True),
    ]  # fmt: skip
    assert told(db) == []

    sheet = identity.create_from_file(CreateFromFile(key=uuid4(), **about(file)), by=admin())

    assert [(card.name, card.login, card.role, card.unit) for card in sheet.cards] == [
        ("Đặng Ân", "an.hue", "secretary", HUE),
        ("Lê Thị Hoa", "hoa.vy-da", "typist", VY_DA),
        ("Trần Văn Khoa", "khoa.vy-da", "checker", VY_DA),
    ]
    assert len({card.code for card in sheet.cards}) == 3
    assert {letter.data["login"] for letter in told(db)} == {"an.hue", "hoa.vy-da", "khoa.vy-da"}
    people = identity.people_of(PeopleOf(election=ELECTION, unit=VY_DA), by=admin()).people
    assert people[0].roles[0].expires_at == account_files.end_of(date(2030, 5, 31))


def test_the_same_key_shows_the_same_sheet_and_another_file_under_it_is_refused(identity, units, db, told, stored):
    by, key = admin(), uuid4()
    file, other = stored(text(GOOD)), stored(text(GOOD, GOOD))
    first = identity.create_from_file(CreateFromFile(key=key, **about(file)), by=by)

    assert identity.create_from_file(CreateFromFile(key=key, **about(file)), by=by) == first
    assert len(told(db)) == 1
    with pytest.raises(KeyReused):
        identity.create_from_file(CreateFromFile(key=key, **about(other)), by=by)
    second = identity.create_from_file(CreateFromFile(key=uuid4(), **about(file)), by=by)
    assert [card.login for card in second.cards] == ["hoa-2.vy-da"]


def test_one_wrong_row_keeps_all_rows_out(identity, units, db, told, stored):
    file = stored(text(GOOD, (*GOOD[:2], "đánh máy", *GOOD[3:])))

    checked = identity.check_account_file(CheckAccountFile(**about(file)), by=admin())
    with pytest.raises(HasFindings) as refused:
        identity.create_from_file(CreateFromFile(key=uuid4(), **about(file)), by=admin())

    assert [finding.code for finding in checked.findings] == ["A325"]
    assert refused.value.findings == checked.findings
    assert told(db) == []


def test_an_unreadable_or_missing_file_is_refused_and_never_a_fault(identity, units, stored):
    file = stored(b"PK\x03\x04 rubbish")

    assert identity.check_account_file(CheckAccountFile(**about(file)), by=admin()).findings[0].code == "A320"
    with pytest.raises(HasFindings):
        identity.create_from_file(CreateFromFile(key=uuid4(), **about(file)), by=admin())
    with pytest.raises(Unknown):
        identity.check_account_file(CheckAccountFile(**about("0f" * 32)), by=admin())


def test_a_sheet_with_a_space_in_its_very_last_cell_is_refused_with_what_to_do(identity, units, stored):
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, FILE_COLUMNS)
        sheet.write_string(1_048_575, 16_383, " ")
    far = CheckAccountFile(**about(stored(kept.getvalue())))

    finding = identity.check_account_file(far, by=admin()).findings[0]
    assert finding.code == "A320"
    assert "xoá các cột và dòng thừa" in finding.vi
    assert identity.check_account_file(far, by=admin()).findings == (finding,)


def test_more_findings_than_a_page_holds_are_counted(identity, units, stored):
    file = stored(text(*[("", "", "?", "?", "?", "?")] * 300))

    checked = identity.check_account_file(CheckAccountFile(**about(file)), by=admin())

    assert (len(checked.findings), checked.more_findings) == (500, 1000)
