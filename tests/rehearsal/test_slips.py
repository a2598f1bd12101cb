"""A planted mistake is the one that was meant, whatever the chance."""

from random import Random

import pytest

from deploy.rehearsal.preparing import _slip

NUMBERS = {f"0201860000{last:02d}" for last in range(100)}


@pytest.mark.parametrize("last", range(0, 100, 7))
def test_a_number_typed_wrong_is_never_another_candidate_s(last) -> None:
    right = {"personal_number": f"0201860000{last:02d}"}
    taken = set(Random(last).sample(sorted(NUMBERS), 60)) | {right["personal_number"]}

    typed = _slip(right, 0, taken)["personal_number"]

    assert typed not in taken
    assert len(typed) == 12
    assert typed.isdecimal()
    assert sum(a != b for a, b in zip(typed, right["personal_number"], strict=True)) in {1, 2}
