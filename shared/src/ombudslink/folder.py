"""The data folder of one machine: the log, one database a participant, and everybody's keys."""

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ombudslink.files import put_in_place, write_new
from ombudslink.offices import ConfigurationError
from ombudslink.proof.signing import KeyRing, Signer, load_ring, load_secret, new_private_key
from ombudslink.web.access import AccessKeys, Scope

KEY_LIFETIME: Final = timedelta(days=365)
SECRETS: Final = ("vault", "code")
"""What a participant has besides its signing key: one that wraps content, one for codes."""


class FolderError(Exception):
    """A data folder that cannot be used; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where everything of an installation is."""

    path: Path

    @property
    def log(self) -> Path:
        """The embedded log's file."""
        return self.path / "log.sqlite"

    @property
    def access(self) -> Path:
        """The folder of API keys' digests."""
        return self.path / "access"

    @property
    def public(self) -> Path:
        """The folder of public keys."""
        return self.path / "public"

    def keys(self, participant: str) -> Path:
        """The folder of one participant's secrets, which nobody else may read."""
        return self.path / "keys" / participant

    def store(self, participant: str) -> Path:
        """The file of one participant's database."""
        return self.path / "stores" / f"{participant}.sqlite"

    def stores(self) -> dict[str, Path]:
        """Every database there is, by participant."""
        found = sorted((self.path / "stores").glob("*.sqlite"))
        return {path.stem: path for path in found}

    def database(self, participant: str) -> str:
        """The address of one participant's database."""
        return f"sqlite:///{self.store(participant)}"

    def country(self) -> str | None:
        """The country this installation was made for; None for a folder that is new.

        Raises:
            FolderError: there is something else in the folder.
        """
        try:
            marker = json.loads(self._marker.read_text(encoding="utf-8"))
            return str(marker["country"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError):
            raise FolderError(
                f"the installation's description is damaged: {self._marker}"
            ) from None
        if not self._half.exists() and self.path.is_dir() and any(self.path.iterdir()):
            raise FolderError(
                f"the folder is not empty and holds no installation: {self.path}. "
                "Choose an empty one with OMBUDSLINK_DATA; nothing was changed"
            )
        return None

    def make(
        self,
        country: str,
        participants: Mapping[str, frozenset[Scope]],
        now: datetime,
        bodies: Collection[str] = (),
    ) -> None:
        """Make a new installation with fresh keys; the scopes are those of each one's service.

        It is made aside and put in place when it is whole, its marker last: whatever stops this
        leaves either nothing that counts, or something that `finish` completes.

        Raises:
            FolderError: the folder cannot be written.
        """
        half = DataFolder(self._half)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if half.path.exists():
                shutil.rmtree(half.path)
            half.path.mkdir(mode=0o700)
            half.public.mkdir()
            (half.path / "stores").mkdir()
            (half.path / "keys").mkdir(mode=0o700)
            for participant, scopes in sorted(participants.items()):
                half.add(participant, scopes, now)
            for body in sorted(bodies):
                half.add_body(body)
            put_in_place(half._marker, json.dumps({"country": country}))
        except OSError as error:
            raise unwritable(self.path, error) from None
        self.finish()

    def finish(self) -> None:
        """Put an installation in place that was made whole and then interrupted.

        Raises:
            FolderError: the folder cannot be written.
        """
        half = DataFolder(self._half)
        if not half._marker.exists() and not self._marker.exists():
            return
        try:
            if half._marker.exists():
                for part in sorted(half.path.iterdir()):
                    if part != half._marker:
                        part.rename(self.path / part.name)
                half._marker.rename(self._marker)
            if half.path.exists():
                half.path.rmdir()
        except OSError as error:
            raise unwritable(self.path, error) from None

    def add(self, participant: str, scopes: frozenset[Scope], now: datetime) -> None:
        """Make the keys of one more participant.

        Raises:
            OSError: it has keys already, or the folder cannot be written.
        """
        self._add_signing_key(participant)
        for name in SECRETS:
            write_new(self.keys(participant) / f"{name}.key", os.urandom(32).hex())
        self.give_key(participant, scopes, now)

    def add_body(self, body: str) -> None:
        """Make the signing key of a government body, which has no service and no secrets here.

        Raises:
            OSError: it has one already, or the folder cannot be written.
        """
        self._add_signing_key(body)

    def _add_signing_key(self, participant: str) -> None:
        folder = self.keys(participant)
        folder.mkdir(mode=0o700)
        private = new_private_key()
        write_new(folder / "signing.key", private.hex())
        write_new(self.public / f"{participant}.pub", Signer(participant, private).public.hex())

    def give_key(self, participant: str, scopes: frozenset[Scope], now: datetime) -> str:
        """Let in another key, and have the participant's own service use it from now on.

        Raises:
            OSError: the folder cannot be written; the key before stands.
        """
        key = AccessKeys(self.access).issue(participant, scopes, now, now + KEY_LIFETIME)
        put_in_place(self._api_key(participant), key)
        return key

    def check(self, participants: Collection[str], bodies: Collection[str] = ()) -> None:
        """See that no key is lost before anything is started.

        Raises:
            KeyFileError: a key file is missing or unreadable; no new one is made.
            ConfigurationError: an office or a body was configured that has no keys here.
        """
        for participant in sorted({*participants, *bodies}):
            if not self.keys(participant).is_dir() and not self.store(participant).exists():
                raise ConfigurationError(
                    f"'{participant}' is configured and has no keys in {self.path}. "
                    f"Make them with: ombudslink keys add {participant}"
                )
            for name in ("signing", *(() if participant in bodies else SECRETS)):
                self.secret(participant, name)
            load_secret(self.public / f"{participant}.pub")

    def secret(self, participant: str, name: str) -> bytes:
        """One of a participant's secrets, 32 bytes.

        Raises:
            KeyFileError: the file is missing or unreadable.
        """
        return load_secret(self.keys(participant) / f"{name}.key")

    def api_key(self, participant: str) -> str:
        """The API key that this participant's own service uses.

        Raises:
            FolderError: the file is missing.
        """
        path = self._api_key(participant)
        try:
            return path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise FolderError(f"key file cannot be read: {path}: {error.strerror}") from None

    def signer(self, participant: str) -> Signer:
        """The participant's signing key.

        Raises:
            KeyFileError: the file is missing or unreadable.
        """
        return Signer(participant, self.secret(participant, "signing"))

    def ring(self) -> KeyRing:
        """Everybody's public keys."""
        return load_ring(self.public)

    @property
    def _marker(self) -> Path:
        return self.path / "installation.json"

    @property
    def _half(self) -> Path:
        return self.path / ".making"

    def _api_key(self, participant: str) -> Path:
        return self.keys(participant) / "api.key"


def unwritable(folder: Path, error: OSError) -> FolderError:
    """The sentence for a folder that takes nothing."""
    return FolderError(f"the data folder cannot be written: {folder}: {error.strerror}")
