"""Writing all the contracts: what follows from the code, beside what old versions left."""

from pathlib import Path

from ombudslink.contracts import asyncapi, inspections, pictures, rights, schemas
from ombudslink.testing import golden


def write(contracts: Path) -> None:
    """Write every file that follows from the code; what was written for a version stays as it is.

    Raises:
        schemas.ContractBroken: a type was changed and its version was not; nothing was written.
    """
    schemas.write(contracts)
    golden.write_missing(contracts / "golden")
    described = schemas.as_text(asyncapi.document(contracts))
    (contracts / "asyncapi.json").write_text(described, encoding="utf-8")
    (contracts / "complaint-states.md").write_text(pictures.page(), encoding="utf-8")
    (contracts / "inspection-states.md").write_text(inspections.page(), encoding="utf-8")
    with rights.applications() as apps:
        (contracts / "rights.md").write_text(rights.page(apps), encoding="utf-8")
