"""Now: each call of the old API as it is written today, as Python to paste.

`moved` takes the calls of one key, in their order, with what was answered: so it knows the
assistant that a run named, and the messages since the last run. It asks nobody and changes nothing.
"""

import json
import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from .api import find_route
from .exchange import Exchange
from .resources import assistants, models

WIDTH = 88
MOST = 20  # items a call
SETUP = """import json
import os

from openai import OpenAI

MODEL = os.getenv("OPENAI_MODEL", "gpt-6-luna")
client = OpenAI()
"""


class Row(NamedTuple):
    """What became of an operation: its call, the call of today and that one's HTTP line ("" where
    there is none), and what differs, or why there is none."""

    before: str
    now: str
    http: str
    note: str


DICT = "a dictionary of your own"
GONE = "your own code: the dictionary"
# In the order of a program's life. README's table and notebook 06's are made from this one.
TABLE = {
    "POST assistants": Row(
        "beta.assistants.create",
        "",
        "",
        "no call in Responses: a dictionary, sent with each response. The Agents API (beta) stores"
        " agents. Lost: `name`, `description`, `metadata`",
    ),
    "GET assistants/{id}": Row("beta.assistants.retrieve", "", "", GONE),
    "GET assistants": Row("beta.assistants.list", "", "", GONE),
    "POST assistants/{id}": Row("beta.assistants.update", "", "", GONE),
    "DELETE assistants/{id}": Row("beta.assistants.delete", "", "", GONE),
    "POST threads": Row(
        "beta.threads.create",
        "conversations.create",
        "POST /conversations",
        "`items` in place of `messages`, up to 20 a call. Lost: a message's `metadata`;"
        " `tool_resources` go into `tools`",
    ),
    "GET threads/{id}": Row(
        "beta.threads.retrieve", "conversations.retrieve", "GET /conversations/{id}", "the same"
    ),
    "POST threads/{id}": Row(
        "beta.threads.update",
        "conversations.update",
        "POST /conversations/{id}",
        "`metadata` only; no call removes a key",
    ),
    "DELETE threads/{id}": Row(
        "beta.threads.delete",
        "conversations.delete",
        "DELETE /conversations/{id}",
        "the items are not deleted, but no call reaches them",
    ),
    "POST threads/{id}/messages": Row(
        "beta.threads.messages.create",
        "conversations.items.create",
        "POST /conversations/{id}/items",
        "before a run: the `input` of the response. Lost: `metadata`; `attachments` become"
        " `input_file`",
    ),
    "GET threads/{id}/messages": Row(
        "beta.threads.messages.list",
        "conversations.items.list",
        "GET /conversations/{id}/items",
        "check the type. Lost: `before`, `run_id`, `created_at`",
    ),
    "GET threads/{id}/messages/{id}": Row(
        "beta.threads.messages.retrieve",
        "conversations.items.retrieve",
        "GET /conversations/{id}/items/{id}",
        "the item's own id",
    ),
    "POST threads/{id}/messages/{id}": Row(
        "beta.threads.messages.update", "", "", "an item has no `metadata`: keep it yourself"
    ),
    "DELETE threads/{id}/messages/{id}": Row(
        "beta.threads.messages.delete",
        "conversations.items.delete",
        "DELETE /conversations/{id}/items/{id}",
        "returns the conversation",
    ),
    "POST threads/{id}/runs": Row(
        "beta.threads.runs.create",
        "responses.create",
        "POST /responses",
        "`**assistant`, `conversation`, `input`. Lost: `max_prompt_tokens`, `last_messages`",
    ),
    "POST threads/runs": Row(
        "beta.threads.create_and_run",
        "responses.create",
        "POST /responses",
        "after `conversations.create`",
    ),
    "GET threads/{id}/runs/{id}": Row(
        "beta.threads.runs.retrieve",
        "",
        "",
        "these lines go: the call returns when the answer is there. `run.status`, `.last_error`,"
        " `.usage` are `response.status`, `.error`, `.usage`; one run may be several responses: add"
        " their usage up",
    ),
    "GET threads/{id}/runs": Row(
        "beta.threads.runs.list", "", "", "keep each response's `id` and `usage` yourself"
    ),
    "POST threads/{id}/runs/{id}": Row(
        "beta.threads.runs.update", "", "", "send `metadata` with `responses.create`"
    ),
    "POST threads/{id}/runs/{id}/cancel": Row(
        "beta.threads.runs.cancel",
        "",
        "",
        "`responses.cancel` is for responses in the background only",
    ),
    "POST threads/{id}/runs/{id}/submit_tool_outputs": Row(
        "beta.threads.runs.submit_tool_outputs",
        "responses.create",
        "POST /responses",
        "the outputs are the `input`; send tools and instructions again",
    ),
    "GET threads/{id}/runs/{id}/steps": Row(
        "beta.threads.runs.steps.list", "", "", "`response.output`, or the conversation's items"
    ),
    "GET threads/{id}/runs/{id}/steps/{id}": Row(
        "beta.threads.runs.steps.retrieve", "", "", "`response.output`, or the conversation's items"
    ),
}

# What became of a field, a value or an event; for notebook 06.
FIELDS = {
    "`additional_instructions`": "Join them to the `instructions`.",
    "a message's `metadata`": "Lost. Keep it yourself.",
    "`messages.list(run_id=...)`": "A response's own `output`.",
    "`runs.list`, the usage of a thread": "Lost. Store each response's.",
    '`"image_url": {"url": ...}`': '`{"type": "input_image", "image_url": ...}`: a string.',
    "`strict` of a function": 'True by default. `"strict": False` keeps what was.',
    "`temperature`, `top_p`": 'Refused while the model reasons: `reasoning={"effort": "none"}`.',
    "`response_format`": '`text={"format": ...}`, with `name` and `schema` one level higher.',
    "`max_completion_tokens`": "`max_output_tokens`, at least 16.",
    "`max_prompt_tokens`, `last_messages`": 'Lost. There is `truncation="auto"`.',
    '`tool_choice={"function": {"name": ...}}`': '`tool_choice={"type": "function", "name": ...}`',
    "`requires_action`": "Items of type `function_call`. In a stream: `response.output_item.done`.",
    "a run `failed` or `expired`": "`status` is `failed` with `error`, or `incomplete`.",
    "`attachments`": "A part `input_file`, or a vector store.",
}


@lru_cache(1024)
def instead(method: str, path: str) -> str:
    """The HTTP line of what replaces a call, "" for none."""
    row = TABLE.get(find_route(method, path)[0] or "")
    return row.http.replace(" /", " /v1/", 1) if row else ""


@dataclass
class Entry:
    """One call and what it is now.

    code: Python, with marks in place of names, see `named`. first: what must stand before it, once:
    in place of objects that other calls made. lost: what has no place today, a sentence each.
    decide: what only its owner can, a sentence each. why: why there is no call. refused: what the
    API said, where it refused the call. missing: kind and id of all that was made elsewhere.
    """

    exchange: Exchange
    route: str
    code: str = ""
    first: str = ""
    lost: list[str] = field(default_factory=list)
    decide: list[str] = field(default_factory=list)
    why: str = ""
    refused: str = ""
    missing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def whole(self) -> str:
        """All its code."""
        return self.first + self.code

    @property
    def kind(self) -> str:
        """`refused`, `none`, `loses` or `translates`."""
        if self.refused:
            return "refused"
        return ("loses" if self.lost else "translates") if self.code else "none"


class Name(str):
    """Code in place of a value: a variable's name."""


def mark(kind: str, id: str) -> Name:
    """What stands for the name of an object until `named` gives it one."""
    return Name(f"\ue000{kind} {id}\ue001")


def named(code: str, names: dict[str, dict] | None = None, key: str = "") -> str:
    """Code with names in place of marks: `conversation`, `assistant`, `response`.

    names: by kind, filled as names are given: the number of each key's ids. Then each object has a
    name of its own (`conversation_2`); two keys may have the same ids. Without it objects of a kind
    share one name.
    """

    def name(found: re.Match) -> str:
        kind, id = found[1], found[2]
        if names is None:
            return kind
        known = names.setdefault(kind, {})
        number = known.setdefault((key, id), len(known) + 1)
        return kind if number == 1 else f"{kind}_{number}"

    return re.sub("\ue000(\\S+) (.*?)\ue001", name, code)


def python(value: object, indent: int = 0, before: int = 0) -> str:
    """A JSON value as Python, over several lines where one is too short.

    indent: of the line that it stands on. before: characters in front of it there.
    """
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        plain = '"' not in value or "'" in value
        return text if plain else "'" + text[1:-1].replace('\\"', '"') + "'"
    if not isinstance(value, dict | list):
        return repr(value)
    pairs = value.items() if isinstance(value, dict) else ((None, part) for part in value)
    keys = [("" if key is None else f"{python(key)}: ", part) for key, part in pairs]
    open_, close = "{}" if isinstance(value, dict) else "[]"
    line = open_ + ", ".join(f"{key}{python(part)}" for key, part in keys) + close
    if "\n" not in line and indent + before + len(named(line)) <= WIDTH - 1:
        return line
    inner = indent + 4
    lines = [f"{' ' * inner}{key}{python(part, inner, len(key))},\n" for key, part in keys]
    return f"{open_}\n{''.join(lines)}{' ' * indent}{close}"


def call(
    function: str, *given: object, target: str = "", width: int = WIDTH, **named_: object
) -> str:
    """A call as Python, on as few lines as it needs.

    target: the variable that its result goes to. `_`: a dictionary's name, for its entries.
    """
    front = f"{target} = {function}" if target else function
    given_ = [("", value) for value in given]
    pairs = [*given_, *((f"{name}=" if name != "_" else "**", v) for name, v in named_.items())]
    line = ", ".join(f"{name}{python(value)}" for name, value in pairs)
    if "\n" not in line and len(named(f"{front}({line})")) <= width:
        return f"{front}({line})"
    if "\n" not in line and len(named(line)) <= width - 4:
        return f"{front}(\n    {line}\n)"
    parts = (f"    {name}{python(value, 4, len(name))},\n" for name, value in pairs)
    return f"{front}(\n{''.join(parts)})"


@dataclass
class _Message:
    """A message of a thread, in its place. item: as a conversation takes it."""

    item: dict
    id: str | None = None
    run: str | None = None


@dataclass
class _Thread:
    """A thread, as far as its calls tell it.

    messages: those that are there, oldest first. waiting: items that the next response will get as
    its input. resources: its `tool_resources`. outputs: by run, what functions gave back, with the
    calls that it was for.
    """

    id: str
    messages: list[_Message] = field(default_factory=list)
    waiting: list[dict] = field(default_factory=list)
    resources: dict = field(default_factory=dict)
    run: str = ""

    @property
    def name(self) -> Name:
        return mark("conversation", self.id)


def moved(
    exchanges: Iterable[Exchange],
    seeds: Mapping[str, Mapping[str, dict]] | None = None,
    made: Collection[str] = (),
) -> list[Entry]:
    """The calls of the old API among those of one key, in their order, each with what it is now.

    seeds: the objects of the user's own file, by kind and id. made: the ids that other calls gave.
    """
    return _Mover(list(exchanges), seeds or {}, made).entries()


def not_there(error: str) -> list[tuple[str, str]]:
    """Kind and id of each object that an error says is not there, as a file of replies names it.

    error: the status and the API's words.
    """
    found = MISSING.match(error)
    if not found:
        return []
    kind, ids = (part for part in found.groups() if part)
    return [(f"{kind.lower().replace(' ', '_')}s", id) for id in ids.split(", ")]


class _Mover:
    """Goes through the calls of one key.

    shown: the assistants of the user's own file. theirs: the ids of its files and stores.
    settings: the dictionary of each assistant that has a name. asked: by run, the name of its
    settings, and what else is sent each time. made: the ids that calls gave. placed: files and
    stores that something stands for. inputs: the calls whose message is the input of the response
    that follows. called: functions and arguments, by the id of the call. given: by run, each such
    call with its output.
    """

    def __init__(
        self,
        exchanges: list[Exchange],
        seeds: Mapping[str, Mapping[str, dict]],
        made: Collection[str],
    ) -> None:
        self.exchanges = [(e, *_place(e)) for e in exchanges if _place(e)[0] in TABLE]
        self.threads: dict[str, _Thread] = {}
        self.shown = {
            id: assistants.shown(sent, id, 0, sent.get("tool_resources") or {})
            for id, sent in seeds.get("assistants", {}).items()
        }
        self.theirs = {*seeds.get("files", ()), *seeds.get("vector_stores", ())}
        self.settings: dict[str, dict] = {}
        self.asked: dict[str, tuple[Name, dict]] = {}
        self.made = set(made)
        self.placed: set[str] = set()
        self.inputs: set[Exchange] = set()
        self.called: dict[str, tuple[str, str]] = {}
        self.given: dict[str, dict[tuple[str, str], str]] = {}
        self.looped: set[str] = set()
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Find what a call only learns from later ones: which run follows, which outputs came."""
        waiting: dict[str, list[Exchange]] = {}
        for exchange, route, ids in self.exchanges:
            if exchange.status != 200:
                continue
            thread = ids[0] if ids else str(exchange.value.get("id"))
            for run in exchange.objects:
                self.made.add(str(run.get("id")))
                asked = (run.get("required_action") or {}).get("submit_tool_outputs") or {}
                for wanted in asked.get("tool_calls", ()):
                    function = wanted["function"]
                    self.called[wanted["id"]] = function["name"], function["arguments"]
            if route.endswith("submit_tool_outputs"):
                for output in exchange.request_body.get("tool_outputs", ()):
                    asked = self.called.get(output.get("tool_call_id"), ("", ""))
                    self.given.setdefault(ids[1], {})[asked] = output.get("output") or ""
            if route in ("POST threads", "POST threads/{id}/messages"):
                waiting.setdefault(thread, []).append(exchange)
            elif route == "POST threads/{id}/runs":
                self.inputs.update(waiting.pop(thread, ()))
            elif "/messages" in route:
                waiting.pop(thread, None)

    def entries(self) -> list[Entry]:
        """See `moved`."""
        return [self._entry(*found) for found in self.exchanges]

    def _entry(self, exchange: Exchange, route: str, ids: list[str]) -> Entry:
        entry = Entry(exchange, route)
        if exchange.status != 200:
            error = (exchange.value or {}).get("error") or {}
            entry.refused = f"{exchange.status} {error.get('message') or ''}".strip()
            entry.missing = [one for one in not_there(entry.refused) if one[1] not in self.made]
            return entry
        for shown in exchange.objects:
            if shown.get("object") == "thread.run" and shown.get("status") in ENDED:
                entry.decide.append(ENDED[shown["status"]])
        sent = exchange.request_body or {}
        thread = None
        if route.startswith(("GET threads/{id}", "POST threads/{id}", "DELETE threads/{id}")):
            thread = self._thread(ids[0], entry)
            self._learn(thread, exchange)
        rule = RULES.get(route)
        if rule is None:
            entry.code, entry.why = "", TABLE[route].note
        elif thread:
            rule(self, entry, sent, thread, *ids[1:])
        else:
            rule(self, entry, sent, *ids)
        return entry

    def _thread(self, id: str, entry: Entry) -> _Thread:
        """The thread of a call; one that was made elsewhere begins empty."""
        if id not in self.threads:
            self.threads[id] = _Thread(id)
            name = mark("conversation", id)
            entry.first = f"{name} = client.conversations.create()  # in place of {id}\n"
            entry.decide.append(
                f"{id} was made elsewhere: `restore` what you stored of it, as in notebook 06."
            )
        return self.threads[id]

    def _learn(self, thread: _Thread, exchange: Exchange) -> None:
        """What an answer tells of a thread's messages: their ids, and the replies of its runs."""
        newest_first = "order=asc" not in exchange.path
        found = [o for o in exchange.objects if o.get("object") == "thread.message"]
        for shown in reversed(found) if newest_first else found:
            same = [m for m in thread.messages if m.id == shown["id"]]
            run = shown.get("run_id")
            item = {"role": shown["role"], "content": _content(shown, shown["content"])}
            same = same or [
                m
                for m in thread.messages
                if m.id is None and (m.item == item or (run and m.run == run))
            ]
            if same:
                same[0].id, same[0].item = shown["id"], item
        for shown in exchange.objects:
            ended = shown.get("object") == "thread.run" and shown.get("status") == "completed"
            if ended and not any(m.run == shown["id"] for m in thread.messages):
                reply = _Message({"role": "assistant", "content": ""}, run=shown["id"])
                thread.messages.append(reply)

    # One function a route that has a call today, or needs more than a sentence.

    def create_assistant(self, entry: Entry, sent: dict) -> None:
        shown = entry.exchange.value
        entry.lost += [
            f"`{name}`" for name in ("name", "description", "metadata") if sent.get(name)
        ]
        settings = self._settings(entry, shown, shown.get("tool_resources") or {})
        self.settings[shown["id"]] = settings
        entry.code = f"{mark('assistant', shown['id'])} = {python(settings, 0, 12)}"

    def modify_assistant(self, entry: Entry, sent: dict, id: str) -> None:
        shown = entry.exchange.value
        settings = self._settings(entry, shown, shown.get("tool_resources") or {})
        self.settings[id] = settings
        entry.code = f"{mark('assistant', id)} = {python(settings, 0, 12)}"

    def create_thread(self, entry: Entry, sent: dict) -> None:
        id = entry.exchange.value["id"]
        resources = entry.exchange.value.get("tool_resources") if sent.get("tool_resources") else {}
        thread = self.threads[id] = _Thread(id, resources=resources or {})
        self._create(entry, sent, thread, entry.exchange in self.inputs)

    def _create(self, entry: Entry, sent: dict, thread: _Thread, run_follows: bool) -> None:
        """A conversation with a thread's first messages; the last of them may be kept for a run."""
        if entry.exchange.value.get("metadata") and sent.get("metadata"):
            named_ = {"metadata": sent["metadata"]}
        else:
            named_ = {}
        items = [self._item(entry, message) for message in sent.get("messages") or ()]
        first = len(items)
        while run_follows and first and items[first - 1]["role"] == "user":
            first -= 1
        thread.waiting = items[first:]
        thread.messages = [_Message(item) for item in items]
        if items[:first]:
            named_ = {"items": items[: min(first, MOST)]} | named_
        lines = [call("client.conversations.create", target=thread.name, **named_)]
        for start in range(MOST, first, MOST):
            group = items[start : min(start + MOST, first)]
            lines.append(_call_on("items.create", thread, items=group))
        if sent.get("tool_resources"):
            entry.decide.append("`tool_resources` stand in the `tools` of each response.")
        if items[first:]:
            lines.append("# The last message is the input of the response below.")
        entry.code += "\n".join(lines)

    def retrieve_thread(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        entry.code += call("client.conversations.retrieve", _id(thread), target=thread.name)

    def modify_thread(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        if sent.get("tool_resources"):
            thread.resources = sent["tool_resources"]
            entry.lost.append("`tool_resources`: name them in the `tools` of each response")
        if sent.get("metadata"):
            entry.code += call(
                "client.conversations.update", _id(thread), metadata=sent["metadata"]
            )
        elif sent.get("metadata") == {}:
            entry.lost.append("`{}` cleared the metadata; no call clears a conversation's")
        if not entry.code:
            entry.why = "; ".join(entry.lost) or TABLE[entry.route].note

    def delete_thread(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        entry.code += call("client.conversations.delete", _id(thread))

    def create_message(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        item = self._item(entry, sent)
        thread.messages.append(_Message(item, entry.exchange.value["id"]))
        if entry.exchange in self.inputs:
            thread.waiting.append(item)
            entry.code += "# No call: it is in the input of the response below."
        else:
            entry.code += _call_on("items.create", thread, items=[item])

    def list_messages(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        query = _query(entry.exchange)
        named_: dict[str, object] = {}
        for name, value in query.items():
            if name == "order":
                named_[name] = value
            elif name == "limit":
                named_[name] = int(value)
            elif name == "after":
                entry.code += self._found(thread)
                named_[name] = self._item_id(entry, thread, value)
            elif name == "before":
                entry.lost.append("`before`: turn `order` round, and page with `after`")
            elif name == "run_id":
                entry.lost.append("`run_id`: what a response said is in its own `output`")
        entry.code += f"items = {call('client.conversations.items.list', _id(thread), **named_)}\n"
        entry.code += '# Of type "message": role, and content[0].text. No item has a created_at.'

    def retrieve_message(self, entry: Entry, sent: dict, thread: _Thread, id: str) -> None:
        self._on_item("retrieve", entry, thread, id)

    def delete_message(self, entry: Entry, sent: dict, thread: _Thread, id: str) -> None:
        self._on_item("delete", entry, thread, id)
        thread.messages = [message for message in thread.messages if message.id != id]

    def create_run(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        added = [self._item(entry, message) for message in sent.get("additional_messages") or ()]
        thread.messages += [_Message(item) for item in added]
        given, thread.waiting = [*thread.waiting, *added], []
        run = entry.exchange.value
        thread.run = run["id"]
        options = self._options(entry, sent, run, thread)
        named_: dict[str, object] = {"conversation": _id(thread)}
        if len(given) == 1 and given[0]["role"] == "user" and isinstance(given[0]["content"], str):
            named_["input"] = given[0]["content"]
        elif given:
            named_["input"] = given
        named_ |= options
        response, name = mark("response", run["id"]), mark("assistant", run["assistant_id"])
        known = self.settings[run["assistant_id"]]
        if other := {key: named_.pop(key) for key in list(named_) if key in known}:
            name = Name(f"{name} | {python(other, 4, 4)}")
        self.asked[run["id"]] = name, {k: named_[k] for k in named_ if k not in ONCE}
        entry.code += self._create_response(response, sent, _=name, **named_)
        if not sent.get("stream") and run["id"] not in self.given:
            entry.code += f"\n# Its answer is {response}.output_text."

    def _create_response(self, response: Name, sent: dict, **named_: object) -> str:
        """The call for a response; as a stream, if that was asked for."""
        if not sent.get("stream"):
            return call("client.responses.create", target=response, **named_)
        asked = call("client.responses.create", target="stream", **named_, stream=True)
        return asked + STREAM.format(response=response)

    def create_thread_and_run(self, entry: Entry, sent: dict) -> None:
        run, made = entry.exchange.value, dict(sent.get("thread") or {})
        if sent.get("tool_resources"):
            made.setdefault("tool_resources", sent["tool_resources"])
        thread = self.threads[run["thread_id"]] = _Thread(
            run["thread_id"], resources=made.get("tool_resources") or {}
        )
        self._create(entry, made, thread, run_follows=True)
        entry.code = entry.code.replace(
            "\n# The last message is the input of the response below.", ""
        )
        entry.code += "\n"
        self.create_run(entry, {k: v for k, v in sent.items() if k != "thread"}, thread)
        self._learn(thread, entry.exchange)

    def submit_tool_outputs(self, entry: Entry, sent: dict, thread: _Thread, run: str) -> None:
        if run in self.looped:
            entry.code, entry.why = "", "the loop above does this round too"
            return
        self.looped.add(run)
        seen = "".join(
            f"        ({python(name)}, {python(arguments)}): {python(output)},\n"
            for (name, arguments), output in self.given.get(run, {}).items()
        )
        response = mark("response", run)
        name, more = self.asked[run]
        again = self._create_response(
            response,
            sent,
            width=WIDTH - 4,
            _=name,
            conversation=_id(thread),
            input=Name("outputs"),
            **more,
        )
        entry.decide.append("Call your own functions in `run_function`: what they do is not seen.")
        entry.code += LOOP.format(
            seen=seen, response=response, again=textwrap.indent(again, "    ")
        )
        if not sent.get("stream"):
            entry.code += f"\n# Its answer is {response}.output_text."

    def cancel_run(self, entry: Entry, sent: dict, thread: _Thread, run: str) -> None:
        entry.why = TABLE[entry.route].note
        if entry.exchange.value.get("required_action"):
            entry.code = CANCEL.format(conversation=thread.name, response=mark("response", run))

    def list_runs(self, entry: Entry, sent: dict, thread: _Thread) -> None:
        entry.why = (
            f"{TABLE[entry.route].note}, with `input_tokens`, `output_tokens`, `total_tokens`"
        )

    def list_steps(self, entry: Entry, sent: dict, thread: _Thread, run: str, *_: str) -> None:
        items = f"{mark('response', run)}.output"
        if run in self.given:  # more than one response
            items = _call_on("items.list", thread)
        entry.code += f"for item in {items}:\n    print(item.type)"

    # What several of them need.

    def _settings(self, entry: Entry, shown: dict, resources: dict) -> dict:
        """What an assistant or a run says of itself, as a response takes it."""
        model = models.alive(shown["model"])
        settings: dict[str, object] = {"model": shown["model"]}
        if model is None:
            settings["model"] = Name("MODEL")
            known = models.known(shown["model"])
            day = f" on {known.last_day}" if known and known.last_day else ""
            entry.decide.append(
                f"`{shown['model']}` was shut down{day}: choose a model, here `MODEL`."
                if known
                else f"`{shown['model']}` is no model that is known: choose one, here `MODEL`."
            )
        elif model.last_day:
            entry.decide.append(f"`{shown['model']}` ends on {model.last_day}.")
        if shown.get("instructions"):
            settings["instructions"] = shown["instructions"]
        if tools := self._tools(entry, shown["tools"], resources):
            settings["tools"] = tools
        if effort := shown.get("reasoning_effort"):
            settings["reasoning"] = {"effort": effort}
        for name in ("temperature", "top_p"):
            if shown.get(name) not in (None, 1):
                settings[name] = shown[name]
                if "reasoning" in settings:
                    continue
                if model is None or model.effort:
                    settings["reasoning"] = {"effort": "none"}
                    entry.decide.append(f"`{name}` is taken only while the model does not reason.")
                elif model.last_day:
                    entry.decide.append(
                        f"A model that reasons takes `{name}` only with"
                        ' `reasoning={"effort": "none"}`.'
                    )
        answer = shown.get("response_format")
        if isinstance(answer, dict) and answer["type"] != "text":
            settings["text"] = {
                "format": {"type": answer["type"]} | (answer.get("json_schema") or {})
            }
        return settings

    def _tools(self, entry: Entry, shown: list[dict], resources: dict) -> list[dict]:
        """An assistant's tools as a response takes them: flat, with their files and stores."""
        tools: list[dict] = []
        for tool in shown:
            if tool["type"] == "function":
                function = {k: v for k, v in tool["function"].items() if v is not None}
                tools.append({"type": "function"} | function)
            elif tool["type"] == "code_interpreter":
                files = (resources.get("code_interpreter") or {}).get("file_ids") or ()
                named_ = [self._yours(entry, "file", id) for id in files]
                container = {"type": "auto"} | ({"file_ids": named_} if named_ else {})
                tools.append({"type": "code_interpreter", "container": container})
            else:
                stores = (resources.get("file_search") or {}).get("vector_store_ids")
                if stores:
                    named_ = [self._yours(entry, "vector_store", id) for id in stores]
                    search = {"type": "file_search", "vector_store_ids": named_}
                    most = (tool.get("file_search") or {}).get("max_num_results")
                    tools.append(search | ({"max_num_results": most} if most else {}))
                else:
                    entry.decide.append("`file_search` needs a vector store: name yours.")
        return tools

    def _yours(self, entry: Entry, kind: str, id: str) -> Name:
        """The id of a file or a vector store. Both are still there, and made today as they were:
        the program's own lines stay, and something stands for them here. What the user's own file
        names was made long ago: its id is good."""
        if id in self.theirs:
            return Name(python(id))
        name = mark(kind, id)
        if id not in self.placed:
            self.placed.add(id)
            entry.first += PLACED[kind].format(name=name)
        return Name(f"{name}.id")

    def _options(self, entry: Entry, sent: dict, run: dict, thread: _Thread) -> dict:
        """What a run adds to its assistant, or changes of it."""
        resources = dict(thread.resources)
        known = self.settings.get(run["assistant_id"])
        if known is None:
            made = self.shown.get(run["assistant_id"]) or run
            known = self._settings(entry, made, made.get("tool_resources") or resources)
            self.settings[run["assistant_id"]] = known
            name = mark("assistant", run["assistant_id"])
            entry.first += f"{name} = {python(known, 0, 12)}  # {run['assistant_id']}\n"
        changes = Entry(entry.exchange, "")
        now = self._settings(changes, run, resources)
        entry.first += changes.first
        if not resources and sent.get("tools") is None:  # the assistant's own files and stores
            now.pop("tools", None)
            now |= {"tools": known["tools"]} if "tools" in known else {}
        options = {
            name: now.get(name) for name in (*known, *now) if now.get(name) != known.get(name)
        }
        options = {
            name: [] if name == "tools" and value is None else value
            for name, value in options.items()
        }
        if options.keys() & {"model", "temperature", "top_p"}:
            entry.decide += [one for one in changes.decide if one not in entry.decide]
        return options | self._of_this_run(entry, sent)

    def _of_this_run(self, entry: Entry, sent: dict) -> dict:
        """What only a run has, as a response takes it."""
        options: dict[str, object] = {}
        if sent.get("metadata"):
            options["metadata"] = sent["metadata"]
        if sent.get("max_completion_tokens"):
            options["max_output_tokens"] = max(16, sent["max_completion_tokens"])
        if sent.get("parallel_tool_calls") is not None:
            options["parallel_tool_calls"] = sent["parallel_tool_calls"]
        choice = sent.get("tool_choice")
        if choice is not None and choice != "auto":
            flat = {"name": choice["function"]["name"]} if "function" in choice else {}
            options["tool_choice"] = (
                choice if isinstance(choice, str) else {"type": choice["type"]} | flat
            )
        strategy = sent.get("truncation_strategy") or {}
        if strategy.get("type") == "auto":
            options["truncation"] = "auto"
        elif strategy:
            entry.lost.append("`truncation_strategy.last_messages`: choose the messages yourself")
        if sent.get("max_prompt_tokens"):
            entry.lost.append("`max_prompt_tokens`")
        return options

    def _item(self, entry: Entry, message: dict) -> dict:
        """A message that was sent, as an item."""
        if message.get("metadata"):
            entry.lost.append("a message's `metadata`: keep it yourself")
        item = {"role": message["role"], "content": _content(message, message["content"])}
        for part in item["content"] if isinstance(item["content"], list) else ():
            if "file_id" in part:
                part["file_id"] = self._yours(entry, "file", part["file_id"])
        return item

    def _on_item(self, verb: str, entry: Entry, thread: _Thread, id: str) -> None:
        entry.code += self._found(thread)
        item = self._item_id(entry, thread, id)
        entry.code += call(f"client.conversations.items.{verb}", item, conversation_id=_id(thread))

    def _found(self, thread: _Thread) -> str:
        return FOUND.format(conversation=thread.name)

    def _item_id(self, entry: Entry, thread: _Thread, id: str) -> Name:
        """The id of the item that a message is now, by its place in the conversation."""
        for number, message in enumerate(thread.messages):
            if message.id == id:
                return Name(f"messages[{number}].id")
        entry.decide.append("Which item it is can't be seen here: look for it.")
        return Name("messages[-1].id")


STREAM = """
for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="")
    elif event.type in ("response.completed", "response.incomplete", "response.failed"):
        {response} = event.response"""
ONCE = ("input", "conversation", "metadata", "tool_choice")  # not for a run's later responses
MISSING = re.compile(
    r"404 (?:No (assistant|thread|vector store) found with id '(.+)'\.|No such (File) object: (.+)"
    r"|(Vector store) with id \[(.+)\] not found\.|(File)s \[(.+)\] were not found)"
)
PLACED = {
    "file": """# Your own file still exists: use its id in place of this one's.
{name} = client.files.create(file=("a.txt", b"text"), purpose="user_data")
""",
    "vector_store": """# Your own vector store still exists: use its id. This one is empty.
{name} = client.vector_stores.create()
""",
}
# What a run became that did not complete, and what tells it today [documented].
ENDED = {
    "failed": "This run failed. Today the call raises an `openai.APIStatusError`, or"
    " `response.status` is `failed` and `response.error` says why.",
    "incomplete": "This run was cut off. Today `response.status` is `incomplete`, and"
    " `response.incomplete_details.reason` says why.",
    "expired": "This run expired. A response does not: `timeout` of your client ends the call.",
}
LOOP = """def run_function(name, arguments):
    # Your own dispatch goes here: call `name` with json.loads(arguments). It gave:
    seen = {{
{seen}    }}
    return seen[name, arguments]


while calls := [item for item in {response}.output if item.type == "function_call"]:
    outputs = []
    for asked in calls:
        output = run_function(asked.name, asked.arguments)
        outputs.append(
            {{"type": "function_call_output", "call_id": asked.call_id, "output": output}}
        )
{again}"""
CANCEL = """# The functions that were called want their outputs, else what follows is refused.
client.conversations.items.create(
    {conversation}.id,
    items=[
        {{"type": "function_call_output", "call_id": item.call_id, "output": "cancelled"}}
        for item in {response}.output
        if item.type == "function_call"
    ],
)"""
FOUND = """messages = [
    item
    for item in client.conversations.items.list({conversation}.id, order="asc")
    if item.type == "message"
]
"""
RULES: dict[str, Callable[..., None]] = {
    "POST assistants": _Mover.create_assistant,
    "POST assistants/{id}": _Mover.modify_assistant,
    "POST threads": _Mover.create_thread,
    "GET threads/{id}": _Mover.retrieve_thread,
    "POST threads/{id}": _Mover.modify_thread,
    "DELETE threads/{id}": _Mover.delete_thread,
    "POST threads/{id}/messages": _Mover.create_message,
    "GET threads/{id}/messages": _Mover.list_messages,
    "GET threads/{id}/messages/{id}": _Mover.retrieve_message,
    "DELETE threads/{id}/messages/{id}": _Mover.delete_message,
    "POST threads/{id}/runs": _Mover.create_run,
    "POST threads/runs": _Mover.create_thread_and_run,
    "POST threads/{id}/runs/{id}/submit_tool_outputs": _Mover.submit_tool_outputs,
    "POST threads/{id}/runs/{id}/cancel": _Mover.cancel_run,
    "GET threads/{id}/runs": _Mover.list_runs,
    "GET threads/{id}/runs/{id}/steps": _Mover.list_steps,
    "GET threads/{id}/runs/{id}/steps/{id}": _Mover.list_steps,
}


def _place(exchange: Exchange) -> tuple[str, list[str]]:
    """The route of a call, "" for none, and the ids in its path."""
    route, places = find_route(exchange.method, exchange.path.partition("?")[0])
    return route or "", [id for _, id in places]


def _query(exchange: Exchange) -> dict[str, str]:
    return dict(parse_qsl(exchange.path.partition("?")[2]))


def _id(thread: _Thread) -> Name:
    return Name(f"{thread.name}.id")


def _call_on(verb: str, thread: _Thread, **named_: object) -> str:
    return call(f"client.conversations.{verb}", _id(thread), **named_)


def _content(message: dict, content: str | list[dict]) -> str | list[dict]:
    """A message's content as an item has it: a text where it is nothing else."""
    files = [a["file_id"] for a in message.get("attachments") or () if a.get("file_id")]
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    parts: list[dict] = []
    for part in content:
        if part["type"] == "text":
            text = part["text"]
            parts.append({"type": kind, "text": text if isinstance(text, str) else text["value"]})
        elif part["type"] == "image_url":
            image = part["image_url"]
            detail = {"detail": image["detail"]} if image.get("detail") else {}
            parts.append({"type": "input_image", "image_url": image["url"]} | detail)
        else:
            parts.append({"type": "input_image", "file_id": part["image_file"]["file_id"]})
    if message["role"] == "user":
        parts += [{"type": "input_file", "file_id": id} for id in files]
    return parts[0]["text"] if len(parts) == 1 and "text" in parts[0] else parts
