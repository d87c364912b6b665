"""One request on its way through the checks and the rule to its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from . import ids
from .exchange import Exchange, Request
from .matching import Recordings
from .project import Project

# The clock of a key that has not met a recorded time yet: the article's 2024-12-09 02:27:22 UTC.
START = 1733711242


@dataclass(eq=False)
class Call:
    """One request, and what is known of its answer so far.

    sent: the parsed JSON, None when there was none. exchange: the recording of this request that
    its key has not used yet. live: files and vector stores are the real API's. headers: what the
    rule, or the error, adds to the answer's. why: why the answer is not the recording; "" once one
    was looked for.
    """

    request: Request
    project: Project
    recordings: Recordings
    sent: dict | None = None
    exchange: Exchange | None = None
    live: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    why: str = "refused before a recording was looked for"
    _time: int | None = None

    @cached_property
    def body(self) -> dict:
        """What was sent, {} for nothing."""
        return {} if self.sent is None else self.sent

    @cached_property
    def query(self) -> dict[str, str]:
        """The query of the target: the last value of each name."""
        return dict(parse_qsl(self.request.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def recorded(self) -> dict:
        """The object that the recorded answer is about, {} when there is none."""
        return self.exchange.value if self.exchange else {}

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
        used = self.project.used
        if isinstance(id, str) and id.startswith(prefix) and id not in used:
            used.add(id)
            return id
        while True:
            serial = self.project.next_serial()
            id = f"{prefix}_{mint(serial) if mint else ids.letters(prefix, serial)}"
            if id not in used:
                return id
