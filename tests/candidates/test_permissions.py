"""Every role at every door, from its own unit and from others; the table is written apart from the policy."""

from uuid import uuid4

import pytest

from services.contracts import candidates as words
from services.contracts.base import NotAllowed, NotSignedIn, Refusal
from services.contracts.roles import Role
from services.kit.entrypoints import doors_of
from tests.candidates.factories import ELECTION, identity, noon, officer, receiving

LOOKING = set(Role) - {Role.SYSTEM_ADMIN}
DESK, SECOND, HEAD = {Role.PERSONNEL}, {Role.PERSONNEL_CONFIRMER}, {Role.COMMISSION_HEAD}
NATION = {Role.NATION_OFFICER}
MAY = {
    "call_election": NATION,
    "set_clock": NATION,
    "election_of": LOOKING,
    "load_structure": NATION | {Role.PROVINCE_OFFICER},
    "constituencies_of": LOOKING,
    "receive_dossier": DESK,
    "check_identity": DESK,
    "confirm_identity": SECOND,
    "correct_dossier": DESK,
    "withdraw_dossier": DESK,
    "place_candidates": DESK,
    "publish_lists": HEAD,
    "strike_candidate": HEAD,
    "lists_of": LOOKING,
    "dossiers_of": DESK | SECOND | HEAD,
    "dossier_of": DESK | SECOND | HEAD,
}
FROM_ABOVE = {"election_of", "constituencies_of", "lists_of", "dossiers_of", "dossier_of"}
NATION_FROM_ABOVE = {"call_election", "set_clock", "load_structure"}


def requests():
    """A request for each door about vn/46, about things that need not exist."""
    scope = {"election": ELECTION, "unit": "vn/46"}
    act = {**scope, "key": uuid4()}
    some = uuid4()
    return {
        "call_election": words.CallElection(**act, title="x", day="2026-03-15"),
        "set_clock": words.SetClock(**act, shown_at=noon(20, 1)),
        "election_of": words.ElectionOf(**scope),
        "load_structure": words.LoadStructure(**act, file="0" * 64, file_name="x.csv"),
        "constituencies_of": words.ConstituenciesOf(**scope),
        "receive_dossier": receiving(nominated_by=""),
        "check_identity": words.CheckIdentity(**act, dossiers=(some,)),
        "confirm_identity": words.ConfirmIdentity(**act, dossiers=(some,), contents=("0" * 64,)),
        "correct_dossier": words.CorrectDossier(**act, dossier=some, identity=identity(), reason="x"),
        "withdraw_dossier": words.WithdrawDossier(**act, dossier=some, document="x"),
        "place_candidates": words.PlaceCandidates(
            **act, placements=(words.Placement(dossier=some, constituency="PC-46-01"),), consultation="x"
        ),
        "publish_lists": words.PublishLists(**act, constituencies=("PC-46-01",), document="x"),
        "strike_candidate": words.StrikeCandidate(
            **act, constituency="PC-46-01", dossier=some, reason="x", document="x"
        ),
        "lists_of": words.ListsOf(**scope),
        "dossiers_of": words.DossiersOf(**scope),
        "dossier_of": words.DossierOf(**scope, dossier=some),
    }


def opens(candidates, door, by):
    """Whether the door let the person in, whatever it said then."""
    try:
        getattr(candidates, door)(requests()[door], by=by)
    except NotAllowed:
        return False
    except Refusal:
        return True
    return True


def test_the_table_names_every_door(candidates):
    public = {name for name, door in doors_of(type(candidates.service)).items() if door.public}

    assert set(MAY) == set(doors_of(type(candidates.service))) - public
    assert public == {"elections_held"}


@pytest.mark.parametrize("door", MAY)
def test_a_door_opens_for_its_roles_in_their_unit_and_for_nobody_else(called, candidates, door):
    let_in = {role for role in Role if opens(candidates, door, officer(role))}

    assert let_in == MAY[door]


@pytest.mark.parametrize("door", MAY)
def test_a_role_reaches_below_only_where_it_may_and_never_up_aside_or_into_another_election(called, candidates, door):
    role = min(MAY[door]) if not MAY[door] & NATION else Role.NATION_OFFICER
    above = officer(role, "vn")
    elsewhere = [officer(role, "vn/48"), officer(role, "vn/46/00743")]
    other = above.model_copy(update={"grants": (above.grants[0].model_copy(update={"scope": "2026/vn/46"}),)})

    assert opens(candidates, door, above) is (door in FROM_ABOVE | NATION_FROM_ABOVE)
    assert not any(opens(candidates, door, by) for by in [*elsewhere, other])


@pytest.mark.parametrize("door", MAY)
def test_without_a_passport_no_door_opens(called, candidates, door):
    with pytest.raises(NotSignedIn):
        getattr(candidates, door)(requests()[door])
