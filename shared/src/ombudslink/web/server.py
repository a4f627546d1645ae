"""Serving one application over HTTP in this process, until the process is told to stop."""

import asyncio
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

GRACE: Final = 3
"""Seconds that requests get to end by themselves when the process is told to stop."""
_BACKLOG: Final = 2048
_STOPPING: Final = "ombudslink.stopping"


class AddressError(Exception):
    """An address that cannot be listened on; the message names it and says what to do."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again when it has stopped, and end the process before the
        # services have.
        yield


class _Telling:
    """Tells every answer in work when the process is to stop: one that is kept open then ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        extensions = {**scope.get("extensions", {}), _STOPPING: self.stopping}
        await self._app({**scope, "extensions": extensions}, receive, send)


def stopping(request: Request) -> asyncio.Event:
    """What is set once the process is told to stop; never, where something else serves."""
    told = request.scope.get("extensions", {}).get(_STOPPING)
    return told if isinstance(told, asyncio.Event) else asyncio.Event()


def listen(host: str, port: int) -> socket.socket:
    """Take the address, before anything else is touched; port 0 lets the system choose one.

    Raises:
        AddressError: somebody else has it, or it is none of this machine's.
    """
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressError(
                f"port {port} is in use on {host}. Choose another one with PORT or --port"
            ) from None
        raise AddressError(f"cannot listen on {host}, port {port}: {error.strerror}") from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The address under which the socket is reached from a browser on this machine."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def serve_until_stopped(
    app: Starlette,
    listener: socket.socket,
    started: Callable[[], None],
    closing: Sequence[Callable[[], Awaitable[None]]] = (),
) -> None:
    """Start the application, answer requests, and stop it in order on SIGTERM or SIGINT; then do
    `closing`, which closes what the application was given.

    What its start raises comes out of here unchanged.
    """
    telling = _Telling(app)
    config = uvicorn.Config(
        telling,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        server = _Server(config)
        runner.run(_serve(app, server, listener, started, telling.stopping, closing))


async def _serve(
    app: Starlette,
    server: uvicorn.Server,
    listener: socket.socket,
    started: Callable[[], None],
    stopping: asyncio.Event,
    closing: Sequence[Callable[[], Awaitable[None]]],
) -> None:
    def stop() -> None:
        stopping.set()
        # Told twice, it does not wait for requests any more.
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with AsyncExitStack() as stack:
        for close in closing:
            stack.push_async_callback(close)
        await stack.enter_async_context(app.router.lifespan_context(app))
        if not server.should_exit:
            started()
            await server.serve([listener])
