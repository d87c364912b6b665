"""`--report`: what a program asked of the old API, and what its calls are now, in Markdown."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from .api import first_part
from .exchange import Answer, Exchange, Request
from .now import SETUP, TABLE, Entry, moved, named
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
INTRODUCTION = """# Your program's calls, as they are written now

{summary}

Each different call stands here once, in the order in which it came. All of them as one program
stand at the end. Not seen here: which line of your program made a call, and what your functions do.

```python
{setup}```
"""
MISSING = """## What was not there

Fill in what your program expects, and start again with `--replies`: a file with this in it.

```json
{content}
```
"""
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
    taught: the user's own file, for the assistants in it.
    """

    def __init__(self, taught: Taught | None = None) -> None:
        self.taught = taught
        self.calls: dict[str, list[Kept]] = {}
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
            return
        if calls and calls[-1].same == kept.same:
            calls[-1].times += 1
        else:
            calls.append(kept)

    def write(self, file: Path) -> None:
        """Write the report. Raises OSError."""
        file.write_text(self.text(), encoding="utf-8", newline="\n")

    def entries(self) -> list[list[tuple[Entry, int]]]:
        """The calls of each key, each with how often it came."""
        seeds = self.taught.content.assistants if self.taught else {}
        found = []
        for calls in self.calls.values():
            times = {exchange_of(kept): kept.times for kept in calls}
            found.append([(entry, times[entry.exchange]) for entry in moved(times, seeds)])
        return found

    def summary(self) -> str:
        """In a sentence."""
        return summary([*chain(*self.entries())])

    def text(self) -> str:
        """The report, without a key in it."""
        keys = self.entries()
        entries = [*chain(*keys)]
        parts = [INTRODUCTION.format(summary=summary(entries), setup=SETUP)]
        parts += sections(entries)
        content = missing(entries)
        if self.unanswered:
            content["replies"] = [to_fill_in(turn) for turn in self.unanswered.values()]
        if content:
            text = json.dumps(content, ensure_ascii=False, indent=2)
            parts.append(MISSING.format(content=text))
        if self.notes:
            parts.append(NOT_GIVEN.format(notes="\n".join(f"- {note}" for note in self.notes)))
        names: dict[str, dict] = {}
        programs = [program_of(calls, names, str(n)) for n, calls in enumerate(keys)]
        programs = [program for program in programs if program]
        if programs:
            program = "\n\n# With another key:\n".join(programs)
            parts.append(WHOLE.format(program=f"{SETUP}\n{program}"))
        return hidden("\n".join(parts), self.calls)


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


def summary(entries: list[tuple[Entry, int]]) -> str:
    """How many calls there were, and what becomes of them."""
    counts = dict.fromkeys(COUNTED, 0)
    for entry, times in entries:
        counts[entry.kind] += times
    all_ = sum(counts.values())
    words = [f"{n} {COUNTED[kind][n != 1]}" for kind, n in counts.items() if n]
    return f"{all_} {'call' if all_ == 1 else 'calls'}: {', '.join(words) or 'nothing was asked'}."


def program_of(entries: list[tuple[Entry, int]], names: dict[str, dict], key: str) -> str:
    """The calls of one key as a program, each object with a name of its own. names: see `named`."""
    codes = [entry.whole for entry, _ in entries if entry.whole]
    return "\n".join(named(code, names, key).strip() for code in codes)


def missing(entries: list[tuple[Entry, int]]) -> dict[str, list[dict]]:
    """What was made elsewhere, as entries of a file of replies to fill in."""
    found: dict[str, dict[str, dict]] = {}
    for entry, _ in entries:
        if entry.missing:
            kind, id = entry.missing
            more = {"model": "", "instructions": ""} if kind == "assistants" else {"messages": []}
            found.setdefault(kind, {})[id] = {"id": id} | more
    return {kind: [*bodies.values()] for kind, bodies in found.items()}


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
            nothing = "There is nothing to move."
            after = "It was made elsewhere, see below." if entry.missing else nothing
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
