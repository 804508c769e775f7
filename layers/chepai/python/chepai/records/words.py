"""What people write freely, sealed: whoever writes can open nothing, and whoever reads is named.

Each text has a data key of its own, wrapped by the key `words` for the one matter that it belongs
to. That key is not the vault's: whoever answers people's letters opens none of their records.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from chepai.records.aws import client

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Sealed(NamedTuple):
    """A sealed text and the wrapped key that opens it."""

    text: bytes
    key: bytes


def seal(matter: str, piece: str, text: str) -> Sealed:
    """Seal a text as this piece of this matter; it opens as no other one."""
    made = client("kms").generate_data_key(
        KeyId=_key(), KeySpec="AES_256", EncryptionContext=_context(matter)
    )
    nonce = os.urandom(NONCE_BYTES)
    body = _cipher(made["Plaintext"]).encrypt(nonce, text.encode(), _place(matter, piece))
    return Sealed(nonce + body, made["CiphertextBlob"])


def unseal(matter: str, piece: str, sealed: Sealed) -> str:
    """The text. The reading is entered by the caller before this is called."""
    opened = client("kms").decrypt(
        CiphertextBlob=sealed.key, KeyId=_key(), EncryptionContext=_context(matter)
    )
    nonce, body = sealed.text[:NONCE_BYTES], sealed.text[NONCE_BYTES:]
    plain = _cipher(bytes(opened["Plaintext"])).decrypt(nonce, body, _place(matter, piece))
    return plain.decode()


def _key() -> str:
    return os.environ["WORDS_KEY_ARN"]


def _context(matter: str) -> dict[str, str]:
    # The key's own policy asks for it: a wrapped key opens for its matter or not at all.
    return {"matter": matter}


def _place(matter: str, piece: str) -> bytes:
    return f"{matter}|{piece}".encode()


def _cipher(key: bytes) -> "AESGCM":
    # Loaded when a text is opened or sealed: lists need it not.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
