"""A structure is lawful as a whole or refused with every bad row by its line."""

import pytest

from services.candidates.domain.rules import RULES
from services.candidates.domain.structure import Standing, check_structure
from services.candidates.domain.structure_rows import COLUMNS
from services.contracts.base import Severity
from tests.candidates.factories import NATION, communes, hue_rows, na_rows, row, units, written


def codes_of(rows, scope="vn", standing=None):
    found = check_structure(written(rows), scope, units(), standing or Standing())[1]
    return sorted({finding.code for finding in found})


def test_the_lawful_nation_has_182_constituencies_and_500_seats():
    constituencies, findings = check_structure(written(na_rows()), "vn", units(), Standing())

    assert findings == []
    assert len(constituencies) == 182
    assert sum(one.seats for one in constituencies) == 500
    assert len({code for one in constituencies for code in one.communes}) == 3321
    assert constituencies[0].path == "vn/01/NA-01-01"
    assert constituencies[0].title == "Đơn vị bầu cử số 1"


def found_in(content):
    return check_structure(content, "vn", units(), Standing())[1]


HEADING = ",".join(COLUMNS).encode() + b"\n"


@pytest.mark.parametrize(
    "content",
    [
        HEADING + b"x\n" * 5_001, b"x\n" * 5_002, HEADING + b"\n" * 100_001, b"\r" * 100_001,
        HEADING + b'"' + b"\n" * 100_001 + b'"\n',
    ],
)  # fmt: skip
def test_a_file_of_more_rows_than_any_structure_has_is_refused_unread(content):
    assert [(finding.code, "5.000" in finding.vi) for finding in found_in(content)] == [("DB25", True)]


def test_of_many_faults_a_thousand_are_listed_in_their_order_and_the_others_counted():
    *listed, last = found_in(HEADING + b"x\n" * 5_000)

    assert [(finding.code, finding.places) for finding in listed] == [("DB3", (f"line {at}",)) for at in range(2, 1_002)]
    assert last.code == "DB26"
    assert "Còn 4.000 lỗi" in last.vi


def test_a_thousand_faults_are_all_there_are():
    assert {finding.code for finding in found_in(HEADING + b"x\n" * 1_000)} == {"DB3"}


def test_the_lawful_councils_of_a_city_are_taken():
    constituencies, findings = check_structure(written(hue_rows()), "vn/46", units(), Standing())

    assert findings == []
    assert {one.contest for one in constituencies} == {"PC", "CC"}
    assert next(one for one in constituencies if one.code.startswith("CC-")).communes == (communes()["46"][0],)


HUE = communes()["46"]
HANOI = communes()["01"]


def change(place, **cells):
    return lambda rows: rows[place].update(cells)


def drop(place):
    return lambda rows: rows.pop(place)


def several(*acts):
    return lambda rows: [act(rows) for act in acts]


def move_seat(rows):
    """Two seats of one constituency go to the next: the sum of the province stays."""
    rows[0]["seats"], rows[1]["seats"] = "4", "2"


def take_seat(rows):
    rows[0]["seats"] = "2"


def seat_to_another_province(rows):
    rows[0]["seats"] = "2"
    last = next(row for row in rows if row["unit"] == "04" and row["seats"] == "2")
    last["seats"] = "3"


def commune_twice(rows):
    rows[1]["communes"] += f" {HANOI[0]}"


def commune_lost(rows):
    rows[0]["communes"] = rows[0]["communes"].split(" ", 1)[1]


def foreign_commune(rows):
    rows[0]["communes"] += f" {HUE[0]}"


NATIONAL = [
    (change(0, seats="x"), ["DB3"]),
    (change(0, seats="0"), ["DB3"]),
    (change(0, seats="-1"), ["DB3"]),
    (change(0, seats="3.0"), ["DB3"]),
    (change(0, seats="٣"), ["DB3"]),
    (change(0, ordinal="0"), ["DB3"]),
    (change(0, contest="QH"), ["DB3"]),
    (change(0, code="NA-1-1"), ["DB3"]),
    (change(0, communes="1 2"), ["DB3"]),
    (change(0, population="400.000"), ["DB3"]),
    (change(0, council_kind="huyện"), ["DB3"]),
    (change(0, title="x" * 201), ["DB3"]),
    (change(0, title="x" * 200), []),
    (change(0, title="a\x00b"), ["DB3"]),
    (change(0, unit=""), ["DB3"]),
    (change(0, contest="PC", code="PC-01-01"), ["DB4"]),
    (change(0, unit="99", code="NA-99-01"), ["DB5"]),
    (change(0, unit="vn/01"), []),
    (change(0, code="NA-01-02"), ["DB6"]),
    (change(0, code="NA-04-01"), ["DB6"]),
    (change(0, seats="4"), ["DB7"]),
    (move_seat, ["DB7"]),
    (change(0, seats="3"), []),
    (change(0, communes=""), ["DB9"]),
    (change(0, communes="99999"), ["DB10"]),
    (foreign_commune, ["DB11"]),
    (lambda rows: rows.append(dict(rows[0])), ["DB12"]),
    (commune_twice, ["DB13"]),
    (change(10, ordinal="12", code="NA-01-12"), ["DB14"]),
    (commune_lost, ["DB15", "DB18"]),
    (take_seat, ["DB17", "DB18"]),
    (seat_to_another_province, ["DB17"]),
    (several(change(0, seats="x"), change(1, seats="4"), change(2, communes="99999")), ["DB10", "DB3", "DB7"]),
]


@pytest.mark.parametrize(("act", "expected"), NATIONAL)
def test_a_rule_of_the_nation_fires_alone_and_more_basic_ones_silence_it(act, expected):
    rows = na_rows()
    act(rows)

    assert codes_of(rows) == expected


def test_a_missing_province_shows_as_missing_communes_constituencies_and_sums():
    rows = [one for one in na_rows() if one["unit"] != "96"]

    assert codes_of(rows) == ["DB15", "DB16", "DB18"]


def test_a_constituency_too_few_is_named_by_its_province():
    rows = na_rows()
    gone = rows.pop(10)
    rows[0]["communes"] += " " + gone["communes"]
    found = check_structure(written(rows), "vn", units(), Standing())[1]

    assert sorted(one.code for one in found) == ["DB16", "DB18", "DB18"]
    assert "Hà Nội (01) có 10" in found[0].vi + found[1].vi + found[2].vi


PC, CC, XA = 0, 11, 11 + 21 * 3
COUNCILS = [
    (change(PC, contest="NA", code="NA-46-01"), ["DB4"]),
    (change(PC, unit="48", code="PC-48-01"), ["DB4"]),
    (change(CC, unit=communes()["48"][0], code=f"CC-{communes()['48'][0]}-01"), ["DB4"]),
    (change(CC, unit="46", code="CC-00001-01"), ["DB5"]),
    (change(PC, unit=HUE[0]), ["DB5"]),
    (change(CC, unit="98765", code="CC-98765-01"), ["DB5"]),
    (change(PC, seats="6"), ["DB8"]),
    (change(CC, extent=""), ["DB9"]),
    (change(CC, communes=HUE[0]), []),
    (change(CC, communes=HUE[1]), ["DB11"]),
    (change(PC, council_kind="tinh"), ["DB20"]),
    (change(PC, council_population="1300001"), ["DB20"]),
    (several(*[change(place, council_kind="tinh") for place in range(11)]), ["DB19"]),
    (several(*[change(place, council_kind="") for place in range(11)]), []),
    (several(*[change(place, council_population="1274999") for place in range(11)]), ["DB21"]),
    (several(*[change(place, council_population="1275000") for place in range(11)]), []),
    (several(*[change(place, council_population="1349999") for place in range(11)]), []),
    (several(*[change(place, council_population="1350000") for place in range(11)]), ["DB21"]),
    (several(*[change(place, council_population="") for place in range(11)]), ["DB21"]),
    (several(*[change(CC + place, council_population="21000") for place in range(3)]), ["DB21"]),
    (several(*[change(XA + place, council_kind="xa_mien_nui") for place in range(4)]), ["DB21"]),
    (
        several(*[change(XA + place, council_kind="xa_mien_nui", council_population="6999") for place in range(4)]),
        [],
    ),
    (several(*[change(XA + place, council_kind="dac_khu") for place in range(4)]), ["DB19"]),
    (several(drop(CC), drop(CC), drop(CC)), ["DB22"]),
    (drop(CC), ["DB14", "DB21"]),
    (lambda rows: rows[PC].update(communes=rows[PC]["communes"].split(" ", 1)[1]), ["DB15"]),
]


@pytest.mark.parametrize(("act", "expected"), COUNCILS)
def test_a_rule_of_the_councils_fires_alone_and_more_basic_ones_silence_it(act, expected):
    rows = hue_rows()
    act(rows)

    assert codes_of(rows, "vn/46") == expected


def test_every_bad_row_is_listed_by_its_line_and_nothing_is_kept_back():
    rows = na_rows()
    rows[3]["seats"] = "x"
    rows[3]["ordinal"] = "y"
    rows[7]["seats"] = "9"
    rows[9]["communes"] = "99998 99999"
    found = check_structure(written(rows), "vn", units(), Standing())[1]

    assert [(one.places, one.code) for one in found] == [
        (("line 5",), "DB3"),
        (("line 5",), "DB3"),
        (("line 9",), "DB7"),
        (("line 11",), "DB10"),
        (("line 11",), "DB10"),
    ]
    assert "NA-01-08 bầu 9 đại biểu Quốc hội" in found[2].vi


def test_a_cell_over_several_lines_does_not_shift_the_lines_after_it():
    rows = hue_rows()
    rows[CC]["extent"] = "Tổ dân phố 1,\nTổ dân phố 2"
    rows[CC + 3]["seats"] = "x"
    found = check_structure(written(rows), "vn/46", units(), Standing())[1]

    assert [one.code for one in found] == ["DB3", "DB3"]
    assert found[1].places == (f"line {CC + 3 + 2 + 1}",)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "DB1"),
        ("code,contest\n".encode("utf-16"), "DB1"),
        (b"\xff\xfe\xfa", "DB1"),
        (written([]), "DB1"),
        (b'"unclosed', "DB1"),
        (b"x" * 20_000_001, "DB1"),
        (b"a,b\n1,2\n", "DB2"),
        (written([row(code="x")]).replace(b"seats", b"seat"), "DB2"),
        (written([row(code="x")]).replace(b"code,", b"code,code,"), "DB2"),
        (written([row(code="x")]).replace(b",council_kind", b""), "DB2"),
        (written(na_rows()) + b"1,2,3\n", "DB3"),
    ],
)
def test_a_file_that_is_no_structure_file_says_why(content, code):
    constituencies, found = check_structure(content, "vn", units(), Standing())

    assert [one.code for one in found] == [code]
    assert code == "DB3" or constituencies == []


def test_a_byte_order_mark_empty_lines_and_another_order_of_columns_do_not_matter():
    rows = na_rows()
    content = b"\xef\xbb\xbf" + written(rows, tuple(reversed(COLUMNS))).replace(b"\r\n", b"\n", 5) + b"\n,,,,\n\n"

    assert check_structure(content, "vn", units(), Standing())[1] == []


def test_decomposed_text_is_stored_composed():
    rows = na_rows()
    rows[0]["title"] = "Đơn vị bâ\u0300u cử"
    [first, *_], _ = check_structure(written(rows), "vn", units(), Standing())

    assert first.title == "Đơn vị bầu cử"


def standing_nation(in_use=()):
    constituencies, _ = check_structure(written(na_rows()), "vn", units(), Standing())
    return Standing({one.code: one for one in constituencies}, frozenset(in_use))


def test_the_same_structure_may_be_loaded_again():
    assert codes_of(na_rows(), standing=standing_nation(in_use=["NA-01-01"])) == []


def swap_last_seats(rows):
    """Hà Nội: eleven constituencies, thirty-two seats; the one of two seats is moved."""
    small = next(place for place, one in enumerate(rows[:11]) if one["seats"] == "2")
    rows[0]["seats"], rows[small]["seats"] = "2", "3"


def test_seats_may_move_until_somebody_is_placed_there():
    rows = na_rows()
    swap_last_seats(rows)

    assert codes_of(rows, standing=standing_nation()) == []
    assert codes_of(rows, standing=standing_nation(in_use=["NA-01-05"])) == []
    assert codes_of(rows, standing=standing_nation(in_use=["NA-01-01"])) == ["DB24"]


def test_a_constituency_that_was_fixed_does_not_vanish():
    before = standing_nation()
    gone = before.constituencies["NA-01-01"].model_copy(update={"code": "NA-01-12"})
    standing = Standing({**before.constituencies, "NA-01-12": gone})

    assert codes_of(na_rows(), standing=standing) == ["DB23"]


def test_hoang_sa_needs_no_commune_council():
    known = units()
    island = type(known["46"])("20333", "vn/46/20333", "dac_khu", "đặc khu Hoàng Sa")
    rows = hue_rows()
    rows[0]["communes"] += " 20333"

    assert check_structure(written(rows), "vn/46", {**known, "20333": island}, Standing())[1] == []


def test_the_table_of_provinces_is_the_official_one():
    assert len(NATION) == 34
    assert sum(one[1] for one in NATION) == 3321
    assert sum(one[2] for one in NATION) == 182
    assert sum(one[3] for one in NATION) == 500


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_says_in_two_languages_what_is_wrong(rule):
    assert rule.source
    assert rule.severity in Severity
    assert rule.vi.endswith((".", ")."))
    assert rule.en.endswith((".", ")."))
    assert rule.code in RULES
