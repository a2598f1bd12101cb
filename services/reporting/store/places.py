"""Units, elections, constituencies, lists, results and bodies as they were heard."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from services.contracts.base import Unknown
from services.contracts.candidates import Constituency, Contest, Election, ListPublished
from services.contracts.results import Result
from services.contracts.units import Body
from services.kit.database import Transaction
from services.reporting.models import BodyRow, ConstituencyRow, ElectionRow, ListRow, ResultRow, UnitRow

NATION = "vn"
NATION_TITLE = "Cả nước"


def election_held(tx: Transaction, election: str) -> Election:
    """The election, or Unknown."""
    row = tx.get(ElectionRow, election)
    if row is None:
        raise Unknown(what=f"cuộc bầu cử {election}")
    return Election.model_validate(row.data)


def elections(tx: Transaction) -> list[str]:
    """Every election heard of."""
    return list(tx.scalars(select(ElectionRow.election).order_by(ElectionRow.election)))


def title_of(tx: Transaction, path: str) -> str:
    """The title of an administrative unit, or Unknown."""
    title = tx.scalar(select(UnitRow.title).where(UnitRow.path == path))
    if title is None and path == NATION:
        return NATION_TITLE
    if title is None:
        raise Unknown(what=path.rsplit("/", 1)[-1])
    return NATION_TITLE if path == NATION else str(title)


def titles_below(tx: Transaction, path: str) -> dict[str, tuple[str, str]]:
    """The units one level below: path → code and title, in the order of codes."""
    depth = path.count("/") + 1
    rows = tx.execute(
        select(UnitRow.path, UnitRow.code, UnitRow.title)
        .where(UnitRow.path.startswith(f"{path}/", autoescape=True))
        .where(func.length(UnitRow.path) - func.length(func.replace(UnitRow.path, "/", "")) == depth)
        .order_by(UnitRow.code)
    )
    return {row.path: (row.code, row.title) for row in rows}


def all_titles(tx: Transaction) -> dict[str, str]:
    """Every unit's title by code."""
    return {row.code: row.title for row in tx.execute(select(UnitRow.code, UnitRow.title))}


def constituency(tx: Transaction, election: str, code: str) -> Constituency | None:
    row = tx.get(ConstituencyRow, (election, code))
    return None if row is None else Constituency.model_validate(row.data)


def constituencies(tx: Transaction, election: str) -> list[Constituency]:
    """Every constituency, by contest and code."""
    rows = tx.scalars(
        select(ConstituencyRow.data).where(ConstituencyRow.election == election).order_by(ConstituencyRow.code)
    )
    return [Constituency.model_validate(row) for row in rows]


def official_list(tx: Transaction, election: str, code: str) -> ListPublished | None:
    row = tx.get(ListRow, (election, code))
    return None if row is None else ListPublished.model_validate(row.data)


def official_lists(tx: Transaction, election: str, codes: Sequence[str]) -> dict[str, ListPublished]:
    """The official lists of some constituencies, by code."""
    rows = tx.scalars(select(ListRow.data).where(ListRow.election == election, ListRow.constituency.in_(codes)))
    return {row["constituency"]: ListPublished.model_validate(row) for row in rows}


def result(tx: Transaction, election: str, code: str) -> tuple[Result, int] | None:
    """The result of a constituency as heard, with the version of the fact."""
    row = tx.get(ResultRow, (election, code))
    return None if row is None else (Result.model_validate(row.data), row.version)


def results_of(tx: Transaction, election: str, codes: Sequence[str]) -> list[Result]:
    """The results of some constituencies."""
    wanted = select(ResultRow.data).where(ResultRow.election == election, ResultRow.constituency.in_(codes))
    return [Result.model_validate(row) for row in tx.scalars(wanted)]


def results_within(tx: Transaction, election: str, path: str, contest: Contest | None = None) -> list[Result]:
    """The results at or below a unit, by constituency."""
    wanted = select(ResultRow.data).where(_within(election, path, contest)).order_by(ResultRow.constituency)
    return [Result.model_validate(row) for row in tx.scalars(wanted)]


def how_many_results(tx: Transaction, election: str, path: str, contest: Contest | None = None) -> int:
    """How many results there are at or below a unit."""
    return int(tx.scalar(select(func.count()).select_from(ResultRow).where(_within(election, path, contest))))


def _within(election: str, path: str, contest: Contest | None) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = ResultRow.election == election
    if contest is not None:
        wanted &= ResultRow.contest == contest
    if path != NATION:
        wanted &= or_(ResultRow.path == path, ResultRow.path.startswith(f"{path}/", autoescape=True))
    return wanted


def body(tx: Transaction, election: str, path: str) -> Body | None:
    row = tx.get(BodyRow, (election, path))
    return None if row is None else Body.model_validate(row.data)


def heads_of(tx: Transaction, election: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Whom to call: the head of each body (or its first member), with the phone."""
    rows = tx.execute(select(BodyRow.path, BodyRow.data).where(BodyRow.election == election, BodyRow.path.in_(paths)))
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        members: list[dict[str, Any]] = row.data["members"]
        chosen = next((member for member in members if member["role"] == "head"), members[0] if members else None)
        if chosen is not None:
            found[row.path] = (chosen["name"], chosen.get("phone", ""))
    return found
