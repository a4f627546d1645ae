"""What a process is told from outside: environment variables, with defaults for one machine."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Rates(BaseSettings):
    """How often something may be asked for, by the same kind of variables."""

    model_config = SettingsConfigDict(env_prefix="OMBUDSLINK_")

    filings_per_minute: int = Field(default=30, ge=1, le=1_000_000)
    """Complaints that may be filed without a key from one network."""
    requests_per_minute: int = Field(default=1200, ge=1, le=1_000_000)
    """Requests that may be made with one key of an office's people, or one complaint's code."""


class Settings(BaseSettings):
    """Read from variables that begin with `OMBUDSLINK_`, e.g. `OMBUDSLINK_DATA`; also `PORT`."""

    model_config = SettingsConfigDict(env_prefix="OMBUDSLINK_", populate_by_name=True)

    data: Path = Path(".data")
    """The folder with the log, every service's database, and the keys."""
    country: str = Field(default="kz", pattern=r"^[a-z]{2,8}$")
    """Which configuration a new data folder is made with; an existing one keeps its own."""
    empty: bool = False
    """Whether a new data folder gets no demonstration."""
    configuration: Path | None = None
    """The folder with offices, bodies, rules and calendars; by default the one that came along."""
    host: str = "127.0.0.1"
    port: int = Field(
        default=8000, ge=0, le=65535, validation_alias=AliasChoices("PORT", "OMBUDSLINK_PORT")
    )
    """0 lets the system choose a free one."""
    registrar: str = "http://127.0.0.1:8000/routing"
    """Where a service that runs alone finds routing."""
    intake: str = "http://127.0.0.1:8000/intake"
    """Where a service that runs alone finds intake."""
