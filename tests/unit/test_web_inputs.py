"""What may stand in a request, and that a refusal never repeats what stood there."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from httpx import ASGITransport, AsyncClient
from pydantic import AwareDatetime, Field

from ombudslink.offices import Language
from ombudslink.web.inputs import LINE, MOST_FAULTS, WORDS, Body, Few, Line, Word, Words, refused
from ombudslink.web.problems import rendered

SECRET: Final = "planted-4711"
FOUR_BYTES: Final = "\N{GRINNING FACE}"


class Child(Body):
    name: Line


class Letter(Body):
    """A request with one field of every kind."""

    text: Words = "text"
    title: Line | None = None
    child: Child | None = None
    children: Annotated[tuple[Child, ...], Field(max_length=2)] = ()
    subject: Word = "other"
    language: Language = "kk"
    sent: AwareDatetime | None = None


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/letters")
    async def take(letter: Letter) -> dict[str, str | None]:
        return {"text": letter.text, "title": letter.title}

    @app.get("/letters")
    async def show(limit: Few = 10) -> int:
        return limit

    async def explain(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return rendered(refused(error.errors()), "en")

    app.add_exception_handler(RequestValidationError, explain)
    return app


async def asked(method: str, **request: Any) -> tuple[int, Any]:
    """The status and the body of the answer, which must not repeat the secret."""
    transport = ASGITransport(application())
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.request(method, "/letters", **request)
    assert answer.status_code == 200 or SECRET not in answer.text
    return answer.status_code, answer.json()


async def posted(letter: Mapping[str, Any]) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"}
    return await asked("POST", content=json.dumps(letter).encode("ascii"), headers=headers)


async def faults(letter: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where and what is wrong in a letter that is refused."""
    status, body = await posted(letter)
    assert status == 422
    assert body["code"] == "invalid_request"
    return [(fault["pointer"], fault["code"]) for fault in body["errors"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{SECRET}\0", "control_character"),
        (f"{SECRET}\x1b[31m", "control_character"),
        (f"{SECRET}\x7f", "control_character"),
        (f"a\x85{SECRET}", "control_character"),
        (f"{SECRET}\ud800", "invalid_text"),
        (f"\udfff{SECRET}", "invalid_text"),
        (SECRET + "x" * WORDS, "too_long"),
        (" \n\t ", "too_short"),
        ([SECRET], "wrong_type"),
        (None, "wrong_type"),
    ],
)
async def test_a_text_that_cannot_be_kept_is_refused_without_repeating_it(
    text: object, code: str
) -> None:
    assert await faults({"text": text}) == [("/text", code)]


@pytest.mark.parametrize(
    "text",
    [
        "Мектепке қабылдамады.\r\nСебебін айтпады.\tӘлі күтеміз.",
        "\N{RIGHT-TO-LEFT OVERRIDE}abc\N{POP DIRECTIONAL FORMATTING}",
        f"{FOUR_BYTES} and <script>alert(1)</script>",
        "x" * WORDS,
        FOUR_BYTES * WORDS,
    ],
)
async def test_any_other_text_comes_back_as_it_was(text: str) -> None:
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    answer = await asked("POST", content=body, headers={"Content-Type": "application/json"})
    assert answer == (200, {"text": text, "title": None})


async def test_a_text_may_have_65536_characters_and_not_one_more() -> None:
    assert (await posted({"text": FOUR_BYTES * 65_536}))[0] == 200
    status, body = await posted({"text": FOUR_BYTES * 65_537})
    assert status == 422
    assert body["errors"] == [
        {
            "pointer": "/text",
            "code": "too_long",
            "detail": "The text is too long. Most characters: 65536.",
        }
    ]


async def test_a_line_has_no_line_breaks_and_200_characters() -> None:
    assert await faults({"title": f"{SECRET}\nsecond"}) == [("/title", "control_character")]
    assert await faults({"title": "x" * (LINE + 1)}) == [("/title", "too_long")]
    assert (await posted({"title": f"  {'x' * LINE}\n"})) == (
        200,
        {"text": "text", "title": "x" * LINE},
    )


async def test_an_unknown_field_is_refused_without_repeating_its_name() -> None:
    assert await faults({SECRET: 1}) == [("", "unknown_field")]
    assert await faults({"child": {"name": "A", SECRET: 1}}) == [("/child", "unknown_field")]


async def test_a_pointer_leads_to_the_field_that_is_wrong() -> None:
    letter = {
        "child": {},
        "children": [{"name": "A"}, {"name": ""}],
        "subject": f"{SECRET} with spaces",
        "language": SECRET,
        "sent": "2026-03-02T10:00:00",
    }
    assert await faults(letter) == [
        ("/child/name", "missing"),
        ("/children/1/name", "too_short"),
        ("/subject", "wrong_form"),
        ("/language", "not_one_of"),
        ("/sent", "time_zone_missing"),
    ]
    assert await faults({"children": [{"name": "A"}] * 3}) == [("/children", "too_many")]


async def test_what_is_not_json_is_refused_as_a_whole() -> None:
    headers = {"Content-Type": "application/json"}
    status, body = await asked("POST", content=f'{{"{SECRET}'.encode(), headers=headers)
    assert status == 422
    assert [(f["pointer"], f["code"]) for f in body["errors"]] == [("", "not_json")]


@pytest.mark.parametrize(
    ("limit", "code", "told"),
    [
        ("0", "too_small", "The number is too small. Least value: 1."),
        ("101", "too_large", "The number is too large. Greatest value: 100."),
        (SECRET, "wrong_type", "The value has the wrong type."),
    ],
)
async def test_a_parameter_is_named_with_the_place_where_it_stands(
    limit: str, code: str, told: str
) -> None:
    status, body = await asked("GET", params={"limit": limit})
    assert status == 422
    assert body["errors"] == [{"pointer": "/query/limit", "code": code, "detail": told}]


async def test_a_small_request_with_many_faults_gets_a_small_answer() -> None:
    found = await faults({f"field{number}": 1 for number in range(MOST_FAULTS + 1)})
    assert found == [("", "unknown_field")] * MOST_FAULTS


def test_slashes_and_tildes_in_a_pointer_are_escaped() -> None:
    problem = refused([{"type": "missing", "loc": ("body", "a/b~c", 0)}])
    assert [fault.pointer for fault in problem.errors] == ["/a~1b~0c/0"]
