"""The doors to account reviews: opening one, what a unit has to confirm, confirming, who is late."""

from datetime import datetime
from uuid import UUID, uuid4

from services.contracts.accounts import (
    ConfirmAccounts,
    OpenReview,
    ReviewCard,
    ReviewOf,
    ReviewProgress,
    Reviews,
    ReviewSheet,
    ReviewsOf,
    ReviewsProgress,
)
from services.contracts.base import Scoped, Unknown, require_nothing_blocks
from services.contracts.roles import Action
from services.identity.desk import Desk
from services.identity.domain import reviews as domain
from services.identity.store import entry
from services.identity.store import reviews as store
from services.identity.store.places import one_change_at_a_time
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc, signal


class ReviewDoors(Desk):
    """Each unit confirms or closes every account of its own and of the level below, by a day."""

    @rpc(may=Action.OPEN_REVIEW)
    def open_review(self, request: OpenReview, by: Actor, tx: Transaction) -> ReviewCard:
        """The review is open; every unit it asks is told what it has to do."""
        one_change_at_a_time(tx, f"reviews/{request.scope}")
        standing = store.opened_at(tx, request.election, request.unit)
        require_nothing_blocks(domain.opening(request.due, domain.day_of(by.at), standing))
        campaign = domain.Campaign(
            id=uuid4(), election=request.election, unit=request.unit, name=request.name, due=request.due,
            opened_by=by.person, opened_name=by.name, opened_at=by.at,
        )  # fmt: skip
        store.add(tx, campaign)
        store.tell(tx, campaign, by.at)
        return _card(tx, campaign, request.unit, by.at)

    @rpc(may=Action.REVIEW_ACCOUNTS)
    def reviews_of(self, request: ReviewsOf, by: Actor, tx: Transaction) -> Reviews:
        """The reviews that concern the unit, newest first, with what is left for it."""
        found = store.concerning(tx, request.election, request.unit)
        return Reviews(reviews=tuple(_card(tx, campaign, request.unit, by.at) for campaign in found))

    @rpc(may=Action.REVIEW_ACCOUNTS)
    def review_of(self, request: ReviewOf, by: Actor, tx: Transaction) -> ReviewSheet:
        """The accounts of the unit and directly below, those still open first."""
        campaign = _campaign(tx, request, request.review)
        rows = store.asked_at(tx, campaign, request.unit, by.at)
        page = tuple(rows[request.first :][: request.size])
        return ReviewSheet(card=_card(tx, campaign, request.unit, by.at), rows=page, total=len(rows))

    @rpc(may=Action.REVIEW_ACCOUNTS)
    def confirm_accounts(self, request: ConfirmAccounts, by: Actor, tx: Transaction) -> ReviewCard:
        """These people still work there; nobody confirms their own account."""
        campaign = _campaign(tx, request, request.review)
        rows = store.asked_at(tx, campaign, request.unit, by.at)
        asked = {(row.unit, row.person): row.login for row in rows if row.verdict != "closed"}
        require_nothing_blocks(domain.confirming(request.accounts, asked, by.person))
        fresh = sorted({(each.unit, each.person) for each in request.accounts})
        store.confirm(tx, campaign.id, fresh, by.person, by.name, by.at)
        store.tell(tx, campaign, by.at, {unit for unit, _ in fresh})
        return _card(tx, campaign, request.unit, by.at)

    @rpc(may=Action.REVIEW_ACCOUNTS)
    def reviews_progress(self, request: ReviewsProgress, by: Actor, tx: Transaction) -> ReviewProgress:
        """Who is late: the unit and those directly below, or every single unit."""
        campaign = _campaign(tx, request, request.review)
        counts = store.counts(tx, campaign, by.at, store.within(request.unit))
        lines = domain.lines(counts, campaign, request.unit, domain.day_of(by.at), deep=request.deep)
        late = tuple(line for line in lines if line.late)
        return ReviewProgress(
            card=_card(tx, campaign, request.unit, by.at), lines=lines, late=len(late),
            findings=domain.late_findings(late[:100], campaign.due),
        )  # fmt: skip

    @signal("hp_reviews_late", seconds=60)
    def reviews_late(self, tx: Transaction) -> int:
        """Units with accounts still open in a review whose day has passed."""
        now = entry.now(tx)
        late = (store.counts(tx, campaign, now).values() for campaign in store.overdue(tx, domain.day_of(now)))
        return sum(1 for counts in late for each in counts if each.open)


def _campaign(tx: Transaction, request: Scoped, review: UUID) -> domain.Campaign:
    campaign = store.one(tx, review, request.election, request.unit)
    if campaign is None:
        raise Unknown(what="đợt rà soát này")
    return campaign


def _card(tx: Transaction, campaign: domain.Campaign, unit: str, at: datetime) -> ReviewCard:
    """The review as a unit sees it: its own accounts and those directly below."""
    mine = sum(store.counts(tx, campaign, at, store.near(unit)).values(), start=domain.Counts())
    return ReviewCard(
        review=campaign.id, name=campaign.name, unit=campaign.unit, due=campaign.due, opened_at=campaign.opened_at,
        opened_by=campaign.opened_name, late=domain.is_late(campaign.due, mine.open, domain.day_of(at)),
        confirmed=mine.confirmed, closed=mine.closed, open=mine.open,
    )  # fmt: skip
