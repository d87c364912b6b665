"""What a model was asked, and what it replied: heard from the recorded exchanges, in order."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from .exchange import Exchange

NO_REPLY = "[The replay server has no reply to this question: none was recorded.]"
NO_REPLY_JA = "［この質問への回答は記録されていません。再生サーバーからのメッセージです。］"


@dataclass(frozen=True)
class Reply:
    """What a model said: a text, or calls of functions, each its name and its arguments.

    fails: what went wrong instead, one of `taught.FAULTS`. wait: seconds that it is held back.
    place: where it stands in the user's own file, "" for one that was recorded.
    """

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    fails: str = ""
    wait: float = 0
    place: str = ""

    @cached_property
    def value(self) -> object:
        """The text as JSON: an object or a list, None for what is neither."""
        with suppress(ValueError, RecursionError):
            found = json.loads(self.text)
            return found if isinstance(found, dict | list) else None
        return None


def turn_of(newest_first: Iterable[dict], question: str = "") -> tuple[str, list[str]]:
    """What a model would answer now: the last question, and what functions gave back since.

    newest_first: messages and items. question: where they hold none.
    """
    outputs: list[str] = []
    for item in newest_first:
        if item.get("type") == "function_call_output":
            outputs.insert(0, text_of({"content": item["output"]}))
        elif item.get("role") == "user":
            question = text_of(item)
            break
    return question, outputs


def turn(question: str, outputs: Iterable[str] = ()) -> str:
    """A question and the outputs of functions as one text; "" without a question."""
    return "\n\0".join((question, *outputs)) if question else ""


def last_question(newest_first: Iterable[dict]) -> str:
    """The text of the last message of a user's; "" for none."""
    return next((text_of(one) for one in newest_first if one.get("role") == "user"), "")


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


class Listener:
    """Hears who was asked what, exchange by exchange, and what was replied.

    questions, outputs: the last question, and what functions gave back since, by thread,
    conversation or response. turns: by run, in their order.
    """

    def __init__(self) -> None:
        self.questions: dict[str, str] = {}
        self.outputs: dict[str, list[str]] = {}
        self.turns: dict[str, list[str]] = {}

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
                asked = turn(self.questions.get(id, ""), self.outputs[id])
                self.turns.setdefault(value["id"], []).append(asked)
        for entry in exchange.objects:
            run = entry.get("id") if entry.get("object") == "thread.run" else entry.get("run_id")
            heard = self.turns.get(run, [""])[-1]
            if heard and (reply := _reply(entry)):
                yield "threads", heard, reply

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
        heard = turn(*turn_of(reversed(said), question))
        for id in (place, value["id"]):
            self.questions[id] = question
            self.outputs[id] = [text_of({"content": i["output"]}) for i in said if "output" in i]
            self._ask(id, given)
        output = value["output"]
        calls = [(o["name"], o["arguments"]) for o in output if o.get("type") == "function_call"]
        words = "".join(text_of(o) for o in output if o.get("type") == "message")
        if heard and (calls or words):
            yield "responses", heard, Reply(words, tuple(calls))


def _reply(entry: dict) -> Reply | None:
    """The reply that a run or a message of it shows."""
    if entry.get("status") == "requires_action":
        wanted = entry["required_action"]["submit_tool_outputs"]["tool_calls"]
        calls = [(call["function"]["name"], call["function"]["arguments"]) for call in wanted]
        return Reply(calls=tuple(calls))
    if entry.get("object") == "thread.message" and (words := text_of(entry)):
        return Reply(words)
    return None
