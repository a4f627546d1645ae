"""Where the stores of an installation are, and which history somebody means."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import text

from ombudslink.folder import DataFolder, FolderError
from ombudslink.installation import Installation
from ombudslink.proof.copies import open_store
from ombudslink.references import read_reference

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def stream_of(found: Installation, complaint: str) -> str:
    """The id of a history, from the id itself, an office's number or the public reference.

    Raises:
        FolderError: nothing was filed under that reference, or no office has that number.
    """
    if _ID.fullmatch(complaint):
        return complaint
    if "/" in complaint:
        return _registered(found, complaint.strip().upper())
    participant = found.policy.intake
    with open_store(participant, store_of(found.folder, participant)) as connection:
        stream = connection.scalar(
            text("SELECT complaint FROM filing WHERE reference = :meant"),
            {"meant": read_reference(complaint)},
        )
    if stream is None:
        raise FolderError("nothing was filed under that reference")
    return str(stream)


def _registered(found: Installation, number: str) -> str:
    """The complaint that an office has under that number in its register.

    Raises:
        FolderError: there is none, or several.
    """
    streams: set[str] = set()
    for office in found.policy.offices:
        if number.startswith(f"{office.prefix}-"):
            with open_store(office.id, store_of(found.folder, office.id)) as connection:
                asked = text("SELECT complaint FROM registration WHERE number = :number")
                streams |= set(connection.scalars(asked, {"number": number}))
    if len(streams) != 1:
        raise FolderError(f"{len(streams)} complaints have that number in an office's register")
    return streams.pop()


def store_of(folder: DataFolder, participant: str) -> Path:
    """The file of a participant's store, also one that is not in use any more."""
    return folder.stores().get(participant) or folder.store(participant)
