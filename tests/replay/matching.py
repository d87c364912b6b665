"""Which recorded exchange, id and words fit a request."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .exchange import Exchange, canonical
from .recordings import BrokenRecording

NO_REPLY = "[The replay server has no reply to this question: none was recorded.]"


class Recordings:
    """All recorded exchanges, and the four ways to ask for them.

    Raises BrokenRecording for an exchange whose answer is not of the API's shape.
    """

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self.exchanges = list(exchanges)
        self._by_request = defaultdict(list)
        self._by_path: dict[tuple[str, str], Exchange] = {}
        self._shown = defaultdict(dict)
        self._words: dict[tuple[str, str], str] = {}
        for exchange in self.exchanges:
            self._by_request[exchange.method, exchange.path, exchange.key].append(exchange)
            self._by_path.setdefault((exchange.method, exchange.path), exchange)
            try:
                for parent, child in _children(exchange):
                    self._shown[parent].setdefault(child["id"], child)
                for question, words in _replies(exchange):
                    self._words.setdefault(question, words)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
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
        """The messages of a thread, or the items of a conversation, that an answer ever showed.

        What `threads.create` stores, or a run adds, gets its id here: the API shows it later.
        """
        return self._shown[parent].values() if parent in self._shown else ()

    def words_for(self, api: str, question: str) -> str | None:
        """The words recorded for a question. api: "threads" or "responses"."""
        return self._words.get((api, question))


def same(one: object, other: object) -> bool:
    """Whether two bodies are the same JSON value; `==` alone takes 1 for true."""
    return one == other and canonical(one) == canonical(other)


def first_match(like: dict, shown: Iterable[dict], taken: set[str]) -> dict:
    """The first of the objects shown that has all of `like` and a free id; {} for none."""
    return next((o for o in shown if o["id"] not in taken and like.items() <= o.items()), {})


def question_in(given: object) -> str:
    """The question in what was said: the string, or the last user message's text, "" for none."""
    if isinstance(given, str):
        return given
    for item in reversed(given if isinstance(given, list) else []):
        if item.get("role") == "user":
            content = item["content"]
            return content if isinstance(content, str) else text_of(item)
    return ""


def text_of(message: dict) -> str:
    """The text of a message or an item, its parts joined; "" where it has none."""
    texts = (part.get("text", "") for part in message.get("content") or ())
    return "".join(text["value"] if isinstance(text, dict) else text for text in texts)


def _children(exchange: Exchange) -> Iterator[tuple[str, dict]]:
    """(thread or conversation id, message or item) for all that an answer shows."""
    value = exchange.value
    shown = value["data"] if isinstance(value.get("data"), list) else [value]
    conversation = re.match(r"/v1/conversations/([^/?]+)/items", exchange.path)
    for item in shown:
        if item.get("object") == "thread.message" and "thread_id" in item:
            yield item["thread_id"], item
        elif conversation and item.get("type") == "message":
            yield conversation[1], item


def _replies(exchange: Exchange) -> Iterator[tuple[tuple[str, str], str]]:
    """((api, question), words) for every reply that an answer shows."""
    value = exchange.value
    if exchange.path == "/v1/responses" and exchange.status == 200:
        words = [text_of(item) for item in value["output"]]
        if question := question_in(exchange.request_body.get("input")):
            yield ("responses", question), "".join(words)
    elif value.get("object") == "list":
        question = ""
        for message in sorted(value["data"], key=lambda item: item.get("created_at", 0)):
            if message.get("object") != "thread.message":
                continue
            if message["role"] == "user":
                question = text_of(message)
            elif message["run_id"] and question:
                yield ("threads", question), text_of(message)
