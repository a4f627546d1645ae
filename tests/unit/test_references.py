"""References can be read out and mistyped; codes are secret, stable and forgiving of spaces."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.codes import CODE_DIGITS, code_for, same_code
from ombudslink.references import ALPHABET, new_reference, read_reference

KEY = b"k" * 32
COMPLAINT = "00000000-0000-4000-8000-000000000001"
references = st.builds(new_reference)


@given(references)
def test_a_reference_is_three_groups_of_four_that_can_be_read_out(reference: str) -> None:
    assert re.fullmatch(f"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{2}}", reference)
    assert read_reference(reference) == reference


def test_references_do_not_repeat() -> None:
    assert len({new_reference() for _ in range(1000)}) == 1000


@given(references, st.sampled_from(["", " ", "-", " - "]))
def test_case_spacing_and_look_alikes_are_forgiven(reference: str, between: str) -> None:
    typed = between.join(reference.replace("-", "")).lower()
    assert read_reference(typed) == reference
    assert read_reference(typed.replace("0", "o").replace("1", "l")) == reference
    assert read_reference(typed.replace("1", "i")) == reference


@given(references, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(reference: str, place: int, wrong: str) -> None:
    symbols = reference.replace("-", "")
    typed = symbols[:place] + wrong + symbols[place + 1 :]
    assert (read_reference(typed) is None) == (typed != symbols)


@given(references, st.integers(0, 10))
def test_two_neighbours_that_changed_places_are_noticed(reference: str, place: int) -> None:
    symbols = reference.replace("-", "")
    first, second = symbols[place], symbols[place + 1]
    typed = symbols[:place] + second + first + symbols[place + 2 :]
    assert (read_reference(typed) is None) == (first != second)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_reference_or_none(typed: str) -> None:
    assert read_reference(typed) in (None, read_reference(read_reference(typed) or ""))


@pytest.mark.parametrize(
    "typed", ["", "-", "0" * 11, "0" * 13, "UUUU-UUUU-UUUU", "٣" * 12, "ı" * 12]
)
def test_what_cannot_be_a_reference_is_none(typed: str) -> None:
    assert read_reference(typed) is None


def test_a_code_is_twenty_digits_and_always_the_same() -> None:
    code = code_for(KEY, COMPLAINT, 1)
    assert re.fullmatch(r"\d{4}( \d{4}){4}", code)
    assert len(code.replace(" ", "")) == CODE_DIGITS
    assert code == code_for(KEY, COMPLAINT, 1) == "1675 5335 6172 7622 8274"


def test_another_key_complaint_or_receipt_has_another_code() -> None:
    other = "00000000-0000-4000-8000-000000000002"
    codes = {
        code_for(KEY, COMPLAINT, 1),
        code_for(b"x" * 32, COMPLAINT, 1),
        code_for(KEY, other, 1),
        code_for(KEY, COMPLAINT, 2),
    }
    assert len(codes) == 4


@given(st.integers(0, 24), st.sampled_from([" ", "-", "\u00a0", "\u2013"]))
def test_a_code_is_known_whatever_stands_between_its_digits(place: int, between: str) -> None:
    code = code_for(KEY, COMPLAINT, 1)
    assert same_code(code, code.replace(" ", ""))
    assert same_code(code, code[:place] + between + code[place:])


@given(st.integers(0, 19), st.sampled_from(string.digits))
def test_a_code_with_a_wrong_digit_is_not_known(place: int, wrong: str) -> None:
    digits = code_for(KEY, COMPLAINT, 1).replace(" ", "")
    typed = digits[:place] + wrong + digits[place + 1 :]
    assert same_code(digits, typed) == (typed == digits)


@pytest.mark.parametrize("typed", ["", " ", "0", "٠" * 20, "0" * 19, "0" * 21, "\ud800"])
def test_what_is_not_the_code_is_not_known(typed: str) -> None:
    assert not same_code(code_for(KEY, COMPLAINT, 1), typed)
