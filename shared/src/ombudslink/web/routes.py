"""What operations an application has, and what each of them states in its signature."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from ombudslink.web.access import Stated


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every operation, in the order in which the application looks for them."""
    for entry in app.routes:
        included = getattr(entry, "original_router", None)
        for route in [entry] if included is None else included.routes:
            if isinstance(route, APIRoute):
                yield route


def demands(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """All that is called before an operation itself."""
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from demands(one)


def parameters(dependant: Dependant) -> Iterator[str]:
    """The parameters after the question mark that an operation and what it calls have."""
    yield from (field.alias for field in dependant.query_params)
    for one in dependant.dependencies:
        yield from parameters(one)


def rights(route: APIRoute) -> list[Stated]:
    """The rights that it states; a test fails for one that does not state exactly one."""
    called: Iterator[object] = demands(route.dependant)
    return [call for call in called if isinstance(call, Stated)]
