"""The group-commit writer: one thread, one transaction for all who wait at that moment."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, RootTransaction

T = TypeVar("T")
Unit = Callable[[Connection], Any]
Waiting = tuple[Unit, Future[Any]]
MOST_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Failed:
    """A unit that failed, and of which nothing remains."""

    error: Exception


class Writer:
    """Runs units of work in the order they were handed in; each is told only after its COMMIT.

    A unit that fails is rolled back alone, to its savepoint. A unit must be able to run again from
    nothing: when the database gives up the transaction that several share, each is then run in one
    of its own.
    """

    def __init__(self, engine: Engine) -> None:
        self.on_commit: list[Callable[[], None]] = []
        self._engine = engine
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, unit: Callable[[Connection], T]) -> Future[T]:
        """Hand in a unit; the future holds its result once that is durable."""
        future: Future[T] = Future()
        self._waiting.put((unit, future))
        return future

    def close(self) -> None:
        """Finish what was handed in, then end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._settle([(u, f) for u, f in batch if f.set_running_or_notify_cancel()])

    def _next_batch(self) -> list[Waiting] | None:
        first = self._waiting.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < MOST_AT_ONCE:
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self._waiting.put(None)
                break
            batch.append(following)
        return batch

    def _settle(self, batch: list[Waiting]) -> None:
        outcomes: list[Any] = []
        apart = len(batch) > 1
        committing = False
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                outcomes.extend(_run(connection, unit, apart) for unit, _ in batch)
                committing = True
                _commit(connection, transaction)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever handed the unit in
            # After a failed COMMIT nobody knows what is stored: repeating is for the callers,
            # who look first.
            if committing or len(batch) == 1:
                for _, future in batch:
                    future.set_exception(error)
            else:
                for waiting in batch:
                    self._settle([waiting])
            return
        for wake in self.on_commit:
            wake()
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Failed):
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome)


def _run(connection: Connection, unit: Unit, apart: bool) -> Any:
    """Run a unit; what one of several raises concerns no other, if the database goes on."""
    if not apart:
        return unit(connection)
    savepoint = connection.begin_nested()
    try:
        result = unit(connection)
        savepoint.commit()
    except Exception as error:
        if connection.invalidated:
            raise
        savepoint.rollback()
        return Failed(error)
    return result


def _commit(connection: Connection, transaction: RootTransaction) -> None:
    try:
        transaction.commit()
    except Exception:
        # The connection may still be inside the transaction: nobody must go on with it.
        connection.invalidate()
        raise
