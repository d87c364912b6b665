"""Which recorded exchange, id and words fit a request."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .exchange import Exchange, canonical
from .recordings import BrokenRecording

NO_REPLY = "[The replay server has no reply to this question: none was recorded.]"
NO_REPLY_JA = "［この質問への返答は記録されていません。これは再生サーバーの文です。］"


@dataclass(frozen=True)
class Reply:
    """What a model said: a text, or calls of functions, each its name and its arguments."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()


class Recordings:
    """All recorded exchanges, and the four ways to ask for them.

    Raises BrokenRecording for an exchange whose answer is not of the API's shape.
    """

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self.exchanges = list(exchanges)
        self._by_request = defaultdict(list)
        self._by_path: dict[tuple[str, str], Exchange] = {}
        self._shown = defaultdict(dict)
        self._replies: dict[tuple[str, str], Reply] = {}
        listener = _Listener()
        for exchange in self.exchanges:
            self._by_request[exchange.method, exchange.path, exchange.key].append(exchange)
            self._by_path.setdefault((exchange.method, exchange.path), exchange)
            try:
                for parent, child in _children(exchange):
                    if not self._shown[parent].get(child["id"], {}).get("content"):
                        self._shown[parent][child["id"]] = child
                for api, turn, reply in listener.heard(exchange):
                    self._replies.setdefault((api, turn), reply)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                reason = f"{exchange.method} {exchange.path}: no answer of the API's: {error!r}"
                raise BrokenRecording(f"{exchange.place or exchange.notebook}: {reason}") from None

    def exchanges_for(self, method: str, path: str, body: object) -> list[Exchange]:
        """The exchanges recorded for a request, in order."""
        found = self._by_request.get((method, path, None), ())
        return [exchange for exchange in found if same(exchange.request_body, body)]

    def exchanges_with_key(self, method: str, path: str, key: str) -> list[Exchange]:
        """The exchanges recorded for a request with something as its key that is none."""
        return self._by_request.get((method, path, key), [])

    def why_not(self, method: str, path: str, body: object) -> str:
        """Why a request has no recording left: what the nearest ones differ in."""
        if played := self.exchanges_for(method, path, body):
            return f"this key has used what {played[-1].notebook} recorded"
        if near := self._by_path.get((method, path)):
            return f"recorded with another body, in {near.notebook} first"
        return "no recording of this path"

    def shown_later(self, parent: str) -> Iterable[dict]:
        """A thread's messages, a conversation's items or a run's steps that an answer ever showed.

        What `threads.create` stores, or a run adds, gets its id here: the API shows it later.
        """
        return self._shown[parent].values() if parent in self._shown else ()

    def reply_to(self, api: str, turn: str) -> Reply | None:
        """What was recorded as a model's reply; the other API's where this one has none.

        api: "threads" or "responses". turn: see `turn_of`.
        """
        for name in (api, *({"threads", "responses"} - {api})):
            if (name, turn) in self._replies:
                return self._replies[name, turn]
        return None


def same(one: object, other: object) -> bool:
    """Whether two bodies are the same JSON value; `==` alone takes 1 for true."""
    return one == other and canonical(one) == canonical(other)


def first_match(like: dict, shown: Iterable[dict], taken: set[str]) -> dict:
    """The first of the objects shown that has all of `like` and a free id; {} for none."""
    return next((o for o in shown if o["id"] not in taken and like.items() <= o.items()), {})


def turn_of(said: Iterable[dict], question: str = "") -> str:
    """What a model would answer now: the last question, and what functions gave back since.

    said: messages and items, oldest first. question: where they hold none.
    """
    outputs: list[str] = []
    for item in reversed(list(said)):
        if item.get("type") == "function_call_output":
            outputs.insert(0, str(item["output"]))
        elif item.get("role") == "user":
            question = text_of(item)
            break
    return turn(question, outputs)


def turn(question: str, outputs: Iterable[str] = ()) -> str:
    """A question and the outputs of functions as one text; "" without a question."""
    return "\n\0".join((question, *outputs)) if question else ""


def text_of(message: dict) -> str:
    """The text of a message or an item, its parts joined; "" where it has none."""
    content = message.get("content") or ()
    if isinstance(content, str):
        return content
    texts = (part.get("text", "") for part in content)
    return "".join(text["value"] if isinstance(text, dict) else text for text in texts)


def no_reply(said: str) -> str:
    """The sentence that no reply was recorded, in the language of what was said."""
    return NO_REPLY_JA if re.search("[\u3041-\u30ff\u4e00-\u9fff]", said) else NO_REPLY


def _children(exchange: Exchange) -> Iterator[tuple[str, dict]]:
    """(parent's id, object) for all messages, steps and items that an answer shows.

    The parent of an item is its conversation, or the response that it was the input of.
    """
    place = r"/v1/(?:conversations/([^/?]+)/items|responses/([^/?]+)/input_items)"
    found = re.match(place, exchange.path)
    parent = found and (found[1] or found[2])
    for value in exchange.shown:
        for item in value["data"] if isinstance(value.get("data"), list) else [value]:
            if item.get("object") == "thread.message" and "thread_id" in item:
                yield item["thread_id"], item
            elif item.get("object") == "thread.run.step" and "run_id" in item:
                yield item["run_id"], item
            elif parent and "type" in item:
                yield parent, item


class _Listener:
    """Hears who was asked what, exchange by exchange, and what was replied.

    questions, outputs: the last question, and what functions gave back since, by thread,
    conversation or response. turns: by run.
    """

    def __init__(self) -> None:
        self.questions: dict[str, str] = {}
        self.outputs: dict[str, list[str]] = {}
        self.turns: dict[str, str] = {}

    def heard(self, exchange: Exchange) -> Iterator[tuple[str, str, Reply]]:
        """(api, turn, reply) for every reply that an answer shows."""
        parts = exchange.path.partition("?")[0].split("/")[2:]
        sent = exchange.request_body or {}
        if exchange.status != 200 or not parts:
            return
        if parts[0] == "threads":
            yield from self._thread(exchange, parts, sent)
        elif parts[0] == "conversations" and exchange.method == "POST":
            id = parts[1] if len(parts) > 1 else exchange.value["id"]
            self._ask(id, sent.get("items") or ())
        elif parts == ["responses"]:
            yield from self._response(exchange.value, sent)

    def _ask(self, id: str, said: Iterable[dict]) -> None:
        for message in said:
            if message.get("role") == "user":
                self.questions[id] = text_of(message)

    def _thread(self, exchange: Exchange, parts: list[str], sent: dict) -> Iterator[tuple]:
        value = exchange.value
        id = value.get("thread_id") or (parts[1] if len(parts) > 1 else value.get("id"))
        if exchange.method == "POST":
            self._ask(id, (sent.get("thread") or sent).get("messages") or ())
            self._ask(id, sent.get("additional_messages") or ())
            if parts[-1] == "messages":
                self._ask(id, [sent])
            if parts[-1] in ("runs", "submit_tool_outputs"):
                earlier = [] if parts[-1] == "runs" else self.outputs.get(id, [])
                given = [entry.get("output") or "" for entry in sent.get("tool_outputs", ())]
                self.outputs[id] = [*earlier, *given]
                self.turns[value["id"]] = turn(self.questions.get(id, ""), self.outputs[id])
        for shown in exchange.shown:
            for entry in shown["data"] if isinstance(shown.get("data"), list) else [shown]:
                run = (
                    entry.get("id") if entry.get("object") == "thread.run" else entry.get("run_id")
                )
                heard = self.turns.get(run)
                if not heard:
                    continue
                if entry.get("status") == "requires_action":
                    wanted = entry["required_action"]["submit_tool_outputs"]["tool_calls"]
                    calls = [(c["function"]["name"], c["function"]["arguments"]) for c in wanted]
                    yield "threads", heard, Reply(calls=tuple(calls))
                elif entry.get("object") == "thread.message" and (words := text_of(entry)):
                    yield "threads", heard, Reply(words)

    def _response(self, value: dict, sent: dict) -> Iterator[tuple]:
        given = sent.get("input") or ()
        if isinstance(given, str):
            given = [{"role": "user", "content": given}]
        place = sent.get("conversation") or sent.get("previous_response_id") or ""
        place = place["id"] if isinstance(place, dict) else place
        question, outputs = self.questions.get(place, ""), self.outputs.get(place, [])
        if any(item.get("role") == "user" for item in given):
            question, outputs = "", []
        earlier = [{"type": "function_call_output", "output": output} for output in outputs]
        said = [*earlier, *given]
        heard = turn_of(said, question)
        for id in (place, value["id"]):
            self.questions[id] = question
            self.outputs[id] = [i["output"] for i in said if "output" in i]
            self._ask(id, given)
        output = value["output"]
        calls = [(o["name"], o["arguments"]) for o in output if o.get("type") == "function_call"]
        words = "".join(text_of(o) for o in output if o.get("type") == "message")
        if heard and (calls or words):
            yield "responses", heard, Reply(words, tuple(calls))
