"""The joint report on paper: for archives, for everybody, in three languages, and checked."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

import reports
from ombudslink.offices import LANGUAGES
from ombudslink.printing import typesetting
from ombudslink.printing.letters import _SHOWN, printable
from ombudslink.proof.reports import SignedReport
from ombudslink.proof.signed_reports import ATTACHED, NoReport, verify_report
from ombudslink.testing.builders import content
from ombudslink.testing.country import MONDAY
from reports import RING, TEXTS, changed, on_paper, signed

KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
WORDS = {
    "kk": ("Бірлескен тексеру туралы есеп", "Ерекше пікір", "Ұсынымдар", "келіспейді"),
    "ru": ("Доклад о совместной проверке", "Особое мнение", "Рекомендации", "не согласен"),
    "en": ("Report on a joint inspection", "Dissent", "Recommendations", "dissents"),
}


def text_of(raw: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(raw)).pages).split())


def saying(text: str) -> SignedReport:
    """A signed report in which every text is that."""
    texts = {id_: {**said, "text": text} for id_, said in TEXTS.items()}
    return signed(reports.report(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_for_archives_tagged_and_names_its_language_and_title(language: str) -> None:
    reader = PdfReader(BytesIO(on_paper(signed(), language)))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    metadata = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert f"<rdf:li>{language}</rdf:li>" in metadata
    assert reader.metadata is not None
    assert reader.metadata.title == WORDS[language][0]
    assert reader.metadata.creation_date == MONDAY


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_everything_in_words_and_prints_the_dissent_in_full(language: str) -> None:
    said, document = text_of(on_paper(signed(), language)), reports.report()
    for word in WORDS[language]:
        assert word in said
    for text in document.texts:
        assert " ".join(text.split()) in said
    for one in signed().signatures:
        assert one.key in said
    assert document.digest in said


def test_it_holds_the_report_itself() -> None:
    (attached,) = PdfReader(BytesIO(on_paper(signed()))).attachment_list
    assert attached.name == ATTACHED
    assert SignedReport.model_validate_json(attached.content) == signed()


def test_the_same_report_is_printed_in_the_same_bytes() -> None:
    assert on_paper(signed()) == on_paper(signed())
    assert on_paper(signed(), "ru") != on_paper(signed(), "en")


def test_the_dissent_stands_between_its_finding_and_the_conclusions() -> None:
    said = text_of(on_paper(signed()))
    places = [said.index(word) for word in ("№ 1 тұжырым", "Ерекше пікір", "Қорытынды")]
    assert places == sorted(places)


def test_what_was_not_signed_yet_says_so() -> None:
    some = signed().model_copy(update={"signatures": signed().signatures[:1]})
    assert text_of(on_paper(some, "en")).count("not signed yet") == 2
    assert verify_report(on_paper(some), RING).verdict == "unsigned"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_is_verified_like_the_document_in_it(language: str) -> None:
    found = verify_report(on_paper(signed(), language), RING)
    assert (found.verdict, found.printed) == ("whole", True)


def attaching(raw: bytes, *contents: bytes) -> bytes:
    """The PDF with other things inside."""
    writer = PdfWriter()
    writer.append(PdfReader(BytesIO(raw)))
    names = writer.root_object
    for name in ("/Names", "/AF"):
        names.pop(NameObject(name), None)
    for inside in contents:
        writer.add_attachment(ATTACHED, inside)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def test_a_pdf_whose_attachment_was_changed_is_found() -> None:
    def other(document: dict[str, Any]) -> None:
        document["report"]["conclusions"]["summary"] = "Бұзушылық жоқ."

    untouched = attaching(on_paper(signed()), signed().model_dump_json().encode())
    assert verify_report(untouched, RING).verdict == "whole"
    found = verify_report(attaching(on_paper(signed()), changed(other)), RING)
    assert found.verdict == "broken"
    assert found.printed is False


def test_pages_that_say_something_else_than_what_was_signed_are_found() -> None:
    forged = saying("Бәрі дұрыс болған.")
    inside = signed().model_dump_json().encode()
    found = verify_report(attaching(on_paper(forged), inside), RING)
    assert (found.verdict, found.printed) == ("broken", False)


def test_one_word_on_the_pages_that_was_not_signed_is_found() -> None:
    texts = {**TEXTS, content(24).id: {"text": reports.DISSENT.replace("емес", "ғой")}}
    pages = on_paper(signed(reports.report(texts)))
    found = verify_report(attaching(pages, signed().model_dump_json().encode()), RING)
    assert found.printed is False


def test_a_pdf_with_no_report_or_with_two_is_none() -> None:
    inside = signed().model_dump_json().encode()
    for contents in ((), (inside, inside)):
        with pytest.raises(NoReport):
            verify_report(attaching(on_paper(signed()), *contents), RING)


def test_a_long_report_runs_over_pages_and_is_verified() -> None:
    long = saying("\n\n".join(f"{n}. {reports.FINDING} {reports.DISSENT}" for n in range(150)))
    raw = on_paper(long)
    assert len(PdfReader(BytesIO(raw)).pages) > 20
    assert verify_report(raw, RING).verdict == "whole"


@pytest.mark.parametrize("lines", range(0, 60, 3))
def test_wherever_a_page_ends_the_report_is_verified(lines: int) -> None:
    """Also where its last line ends like the mark of the page begins."""
    for language in LANGUAGES:
        raw = on_paper(saying("\n".join(["cafe 2026"] * lines + ["0123456789abcdef"])), language)
        assert verify_report(raw, RING).verdict == "whole"


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x") *не жирный* $x$ `код` <label> @ref \\ // /* [a] {b} "c" ~ -- = + - https://a.b',
        '#include "/etc/passwd"\n= Heading\n- item\n/ term: x',
        "fi ffi fl — «…» № ₸ 5–7 й ё Ң",
    ],
)
def test_what_people_wrote_is_printed_and_never_read_as_markup(text: str) -> None:
    raw = on_paper(saying(text))
    assert verify_report(raw, RING).verdict == "whole"
    assert text.split("\n")[0] in text_of(raw)


def test_a_letter_that_no_font_has_is_printed_as_its_number() -> None:
    raw = on_paper(saying("Бала 🙂 жылады \ue000 漢"))
    assert "Бала [U+1F642] жылады [U+E000] [U+6F22]" in text_of(raw)
    assert verify_report(raw, RING).verdict == "whole"
    assert b"pdfaid" in PdfReader(BytesIO(raw)).trailer["/Root"]["/Metadata"].get_data()  # type: ignore[index]


def test_every_letter_that_counts_as_shown_is_in_the_fonts() -> None:
    every = "".join(chr(n) for first, last in _SHOWN for n in range(first, last + 1))
    assert printable(every) == every
    assert all(letter in every for letter in KAZAKH)
    raw = on_paper(saying(every))
    assert "[U+" not in text_of(raw)
    assert verify_report(raw, RING).verdict == "whole"


written = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
"""Anything that can be said in any language."""
shown = st.text(st.sampled_from([chr(n) for first, last in _SHOWN for n in range(first, last + 1)]))


@settings(max_examples=60, deadline=None)
@given(text=st.one_of(written, shown, st.text("אבגдёabc( )12.", min_size=1)))
def test_whatever_was_written_is_printed_and_found_on_the_pages(text: str) -> None:
    assert verify_report(on_paper(saying(f"– {text}")), RING).verdict == "whole"


def test_nothing_of_the_machine_is_in_the_file() -> None:
    raw = on_paper(signed())
    for folder in (Path.cwd(), Path(__file__).parent, Path(typesetting.__file__).parent):
        assert str(folder).encode() not in raw
