"""One request as a rule sees it, and the made-up values of its answer: recorded, else minted."""

from collections.abc import Callable
from dataclasses import dataclass, field

from . import ids
from .project import Project

# The clock of a key that has not met a recorded time yet: the article's 2024-12-09 02:27:22 UTC.
START = 1733711242


@dataclass(eq=False)
class Call:
    """One request as a rule sees it.

    query: the last value of each. body: the parsed JSON, {} when none was sent. recorded: the
    recorded answer's body, {} when none is left for this request. headers: what the rule adds to
    the answer's.
    """

    project: Project
    query: dict[str, str]
    body: dict
    recorded: dict
    headers: dict[str, str] = field(default_factory=dict)
    _time: int | None = None

    def timestamp(
        self, recorded: dict | None = None, name: str = "created_at", not_before: int = 0
    ) -> int:
        """Unix seconds: as recorded, else one second after the latest this key has seen.

        One request has one time, however many objects it makes. not_before: what a recorded time
        must not precede: a learner's own message, made meanwhile, stays in front.
        """
        time = (self.recorded if recorded is None else recorded).get(name)
        if isinstance(time, int) and time >= not_before:
            self.project.now = max(self.project.now, time)
            self._time = self._time or time
            return time
        if self._time is None or self._time < not_before:
            self._time = self.project.now + 1 if self.project.now else START
            self.project.now = self._time
        return self._time

    def id(
        self,
        prefix: str,
        recorded: dict | None = None,
        mint: Callable[[int], str] | None = None,
    ) -> str:
        """An id: as recorded, unless this key was given it before, else minted.

        mint: what follows the prefix and its underscore, from a fresh serial number; by default 24
        letters and digits.
        """
        id = (self.recorded if recorded is None else recorded).get("id")
        given = self.project.given
        if isinstance(id, str) and id.startswith(prefix) and id not in given:
            given.add(id)
            return id
        serial = self.project.next_serial()
        return f"{prefix}_{mint(serial) if mint else ids.letters(prefix, serial)}"
