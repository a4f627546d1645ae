"""What the checker found: each with its invariant, its stream and version, and where."""

from dataclasses import dataclass, field

MOST = 20
"""So many of one kind are kept; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be."""

    invariant: str
    what: str
    where: str = ""
    stream: str = ""
    version: int = 0

    def __str__(self) -> str:
        at = f" stream {self.stream} version {self.version}" if self.stream else ""
        return f"{self.invariant}: {self.what} [{self.where}]{at}"


@dataclass
class Findings:
    """All of it, and how much was looked at."""

    violations: list[Violation] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(
        self, invariant: str, what: str, where: str = "", stream: str = "", version: int = 0
    ) -> None:
        """One more violation."""
        kind = f"violations of {invariant}"
        self.count(kind)
        if self.counts[kind] <= MOST:
            self.violations.append(Violation(invariant, what, where, stream, version))

    def count(self, what: str, more: int = 1) -> None:
        """So many more of these were looked at."""
        self.counts[what] = self.counts.get(what, 0) + more

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.violations
