"""The doors to files of accounts: a look at everything that is wrong, then all rows or none."""

from pathlib import Path

from services.contracts.accounts import ActivationSheet, CheckAccountFile, CreateFromFile, FileChecked
from services.contracts.base import ScopedCommand, ScopedQuery, require_nothing_blocks
from services.contracts.roles import Action
from services.identity.account_reading import Unreadable, overwhelming, read_rows
from services.identity.domain import account_files, accounts
from services.identity.domain.sessions import ACTIVATION_LIFE
from services.identity.doors_accounts import AccountDoors, created
from services.identity.doors_roles import RoleDoors, fingerprint_of, was_done
from services.identity.store import people
from services.identity.store import roles as store
from services.kit.apart import Overwhelmed, apart
from services.kit.database import Actor, Transaction
from services.kit.entrypoints import rpc

_MOST_FINDINGS = 500


class AccountFileDoors(AccountDoors, RoleDoors):
    """Accounts by the row. The file itself was stored before and is named by the hash of its content."""

    @rpc(may=Action.CREATE_ACCOUNTS)
    def check_account_file(self, request: CheckAccountFile, by: Actor, tx: Transaction) -> FileChecked:
        """What would happen, and everything wrong at once; nothing is written."""
        try:
            raw = _rows(self.files.path(request.file))
        except Unreadable as unreadable:
            return FileChecked(rows=(), findings=(unreadable.finding,))
        judged = _judged(tx, raw, request, by)
        return FileChecked(
            rows=tuple(judged.rows),
            findings=tuple(judged.findings[:_MOST_FINDINGS]),
            more_findings=len(judged.findings[_MOST_FINDINGS:]),
        )

    @rpc(may=Action.CREATE_ACCOUNTS, remember=False)
    def create_from_file(self, request: CreateFromFile, by: Actor, tx: Transaction) -> ActivationSheet:
        """Every row has an account with a one-time code. The codes are never stored: a repeat works them out again."""
        try:
            raw = _rows(self.files.path(request.file))
        except Unreadable as unreadable:
            raw = []
            require_nothing_blocks([unreadable.finding])
        people.one_creation_at_a_time(tx)
        if was_done(tx, request, by, "file"):
            return self.sheet(tx, request.key, by)
        judged = _judged(tx, raw, request, by)
        require_nothing_blocks(judged.findings)
        fresh = [self.new_person(account, request.election) for account in judged.accounts]
        made = people.Made(by.person, request.key, by.at, request.election, by.at + ACTIVATION_LIFE)
        people.add_people(tx, fresh, made)
        tx.emit_all(created(person) for person in fresh)
        act = store.Act("file", by.person, request.key, by.at, request.election, request.unit)
        store.record(tx, act.with_hash(fingerprint_of(request)))
        return self.sheet(tx, request.key, by)


def _rows(path: Path) -> list[account_files.Raw]:
    """The rows of a file, read in another process; Unreadable with what is the matter."""
    try:
        return apart(read_rows, path)
    except Overwhelmed:
        raise overwhelming() from None


def _judged(
    tx: Transaction, raw: list[account_files.Raw], request: ScopedCommand | ScopedQuery, by: Actor
) -> account_files.Judged:
    units = store.units_named(tx, account_files.codes_named(raw, request.unit))
    ends = account_files.endings_needed(raw, units, request.unit)
    given = {row.cells[account_files.LOGIN].lower() for row in raw}
    taken = people.taken_logins(tx, given) | store.logins_ending(tx, ends)
    giver = accounts.Giver(login=people.login_of(tx, by.person), grants=by.grants)
    return account_files.judge(raw, account_files.Facts(request.scope, giver, units, taken, by.at))
