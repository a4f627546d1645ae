"""What Prometheus reads of one service. No label says anything about a person or a complaint."""

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from ombudslink.store import outbox, parking

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One service's counters, and what is read from its database when it is asked."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ombudslink_http_requests",
            "Requests by route and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )

    def request(self, route: str, method: str, status: int) -> None:
        """One more request was answered; `route` is the pattern, never the path."""
        self._requests.labels(route, method, str(status)).inc()

    def text(
        self, connection: Connection, lag: int | None, commands: Mapping[str, int], stopped: int
    ) -> bytes:
        """Everything in Prometheus' text format."""
        waiting, dead = parking.counts(connection)
        gauges = {
            "outbox_depth": ("Records that wait to be sent.", outbox.depth(connection)),
            "events_parked": ("Events that wait for an earlier one.", waiting),
            "dead_letters": ("Events that could not be applied.", dead),
            "partitions_stopped": ("Partitions that differ from the journal.", stopped),
        }
        if lag is not None:
            gauges["consumer_lag"] = ("Records of the log that are not read yet.", lag)
        measured = CollectorRegistry()
        measured.register(_Measured(gauges, commands))
        return bytes(generate_latest(self._registry) + generate_latest(measured))


class _Measured(Collector):
    """Numbers that are known only at the moment they are asked for."""

    def __init__(self, gauges: Mapping[str, tuple[str, int]], commands: Mapping[str, int]) -> None:
        self._gauges = gauges
        self._commands = commands

    def collect(self) -> Iterator[Metric]:
        """Them."""
        for name, (meaning, value) in self._gauges.items():
            yield GaugeMetricFamily(f"ombudslink_{name}", meaning, value)
        if self._commands:
            counted = CounterMetricFamily(
                "ombudslink_commands", "Commands by what became of them.", labels=["outcome"]
            )
            for outcome, count in self._commands.items():
                counted.add_metric([outcome], count)
            yield counted
