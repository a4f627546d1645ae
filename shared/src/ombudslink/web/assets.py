"""The files that pages are dressed in. Their address holds their digest, so they may be kept."""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response

from ombudslink.web.access import Public
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.problems import Problem

_TYPES: Final = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "woff2": "font/woff2"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def _read() -> dict[str, bytes]:
    folder = files("ombudslink.web").joinpath("static")
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return {f.name: f.read_bytes() for f in found if f.name.rpartition(".")[2] in _TYPES}


def _digest() -> str:
    digest = hashlib.sha256()
    for name, content in _read().items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


DIGEST: Final = _digest()
"""Of all files together; another one in an address is that of an older or newer program."""

router = APIRouter(route_class=GuardedRoute)


@router.get(
    "/static/{digest}/{name}",
    summary="A file of the pages",
    tags=["pages"],
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in _TYPES.values()}}},
)
async def static(_: Public, digest: str, name: str, request: Request) -> Response:
    """Style sheets, fonts and the icon, for ever under one address."""
    content = _read().get(name)
    if content is None:
        raise Problem("not_found")
    kind = name.rpartition(".")[2]
    headers = {"Cache-Control": _FOR_EVER if digest == DIGEST else "no-store"}
    if kind == "css":
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            content = _squeezed(name)
    return Response(content, headers=headers, media_type=_TYPES[kind])


@cache
def _squeezed(name: str) -> bytes:
    return gzip.compress(_read()[name], mtime=0)
