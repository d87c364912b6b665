"""What one API key owns. A collection is a dict by id, in order of creation."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .exchange import Exchange
from .replies import Reply


@dataclass(eq=False, slots=True)
class Run:
    """A run with its steps. outputs: what functions gave back to it. reply: what it will end with.
    until: when it may end, as `time.monotonic` tells."""

    body: dict
    steps: dict[str, dict] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)
    until: float = 0


@dataclass(eq=False, slots=True)
class Thread:
    """A thread with what it contains. active: the run that keeps messages out."""

    body: dict
    messages: dict[str, dict] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    active: str | None = None


@dataclass(eq=False, slots=True)
class History:
    """What was said, newest first: some items, and all that was said before them.

    The items before are shared, not copied: a chain of responses costs each item once. open: the
    function calls that have no output yet, by their `call_id`.
    """

    before: "History | None"
    items: list[dict]
    open: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        waiting = dict.fromkeys(self.before.open if self.before else ())
        for item in self.items:
            if item.get("type") == "function_call":
                waiting[item["call_id"]] = None
            elif item.get("type") == "function_call_output":
                waiting.pop(item["call_id"], None)
        self.open = tuple(waiting)

    def backwards(self) -> Iterator[dict]:
        """All items, newest first."""
        part: History | None = self
        while part:
            yield from reversed(part.items)
            part = part.before


@dataclass(eq=False, slots=True)
class Conversation:
    """A conversation with its items. said: the same, as responses keep it."""

    body: dict
    items: dict[str, dict] = field(default_factory=dict)
    said: History | None = None

    def add(self, items: list[dict]) -> None:
        """Put items behind those that are there."""
        self.items.update((item["id"], item) for item in items)
        self.said = History(self.said, items)

    def remove(self, id: str) -> None:
        """Take one item out. What earlier responses knew stays as it was."""
        del self.items[id]
        self.said = History(None, list(self.items.values()))


@dataclass(eq=False, slots=True)
class Response:
    """A response, the items that it was given, and what it knew before."""

    body: dict
    given: list[dict]
    before: History | None

    @property
    def items(self) -> dict[str, dict]:
        """Its input, and all that it followed on, if it followed another response; oldest first."""
        chained = self.before and "conversation" not in self.body
        earlier = reversed(list(self.before.backwards())) if chained else ()
        return {item["id"]: item for item in (*earlier, *self.given)}

    @property
    def said(self) -> History:
        """All that the next response of the chain knows."""
        return History(self.before, [*self.given, *self.body["output"]])


@dataclass(eq=False, slots=True)
class File:
    """A file that was uploaded."""

    body: dict
    content: bytes


@dataclass(eq=False, slots=True)
class Batch:
    """Files that were put into a vector store at once."""

    body: dict
    files: dict[str, dict]


@dataclass(eq=False, slots=True)
class VectorStore:
    """A vector store with its files. waiting: those in progress, and how many bytes they have."""

    body: dict
    files: dict[str, dict] = field(default_factory=dict)
    file_batches: dict[str, Batch] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)

    def settle(self) -> None:
        """Complete what is in progress."""
        if self.waiting:
            for id, size in self.waiting.items():
                self.files[id] |= {"status": "completed", "usage_bytes": size}
            self.waiting.clear()
            for owner in (self, *self.file_batches.values()):
                count(owner)

    def remove(self, id: str) -> None:
        """Take a file out, if it is there."""
        if self.files.pop(id, None):
            self.waiting.pop(id, None)
            count(self)
            for batch in self.file_batches.values():
                if batch.files.pop(id, None):
                    count(batch)


STATUSES = ("in_progress", "completed", "failed", "cancelled")  # of a store's file [documented]


def count(owner: VectorStore | Batch) -> None:
    """Count its files by status, and what they use; then it is in progress or completed."""
    counts = dict.fromkeys(STATUSES, 0)
    for file in owner.files.values():
        counts[file["status"]] += 1
    owner.body["file_counts"] = counts | {"total": len(owner.files)}
    owner.body["status"] = "in_progress" if counts["in_progress"] else "completed"
    if "usage_bytes" in owner.body:
        owner.body["usage_bytes"] = sum(file["usage_bytes"] for file in owner.files.values())


@dataclass(eq=False, slots=True)
class Project:
    """The state of one API key. Nothing in it is shared with another key's.

    held: how many bytes its files have. thoughts: by the id of an item of a stored response, that
    of the reasoning that led to it. now: the latest time seen, in Unix seconds. serial: the last
    number that an id was minted from. used: the recorded ids that are in use, or were: none comes
    back. played: the exchanges whose values were used. seeds: what the user's own file gave it.
    failed: how often each of the file's faults has come, by its place and turn.
    """

    assistants: dict[str, dict] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    vector_stores: dict[str, VectorStore] = field(default_factory=dict)
    held: int = 0
    thoughts: dict[str, str] = field(default_factory=dict)
    now: int = 0
    serial: int = 0
    used: set[str] = field(default_factory=set)
    played: set[Exchange] = field(default_factory=set)
    seeds: dict[str, dict] = field(default_factory=dict)
    failed: dict[tuple[str, str], int] = field(default_factory=dict)

    def next_serial(self) -> int:
        """A number that this key has not had yet; what is minted from it is fresh."""
        self.serial += 1
        return self.serial
