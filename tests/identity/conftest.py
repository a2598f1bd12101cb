"""The identity service on a real database, and people who come in through its own doors."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import text

from services.contracts.base import Grant, Passport
from services.contracts.identity import (
    Activate,
    ConfirmEnrolment,
    CreateAccounts,
    NewAccount,
    SecondFactor,
    SignIn,
)
from services.identity.reference import national_units
from services.identity.service import IdentityService
from services.identity.settings import IdentitySettings
from services.identity.store import places
from services.kit.passports import save_key

ELECTION = "dien-tap-7"
HUE, VY_DA = "vn/46", "vn/46/19777"
PASSWORD = "con trâu già gặm cỏ bên bờ suối vắng"


@pytest.fixture
def db(own_database, request):
    return own_database("identity", pool=10, filled=_the_map if "units" in request.fixturenames else None)


def _the_map(tx):
    """Without its letters: most tests only need it to stand."""
    places.save_units(tx, national_units())


@pytest.fixture
def settings(db, signing_key, tmp_path_factory):
    folder = tmp_path_factory.mktemp("identity")
    save_key(signing_key, folder / "passport.json")
    made = IdentitySettings(database_url=db.url, passport_private_key=folder / "passport.json")
    made.make_sealing_key()
    return made


@pytest.fixture
def identity(hands, db, settings):
    return hands(IdentityService, db, settings=settings)


@pytest.fixture
def units(db):
    """The map stands in the database, which is a copy of one that has it."""


def holder(role, scope, person=None):
    """A passport of somebody with one role."""
    return Passport(
        person=person or uuid4(), name="Trần Văn Thử", session=uuid4(), grants=(Grant(role=role, scope=scope),)
    )


ROOT = holder("system_admin", "*")


def new(login, role="typist", unit=VY_DA, name="Lê Thị Hoa"):
    return NewAccount(login=login, name=name, role=role, unit=unit)


def creating(*accounts, unit=VY_DA, key=None):
    return CreateAccounts(key=key or uuid4(), election=ELECTION, unit=unit, accounts=accounts)


@dataclass
class Somebody:
    """A person at the door: what they know and what they hold."""

    doors: Any
    login: str
    code: str
    secret: str = ""

    def activated(self, password=PASSWORD):
        """Active, and half a minute later: the code of activation is not in the way."""
        enrolment = self.doors.activate(Activate(key=uuid4(), login=self.login, code=self.code, password=password))
        self.secret = enrolment.secret
        self.doors.confirm_enrolment(ConfirmEnrolment(key=uuid4(), login=self.login, code=self.code, totp=self.totp()))
        self.free_codes()
        return self

    def totp(self, steps=0):
        return pyotp.TOTP(self.secret).at(datetime.now(UTC), counter_offset=steps)

    def challenged(self, password=PASSWORD):
        return self.doors.sign_in(SignIn(key=uuid4(), login=self.login, password=password)).challenge

    def signed_in(self, steps=0):
        return self.doors.second_factor(SecondFactor(key=uuid4(), challenge=self.challenged(), totp=self.totp(steps)))

    def free_codes(self):
        """As if half a minute had passed: codes of this moment may be given again."""
        with self.doors.db.engine.begin() as connection:
            connection.execute(text("UPDATE authenticators SET last_step = 0"))


@pytest.fixture
def somebody(identity, units):
    """`somebody("lan.vy-da", "approver")` → created by the administrator above, with a one-time code."""

    def make(login="hoa.vy-da", role="typist", unit=VY_DA, name="Lê Thị Hoa"):
        answer = identity.create_accounts(creating(new(login, role, unit, name), unit=unit), by=ROOT)
        return Somebody(identity, login, answer.activations[0].code)

    return make
