"""Pages for people: made here, in three languages, whole without a script or another host's file.

The language stands in the path (`/kk/…`); a path without one leads to the reader's own.
"""

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader
from pydantic import BaseModel, ValidationError
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException

from ombudslink.commands import Refused
from ombudslink.offices import LANGUAGES, Policy
from ombudslink.store.engine import StoreError
from ombudslink.web.app import problem_of
from ombudslink.web.assets import DIGEST
from ombudslink.web.guarded import GuardedRoute
from ombudslink.web.inputs import refused
from ombudslink.web.phrases import phrase
from ombudslink.web.problems import Problem, catalogue, explained, language_of

NAMES: Final = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    303: {"description": "Leads to the page to look at next."},
    "4XX": {"description": "A page that says what is wrong.", "content": {"text/html": {}}},
    "5XX": {"description": "A page that says what is wrong.", "content": {"text/html": {}}},
}
UNAUTHORIZED: Final = 401
EMPTY: Final[Mapping[str, Any]] = {"typed": {}, "labelled": ()}
"""A form that nothing was typed into."""
MOST_FIELDS: Final = 100
"""How many fields a form may have."""

Form = Mapping[str, list[str]]
"""What was typed, by the name of the field."""


class _InLanguage(Convertor[str]):
    """The part of a path that is one of the languages."""

    regex = "|".join(LANGUAGES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("language", _InLanguage())


Said = TypeVar("Said", bound=BaseModel)

_NOTHING: Final = ("undefined", "null")
"""Names with which the macros say that something is not there."""


class Missing(ChainableUndefined):
    """A name that a page uses and nobody gave is a mistake; an optional parameter of a macro is
    simply not there."""

    def _require_optional(self) -> None:
        left_out = self._undefined_hint is not None or isinstance(self._undefined_obj, dict)
        if not left_out and self._undefined_name not in _NOTHING:
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._require_optional()
        return False

    def __str__(self) -> str:
        self._require_optional()
        return ""

    def __html__(self) -> str:
        return str(self)


class Elsewhere(Exception):
    """What was asked for is not here now, but at this path below the language."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Site:
    """The pages of one service: `door` is the page at which somebody unknown is let in, `always`
    is what every page is given."""

    def __init__(
        self, package: str, policy: Policy, door: str = "problem.html", **always: Any
    ) -> None:
        self._policy = policy
        self._door = door
        self._always = always
        self._templates = _environment(package)

    def page(
        self,
        request: Request,
        language: str,
        template: str,
        *,
        status: int = 200,
        query: str = "",
        **shown: Any,
    ) -> HTMLResponse:
        """A page, filled in; `query` is what leads to the same page in the other languages."""
        root = str(request.scope.get("root_path", ""))
        path = request.url.path.removeprefix(root)
        rest = path[len(language) + 1 :] if path.startswith(f"/{language}/") else "/"
        text = self._templates.get_template(template).render(
            language=language,
            languages=[(one, NAMES[one], f"{root}/{one}{rest}{query}") for one in LANGUAGES],
            t=partial(_said, language),
            to=lambda target: f"{root}/{language}{target}",
            static=f"{root}/static/{DIGEST}",
            day=self.day,
            clock=self._clock,
            **{"errors": {}, "problem": None, **self._always, **shown},
        )
        return HTMLResponse(text, status, {"Content-Language": language})

    def refused(
        self, request: Request, problem: Problem, language: str | None = None
    ) -> HTMLResponse:
        """The page that says what is wrong; who is not known is shown the door."""
        language = language or language_of(request.headers.get("accept-language"))
        status = catalogue().problems[problem.code].status
        template = self._door if status == UNAUTHORIZED else "problem.html"
        said = sentence(problem, language)
        page = self.page(request, language, template, status=status, problem=said, **EMPTY)
        page.headers.update(problem.headers)
        return page

    def day(self, moment: datetime) -> str:
        """The day on the offices' wall."""
        return f"{self._policy.calendar.local(moment):%d.%m.%Y}"

    def _clock(self, moment: datetime) -> str:
        return f"{self._policy.calendar.local(moment):%d.%m.%Y, %H:%M}"


class PageRoute(GuardedRoute):
    """A route whose refusals are pages too.

    What others add to a link, e.g. to see where people come from, is not looked at.
    """

    strict = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that FastAPI calls."""
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            language = request.path_params.get("language")
            try:
                return await handle(request)
            except Elsewhere as other:
                return leads_to(request, str(language), other.path)
            except (
                Problem,
                Refused,
                RequestValidationError,
                HTTPException,
                StoreError,
            ) as error:
                site: Site = request.app.state.site
                return site.refused(request, problem_of(error), language)

        return page


def leads_to(request: Request, language: str, path: str) -> RedirectResponse:
    """To that page, which the browser then asks for."""
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/{language}{path}", 303)


def in_own_language(request: Request, path: str) -> RedirectResponse:
    """To that page in the language that the browser asks for."""
    answer = leads_to(request, language_of(request.headers.get("accept-language")), path)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def from_here(request: Request) -> None:
    """Let a form in only from our own pages.

    Raises:
        Problem: another site sent it.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Problem("other_site")


async def typed(request: Request, _: Annotated[None, Depends(from_here)]) -> Form:
    """What was typed into a form of our own pages; fields left empty are left out."""
    found: dict[str, list[str]] = {}
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, str) and value.strip():
                found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


Typed = Annotated[Form, Depends(typed)]


def sentence(problem: Problem, language: str) -> str:
    """What is wrong, without what only a program can read."""
    entry = catalogue().problems[problem.code]
    told = entry.detail if entry.detail and not problem.args_ and not problem.errors else None
    return (told or entry.title).in_(language)


def read(kind: type[Said], said: Mapping[str, Any]) -> Said:
    """What a form says, checked.

    Raises:
        Problem: it cannot be said; its errors name the fields.
    """
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise refused([{**one, "loc": ("body", *one["loc"])} for one in found]) from None


def faults(problem: Problem, language: str) -> dict[str, str]:
    """What is wrong, by the name of the field; of a list, the list."""
    found: dict[str, str] = {}
    for fault in problem.errors:
        field = fault.pointer.split("/")[1] if "/" in fault.pointer else ""
        found.setdefault(field, explained(fault, language))
    return found


def keep(request: Request, answer: Response, name: str, value: str, *, strict: bool) -> None:
    """Let the browser keep this for these pages only, until it is closed."""
    answer.set_cookie(
        name,
        value,
        path=f"{request.scope.get('root_path', '')}/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict" if strict else "lax",
    )


def forget(request: Request, answer: Response, name: str) -> None:
    """Let the browser keep it no more."""
    answer.delete_cookie(name, path=f"{request.scope.get('root_path', '')}/")


def _said(language: str, group: str, word: str, **named: object) -> str:
    return phrase(group, word, language, **named)


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader(
            [
                PackageLoader(package),
                PackageLoader("ombudslink.web"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=Missing,
    )
