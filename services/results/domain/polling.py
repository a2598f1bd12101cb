"""Polling day: when an area may open and close, who may witness, what turnout may be told, how form 32 balances."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.contracts.base import Finding, Severity
from services.contracts.candidates import CONTEST_NAMES
from services.contracts.daytime import day as day_of
from services.contracts.daytime import hour, instant, local
from services.contracts.results import AreaTurnout, BallotUse
from services.contracts.vietnamese import fold
from services.contracts.voters import Rights
from services.results.domain.rules import RULES, Figure

EARLIEST, LAST_OPENING, FIRST_CLOSING, LATEST = "05:00", "07:00", "19:00", "21:00"
"""The hours of LBC 71: voting from 7:00 to 19:00, not before 5:00 and not after 21:00."""


def opening(area: str, opened_at: datetime, witnesses: Sequence[str], on: date) -> tuple[Finding, ...]:
    """Whether an area opened within the law (F4) before two different witnesses (F3)."""
    found = list(_outside(opened_at, on))
    if not found and opened_at > instant(on, LAST_OPENING):
        found.append(RULES["F4_opening"].finding(area, time=hour(opened_at)))
    return (*found, *two_witnesses(witnesses))


def closing(opened_at: datetime | None, area: str, closed_at: datetime, on: date) -> tuple[Finding, ...]:
    """Whether an area that opened closed within the law (F4)."""
    if opened_at is None:
        return (RULES["F4_unopened"].finding(area, area=area),)
    if closed_at <= opened_at:
        return (RULES["F4_before"].finding(area, closed=hour(closed_at), opened=hour(opened_at)),)
    found = list(_outside(closed_at, on))
    if not found and closed_at < instant(on, FIRST_CLOSING):
        found.append(RULES["F4_closing"].finding(area, time=hour(closed_at)))
    return tuple(found)


def _outside(at: datetime, on: date) -> tuple[Finding, ...]:
    if local(at).date() == on and instant(on, EARLIEST) <= at <= instant(on, LATEST):
        return ()
    return (RULES["F4_outside"].finding(time=hour(at), day=day_of(at)),)


def two_witnesses(witnesses: Sequence[str]) -> tuple[Finding, ...]:
    """The two witnesses are different people (F3)."""
    if len({fold(name) for name in witnesses}) < len(witnesses):
        return (RULES["F3_same"].finding("witnesses"),)
    return ()


def no_candidates(witnesses: Sequence[str], candidates: Collection[str]) -> tuple[Finding, ...]:
    """No witness has the name of a candidate of the three contests (F3); a namesake is asked about, not refused."""
    folded = {fold(name) for name in candidates}
    return tuple(RULES["F3_candidate"].finding("witnesses", name=name) for name in witnesses if fold(name) in folded)


def same_witnesses(here: Sequence[str], there: Sequence[str]) -> tuple[Finding, ...]:
    """The witnesses of form 32 are those of the close of polling (F3)."""
    if there and {fold(name) for name in here} != {fold(name) for name in there}:
        return (RULES["F3_other"].finding("witnesses"),)
    return ()


def listed(area: str, rights: Rights) -> tuple[Finding, ...]:
    """Men and women of a list add to its voters, where both are counted (C12)."""
    male, female = rights.male, rights.female
    if male + female and male + female != rights.na:
        facts = {"male": Figure(male), "female": Figure(female), "voters": Figure(rights.na)}
        return (RULES["C12"].finding(area, area=area, **facts),)
    return ()


@dataclass(frozen=True)
class Known:
    """What is known of an area before a report: its voters (None until the list is heard) and its slots so far."""

    voters: int | None
    slots: Mapping[str, int]


def turnout(row: AreaTurnout, slot: str, known: Known | None) -> tuple[Finding, ...]:
    """Whether a report may stand: T ≤ V, and never falling from slot to slot without a reason."""
    if known is None:
        return (RULES["A2"].finding(row.area, area=row.area),)
    if known.voters is not None and row.took_part > known.voters:
        facts = {"took_part": Figure(row.took_part), "voters": Figure(known.voters)}
        return (RULES["C2_day"].finding("took_part", **facts),)
    if not row.reason and (found := _falling(row.took_part, slot, known.slots)):
        return (found,)
    if known.voters is None:
        return (RULES["T3"].finding(row.area, area=row.area),)
    return ()


def _falling(took_part: int, slot: str, slots: Mapping[str, int]) -> Finding | None:
    before = max((each for each in slots if each < slot), default=None)
    if before is not None and took_part < slots[before]:
        facts = {"took_part": Figure(took_part), "before": Figure(slots[before])}
        return RULES["T1"].finding("took_part", slot=before, **facts)
    after = min((each for each in slots if each > slot), default=None)
    if after is not None and took_part > slots[after]:
        facts = {"took_part": Figure(took_part), "after": Figure(slots[after])}
        return RULES["T2"].finding("took_part", slot=after, **facts)
    return None


def is_late(shown: datetime, on: date, slot: str, grace: timedelta) -> bool:
    """Whether a report comes later than the grace after its slot, on the election's own clock."""
    return shown > instant(on, slot) + grace


def ballot_use(uses: Sequence[BallotUse], *, gross: bool) -> tuple[Finding, ...]:
    """R = I + D + U for each contest where "issued" is net of exchanged ballots; R = I + U where it is gross (C4)."""
    found = []
    seen = set()
    for use in uses:
        vi, en = CONTEST_NAMES[use.contest]
        if use.contest in seen:
            found.append(RULES["C4_twice"].finding(f"received.{use.contest}", contest=vi, contest_en=en))
        seen.add(use.contest)
        total = use.issued + use.unused + (0 if gross else use.spoiled)
        if total != use.received:
            found.append(
                RULES["C4"].finding(
                    *(f"{line}.{use.contest}" for line in ("received", "issued", "spoiled", "unused")),
                    contest=vi,
                    contest_en=en,
                    received=Figure(use.received),
                    sum=Figure(total),
                    parts="phát ra và còn lại" if gross else "phát ra, đổi do gạch hỏng và còn lại",
                    parts_en="issued and unused" if gross else "issued, spoiled and unused",
                )
            )
    return tuple(found)


def stands(found: Collection[Finding]) -> bool:
    """Whether what was told is stored: nothing in it must be corrected first."""
    return not any(finding.severity is Severity.BLOCK for finding in found)
