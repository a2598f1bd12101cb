"""A posted form with a file: its mark checked before anything of it is kept."""

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from services.gateway.bodies import pieces
from services.gateway.console.visits import Visit
from services.gateway.refusals import BrokenBody, WrongKind
from services.gateway.security import FORM_MARK, require_form_mark


async def upload_form(visit: Visit) -> FormData:
    """The multipart form of this session; the caller closes it."""
    request = visit.request
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise WrongKind(wanted="multipart/form-data")
    stream = pieces(request, visit.gateway.settings.gateway_upload)
    try:
        form = await MultiPartParser(request.headers, stream, max_files=1, max_fields=10).parse()
    except (MultiPartException, FormParserError, KeyError, ValueError) as broken:
        raise BrokenBody from broken
    require_form_mark(visit.token, str(form.get(FORM_MARK, "")))
    return form
