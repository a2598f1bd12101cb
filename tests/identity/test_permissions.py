"""Who may open which door of identity, from which unit: every role, every door, every relation of units."""

import itertools
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.contracts.accounts import (
    CheckAccountFile,
    CloseAccount,
    ConfirmAccounts,
    CreateFromFile,
    EndRole,
    GiveRole,
    HandOver,
    OpenReview,
    PeopleOf,
    ReissueActivation,
    ReviewOf,
    ReviewsOf,
    ReviewsProgress,
    SetExpiry,
)
from services.contracts.base import NotAllowed, NotSignedIn, Refusal
from services.contracts.duties import (
    BodiesMissing,
    CloseOpening,
    ConflictsOf,
    ExplainConflict,
    GlassOf,
    JoinOpening,
    OpenGlass,
    OpeningActs,
    ReviewOpening,
    SealKeys,
)
from services.contracts.identity import AccountsOf, CreateAccounts
from services.contracts.ledger import EvidenceOf, FigureOf, JournalOf, LedgerState, RegisterWitness
from services.contracts.passkeys import (
    BeginKey,
    ChangePassword,
    ConfirmRecovery,
    EndKey,
    FinishKey,
    KeysOfMe,
    Me,
    MySessions,
    NotMe,
    OpenRecovery,
    RecoveriesOf,
    RefuseRecovery,
)
from services.contracts.roles import Role
from services.contracts.sharing import (
    AnnounceMachine,
    BreachesOf,
    FindingsOf,
    NetworksOf,
    ReportBreach,
    SetNetworks,
    SettleBreach,
    SettleFinding,
    SharingWeekOf,
    TakeUpBreach,
)
from services.contracts.units import BodiesOf, FormBodies, LoadUnits
from services.identity.service import IdentityService
from services.kit.entrypoints import doors_of
from services.kit.proofs import Key, key_id
from tests.identity.conftest import ELECTION, HUE, VY_DA, holder

WITNESS = Key("46", key_id("46", b"\4" + bytes(32)), b"\4", bytes(32))
LOOKING = set(Role) - {Role.SYSTEM_ADMIN}
WATCHING = {
    Role.SYSTEM_ADMIN, Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.COMMISSION_HEAD, Role.PUBLISHER, Role.OPERATIONS,
}  # fmt: skip
ADMINISTRATORS = {Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN}
EVERYWHERE_ONLY = {"load_units", "register_witness"}
ADMINISTERING = {Role.SYSTEM_ADMIN, Role.ACCOUNT_ADMIN}
SETTLING = {*ADMINISTERING, Role.NATION_OFFICER}
ONLY_OWN = {"report_breach": set(Role), "breaches_of": set(Role) - SETTLING}
"""Doors that roles may open in their very own unit only."""
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
    "journal_of": WATCHING,
    **dict.fromkeys(
        (
            "people_of",
            "give_role",
            "end_role",
            "set_expiry",
            "close_account",
            "hand_over",
            "reissue_activation",
            "check_account_file",
            "create_from_file",
            "open_review",
            "reviews_of",
            "review_of",
            "confirm_accounts",
            "reviews_progress",
        ),
        ADMINISTRATORS,
    ),
    **dict.fromkeys(("open_recovery", "recoveries_of", "confirm_recovery", "refuse_recovery"), ADMINISTRATORS),
    "findings_of": ADMINISTERING,
    "settle_finding": ADMINISTERING,
    "announce_machine": ADMINISTERING,
    "sharing_week": ADMINISTERING,
    "set_networks": ADMINISTERING,
    "networks_of": ADMINISTERING,
    "report_breach": set(Role),
    "breaches_of": set(Role),
    "take_up_breach": SETTLING,
    "settle_breach": SETTLING,
    **dict.fromkeys(("bodies_missing", "conflicts_of", "glass_of", "opening_acts"), LOOKING),
    "explain_conflict": {Role.NATION_OFFICER, Role.PROVINCE_OFFICER, Role.SECRETARY},
    **{door: {Role.COMMISSION_HEAD} for door in ("seal_keys", "open_glass", "join_opening", "close_opening")},
    "review_opening": {Role.NATION_OFFICER, Role.PROVINCE_OFFICER},
}
PUBLIC = {
    "units_below", "activate", "confirm_enrolment", "sign_in", "second_factor", "open_passport", "step_up", "sign_out",
    "latest_checkpoint", "checkpoint_at", "growth", "cosign",
}  # fmt: skip
PUBLIC |= {
    "begin_assertion", "second_factor_by_key", "begin_step_up", "step_up_by_key", "begin_first_key", "finish_first_key",
    "ask_recovery", "recover", "renew_session", "news_of_sessions",
}  # fmt: skip
OWN = {"begin_key", "finish_key", "keys_of_me", "end_key", "me", "my_sessions", "not_me", "change_password"}
"""Doors about the asker's own things: a passport is needed and no role."""
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
        "journal_of": lambda: JournalOf(day=date(2026, 3, 15), **about),
        "people_of": lambda: PeopleOf(**about),
        "give_role": lambda: GiveRole(
            key=uuid4(), person=uuid4(), role="secretary", place=HUE, reason="lý do", **about
        ),
        "end_role": lambda: EndRole(key=uuid4(), grant=uuid4(), reason="lý do", **about),
        "set_expiry": lambda: SetExpiry(key=uuid4(), grant=uuid4(), reason="lý do", **about),
        "close_account": lambda: CloseAccount(key=uuid4(), person=uuid4(), reason="lý do", **about),
        "hand_over": lambda: HandOver(
            key=uuid4(), person=uuid4(), place=HUE, to=uuid4(), document="QĐ 1", reason="lý do", **about
        ),
        "reissue_activation": lambda: ReissueActivation(key=uuid4(), person=uuid4(), **about),
        "check_account_file": lambda: CheckAccountFile(file="0f" * 32, **about),
        "create_from_file": lambda: CreateFromFile(key=uuid4(), file="0f" * 32, **about),
        "open_review": lambda: OpenReview(key=uuid4(), name="Đợt 1", due=date(2026, 1, 1), **about),
        "reviews_of": lambda: ReviewsOf(**about),
        "review_of": lambda: ReviewOf(review=uuid4(), **about),
        "confirm_accounts": lambda: ConfirmAccounts(
            key=uuid4(), review=uuid4(), accounts=({"person": uuid4(), "unit": HUE},), **about
        ),
        "reviews_progress": lambda: ReviewsProgress(review=uuid4(), **about),
        "open_recovery": lambda: OpenRecovery(key=uuid4(), login="hoa.vy-da", reason="mất điện thoại", **about),
        "recoveries_of": lambda: RecoveriesOf(**about),
        "confirm_recovery": lambda: ConfirmRecovery(key=uuid4(), recovery=uuid4(), content="0f" * 32, **about),
        "refuse_recovery": lambda: RefuseRecovery(key=uuid4(), recovery=uuid4(), reason="lạ", **about),
        "begin_key": lambda: BeginKey(key=uuid4()),
        "finish_key": lambda: FinishKey(key=uuid4(), name="Khóa", credential="{}"),
        "keys_of_me": KeysOfMe,
        "end_key": lambda: EndKey(key=uuid4(), id=uuid4()),
        "me": Me,
        "my_sessions": MySessions,
        "not_me": lambda: NotMe(key=uuid4(), session=uuid4()),
        "change_password": lambda: ChangePassword(key=uuid4(), password="x", present="y"),
        "findings_of": lambda: FindingsOf(**about),
        "settle_finding": lambda: SettleFinding(key=uuid4(), finding=uuid4(), shared=False, note="đã hỏi", **about),
        "announce_machine": lambda: AnnounceMachine(key=uuid4(), login="hoa.vy-da", reason="đổi máy", **about),
        "sharing_week": lambda: SharingWeekOf(first_day=date(2026, 3, 9), **about),
        "set_networks": lambda: SetNetworks(key=uuid4(), networks=(), **about),
        "networks_of": lambda: NetworksOf(**about),
        "report_breach": lambda: ReportBreach(
            key=uuid4(), what="thư lạ", noticed_at=datetime(2026, 3, 9, tzinfo=UTC), phone="0912 000 118", **about
        ),
        "breaches_of": lambda: BreachesOf(**about),
        "take_up_breach": lambda: TakeUpBreach(key=uuid4(), breach=uuid4(), **about),
        "settle_breach": lambda: SettleBreach(key=uuid4(), breach=uuid4(), how="xong", **about),
        "bodies_missing": lambda: BodiesMissing(**about),
        "conflicts_of": lambda: ConflictsOf(**about),
        "explain_conflict": lambda: ExplainConflict(
            key=uuid4(), path=HUE, dossier=uuid4(), explanation="người khác", **about
        ),
        "seal_keys": lambda: SealKeys(key=uuid4(), holders=("mot", "hai", "ba"), **about),
        "glass_of": lambda: GlassOf(**about),
        "open_glass": lambda: OpenGlass(
            key=uuid4(), role=Role.SECRETARY, reason="không ai báo được tiến độ", sealed_key="AAAA", **about
        ),
        "join_opening": lambda: JoinOpening(
            key=uuid4(), opening=uuid4(), content="0f" * 32, sealed_key="AAAA", **about
        ),
        "close_opening": lambda: CloseOpening(key=uuid4(), opening=uuid4(), **about),
        "review_opening": lambda: ReviewOpening(key=uuid4(), opening=uuid4(), in_order=True, verdict="đã đọc", **about),
        "opening_acts": lambda: OpeningActs(opening=uuid4(), **about),
    }[door]()


def test_the_doors_are_these():
    doors = doors_of(IdentityService)

    assert {name for name, door in doors.items() if door.public} == PUBLIC
    assert {name for name, door in doors.items() if door.own} == OWN
    assert set(doors) - PUBLIC - OWN == set(MAY)


@pytest.mark.parametrize("door", [*MAY, *sorted(OWN)])
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
        if role in ONLY_OWN.get(door, ()):
            allowed = allowed and relation != "parent"
        try:
            getattr(identity, door)(asked(door), by=holder(role, scope))
            opened = True
        except NotAllowed:
            opened = False
        except Refusal:
            opened = True
        if opened is not allowed:
            wrong.append((role, relation, opened))

    assert wrong == []


@pytest.mark.parametrize("door", sorted(OWN))
def test_a_door_about_ones_own_things_opens_to_every_role(identity, somebody, db, door):
    person = somebody("cho.vy-da")
    with db.engine.connect() as connection:
        mine = connection.execute(text("SELECT person FROM accounts WHERE login = 'cho.vy-da'")).scalar()
    refused = set()
    for role in Role:
        try:
            getattr(identity, door)(asked(door), by=holder(role, f"{ELECTION}/{HUE}", mine))
        except Refusal as refusal:
            refused.add(refusal.code)

    assert person.login
    assert refused <= {"StepUpNeeded", "Unknown", "KeyRefused", "SealedKeyRefused"}
