"""Content at rest: sealed per complaint, bound to its place, opened by one key only."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, insert, select, update

from ombudslink.ids import derived_id
from ombudslink.proof.chain import digest
from ombudslink.store import vault
from ombudslink.store.engine import Database
from ombudslink.store.vault import Vault, VaultError

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
STREAM, OTHER = derived_id("one"), derived_id("other")


@pytest.fixture
def with_content(database: Database) -> Database:
    with database.maintain() as connection:
        vault.metadata.create_all(connection)
    return database


KEY, ANOTHER_KEY = b"\1" * 32, b"\2" * 32


async def put(database: Database, text: str, stream: str = STREAM, item: str = "1") -> str:
    def unit(connection: Connection) -> str:
        return Vault(KEY).put(
            connection,
            stream,
            derived_id(item),
            kind="filing",
            author="intake",
            at=NOW,
            plaintext=text.encode(),
        )

    return await database.write(unit)


async def test_content_comes_back_with_the_digest_of_its_ciphertext(
    with_content: Database,
) -> None:
    told = await put(with_content, "Баланы мектепке қабылдамады")
    (item,) = with_content.ask(lambda c: Vault(KEY).items(c, STREAM))
    assert item.plaintext.decode() == "Баланы мектепке қабылдамады"
    assert (item.id, item.kind, item.author, item.at) == (derived_id("1"), "filing", "intake", NOW)
    stored = with_content.ask(lambda c: c.scalar(select(vault.content.c.ciphertext)))
    assert item.digest == told == digest(stored)
    assert with_content.ask(lambda c: Vault(KEY).items(c, OTHER)) == []


async def test_nothing_of_the_content_stands_in_the_file(with_content: Database) -> None:
    await put(with_content, "Aigerim")
    row = with_content.ask(lambda c: c.execute(select(vault.content)).one())
    assert "Aigerim" not in repr(tuple(row))


async def test_keeping_an_item_again_changes_nothing(with_content: Database) -> None:
    first = await put(with_content, "first")
    assert await put(with_content, "second") == first
    (item,) = with_content.ask(lambda c: Vault(KEY).items(c, STREAM))
    assert item.plaintext == b"first"


async def test_content_of_one_complaint_is_in_order_of_time(with_content: Database) -> None:
    await put(with_content, "one", item="1")
    await with_content.write(
        lambda c: Vault(KEY).put(
            c,
            STREAM,
            derived_id("0"),
            kind="answer",
            author="intake",
            at=NOW - timedelta(days=1),
            plaintext=b"earlier",
        )
    )
    items = with_content.ask(lambda c: Vault(KEY).items(c, STREAM))
    assert [item.plaintext for item in items] == [b"earlier", b"one"]


async def test_another_key_opens_nothing(with_content: Database) -> None:
    await put(with_content, "text")
    with pytest.raises(VaultError) as refused:
        with_content.ask(lambda c: Vault(ANOTHER_KEY).items(c, STREAM))
    assert "text" not in str(refused.value)


@pytest.mark.parametrize("moved", ["kind", "stream", "id"])
async def test_a_ciphertext_that_was_moved_is_refused(with_content: Database, moved: str) -> None:
    await put(with_content, "here")
    await put(with_content, "there", OTHER, "2")
    where = vault.content.c.stream == STREAM
    to = {"kind": "letter", "stream": OTHER, "id": derived_id("3")}[moved]
    await with_content.write(lambda c: c.execute(update(vault.content).where(where), {moved: to}))
    with pytest.raises(VaultError):
        with_content.ask(lambda c: Vault(KEY).items(c, OTHER if moved == "stream" else STREAM))


async def test_a_complaints_key_that_was_moved_is_refused(with_content: Database) -> None:
    await put(with_content, "here")
    stored = with_content.ask(lambda c: c.scalar(select(vault.content_key.c.wrapped)))
    there = {"stream": OTHER, "wrapped": stored}
    await with_content.write(lambda c: c.execute(insert(vault.content_key), there))
    with pytest.raises(VaultError):
        with_content.ask(lambda c: Vault(KEY).items(c, OTHER))


async def test_a_changed_ciphertext_is_refused(with_content: Database) -> None:
    await put(with_content, "here")
    stored = with_content.ask(lambda c: c.scalar(select(vault.content.c.ciphertext)))
    bad = stored[:-1] + bytes([stored[-1] ^ 1])
    await with_content.write(lambda c: c.execute(update(vault.content), {"ciphertext": bad}))
    with pytest.raises(VaultError):
        with_content.ask(lambda c: Vault(KEY).items(c, STREAM))


async def test_each_complaint_has_a_key_of_its_own_and_no_nonce_is_used_twice(
    with_content: Database,
) -> None:
    for number in range(20):
        await put(with_content, "same", derived_id("stream", number % 2), f"item {number}")
    wrapped = with_content.ask(lambda c: c.execute(select(vault.content_key)).all())
    opened = {
        AESGCM(KEY).decrypt(r.wrapped[:12], r.wrapped[12:], r.stream.encode()) for r in wrapped
    }
    assert len(opened) == 2
    sealed = with_content.ask(lambda c: c.scalars(select(vault.content.c.ciphertext)).all())
    assert len({one[:12] for one in sealed}) == 20
