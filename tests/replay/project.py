"""What one API key owns."""

from dataclasses import dataclass, field

from . import errors
from .collection import Collection
from .exchange import Exchange
from .matching import Recordings


@dataclass(eq=False)
class Thread:
    """A thread with what it contains. active: the run that keeps messages out."""

    body: dict
    messages: Collection[dict] = field(
        default_factory=lambda: Collection("message", "msg", errors.no_message)
    )
    runs: Collection[dict] = field(default_factory=lambda: Collection("run", "run", errors.no_run))
    active: str | None = None


@dataclass(eq=False)
class Conversation:
    """A conversation with its items. They have no time of their own: their order is all."""

    body: dict
    items: Collection[dict] = field(default_factory=lambda: Collection("item", "", errors.no_item))


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
    responses: Collection[dict] = field(
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
