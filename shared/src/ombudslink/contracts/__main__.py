"""`python -m ombudslink.contracts shared/contracts` writes the contracts; review the diff."""

import sys
from pathlib import Path

from ombudslink.contracts.files import write
from ombudslink.contracts.schemas import ContractBroken

try:
    write(Path(sys.argv[1]))
except ContractBroken as broken:
    sys.exit(f"{broken}\nGive the type a new version and an upcast instead.")
