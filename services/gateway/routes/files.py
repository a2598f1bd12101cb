"""Files in and issued documents out. Content is named by its SHA-256."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, BinaryIO, Final, cast
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.contracts.base import ElectionId, Hash, Message, UnitPath
from services.contracts.reporting import Document, DocumentOf
from services.gateway.bodies import pieces
from services.gateway.doors import PREFIX
from services.gateway.machines import where
from services.gateway.refusals import BrokenBody, WrongKind, json_answer
from services.gateway.security import token_of
from services.gateway.state import Gateway, gateway_of

router = APIRouter(tags=["files"])

_PIECE: Final = 1 << 18
_SECONDS: Final = 900


class Stored(Message):
    """A file as it is stored: the name to give to a door that takes a file."""

    file: Hash
    size: int


@router.post(f"{PREFIX}/files", operation_id="put_file", response_model=Stored)
async def put_file(request: Request) -> Response:
    """Store a file: the body itself, or the field `file` of a multipart form. At most 200 MB."""
    gateway = gateway_of(request)
    token = token_of(request.headers, request.cookies)
    await gateway.sessions.papers(token, where=where(request))
    async with gateway.slots.one(token or ""):
        stored = await store(gateway, request)
    return json_answer(stored.model_dump(), headers={"Cache-Control": "no-store"})


async def store(gateway: Gateway, request: Request) -> Stored:
    """The body of a request in the file store, whichever way it came."""
    try:
        async with asyncio.timeout(_SECONDS):
            if request.headers.get("content-type", "").startswith("multipart/"):
                upload = await uploaded(gateway, request)
                try:
                    return await _kept(gateway, upload.file)
                finally:
                    await upload.close()
            with tempfile.TemporaryFile() as spool:
                async for piece in pieces(request, gateway.settings.gateway_upload):
                    await run_in_threadpool(spool.write, piece)
                return await _kept(gateway, cast("BinaryIO", spool))
    except TimeoutError as slow:
        raise BrokenBody from slow


async def uploaded(gateway: Gateway, request: Request) -> UploadFile:
    """The field `file` of a multipart form."""
    stream = pieces(request, gateway.settings.gateway_upload)
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=10)
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, ValueError) as broken:
        raise BrokenBody from broken
    found = form.get("file")
    if not isinstance(found, UploadFile):
        raise WrongKind(wanted="multipart/form-data; file=…")
    return found


async def _kept(gateway: Gateway, spool: IO[bytes]) -> Stored:
    def keep() -> Stored:
        size = spool.seek(0, 2)
        spool.seek(0)
        return Stored(file=gateway.files.put(cast("BinaryIO", spool)), size=size)

    return await run_in_threadpool(keep)


@router.get(f"{PREFIX}/documents/{{document}}", operation_id="get_document", response_class=StreamingResponse)
async def get_document(
    request: Request,
    document: UUID,
    election: Annotated[ElectionId, Query()],
    unit: Annotated[UnitPath, Query()],
    download: bool = False,
) -> StreamingResponse:
    """An issued document as PDF, once reporting has said that this person may read it."""
    gateway = gateway_of(request)
    papers = await gateway.sessions.papers(token_of(request.headers, request.cookies), where=where(request))
    question = DocumentOf(election=election, unit=unit, document=document)
    issued = await gateway.line.ask(question, Document, passport=papers.passport)
    content = await run_in_threadpool(gateway.files.open, issued.file)
    way = "attachment" if download else "inline"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(issued.file_name)}",
        "Cache-Control": "private, no-store",
        "ETag": f'"{issued.file}"',
    }
    return StreamingResponse(_read(content), media_type="application/pdf", headers=headers)


def _read(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(_PIECE):
            yield piece
