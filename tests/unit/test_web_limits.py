"""How often something may be tried, and who counts as one caller."""

import pytest
from fastapi import Request

from ombudslink.web.limits import ON_REFERENCE, PER_NETWORK, PER_REFERENCE, Limiter, network_of
from ombudslink.web.problems import Problem


def test_the_eleventh_try_on_one_reference_in_a_minute_is_refused() -> None:
    # given ten tries
    limiter = Limiter()
    for _ in range(10):
        limiter.count(PER_REFERENCE, "reference-1")
    # when there is one more
    with pytest.raises(Problem) as refusal:
        limiter.count(PER_REFERENCE, "reference-1")
    # then the answer says when to come again
    assert refusal.value.code == "too_many_requests"
    assert 1 <= int(refusal.value.headers["Retry-After"]) <= 61


def test_another_reference_and_the_network_are_counted_for_themselves() -> None:
    limiter = Limiter()
    for _ in range(10):
        limiter.count(PER_REFERENCE, "reference-1")
    limiter.count(PER_REFERENCE, "reference-2")
    limiter.count(PER_NETWORK, "reference-1")


def test_one_network_tries_sixty_references_in_a_minute_and_no_more() -> None:
    limiter = Limiter()
    for _ in range(60):
        limiter.count(PER_NETWORK, "192.0.2.1")
    with pytest.raises(Problem):
        limiter.count(PER_NETWORK, "192.0.2.1")


def test_only_what_fails_is_counted_and_too_much_of_it_is_not_even_tried() -> None:
    limiter, tried = Limiter(), []

    def attempt(by: str, *, right: bool) -> None:
        bounds = ((PER_REFERENCE, "reference", by), (ON_REFERENCE, "reference"))
        with limiter.failures(*bounds):
            tried.append(by)
            if not right:
                raise Problem("wrong_reference_or_code")

    # given many tries that succeed, and ten that fail
    for _ in range(20):
        attempt("a", right=True)
    for _ in range(10):
        with pytest.raises(Problem, match="wrong_reference_or_code"):
            attempt("a", right=False)
    # when there is one more from there, then it is not made; from elsewhere it is
    with pytest.raises(Problem, match="too_many_requests"):
        attempt("a", right=True)
    attempt("b", right=True)
    assert tried.count("a") == 30
    # and all together are bounded too
    for number in range(ON_REFERENCE.amount - 10):
        with pytest.raises(Problem, match="wrong_reference_or_code"):
            attempt(f"c{number}", right=False)
    with pytest.raises(Problem, match="too_many_requests"):
        attempt("b", right=True)


def network(host: str | None) -> str:
    client = (host, 1) if host else None
    return network_of(Request({"type": "http", "client": client}))


def test_addresses_of_one_ipv6_network_are_one_caller_however_they_are_written() -> None:
    written = ["2001:db8::1", "2001:db8::ffff", "2001:db8:0:0:aaaa::1", "2001:0db8:0:0:1:2:3:4"]
    assert {network(host) for host in written} == {"2001:db8::/64"}
    assert network("2001:db8:0:1::1") == "2001:db8:0:1::/64"


def test_every_ipv4_address_is_a_caller_of_its_own() -> None:
    assert network("192.0.2.1") == network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("192.0.2.2") == "192.0.2.2"


def test_a_caller_without_an_address_is_counted_too() -> None:
    assert network(None) == "unknown"
    assert network("testclient") == "testclient"
