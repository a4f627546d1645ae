"""One machine's installation: configuration, keys, and what each service is given of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI

from ombudslink.folder import KEY_LIFETIME, DataFolder, FolderError, unwritable
from ombudslink.log import Log
from ombudslink.offices import ConfigurationError, Policy, load_policy
from ombudslink.runtime.service import Create, Setting, wall_clock
from ombudslink.settings import Settings
from ombudslink.vocabulary import Vocabulary, load_vocabulary
from ombudslink.web.access import AccessKeys, Scope

REPORTING: Final = "reporting"
OFFICE_KEY: Final = frozenset({Scope.FILE, Scope.READ, Scope.ACT})
"""What the people of an office may do."""
OPERATOR: Final = "operator"
"""Who runs the machine; no participant, it can only read numbers."""
OPERATOR_KEY: Final = frozenset({Scope.OPERATE})

_SERVICE_KEYS: Final = {
    "case-tracking": frozenset({Scope.CONTENT, Scope.LETTER, Scope.HISTORY}),
    "intake": frozenset({Scope.HISTORY}),
    "routing": frozenset[Scope](),
    REPORTING: frozenset({Scope.HISTORY}),
}
"""What each service may do at the others."""


@dataclass(frozen=True)
class Installation:
    """A data folder together with the country's configuration."""

    folder: DataFolder
    configuration: Path
    policy: Policy
    vocabulary: Vocabulary

    @classmethod
    def of(cls, folder: DataFolder, configuration: Path, country: str) -> "Installation":
        """The installation in a folder, made with fresh keys if the folder is new.

        Raises:
            FolderError: the folder cannot be used.
            KeyFileError: a key file is missing.
            ConfigurationError: the configuration is wrong.
        """
        installation = cls.described(folder, configuration, country)
        participants = installation.participants()
        if folder.country() is None:
            scopes = {who: _SERVICE_KEYS[service] for who, service in participants.items()}
            folder.make(country, scopes, wall_clock())
        folder.check(participants)
        return installation

    @classmethod
    def described(cls, folder: DataFolder, configuration: Path, country: str) -> "Installation":
        """The installation as it is configured, whether its keys are there or not.

        Raises:
            FolderError: the folder holds something else.
            ConfigurationError: the configuration is wrong.
        """
        country = folder.country() or country
        policy = load_policy(configuration, country)
        return cls(folder, configuration, policy, load_vocabulary(configuration, country))

    def participants(self) -> dict[str, str]:
        """Every participant of this installation, and the service that acts for it."""
        offices = {office.id: "case-tracking" for office in self.policy.offices}
        return {
            self.policy.intake: "intake",
            self.policy.registrar: "routing",
            REPORTING: REPORTING,
            **offices,
        }

    def add(self, participant: str, now: datetime) -> None:
        """Make the keys of a participant that was configured after the folder was made.

        Raises:
            ConfigurationError: it is not configured.
            FolderError: it has keys already, or the folder cannot be written.
        """
        service = self.participants().get(participant)
        if service is None:
            raise ConfigurationError(f"'{participant}' is not configured in {self.configuration}")
        try:
            self.folder.add(participant, _SERVICE_KEYS[service], now)
        except FileExistsError:
            raise FolderError(f"'{participant}' has keys already; nothing was changed") from None
        except OSError as error:
            raise unwritable(self.folder.path, error) from None

    def holders(self) -> dict[str, frozenset[Scope]]:
        """Who may be given API keys for people, and what those are good for."""
        offices = {office.id: OFFICE_KEY for office in self.policy.offices}
        return {**offices, OPERATOR: OPERATOR_KEY}

    def issue(self, holder: str, now: datetime, lifetime: timedelta = KEY_LIFETIME) -> str:
        """A new API key for an office's people or the operator, which is shown this once.

        Raises:
            ConfigurationError: there is no such holder.
            FolderError: the folder cannot be written.
        """
        scopes = self.holders().get(holder)
        if scopes is None:
            known = ", ".join(self.holders())
            raise ConfigurationError(f"no such office: '{holder}'. Keys are issued to: {known}")
        try:
            return AccessKeys(self.folder.access).issue(holder, scopes, now, now + lifetime)
        except OSError as error:
            raise unwritable(self.folder.path, error) from None

    def place(self, participant: str) -> str:
        """Under which path of one address a participant's service is found."""
        service = self.participants()[participant]
        return f"/offices/{participant}" if service == "case-tracking" else f"/{service}"

    def service(
        self,
        participant: str,
        *,
        log: Log,
        registrar: httpx.AsyncClient,
        intake: httpx.AsyncClient,
        now: Callable[[], datetime] = wall_clock,
    ) -> FastAPI:
        """The application of one participant's service.

        Raises:
            KeyFileError: a key file is missing.
            ConfigurationError: the service is not installed.
        """
        folder = self.folder
        setting = Setting(
            participant=participant,
            policy=self.policy,
            vocabulary=self.vocabulary,
            configuration=self.configuration,
            database=folder.database(participant),
            keys=folder.keys(participant),
            access=folder.access,
            signer=folder.signer(participant),
            ring=folder.ring(),
            log=log,
            registrar=registrar,
            intake=intake,
            now=now,
        )
        return creator(self.participants()[participant])(setting)

    def headers(self, participant: str) -> dict[str, str]:
        """With what a participant's service identifies itself at the others."""
        return {"Authorization": f"Bearer {self.folder.api_key(participant)}"}


def configuration_of(settings: Settings) -> Path:
    """The folder with `offices`, `rules` and `calendar`.

    Raises:
        ConfigurationError: none is set, and none came with the program.
    """
    if settings.configuration is not None:
        return settings.configuration
    for entry in entry_points(group="ombudslink.configuration"):
        came_along: Path = entry.load()
        return came_along
    raise ConfigurationError("no configuration: set OMBUDSLINK_CONFIGURATION to its folder")


def creator(service: str) -> Create:
    """The service's entry point (`ombudslink.services`).

    Raises:
        ConfigurationError: it is not installed.
    """
    for entry in entry_points(group="ombudslink.services"):
        if entry.name == service:
            create: Create = entry.load()
            return create
    raise ConfigurationError(f"the service is not installed: {service}")
