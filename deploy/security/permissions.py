"""S3: who may do what where, from a table written apart from the code's and judged by walking from unit to unit.

`full` shows every door of every service to every role from every relation of units, through the doors' own pipeline;
`probed` throws dice over all units of the nation. A door or an action that is in the code and not here is a miss: who
adds one says here too who may open it.
"""

import itertools
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, ClassVar
from uuid import UUID, uuid4

from deploy.chaos.verdict import Plan, Verdict
from services.contracts.base import EVERYWHERE, Grant, NotAllowed, NotSignedIn, Passport, Refusal
from services.contracts.roles import POLICY, Action, Role
from services.identity.reference import national_units
from services.kit.actor import Actor
from services.kit.entrypoints import RpcDoor, doors_of
from services.kit.pipeline import Call, answer
from services.kit.service import Service, service_class, service_names
from tests.contracts.examples import example_of

_ALL = [
    "system_admin", "account_admin", "nation_officer", "province_officer", "personnel", "personnel_confirmer",
    "commission_head", "list_officer", "list_signer", "secretary", "typist", "checker", "approver", "board_secretary",
    "board_head", "publisher", "operations",
]  # fmt: skip
_LOOKING = " ".join(f"{role}+" for role in _ALL if role != "system_admin")

WHO = {  # `role+`: at its unit and all below; `role`: at its very unit
    "load_units": "system_admin+",
    "form_bodies": "nation_officer+ province_officer+ secretary+",
    "create_accounts": "system_admin+ account_admin+",
    "read_accounts": "system_admin+ account_admin+",
    "change_accounts": "system_admin+ account_admin+",
    "recover_accounts": "system_admin+ account_admin+",
    "open_review": "system_admin+ account_admin+",
    "review_accounts": "system_admin+ account_admin+",
    "read_sharing": "system_admin+ account_admin+",
    "settle_sharing": "system_admin+ account_admin+",
    "set_networks": "system_admin+ account_admin+",
    "report_breach": " ".join(_ALL),
    "settle_breach": "system_admin+ account_admin+ nation_officer+",
    "hold_key": "commission_head+",
    "review_opening": "nation_officer+ province_officer+",
    "call_election": "nation_officer+",
    "set_clock": "nation_officer+",
    "load_structure": "nation_officer+ province_officer",
    "read_election": _LOOKING,
    "read_progress": _LOOKING,
    "read_result": _LOOKING,
    "receive_dossier": "personnel",
    "check_identity": "personnel",
    "place_candidates": "personnel",
    "confirm_identity": "personnel_confirmer",
    "publish_list": "commission_head",
    "strike_candidate": "commission_head",
    "read_dossiers": "personnel+ personnel_confirmer+ commission_head+",
    "find_person": "personnel+ personnel_confirmer+ commission_head+",
    "fix_areas": "list_officer",
    "import_voters": "list_officer",
    "change_list": "list_officer",
    "post_list": "list_signer",
    "close_list": "list_signer",
    "read_voters": "list_officer list_signer",
    "open_polling": "secretary",
    "report_turnout": "secretary",
    "report_incident": "nation_officer province_officer secretary",
    "enter_record": "typist",
    "compare_record": "checker",
    "approve_record": "approver",
    "reopen_record": "province_officer+",
    "read_records": "nation_officer+ province_officer+ commission_head+ secretary checker approver",
    "prepare_result": "board_secretary",
    "declare_result": "board_head",
    "issue_document": "nation_officer+ province_officer+ commission_head+ secretary approver board_secretary "
    "board_head publisher+",
    "publish_snapshot": "publisher",
    "read_operations": "system_admin+ operations+",
    "read_ledger": "system_admin+ nation_officer+ province_officer+ commission_head+ publisher+ operations+",
    "register_witness": "system_admin+",
}
"""Which role takes which action, and how far."""

DOORS = {
    "candidates": {
        "call_election": "call_election", "check_identity": "check_identity", "confirm_identity": "confirm_identity",
        "constituencies_of": "read_election", "correct_dossier": "receive_dossier", "dossier_of": "read_dossiers",
        "dossiers_of": "read_dossiers", "election_of": "read_election", "elections_held": "public",
        "lists_of": "read_election", "load_structure": "load_structure", "place_candidates": "place_candidates",
        "publish_lists": "publish_list", "receive_dossier": "receive_dossier", "set_clock": "set_clock",
        "strike_candidate": "strike_candidate", "withdraw_dossier": "receive_dossier",
    },
    "identity": {
        "accounts_of": "read_accounts", "activate": "public", "announce_machine": "settle_sharing",
        "ask_recovery": "public", "begin_assertion": "public", "begin_first_key": "public", "begin_key": "own",
        "begin_step_up": "public", "bodies_missing": "read_election", "bodies_of": "read_election",
        "breaches_of": "report_breach", "change_password": "own", "check_account_file": "create_accounts",
        "checkpoint_at": "public", "close_account": "change_accounts", "close_opening": "hold_key",
        "confirm_accounts": "review_accounts", "confirm_enrolment": "public", "confirm_recovery": "recover_accounts",
        "conflicts_of": "read_election", "cosign": "public", "create_accounts": "create_accounts",
        "create_from_file": "create_accounts", "end_key": "own", "end_role": "change_accounts",
        "evidence_of": "read_ledger", "explain_conflict": "form_bodies", "figure_evidence": "read_ledger",
        "findings_of": "read_sharing", "finish_first_key": "public", "finish_key": "own", "form_bodies": "form_bodies",
        "give_role": "change_accounts", "glass_of": "read_election", "growth": "public", "hand_over": "change_accounts",
        "join_opening": "hold_key", "journal_of": "read_ledger", "keys_of_me": "own", "latest_checkpoint": "public",
        "ledger_state": "read_ledger",
        "load_units": "load_units", "me": "own", "my_sessions": "own", "networks_of": "read_sharing",
        "news_of_sessions": "public", "not_me": "own", "open_glass": "hold_key", "open_passport": "public",
        "open_recovery": "recover_accounts", "open_review": "open_review", "opening_acts": "read_election",
        "people_of": "read_accounts", "recover": "public", "recoveries_of": "recover_accounts",
        "refuse_recovery": "recover_accounts", "register_witness": "register_witness",
        "reissue_activation": "create_accounts", "renew_session": "public", "report_breach": "report_breach",
        "review_of": "review_accounts", "review_opening": "review_opening", "reviews_of": "review_accounts",
        "reviews_progress": "review_accounts", "seal_keys": "hold_key", "second_factor": "public",
        "second_factor_by_key": "public", "set_expiry": "change_accounts", "set_networks": "set_networks",
        "settle_breach": "settle_breach", "settle_finding": "settle_sharing", "sharing_week": "read_sharing",
        "sign_in": "public", "sign_out": "public", "step_up": "public", "step_up_by_key": "public",
        "take_up_breach": "settle_breach", "units_below": "public",
    },
    "reporting": {
        "board_of": "read_progress", "day_of": "read_progress", "document_of": "issue_document",
        "documents_of": "issue_document", "issue_document": "issue_document", "list_of": "read_election",
        "operations_now": "read_operations", "public_result": "read_result", "publication_of": "read_result",
        "publications_of": "read_result", "publish_snapshot": "publish_snapshot", "results_seen": "read_result",
        "snapshots_of": "read_result", "totals_of": "read_progress",
    },
    "results": {
        "approve_records": "approve_record", "check_choice": "compare_record", "claim_record": "enter_record",
        "close_polling": "open_polling", "comparison_of": "compare_record", "decide_tie": "prepare_result",
        "declare_result": "declare_result", "incidents_of": "read_progress", "next_record": "enter_record",
        "open_polling": "open_polling", "prepare_result": "prepare_result", "record_ballot_use": "enter_record",
        "record_of": "read_records", "records_of": "read_progress", "reopen_record": "reopen_record",
        "report_incident": "report_incident", "report_turnout": "report_turnout", "resolve_record": "compare_record",
        "result_of": "read_result", "results_of": "read_result", "return_record": "compare_record",
        "save_draft": "enter_record", "settle_incident": "report_incident", "submit_entry": "enter_record",
        "waiting_approval": "read_records",
    },
    "voters": {
        "add_voter": "change_list", "areas_of": "read_progress", "close_lists": "close_list",
        "find_persons": "find_person", "fix_areas": "fix_areas", "import_of": "read_voters",
        "import_voters": "import_voters", "imports_of": "read_voters", "post_lists": "post_list",
        "strike_voter": "change_list", "voters_of": "read_voters",
    },
}  # fmt: skip
"""What each door of each service lets a person do; `public`: no passport, `own`: a passport and no role."""

ELECTION, HERE = "dien-tap-7", "46"
RELATIONS = {
    "everywhere": EVERYWHERE, "own": f"{ELECTION}/vn/46", "parent": f"{ELECTION}/vn",
    "child": f"{ELECTION}/vn/46/19777", "sibling": f"{ELECTION}/vn/48",
    "same beginning": f"{ELECTION}/vn/4", "foreign": "dien-tap-8/vn/46",
    "foreign parent": "dien-tap-8/vn", "whole election": ELECTION,
}  # fmt: skip
_REACHES = {"everywhere": "own", "own": "own", "parent": "below", "whole election": "below"}


@cache
def reach_of(action: str, role: str) -> str | None:
    """`below`, `own`, or None: what the table above says of a role and an action."""
    words = WHO[action].split()
    return "below" if f"{role}+" in words else "own" if role in words else None


def may(action: str, role: str, relation: str) -> bool:
    """Whether a role held in a relation to a unit lets its holder take the action there."""
    reach, needed = reach_of(action, role), _REACHES.get(relation)
    return reach is not None and needed is not None and (needed == "own" or reach == "below")


class Opened(Refusal):
    """The door was opened: what lies behind it asked for something the test does not have."""

    status = 418
    vi = "Đã vào."
    en = "Opened."


class Nothing:
    """A database, a line, files: whoever asks for them is inside."""

    def __getattr__(self, _name: str) -> Any:
        def opened(*_: Any, **__: Any) -> Any:
            raise Opened

        return opened


@dataclass(frozen=True)
class Gate:
    """One service with nothing behind its doors, and passports that need no signature."""

    service: Service
    shown: ClassVar[dict[str, Passport]] = {}

    @classmethod
    def of(cls, name: str) -> "Gate":
        """The real class of the service."""
        service = service_class(name)()
        gate = cls(service)
        for part in ("db", "settings", "files", "line"):
            service.__dict__[part] = Nothing()
        service.__dict__["verifier"] = gate
        service.__dict__["start"] = lambda _work: None
        logging.getLogger(name).setLevel(logging.CRITICAL)
        return gate

    def verify(self, token: str) -> Passport:
        """Whoever was shown."""
        if token not in self.shown:
            raise NotSignedIn
        return self.shown[token]

    def opens(self, door: RpcDoor, body: bytes, token: str | None) -> bool:
        """Whether the pipeline lets the holder in."""
        try:
            answer(self.service, door, Call(body, token))
        except (NotAllowed, NotSignedIn):
            return False
        except Refusal:
            return True
        return True


def permissions(plan: Plan) -> Verdict:
    """`make security SCENARIO=permissions`: the whole matrix, then 1,000,000 probes."""
    told = Verdict("permissions")
    full(told)
    probed(told, plan.either(20_000, 1_000_000), plan.random)
    return told


def full(told: Verdict) -> None:
    """Every role at every door of every service from everywhere."""
    wrong: list[str] = []
    asked = 0
    for name in service_names():
        gate, doors = Gate.of(name), doors_of(service_class(name))
        wrong += [f"{name}.{door} is not in the table" for door in doors if door not in DOORS[name]]
        wrong += [f"{name}.{door} is in the table only" for door in DOORS[name] if door not in doors]
        for door in (each for known, each in doors.items() if known in DOORS[name]):
            tried, faults = _door(gate, name, door)
            asked += tried
            wrong += faults
    wrong += [f"action {action} is not in the table" for action in Action if action.value not in WHO]
    told.measured(matrix=asked, first_wrong=wrong[:3])
    told.require("matrix_wrong", len(wrong), most=0)


def _door(gate: Gate, name: str, door: RpcDoor) -> tuple[int, list[str]]:
    body, action, wrong = _body(door), DOORS[name][door.name], []
    declared = "public" if door.public else "own" if door.own else str(door.may)
    if declared != action:
        wrong.append(f"{name}.{door.name} is for {declared}, not for {action}")
    if action == "public":
        return 1, wrong
    if gate.opens(door, body, None) or gate.opens(door, body, "forged"):
        wrong.append(f"{name}.{door.name} opens without a passport")
    for role, relation in itertools.product(_ALL, RELATIONS):
        token = f"{role}@{relation}"
        gate.shown[token] = _holder(role, RELATIONS[relation])
        if gate.opens(door, body, token) is not _expected(door, action, role, relation):
            wrong.append(f"{name}.{door.name} for {token}")
    return 2 + len(_ALL) * len(RELATIONS), wrong


def _expected(door: RpcDoor, action: str, role: str, relation: str) -> bool:
    if action == "own":
        return True
    if door.judges:  # which unit it is about is known inside: the tests of each service ask from each relation
        return reach_of(action, role) is not None
    if "unit" not in door.request.model_fields:  # about no unit: for those whose role holds everywhere
        return reach_of(action, role) is not None and relation == "everywhere"
    return may(action, role, relation)


def _body(door: RpcDoor) -> bytes:
    """A request as full as can be, about our unit; as bare as may be where a full one contradicts itself."""
    for full_body in (True, False):
        said = example_of(door.request, full=full_body)
        known = door.request.model_fields
        said |= {name: text for name, text in (("election", ELECTION), ("unit", f"vn/{HERE}")) if name in known}
        try:
            return door.request.model_validate(said, strict=False).model_dump_json().encode()
        except ValueError:
            continue
    raise AssertionError(f"no body for {door.name}")


def _holder(role: str, scope: str) -> Passport:
    return Passport(person=UUID(int=7), name="Người Thử", session=uuid4(), grants=(Grant(role=role, scope=scope),))


def probed(told: Verdict, wanted: int, dice: Random) -> None:
    """Random people in random units ask for random things in others; the oracle walks from child to parent."""
    above, paths = _map()
    codes, actions = list(above), list(WHO)
    wrong, allowed, first = 0, 0, ""
    for done in range(wanted):
        held = [_dealt(dice, codes) for _ in range(dice.choice((1, 1, 2, 3)))]
        code, election = _asked(dice, codes, above, held), dice.choice((ELECTION, ELECTION, "2026"))
        action = dice.choice(actions)
        expected = any(_walks(above, each, action, election, code) for each in held)
        grants = tuple(Grant(role=role, scope=_scope(paths, where, what)) for role, where, what in held)
        passport = Passport(person=UUID(int=7), name="", session=UUID(int=8), grants=grants)
        scope = f"{election}/{paths[code]}"
        actor = Actor.of(passport, POLICY, datetime.now(UTC))
        judged = {actor.may(action, scope), POLICY.permits(passport, action, scope)}
        if judged != {expected}:
            wrong, first = wrong + 1, first or f"{held} {action} {scope}: {judged}"
        allowed += expected
        if (done + 1) % 200_000 == 0:
            print(f"{done + 1} probes, {allowed} allowed, {wrong} wrong", flush=True)
    told.measured(units=len(codes), allowed=allowed, first_wrong_probe=first)
    told.require("probes", wanted)
    told.require("probes_wrong", wrong, most=0)
    told.require("allowed_share", round(allowed / wanted, 4), least=0.01)  # dice that never allow would show nothing


def _map() -> tuple[dict[str, str | None], dict[str, str]]:
    """Each unit's parent by code, and its path."""
    above: dict[str, str | None] = {}
    paths: dict[str, str] = {}
    for unit in national_units():
        above[unit.code] = None if unit.code == "vn" else unit.path.split("/")[-2]
        paths[unit.code] = unit.path
    return above, paths


def _dealt(dice: Random, codes: list[str]) -> tuple[str, str, str]:
    """A role, where it is held, in which election; now and then everywhere."""
    where = dice.choice((dice.choice(codes), dice.choice(codes), dice.choice(codes[:35]), "vn"))
    return dice.choice(_ALL), EVERYWHERE if dice.random() < 0.03 else where, dice.choice((ELECTION, "2026"))


def _asked(dice: Random, codes: list[str], above: dict[str, str | None], held: list[tuple[str, str, str]]) -> str:
    """A unit somewhere, or one near those where the person holds a role."""
    where = dice.choice(held)[1]
    near = where if where in above else "vn"
    return dice.choice((near, above[near] or "vn", dice.choice(codes), dice.choice(codes)))


def _walks(
    above: dict[str, str | None], held: tuple[str, str, str], action: str, election: str, code: str
) -> bool:
    role, where, what = held
    reach = reach_of(action, role)
    if reach is None or where == EVERYWHERE:
        return reach is not None
    if what != election:
        return False
    place: str | None = code
    while place is not None and place != where and reach == "below":
        place = above[place]
    return place == where


def _scope(paths: dict[str, str], where: str, election: str) -> str:
    return EVERYWHERE if where == EVERYWHERE else f"{election}/{paths[where]}"


assert set(_ALL) == {role.value for role in Role}
