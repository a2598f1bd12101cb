"""The doors of imports: a file is accepted at once and worked in the background, all of its rows or none."""

import time
import traceback
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from services.contracts.base import Finding, Job, Unknown
from services.contracts.roles import Action
from services.contracts.vietnamese import percent
from services.contracts.voters import (
    Area,
    ImportAdvanced,
    ImportOf,
    Imports,
    ImportsOf,
    ImportVoters,
)
from services.kit.apart import Overwhelmed, apart
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import every, rpc
from services.kit.pipeline import is_away
from services.voters.desk import Desk, commune_of, election_held, list_told
from services.voters.domain.rules import RULES
from services.voters.domain.states import VOTER_LIST_STATES, ImportState, ListAct
from services.voters.file_work import MOST_FINDINGS, Facts, Unreadable, Worked, overwhelming, work_file
from services.voters.models import AreaRow, ImportRow
from services.voters.store import areas, entries, imports

_ATTEMPTS = 5


class Refused(Exception):
    """The file is refused with these findings; whatever was written of it is rolled back."""

    def __init__(self, findings: tuple[Finding, ...], more: int = 0) -> None:
        self.findings, self.more = findings, more
        super().__init__(f"{len(findings) + more} findings")


class ImportDoors(Desk):
    """Imports of voter files."""

    @rpc(may=Action.IMPORT_VOTERS)
    def import_voters(self, request: ImportVoters, by: Actor, tx: Transaction) -> Job:
        """The file waits for its turn; the lists it is for must not be posted yet."""
        commune = commune_of(request.unit)
        self.files.path(request.file)
        election_held(tx, request.election)
        rows = areas.areas_below(tx, request.election, request.unit)
        if not rows:
            raise Unknown(what=f"khu vực bỏ phiếu của xã {commune}")
        for row in rows:
            VOTER_LIST_STATES.advance(row.state, ListAct.IMPORT)
        job = imports.card(imports.accept(tx, request, uuid4(), by))
        self.spawn(self.work_imports)
        return job

    @rpc(may=Action.READ_VOTERS)
    def import_of(self, request: ImportOf, by: Actor, tx: Transaction) -> Job:
        row = imports.job(tx, request.job)
        if row is None or (row.election, row.unit) != (request.election, request.unit):
            raise Unknown(what="lần nhập này")
        return imports.card(row)

    @rpc(may=Action.READ_VOTERS)
    def imports_of(self, request: ImportsOf, by: Actor, tx: Transaction) -> Imports:
        rows = imports.imports_of(tx, request.election, request.unit)
        cards = tuple(imports.card(row).model_copy(update={"findings": ()}) for row in rows)
        names, people = tuple(row.file_name for row in rows), tuple(row.by_name for row in rows)
        return Imports(jobs=cards, names=names, people=people)

    @every(5)
    def resume_imports(self, tx: Transaction) -> None:
        """A job whose process was killed, or that came while all places were taken, finds a worker again."""
        self.spawn(self.work_imports)

    def work_imports(self) -> None:
        """Work one job after another until none waits or enough are under way."""
        while True:
            with self.db.transaction() as tx:
                job = imports.next_job(tx, datetime.now(UTC), self.own_settings.imports_at_once)
            if job is None:
                return
            self.work_import(job)

    def work_import(self, id: UUID) -> None:
        """From the file to the lists; a file with a blocking finding leaves no trace but its findings."""
        try:
            row, worked = self._worked(id)
            self._write(id, row, worked)
        except Refused as refused:
            self._end(id, ImportState.REFUSED, refused.findings, refused.more)
        except Unreadable as unreadable:
            self._end(id, ImportState.REFUSED, unreadable.findings, 0)
        except Overwhelmed:
            self.log.warning("import overwhelmed its reader", job=str(id))
            self._end(id, ImportState.REFUSED, overwhelming().findings, 0)
        except Exception as error:  # noqa: BLE001  whatever it is, the officer is told and the next job is worked
            if isinstance(error, entries.NotNow) or is_away(error):
                self.log.warning("import waits for the database", job=str(id), error=type(error).__name__)
                return
            place = traceback.format_tb(error.__traceback__)[-4:]  # the message may quote a row of the file
            place += getattr(error, "__notes__", [])  # of the process the file was worked in
            self.log.error("import failed", job=str(id), error=type(error).__name__, place=place)  # noqa: TRY400
            self._end(id, ImportState.FAILED, (), 0)

    def _worked(self, id: UUID) -> tuple[ImportRow, Worked]:
        with self.db.transaction(read_only=True) as tx:
            row = imports.job(tx, id)
            assert row is not None
            known = {
                area.code: Area.model_validate(area.told) for area in areas.areas_below(tx, row.election, row.unit)
            }
            facts = Facts(known, election_held(tx, row.election).day)
        read = partial(self._read, id)
        worked = apart(work_file, self.files.path(row.file), row.election, facts, self.concealer, told=read)
        if worked.blocked:
            raise Refused(worked.findings, worked.more)
        self._advance(id, state=ImportState.WRITING, done=worked.rows)
        return row, worked

    def _read(self, id: UUID, rows: int) -> None:
        self._advance(id, state=ImportState.CHECKING, total=rows)

    def _write(self, id: UUID, job: ImportRow, worked: Worked) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._commit(id, job, worked)
            except entries.OnAnotherList:
                found, more = self._on_other_lists(job, worked)
                if found or attempt == _ATTEMPTS:  # nothing found: the other list's import was rolled back meanwhile
                    raise Refused(found, more) from None
            except entries.NotNow:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(attempt)
            else:
                return

    def _commit(self, id: UUID, job: ImportRow, worked: Worked) -> None:
        now = datetime.now(UTC)
        with self.db.transaction(cause=f"import:{id}") as tx:
            if not imports.still_open(tx, id):
                return
            held = list(areas.areas_held(tx, job.election, job.unit))
            states = {VOTER_LIST_STATES.advance(row.state, ListAct.IMPORT) for row in held}
            codes = [row.code for row in held]
            self._require_second_person(tx, job, held, codes, worked)
            entries.replace_entries(tx, job.election, codes, worked.lines)
            areas.drafted(held, worked.rights, job, states.pop())
            imports.end(tx, id, now, ImportState.WRITTEN, worked.findings)
            imports.advance(tx, id, now, written=worked.rows, done=worked.rows)
            tx.emit_all(list_told(row, now) for row in held)
            tx.emit(_import_told(job, ImportState.WRITTEN, worked.rows, worked.rows, len(worked.findings)))

    def _require_second_person(
        self, tx: Transaction, job: ImportRow, held: list[AreaRow], codes: list[str], worked: Worked
    ) -> None:
        """A file that changes a standing draft by more than the set share needs another officer than the draft's."""
        before = entries.numbers_of(tx, job.election, codes)
        if not before or any(row.imported_by not in (None, job.by_id) for row in held):
            return
        after = {bytes.fromhex(block[2:]) for _, block, _ in worked.numbers}
        changed, most = len(before ^ after), self.own_settings.most_change_percent
        if changed * 100 > most * len(before):
            raise Refused((RULES["VL40"].finding(share=percent(changed, len(before)), most=most),))

    def _on_other_lists(self, job: ImportRow, worked: Worked) -> tuple[tuple[Finding, ...], int]:
        """A finding for every row whose person is on the list of another commune."""
        with self.db.transaction() as tx:
            own = [row.code for row in areas.areas_below(tx, job.election, job.unit)]
            twice = entries.on_other_lists(tx, job.election, own, worked.numbers)
        rule = RULES["VL33"]
        found = tuple(
            rule.finding(f"line {line}", "personal_number", masked=f"•••• •••• {tail}", area=area)
            for line, tail, area in twice
        )
        return found[:MOST_FINDINGS], max(0, len(found) - MOST_FINDINGS)

    def _advance(self, id: UUID, **values: Any) -> None:
        with self.db.transaction() as tx:
            imports.advance(tx, id, datetime.now(UTC), **values)

    def _end(self, id: UUID, state: ImportState, findings: tuple[Finding, ...], more: int) -> None:
        with self.db.transaction(cause=f"import:{id}") as tx:
            row = imports.job(tx, id)
            assert row is not None
            imports.end(tx, id, datetime.now(UTC), state, findings, more=more)
            tx.emit(_import_told(row, state, row.total, 0, len(findings) + more))


def _import_told(job: ImportRow, state: str, rows: int, written: int, findings: int) -> ImportAdvanced:
    return ImportAdvanced(
        election=job.election, unit=job.unit, job=job.id, state=state, rows=rows, written=written, findings=findings
    )
