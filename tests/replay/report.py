"""`--report`: what a program asked of the old API, and what its calls are now, in Markdown."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .api import first_part
from .exchange import Answer, Exchange, Request
from .now import SETUP, TABLE, Entry, moved, named
from .replies import turn
from .resources import BETA
from .scrub import hidden

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
UNANSWERED = """## Questions without a reply

Fill in what the model should have said, and start again with `--replies`.

```json
{replies}
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
    """

    def __init__(self) -> None:
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

    def entries(self) -> list[tuple[Entry, int]]:
        """The calls, key by key, each with how often it came."""
        return [found for calls in self.calls.values() for found in entries_of(calls)]

    def summary(self) -> str:
        """In a sentence."""
        return summary(self.entries())

    def text(self) -> str:
        """The report, without a key in it."""
        entries, programs, names = [], [], {}
        for key, calls in self.calls.items():
            found = entries_of(calls)
            programs += [named(entry.code, names, key) for entry, _ in found if entry.code]
            entries += found
        parts = [INTRODUCTION.format(summary=summary(entries), setup=SETUP)]
        parts += sections(entries)
        if self.unanswered:
            replies = [to_fill_in(turn) for turn in self.unanswered.values()]
            text = json.dumps({"replies": replies}, ensure_ascii=False, indent=2)
            parts.append(UNANSWERED.format(replies=text))
        if self.notes:
            parts.append(NOT_GIVEN.format(notes="\n".join(f"- {note}" for note in self.notes)))
        if programs:
            parts.append(WHOLE.format(program="\n".join((SETUP, *programs))))
        return hidden("\n".join(parts), self.calls)


def entries_of(calls: list[Kept]) -> list[tuple[Entry, int]]:
    """The calls of one key, each with how often it came."""
    times = {exchange_of(kept): kept.times for kept in calls}
    return [(entry, times[entry.exchange]) for entry in moved(times)]


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


def sections(entries: list[tuple[Entry, int]]) -> list[str]:
    """Each different call once, with how often it came: the same but for the names of objects."""
    found: dict[tuple, list] = {}
    for entry, times in entries:
        refused = re.sub(r"\b(thread|run|msg|asst|step)_\w+", r"\1_…", entry.refused)
        look = (entry.route, named(entry.code), entry.why, refused, *entry.lost, *entry.decide)
        found.setdefault(look, [entry, 0])[1] += times
    return [section(number, *one) for number, one in enumerate(found.values(), 1)]


def section(number: int, entry: Entry, times: int) -> str:
    """One call and what it is now."""
    often = f", {times} times" if times > 1 else ""
    row = TABLE[entry.route]
    lines = [f"## {number}. `{row.before}`, {entry.route.replace(' ', ' /')}{often}\n"]
    if entry.refused:
        lines.append(f"It was refused: {entry.refused} There is nothing to move.\n")
    elif entry.code:
        lines.append(f"```python\n{named(entry.code)}\n```\n")
    else:
        lines.append(f"No call today. {entry.why[:1].upper()}{entry.why[1:]}.\n")
    if entry.lost and entry.code:
        lines.append(f"Lost: {'; '.join(dict.fromkeys(entry.lost))}.\n")
    lines += [f"To decide: {sentence}\n" for sentence in dict.fromkeys(entry.decide)]
    return "\n".join(lines)


def to_fill_in(turn: dict) -> dict:
    """A question without a reply as an entry of a file of replies."""
    place = {"to": turn["to"]} | ({"after": turn["after"]} if turn["after"] else {})
    if turn["offered"] and not turn["after"]:
        return place | {"calls": [{"name": turn["offered"][0], "arguments": {}}]}
    return place | {"text": ""}
