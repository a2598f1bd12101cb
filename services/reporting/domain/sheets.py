"""The words of forms 18, 19, 23 and 24: every value as it is printed, in JSON for the typesetter (forms.md 8)."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from services.contracts.candidates import Contest
from services.contracts.reporting import Form
from services.contracts.results import CandidateResult
from services.contracts.vietnamese import number, percent, shares
from services.reporting.domain.facts import BoardRecordFacts, Mark, Official, Place, Resolution, TeamRecordFacts
from services.reporting.domain.wording import (
    DRILL,
    NOTHING,
    chunks,
    day_in_words,
    moment_in_words,
    term_of,
    titled,
    years_of,
)

NUMBERS = {
    Form.TEAM_NA: "18/HĐBC-QH",
    Form.BOARD_NA: "19/HĐBC-QH",
    Form.TEAM_COUNCIL: "23/HĐBC-HĐND",
    Form.BOARD_COUNCIL: "24/HĐBC-HĐND",
}
"""The number each form prints at its top right."""

_SENT_TEAM = "Ủy ban nhân dân, Ban thường trực Ủy ban Mặt trận Tổ quốc Việt Nam cấp xã"


def team_sheet(facts: TeamRecordFacts) -> str:
    """Form 18 of the National Assembly or 23 of a Council, one polling area."""
    place, figures = facts.place, facts.figures
    valid, invalid = shares((figures.valid, figures.invalid))
    words: dict[str, Any] = {
        **_common(facts.form, place, facts.day, facts.mark),
        "commune": place.commune,
        "commune_titled": titled(place.commune),
        "area": str(facts.area),
        "day": titled(day_in_words(facts.day)),
        "members": [[member.name, member.duty] for member in facts.members],
        "opened": _moment(facts.opened_at),
        "opening_witnesses": [_witness(name) for name in facts.opening_witnesses],
        "closed": _moment(facts.closed_at),
        "count_witnesses": [_witness(name) for name in facts.count_witnesses],
        "seats": str(facts.seats),
        "standing": str(len(facts.candidates)),
        "voters": number(figures.voters),
        "took_part": number(figures.took_part),
        "turnout": percent(figures.took_part, figures.voters),
        "issued": number(figures.issued),
        "collected": number(figures.collected),
        "valid": number(figures.valid),
        "valid_share": valid,
        "invalid": number(figures.invalid),
        "invalid_share": invalid,
        "votes": [
            [candidate.titled, number(votes)] for candidate, votes in zip(facts.candidates, figures.votes, strict=True)
        ],
        "events": _told(facts.events),
        "unsettled": _told(facts.unsettled),
        "ended": _moment(facts.ended_at),
        "sent": f"Ban bầu cử {_deputies(place)}, {_SENT_TEAM}",
        "witness_names": [_witness(name)[0] for name in facts.count_witnesses],
        "head": _first(facts.members, "Tổ trưởng"),
        "secretary": _first(facts.members, "Thư ký"),
    }
    return json.dumps(words, ensure_ascii=False, sort_keys=True)


def board_sheet(facts: BoardRecordFacts) -> str:
    """Form 19 of the National Assembly or 24 of a Council, one constituency."""
    place, totals = facts.place, facts.totals
    valid, invalid = shares((totals.valid, totals.invalid))
    elected = facts.elected if not facts.turnout_short or facts.repeated else ()
    words: dict[str, Any] = {
        **_common(facts.form, place, facts.day, facts.mark),
        "met": moment_in_words(facts.meeting.held_at),
        "members": [[member.name, member.duty] for member in facts.members],
        "meeting_place": facts.meeting.place,
        "fixed_by": _resolution(facts.fixed_by),
        "listed_by": _resolution(facts.listed_by),
        "authority": authority(place),
        "commission": commission(place),
        "seats": str(facts.seats),
        "standing": str(len(facts.candidates)),
        "voters": number(totals.voters),
        "took_part": number(totals.took_part),
        "turnout": percent(totals.took_part, totals.voters),
        "issued": number(totals.issued),
        "collected": number(totals.collected),
        "valid": number(totals.valid),
        "valid_share": valid,
        "invalid": number(totals.invalid),
        "invalid_share": invalid,
        "votes": [[line.candidate.titled, number(line.votes)] for line in facts.candidates],
        "names": [line.candidate.full_name for line in facts.candidates],
        "communes": [
            [titled(line.title), number(line.areas), *[number(votes) for votes in line.votes]]
            for line in facts.communes
        ],
        "sums": [
            number(sum(line.areas for line in facts.communes)),
            *[number(line.votes) for line in facts.candidates],
        ],
        "sum_shares": [percent(line.votes, totals.valid) for line in facts.candidates],
        "elected": [_winner(line, totals.valid) for line in elected],
        "won": str(len(elected)),
        "missing": str(facts.seats - len(elected)),
        "rerun": rerun_sentence(place) if facts.proposes_rerun else "",
        "additional": additional_sentence(place) if facts.proposes_additional else "",
        "events": facts.meeting.events or NOTHING,
        "complaints_teams": facts.meeting.complaints_teams or NOTHING,
        "complaints_board": facts.meeting.complaints_board or NOTHING,
        "complaints_passed": facts.meeting.complaints_passed or NOTHING,
        "annexes": list(facts.meeting.annexes),
        "head": _first(facts.members, "Trưởng ban"),
        "deputies": [member.name for member in facts.members if member.duty == "Phó Trưởng ban"],
    }
    return json.dumps(words, ensure_ascii=False, sort_keys=True)


def rerun_sentence(place: Place) -> str:
    """9x: printed exactly when 2·T ≤ V."""
    if place.contest is Contest.NA:
        return (
            "Vì số cử tri đi bỏ phiếu chưa đạt quá nửa tổng số cử tri của đơn vị bầu cử, nên cuộc bầu cử đại biểu"
            f" Quốc hội tại đơn vị bầu cử đại biểu Quốc hội số {place.ordinal} không có giá trị."
            f" Đề nghị {commission(place)} báo cáo Hội đồng bầu cử quốc gia xem xét, quyết định việc bầu cử lại tại"
            " đơn vị bầu cử."
        )
    return (
        "Vì số cử tri đi bỏ phiếu chưa đạt quá một nửa tổng số cử tri của đơn vị bầu cử, nên cuộc bầu cử đại biểu"
        f" Hội đồng nhân dân {place.council} tại đơn vị bầu cử số {place.ordinal} không có giá trị."
        f" Đề nghị {commission(place)} xem xét, quyết định việc bầu cử lại tại đơn vị bầu cử."
    )


def additional_sentence(place: Place) -> str:
    """11x: printed exactly when an additional election is to be proposed."""
    if place.contest is Contest.NA:
        return (
            "Vì số người trúng cử đại biểu Quốc hội chưa đủ số lượng đại biểu được bầu đã ấn định cho đơn vị bầu cử"
            f" nên đề nghị {commission(place)} báo cáo Hội đồng bầu cử quốc gia để xem xét, quyết định việc bầu cử"
            " thêm tại đơn vị bầu cử."
        )
    return (
        "Vì số người trúng cử đại biểu Hội đồng nhân dân chưa đủ số lượng đại biểu được bầu đã ấn định cho đơn vị"
        f" bầu cử nên đề nghị {commission(place)} xem xét, quyết định việc bầu cử thêm tại đơn vị bầu cử."
    )


def commission(place: Place) -> str:
    """The Commission a Board reports to."""
    return f"Ủy ban bầu cử {place.province if place.contest is Contest.NA else place.council}"


def authority(place: Place) -> str:
    """Who fixed the seats and published the list."""
    return "Hội đồng bầu cử quốc gia" if place.contest is Contest.NA else commission(place)


def _common(form: Form, place: Place, day: date, mark: Mark) -> dict[str, Any]:
    return {
        "na": place.contest is Contest.NA,
        "form": NUMBERS[form],
        "term": term_of(day) if place.contest is Contest.NA else place.council_term,
        "years": years_of(day),
        "ordinal": str(place.ordinal),
        "extent": place.extent.rstrip("."),
        "province": place.province,
        "province_titled": titled(place.province),
        "council": place.council,
        "deputies_of": _deputies(place),
        "document": mark.document,
        "content": chunks(mark.content),
        "version": str(mark.version),
        "drill": DRILL if mark.rehearsal else "",
    }


def _deputies(place: Place) -> str:
    if place.contest is Contest.NA:
        return "đại biểu Quốc hội"
    return f"đại biểu Hội đồng nhân dân {place.council}"


def _witness(text: str) -> list[str]:
    name, _, home = text.partition(",")
    return [name.strip(), home.strip()]


def _moment(instant: datetime | None) -> str:
    return moment_in_words(instant) if instant is not None else ""


def _told(lines: Iterable[str]) -> list[str]:
    return list(lines) or [NOTHING]


def _resolution(named: Resolution) -> str:
    return f"{named.number} {day_in_words(named.day)}" if named.day else named.number


def _winner(line: CandidateResult, valid: int) -> list[str]:
    return [line.candidate.titled, number(line.votes), percent(line.votes, valid)]


def _first(members: Iterable[Official], duty: str) -> str:
    return next((member.name for member in members if member.duty == duty), "")
