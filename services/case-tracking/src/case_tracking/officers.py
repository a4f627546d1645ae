"""Who acts for the office: under a pseudonym in histories, which others read; by name only here."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, insert, select

from case_tracking.tables import officer
from ombudslink.values import Code

_DIGITS: Final = 24


class Officers:
    """Gives each name a pseudonym that tells nothing to who has not the office's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def pseudonym(self, name: Code) -> Code:
        """The pseudonym of that name, always the same."""
        mac = hmac.new(self._secret, b"officer\0" + name.encode(), hashlib.sha256)
        return f"officer-{mac.hexdigest()[:_DIGITS]}"

    def enter(self, connection: Connection, name: Code) -> Code:
        """The same, and remember here whose it is."""
        pseudonym = self.pseudonym(name)
        if not names(connection, [pseudonym]):
            connection.execute(insert(officer), {"pseudonym": pseudonym, "name": name})
        return pseudonym


def names(connection: Connection, pseudonyms: Iterable[str | None]) -> dict[str, str]:
    """Who of this office is behind them; another office's officers are not known here."""
    wanted = {one for one in pseudonyms if one is not None}
    if not wanted:
        return {}
    rows = connection.execute(select(officer).where(officer.c.pseudonym.in_(wanted)))
    return {row.pseudonym: row.name for row in rows}
