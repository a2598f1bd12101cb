"""What DECISIONS says of account security is what the code does: figures, ways in, words of passwords (ASVS 6.1, 7.1, 8.1, 16.1)."""

import re
from pathlib import Path

import pytest

from services.gateway.settings import GatewaySettings
from services.identity.domain import passwords, sessions, totp
from services.identity.service import IdentityService
from services.kit import passports, revoked
from services.kit.entrypoints import doors_of
from tests.security.test_public_doors import ENTRY

ROOT = Path(__file__).resolve().parents[2]
SAID = re.search(r"## 23\. .*?(?=\n## |\Z)", (ROOT / "DECISIONS.md").read_text(encoding="utf-8"), re.DOTALL)[0].replace("\n", " ")


def minutes(span):
    return int(span.total_seconds()) // 60


@pytest.mark.parametrize(
    "sentence",
    [
        f"password of {passwords.SHORTEST} to {passwords.LONGEST} letters",
        f"fewer than {passwords.FREE_LETTERS} free letters of {passwords.FREE_KINDS} kinds",
        f"6-digit code of {totp.SECONDS} s that is good once",
        f"From the {sessions.FREE_FAILURES}th failure in a row a wait of 2, 4, 8 … {sessions.LONGEST_WAIT} s; after {sessions.HARD_LOCK} nothing",
        "One live one for each person: a new sign-in ends the former",
        f"{minutes(sessions.SESSION_LIFE) // 60} hours at most, {sessions.IDLE_MINUTES} minutes idle, {sessions.STRICT_IDLE_MINUTES} for who approves",
        f"After {minutes(sessions.TOKEN_LIFE)} minutes of use a token's successor",
        f"the former is good for {int(sessions.GRACE.total_seconds())} s more",
        f"Passports live {minutes(passports.LIFETIME)} minutes and are revoked within {int(revoked.PATIENCE)} s",
        f"asks identity each {revoked.EVERY} s over the direct line",
        f"Without news for {int(revoked.PATIENCE)} s only passports younger than {int(revoked.PATIENCE)} s",
        "JSON lines on standard error: each door with service, door, outcome, person, milliseconds, trace and instant in UTC",
    ],
)
def test_the_figures_of_the_document_are_those_of_the_code(sentence):
    assert sentence in SAID


def test_every_way_in_is_named_and_there_is_no_other():
    ways = {"sign_in", "second_factor", "second_factor_by_key", "begin_assertion", "activate", "confirm_enrolment",
            "begin_first_key", "finish_first_key", "recover", "ask_recovery"}  # fmt: skip
    of_a_session = {"open_passport", "renew_session", "step_up", "step_up_by_key", "begin_step_up", "sign_out"}

    assert ways | of_a_session == set(ENTRY)
    assert all(f"`{way}`" in SAID for way in ways)
    assert set(ENTRY) <= set(doors_of(IdentityService))


def test_the_passport_is_held_shorter_than_revocation_takes():
    assert GatewaySettings().gateway_passport_hold <= revoked.PATIENCE


def test_the_words_a_password_may_not_lean_on_are_in_one_named_place():
    assert "`identity/domain/passwords.py` is the list" in SAID
    listed = passwords.guessable_words()
    assert {"baucu", "quochoi", "phieubau", "cutri", "hompheu"[:3] + "phieu", "election", "ungcuvien", "hochiminh"} <= listed


@pytest.mark.parametrize("word", ["hint", "question", "goi_y", "cau_hoi", "mother", "pet"])
def test_there_are_no_hints_or_secret_questions(word):
    contracts = (ROOT / "services" / "contracts" / "openrpc.json").read_text(encoding="utf-8")

    assert f'"{word}"' not in contracts.lower()
