"""Limits on how often something may be tried, kept in memory by each process."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Final

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from ombudslink.web.middleware import RATE
from ombudslink.web.problems import Problem

PER_REFERENCE: Final = RateLimitItemPerMinute(10)
"""Failed tries from one network to open one complaint's status."""
PER_NETWORK: Final = RateLimitItemPerMinute(60)
"""Failed tries from one network to open any complaint's status."""
ON_REFERENCE: Final = RateLimitItemPerMinute(600)
"""Failed tries of all to open one complaint's status: so many that nobody's own complaint is
closed to them because somebody else knows its reference, and far too few to find its code."""

FILING: Final = "filing"
"""What is filed from one network without a key, over HTTP and at the pages together."""

Bound = tuple[RateLimitItem, *tuple[str, ...]]
"""A limit, and of what."""


class Limiter:
    """Counts tries in a moving window, and what may be asked for often in a fixed one."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._quota = FixedWindowRateLimiter(MemoryStorage())

    def count(self, limit: RateLimitItem, *of: str) -> None:
        """One more try.

        Raises:
            Problem: there were too many; `Retry-After` says when the next one is allowed.
        """
        if not self._window.hit(limit, *of):
            raise self._too_many(limit, *of)

    @contextmanager
    def failures(self, *bounds: Bound) -> Iterator[None]:
        """Let a try be made inside; one that ends in a problem counts.

        Raises:
            Problem: too many failed before.
        """
        for limit, *of in bounds:
            if not self._window.test(limit, *of):
                raise self._too_many(limit, *of)
        try:
            yield
        except Problem:
            for limit, *of in bounds:
                self._window.hit(limit, *of)
            raise

    def take(self, request: Request, named: str, often: int, of: str) -> None:
        """One more request of so many a minute; the answer says how many are left.

        Raises:
            Problem: there were too many.
        """
        limit = RateLimitItemPerMinute(often)
        allowed = self._quota.hit(limit, named, of)
        left = self._quota.get_window_stats(limit, named, of)
        seconds = max(1, math.ceil(left.reset_time - time.time()))
        request.scope[RATE] = {
            "RateLimit-Policy": f'"{named}";q={often};w={limit.get_expiry()}',
            "RateLimit": f'"{named}";r={left.remaining};t={seconds}',
        }
        if not allowed:
            raise Problem("too_many_requests", headers={"Retry-After": str(seconds)})

    def _too_many(self, limit: RateLimitItem, *of: str) -> Problem:
        reset = self._window.get_window_stats(limit, *of).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        return Problem("too_many_requests", headers={"Retry-After": str(seconds)})


def network_of(request: Request) -> str:
    """The caller's network: its IPv4 address, or the /64 of its IPv6 address."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False))
