"""One machine's installation: configuration, keys, and what each service is given of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI

from ombudslink.folder import KEY_LIFETIME, DataFolder, FolderError, unwritable
from ombudslink.identity import ServiceKey
from ombudslink.log import Log, system_clock
from ombudslink.offices import ConfigurationError, Policy, load_policy
from ombudslink.runtime.service import Create, Setting
from ombudslink.settings import Rates, Settings
from ombudslink.vocabulary import Vocabulary, load_vocabulary
from ombudslink.web.access import AccessKeys, Scope

REPORTING: Final = "reporting"
OFFICE_KEY: Final = frozenset({Scope.FILE, Scope.READ, Scope.ACT})
"""What the people of an office may do."""
BODY_KEY: Final = frozenset({Scope.EVENTS})
"""What the system of a government body may do."""
OPERATOR: Final = "operator"
"""Who runs the machine; no participant, it can only read numbers."""
OPERATOR_KEY: Final = frozenset({Scope.OPERATE})

SERVICE_KEYS: Final = {
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
    rates: Rates = field(default_factory=Rates)

    @classmethod
    def of(
        cls,
        folder: DataFolder,
        configuration: Path,
        country: str,
        now: Callable[[], datetime] = system_clock,
    ) -> "Installation":
        """The installation in a folder, made with fresh keys if the folder is new.

        Services' keys that do not last much longer are renewed.

        Raises:
            FolderError: the folder cannot be used.
            KeyFileError: a key file is missing.
            ConfigurationError: the configuration is wrong.
        """
        folder.finish()
        installation = cls.described(folder, configuration, country)
        participants = installation.participants()
        if folder.country() is None:
            scopes = {who: SERVICE_KEYS[service] for who, service in participants.items()}
            folder.make(country, scopes, now(), installation.bodies())
        folder.check(participants, installation.bodies())
        for participant in participants:
            try:
                installation.identity(participant, now).renew_in_time()
            except OSError as error:
                raise unwritable(folder.path, error) from None
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
        vocabulary = load_vocabulary(configuration, country)
        for body in policy.bodies:
            vocabulary.refuse_unknown("bodies", body.bodies, f"the body '{body.id}'")
            vocabulary.refuse_unknown("regions", body.regions, f"the body '{body.id}'")
        for row in policy.joint.mandatory:
            which = f"the mandatory party '{row.office}'"
            vocabulary.refuse_unknown("affected", row.affected, which)
        return cls(folder, configuration, policy, vocabulary)

    def bodies(self) -> tuple[str, ...]:
        """The government bodies: participants that no service of this installation acts for."""
        return tuple(body.id for body in self.policy.bodies)

    def participants(self) -> dict[str, str]:
        """Every participant that has a service of this installation, and which service that is."""
        offices = {office.id: "case-tracking" for office in self.policy.offices}
        return {
            self.policy.intake: "intake",
            self.policy.registrar: "routing",
            REPORTING: REPORTING,
            **offices,
        }

    def readers_of_all(self) -> tuple[str, ...]:
        """Who reads every history, besides the registrar."""
        return self.policy.intake, REPORTING

    def add(self, participant: str, now: datetime) -> None:
        """Make the keys of a participant that was configured after the folder was made.

        Raises:
            ConfigurationError: it is not configured.
            FolderError: it has keys already, or the folder cannot be written.
        """
        service = self.participants().get(participant)
        if service is None and participant not in self.bodies():
            raise ConfigurationError(f"'{participant}' is not configured in {self.configuration}")
        try:
            if service is None:
                self.folder.add_body(participant)
            else:
                self.folder.add(participant, SERVICE_KEYS[service], now)
        except FileExistsError:
            raise FolderError(f"'{participant}' has keys already; nothing was changed") from None
        except OSError as error:
            raise unwritable(self.folder.path, error) from None

    def holders(self) -> dict[str, frozenset[Scope]]:
        """Who may be given API keys, and what those are good for."""
        offices = dict.fromkeys((office.id for office in self.policy.offices), OFFICE_KEY)
        return {**offices, **dict.fromkeys(self.bodies(), BODY_KEY), OPERATOR: OPERATOR_KEY}

    def issue(self, holder: str, now: datetime, lifetime: timedelta = KEY_LIFETIME) -> str:
        """A new API key for an office's people, a body or the operator, shown this once.

        Raises:
            ConfigurationError: there is no such holder.
            FolderError: the folder cannot be written.
        """
        scopes = self.holders().get(holder)
        if scopes is None:
            known = ", ".join(self.holders())
            raise ConfigurationError(f"no such holder: '{holder}'. Keys are issued to: {known}")
        try:
            return AccessKeys(self.folder.access).issue(holder, scopes, now, now + lifetime)
        except OSError as error:
            raise unwritable(self.folder.path, error) from None

    def renew(self, participant: str, now: datetime) -> None:
        """Make a new API key with which a participant's service calls the others.

        Raises:
            ConfigurationError: there is no such participant.
            FolderError: its key file is missing, or the folder cannot be written.
        """
        if participant not in self.participants():
            known = ", ".join(self.participants())
            raise ConfigurationError(f"no such service: '{participant}'. There are: {known}")
        try:
            self.identity(participant, lambda: now).renew()
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
        now: Callable[[], datetime] = system_clock,
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
            admitted=self.identity(participant, now).good,
            rates=self.rates,
            now=now,
        )
        return creator(self.participants()[participant])(setting)

    def identity(self, participant: str, now: Callable[[], datetime] = system_clock) -> ServiceKey:
        """With what a participant's service identifies itself at the others.

        Raises:
            FolderError: its key file is missing.
        """
        scopes = SERVICE_KEYS[self.participants()[participant]]
        return ServiceKey(self.folder, participant, scopes, now)


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
