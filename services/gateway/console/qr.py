"""A picture that a telephone reads instead of a person typing."""

import segno
from markupsafe import Markup


def picture(text: str) -> Markup:
    """A QR code as inline SVG: dark on white in every theme, with the quiet zone of four modules (ISO/IEC 18004).

    Every letter of the text is drawn as modules, so nothing of it can become markup.
    """
    drawn = segno.make(text, error="m", micro=False).svg_inline(border=4, light="#fff", svgclass="qr", omitsize=True)
    return Markup(drawn)  # noqa: S704  made of modules alone
