"""S13: every requirement of OWASP ASVS 5.0.0, levels 1 and 2, chapters 6 to 9 and 16, has an answer in asvs.csv."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = list(csv.DictReader((ROOT / "tests" / "security" / "asvs.csv").open(encoding="utf-8")))
REQUIRED = {  # section: the levels of its requirements in order, 3 where the third level alone asks for it
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223", "6.7": "33",
    "6.8": "2222", "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22", "8.1": "1233",
    "8.2": "1123", "8.3": "133", "8.4": "23", "9.1": "111", "9.2": "1222", "16.1": "2", "16.2": "22222", "16.3": "2222",
    "16.4": "222", "16.5": "2223",
}  # fmt: skip
NUMBERS = {f"{section}.{place}": level for section, levels in REQUIRED.items() for place, level in enumerate(levels, 1)}
ASKED = {number: level for number, level in NUMBERS.items() if level != "3"}


@cache
def names_in(path):
    """The names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_standard_has_as_many_requirements_as_it_says():
    chapters = {"6": (13, 22, 12), "7": (6, 12, 1), "8": (4, 3, 6), "9": (4, 3, 0), "16": (0, 16, 1)}
    for chapter, numbers in chapters.items():
        levels = [level for number, level in NUMBERS.items() if number.split(".")[0] == chapter]
        assert tuple(levels.count(level) for level in "123") == numbers


def test_every_requirement_is_answered_once():
    assert [row["number"] for row in ROWS] == list(ASKED)
    assert {row["number"]: row["level"] for row in ROWS} == ASKED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["number"])
def test_an_answer_is_a_test_that_exists_or_a_reason(row):
    said = row["tests or reason"]
    assert row["answer"] in {"test", "does not apply", "missing"}
    assert len(row["what"]) > 15
    if row["answer"] != "test":
        assert len(said) > 40
        return
    assert said
    for node in said.split():
        path, _, name = node.partition("::")
        assert name in names_in(path), node


def test_nine_of_ten_that_apply_are_answered_by_a_test():
    applicable = [row for row in ROWS if row["answer"] != "does not apply"]
    answered = [row for row in applicable if row["answer"] == "test"]

    assert len(answered) / len(applicable) >= 0.9
    assert len(applicable) >= 70
