"""The program under a hardship that a test can make: a full disk, or a user without rights."""

import ctypes
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from ombudslink.cli import main

PAGES = 8
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
"""See capabilities(7): with this one the superuser writes whatever the permissions say."""


def full_disk() -> None:
    """Every database's file is as good as full; SQLite itself finds so."""
    real = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = real(*arguments, **options)
        connection.execute(f"PRAGMA max_page_count = {PAGES}")
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]
    sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
    main()


def no_rights() -> None:
    """Permissions hold for the superuser, too."""
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0
    script = Path(sys.executable).with_name("ombudslink")
    os.execv(script, [str(script), *sys.argv[1:]])  # noqa: S606 - ourselves


if __name__ == "__main__":
    hardship = sys.argv.pop(1)
    {"full-disk": full_disk, "no-rights": no_rights}[hardship]()
