"""Passports: who a request is from, signed by one service and verified by every other (JWT, EdDSA)."""

import json
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from services.contracts.base import Grant, NotSignedIn, Passport
from services.kit.private import write_private
from services.kit.revoked import Standing

AUDIENCE = "hom-phieu"
LIFETIME = timedelta(minutes=5)
_REMEMBERED = 4096
_LOOK_EVERY = 1.0  # seconds between looks at the key file
_CLOCKS_APART = 10  # seconds the clocks of two machines may differ without a passport being from the future

# RFC 9864 renames the algorithm to Ed25519; the keys and signatures are the same, and EdDSA is what readers know.
warnings.filterwarnings("ignore", message="EdDSA is deprecated")


def new_key() -> OKPKey:
    """A fresh Ed25519 signing key with a key id."""
    return OKPKey.generate_key("Ed25519", {"kid": uuid4().hex, "use": "sig"})


def save_key(key: OKPKey, path: Path) -> None:
    """The private key as a file only its owner reads."""
    write_private(path, json.dumps(key.as_dict(private=True)).encode())


def load_key(path: Path) -> OKPKey:
    """The key of a file, read again when the file is another or was written again."""
    written = path.stat()
    return _key_of(path, written.st_mtime_ns, written.st_ino)


@lru_cache(maxsize=8)
def _key_of(path: Path, _written_at: int, _inode: int) -> OKPKey:
    return OKPKey.import_key(json.loads(path.read_text()))


def save_public(keys: Iterable[OKPKey], path: Path) -> None:
    """The public halves as a JWKS file, replaced in one step: what a Verifier reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))
    fresh.replace(path)


def public_keys(path: Path) -> list[OKPKey]:
    """The public keys of a JWKS file, oldest first."""
    return [OKPKey.import_key(each) for each in json.loads(path.read_text())["keys"]]


def sign(passport: Passport, key: OKPKey, lifetime: timedelta = LIFETIME) -> str:
    """The passport as a signed token that holds for `lifetime` from now."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
        "sub": str(passport.person),
        "name": passport.name,
        "sid": str(passport.session),
        "grants": [[grant.role, grant.scope] for grant in passport.grants],
    }
    if passport.approves:
        claims["approves"] = passport.approves
    if passport.machine:
        claims["machine"] = passport.machine
    return jwt.encode({"alg": "EdDSA", "kid": key.kid}, claims, key, algorithms=["EdDSA"])


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a token says, from when and until when (unix seconds)."""

    passport: Passport
    issued_at: float
    ends_at: float


@dataclass(slots=True)
class _Ring:
    """The keys one reading of the file gave, and the passports they verified."""

    keys: KeySet
    file: tuple[int, int]  # when it was written, and which file of that instant it is
    known: dict[str, _Verified] = field(default_factory=dict)


class Verifier:
    """Passports that verify against the public keys of one JWKS file; the file is read again when it changes.

    Threads and greenlets may share one: keys change hands as a whole, with the passports they verified. `standing`
    knows which passports no longer hold although they verify; without it none is revoked before it ends.
    """

    def __init__(self, jwks_path: Path, standing: Standing | None = None) -> None:
        self._path = jwks_path
        self._standing = standing
        self._looked_at = float("-inf")
        self._ring: _Ring | None = None

    def verify(self, token: str) -> Passport:
        """The passport a token carries, or NotSignedIn; Unavailable while nobody tells whether it still holds."""
        ring = self._current()
        known = ring.known.get(token)
        if known is None:
            known = _decode(token, ring.keys)
            if len(ring.known) >= _REMEMBERED:
                ring.known.clear()
            ring.known[token] = known
        if time.time() >= known.ends_at:
            raise NotSignedIn
        if self._standing is not None:
            self._standing.require(known.passport, known.issued_at)
        return known.passport

    def _current(self) -> _Ring:
        ring, now = self._ring, time.monotonic()
        if ring is not None and now - self._looked_at < _LOOK_EVERY:
            return ring
        try:
            found = self._path.stat()
            file = (found.st_mtime_ns, found.st_ino)
            if ring is None or ring.file != file:
                ring = _Ring(KeySet.import_key_set(json.loads(self._path.read_text())), file)
        except FileNotFoundError as missing:
            raise NotSignedIn from missing
        self._ring, self._looked_at = ring, now
        return ring


def _decode(token: str, keys: KeySet) -> _Verified:
    try:
        claims = jwt.decode(token, keys, algorithms=["EdDSA"]).claims
        jwt.JWTClaimsRegistry(
            leeway=_CLOCKS_APART,  # of the beginning only: the end is looked at again at every use, to the second
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        ).validate(claims)
        passport = Passport(
            person=UUID(claims["sub"]),
            name=claims["name"],
            session=UUID(claims["sid"]),
            grants=tuple(Grant(role=role, scope=scope) for role, scope in claims["grants"]),
            approves=claims.get("approves"),
            machine=claims.get("machine", ""),
        )
    except (JoseError, ValueError, KeyError, TypeError) as forged:
        raise NotSignedIn from forged
    return _Verified(passport, float(claims["iat"]), float(claims["exp"]))
