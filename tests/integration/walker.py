"""Somebody who goes on with what an answer gave, along the links of a service's description."""

import copy
import uuid
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import httpx
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.generation.stateful.state_machine import APIStateMachine

from case_tracking.acts import ACTS, OfficeAct
from case_tracking.inputs import AN_ADDRESSEE, AN_OFFICE, Of
from integration.fuzzed import Target, asked, credentials, faults
from machine import filing

SENSIBLE: Final = 0.9
"""How often something is said on such a way that can be meant."""
COMPULSORY: Final = ("from", "to", "q")
"""Without these parameters in the query, nothing is asked."""
PLACE: Final = "аст"


class Walked:
    """What was met on the ways: the faults, the links that were followed, the acts that were done.

    `tokens` are those of the sessions that were opened, by reference.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._random = Random(0)
        self._vocabulary = target.machine.service("children").setting.vocabulary
        self.tokens: dict[str, str] = {}
        self.faults: list[str] = []
        self.links: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()

    def mean(self, case: schemathesis.Case, taken: Mapping[str, Any]) -> None:
        """Say mostly what can be meant; `taken` is what a link took over in the query."""
        case.headers.update(credentials(self._target, case.operation))
        token = self.tokens.get(str(case.path_parameters.get("reference")))
        if token is not None:
            case.headers["Authorization"] = f"Bearer {token}"
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())
            case.headers["Prefer"] = self._random.choice(("wait=0", "wait=10"))
        if self._random.random() > SENSIBLE:
            return
        kept = {name: value for name, value in case.query.items() if name in (*taken, *COMPULSORY)}
        case.query = kept | {name: PLACE for name in kept if name == "q"}
        if any(one.name == "cursor" for one in case.operation.query):
            case.query.setdefault("limit", 1)
        if isinstance(case.body, dict):
            name = case.operation.definition.raw["operationId"]
            case.body = self._sensible(name, case.body)

    def met(self, case: schemathesis.Case, answer: schemathesis.Response) -> None:
        """Note what an answer says."""
        if answer.status_code == httpx.codes.CREATED and case.path.endswith("/status-sessions"):
            self.tokens[case.body["reference"]] = answer.json()["token"]
        if case.method == "POST" and answer.status_code < httpx.codes.BAD_REQUEST:
            self.acts[case.operation.label] += 1

    def _sensible(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        if name == "file_complaint":
            return filing()
        if name == "withdraw_complaint":
            return {"ground": "own_wish"}
        if name == "preview_competence":
            return {"subject": "education", "affected": ["child"]}
        act = next((one for one in ACTS if one.operation == name), None)
        return self._saying(act, said) if act else said

    def _saying(self, act: OfficeAct, said: dict[str, Any]) -> dict[str, Any]:
        """What fits the act, in words that there are."""
        known: dict[str, Any] = {"text": "?", "request": 1, "recommendation": 1}
        found = {**said, **{name: known[name] for name in act.body.model_fields if name in known}}
        for name, field in act.body.model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, Of):
                    found[name] = self._random.choice(self._words(mark, found))
        if found.get("admissible"):
            found.pop("remedy", None)
        return found

    def _words(self, mark: Of, said: dict[str, Any]) -> list[str]:
        policy = self._target.machine.platform.installation.policy
        if mark in (AN_OFFICE, AN_ADDRESSEE):
            return [one.id for one in (policy.offices if mark == AN_OFFICE else policy.bodies)]
        words = self._vocabulary
        offered = [one for one in words.codes(mark.kind) if words.offers(mark.kind, one)]
        if "admissible" in said:
            fit = [one for one in offered if words.fits(one, admissible=bool(said["admissible"]))]
            return fit or offered
        return offered


def walker(target: Target, service: str, walked: Walked) -> type[APIStateMachine]:
    """Who goes the ways that the links of a service's description lead, and no others.

    They begin with a list or with something new, and never with what nothing is known of yet.
    """
    document = copy.deepcopy(target.described(service))
    for operation in document["paths"].get("/v1/events", {}).values():
        # It is for streams only, which are read until they are closed.
        kept = (one for one in operation["parameters"] if one["name"] != "Last-Event-ID")
        operation["parameters"] = list(kept)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.phases.stateful.inference.algorithms = []
    schema.config.generation.modes = [GenerationMode.POSITIVE]
    ways = schema.as_state_machine()

    class Walker(ways):  # type: ignore[misc,valid-type]
        def setup(self) -> None:
            if service == "children":
                target.do(target.desk.received())

        def before_call(self, case: schemathesis.Case) -> None:
            transition = self.recorder.cases[case.id].transition
            walked.mean(case, transition.parameters.get("query", {}) if transition else {})

        def call(self, case: schemathesis.Case, **_: Any) -> schemathesis.Response:
            return schemathesis.Response.from_any(target.do(asked(target, case)))

        def after_call(self, response: schemathesis.Response, case: schemathesis.Case) -> None:
            super().after_call(response, case)
            walked.met(case, response)
            node = self.recorder.cases[case.id]
            if node.transition is not None and node.is_transition_applied:
                walked.links[node.transition.id] += 1

        def validate_response(
            self, response: schemathesis.Response, case: schemathesis.Case, *_: Any, **__: Any
        ) -> None:
            walked.faults += faults(case, response)

    for rule in ways.root_rules:
        if any(name in rule for name in ("complaint_", "reference_")):
            setattr(Walker, rule, None)
    return Walker
