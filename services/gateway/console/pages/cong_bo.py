"""Publication: the signed snapshots, published from here; and the static public pages as reporting wrote them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from services.contracts.base import Job, NotAllowed, Refusal, Told
from services.contracts.reporting import Publications, PublicationsOf, PublishSnapshot, Snapshots, SnapshotsOf
from services.contracts.roles import Action
from services.contracts.vietnamese import percent
from services.gateway.console.acts import act, key_of
from services.gateway.console.desk import desk_of
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here
from services.gateway.state import gateway_of

router = APIRouter()

PUBLIC: Final = "/cong-bo"
_LATEST: Final = "latest"
_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jws": "text/plain; charset=utf-8",
    ".sig": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".pem": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Published:
    """An election with public results."""

    election: str
    rehearsal: bool
    title: str


@router.get(HERE + "/cong-bo")
async def snapshots(visit: Annotated[Visit, Depends(here)]) -> Response:
    """What the public reads, since when, and whether it can be checked."""
    return await _page(visit)


@router.post(HERE + "/cong-bo")
async def publish(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Order a snapshot of everything declared, signed; the page then shows how far it is."""
    visit.require(Action.PUBLISH_SNAPSHOT)
    form = await visit.form()
    try:
        await visit.ask(act(visit, PublishSnapshot, key=key_of(form)), Job)
    except Refusal as refused:
        return await _page(visit, refused.told())
    return visit.go(f"{visit.address}/cong-bo")


async def _page(visit: Visit, refused: Told | None = None) -> Response:
    visit.require(Action.READ_PROGRESS)
    if visit.place.level != "nation":
        raise NotAllowed
    found = await visit.ask(act(visit, SnapshotsOf), Snapshots)
    ordered = await visit.ask(act(visit, PublicationsOf), Publications)
    job, person = next(zip(ordered.jobs, ordered.people, strict=True), (None, ""))
    return visit.page(
        "cong-bo.html",
        refused.status if refused else 200,
        refused=refused,
        snapshots=found.snapshots,
        job=job,
        person=person,
        under_way=job is not None and job.ended_at is None,
        share=percent(min(job.done, job.total), job.total) if job else "0,00",
        may_publish=visit.may(Action.PUBLISH_SNAPSHOT),
    )


@router.get("/favicon.ico")
async def mark(request: Request) -> Response:
    """The mark, for pages that do not name one."""
    return RedirectResponse(desk_of(request).assets.address("mark.svg"), 308)


@router.get(PUBLIC)
async def public_without_slash() -> Response:
    return RedirectResponse(f"{PUBLIC}/", 308)


@router.get(PUBLIC + "/")
async def public_index(request: Request) -> Response:
    """The elections that have public results."""
    desk = desk_of(request)
    folder = gateway_of(request).settings.public_folder
    held = await run_in_threadpool(_published, folder)
    return desk.page(request, desk.words(request), "pages/cong-bo-muc.html", held=held)


def _published(folder: Path) -> list[Published]:
    """Real elections before rehearsals, newest first."""
    found = [
        Published(place.name, place.name.startswith("dien-tap-"), _title(place / _LATEST))
        for place in folder.iterdir()
        if (place / _LATEST / "index.html").is_file()
    ]
    return sorted(found, key=lambda one: (one.rehearsal, _descending(one.election)))


def _descending(election: str) -> int:
    digits = election.rsplit("-", 1)[-1]
    return -int(digits) if digits.isdecimal() else 0


def _title(folder: Path) -> str:
    """The election's own title, as the snapshot tells it."""
    for name in ("manifest.json", "election.json"):
        place = folder / name
        if place.is_file():
            try:
                told = json.loads(place.read_text())
            except ValueError:
                return ""
            if isinstance(told, dict) and isinstance(told.get("title"), str):
                return str(told["title"])
    return ""


@router.get(PUBLIC + "/{election:election}")
async def public_election(election: str) -> Response:
    return RedirectResponse(f"{PUBLIC}/{election}/", 308)


@router.get(PUBLIC + "/{election:election}/{rest:path}")
async def public_file(request: Request, election: str, rest: str) -> Response:
    """A file of the newest snapshot, and of nothing else on this machine."""
    root = gateway_of(request).settings.public_folder / election / _LATEST
    place = await run_in_threadpool(_inside, root, rest)
    if place is None:
        raise NotAllowed
    if place.is_dir():
        return RedirectResponse(f"{request.url.path}/", 308)
    kind = _KINDS.get(place.suffix, "application/octet-stream")
    return FileResponse(place, media_type=kind, headers={"Cache-Control": "public, max-age=30"})


def _inside(root: Path, rest: str) -> Path | None:
    """The file an address names, if it lies in the snapshot; an address that ends with a slash means its index."""
    held = root.resolve()
    place = (held / rest).resolve()
    if place != held and held not in place.parents:
        return None
    if rest.endswith("/") or not rest:
        place /= "index.html"
    elif not place.exists() and place.with_name(f"{place.name}.html").is_file():
        place = place.with_name(f"{place.name}.html")
    return place if place.exists() else None
