"""Whatever programs send, each service answers as its description says: Schemathesis over OpenAPI.

The machine runs in a thread of its own, with a complaint that the children's office examines.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable
from schemathesis.checks import load_all_checks
from schemathesis.generation import GenerationMode

from integration.fuzzed import (
    PATIENCE,
    SERVICES,
    Operation,
    Target,
    asked,
    credentials,
    faults,
)
from integration.walker import Walked, walker

EXAMPLES: Final = 4
"""For each operation: once in data that fits its description, once in data that does not."""
ENDLESS: Final = frozenset({"/v1/events"})
"""A stream is read until it is closed."""
ROUNDS: Final = 4
WAYS: Final = 5
STEPS: Final = 16
"""How often links are followed on one way."""
WALKS: Final = (
    ("intake", 12, 40),
    ("routing", 4, 20),
    ("reporting", 4, 0),
    ("children", 25, 30),
)
"""How many links are followed at each service and how many acts done, at least."""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    load_all_checks()
    found = Target()
    thread = threading.Thread(target=found.run, args=(tmp_path_factory.mktemp("fuzz") / "data",))
    thread.start()
    try:
        found.wait()
        yield found
    finally:
        found.stop()
        thread.join(PATIENCE)


def operations_of(target: Target, service: str) -> list[Operation]:
    schema = schemathesis.openapi.from_dict(target.described(service))
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_one_that_the_description_names(
    target: Target, service: str, mode: GenerationMode
) -> None:
    wrong: list[str] = []
    for operation in operations_of(target, service):
        if operation.path not in ENDLESS:
            wrong += _fuzzed(target, operation, mode)
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize(("service", "links", "acts"), WALKS)
def test_whoever_follows_the_links_of_answers_gets_somewhere_and_sees_only_what_is_described(
    target: Target, service: str, links: int, acts: int
) -> None:
    # given somebody who goes on with what an answer gave, along the links of the description
    walked = Walked(target)
    # when they go many ways
    for number in range(ROUNDS):
        machine = seed(number)(walker(target, service, walked))
        # Where a way leads depends on what it did before, which Hypothesis may notice, and stop.
        with suppress(FlakyStrategyDefinition):
            machine.run(
                settings=settings(
                    max_examples=WAYS,
                    stateful_step_count=STEPS,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
            )
    # then every answer was described, and they got deep enough for that to mean something
    assert "\n".join(walked.faults) == ""
    assert len(walked.links) >= links, walked.links
    assert sum(walked.acts.values()) >= acts, walked.acts


def _mean_it(target: Target, case: schemathesis.Case) -> None:
    """Make it about the complaint that there is, as it is now."""
    real = {
        "complaint": target.complaint,
        "stream": target.complaint,
        "reference": target.person.receipt["reference"],
        "number": 1,
        "language": "kk",
    }
    case.path_parameters |= {n: v for n, v in real.items() if n in case.path_parameters}
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if "If-Match" in case.headers:
        case.headers["If-Match"] = target.do(target.desk.etag(target.complaint))


def _fuzzed(target: Target, operation: Operation, mode: GenerationMode) -> list[str]:
    """What was answered otherwise than described."""
    wrong: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if data.draw(st.booleans()):
            _mean_it(target, case)
        case.headers.update(credentials(target, operation))
        wrong.extend(faults(case, target.do(asked(target, case))))

    # There is no data that does not fit the description of an operation without any.
    with suppress(Unsatisfiable):
        attempt()
    return wrong
