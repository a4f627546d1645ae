"""Where an answer leads: what can be asked for after it, and with what of it (links of OpenAPI).

What is taken from an answer or from the request before it is named by a runtime expression, e.g.
`$response.body#/reference`. Who may ask for it is said where it leads to, and not here.
"""

from collections.abc import Mapping
from typing import Any

Links = dict[str, dict[str, Any]]


def link(
    operation: str,
    meaning: str,
    parameters: Mapping[str, str] | None = None,
    *,
    said: Mapping[str, str] | None = None,
) -> Links:
    """A link to another operation of the same service; `said` is what its body takes over."""
    found: dict[str, Any] = {"operationId": operation, "description": meaning}
    if parameters:
        found["parameters"] = dict(parameters)
    if said:
        found["requestBody"] = dict(said)
    return {operation: found}


def linked(*links: Links) -> dict[str, Any]:
    """The part of an answer's description that says where it leads."""
    return {"links": {name: found for one in links for name, found in one.items()}}
