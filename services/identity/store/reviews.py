"""Queries about account reviews: campaigns, what each unit has confirmed, closed since, and left open."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from services.contracts.accounts import ReviewRow, Verdict
from services.contracts.identity import ReviewAdvanced
from services.contracts.roles import Role
from services.contracts.vietnamese import name_key
from services.identity.domain.reviews import Campaign, Counts
from services.identity.models import AccountRow, CampaignRow, ConfirmationRow, GrantRow, PersonRow
from services.kit.database import Transaction


def add(tx: Transaction, campaign: Campaign) -> None:
    """The review is open."""
    tx.execute(
        insert(CampaignRow).values(
            id=campaign.id, election=campaign.election, unit=campaign.unit, name=campaign.name, due=campaign.due,
            opened_by=campaign.opened_by, opened_name=campaign.opened_name, opened_at=campaign.opened_at,
        )
    )  # fmt: skip


def one(tx: Transaction, review: UUID, election: str, unit: str) -> Campaign | None:
    """The review, if it concerns the unit."""
    found = [campaign for campaign in concerning(tx, election, unit) if campaign.id == review]
    return found[0] if found else None


def concerning(tx: Transaction, election: str, unit: str) -> list[Campaign]:
    """The reviews opened at the unit or above it, newest first."""
    above = [unit]
    while "/" in above[-1]:
        above.append(above[-1].rpartition("/")[0])
    here = CampaignRow.election == election, CampaignRow.unit.in_(above)
    return _campaigns(tx, select(CampaignRow).where(*here))


def opened_at(tx: Transaction, election: str, unit: str) -> list[Campaign]:
    """The reviews opened at this very unit, newest first."""
    return _campaigns(tx, select(CampaignRow).where(CampaignRow.election == election, CampaignRow.unit == unit))


def _campaigns(tx: Transaction, wanted: Select[CampaignRow]) -> list[Campaign]:
    return [
        Campaign(
            id=row.id, election=row.election, unit=row.unit, name=row.name, due=row.due, opened_by=row.opened_by,
            opened_name=row.opened_name, opened_at=row.opened_at,
        )
        for row in tx.scalars(wanted.order_by(CampaignRow.opened_at.desc(), CampaignRow.id))
    ]  # fmt: skip


def _accounts(campaign: Campaign, at: datetime) -> Select[tuple[str, UUID, bool, bool]]:
    """Unit and person of every account the review asks about: whether it stands now, and whether it was confirmed.

    Asked about is whoever held a role in the unit when the review was opened.
    """
    standing = and_(GrantRow.ended_at.is_(None), or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > at))
    confirmed = (
        select(ConfirmationRow.person)
        .where(
            ConfirmationRow.review == campaign.id,
            ConfirmationRow.unit == GrantRow.unit,
            ConfirmationRow.person == GrantRow.person,
        )
        .correlate(GrantRow)
        .exists()
    )
    return (
        select(GrantRow.unit, GrantRow.person, func.bool_or(standing), func.bool_or(confirmed))
        .where(
            or_(GrantRow.election == campaign.election, GrantRow.election.is_(None)),
            within(campaign.unit),
            GrantRow.given_at <= campaign.opened_at,
            or_(GrantRow.ended_at.is_(None), GrantRow.ended_at > campaign.opened_at),
            or_(GrantRow.expires_at.is_(None), GrantRow.expires_at > campaign.opened_at),
        )
        .group_by(GrantRow.unit, GrantRow.person)
    )


def counts(
    tx: Transaction, campaign: Campaign, at: datetime, only: ColumnElement[bool] | None = None
) -> dict[str, Counts]:
    """How far each unit is by itself; of all units, or those of a condition made by `near`, `within` or `among`."""
    asked = _accounts(campaign, at)
    each = (asked if only is None else asked.where(only)).subquery()
    unit, _, stands, confirmed = each.c
    verdict = case((~stands, 2), (confirmed, 1), else_=0)
    rows = tx.execute(select(unit, verdict, func.count()).group_by(unit, verdict))
    found: dict[str, list[int]] = {}
    for place, which, number in rows:
        found.setdefault(place, [0, 0, 0])[which] = int(number)
    return {place: Counts(open=n[0], confirmed=n[1], closed=n[2]) for place, n in found.items()}


def near(unit: str) -> ColumnElement[bool]:
    """The unit and those directly below."""
    return GrantRow.unit.regexp_match(f"^{unit}(/[^/]+)?$")


def within(unit: str) -> ColumnElement[bool]:
    """The unit and everything below."""
    return or_(GrantRow.unit == unit, GrantRow.unit.startswith(f"{unit}/", autoescape=True))


def among(units: Collection[str]) -> ColumnElement[bool]:
    """Exactly these units."""
    return GrantRow.unit.in_(units)


def asked_at(tx: Transaction, campaign: Campaign, unit: str, at: datetime) -> list[ReviewRow]:
    """Every account of the unit and directly below that the review asks about, those still open first."""
    each = _accounts(campaign, at).where(near(unit)).subquery()
    place, person, stands, _ = each.c
    rows = tx.execute(
        select(
            place,
            person,
            stands,
            AccountRow.login,
            PersonRow.name,
            AccountRow.last_sign_in_at,
            ConfirmationRow.by_name,
            ConfirmationRow.at,
        )
        .join(AccountRow, AccountRow.person == person)
        .join(PersonRow, PersonRow.id == person)
        .outerjoin(
            ConfirmationRow,
            and_(
                ConfirmationRow.review == campaign.id, ConfirmationRow.unit == place, ConfirmationRow.person == person,
            ),
        )
    ).all()  # fmt: skip
    held = _roles(tx, campaign, [row[1] for row in rows])
    found = []
    for where, who, standing, login, name, seen, by_name, confirmed_at in rows:
        verdict = Verdict.CLOSED if not standing else Verdict.CONFIRMED if confirmed_at else Verdict.OPEN
        found.append(
            ReviewRow(
                person=who, login=login, name=name, unit=where, roles=tuple(held.get((where, who), ())),
                verdict=verdict, last_sign_in_at=seen, by=by_name or "", at=confirmed_at,
            )
        )  # fmt: skip
    order = [Verdict.OPEN, Verdict.CONFIRMED, Verdict.CLOSED]
    return sorted(found, key=lambda row: (order.index(row.verdict), row.unit, name_key(row.name), row.login))


def _roles(tx: Transaction, campaign: Campaign, people: Collection[UUID]) -> dict[tuple[str, UUID], list[Role]]:
    """The roles each person held in each unit when the review was opened."""
    rows = tx.execute(
        select(GrantRow.unit, GrantRow.person, GrantRow.role)
        .where(
            GrantRow.person.in_(people),
            or_(GrantRow.election == campaign.election, GrantRow.election.is_(None)),
            GrantRow.given_at <= campaign.opened_at,
            or_(GrantRow.ended_at.is_(None), GrantRow.ended_at > campaign.opened_at),
        )
        .order_by(GrantRow.given_at, GrantRow.id)
    )
    found: dict[tuple[str, UUID], list[Role]] = {}
    for unit, person, role in rows:
        found.setdefault((unit, person), []).append(Role(role))
    return found


def confirm(
    tx: Transaction, review: UUID, accounts: Iterable[tuple[str, UUID]], by: UUID, by_name: str, at: datetime
) -> None:
    """The accounts are confirmed; the first confirmation of each stands."""
    rows = [
        {"review": review, "unit": unit, "person": person, "by": by, "by_name": by_name, "at": at}
        for unit, person in accounts
    ]
    tx.execute(insert(ConfirmationRow).on_conflict_do_nothing(), rows)


def tell(tx: Transaction, campaign: Campaign, at: datetime, units: Collection[str] | None = None) -> None:
    """How far the units are now, each in its own event."""
    found = counts(tx, campaign, at, among(units) if units is not None else None)
    tx.emit_all(
        ReviewAdvanced(
            election=campaign.election, review=campaign.id, unit=unit, name=campaign.name, due=campaign.due,
            confirmed=found[unit].confirmed, closed=found[unit].closed, open=found[unit].open,
        )
        for unit in sorted(found)
    )  # fmt: skip


def tell_units(tx: Transaction, places: Sequence[tuple[str | None, str]], at: datetime) -> None:
    """Roles ended in these units: every review that asks about them tells how far they are now."""
    touched: dict[UUID, tuple[Campaign, set[str]]] = {}
    for election, unit in dict.fromkeys(places):
        if election is not None:
            for campaign in concerning(tx, election, unit):
                touched.setdefault(campaign.id, (campaign, set()))[1].add(unit)
    for campaign, units in touched.values():
        tell(tx, campaign, at, units)


def overdue(tx: Transaction, today: date) -> list[Campaign]:
    """The reviews whose day has passed."""
    return _campaigns(tx, select(CampaignRow).where(CampaignRow.due < today))
