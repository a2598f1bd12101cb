"""The relying party's part of WebAuthn (W3C, Level 3), as the library does it; `ceremonies` has it done apart."""

from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import encode_cbor, parse_attestation_object
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity.ceremonies import House, Maker, NewKey, WrongAnswer
from services.identity.domain.passkeys import CEREMONY_LIFE

_PATIENCE: Final = int(CEREMONY_LIFE.total_seconds()) * 1000
_UNREADABLE: Final = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    ValueError,  # JSON, base64, UTF-8, points that are on no curve
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What the libraries below raise on an answer that no browser makes."""


def creation_options(
    house: House, challenge: bytes, maker: Maker, known: Sequence[bytes], *, direct: bool = False
) -> str:
    """As in `ceremonies`."""
    wish = AttestationConveyancePreference.DIRECT if direct else AttestationConveyancePreference.NONE
    options = generate_registration_options(
        rp_id=house.id,
        rp_name=house.name,
        user_id=maker.person.bytes,
        user_name=maker.login,
        user_display_name=maker.name,
        challenge=challenge,
        timeout=_PATIENCE,
        attestation=wish,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json(options)


def request_options(house: House, challenge: bytes, known: Sequence[bytes]) -> str:
    """As in `ceremonies`."""
    options = generate_authentication_options(
        rp_id=house.id,
        challenge=challenge,
        timeout=_PATIENCE,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def counter_of(house: House, answer: str, challenge: bytes, public_key: bytes | None) -> int:
    """As in `ceremonies`. An answer to no known key is checked against one whose private half is forgotten."""
    try:
        checked = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=house.id,
            expected_origin=list(house.origins),
            credential_public_key=_NOBODYS_KEY if public_key is None else public_key,
            credential_current_sign_count=0,  # a counter that goes back is more than a wrong answer: the door judges it
            require_user_verification=True,
        )
    except _UNREADABLE as wrong:
        raise WrongAnswer from wrong
    return checked.new_sign_count


def key_of(house: House, answer: str, challenge: bytes, roots: Sequence[bytes] = ()) -> NewKey:
    """As in `ceremonies`."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=house.id,
            expected_origin=list(house.origins),
            require_user_verification=True,
            pem_root_certs_bytes_by_fmt={AttestationFormat.PACKED: list(roots)} if roots else None,
        )
        vouched = parse_attestation_object(made.attestation_object).att_stmt.x5c
    except _UNREADABLE as wrong:
        raise WrongAnswer from wrong
    return NewKey(
        credential=made.credential_id,
        public_key=made.credential_public_key,
        counter=made.sign_count,
        kind=made.aaguid,
        attested=bool(vouched) and (not roots or made.fmt == AttestationFormat.PACKED),
        synced=made.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
    )


def _descriptors(known: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=credential) for credential in known]


def _nobodys() -> bytes:
    numbers = generate_private_key(SECP256R1()).public_key().public_numbers()
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


_NOBODYS_KEY: Final = _nobodys()
