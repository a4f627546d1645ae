"""What every operation does before it is begun: it asks for the caller's right before it reads what
they sent, and looks at that before it is checked field by field, which takes long for a heap."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from ombudslink.web.access import Stated
from ombudslink.web.inputs import Written
from ombudslink.web.middleware import BOUND, MOST_BYTES
from ombudslink.web.problems import Fault, Problem
from ombudslink.web.routes import parameters, rights

FEW_BYTES: Final = 64 * 1024
"""The largest body of a request that carries no text."""
MOST_VALUES: Final = 500
"""The most values in a body, in all its lists and objects together."""
DEEPEST: Final = 32
"""The most lists and objects inside each other."""


class GuardedRoute(APIRoute):
    """The route of every operation; a test fails for a router that has another one.

    Where it is `strict`, a parameter that it does not have is refused and not ignored.
    """

    strict: ClassVar[bool] = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The operation behind its guard."""
        handle = super().get_route_handler()
        known = frozenset(parameters(self.dependant))
        reads, needed, most = self.body_field is not None, rights(self), _most_bytes(self)

        async def guarded(request: Request) -> Response:
            if self.strict and not known.issuperset(request.query_params):
                # The name was chosen by the caller and may say anything.
                fault = Fault("/query", "unknown_parameter")
                raise Problem("invalid_request", errors=[fault])
            if reads:
                request.scope[BOUND] = most
                await _look_at(request, needed)
            return await handle(request)

        return guarded


async def _look_at(request: Request, needed: list[Stated]) -> None:
    for right in needed:
        await right.admit(request)
    if await request.body() and not _is_json(request.headers.get("content-type", "")):
        raise Problem("media_type_unknown")
    try:
        said = await request.json()
    except (ValueError, RecursionError):
        # What is no JSON is explained by who reads it next.
        return
    refuse_heap(said)


def _is_json(content_type: str) -> bool:
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def refuse_heap(said: object) -> None:
    """Let only so much in as anybody may have to say.

    Raises:
        Problem: there are too many values, or they are too deep inside each other.
    """
    level, count = [said], 0
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        count += len(level)
        if count > MOST_VALUES:
            fault = Fault("", "too_many", {"limit": MOST_VALUES})
            raise Problem("invalid_request", errors=[fault])
        if not level:
            return
    raise Problem("invalid_request", errors=[Fault("", "too_deep")])


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _most_bytes(route: APIRoute) -> int:
    said = [parameter.field_info.annotation for parameter in route.dependant.body_params]
    written = any(isinstance(kind, type) and issubclass(kind, Written) for kind in said)
    return MOST_BYTES if written else FEW_BYTES
