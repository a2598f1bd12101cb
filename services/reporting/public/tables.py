"""The open data of a snapshot: JSON of each constituency, CSV of constituencies, candidates and areas."""

import json
from collections.abc import Sequence
from typing import Any

from services.contracts.candidates import Contest
from services.reporting.domain.site import SiteFacts
from services.reporting.public.views import ConstituencyView, OverviewView

_FIGURES = ("voters", "took_part", "issued", "collected", "valid", "invalid")
_PUBLIC_CANDIDATE = {"order", "dossier", "full_name", "other_name", "sex", "ethnicity", "religion", "home_town"}


def as_json(data: object) -> bytes:
    """JSON with sorted keys: equal facts give equal bytes."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def constituency_json(facts: SiteFacts, view: ConstituencyView) -> bytes:
    """One constituency: figures and outcomes when official, else only who stands and how far the count is."""
    told: dict[str, Any] = {
        "election": facts.election.election,
        "rehearsal": facts.election.rehearsal,
        "constituency": view.code,
        "contest": view.contest,
        "title": view.title.vi,
        "extent": view.extent,
        "seats": view.seats,
        "areas": view.areas,
        "approved": view.approved,
        "results_status": view.status,
    }
    if view.result is None:
        listed = facts.lists.get(view.code)
        told["standing"] = (
            [line.model_dump(mode="json", include=_PUBLIC_CANDIDATE) for line in listed.candidates] if listed else []
        )
        return as_json(told)
    result = view.result
    told |= {
        "totals": result.totals.model_dump(mode="json"),
        "elected": result.elected,
        "missing": result.missing,
        "majority": result.majority,
        "valid_turnout": result.valid_turnout,
        "rerun": result.rerun,
        "additional_election": result.additional_election,
        "content": result.content,
        "declared_at": result.declared_at.isoformat() if result.declared_at else None,
        "candidates": [
            {
                "candidate": line.candidate.model_dump(mode="json", include=_PUBLIC_CANDIDATE),
                "votes": line.votes,
                "share": line.share,
                "elected": line.elected,
                "outcome": line.outcome,
            }
            for line in result.candidates
        ],
        "by_commune": [line.model_dump(mode="json") for line in result.by_commune],
    }
    return as_json(told)


def overview_json(facts: SiteFacts, overviews: Sequence[OverviewView]) -> bytes:
    """The whole election: status and progress of each contest; words of NIST SP 1500-100."""
    return as_json(
        {
            "election": facts.election.election,
            "title": facts.election.title,
            "day": facts.election.day.isoformat(),
            "rehearsal": facts.election.rehearsal,
            "number": facts.number,
            "published_at": facts.published_at.isoformat(),
            "contests": [
                {
                    "contest": view.contest,
                    "title": view.title.vi,
                    "results_status": view.status,
                    "areas": view.areas,
                    "approved_records": view.approved,
                    "constituencies": len(view.constituencies),
                    "declared": len(view.declared),
                    "seats": view.seats,
                    "elected": view.elected,
                    "voters": view.voters,
                    "took_part": view.took_part,
                }
                for view in overviews
            ],
        }
    )


CONSTITUENCIES = (
    "election", "rehearsal", "constituency", "contest", "title", "seats", "areas", "approved", "results_status",
    *_FIGURES, "elected", "missing",
)  # fmt: skip
CANDIDATES = (
    "election", "rehearsal", "constituency", "order", "full_name", "sex", "votes", "share", "elected", "outcome",
)  # fmt: skip


def areas_head(most: int) -> tuple[str, ...]:
    """The columns of a table of areas whose longest list has so many candidates."""
    votes = (f"votes_{order}" for order in range(1, most + 1))
    return ("election", "rehearsal", "constituency", "area", "place", *_FIGURES, *votes)


def constituency_rows(facts: SiteFacts, views: Sequence[ConstituencyView]) -> list[list[object]]:
    """A row a constituency; figures empty until official."""
    return [
        [*_who(facts), view.code, view.contest, view.title.vi, view.seats, view.areas, view.approved, view.status,
         *([getattr(view.result.totals, name) for name in _FIGURES] if view.result else [""] * len(_FIGURES)),
         *([view.result.elected, view.result.missing] if view.result else ["", ""])]
        for view in views
    ]  # fmt: skip


def candidate_rows(facts: SiteFacts, views: Sequence[ConstituencyView]) -> list[list[object]]:
    """A row a candidate; votes empty until official."""
    rows: list[list[object]] = []
    for view in views:
        if view.result is not None:
            rows += [
                [*_who(facts), view.code, line.candidate.order, line.candidate.full_name, line.candidate.sex,
                 line.votes, line.share, int(line.elected), line.outcome]
                for line in view.result.candidates
            ]  # fmt: skip
        elif view.code in facts.lists:
            rows += [
                [*_who(facts), view.code, line.order, line.full_name, line.sex, "", "", "", ""]
                for line in facts.lists[view.code].candidates
            ]
    return rows


def area_rows(facts: SiteFacts, contest: Contest, views: Sequence[ConstituencyView]) -> list[list[object]]:
    """A row an area of every declared constituency of a contest, with the votes of each candidate."""
    return [
        [*_who(facts), view.code, sheet.area, sheet.place, *(getattr(sheet.figures, name) for name in _FIGURES),
         *sheet.figures.votes]
        for view in views
        if view.contest is contest and view.result is not None
        for sheet in view.sheets
    ]  # fmt: skip


def search_rows(views: Sequence[ConstituencyView]) -> tuple[list[list[str]], list[list[str]]]:
    """What the search looks through: text and address of constituencies, and of candidates."""
    places = [[view.title.vi, f"{view.path}.html"] for view in views]
    people = [[f"{line.name.vi} · {view.title.vi}", f"{view.path}.html"] for view in views for line in view.lines]
    return places, people


def search_json(facts: SiteFacts, rows: Sequence[Sequence[str]]) -> bytes:
    """The rows of constituencies and candidates, then those of every commune."""
    found = list(rows)
    for code in sorted({row.commune for row in facts.sums}):
        province = facts.names.get(facts.parents.get(code, ""), "")
        found.append([f"{facts.titles.get(code, code)}, {province}", f"dia-ban/{code}.html"])
    return (json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _who(facts: SiteFacts) -> list[object]:
    return [facts.election.election, "DIỄN TẬP" if facts.election.rehearsal else ""]
