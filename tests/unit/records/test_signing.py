"""Signatures of the office: by the algorithm of the key, and in either suite."""

from base64 import b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from gmssl.sm2 import CryptSM2

from chepai.domain.checkpoint import Checkpoint, read, signed
from chepai.domain.digests import ED25519, SM2, SM3
from chepai.records import signing
from chepai.records.signing import Signer

# GM/T 0003.5-2012, appendix A: key, message, number by chance, signature.
PRIVATE = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
PUBLIC = (
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
CHANCE = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21"
SIGNATURE = (
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
# A public key of SM2 in its DER form: id-ecPublicKey, the curve, the point (GM/T 0010).
SM2_DER = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200" + "04" + PUBLIC)
OWN = CryptSM2(private_key=PRIVATE, public_key=PUBLIC)


class KeyService:
    """The calls of the key service that are used, with a key of either kind."""

    def __init__(self) -> None:
        self.ed25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

    def get_public_key(self, *, KeyId: str) -> dict[str, Any]:  # noqa: N803 (the SDK's word)
        if KeyId == "sm":
            return {"KeySpec": "SM2", "PublicKey": SM2_DER}
        der = self.ed25519.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return {"KeySpec": "ECC_NIST_EDWARDS25519", "PublicKey": der}

    def sign(self, **asked: Any) -> dict[str, Any]:
        assert asked["MessageType"] == "RAW"
        if asked["KeyId"] == "sm":
            assert asked["SigningAlgorithm"] == "SM2DSA"
            made = OWN.sign_with_sm3(asked["Message"])
            der = encode_dss_signature(int(made[:64], 16), int(made[64:], 16))
            return {"Signature": der}
        assert asked["SigningAlgorithm"] == "ED25519_SHA_512"
        return {"Signature": self.ed25519.sign(asked["Message"])}


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch) -> None:
    made = KeyService()
    monkeypatch.setattr(signing, "client", lambda _: made)
    signing._public.cache_clear()


def checked_by_sm2(signature: bytes, message: bytes) -> bool:
    r, s = decode_dss_signature(signature)
    return bool(OWN.verify_with_sm3(f"{r:064x}{s:064x}", message))


def test_the_library_signs_as_the_standard_says():
    assert OWN.sign_with_sm3(b"message digest", CHANCE).upper() == SIGNATURE
    assert OWN.verify_with_sm3(SIGNATURE, b"message digest")
    assert not OWN.verify_with_sm3(SIGNATURE, b"message digesT")


def test_the_algorithm_is_that_of_the_key():
    assert (Signer("intl").algorithm, Signer("sm").algorithm) == (ED25519, SM2)
    assert len(Signer("intl").public) == 32
    assert Signer("sm").public == SM2_DER


@pytest.mark.parametrize("key", ["intl", "sm"])
def test_what_is_signed_is_checked_with_the_key_that_is_told(key):
    signer = Signer(key)
    signature, told = signer.sign(b"a checkpoint"), signer.told()
    assert told["kid"] == signer.kid
    public = b64decode(told["public"])
    if told["alg"] == ED25519:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, b"a checkpoint")
    else:
        assert checked_by_sm2(signature, b"a checkpoint")
        assert not checked_by_sm2(signature, b"another")


def test_a_checkpoint_is_signed_in_the_national_suite():
    signer = Signer("sm")
    point = Checkpoint("chepai-sandbox-qingdao/ledger", 7, b"r" * 32, SM3)
    note = signed(point, algorithm=signer.algorithm, public=signer.public, sign=signer.sign)
    assert read(note) == point
    material = b64decode(note.split()[-1])
    assert checked_by_sm2(material[4:], point.text().encode())


def test_two_keys_have_two_names():
    assert Signer("intl").kid != Signer("sm").kid
