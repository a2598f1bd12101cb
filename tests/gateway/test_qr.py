"""The picture an authenticator app scans, read by a reader that knows nothing of who drew it."""

import re

import pytest
import zxingcpp

from services.gateway.console.qr import picture
from services.identity.domain.totp import uri

DOTS = 4
"""Dots of the camera for each module."""


def seen(svg: str) -> memoryview:
    """The strokes of the SVG as a grey picture, white where nothing is drawn."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1]) * DOTS
    grey = bytearray(b"\xff" * side * side)
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r'stroke="#000" d="([^"]+)"', svg)[1]):
        by = [float(number) for number in numbers.split()]
        if step == "M":
            x, y = by
        elif step == "m":
            x, y = x + by[0], y + by[1]
        else:
            for row in range(int(y) * DOTS, (int(y) + 1) * DOTS):
                first = row * side + int(x) * DOTS
                grey[first : first + int(by[0]) * DOTS] = bytes(int(by[0]) * DOTS)
            x += by[0]
    return memoryview(bytes(grey)).cast("B", (side, side))


@pytest.mark.parametrize("login", ["chau.vy-da", "a", "x" * 64])
def test_a_telephone_reads_what_identity_made(login):
    told = uri(b"12345678901234567890", login)

    assert [found.text for found in zxingcpp.read_barcodes(seen(picture(told)))] == [told]


def test_no_letter_of_the_text_becomes_markup():
    drawn = picture('"><script>alert(1)</script>')

    assert "script" not in drawn
    assert "style=" not in drawn  # the policy of the page forbids it
