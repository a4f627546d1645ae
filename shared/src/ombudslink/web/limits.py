"""Limits on how often something may be tried, kept in memory by each process."""

import math
import time
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Final

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ombudslink.web.problems import Problem

PER_REFERENCE: Final = RateLimitItemPerMinute(10)
"""Tries to open one complaint's status."""
PER_NETWORK: Final = RateLimitItemPerMinute(60)
"""Tries from one network to open any complaint's status."""


class Limiter:
    """Counts tries in a moving window."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def count(self, limit: RateLimitItem, *of: str) -> None:
        """One more try.

        Raises:
            Problem: there were too many; `Retry-After` says when the next one is allowed.
        """
        if not self._window.hit(limit, *of):
            reset = self._window.get_window_stats(limit, *of).reset_time
            seconds = max(1, math.ceil(reset - time.time()))
            raise Problem("too_many_requests", headers={"Retry-After": str(seconds)})


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
