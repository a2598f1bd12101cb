"""The doors of documents: forms of law issued as PDF, kept by hash, marked when superseded."""

from uuid import UUID, uuid4

from services.contracts.base import Unknown
from services.contracts.reporting import (
    Document,
    DocumentIssued,
    DocumentOf,
    Documents,
    DocumentsOf,
    Form,
    IssueDocument,
)
from services.contracts.roles import Action
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc
from services.reporting import papers
from services.reporting.desk import Desk
from services.reporting.domain.facts import BoardRecordFacts, TeamRecordFacts
from services.reporting.domain.sheets import NUMBERS
from services.reporting.domain.wording import DRILL
from services.reporting.forms.printed import printed
from services.reporting.models import DocumentRow
from services.reporting.store import papers as shelf
from services.reporting.store import places

MOST = 500
_TITLES = {
    Form.TEAM_NA: "Biên bản kết quả kiểm phiếu bầu cử đại biểu Quốc hội",
    Form.TEAM_COUNCIL: "Biên bản kết quả kiểm phiếu bầu cử đại biểu Hội đồng nhân dân",
    Form.BOARD_NA: "Biên bản xác định kết quả bầu cử đại biểu Quốc hội",
    Form.BOARD_COUNCIL: "Biên bản xác định kết quả bầu cử đại biểu Hội đồng nhân dân",
}


class DocumentDoors(Desk):
    """A document is made from facts as they stand, names their version, and is never made over."""

    @rpc(may=Action.ISSUE_DOCUMENT)
    def issue_document(self, request: IssueDocument, by: Actor, tx: Transaction) -> Document:
        election = places.election_held(tx, request.election)
        document = uuid4()
        made: TeamRecordFacts | BoardRecordFacts
        if request.form in {Form.TEAM_NA, Form.TEAM_COUNCIL}:
            made, source = papers.team_facts(tx, request, election, self.settings, document)
        else:
            made, source = papers.board_facts(tx, request, election, self.settings, document)
        subject = source.fact.split("/", 1)[1].replace("/", " ")
        row = DocumentRow(
            document=document,
            election=request.election,
            fact=source.fact,
            fact_version=source.version,
            form=request.form,
            title=_TITLES[request.form],
            object=subject,
            unit=request.unit,
            file=self.files.put(printed(made)),
            content=source.content,
            file_name=file_name(request.form, subject, rehearsal=election.rehearsal),
            issued_at=by.at,
            shown_at=election.clock.at(by.at),
            issued_by=by.name,
            superseded=False,
        )
        shelf.keep_document(tx, row)
        issued = _document(row)
        tx.emit(DocumentIssued(election=request.election, document=issued))
        return issued

    @rpc(may=Action.ISSUE_DOCUMENT)
    def documents_of(self, request: DocumentsOf, by: Actor, tx: Transaction) -> Documents:
        rows = shelf.documents_within(tx, request.election, request.unit, MOST)
        return Documents(documents=tuple(_document(row) for row in rows))

    @rpc(may=Action.ISSUE_DOCUMENT)
    def document_of(self, request: DocumentOf, by: Actor, tx: Transaction) -> Document:
        row = shelf.document(tx, request.election, request.document)
        if row is None or not (row.unit == request.unit or row.unit.startswith(f"{request.unit}/")):
            raise Unknown(what=f"văn bản {_short(request.document)}")
        return _document(row)


def file_name(form: Form, subject: str, *, rehearsal: bool) -> str:
    """The name a document is saved under; a rehearsal says so in its first words."""
    name = f"{NUMBERS[form].replace('/', '-')} {subject}.pdf"
    return f"{DRILL} {name}" if rehearsal else name


def _document(row: DocumentRow) -> Document:
    return Document(
        document=row.document,
        form=Form(row.form),
        title=row.title,
        object=row.object,
        unit=row.unit,
        file=row.file,
        content=row.content,
        file_name=row.file_name,
        issued_at=row.shown_at,
        issued_by=row.issued_by,
        superseded=row.superseded,
    )


def _short(document: UUID) -> str:
    return str(document)[:8]
