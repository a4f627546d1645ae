"""Who alone may act: a row with a fence that rises at every take-over, by the database's clock."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, literal_column, select, update

from ombudslink.store import tables

SECONDS: Final = 10
"""How long a lease stands without being renewed."""


class LeaseLost(Exception):
    """Somebody else took over; whatever was about to be written must not be."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A held lease. `fence` is higher than that of every holder before."""

    name: str
    owner: str
    fence: int


def take(connection: Connection, name: str, owner: str, *, alone: bool) -> Lease | None:
    """Take the lease if it is free, expired or already this owner's; None when it is not.

    `alone`: no other process can hold the database, so an old holder cannot be alive.
    """
    now = _now(connection)
    row = connection.execute(
        select(tables.lease).where(tables.lease.c.name == name).with_for_update()
    ).one_or_none()
    if row is None:
        first = {"name": name, "owner": owner, "fence": 1, "expires": now + SECONDS}
        connection.execute(insert(tables.lease), first)
        return Lease(name, owner, 1)
    if not alone and row.owner != owner and row.expires > now:
        return None
    connection.execute(
        update(tables.lease).where(tables.lease.c.name == name),
        {"owner": owner, "fence": row.fence + 1, "expires": now + SECONDS},
    )
    return Lease(name, owner, row.fence + 1)


def hold(connection: Connection, lease: Lease) -> None:
    """Renew it as the first statement of a transaction that only its holder may commit.

    Raises:
        LeaseLost: the fence has risen.
    """
    row = tables.lease.c
    renewed = connection.execute(
        update(tables.lease).where(row.name == lease.name, row.fence == lease.fence),
        {"expires": _now(connection) + SECONDS},
    )
    if renewed.rowcount != 1:
        raise LeaseLost(lease.name)


def _now(connection: Connection) -> int:
    clock: ColumnElement[int] = literal_column(
        "CAST(strftime('%s', 'now') AS INTEGER)"
        if connection.dialect.name == "sqlite"
        else "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"
    )
    return int(connection.scalar(select(clock)) or 0)
