"""The verdict: `python -m consistency.prove.check DATA HISTORY`, of a deployment at rest.

It shares no code with the programs that wrote what it reads. It does not rebuild read models and
does not verify signatures: the tests beside each service and `ombudslink verify` do.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from consistency.prove.copies import check_copies, check_registrar
from consistency.prove.decided import check_decisions, check_rest
from consistency.prove.findings import Findings
from consistency.prove.journal import check_feeds, read_journal
from consistency.prove.ledger import Line, lines
from consistency.prove.promised import check_promises
from consistency.prove.reading import Embedded, Source


def check(source: Source, ledger: Iterable[Line]) -> Findings:
    """Everything that is wrong with what a deployment holds and with what it promised."""
    found = Findings()
    journal = read_journal(source, found)
    told = check_registrar(source, journal, found)
    check_copies(source, journal, told, found)
    check_feeds(source, journal, told.reach, found)
    check_decisions(source, journal, told, found)
    check_rest(source, found)
    check_promises(ledger, source, journal, told, found)
    return found


def main(data: str, history: str) -> int:
    """Print what was found; 0 when nothing was."""
    found = check(Embedded(Path(data)), lines(Path(history)))
    for what, count in sorted(found.counts.items()):
        print(f"{count:>12,}  {what}")
    for violation in found.violations:
        print(violation)
    print("SOUND" if found.sound else "NOT SOUND")
    return 0 if found.sound else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
