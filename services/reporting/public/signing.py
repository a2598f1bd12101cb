"""The manifest of a folder and the signature over it."""

import base64
import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from services.kit.private import write_private

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public-key.pem"


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs snapshots; made on first use where none was given, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(path, pem)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name} is not an Ed25519 key")
    return key


def seal(folder: Path, key: Ed25519PrivateKey, told: dict[str, object]) -> tuple[str, str]:
    """What is told of the folder in manifest.json, its signature beside it. The manifest's hash and the signature."""
    manifest = (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    signature = base64.b64encode(key.sign(manifest)).decode()
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_text(signature + "\n")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / PUBLIC_KEY).write_bytes(public)
    return hashlib.sha256(manifest).hexdigest(), signature
