"""Killed without warning at any moment, the platform keeps everything that it acknowledged."""

import asyncio
import os
import random
import sqlite3
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from e2e.process import ombudslink, start, told, until

KILLS = 30
PER_SECOND = 100
SHORTEST, LONGEST = 0.05, 0.55
"""Seconds of filing before a kill."""

Sent = list["asyncio.Task[None]"]

SETTLED_WITHIN = 120.0

SUBJECTS = ("education", "health", "business_inspections", "other")
AFFECTED = ((), ("child",), ("entrepreneur",), ("disability",))


@dataclass
class Driver:
    """Files at a fixed rate, whether or not it is answered, and keeps what it was promised."""

    receipts: dict[str, tuple[str, str]] = field(default_factory=dict)
    doubtful: list[str] = field(default_factory=list)
    """Keys of filings that nobody answered: they may be there or not, and are sent again."""

    async def file_for(
        self, seconds: float, client: httpx.AsyncClient
    ) -> list["asyncio.Task[None]"]:
        """The filings under way when the time is over."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        sent: Sent = []
        keys, self.doubtful = self.doubtful, []
        for number in range(max(1, int(seconds * PER_SECOND))):
            await asyncio.sleep(began + number / PER_SECOND - loop.time())
            key = keys.pop() if keys else str(uuid.uuid4())
            sent.append(asyncio.create_task(self.file(key, client)))
        self.doubtful += keys
        return sent

    async def file(self, key: str, client: httpx.AsyncClient) -> None:
        """One filing; the same key always means the same words."""
        try:
            answer = await client.post(
                "/intake/v1/complaints", json=filing(key), headers={"Idempotency-Key": key}
            )
        except httpx.HTTPError:
            self.doubtful.append(key)
            return
        assert answer.status_code == httpx.codes.CREATED, answer.text
        receipt = answer.json()
        promised = (receipt["reference"], receipt["code"])
        assert self.receipts.setdefault(key, promised) == promised


def filing(key: str) -> dict[str, Any]:
    chosen = random.Random(key)
    return {
        "language": "kk",
        "who": {"name": "Айгүл"},
        "subject": chosen.choice(SUBJECTS),
        "affected": list(chosen.choice(AFFECTED)),
        "text": f"Шағым {key}",
    }


async def killed_after(seconds: float, data: Path, driver: Driver) -> float:
    """Run, file for so long, kill; how many seconds the start took."""
    began = time.monotonic()
    platform = start(data)
    try:
        await asyncio.to_thread(platform.started)
        took = time.monotonic() - began
        async with httpx.AsyncClient(base_url=platform.address, timeout=20) as client:
            sent = await driver.file_for(seconds, client)
            platform.kill()
            await asyncio.gather(*sent)
    finally:
        platform.kill()
    return took


async def test_nothing_that_was_acknowledged_is_lost_by_kills_at_random_moments(
    tmp_path: Path,
) -> None:
    seed = os.environ.get("SEED") or str(time.time_ns())
    print(f"SEED={seed}")
    moments = random.Random(seed)
    data, driver = tmp_path / "data", Driver()

    # Given a platform that is killed again and again while people file
    starts = [
        await killed_after(moments.uniform(SHORTEST, LONGEST), data, driver) for _ in range(KILLS)
    ]
    print(f"{len(driver.receipts)} filed, {len(driver.doubtful)} in doubt at the end, ")
    print(f"started in {sum(starts) / KILLS:.1f} s on average, {max(starts):.1f} s at most")

    platform = start(data).started()
    try:
        # When what was in doubt is sent again
        async with httpx.AsyncClient(base_url=platform.address, timeout=60) as client:
            for key in list(driver.doubtful):
                await driver.file(key, client)

        # Then every filing is there exactly once, and its code opens it
        until(lambda: undecided(data) == 0, seconds=SETTLED_WITHIN)
        assert ombudslink(data, "verify", "--wait", "60").returncode == 0
        until(lambda: undecided(data) == 0, seconds=SETTLED_WITHIN)
        assert told(data, "verify", "--wait", "60")["streams"] == len(driver.receipts)
        assert len(set(driver.receipts.values())) == len(driver.receipts)
        await open_all(platform.address, list(driver.receipts.values()))
        assert told(data, "deadletters") == []
    finally:
        platform.kill()


async def open_all(address: str, receipts: list[tuple[str, str]]) -> None:
    """Open every complaint's status by its code."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        for reference, code in receipts:
            said = {"reference": reference, "code": code}
            answer = await client.post("/intake/v1/status-sessions", json=said)
            assert answer.status_code == httpx.codes.CREATED, answer.text


def undecided(data: Path) -> int:
    """How many commands wait for what becomes of them, in all stores."""
    count = 0
    for store in (data / "stores").glob("*.sqlite"):
        with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
            query = "SELECT count(*) FROM command WHERE outcome IS NULL"
            count += connection.execute(query).fetchone()[0]
    return count
