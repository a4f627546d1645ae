"""The events that concern a government body: prints each once, and goes on where it stopped.

    OMBUDSLINK_KEY=omb_… python client.py http://127.0.0.1:8000/routing agency.json

All that it has to remember is in that file: the cursor, and of each history the version and the
hash of the last event that it got.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import httpx

STOPS = {signal.SIGINT, signal.SIGTERM}


def link(event: dict[str, Any]) -> str:
    """The hash of the history once this event stands there: SHA-256 over canonical JSON."""
    body = json.dumps(event["data"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(
        bytes.fromhex(event["prevhash"]) + hashlib.sha256(body.encode()).digest()
    ).hexdigest()


def is_new(event: dict[str, Any], histories: dict[str, list[Any]]) -> bool:
    """Check an event against what came before it in its history, and note it."""
    stream, version = event["data"]["stream"], event["data"]["version"]
    last, last_hash = histories.get(stream, [0, ""])
    if version < last or (version == last and link(event) == last_hash):
        return False  # It came twice, which happens after a crash.
    if version == last or (version == last + 1 and last and event["prevhash"] != last_hash):
        sys.exit(f"the history {stream} was altered at version {version}")
    if int(event["prev"]) != last:
        sys.exit(f"an event is missing in the history {stream} before version {version}")
    histories[stream] = [version, link(event)]
    return True


def main(address: str, file: Path) -> None:
    """Ask for ever; a stop never comes between printing an event and remembering it."""
    known = json.loads(file.read_text()) if file.exists() else {"cursor": None, "histories": {}}
    headers = {"Authorization": f"Bearer {os.environ['OMBUDSLINK_KEY']}", "Prefer": "wait=25"}
    with httpx.Client(base_url=address, headers=headers, timeout=40) as client:
        while True:
            after = {"after": known["cursor"]} if known["cursor"] else {}
            try:
                answer = client.get("/v1/events", params=after)
            except httpx.TransportError:
                time.sleep(2)
                continue
            if answer.status_code == httpx.codes.GONE:
                known["cursor"] = None  # The log was restored: what is known already is skipped.
            elif answer.status_code in (429, 503):
                time.sleep(int(answer.headers.get("Retry-After", "5")))
            elif answer.is_error:
                sys.exit(answer.json()["detail"])
            for event in answer.json() if answer.is_success else ():
                signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
                if is_new(event, known["histories"]):
                    print(event["type"], event["id"], json.dumps(event["data"]["data"]), flush=True)
                known["cursor"] = event["cursor"]
                aside = file.with_suffix(".new")
                aside.write_text(json.dumps(known))
                aside.replace(file)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
