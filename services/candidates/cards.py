"""Rows as the messages people and other services read."""

from typing import Any

from services.candidates.domain.calendar import milestones
from services.candidates.domain.content import DECLARED, content_hash
from services.candidates.domain.identity_check import NUMBER, Verdict
from services.candidates.domain.lists import Standee
from services.candidates.models import DossierRow, ElectionRow, ListRow
from services.contracts.base import Finding
from services.contracts.candidates import (
    Background,
    Clock,
    Contest,
    Dossier,
    DossierAdvanced,
    Election,
    Identity,
    IdentityField,
    ListedCandidate,
    ListPublished,
    Nominator,
    OfficialList,
    Sex,
)
from services.kit.concealed import Concealer, masked

HIDDEN = "•••• •••• ••••"
"""What an answer that is kept shows of a personal number."""


def election_card(row: ElectionRow) -> Election:
    """An election with its calendar and clock."""
    return Election(
        election=row.election,
        title=row.title,
        day=row.day,
        rehearsal=row.rehearsal,
        clock=clock_of(row),
        milestones=milestones(row.day),
        slots=tuple(row.slots),
    )


def clock_of(row: ElectionRow) -> Clock:
    """The election's own clock."""
    return Clock(real_at=row.clock_real_at, shown_at=row.clock_shown_at, speed=row.clock_speed)


def declared(identity: Identity, concealer: Concealer) -> dict[str, Any]:
    """The columns of an identity: the personal number as its concealed block."""
    fields = identity.model_dump(include=set(DECLARED))
    return {**fields, "sex": str(identity.sex), "concealed": concealer.conceal(identity.personal_number)}


def identity_of(row: DossierRow, concealer: Concealer) -> Identity:
    """The declared identity of a dossier."""
    fields = {name: getattr(row, name) for name in DECLARED}
    return Identity(**fields, personal_number=concealer.reveal(row.concealed))


def content_of(row: DossierRow) -> str:
    """The hash of what the dossier says now, computed from what is stored."""
    fields = {name: getattr(row, name) for name in DECLARED}
    background = Background.model_validate(row.background)
    return content_hash(fields, row.concealed, row.contest, background, (row.nominator, row.nominated_by))


def dossier_card(row: DossierRow, concealer: Concealer | None = None) -> Dossier:
    """A dossier as its commission sees it; of the number its mask, and nothing where the answer is kept."""
    number = masked(concealer.reveal(row.concealed)) if concealer else HIDDEN
    return Dossier(
        dossier=row.dossier,
        contest=Contest(row.contest),
        unit=row.unit,
        state=row.state,
        full_name=row.full_name,
        other_name=row.other_name,
        birth_date=row.birth_date,
        sex=Sex(row.sex),
        masked_number=number,
        ethnicity=row.ethnicity,
        religion=row.religion,
        home_town=row.home_town,
        residence=row.residence,
        background=Background.model_validate(row.background),
        nominator=Nominator(row.nominator),
        nominated_by=row.nominated_by,
        constituency=row.constituency,
        identity_fields=tuple(_shown(field, number, concealer) for field in row.identity_fields),
        findings=tuple(Finding.model_validate(found) for found in (*row.receipt_findings, *row.check_findings)),
        content=row.content,
        received_at=row.received_at,
        received_by=row.received_by,
        checked_by=row.checked_by,
        confirmed_by=row.confirmed_by,
    )


def _shown(stored: dict[str, Any], number: str, concealer: Concealer | None) -> IdentityField:
    """A compared field; of the numbers no more than the mask shows, and at rest nothing at all."""
    field = IdentityField.model_validate(stored)
    if field.field != NUMBER:
        return field
    block = field.registered
    if block:
        registered = masked(concealer.reveal(bytes.fromhex(block))) if concealer else HIDDEN
    else:
        registered = number if field.verdict == Verdict.SAME else ""
    return field.model_copy(update={"declared": number, "registered": registered})


def advanced(row: DossierRow) -> DossierAdvanced:
    """The dossier as everybody may know it: no personal number, no address."""
    return DossierAdvanced(
        election=row.election,
        dossier=row.dossier,
        contest=Contest(row.contest),
        unit=row.unit,
        state=row.state,
        full_name=row.full_name,
        sex=Sex(row.sex),
        constituency=row.constituency,
        content=row.content,
    )


def standee(row: DossierRow) -> Standee:
    """What the rules of placing and listing need to know; the content is computed anew, not taken on trust."""
    return Standee(
        dossier=row.dossier,
        name=row.full_name,
        contest=Contest(row.contest),
        state=row.state,
        content_confirmed=row.confirmed_content is not None and row.confirmed_content == content_of(row),
    )


def listed(row: DossierRow) -> ListedCandidate:
    """A line of an official list, not yet in its place."""
    return ListedCandidate(
        order=1,
        dossier=row.dossier,
        full_name=row.full_name,
        other_name=row.other_name,
        birth_date=row.birth_date,
        sex=Sex(row.sex),
        ethnicity=row.ethnicity,
        religion=row.religion,
        home_town=row.home_town,
        residence=row.residence,
        background=Background.model_validate(row.background),
        nominator=Nominator(row.nominator),
    )


def lines_of(row: ListRow) -> tuple[ListedCandidate, ...]:
    """The lines of a list in their frozen order."""
    return tuple(ListedCandidate.model_validate(line) for line in row.candidates)


def list_card(row: ListRow, findings: tuple[Finding, ...] = ()) -> OfficialList:
    """An official list as it stands."""
    return OfficialList(
        constituency=row.constituency,
        contest=Contest(row.contest),
        seats=row.seats,
        candidates=lines_of(row),
        document=row.document,
        published_at=row.published_at,
        findings=findings,
    )


def list_told(row: ListRow) -> ListPublished:
    """An official list as it is told."""
    return ListPublished(
        election=row.election,
        constituency=row.constituency,
        contest=Contest(row.contest),
        seats=row.seats,
        candidates=lines_of(row),
        document=row.document,
        published_at=row.published_at,
    )
