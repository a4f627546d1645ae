"""One process that writes to an embedded log until its orders are done, and says what it did.

Called with the file, its own name and how many records to send; prints the number of each record
once it was acknowledged.
"""

import asyncio
import sys
from pathlib import Path

from ombudslink.log import HISTORY, Outgoing
from ombudslink.log.embedded import EmbeddedLog


async def write(path: Path, name: str, count: int) -> None:
    """Send the records one after another."""
    log = EmbeddedLog(path)
    await log.start()
    for number in range(count):
        await log.send(
            [Outgoing(HISTORY, name, f"{number}".encode(), {"ce_id": f"{name}/{number}"})]
        )
        print(number, flush=True)
    await log.close()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
