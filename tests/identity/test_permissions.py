"""Who may open which door of identity, from which unit: every role, every door, every relation of units."""

import itertools
from uuid import uuid4

import pytest

from services.contracts.base import HasFindings, NotAllowed, NotSignedIn
from services.contracts.identity import AccountsOf, BodiesOf, CreateAccounts, FormBodies, LoadUnits
from services.contracts.ledger import EvidenceOf, FigureOf, LedgerState, NoSuchCheckpoint, RegisterWitness
from services.contracts.roles import Role
from services.identity.service import IdentityService
from services.kit.entrypoints import doors_of
from services.kit.proofs import Key, key_id
from tests.identity.conftest import ELECTION, HUE, VY_DA, holder

WITNESS = Key("46", key_id("46", b"\4" + bytes(32)), b"\4", bytes(32))
LOOKING = set(Role) - {Role.SYSTEM_ADMIN}
WATCHING = {
    Role.SYSTEM_ADMIN, Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.COMMISSION_HEAD, Role.PUBLISHER, Role.OPERATIONS,
}  # fmt: skip
EVERYWHERE_ONLY = {"load_units", "register_witness"}
MAY = {
    "load_units": {Role.SYSTEM_ADMIN},
    "create_accounts": {Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN},
    "accounts_of": {Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN},
    "form_bodies": {Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.SECRETARY},
    "bodies_of": LOOKING,
    "register_witness": {Role.SYSTEM_ADMIN},
    "ledger_state": WATCHING,
    "evidence_of": WATCHING,
    "figure_evidence": WATCHING,
}
PUBLIC = {
    "units_below", "activate", "confirm_enrolment", "sign_in", "second_factor", "open_passport", "step_up", "sign_out",
    "latest_checkpoint", "growth", "cosign",
}  # fmt: skip
SCOPES = {
    "everywhere": ("*", True),
    "own": (f"{ELECTION}/{HUE}", True),
    "parent": (f"{ELECTION}/vn", True),
    "child": (f"{ELECTION}/{VY_DA}", False),
    "sibling": (f"{ELECTION}/vn/48", False),
    "same beginning": (f"{ELECTION}/vn/4", False),
    "other election": (f"dien-tap-8/{HUE}", False),
}


def asked(door):
    about = {"election": ELECTION, "unit": HUE}
    return {
        "load_units": lambda: LoadUnits(key=uuid4(), units=()),
        "create_accounts": lambda: CreateAccounts(key=uuid4(), accounts=(), **about),
        "accounts_of": lambda: AccountsOf(**about),
        "form_bodies": lambda: FormBodies(key=uuid4(), bodies=(), **about),
        "bodies_of": lambda: BodiesOf(**about),
        "register_witness": lambda: RegisterWitness(key=uuid4(), witness=WITNESS.line()),
        "ledger_state": lambda: LedgerState(**about),
        "evidence_of": lambda: EvidenceOf(aggregates=("unit/46",), **about),
        "figure_evidence": lambda: FigureOf(constituency="NA-46-01", **about),
    }[door]()


def test_the_doors_are_these():
    doors = doors_of(IdentityService)

    assert {name for name, door in doors.items() if door.public} == PUBLIC
    assert set(doors) - PUBLIC == set(MAY)


@pytest.mark.parametrize("door", list(MAY))
def test_no_door_opens_without_a_passport(identity, door):
    with pytest.raises(NotSignedIn):
        getattr(identity, door)(asked(door))
    with pytest.raises(NotSignedIn):
        getattr(identity, door)(asked(door), by="e30.e30.forged")


@pytest.mark.parametrize("door", list(MAY))
def test_a_door_opens_to_the_roles_of_the_table_in_reach_and_to_nobody_else(identity, door):
    wrong = []
    for role, (relation, (scope, reaches)) in itertools.product(Role, SCOPES.items()):
        allowed = role in MAY[door] and (scope == "*" if door in EVERYWHERE_ONLY else reaches)
        try:
            getattr(identity, door)(asked(door), by=holder(role, scope))
            opened = True
        except (HasFindings, NoSuchCheckpoint):
            opened = True
        except NotAllowed:
            opened = False
        if opened is not allowed:
            wrong.append((role, relation, opened))

    assert wrong == []
