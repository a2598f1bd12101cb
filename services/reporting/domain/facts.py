"""What the forms of law are made from: frozen facts, read once and named by the versions they had."""

from dataclasses import dataclass
from datetime import date, datetime

from services.contracts.candidates import Contest, ListedCandidate
from services.contracts.reporting import Form
from services.contracts.results import CandidateResult, CommuneLine, Figures, Meeting, Totals


@dataclass(frozen=True)
class Mark:
    """The machine mark outside the form: which document, made from which content and version of the fact."""

    document: str
    content: str
    rehearsal: bool
    version: int = 1


@dataclass(frozen=True)
class Place:
    """A constituency as the forms name it: its number, extent, unit, and the Council it elects to."""

    contest: Contest
    ordinal: int
    extent: str
    province: str
    commune: str = ""
    council_term: str = ""

    @property
    def council(self) -> str:
        """The unit whose Council is elected: "thành phố Huế", "phường Vỹ Dạ"."""
        return self.commune if self.contest is Contest.CC else self.province


@dataclass(frozen=True)
class Official:
    """A member of a body with the place the forms give them."""

    name: str
    duty: str


@dataclass(frozen=True)
class TeamRecordFacts:
    """Everything forms 18/HĐBC-QH and 23/HĐBC-HĐND say. `ended_at` None: left for the pen."""

    day: date
    place: Place
    area: int
    members: tuple[Official, ...]
    opened_at: datetime | None
    opening_witnesses: tuple[str, ...]
    closed_at: datetime | None
    count_witnesses: tuple[str, ...]
    seats: int
    candidates: tuple[ListedCandidate, ...]
    figures: Figures
    events: tuple[str, ...]
    unsettled: tuple[str, ...]
    ended_at: datetime | None
    mark: Mark

    @property
    def form(self) -> Form:
        return Form.TEAM_NA if self.place.contest is Contest.NA else Form.TEAM_COUNCIL


@dataclass(frozen=True)
class Resolution:
    """A resolution by number, and its day when known: "85/NQ-HĐBCQG", 15/12/2025."""

    number: str
    day: date | None = None


@dataclass(frozen=True)
class BoardRecordFacts:
    """Everything forms 19/HĐBC-QH and 24/HĐBC-HĐND say. `repeated`: the record of a re-run or additional election."""

    day: date
    place: Place
    members: tuple[Official, ...]
    meeting: Meeting
    seats: int
    fixed_by: Resolution
    listed_by: Resolution
    totals: Totals
    candidates: tuple[CandidateResult, ...]
    communes: tuple[CommuneLine, ...]
    mark: Mark
    repeated: bool = False
    council_additional_sentence: str = "law"

    @property
    def form(self) -> Form:
        return Form.BOARD_NA if self.place.contest is Contest.NA else Form.BOARD_COUNCIL

    @property
    def elected(self) -> tuple[CandidateResult, ...]:
        """Who is elected, most votes first; equal votes by age."""
        won = [line for line in self.candidates if line.elected]
        return tuple(sorted(won, key=lambda line: (-line.votes, line.candidate.birth_date)))

    @property
    def turnout_short(self) -> bool:
        """At most half of the voters took part: 2·T ≤ V (LBC 80)."""
        return 2 * self.totals.took_part <= self.totals.voters

    @property
    def proposes_rerun(self) -> bool:
        """Sentence 9x: the turnout was short, and this is not itself the record of a repeated election."""
        return self.turnout_short and not self.repeated

    @property
    def proposes_additional(self) -> bool:
        """Sentence 11x. NA: any seat missing; Councils: elected under two thirds of the seats (LBC 79.2; forms.md 8.3).

        Where the turnout was short a re-run is proposed, and nobody was elected to be too few.
        """
        if self.repeated or self.turnout_short:
            return False
        won = len(self.elected)
        if self.place.contest is Contest.NA or self.council_additional_sentence == "form":
            return won < self.seats
        return 3 * won < 2 * self.seats
