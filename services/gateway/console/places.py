"""Where a page is: an election and a unit, their names, the way up."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.convertors import Convertor, register_url_convertor

from services.contracts.candidates import Election
from services.gateway.console.words import Words, capital
from services.gateway.units import UnitDirectory


class ElectionInPath(Convertor[str]):
    """2026 or dien-tap-4."""

    regex = "[0-9]{4}|dien-tap-[0-9]{1,6}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class UnitInPath(ElectionInPath):
    """vn, 46, 19777, 19777-012, NA-46-01 or CC-19777-02."""

    regex = "vn|[0-9]{2}|[0-9]{5}|[0-9]{5}-[0-9]{3}|(?:NA|PC)-[0-9]{2}-[0-9]{2}|CC-[0-9]{5}-[0-9]{2}"


register_url_convertor("election", ElectionInPath())
register_url_convertor("unit", UnitInPath())

HERE: Final = "/{election:election}/{unit:unit}"
"""How the address of every page of a unit begins."""

CONTEST_WORDS: Final = {
    "NA": ("đơn vị bầu cử đại biểu Quốc hội số {n}", "National Assembly constituency no. {n}"),
    "PC": ("đơn vị bầu cử đại biểu HĐND cấp tỉnh số {n}", "Provincial Council constituency no. {n}"),
    "CC": ("đơn vị bầu cử đại biểu HĐND cấp xã số {n}", "Commune Council constituency no. {n}"),
}


@dataclass(frozen=True)
class Place:
    """A unit of an election."""

    election: str
    path: str
    code: str
    known: Election | None
    units: UnitDirectory

    @property
    def scope(self) -> str:
        return f"{self.election}/{self.path}"

    @property
    def rehearsal(self) -> bool:
        return self.election.startswith("dien-tap-")

    @property
    def level(self) -> str:
        """nation, province, commune, area or constituency."""
        if not self.code[0].isdigit():
            return "nation" if self.code == "vn" else "constituency"
        return {2: "province", 5: "commune"}.get(len(self.code), "area")

    @property
    def address(self) -> str:
        return f"/{self.election}/{self.code}"

    def at(self) -> datetime:
        """The election's own time now."""
        now = datetime.now(UTC)
        return self.known.clock.at(now) if self.known else now

    def title(self, words: Words) -> str:
        return title_of(self.path, self.units, words)

    def way_up(self, words: Words) -> list[tuple[str, str]]:
        """Path and title of every unit above, highest first."""
        parts = self.path.split("/")
        above = ["/".join(parts[: depth + 1]) for depth in range(len(parts) - 1)]
        return [(path, capital(title_of(path, self.units, words))) for path in above]


def title_of(path: str, units: UnitDirectory, words: Words) -> str:
    """The title of a unit, an area or a constituency."""
    code = path.rsplit("/", 1)[-1]
    kind, _, rest = code.partition("-")
    if kind in CONTEST_WORDS:
        return words.pair(CONTEST_WORDS[kind]).format(n=int(rest.rsplit("-", 1)[-1]))
    if "-" in code:
        return words.text("khu vực {number}", number=int(rest))
    if code == "vn":
        return words.text("Cả nước")
    return units.title(path)


def late_by(now: datetime, then: datetime) -> int:
    """Whole minutes since an instant, never negative."""
    return max(timedelta(), now - then) // timedelta(minutes=1)
