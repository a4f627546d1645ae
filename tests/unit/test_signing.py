"""A signature holds for one participant, digest and purpose; key files are read with care."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ombudslink.proof.chain import digest
from ombudslink.proof.signing import (
    KeyFileError,
    KeyRing,
    Signer,
    key_id,
    load_ring,
    load_secret,
    new_private_key,
)
from ombudslink.testing.country import CHILDREN, GENERAL

PRIVATE, OTHER = bytes(range(32)), bytes(range(1, 33))
SIGNER = Signer(GENERAL, PRIVATE)
CHILDRENS = Signer(CHILDREN, OTHER)
RING = KeyRing({SIGNER.key_id: SIGNER.public, CHILDRENS.key_id: CHILDRENS.public})
DIGEST = digest(b"a command")
SIGNATURE = SIGNER.sign(DIGEST)


def b64(raw: bytes) -> str:
    """Bytes as a signature is written."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_signature_of_its_own_key_is_good() -> None:
    assert RING.verify(GENERAL, SIGNER.key_id, DIGEST, SIGNATURE)
    assert SIGNER.sign(DIGEST) == SIGNATURE


def test_a_signature_is_refused_for_another_participant_key_or_digest() -> None:
    assert not RING.verify(CHILDREN, SIGNER.key_id, DIGEST, SIGNATURE)
    assert not RING.verify(GENERAL, CHILDRENS.key_id, DIGEST, SIGNATURE)
    assert not RING.verify(CHILDREN, CHILDRENS.key_id, DIGEST, SIGNATURE)
    assert not RING.verify(GENERAL, SIGNER.key_id, digest(b"another"), SIGNATURE)
    assert not RING.verify(GENERAL, "general#0000000000000000", DIGEST, SIGNATURE)


def test_a_participant_whose_name_begins_like_another_has_no_part_in_its_key() -> None:
    for name in ("gen", "general#", "", "general-2"):
        assert not RING.verify(name, SIGNER.key_id, DIGEST, SIGNATURE)


@pytest.mark.parametrize("place", range(0, 64, 9))
def test_one_changed_byte_spoils_a_signature(place: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(SIGNATURE + "=="))
    raw[place] ^= 1
    assert not RING.verify(GENERAL, SIGNER.key_id, DIGEST, b64(bytes(raw)))


@pytest.mark.parametrize(
    "context", [b"", b"ombudslink command v2\0", b"ombudslink checkpoint v1\0"]
)
def test_a_signature_made_for_another_purpose_is_no_signature_of_a_command(context: bytes) -> None:
    raw = Ed25519PrivateKey.from_private_bytes(PRIVATE).sign(context + bytes.fromhex(DIGEST))
    assert not RING.verify(GENERAL, SIGNER.key_id, DIGEST, b64(raw))


@pytest.mark.parametrize("rubbish", ["", "A", "подпись", "=" * 86, "A" * 86, "A" * 200_000])
def test_rubbish_is_refused_and_never_an_error(rubbish: str) -> None:
    assert not RING.verify(GENERAL, SIGNER.key_id, DIGEST, rubbish)
    assert not RING.verify(GENERAL, SIGNER.key_id, rubbish, SIGNATURE)
    assert not RING.verify(GENERAL, rubbish, DIGEST, SIGNATURE)


def test_a_nonce_is_the_same_when_a_command_is_made_again_and_tells_nothing_of_another() -> None:
    assert SIGNER.nonce("c-1") == Signer(GENERAL, PRIVATE).nonce("c-1")
    assert len({SIGNER.nonce("c-1"), SIGNER.nonce("c-2"), CHILDRENS.nonce("c-1")}) == 3


def test_the_name_of_a_key_is_its_owner_and_its_fingerprint() -> None:
    assert SIGNER.key_id == key_id(GENERAL, SIGNER.public)
    assert SIGNER.key_id.startswith("general#")
    assert new_private_key() != new_private_key()


def test_a_ring_is_read_from_the_public_key_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "general.pub").write_text(SIGNER.public.hex() + "\n", encoding="ascii")
    (tmp_path / "general.key").write_text("not read", encoding="ascii")
    assert load_ring(tmp_path) == KeyRing({SIGNER.key_id: SIGNER.public})


@pytest.mark.parametrize(
    ("written", "message"),
    [(None, "missing"), ("zz", "cannot be read"), ("abcd", "wrong length"), ("ключ", "cannot be")],
)
def test_a_key_file_that_is_not_there_or_not_a_key_is_named(
    tmp_path: Path, written: str | None, message: str
) -> None:
    path = tmp_path / "office.key"
    if written is not None:
        path.write_text(written, encoding="utf-8")
    with pytest.raises(KeyFileError, match=message) as refused:
        load_secret(path)
    assert str(path) in str(refused.value)
    assert written is None or written not in str(refused.value)
