"""What may be published: the status words of NIST SP 1500-100 and the bounds no published figure may break."""

from collections.abc import Iterable
from enum import StrEnum

from services.contracts.results import Result, ResultState, Totals


class Status(StrEnum):
    """ResultsStatus of NIST SP 1500-100 v2."""

    PRE_ELECTION = "pre-election"
    PARTIAL = "unofficial-partial"
    COMPLETE = "unofficial-complete"
    CERTIFIED = "certified"


STATUS_WORDS: dict[Status, tuple[str, str]] = {
    Status.PRE_ELECTION: ("Chưa có kết quả", "No results yet"),
    Status.PARTIAL: ("Chưa chính thức, đang tổng hợp", "Unofficial, partial"),
    Status.COMPLETE: ("Chưa chính thức, đã đủ biên bản", "Unofficial, all records in"),
    Status.CERTIFIED: ("Chính thức", "Certified"),
}
"""Each status in Vietnamese and English."""


def status_of(result: Result | None) -> Status:
    """Only a result that the head of the Board has signed is official."""
    if result is None or (result.approved == 0 and result.state == ResultState.COLLECTING):
        return Status.PRE_ELECTION
    if result.state == ResultState.DECLARED:
        return Status.CERTIFIED
    return Status.PARTIAL if result.state == ResultState.COLLECTING else Status.COMPLETE


def status_over(statuses: Iterable[Status]) -> Status:
    """The status of many: official only when every one is."""
    found = set(statuses)
    if found == {Status.CERTIFIED}:
        return Status.CERTIFIED
    if found <= {Status.CERTIFIED, Status.COMPLETE} and found:
        return Status.COMPLETE
    return Status.PRE_ELECTION if found <= {Status.PRE_ELECTION} else Status.PARTIAL


def within_bounds(totals: Totals, areas: int) -> bool:
    """No sum breaks a bound: records ≤ areas, T ≤ V, C ≤ T, C = A + B."""
    return (
        totals.areas <= areas
        and totals.took_part <= totals.voters
        and totals.collected <= totals.took_part
        and totals.valid + totals.invalid == totals.collected
    )


def publishable(result: Result) -> bool:
    """A result whose votes may be shown: signed, within every bound, no candidate above the valid ballots."""
    return (
        result.state == ResultState.DECLARED
        and within_bounds(result.totals, result.areas)
        and all(line.votes <= result.totals.valid for line in result.candidates)
        and result.elected <= result.seats
    )
