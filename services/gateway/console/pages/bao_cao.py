"""Documents of a unit: the forms of law that were issued, newest first."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from services.contracts.candidates import CONTEST_NAMES, Contest
from services.contracts.reporting import Documents, DocumentsOf
from services.contracts.roles import Action
from services.gateway.console.acts import act, number_of
from services.gateway.console.pages.bien_ban import document_address
from services.gateway.console.places import HERE
from services.gateway.console.visits import Visit, here

router = APIRouter()

_ROWS: Final = 50
_FORMS: Final = {
    "18": ("Biên bản kiểm phiếu, Quốc hội", "Count record, National Assembly"),
    "19": ("Biên bản xác định kết quả, Quốc hội", "Result record, National Assembly"),
    "23": ("Biên bản kiểm phiếu, HĐND", "Count record, Councils"),
    "24": ("Biên bản xác định kết quả, HĐND", "Result record, Councils"),
}
_RECORD: Final = re.compile(r"([0-9]{5}-[0-9]{3}) (NA|PC|CC)")


def _about(visit: Visit, named: str) -> str:
    """What a document is about, in words: an area and its contest, or the constituency."""
    match = _RECORD.fullmatch(named)
    if match is None:
        return named
    area = visit.words.text("khu vực {number}", number=number_of(match[1]))
    place = area if visit.place.level == "commune" else match[1]
    return f"{place} · {visit.words.pair(CONTEST_NAMES[Contest(match[2])])}"


@router.get(HERE + "/bao-cao")
async def documents(
    visit: Annotated[Visit, Depends(here)],
    form: Annotated[str, Query(alias="mau")] = "",
    page: Annotated[int, Query(alias="trang", ge=1, le=100)] = 1,
) -> Response:
    """Which forms were issued, when, by whom, and whether they still hold."""
    visit.require(Action.READ_PROGRESS)
    found = (await visit.ask(act(visit, DocumentsOf), Documents)).documents
    kept = [one for one in found if not form or one.form == form]
    return visit.page(
        "bao-cao.html",
        documents=kept[(page - 1) * _ROWS : page * _ROWS],
        counts={number: sum(1 for one in found if one.form == number) for number in _FORMS},
        forms=_FORMS,
        total=len(found),
        kept=len(kept),
        superseded=sum(1 for one in found if one.superseded),
        chosen=form,
        page_number=page,
        pages=-(-len(kept) // _ROWS),
        address_of=lambda one: document_address(visit, one),
        about=lambda one: _about(visit, one.object),
    )
