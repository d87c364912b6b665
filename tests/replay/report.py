"""`--report`: what a program asked of the old API, and what its calls are now, in Markdown."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from .api import find_route, first_part
from .exchange import Answer, Exchange, Request
from .now import SETUP, TABLE, Entry, moved, named, not_there
from .replies import turn
from .resources import BETA
from .scrub import hidden
from .taught import Taught

COUNTED = {
    "translates": ("translates", "translate"),
    "loses": ("loses a field", "lose a field"),
    "none": ("has none", "have none"),
    "refused": ("was refused", "were refused"),
}
NOTHING = "0 calls: nothing was asked. Does your code set `base_url`? It wins over OPENAI_BASE_URL."
INTRODUCTION = """# Your program's calls, as they are written now

{summary}
"""
STAYS = "These calls were not shut down. They stay as they are: {calls}."
STORED = " Your files and vector stores still exist, under the same ids."
OLD_SDK = " What an old SDK calls `beta.vector_stores` is `vector_stores` now."
CALLS = """Each different call stands here once, in the order in which it came. All of them as one
program stand at the end. Not seen here: which line of your program made a call, and what your
functions do.

```python
{setup}```
"""
MISSING = """## What was not there

{whole} Fill in what is empty, and start again with `--replies FILE`.{replies}

```json
{content}
```
"""
ELSEWHERE = "It was made elsewhere: name it in the replies file, see below."
TO_FILL_IN: dict[str, dict] = {
    "assistants": {"model": "", "instructions": "", "tools": []},
    "threads": {"messages": []},
    "files": {"filename": "file.txt"},
}
PART = "Save this as your replies file. If you have one already, add this to it."
MERGED = "This is your replies file, with what was not there added. Save it in place of yours."
REPLIES = """

A reply has `text`, or `calls` with their `arguments`. Whether the model would call a function here
can't be known: write `text` in place of `calls` where your program expects an answer."""
NOT_GIVEN = """## What of your replies was not given

{notes}
"""
WHOLE = """<details>
<summary>All calls as one program, each object with a name of its own</summary>

```python
{program}
```

</details>
"""


@dataclass
class Kept:
    """A request and its answer, as they were; times: how often in a row."""

    request: Request
    answer: Answer
    times: int = 1

    @property
    def same(self) -> tuple:
        return (self.request.method, self.request.target, self.request.content, self.answer.content)


class Report:
    """An observer: it keeps the calls of the old API, key by key, until the report is written.

    Calls that repeat the one before to the byte, as polling does, are kept once and counted.
    taught: the user's own file, for the objects in it. others: how often each route of the other
    APIs was asked, "" for one that is not replayed. made: by key, the ids that these gave. missing:
    kind and id of what these did not find.
    """

    def __init__(self, taught: Taught | None = None) -> None:
        self.taught = taught
        self.calls: dict[str, list[Kept]] = {}
        self.others: Counter[str] = Counter()
        self.made: defaultdict[str, set[str]] = defaultdict(set)
        self.missing: dict[tuple[str, str], None] = {}
        self.unanswered: dict[str, dict] = {}
        self.notes: dict[str, None] = {}

    def __call__(self, request: Request, answer: Answer) -> None:
        """One request and its answer."""
        kept, calls = Kept(request, answer), self.calls.setdefault(request.key, [])
        self.notes |= dict.fromkeys(answer.notes)
        if found := answer.unanswered:  # of one turn, the one that offered a function
            turn_ = turn(found["to"], found["after"])
            if not self.unanswered.get(turn_, {}).get("offered"):
                self.unanswered[turn_] = found
        if first_part(request.path) not in BETA:
            self._other(request, answer)
            return
        if calls and calls[-1].same == kept.same:
            calls[-1].times += 1
        else:
            calls.append(kept)

    def _other(self, request: Request, answer: Answer) -> None:
        """One request of another API."""
        route = find_route(request.method, request.path)[0] or ""
        self.others[route] += 1
        made = self.made[request.key]
        if answer.forwarded:  # the real API has its own objects
            return
        if answer.status == 200 and route in ("POST files", "POST vector_stores"):
            made.add(json.loads(answer.content)["id"])
        elif answer.status == 404:
            words = f"404 {json.loads(answer.content)['error']['message']}"
            self.missing |= dict.fromkeys(one for one in not_there(words) if one[1] not in made)

    def write(self, file: Path) -> None:
        """Write the report; an earlier one stays where nothing was asked. Raises OSError."""
        if not (self.calls or self.others) and file.is_file():
            return
        file.write_text(self.text(), encoding="utf-8", newline="\n")

    def entries(self) -> list[list[tuple[Entry, int]]]:
        """The calls of each key, each with how often it came."""
        seeds = self.taught.content.objects if self.taught else {}
        theirs = self._named
        found = []
        for key, calls in self.calls.items():
            times = {exchange_of(kept): kept.times for kept in calls}
            entries = moved(times, seeds, self.made[key] | theirs)
            found.append([(entry, times[entry.exchange]) for entry in entries])
        return found

    @property
    def _named(self) -> set[str]:
        """The ids in the user's own file."""
        return set(chain(*self.taught.content.objects.values())) if self.taught else set()

    def summary(self) -> str:
        """In a sentence."""
        return summary([*chain(*self.entries())], self.others.total())

    def text(self) -> str:
        """The report, without a key in it."""
        keys = self.entries()
        entries = [*chain(*keys)]
        parts = [INTRODUCTION.format(summary=summary(entries, self.others.total()))]
        if any(self.others):
            parts.append(stays(self.others))
        if entries:
            parts += [CALLS.format(setup=SETUP), *sections(entries)]
        parts += self._not_there(entries)
        if self.notes:
            parts.append(NOT_GIVEN.format(notes="\n".join(f"- {note}" for note in self.notes)))
        names: dict[str, dict] = {}
        programs = [program_of(calls, names, str(n)) for n, calls in enumerate(keys)]
        programs = [program for program in programs if program]
        if programs:
            program = "\n\n# With another key:\n".join(programs)
            parts.append(WHOLE.format(program=f"{SETUP}\n{program}"))
        return hidden("\n".join(parts), self.calls)

    def _not_there(self, entries: list[tuple[Entry, int]]) -> list[str]:
        """What was not there, in Markdown; of a file of the user's own, all that is in it too."""
        found = [one for entry, _ in entries for one in entry.missing]
        theirs = self._named
        found += [one for one in self.missing if one[1] not in theirs]
        more = missing(found)
        for turn_ in self.unanswered.values():
            taught = self.taught.content.find(turn_["to"], turn_["after"]) if self.taught else ()
            if all(lesson.fails for lesson in taught):  # not by a later edit
                more.setdefault("replies", []).append(to_fill_in(turn_))
        if not more:
            return []
        known = self.taught.content.value if self.taught else {}
        whole = known | {kind: [*known.get(kind, ()), *some] for kind, some in more.items()}
        text = json.dumps(whole, ensure_ascii=False, indent=2)
        says = {"whole": MERGED if known else PART, "replies": REPLIES if "replies" in more else ""}
        return [MISSING.format(content=text, **says)]


def exchange_of(kept: Kept) -> Exchange:
    """A request and its answer as `now` takes them."""
    request, text = kept.request, kept.answer.content.decode()
    sent = None
    with suppress(ValueError, RecursionError):  # what is no JSON was refused
        sent = json.loads(request.content)
    return Exchange(
        method=request.method,
        path=request.target,
        request_body=sent,
        key=None,
        status=kept.answer.status,
        headers={},
        response_body=text if text.startswith("event:") else json.loads(text or "{}"),
        grade="",
        source="",
        notebook="",
    )


def summary(entries: list[tuple[Entry, int]], others: int = 0) -> str:
    """How many calls there were, and what becomes of them. others: those of the other APIs."""
    if not entries and others:
        calls = "1 call" if others == 1 else f"{others} calls"
        return f"No call of the old API in {calls}: there is nothing to move."
    if not entries:
        return NOTHING
    counts = dict.fromkeys(COUNTED, 0)
    for entry, times in entries:
        counts[entry.kind] += times
    all_ = sum(counts.values())
    words = [f"{n} {COUNTED[kind][n != 1]}" for kind, n in counts.items() if n]
    return f"{all_} {'call' if all_ == 1 else 'calls'}: {', '.join(words)}."


def stays(routes: Iterable[str]) -> str:
    """Which calls are written as they were, in Markdown."""
    known = [route for route in routes if route]
    text = STAYS.format(calls=", ".join(f"`{in_the_sdk(route)}`" for route in known))
    firsts = {route.split()[1].partition("/")[0] for route in known}
    text += STORED if firsts & {"files", "vector_stores"} else ""
    return text + (OLD_SDK if "vector_stores" in firsts else "") + "\n"


def in_the_sdk(route: str) -> str:
    """The SDK's name of a call."""
    method, _, path = route.partition(" ")
    *names, last = [part for part in path.split("/") if part[0] != "{"]
    if last == "content":
        return ".".join([*names, last])
    if names[-1:] == ["file_batches"]:
        return ".".join([*names, "list_files"])
    of_one = {"GET": "retrieve", "POST": "update", "DELETE": "delete"}
    verb = (of_one if path.endswith("}") else {"GET": "list", "POST": "create"})[method]
    return ".".join([*names, last, verb])


def program_of(entries: list[tuple[Entry, int]], names: dict[str, dict], key: str) -> str:
    """The calls of one key as a program, each object with a name of its own. names: see `named`."""
    codes = [entry.whole for entry, _ in entries if entry.whole]
    return "\n".join(named(code, names, key).strip() for code in codes)


def missing(objects: Iterable[tuple[str, str]]) -> dict[str, list[dict]]:
    """What was made elsewhere, as entries of a file of replies to fill in. objects: kind and id."""
    found: dict[str, list[dict]] = {}
    for kind, id in dict.fromkeys(objects):
        found.setdefault(kind, []).append({"id": id} | TO_FILL_IN.get(kind, {}))
    return found


def sections(entries: list[tuple[Entry, int]]) -> list[str]:
    """Each different call once, with how often it came: the same but for the names of objects. What
    must stand in front, and what is to be decided, is said once, with the call that needed it
    first."""
    found: dict[tuple, Section] = {}
    said: set[str] = set()
    for entry, times in entries:
        refused = re.sub(r"\b(thread|run|msg|asst|step)_\w+", r"\1_…", entry.refused)
        look = (
            entry.route,
            named(entry.code),
            entry.why,
            refused,
            bool(entry.missing),
            *entry.lost,
        )
        same = found.setdefault(look, Section(entry))
        same.times += times
        for one, place in (
            (named(entry.first), same.first),
            *((d, same.decide) for d in entry.decide),
        ):
            if one not in said:
                said.add(one)
                place.append(one)
    return [one.text(number) for number, one in enumerate(found.values(), 1)]


@dataclass
class Section:
    """A call and what it is now. times: how often it came."""

    entry: Entry
    times: int = 0
    first: list[str] = field(default_factory=list)
    decide: list[str] = field(default_factory=list)

    def text(self, number: int) -> str:
        """The section, in Markdown."""
        entry, row = self.entry, TABLE[self.entry.route]
        often = f", {self.times} times" if self.times > 1 else ""
        lines = [f"## {number}. `{row.before}`, {entry.route.replace(' ', ' /')}{often}\n"]
        if entry.refused:
            after = ELSEWHERE if entry.missing else "There is nothing to move."
            lines.append(f"It was refused: {entry.refused} {after}\n")
        elif entry.code:
            code = "".join(self.first) + named(entry.code).strip()
            lines.append(f"```python\n{code}\n```\n")
        else:
            lines.append(f"No call today. {entry.why[:1].upper()}{entry.why[1:]}.\n")
        if entry.lost and entry.code:
            lines.append(f"Lost: {'; '.join(dict.fromkeys(entry.lost))}.\n")
        lines += [f"To decide: {sentence}\n" for sentence in self.decide]
        return "\n".join(lines)


def to_fill_in(turn: dict) -> dict:
    """A question without a reply as an entry of a file of replies."""
    place = {"to": turn["to"]} | ({"after": turn["after"]} if turn["after"] else {})
    if turn["offered"] and not turn["after"]:
        return place | {"calls": [{"name": turn["offered"][0], "arguments": {}}]}
    return place | {"text": ""}
