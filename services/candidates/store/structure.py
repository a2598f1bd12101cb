"""Queries about constituencies and the files that fixed them."""

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from services.candidates.models import CommuneOfConstituency, ConstituencyRow, DossierRow, StructureRow
from services.contracts.base import TooMuchAtOnce
from services.contracts.candidates import Constituency, Contest, LoadStructure
from services.kit.database import Transaction

MOST_AROUND = 2000
"""Constituencies in one answer: more than any province has."""

_KEPT = ("contest", "path", "ordinal", "title", "seats", "communes", "extent", "population", "resolution", "structure")


def constituency_of(row: ConstituencyRow) -> Constituency:
    """The row as the message everybody knows."""
    return Constituency(
        code=row.code,
        contest=Contest(row.contest),
        path=row.path,
        ordinal=row.ordinal,
        title=row.title,
        seats=row.seats,
        communes=tuple(row.communes),
        extent=row.extent,
        population=row.population,
        resolution=row.resolution,
    )


def one_at_a_time(tx: Transaction, what: str) -> None:
    """Until the end of the transaction nobody else changes the same: what was read still stands when it is saved."""
    tx.execute(select(func.pg_advisory_xact_lock(zlib.crc32(what.encode()))))


def _within(unit: str) -> ColumnElement[bool]:
    return or_(ConstituencyRow.path == unit, ConstituencyRow.path.startswith(f"{unit}/", autoescape=True))


def loaded_by_file(tx: Transaction, election: str, scope: str) -> dict[str, Constituency]:
    """What stands of the scope of a file: the nation's NA constituencies, or the Councils' of a province; held."""
    ours = ConstituencyRow.contest == "NA" if scope == "vn" else and_(_within(scope), ConstituencyRow.contest != "NA")
    wanted = select(ConstituencyRow).where(ConstituencyRow.election == election, ours)
    rows = tx.scalars(wanted.order_by(ConstituencyRow.code).with_for_update())
    return {row.code: constituency_of(row) for row in rows}


def in_use(tx: Transaction, election: str, codes: Collection[str]) -> frozenset[str]:
    """Those constituencies where somebody is placed or listed."""
    wanted = select(DossierRow.constituency).where(DossierRow.election == election, DossierRow.constituency.in_(codes))
    return frozenset(tx.scalars(wanted.distinct()))


def save_structure(
    tx: Transaction, request: LoadStructure, constituencies: Sequence[Constituency], by: UUID, at: datetime
) -> None:
    """The constituencies stand as the file says."""
    structure = uuid4()
    file = request.model_dump(include={"election", "unit", "file", "file_name"})
    tx.execute(insert(StructureRow).values(id=structure, loaded_at=at, loaded_by=by, **file))
    fresh = insert(ConstituencyRow)
    kept = {name: fresh.excluded[name] for name in _KEPT}
    rows = [_row(request.election, structure, constituency) for constituency in constituencies]
    tx.execute(fresh.on_conflict_do_update(index_elements=["election", "code"], set_=kept), rows)
    _save_communes(tx, request.election, constituencies)


def _row(election: str, structure: UUID, constituency: Constituency) -> dict[str, object]:
    fields = constituency.model_dump(exclude={"contest", "communes"})
    own = {"contest": str(constituency.contest), "communes": list(constituency.communes)}
    return {**fields, **own, "election": election, "structure": structure}


def _save_communes(tx: Transaction, election: str, constituencies: Sequence[Constituency]) -> None:
    codes = [one.code for one in constituencies]
    tx.execute(
        delete(CommuneOfConstituency).where(
            CommuneOfConstituency.election == election, CommuneOfConstituency.code.in_(codes)
        )
    )
    rows = [
        {"election": election, "contest": str(one.contest), "commune": commune, "code": one.code}
        for one in constituencies
        if one.contest is not Contest.CC
        for commune in one.communes
    ]
    tx.execute(insert(CommuneOfConstituency), rows)


def around(tx: Transaction, election: str, unit: str, contest: Contest | None) -> Sequence[ConstituencyRow]:
    """The constituencies at or below a unit, and those that contain it; more than an answer holds are refused."""
    parts = unit.split("/")
    near = _within(unit)
    if len(parts) > 2 and parts[2].isdigit():
        near = or_(near, ConstituencyRow.communes.contains([parts[2]]))
    wanted = select(ConstituencyRow).where(ConstituencyRow.election == election, near)
    if contest is not None:
        wanted = wanted.where(ConstituencyRow.contest == str(contest))
    found = tx.scalars(wanted.order_by(ConstituencyRow.contest, ConstituencyRow.code).limit(MOST_AROUND + 1)).all()
    if len(found) > MOST_AROUND:
        raise TooMuchAtOnce(most=MOST_AROUND)
    return found


def held(tx: Transaction, election: str, unit: str, codes: Collection[str]) -> dict[str, Constituency]:
    """Constituencies of a commission: the nation's are the NA ones; held until the end of the transaction."""
    depth = ConstituencyRow.path.regexp_match(f"^{unit}/[^/]+$") if unit != "vn" else ConstituencyRow.contest == "NA"
    wanted = select(ConstituencyRow).where(ConstituencyRow.election == election, ConstituencyRow.code.in_(codes), depth)
    rows = tx.scalars(wanted.order_by(ConstituencyRow.code).with_for_update())
    return {row.code: constituency_of(row) for row in rows}
