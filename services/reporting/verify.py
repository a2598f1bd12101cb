"""Checks a downloaded snapshot without any network: `python -m services.reporting.verify FOLDER [--key FILE]`.

Needs only the standard library and `cryptography`. Says what is wrong, every file of it; exit status 0 only when the
signature holds and each file is exactly what was signed, none missing, none added.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

_UNSIGNED = {"manifest.json", "manifest.sig", "public-key.pem"}


def faults(folder: Path, key_file: Path | None = None) -> list[str]:
    """Everything that is not as it was signed; empty when all of it is."""
    try:
        manifest = (folder / "manifest.json").read_bytes()
        signature = base64.b64decode((folder / "manifest.sig").read_text().strip(), validate=True)
        key = load_pem_public_key((key_file or folder / "public-key.pem").read_bytes())
    except (OSError, ValueError, binascii.Error) as missing:
        return [f"the snapshot cannot be read: {missing}"]
    if not isinstance(key, Ed25519PublicKey):
        return ["the public key is not an Ed25519 key"]
    try:
        key.verify(signature, manifest)
    except InvalidSignature:
        return ["manifest.json does not carry the signature of this key"]
    return _differences(folder, json.loads(manifest)["files"])


def _differences(folder: Path, signed: dict[str, dict[str, object]]) -> list[str]:
    found = []
    here = {place.relative_to(folder).as_posix() for place in folder.rglob("*") if place.is_file()} - _UNSIGNED
    found += [f"{name}: missing" for name in sorted(signed.keys() - here)]
    found += [f"{name}: not signed" for name in sorted(here - signed.keys())]
    for name in sorted(here & signed.keys()):
        content = (folder / name).read_bytes()
        if len(content) != signed[name]["size"] or hashlib.sha256(content).hexdigest() != signed[name]["sha256"]:
            found.append(f"{name}: changed since it was signed")
    return found


def main() -> int:
    """The verdict, on one line, after everything that is wrong."""
    parser = argparse.ArgumentParser(description="Checks a downloaded snapshot offline.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", type=Path, default=None, help="a public key you trust, instead of the one beside it")
    given = parser.parse_args()
    wrong = faults(given.folder.resolve(), given.key)
    for fault in wrong:
        sys.stdout.write(f"{fault}\n")
    signed = {} if wrong else json.loads((given.folder / "manifest.json").read_bytes())["files"]
    sys.stdout.write(f"verdict: {'miss' if wrong else 'ok'} files={len(signed)} faults={len(wrong)}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
