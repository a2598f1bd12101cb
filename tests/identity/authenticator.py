"""A security key written from the standard (WebAuthn Level 3, 6.1 to 6.5): what it signs can be bent in every place."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN, HOUSE = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def data(told: str) -> bytes:
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


@dataclass
class SecurityKey:
    """One credential on one key. `counts=False`: a key that keeps no counter."""

    counts: bool = True
    counter: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client(self, kind: str, challenge: str, origin: str, **more) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False, **more}
        return json.dumps(told).encode()

    def _facts(self, house: str, flags: int, counter: int | None) -> bytes:
        if counter is None:
            self.counter += int(self.counts)
            counter = self.counter
        return hashlib.sha256(house.encode()).digest() + bytes([flags]) + struct.pack(">I", counter)

    def made(self, options: str, origin=ORIGIN, house=None, flags=PRESENT | VERIFIED, **more) -> str:
        """What a browser answers when it was asked to make a key."""
        asked = json.loads(options)
        numbers = self.private.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        facts = self._facts(house or asked["rp"]["id"], flags | ATTESTED, 0 if not self.counts else None)
        facts += bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": facts})
        client = self._client("webauthn.create", asked["challenge"], origin, **more)
        response = {"clientDataJSON": text(client), "attestationObject": text(attestation)}
        return self._credential(response)

    def used(
        self, options: str, origin=ORIGIN, house=None, flags=PRESENT | VERIFIED, counter=None, kind="webauthn.get", **more
    ) -> str:
        """What a browser answers when it was asked to use a key."""
        asked = json.loads(options)
        facts = self._facts(house or asked["rpId"], flags, counter)
        client = self._client(kind, asked["challenge"], origin, **more)
        signature = self.private.sign(facts + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(facts),
            "signature": text(signature),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, str]) -> str:
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
