"""Words and places: what is known, how it is shown, and what a configuration may not contain."""

from pathlib import Path

import pytest

from ombudslink.offices import LANGUAGES, ConfigurationError
from ombudslink.testing.words import PLACE, REGION, VOCABULARY
from ombudslink.vocabulary import (
    KINDS,
    MOST_PLACES,
    OF_PLATFORM,
    Place,
    Vocabulary,
    load_vocabulary,
)

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_a_code_is_known_by_its_kind_and_shown_in_the_readers_language() -> None:
    assert VOCABULARY.knows("subjects", "education")
    assert not VOCABULARY.knows("bodies", "education")
    assert not VOCABULARY.knows("nothing", "education")
    assert VOCABULARY.label("subjects", "education", "ru") == "education (ru)"


def test_a_code_of_an_older_vocabulary_is_shown_as_it_is() -> None:
    assert VOCABULARY.label("subjects", "alchemy", "kk") == "alchemy"
    assert VOCABULARY.label("nothing", "alchemy", "kk") == "alchemy"


def test_what_the_platform_itself_says_is_known_and_not_offered() -> None:
    assert VOCABULARY.offers("outcomes", "settled")
    assert not VOCABULARY.offers("outcomes", "dragons")
    for kind, words in OF_PLATFORM.items():
        for word in words:
            assert VOCABULARY.knows(kind, word)
            assert not VOCABULARY.offers(kind, word)


def test_a_ground_of_admissibility_fits_one_answer_or_both() -> None:
    fits = {
        ground: (
            VOCABULARY.fits(ground, admissible=True),
            VOCABULARY.fits(ground, admissible=False),
        )
        for ground in ("admissible", "before_court", "other", "dragons")
    }
    assert fits == {
        "admissible": (True, False),
        "before_court": (False, True),
        "other": (True, True),
        "dragons": (False, False),
    }


def test_a_body_may_be_an_office_itself() -> None:
    assert VOCABULARY.office_complained_of("office_children") == "children"
    assert VOCABULARY.office_complained_of("school") is None
    assert VOCABULARY.office_complained_of("alchemy") is None


def test_a_place_lies_in_its_region_and_is_named_with_it() -> None:
    assert VOCABULARY.region_of(PLACE) == REGION
    assert VOCABULARY.region_of(REGION) == REGION
    assert VOCABULARY.region_of("999999999") is None
    assert VOCABULARY.place_name(PLACE, "ru") == "район Алматы, г.Астана"
    # then a name that a language lacks is taken from another one
    assert VOCABULARY.place_name(PLACE, "en") == "Алматы ауданы, Astana"
    assert VOCABULARY.place_name("999999999", "en") == "999999999"


def test_places_are_found_by_the_beginning_of_any_word_in_any_language() -> None:
    for text in ("астан", "АСТАНА", " г. Астана ", "Asta", "алматы аудан", "аудан"):
        assert VOCABULARY.places_beginning(text), text
    assert VOCABULARY.places_beginning("лматы") == ()
    assert VOCABULARY.places_beginning(" . ") == ()


def test_a_place_is_found_however_its_name_is_spelt_with_e_or_yo() -> None:
    places = {"1": Place("", "", "г.Озёрное", ""), "2": Place("", "", "г.Еж", "")}
    towns = Vocabulary(words={}, places=places)
    assert towns.places_beginning("озерн") == towns.places_beginning("ОЗЁРН") == ("1",)
    assert towns.places_beginning("ёж") == ("2",)


def test_places_come_largest_first_and_never_too_many() -> None:
    places = {"1": Place("", "A 1", "", "")}
    places |= {f"1{n:03d}": Place("1", f"A 1{n:03d}", "", "") for n in range(200)}
    many = Vocabulary(words={}, places=places)
    assert many.places_beginning("a", 3) == ("1", "1000", "1001")
    assert len(many.places_beginning("a", 10_000)) == MOST_PLACES


def test_places_are_put_in_order_once_and_beforehand_where_that_is_asked_for() -> None:
    towns = Vocabulary(words={}, places={"1": Place("", "A", "", "")})
    towns.prepare()
    prepared = towns._index
    assert towns.places_beginning("a") == ("1",)
    assert towns._index is prepared


def test_the_places_of_the_default_country_are_all_there() -> None:
    kz = load_vocabulary(DEPLOY, "kz")
    assert len(kz.places) == 15_594
    assert {kz.region_of(place) for place in kz.places} == set(kz.codes("regions")) - {
        "unknown",
        "other",
    }
    # given a village, when it is looked up by its Russian or Kazakh name
    for text in ("карааул", "қараауыл"):
        found = kz.places_beginning(text, MOST_PLACES)
        # then it is found, in its region
        assert "103230100" in found
    assert kz.region_of("103230100") == "100000000"
    name = "Қараауыл а., Қараауыл а.о., Абай ауданы, Абай облысы"
    assert kz.place_name("103230100", "kk") == name
    assert kz.places_beginning("алматы", 2) == ("190000000", "750000000")


def configuration(folder: Path, words: str | None = None, places: str | None = None) -> Path:
    """A configuration folder with a small vocabulary of the country `xx`, or with these files."""
    lines = []
    for kind, needed in KINDS.items():
        lines.append(f"[{kind}]")
        lines += [f'{code} = {{ kk = "a", ru = "b", en = "c" }}' for code in sorted(needed)]
    target = folder / "rules" / "xx"
    target.mkdir(parents=True)
    target.joinpath("vocabulary.toml").write_text("\n".join(lines) if words is None else words)
    target.joinpath("places.csv").write_text("code,parent,kk,ru,en\n" + (places or ""))
    return folder


def test_a_vocabulary_of_what_the_platform_itself_says_is_enough(tmp_path: Path) -> None:
    smallest = load_vocabulary(configuration(tmp_path), "xx")
    assert smallest.knows("outcomes", "inadmissible")
    assert all(smallest.label("subjects", "other", language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[subjects]", "[matters]", "'subjects' is missing"),
        ("[legal_bases]", "", "'legal_bases' is missing"),
        ("inadmissible =", "refused =", r"'outcomes' is missing or lacks \['inadmissible'\]"),
        ("[subjects]", "[matters]\n[subjects]", r"unknown kinds of words: \['matters'\]"),
        ('kk = "a", ', "", "kk: Field required"),
        ('kk = "a"', 'kk = ""', "kk: String should have at least 1 character"),
        ('kk = "a"', 'kk = "a", de = "d"', "de: Extra inputs are not permitted"),
        ("other =", '"Other one" =', "String should match pattern"),
        ("[subjects]", "[subjects", "is not TOML"),
        (
            "[admissibility_grounds]",
            '[admissibility_grounds]\nlate = { kk = "a", ru = "b", en = "c" }',
            r"'admissible' is not said of the grounds \['late'\]",
        ),
    ],
)
def test_a_vocabulary_that_cannot_be_meant_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = configuration(tmp_path) / "rules" / "xx" / "vocabulary.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as refused:
        load_vocabulary(tmp_path, "xx")
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ("1,,a,b", "place 1: not five columns"),
        ("A 1,,a,b,c", "place 1: its code is not a code"),
        ("other,,a,b,c\nother,,a,b,c", "place 2: its code stands twice"),
        ("other,,,,", "place 1: it has no name"),
        ("other,,a,b,c\n2,1,a,b,c", "place 2: its parent is not listed before it"),
        ("1,1,a,b,c", "place 1: its parent is not listed before it"),
        ("1,,a,b,c", "place 1: it has no parent, but is not one of the regions"),
    ],
)
def test_a_list_of_places_that_cannot_be_meant_is_refused(
    tmp_path: Path, places: str, told: str
) -> None:
    configuration(tmp_path, places=places)
    with pytest.raises(ConfigurationError, match=told) as refused:
        load_vocabulary(tmp_path, "xx")
    assert "places.csv" in str(refused.value)


def test_a_missing_or_foreign_list_of_places_is_refused(tmp_path: Path) -> None:
    file = configuration(tmp_path) / "rules" / "xx" / "places.csv"
    for raw, told in (
        (b"name\n", "first line must be"),
        (b"\xff\xfe", "is not CSV"),
        (b"", "first"),
    ):
        file.write_bytes(raw)
        with pytest.raises(ConfigurationError, match=told):
            load_vocabulary(tmp_path, "xx")
    file.unlink()
    with pytest.raises(ConfigurationError, match="is missing"):
        load_vocabulary(tmp_path, "xx")
