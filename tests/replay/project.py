"""What one API key owns, and the made-up values of its answers: recorded first, else minted."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from . import ids
from .listing import Listing
from .recordings import Exchange, Recordings

# The clock of a key that has not met a recorded time yet: the article's 2024-12-09 02:27:22 UTC.
START = 1733711242


@dataclass(eq=False)
class Thread:
    """A thread with what it contains."""

    body: dict
    messages: Listing = field(default_factory=Listing)
    runs: Listing = field(default_factory=Listing)
    active: str | None = None


@dataclass(eq=False)
class Conversation:
    """A conversation with its items. They have no time of their own: their order is all."""

    body: dict
    items: Listing = field(default_factory=Listing)


@dataclass(eq=False)
class Project:
    """The state of one API key. Nothing in it is shared with another key's."""

    recordings: Recordings
    assistants: dict[str, dict] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    responses: dict[str, dict] = field(default_factory=dict)
    now: int = 0
    serial: int = 0
    used: set[Exchange] = field(default_factory=set)

    def recorded(self, method: str, path: str, body: str, key: str | None) -> Exchange | None:
        """The first exchange recorded for this request that this key has not used yet.

        body: `canonical`. key: what was sent as a key, when it is none.
        """
        found = self.recordings.of(method, path, body, key)
        return next((exchange for exchange in found if exchange not in self.used), None)

    def next_serial(self) -> int:
        """A number that this key has not had yet; what is minted from it is fresh."""
        self.serial += 1
        return self.serial


@dataclass(eq=False)
class Call:
    """One request as a rule sees it.

    ids: the path's ids, outermost first. query: the last value of each. body: the parsed JSON, {}
    when none was sent. made_up: the recorded answer's body, {} when none is left for this request.
    """

    project: Project
    ids: list[str]
    query: dict[str, str]
    body: dict
    made_up: dict
    _time: int | None = None

    def time(
        self, made_up: dict | None = None, name: str = "created_at", not_before: int = 0
    ) -> int:
        """Unix seconds: as recorded, else one second after the latest this key has seen.

        One request has one time, however many objects it makes. not_before: what a recorded time
        must not precede: a learner's own message, made meanwhile, stays in front.
        """
        recorded = (self.made_up if made_up is None else made_up).get(name)
        if isinstance(recorded, int) and recorded >= not_before:
            self.project.now = max(self.project.now, recorded)
            self._time = self._time or recorded
            return recorded
        if self._time is None or self._time < not_before:
            self._time = self.project.now + 1 if self.project.now else START
            self.project.now = self._time
        return self._time

    def id(
        self,
        prefix: str,
        taken: Container[str],
        made_up: dict | None = None,
        mint: Callable[[int], str] | None = None,
    ) -> str:
        """An id: as recorded, unless it is in `taken`, else minted from a fresh serial number.

        mint: what follows the prefix and its underscore; by default 24 letters and digits.
        """
        recorded = (self.made_up if made_up is None else made_up).get("id")
        if isinstance(recorded, str) and recorded.startswith(prefix) and recorded not in taken:
            return recorded
        serial = self.project.next_serial()
        return f"{prefix}_{mint(serial) if mint else ids.letters(prefix, serial)}"
