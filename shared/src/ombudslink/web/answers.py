"""Answers that the caller may have already, in the form it wants: RFC 9110."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from ombudslink.proof.chain import digest
from ombudslink.web.acts import etag
from ombudslink.web.problems import Problem, language_of, quality

VARY: Final = "Accept-Language, Authorization"
_SAFE: Final = ("GET", "HEAD")


def language(request: Request) -> str:
    """The reader's language, for a route's signature."""
    return language_of(request.headers.get("accept-language"))


Language: Any = Annotated[str, Depends(language)]


def shown(
    request: Request, view: BaseModel, *, version: int = 0, language: str | None = None
) -> Response:
    """The view under its entity tag, or 304 when the caller has just this one.

    `version` is that of the complaint that is shown; `language` is given where words are in it.
    """
    return sent(
        request, view.model_dump_json().encode(), "application/json", version, language=language
    )


def sent(
    request: Request,
    body: bytes,
    media_type: str,
    version: int = 0,
    *,
    language: str | None = None,
    vary: str = VARY,
) -> Response:
    """The same for an answer that was made already; `vary` names what its form depends on."""
    tag = etag(version, digest(body))
    headers = {"ETag": tag, "Vary": vary}
    if language is not None:
        headers["Content-Language"] = language
    if request.method in _SAFE and _has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def preferred(accept: str, *offered: str) -> str:
    """The media type of those offered that is wanted most; the first of those wanted alike.

    Raises:
        Problem: none of them is wanted.
    """
    wanted: dict[str, float] = {}
    for part in accept.lower().split(","):
        media_range, *parameters = (one.strip() for one in part.split(";"))
        weights = [one for one in parameters if one.startswith("q=")]
        wanted[media_range] = quality(weights[-1] if weights else "")

    def weight(media: str) -> float:
        """What names it most exactly decides."""
        ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
        return next((wanted[one] for one in ranges if one in wanted), 0.0)

    best = max(offered, key=weight)
    if not weight(best):
        raise Problem("not_acceptable")
    return best


def _has(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or tag in (
        one.strip().removeprefix("W/") for one in known.split(",")
    )
