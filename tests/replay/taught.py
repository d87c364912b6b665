"""What the user teaches: objects and a model's replies, from a JSON file of their own.

{"assistants": [{"id", and what `POST /assistants` takes}], "threads" and "vector_stores" likewise,
"files": [{"id", "filename"}], "replies": [{"to", "after", and one of "text", "calls", "json",
"fails"; "times", "wait"}]}. It is read at the start, and again when it has changed.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .replies import Reply

ANY = "*"
KINDS = ("assistants", "threads", "vector_stores", "files")
FAULTS = ("rate_limit", "server_error", "locked", "expired", "incomplete")
GIVES = ("text", "calls", "json", "fails")
LONGEST = 600  # seconds that an answer may be held back
FIELDS: dict[str, type | tuple[type, ...]] = {
    "to": str,
    "after": list,
    "text": str,
    "calls": list,
    "json": object,
    "fails": str,
    "times": int,
    "wait": (int, float),
}
WORDS = {
    str: "a text",
    list: "a list",
    int: "a number",
    (int, float): "a number",
    dict: "an object",
}


class Unusable(ValueError):
    """The file can't be used; the message names it and the place in it."""


@dataclass(frozen=True)
class Lesson:
    """A reply of the file. after: what functions gave back, each exactly or ANY. fails: one of
    FAULTS, or "". times: how often a fault comes, for each key and turn."""

    place: str
    to: str
    after: tuple[str, ...]
    reply: Reply
    fails: str = ""
    times: int = 1

    def fits(self, outputs: list[str]) -> bool:
        """Whether it is for the turn after these outputs."""
        pairs = zip(self.after, outputs, strict=False)
        return len(self.after) == len(outputs) and all(a in (ANY, o) for a, o in pairs)


@dataclass(frozen=True)
class Content:
    """What a file says. objects: by kind, the bodies by their ids. lessons: by their question; the
    more exactly an `after` says what it is for, the sooner it comes; faults first. value: as it was
    read."""

    objects: dict[str, dict[str, dict]]
    lessons: dict[str, list[Lesson]]
    value: dict[str, list[dict]]

    @property
    def assistants(self) -> dict[str, dict]:
        """The assistants' bodies, by their ids."""
        return self.objects["assistants"]

    def find(self, question: str, outputs: list[str]) -> Iterator[Lesson]:
        """The lessons for a turn, the fittest first."""
        return (lesson for lesson in self.lessons.get(question, ()) if lesson.fits(outputs))


class Taught:
    """The file, as it is now.

    check: what else is asked of an object, by kind and body; it raises ValueError.
    say: where a bad edit is told; the content before it stays. Raises Unusable at the start.
    """

    def __init__(
        self,
        file: Path,
        check: Callable[[str, dict], None] = lambda kind, body: None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.file, self.check, self.say = file, check, say
        self.version = 1
        self.stamp = self._stamp()
        self.content = self._read()

    def refresh(self) -> None:
        """Read the file again if it has changed. A bad edit keeps what was."""
        stamp = self._stamp()
        if stamp == self.stamp:
            return
        self.stamp = stamp
        try:
            self.content = self._read()
        except Unusable as error:
            self.say(f"{error} What was read before stays.")
            return
        self.version += 1
        self.say(f"{self.file.name} was read again.")

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self.file.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def _read(self) -> Content:
        try:
            return self._content(json.loads(self.file.read_text(encoding="utf-8-sig")))
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise Unusable(f"{self.file}, {place}: {error.msg}.") from None
        except UnicodeDecodeError:
            raise Unusable(f"{self.file} is no UTF-8 text. Save it as UTF-8.") from None
        except (OSError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or "it is nested too deep"
            raise Unusable(f"{self.file} can't be read: {reason}.") from None
        except ValueError as error:
            raise Unusable(f"{self.file}: {error}") from None

    def _content(self, value: object) -> Content:
        known = (*KINDS, "replies")
        need(isinstance(value, dict), "it must be an object, with `replies` in it")
        unknown = [name for name in value if name not in known]
        need(not unknown, f"`{', '.join(unknown)}` is unknown; known are {', '.join(known)}")
        for name in known:
            need(isinstance(value.get(name, []), list), f"{name} must be a list")
        objects: dict[str, dict[str, dict]] = {}
        for kind in KINDS:
            objects[kind] = {}
            for number, entry in enumerate(value.get(kind, ())):
                self._object(kind, f"{kind}[{number}]", entry, objects[kind])
        lessons: dict[str, list[Lesson]] = {}
        for number, entry in enumerate(value.get("replies", ())):
            lesson = lesson_of(f"replies[{number}]", entry)
            same = [
                other
                for other in lessons.setdefault(lesson.to, [])
                if other.after == lesson.after and bool(other.fails) == bool(lesson.fails)
            ]
            need(
                not same, f"{lesson.place} is for the same turn as {same[0].place if same else ''}"
            )
            lessons[lesson.to].append(lesson)
        for found in lessons.values():
            found.sort(key=lambda lesson: (lesson.after.count(ANY), not lesson.fails))
        return Content(objects, lessons, value)

    def _object(self, kind: str, place: str, entry: object, found: dict[str, dict]) -> None:
        need_object(place, entry)
        id = entry.get("id")
        need(isinstance(id, str) and id != "", f"{place}.id must be a text")
        need(id not in found, f"{place}.id is there already: {id}")
        body = {name: part for name, part in entry.items() if name != "id"}
        try:
            self.check(kind, body)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        found[id] = body


def lesson_of(place: str, entry: object) -> Lesson:
    """One entry of `replies`. Raises ValueError, naming the place."""
    need_object(place, entry)
    for name, value in entry.items():
        need(name in FIELDS, f"{place}.{name} is unknown; known are {', '.join(FIELDS)}")
        right = isinstance(value, FIELDS[name]) and not isinstance(value, bool)
        need(right or FIELDS[name] is object, f"{place}.{name} must be {WORDS.get(FIELDS[name])}")
    need(entry.get("to"), f"{place} needs `to`: the question, or {ANY} for any")
    gives = [name for name in GIVES if name in entry]
    need(len(gives) == 1, f"{place} needs one of {', '.join(GIVES)}")
    after = entry.get("after", [])
    for number, output in enumerate(after):
        need(isinstance(output, str), f"{place}.after[{number}] must be a text")
    fails = entry.get("fails", "")
    need(not fails or fails in FAULTS, f"{place}.fails is none of {', '.join(FAULTS)}")
    times, wait = entry.get("times", 1), entry.get("wait", 0)
    need("times" not in entry or (fails and times >= 1), f"{place}.times is how often it fails")
    need(0 <= wait <= LONGEST and math.isfinite(wait), f"{place}.wait is 0 to {LONGEST} seconds")
    calls = [call_of(f"{place}.calls[{n}]", one) for n, one in enumerate(entry.get("calls", ()))]
    need("calls" not in entry or calls, f"{place}.calls is empty")
    text = entry.get("text", "")
    need("text" not in entry or text, f"{place}.text is empty")
    if "json" in entry:
        text = json.dumps(entry["json"], ensure_ascii=False)
    reply = Reply(text, tuple(calls), wait=wait, place=place)
    return Lesson(place, entry["to"], tuple(after), reply, fails, times)


def call_of(place: str, entry: object) -> tuple[str, str]:
    """A function's name, and its arguments as JSON text. Raises ValueError, naming the place."""
    need(isinstance(entry, dict), f"{place} must be an object")
    unknown = [name for name in entry if name not in ("name", "arguments")]
    need(
        not unknown,
        f"{place}.{unknown[0] if unknown else ''} is unknown; known are name, arguments",
    )
    need(isinstance(entry.get("name"), str) and entry["name"], f"{place}.name must be a text")
    arguments = entry.get("arguments", {})
    need(isinstance(arguments, dict), f"{place}.arguments must be an object")
    return entry["name"], json.dumps(arguments, ensure_ascii=False)


def need_object(place: str, entry: object) -> None:
    """Raise ValueError for what is no object, or can't be sent: Python reads NaN and half a letter
    (`\\ud800`) as JSON."""
    need(isinstance(entry, dict), f"{place} must be an object")
    try:
        json.dumps(entry, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        raise ValueError(f"{place} has a number or a letter that no JSON can hold.") from None


def need(there: object, sentence: str) -> None:
    """Raise ValueError with a sentence where something is not as it must be."""
    if not there:
        raise ValueError(f"{sentence}.")
