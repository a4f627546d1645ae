"""Triggers that make a table append-only on both engines, also for a hand with a SQL prompt."""

from typing import Final

from sqlalchemy import Connection, PrimaryKeyConstraint, Table, UniqueConstraint

APPEND_ONLY: Final = "append-only table"


def make_append_only(connection: Connection, table: Table) -> None:
    """Let the database itself refuse whatever changes or removes a row of that table."""
    if connection.dialect.name == "sqlite":
        _guard(connection, table, "update", f"UPDATE ON {table}")
        _guard(connection, table, "delete", f"DELETE ON {table}")
        # INSERT OR REPLACE would go round the other two.
        _guard(connection, table, "replace", f"INSERT ON {table} WHEN {_known(table)}")
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _guard(connection: Connection, table: Table, name: str, event: str) -> None:
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_no_{name} BEFORE {event} "
        f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
    )


def _known(table: Table) -> str:
    """A condition in SQL: a row with one of the new row's keys is there."""
    keys = [c for c in table.constraints if isinstance(c, PrimaryKeyConstraint | UniqueConstraint)]
    same = (" AND ".join(f"{column.name} = new.{column.name}" for column in k) for k in keys)
    either = " OR ".join(f"({s})" for s in same)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {either})"  # noqa: S608 - only our own names
