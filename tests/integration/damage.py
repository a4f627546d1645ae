"""What is done to a store's copy of a history in these tests, and what that is called."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ombudslink.proof.chain import link
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.store.migrate import migrate
from ombudslink.testing.builders import accepted, answered, filed
from ombudslink.testing.country import CHILDREN, ENTREPRENEURS, GENERAL, TRANSFER
from ombudslink.testing.histories import Told, told
from tampering import Act, edited, rewritten, sql

MOVED = "00000000-0000-4000-8000-00000000000a"
ANSWERED = "00000000-0000-4000-8000-00000000000b"
ABOUT_CHILDREN = "00000000-0000-4000-8000-00000000000c"
HISTORIES: dict[str, list[Told]] = {
    MOVED: told(accepted(TRANSFER), MOVED),
    ANSWERED: told(answered(), ANSWERED),
    ABOUT_CHILDREN: told(filed(complained_office=CHILDREN), ABOUT_CHILDREN),
}
"""From the general to the children's office; the general office's alone; about the children's."""
ALL = tuple(HISTORIES)
HELD: dict[str, tuple[str, ...]] = {
    "routing": ALL,
    "intake": ALL,
    "reporting": ALL,
    GENERAL: ALL,
    CHILDREN: (MOVED,),
    ENTREPRENEURS: (),
}


def add(path: Path, events: Iterable[Told]) -> None:
    """Append the events to a store as its service would."""
    database = Database(f"sqlite:///{path}")
    database.open()
    migrate(database)
    with database.maintain() as connection:
        for one in events:
            head = history.head(connection, one.envelope.stream)
            history.append(connection, head, [one.envelope])
    database.close()


def on_moved(*statements: str, **values: Any) -> Act:
    return sql(*statements, moved=MOVED, **values)


def bodies(stream: str) -> list[bytes]:
    return [one.body for one in HISTORIES[stream]]


LAST = len(HISTORIES[MOVED])
BEYOND = edited(bodies(MOVED)[-1], version=LAST + 1)
"""An event that would be the next one and that nobody decided."""

DAMAGE: dict[str, tuple[Act, int, str]] = {
    "an edited body": (
        on_moved(
            "UPDATE event SET body = :body WHERE stream = :moved AND version = 3",
            body=edited(bodies(MOVED)[2], author="entrepreneurs"),
        ),
        3,
        "altered",
    ),
    "a body that is no event any more": (
        on_moved("UPDATE event SET body = 'x' WHERE stream = :moved AND version = 2"),
        2,
        "altered",
    ),
    "an edited hash": (
        on_moved("UPDATE event SET hash = zeroblob(32) WHERE stream = :moved AND version = 2"),
        2,
        "altered",
    ),
    "an edited head": (
        on_moved("UPDATE stream SET hash = zeroblob(32) WHERE stream = :moved"),
        LAST,
        "altered",
    ),
    "a deleted event": (
        on_moved("DELETE FROM event WHERE stream = :moved AND version = 2"),
        2,
        "deleted",
    ),
    "the first event deleted": (
        on_moved("DELETE FROM event WHERE stream = :moved AND version = 1"),
        1,
        "deleted",
    ),
    "two events exchanged": (
        on_moved(
            "UPDATE event SET version = 99 WHERE stream = :moved AND version = 2",
            "UPDATE event SET version = 2 WHERE stream = :moved AND version = 3",
            "UPDATE event SET version = 3 WHERE stream = :moved AND version = 99",
        ),
        2,
        "misplaced",
    ),
    "an event of another history in its place": (
        on_moved(
            "UPDATE event SET body = :body WHERE stream = :moved AND version = 2",
            body=bodies(ANSWERED)[1],
        ),
        2,
        "misplaced",
    ),
    "an event put between two others": (
        on_moved(
            "UPDATE event SET version = version + 99 WHERE stream = :moved AND version >= 2",
            "UPDATE event SET version = version - 98 WHERE stream = :moved AND version > 99",
            "INSERT INTO event (stream, root, version, type, time, body, hash)"
            " SELECT stream, root, 2, type, time, body, hash FROM event"
            " WHERE stream = :moved AND version = 1",
        ),
        2,
        "misplaced",
    ),
    "an event put before the first": (
        on_moved(
            "INSERT INTO event (stream, root, version, type, time, body, hash)"
            " SELECT stream, root, 0, type, time, body, hash FROM event"
            " WHERE stream = :moved AND version = 1"
        ),
        1,
        "inserted",
    ),
    "an event put behind the head": (
        on_moved(
            "INSERT INTO event (stream, root, version, type, time, body, hash)"
            " SELECT stream, root, version + 1, type, time, :body, :hash FROM event"
            " WHERE stream = :moved AND version = :last",
            last=LAST,
            body=BEYOND,
            hash=link(HISTORIES[MOVED][-1].hash, BEYOND),
        ),
        LAST + 1,
        "inserted",
    ),
    "the end cut off": (
        on_moved("DELETE FROM event WHERE stream = :moved AND version >= 4"),
        4,
        "truncated",
    ),
    "everything cut off but the head": (
        on_moved("DELETE FROM event WHERE stream = :moved"),
        1,
        "truncated",
    ),
    "the head taken back": (
        on_moved(
            "UPDATE stream SET version = 2, hash = (SELECT hash FROM event AS e"
            " WHERE e.stream = :moved AND e.version = 2) WHERE stream = :moved"
        ),
        3,
        "inserted",
    ),
    "an earlier time beside the body": (
        on_moved(
            "UPDATE event SET time = '2020-01-01T00:00:00.000Z'"
            " WHERE stream = :moved AND version = 3"
        ),
        3,
        "backdated",
    ),
    "another type beside the body": (
        on_moved(
            "UPDATE event SET type = 'ReferralRejected' WHERE stream = :moved AND version = 3"
        ),
        3,
        "mislabelled",
    ),
    "another history with hashes that fit": (
        rewritten(MOVED, [*bodies(MOVED)[:2], edited(bodies(MOVED)[2], author="entrepreneurs")]),
        3,
        "forked",
    ),
    "an event backdated with hashes that fit": (
        rewritten(
            MOVED,
            [
                *bodies(MOVED)[:1],
                edited(bodies(MOVED)[1], time="2020-01-01T00:00:00.000Z"),
                *bodies(MOVED)[2:],
            ],
        ),
        2,
        "forked",
    ),
}
