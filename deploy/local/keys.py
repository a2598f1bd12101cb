"""The signing keys of an installation: identity's for passports, reporting's for the public snapshot."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.kit import passports

PASSPORT = Path("identity") / "passport.json"
SNAPSHOT = Path("reporting") / "snapshot.pem"
PUBLIC = Path("public") / "passports.json"


def make(folder: Path) -> None:
    """Both keys exist, each in its owner's closed folder; the public half of the passport key is in a third."""
    for owner in (PASSPORT.parent, SNAPSHOT.parent, PUBLIC.parent):
        (folder / owner).mkdir(mode=0o700, parents=True, exist_ok=True)
    private = folder / PASSPORT
    if not private.exists():
        draft = private.with_suffix(".new")
        draft.unlink(missing_ok=True)
        passports.save_key(passports.new_key(), draft)
        draft.replace(private)
    if not (folder / PUBLIC).exists():
        passports.save_public([passports.load_key(private)], folder / PUBLIC)
    if not (folder / SNAPSHOT).exists():
        _make_snapshot_key(folder / SNAPSHOT)


def _make_snapshot_key(file: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(pem)
    draft.replace(file)
