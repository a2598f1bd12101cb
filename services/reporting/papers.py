"""Gathers what a form is made from, or says what is still missing."""

from dataclasses import dataclass
from uuid import UUID

from services.contracts.base import Unknown
from services.contracts.candidates import Constituency, Contest, Election, ListPublished
from services.contracts.daytime import VIETNAM
from services.contracts.reporting import Form, IssueDocument, NotReady
from services.contracts.results import Incident, ResultState
from services.contracts.units import Body, MemberRole
from services.kit.database import Transaction
from services.reporting.domain.facts import BoardRecordFacts, Mark, Official, Place, TeamRecordFacts
from services.reporting.domain.wording import resolution
from services.reporting.settings import ReportingSettings
from services.reporting.store import papers, places
from services.reporting.store.heard import record_fact, result_fact

TEAM_DUTIES = {
    MemberRole.HEAD: "Tổ trưởng",
    MemberRole.DEPUTY: "Ủy viên",
    MemberRole.SECRETARY: "Thư ký",
    MemberRole.MEMBER: "Ủy viên",
}
"""A Team has head, secretary and members, no deputy (LBC 25)."""
BOARD_DUTIES = {
    MemberRole.HEAD: "Trưởng ban",
    MemberRole.DEPUTY: "Phó Trưởng ban",
    MemberRole.SECRETARY: "Ủy viên",
    MemberRole.MEMBER: "Ủy viên",
}
"""A Board has head, deputies and members (LBC 24); its secretary is one of the members."""
_ORDER = list(MemberRole)


@dataclass(frozen=True)
class Source:
    """The fact a document is made from: its name, version and content."""

    fact: str
    version: int
    content: str


def team_facts(
    tx: Transaction, request: IssueDocument, election: Election, settings: ReportingSettings, document: UUID
) -> tuple[TeamRecordFacts, Source]:
    """Form 18 or 23 of the record of one area and contest, once it is approved."""
    contest = Contest.NA if request.form is Form.TEAM_NA else request.contest
    area = request.area
    if area is None or contest is None or (request.form is Form.TEAM_COUNCIL and contest is Contest.NA):
        raise NotReady(
            form=request.form, what_vi="chọn khu vực bỏ phiếu và loại bầu cử của mẫu",
            what_en="choose the polling area and the contest of the form",
        )  # fmt: skip
    if request.unit.rsplit("/", 1)[-1] != area[:5] or not papers.area_exists(tx, request.election, area):
        raise Unknown(what=f"khu vực bỏ phiếu {area}")
    record = papers.approved_record(tx, request.election, area, contest)
    if record is None:
        raise NotReady(
            form=request.form, what_vi="biên bản chưa được phê duyệt", what_en="the count record is not approved"
        )
    constituency, listed = _list_of(tx, request, record.constituency)
    team = _body(tx, request, f"{request.unit}/{area}")
    day = papers.polling(tx, request.election, area)
    incidents = papers.incidents_in(tx, request.election, area)
    facts = TeamRecordFacts(
        day=election.day,
        place=_place(tx, constituency, request.unit, settings),
        area=int(area.rsplit("-", 1)[-1]),
        members=_officials(team, TEAM_DUTIES),
        opened_at=day.opened_at,
        opening_witnesses=day.opening_witnesses,
        closed_at=day.closed_at,
        count_witnesses=day.count_witnesses,
        seats=constituency.seats,
        candidates=listed.candidates,
        figures=record.figures,
        events=tuple(_told(incident) for incident in incidents),
        unsettled=tuple(_told(incident) for incident in incidents if not incident.settled),
        ended_at=None,
        mark=Mark(document=str(document), content=record.content, rehearsal=election.rehearsal, version=record.version),
    )
    return facts, Source(record_fact(area, contest), record.version, record.content)


def board_facts(
    tx: Transaction, request: IssueDocument, election: Election, settings: ReportingSettings, document: UUID
) -> tuple[BoardRecordFacts, Source]:
    """Form 19 or 24 of the result of one constituency, once its Board has met."""
    code = request.constituency or request.unit.rsplit("/", 1)[-1]
    papers.hold(tx, f"{request.election}/{code}")
    held = places.result(tx, request.election, code)
    if held is None or held[0].path != request.unit:
        raise Unknown(what=f"kết quả đơn vị bầu cử {code}")
    result, version = held
    if (result.contest is Contest.NA) is not (request.form is Form.BOARD_NA):
        raise NotReady(
            form=request.form, what_vi=f"mẫu này không dùng cho đơn vị {code}", what_en=f"it is not the form of {code}"
        )
    if result.meeting is None or result.state not in {ResultState.PREPARED, ResultState.DECLARED}:
        raise NotReady(
            form=request.form, what_vi="Ban bầu cử chưa lập biên bản từ đủ các biên bản kiểm phiếu",
            what_en="the Board has not drawn up its record from all count records",
        )  # fmt: skip
    constituency, listed = _list_of(tx, request, code)
    board = _body(tx, request, constituency.path)
    facts = BoardRecordFacts(
        day=election.day,
        place=_place(tx, constituency, request.unit, settings),
        members=_officials(board, BOARD_DUTIES),
        meeting=result.meeting,
        seats=result.seats,
        fixed_by=resolution(constituency.resolution),
        listed_by=resolution(listed.document, listed.published_at.astimezone(VIETNAM).date()),
        totals=result.totals,
        candidates=result.candidates,
        communes=result.by_commune,
        mark=Mark(document=str(document), content=result.content, rehearsal=election.rehearsal, version=version),
        council_additional_sentence=settings.council_additional_sentence,
    )
    return facts, Source(result_fact(code), version, result.content)


def _list_of(tx: Transaction, request: IssueDocument, code: str) -> tuple[Constituency, ListPublished]:
    constituency = places.constituency(tx, request.election, code)
    listed = places.official_list(tx, request.election, code)
    if constituency is None or listed is None:
        raise NotReady(
            form=request.form, what_vi=f"chưa có danh sách chính thức của {code}",
            what_en=f"there is no official list of {code}",
        )  # fmt: skip
    return constituency, listed


def _body(tx: Transaction, request: IssueDocument, path: str) -> Body:
    body = places.body(tx, request.election, path)
    if body is None:
        raise NotReady(
            form=request.form, what_vi=f"chưa có quyết định thành lập của {path.rsplit('/', 1)[-1]}",
            what_en=f"the body of {path.rsplit('/', 1)[-1]} has not been formed",
        )  # fmt: skip
    return body


def _place(tx: Transaction, constituency: Constituency, unit: str, settings: ReportingSettings) -> Place:
    parts = unit.split("/")
    commune = places.title_of(tx, "/".join(parts[:3])) if len(parts) > 2 and parts[2].isdigit() else ""
    council = parts[2] if constituency.contest is Contest.CC else parts[1]
    return Place(
        contest=constituency.contest,
        ordinal=constituency.ordinal,
        extent=_extent(tx, constituency),
        province=places.title_of(tx, "/".join(parts[:2])),
        commune=commune,
        council_term=settings.council_terms.get(council, ""),
    )


def _extent(tx: Transaction, constituency: Constituency) -> str:
    if constituency.extent:
        return constituency.extent.removeprefix("Gồm").lstrip(" :")
    titles = places.all_titles(tx)
    return ", ".join(titles.get(code, code) for code in constituency.communes)


def _officials(body: Body, duties: dict[MemberRole, str]) -> tuple[Official, ...]:
    members = sorted(body.members, key=lambda member: _ORDER.index(member.role))
    return tuple(Official(name=member.name, duty=duties[member.role]) for member in members)


def _told(incident: Incident) -> str:
    happened = incident.happened_at.astimezone(VIETNAM)
    words = f"Vào hồi {happened.hour:02d} giờ {happened.minute:02d} phút: {incident.what.rstrip('.')}."
    done = incident.settled or incident.action
    return f"{words} Cách giải quyết: {done.rstrip('.')}." if done else words
