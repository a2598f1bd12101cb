"""The election the battery posts to: prepared by the rehearsal's own steps up to the evening of polling day."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from deploy.chaos.stack import Attacked, keep
from deploy.rehearsal import __main__ as rehearsal
from deploy.rehearsal import counting, polling
from deploy.rehearsal.gate import Gate, Officer, sign_in
from deploy.rehearsal.planted import Planted
from deploy.rehearsal.stage import Stage
from deploy.rehearsal.structure import Size
from deploy.rehearsal.votes import CURVE

PROVINCE = "46"
ROLES = (("secretary", 1), ("typist", 1), ("typist", 2))


@dataclass
class Commune:
    """A commune's areas with their voters, and who acts for it."""

    path: str
    areas: dict[str, int]
    officers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass
class Election:
    """What the client knows: the communes, the slots, and what every count record says on paper."""

    election: str
    communes: list[Commune]
    papers: dict[str, dict[str, Any]]  # "area/contest" → figures
    slots: list[str] = field(default_factory=lambda: list(CURVE))


async def prepare(stack: Attacked, areas: int, seed: int, console: Console) -> Election:
    """An election whose areas have closed and recorded form 32: turnout may be corrected, count records entered."""
    folder = stack.var / "rehearsal"
    folder.mkdir(parents=True, exist_ok=True)
    with Progress(console=console, disable=True) as progress:
        stage = Stage(Gate(stack.gateway), folder, seed, progress, Planted())
        try:
            await rehearsal.until_polling_day(stage, [PROVINCE], Size(areas))
            papers = polling.count_on_paper(stage)
            await polling.open_areas(stage)
            await polling.close_areas(stage)
            await counting.ballot_use(stage, papers)
        finally:
            stage.keep_officers()
            await stage.gate.close()
    election = Election(
        stage.election,
        [_commune(stage, unit.path) for unit in stage.the_plan.communes],
        {f"{area}/{contest}": paper.figures() for (area, contest), paper in papers.items()},
    )
    keep(stack.var / "prepared.json", asdict(election))
    return election


def _commune(stage: Stage, path: str) -> Commune:
    areas = [area for area in stage.the_plan.areas if area.commune.path == path]
    rights = stage.files[path].rights
    officers = {f"{role}{number}": stage.officer(role, path, number) for role, number in ROLES}
    return Commune(
        path,
        {area.code: rights[area.code].na for area in areas},
        {name: vars(officer) | {"token": ""} for name, officer in officers.items()},
        {name: officer.token for name, officer in officers.items()},
    )


async def prepared(stack: Attacked) -> Election:
    """The election of an earlier run, its officers signed in anew."""
    told = json.loads((stack.var / "prepared.json").read_text(encoding="utf-8"))
    election = Election(**{**told, "communes": [Commune(**commune) for commune in told["communes"]]})
    gate = Gate(stack.gateway)
    try:
        for commune in election.communes:
            for name, kept in commune.officers.items():
                officer = Officer(**kept)
                await sign_in(gate, officer)
                commune.tokens[name] = officer.token
                commune.officers[name] = vars(officer) | {"token": ""}
    finally:
        await gate.close()
    keep(stack.var / "prepared.json", asdict(election))
    return election


def is_prepared(var: Path) -> bool:
    """Whether an earlier run left its election."""
    return (var / "prepared.json").exists()
