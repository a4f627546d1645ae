"""Ed25519 keys of participants: signing a command's digest, and checking who signed it."""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_CONTEXT: Final = b"ombudslink command v1\0"
_REPORT: Final = b"ombudslink joint report v1\0"
"""What stands before a digest says what is signed: a signature of the one is none of the other."""


class KeyFileError(Exception):
    """A key file that is missing or unreadable; the message names the file."""


def key_id(participant: str, public: bytes) -> str:
    """The name of a public key: its owner and the beginning of its SHA-256."""
    return f"{participant}#{hashlib.sha256(public).hexdigest()[:16]}"


class Signer:
    """A participant's private key."""

    def __init__(self, participant: str, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self._nonces = hashlib.sha256(_CONTEXT + b"nonce" + private).digest()
        self.participant = participant
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = key_id(participant, self.public)

    def nonce(self, command_id: str) -> str:
        """The nonce of a command: the same when it is made again, and nobody else can guess it."""
        return hmac.new(self._nonces, command_id.encode(), hashlib.sha256).hexdigest()[:32]

    def sign(self, digest: str) -> str:
        """The signature of a command's digest, in base64url without padding."""
        return self._signed(_CONTEXT, digest)

    def sign_report(self, digest: str) -> str:
        """The signature of a joint report's digest, in base64url without padding."""
        return self._signed(_REPORT, digest)

    def _signed(self, context: bytes, digest: str) -> str:
        raw = self._key.sign(context + bytes.fromhex(digest))
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class KeyRing:
    """The public keys of all participants by key id."""

    keys: Mapping[str, bytes]

    def verify(self, participant: str, key: str, digest: str, signature: str) -> bool:
        """Whether that participant's key of that name signed the command of that digest."""
        return self._verified(_CONTEXT, participant, key, digest, signature)

    def verify_report(self, participant: str, key: str, digest: str, signature: str) -> bool:
        """Whether that participant's key of that name signed the joint report of that digest."""
        return self._verified(_REPORT, participant, key, digest, signature)

    def _verified(
        self, context: bytes, participant: str, key: str, digest: str, signature: str
    ) -> bool:
        public = self.keys.get(key)
        if public is None or not key.startswith(f"{participant}#"):
            return False
        try:
            raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
            message = context + bytes.fromhex(digest)
            Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def new_private_key() -> bytes:
    """A fresh Ed25519 private key, 32 bytes."""
    return os.urandom(32)


def load_secret(path: Path, length: int = 32) -> bytes:
    """The bytes of a key file, which holds them in hexadecimal.

    Raises:
        KeyFileError: the file is missing, unreadable or holds something else.
    """
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise KeyFileError(
            f"key file is missing: {path}. Restore it from your backup; a new key would make the "
            "data that it protects unreadable, so none was made."
        ) from None
    except (OSError, ValueError) as error:
        raise KeyFileError(f"key file cannot be read: {path}: {error}") from None
    if len(secret) != length:
        raise KeyFileError(f"key file has the wrong length: {path}")
    return secret


def load_ring(folder: Path) -> KeyRing:
    """All `<participant>.pub` files of a folder.

    Raises:
        KeyFileError: one of them cannot be read.
    """
    paths = sorted(folder.glob("*.pub"))
    return _ring((path.stem, load_secret(path)) for path in paths)


def ring_of(keys: Iterable[tuple[str, str]]) -> KeyRing:
    """The ring of participants' public keys in hexadecimal.

    Raises:
        KeyFileError: one of them is no key.
    """
    try:
        found = [(participant, bytes.fromhex(public)) for participant, public in keys]
    except ValueError:
        raise KeyFileError("one of the keys is not in hexadecimal") from None
    return _ring(found)


def _ring(keys: Iterable[tuple[str, bytes]]) -> KeyRing:
    return KeyRing({key_id(participant, public): public for participant, public in keys})
