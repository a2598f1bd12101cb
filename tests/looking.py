"""What looks at a page in the browser: axe for whoever cannot see it well, a ruler for whoever has a small screen."""

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """axe.run({
    runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']},
    resultTypes: ['violations'], selectors: false,
})"""
"""WCAG 2.2, levels A and AA, and what axe holds for good practice."""


def faults_of(page: Page) -> list[str]:
    """What axe finds on the page: the rule and where it is broken."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(_RUN)
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found["violations"] for node in fault["nodes"]]


def too_wide(page: Page, widths: Iterable[int]) -> list[int]:
    """The widths, in pixels, at which the page scrolls sideways."""
    wider = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wider.append(width)
    return wider
