"""Government bodies as participants of an installation: their keys, and what may not be missing."""

import shutil
from pathlib import Path

import pytest

from machine import Clock
from ombudslink.folder import DataFolder, FolderError
from ombudslink.installation import Installation
from ombudslink.offices import ConfigurationError
from ombudslink.proof.signing import KeyFileError
from ombudslink.web.access import AccessKeys, Scope
from onebox.platform import CONFIGURATION

BODY = "andalusia-education"


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """What came along, to be changed."""
    return Path(shutil.copytree(CONFIGURATION, tmp_path / "configuration"))


def installed(tmp_path: Path, configuration: Path = CONFIGURATION) -> Installation:
    return Installation.of(DataFolder(tmp_path / "data"), configuration, "es", Clock())


def another_body(configuration: Path, **changes: str) -> None:
    """Configure one more body, like the one that is there."""
    folder = configuration / "bodies" / "es"
    text = (folder / f"{BODY}.toml").read_text().replace(BODY, "catalonia-education")
    for old, new in changes.items():
        text = text.replace(old, new)
    (folder / "another.toml").write_text(text)


def test_a_body_has_a_signing_key_and_nothing_that_only_a_service_needs(tmp_path: Path) -> None:
    made = installed(tmp_path)
    folder = made.folder
    assert made.bodies() == (BODY,)
    assert BODY not in made.participants()
    assert [path.name for path in folder.keys(BODY).iterdir()] == ["signing.key"]
    assert folder.signer(BODY).key_id in folder.ring().keys
    assert not any(one.participant == BODY for one in AccessKeys(folder.access).all())


def test_the_key_of_a_bodys_system_reads_events_and_nothing_else(tmp_path: Path) -> None:
    made = installed(tmp_path)
    now = Clock()()
    access = AccessKeys(made.folder.access).find(made.issue(BODY, now), now)
    assert access is not None
    assert access.scopes == {Scope.EVENTS}


def test_a_lost_signing_key_of_a_body_is_named_and_none_is_made(tmp_path: Path) -> None:
    made = installed(tmp_path)
    key = made.folder.keys(BODY) / "signing.key"
    key.unlink()
    with pytest.raises(KeyFileError, match=str(key)):
        installed(tmp_path)
    assert not key.exists()


def test_a_body_that_was_configured_later_gets_its_key_by_command(
    tmp_path: Path, configuration: Path
) -> None:
    installed(tmp_path, configuration)
    another_body(configuration)
    with pytest.raises(ConfigurationError, match="ombudslink keys add catalonia-education"):
        installed(tmp_path, configuration)
    described = Installation.described(DataFolder(tmp_path / "data"), configuration, "es")
    described.add("catalonia-education", Clock()())
    assert installed(tmp_path, configuration).bodies() == (BODY, "catalonia-education")
    with pytest.raises(FolderError, match="has keys already"):
        described.add("catalonia-education", Clock()())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({'"school"': '"alchemy"'}, r"the body 'catalonia-education' .* 'bodies': \['alchemy'\]"),
        ({'["andalusia"]': '["atlantis"]'}, r"'regions': \['atlantis'\]"),
        ({"catalonia-education": "catalonia"}, "two participants have one id"),
        ({"catalonia-education": "routing"}, "two participants have one id"),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(
    tmp_path: Path, configuration: Path, changes: dict[str, str], told: str
) -> None:
    another_body(configuration, **changes)
    with pytest.raises(ConfigurationError, match=told):
        installed(tmp_path, configuration)


def test_a_country_without_bodies_is_complete(tmp_path: Path, configuration: Path) -> None:
    shutil.rmtree(configuration / "bodies")
    assert installed(tmp_path, configuration).bodies() == ()
