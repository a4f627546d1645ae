"""What surrounds every request: a bound on its body, security headers, and a count."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ombudslink.observe import logger
from ombudslink.runtime.consumer import reason_of
from ombudslink.web.metrics import Metrics
from ombudslink.web.problems import Problem, language_of, rendered

MOST_BYTES: Final = 1024 * 1024
"""The largest request body; a text of 65,536 characters fits, however its client escapes it."""
BOUND: Final = "ombudslink.most_bytes"
"""Under this name an operation may lower the bound for itself, in the connection's scope."""
RATE: Final = "ombudslink.rate"
"""Under this name an operation leaves the headers that tell how often it may be asked for."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those that are counted by their names; any other is the caller's own text."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Protected:
    """ASGI middleware (https://asgi.readthedocs.io)."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        taken = int(declared) if declared.isdecimal() else 0
        arrived = 0
        started = False

        async def bounded() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if max(taken, arrived) > scope.get(BOUND, MOST_BYTES):
                raise HTTPException(413)
            return message

        async def outgoing(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                answered = MutableHeaders(scope=message)
                for name, value in (_HEADERS | scope.get(RATE, {})).items():
                    answered.setdefault(name, value)
                route = getattr(scope.get("route"), "path", "unknown")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._metrics.request(route, method, message["status"])
            await send(message)

        try:
            await self._app(scope, bounded, outgoing)
        except Exception as error:  # noqa: BLE001 - its text may quote what a person wrote
            logger().error("request_failed", reason=reason_of(error))
            if not started:
                language = language_of(headers.get("accept-language"))
                root = str(scope.get("root_path", ""))
                response = rendered(Problem("internal_error"), language, root=root)
                await response(scope, receive, outgoing)
