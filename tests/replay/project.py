"""What one API key owns."""

from dataclasses import dataclass, field

from . import errors
from .collection import Collection
from .exchange import Exchange
from .matching import Recordings


def _messages() -> Collection[dict]:
    return Collection("message", "msg", errors.no_message)


def _runs() -> Collection["Run"]:
    return Collection("run", "run", errors.no_run)


def _steps() -> Collection[dict]:
    return Collection("step", "", errors.no_step)


def _items() -> Collection[dict]:
    return Collection("item", "", errors.no_item)


@dataclass(eq=False, slots=True)
class Run:
    """A run with its steps. outputs: what functions gave back to it."""

    body: dict
    steps: Collection[dict] = field(default_factory=_steps)
    outputs: list[str] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Thread:
    """A thread with what it contains. active: the run that keeps messages out."""

    body: dict
    messages: Collection[dict] = field(default_factory=_messages)
    runs: Collection[Run] = field(default_factory=_runs)
    active: str | None = None


@dataclass(eq=False, slots=True)
class Conversation:
    """A conversation with its items."""

    body: dict
    items: Collection[dict] = field(default_factory=_items)


@dataclass(eq=False, slots=True)
class Response:
    """A response, the items that it was given, and all that it knew: those before, too."""

    body: dict
    items: Collection[dict]
    said: list[dict]


@dataclass(eq=False)
class Project:
    """The state of one API key. Nothing in it is shared with another key's.

    now: the latest time seen, in Unix seconds. given: the recorded ids that are in use, or were:
    none comes back. played: the exchanges whose values were used.
    """

    recordings: Recordings
    assistants: Collection[dict] = field(
        default_factory=lambda: Collection("assistant", "asst", errors.no_assistant)
    )
    threads: Collection[Thread] = field(
        default_factory=lambda: Collection("thread", "thread", errors.no_thread)
    )
    conversations: Collection[Conversation] = field(
        default_factory=lambda: Collection("conversation", "conv", errors.no_conversation)
    )
    responses: Collection[Response] = field(
        default_factory=lambda: Collection("response", "resp", errors.no_response)
    )
    now: int = 0
    serial: int = 0
    given: set[str] = field(default_factory=set)
    played: set[Exchange] = field(default_factory=set)

    def unplayed(self, exchanges: list[Exchange]) -> Exchange | None:
        """The first of the exchanges recorded for a request that this key has not used yet."""
        return next((exchange for exchange in exchanges if exchange not in self.played), None)

    def next_serial(self) -> int:
        """A number that this key has not had yet; what is minted from it is fresh."""
        self.serial += 1
        return self.serial
