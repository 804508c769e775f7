"""A checkpoint is a signed note that a stranger's tool reads."""

from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chepai.domain.checkpoint import Checkpoint, key_id, origin_of, read, signed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
POINT = Checkpoint(origin_of("sandbox", "qingdao"), 3, b"r" * 32, "sha-256")
NOTE = signed(POINT, algorithm="ed25519", public=PUBLIC, sign=KEY.sign)


def test_it_reads_as_it_was_written():
    assert read(NOTE) == POINT
    assert NOTE.splitlines()[:2] == ["chepai-sandbox-qingdao/ledger", "3"]


def test_its_signature_covers_the_text_and_names_the_key():
    text, _, line = NOTE.partition("\n\n")
    dash, name, encoded = line.split()
    material = b64decode(encoded)
    assert (dash, name) == ("\u2014", POINT.origin)
    assert material[:4] == key_id(POINT.origin, "ed25519", PUBLIC)
    KEY.public_key().verify(material[4:], f"{text}\n".encode())
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(material[4:], f"{text}\nmore\n".encode())


def test_the_same_checkpoint_is_the_same_note():
    assert signed(POINT, algorithm="ed25519", public=PUBLIC, sign=KEY.sign) == NOTE


@pytest.mark.parametrize("torn", ["", "a\n1\nb\n", "origin\n3\n\n\u2014 x y\n"])
def test_what_is_no_checkpoint_is_refused(torn):
    with pytest.raises(ValueError, match="no checkpoint"):
        read(torn)
