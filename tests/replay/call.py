"""One request on its way through the checks and the rule to its answer."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import parse_qsl

from . import errors, ids
from .exchange import Exchange, Request
from .matching import Recordings
from .multipart import Field
from .project import Project
from .replies import Reply, turn
from .schemas import misfit
from .taught import ANY, Content, Lesson

# The clock of a key that has not met a recorded time yet: the article's 2024-12-09 02:27:22 UTC.
START = 1733711242

NOTHING_TAUGHT = Content({}, {}, {})


@dataclass(eq=False)
class Call:
    """One request, and what is known of its answer so far.

    sent: the parsed JSON, None when there was none; of a form, see `multipart.shown`. form: its
    fields. exchange: the recording of this request that
    its key has not used yet. live: files and vector stores are the real API's. headers: what the
    rule, or the error, adds to the answer's. why: why the answer is not the recording; "" once one
    was looked for. taught: what the user's own file says. place: where in it the reply stands.
    wait: seconds that the answer is held back. notes: what the log says beside. unanswered: the
    turn that nobody had a reply to.
    """

    request: Request
    project: Project
    recordings: Recordings
    sent: dict | None = None
    form: dict[str, Field] = field(default_factory=dict)
    exchange: Exchange | None = None
    live: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    why: str = "refused before a recording was looked for"
    taught: Content | None = None
    place: str = ""
    wait: float = 0
    notes: list[str] = field(default_factory=list)
    unanswered: dict | None = None
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

    def reply(
        self, api: str, question: str, outputs: list[str], faults: Container[str] = ()
    ) -> Reply:
        """What a model says now: as the user taught it for exactly this question, else as recorded,
        else as taught for any; Reply() where nobody did.

        api: "threads" or "responses". faults: those that this call may meet; each comes once, or as
        often as its `times`, then the reply behind it. Without them, nothing is counted.
        """
        recorded = self.recordings.reply_to(api, turn(question, outputs))
        taught = self.taught or NOTHING_TAUGHT
        for question_, behind in ((question, recorded), (ANY, None)):
            for lesson in taught.find(question_, outputs) if question else ():
                if not lesson.fails:
                    return lesson.reply
                if faults and self._fails(lesson, turn(question, outputs), faults):
                    found = self.reply(api, question, outputs)
                    return replace(
                        found, fails=lesson.fails, wait=lesson.reply.wait, place=lesson.place
                    )
            if behind:
                return behind
        return Reply()

    def check_json(self, reply: Reply, schema: dict | None) -> None:
        """Refuse a reply that is no JSON, or does not fit the schema that was sent [replay]."""
        if reply.value is None:
            raise errors.not_replayed("text", "text")
        if says := misfit(reply.value, schema or {}):
            raise errors.reply_does_not_fit(reply.place or "the recorded reply", says)

    def _fails(self, lesson: Lesson, turn: str, faults: Container[str]) -> bool:
        """Whether a fault comes, and count it."""
        if lesson.fails not in faults:
            self.notes.append(f"{lesson.place}: there is no `{lesson.fails}` here")
            return False
        came = self.project.failed.get((lesson.place, turn), 0)
        self.project.failed[lesson.place, turn] = came + 1
        return came < lesson.times

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

        mint: what follows the prefix and its underscore, or its own "-", from a fresh serial
        number; by default 24 letters and digits.
        """
        front = prefix if prefix.endswith("-") else f"{prefix}_"
        id = (self.recorded if recorded is None else recorded).get("id")
        used = self.project.used
        if isinstance(id, str) and id.startswith(prefix) and id not in used:
            used.add(id)
            return id
        while True:
            serial = self.project.next_serial()
            id = f"{front}{mint(serial) if mint else ids.letters(prefix, serial)}"
            if id not in used:
                return id
