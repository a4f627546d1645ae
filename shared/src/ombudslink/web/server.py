"""Serving one application over HTTP in this process, until the process is told to stop."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

GRACE: Final = 3
"""Seconds that requests get to end by themselves when the process is told to stop."""
_BACKLOG: Final = 2048


class AddressError(Exception):
    """An address that cannot be listened on; the message names it and says what to do."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again when it has stopped, and end the process before the
        # services have.
        yield


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
    app: Starlette, listener: socket.socket, started: Callable[[], None]
) -> None:
    """Start the application, answer requests, and stop it in order on SIGTERM or SIGINT.

    What its start raises comes out of here unchanged.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(app, _Server(config), listener, started))


async def _serve(
    app: Starlette, server: uvicorn.Server, listener: socket.socket, started: Callable[[], None]
) -> None:
    def stop() -> None:
        # Told twice, it does not wait for requests any more.
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with app.router.lifespan_context(app):
        if not server.should_exit:
            started()
            await server.serve([listener])
