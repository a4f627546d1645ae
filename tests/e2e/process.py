"""The program as people run it: a process of its own, watched only through what it prints."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import httpx

SCRIPT = Path(sys.executable).with_name("ombudslink")
HARDSHIP = Path(__file__).with_name("hardship.py")
LONGEST_START = 60.0
LONGEST_STOP = 20.0
LONGEST_COMMAND = 180.0


def environment(data: Path, **more: str) -> dict[str, str]:
    """What a newcomer's shell has, and the data folder; a new one stays empty."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    often = {f"OMBUDSLINK_{what}_PER_MINUTE": "100000" for what in ("FILINGS", "REQUESTS")}
    usual = {"LANG": "C.UTF-8", "OMBUDSLINK_DATA": str(data), "PORT": "0"}
    return {**kept, **often, **usual, "OMBUDSLINK_EMPTY": "1", **more}


def ombudslink(
    data: Path,
    *arguments: str,
    hardship: str | None = None,
    typed: str | None = None,
    **more: str,
) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself."""
    script = [sys.executable, HARDSHIP, hardship] if hardship else [SCRIPT]
    return subprocess.run(
        [*script, *arguments],
        capture_output=True,
        text=True,
        input=typed,
        timeout=LONGEST_COMMAND,
        env=environment(data, **more),
    )


def told(data: Path, *arguments: str, **more: Any) -> Any:
    """What a command says with --json; it must succeed."""
    done = ombudslink(data, *arguments, "--json", **more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class Running:
    """A process that serves. `keys` are those that it printed, by holder."""

    process: "subprocess.Popen[str]"
    errors: Path
    address: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def started(self) -> "Running":
        """Read what it prints until it has said where it is."""
        assert self.process.stdout is not None
        watchdog = Timer(LONGEST_START, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                words = line.split()
                if len(words) == 2 and words[1].startswith("omb_"):
                    self.keys[words[0]] = words[1]
                if " runs at " in line:
                    self.address = words[-1]
                    return self
        finally:
            watchdog.cancel()
        raise AssertionError(f"it did not start: {self.errors.read_text()}")

    def client(self, participant: str | None = None, path: str = "") -> httpx.Client:
        """A client, with the key that was printed for that participant."""
        headers = {"Authorization": f"Bearer {self.keys[participant]}"} if participant else {}
        return httpx.Client(base_url=f"{self.address}{path}", headers=headers, timeout=30)

    def stop(self) -> None:
        """End it in order."""
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(LONGEST_STOP) == 0, self.errors.read_text()
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once, wherever it is."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def start(data: Path, *arguments: str, **more: str) -> Running:
    """A process that serves; not waited for."""
    errors = data.with_name(f"{data.name}.stderr")
    with errors.open("a") as stderr:
        process = subprocess.Popen(
            [SCRIPT, *(arguments or ("run",))],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment(data, **more),
        )
    return Running(process, errors)


@contextmanager
def running(data: Path, *arguments: str, **more: str) -> Iterator[Running]:
    """The platform, or the service that is named, until the end of the block."""
    one = start(data, *arguments, **more)
    try:
        yield one.started()
    finally:
        one.kill()


def until(question: Any, instead: Any = lambda: "nothing", seconds: float = 20.0) -> Any:
    """What a question finds, asked again until it finds something; `instead` tells what was there
    all the time."""
    ends = time.monotonic() + seconds
    while not (found := question()):
        assert time.monotonic() < ends, f"it did not happen: {instead()}"
        time.sleep(0.05)
    return found
