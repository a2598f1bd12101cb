"""Accounts from a file: the template, a look at every row and finding, then all rows or none and the sheet to print."""

import io
from typing import Annotated, Final

import xlsxwriter
from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.contracts.accounts import (
    FILE_COLUMNS,
    FILE_ROWS,
    ActivationSheet,
    CheckAccountFile,
    CreateFromFile,
    FileChecked,
)
from services.contracts.base import Refusal, Severity, Told
from services.contracts.roles import ROLE_NAMES, Action
from services.gateway.console.acts import act, key_of, line_of
from services.gateway.console.pages.tai_khoan import TAI_KHOAN, choices, level_of, sheet, unit_words
from services.gateway.console.uploads import upload_form
from services.gateway.console.visits import Visit, here

router = APIRouter()

_TEP: Final = TAI_KHOAN + "/tep"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN: Final = 200


@router.get(_TEP)
async def file_form(visit: Annotated[Visit, Depends(here)]) -> Response:
    """Choose a file, or take the template."""
    return _page(visit)


@router.post(_TEP)
async def check(visit: Annotated[Visit, Depends(here)]) -> Response:
    """What would happen with the file; nothing is written."""
    visit.require(Action.CREATE_ACCOUNTS)
    form = await upload_form(visit)
    sent = form.get("file")
    try:
        if not isinstance(sent, UploadFile) or not sent.filename:
            return _page(visit, no_file=True)
        name = await run_in_threadpool(visit.gateway.files.put, sent.file)
        return await _checked(visit, name, sent.filename[-200:])
    except Refusal as refused:
        return _page(visit, refused.told())
    finally:
        await form.close()


@router.post(_TEP + "/cap")
async def create(visit: Annotated[Visit, Depends(here)]) -> Response:
    """All rows of the file that was looked at, or none; the sheet to print follows."""
    visit.require(Action.CREATE_ACCOUNTS)
    form = await visit.form()
    name, title = line_of(form, "file"), line_of(form, "title")
    try:
        asked = act(visit, CreateFromFile, key=key_of(form), file=name)
        made = await visit.ask(asked, ActivationSheet)
    except Refusal as refused:
        if refused.findings:
            return await _checked(visit, name, title, refused.told())
        return _page(visit, refused.told())
    return sheet(visit, made)


@router.get(TAI_KHOAN + "/mau.xlsx")
async def template(visit: Annotated[Visit, Depends(here)]) -> Response:
    """An empty file with the headings, and the roles of this unit to choose from."""
    visit.require(Action.CREATE_ACCOUNTS)
    roles = [vi for _, (vi, _) in choices(visit)]
    content = await run_in_threadpool(_template, roles, visit.place.code)
    name = f"tai-khoan-{visit.place.code}.xlsx"
    return Response(content, media_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _template(roles: list[str], unit: str) -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    rows, words = book.add_worksheet("Tài khoản"), book.add_worksheet("Vai trò")
    bold, plain = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    rows.write_row(0, 0, FILE_COLUMNS, bold)
    for place, (wide, look) in enumerate(((30, plain), (24, plain), (32, plain), (14, plain), (16, plain), (14, day))):
        rows.set_column(place, place, wide, look)
    rows.freeze_panes(1, 0)
    words.write_column(0, 0, roles)
    words.set_column(0, 0, 40)
    source = f"='Vai trò'!$A$1:$A${len(roles)}"
    rows.data_validation(1, 2, FILE_ROWS, 2, {"validate": "list", "source": source, "error_type": "warning"})
    rows.data_validation(1, 3, FILE_ROWS, 3, {"validate": "any", "input_message": f"Để trống là {unit}"})
    book.close()
    return kept.getvalue()


async def _checked(visit: Visit, name: str, title: str, refused: Told | None = None) -> Response:
    """Every row as understood and everything wrong; the file is created from only when nothing blocks."""
    found = await visit.ask(act(visit, CheckAccountFile, file=name), FileChecked)
    blocking = sum(finding.severity is Severity.BLOCK for finding in found.findings) + found.more_findings
    rows = [
        (row, ROLE_NAMES[row.role] if row.role else ("–", "–"), unit_words(visit, row.unit))
        for row in found.rows[:_SHOWN]
    ]
    return _page(visit, refused, rows=rows, found=found, blocking=blocking, file=name, title=title)


def _page(visit: Visit, refused: Told | None = None, *, no_file: bool = False, **facts: object) -> Response:
    level_of(visit)
    visit.require(Action.CREATE_ACCOUNTS)
    shown: dict[str, object] = {"found": None, "rows": [], "blocking": 0, "file": "", "title": ""}
    wrong = refused.status if refused else 422 if no_file or facts.get("blocking") else 200
    return visit.page(
        "tai-khoan-tep.html",
        wrong,
        refused=refused,
        no_file=no_file,
        columns=FILE_COLUMNS,
        most=FILE_ROWS,
        **{**shown, **facts},
    )
