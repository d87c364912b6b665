"""Which recorded exchange, id and words fit a request."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from .exchange import Exchange, canonical
from .recordings import BrokenRecording
from .replies import Listener, Reply


class Recordings:
    """All recorded exchanges, and what may be asked of them.

    Raises BrokenRecording for an exchange whose answer is not of the API's shape.
    """

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self.exchanges = list(exchanges)
        self._by_request = defaultdict(list)  # by method, path and the names in the body
        times: Counter[tuple] = Counter()  # that a notebook has this request with this answer
        self._with_key: dict[tuple[str, str, str], Exchange] = {}
        self._by_path: dict[tuple[str, str], Exchange] = {}
        self._shown = defaultdict(dict)
        self._replies: dict[tuple[str, str], Reply] = {}
        listener = Listener()
        before: dict[str, str] = {}  # of each response, the one that it follows
        for exchange in self.exchanges:
            if exchange.key is None:
                asked = exchange.method, exchange.path, frozenset(exchange.request_body or ())
                found = self._by_request[asked]
                alike = [e for e in found if is_twin(e, exchange)]
                counted = exchange.notebook, alike[0] if alike else exchange
                times[counted] += 1
                if times[counted] > len(alike):  # what two notebooks have alike is one exchange
                    found.append(exchange)
            else:
                asked = exchange.method, exchange.path, exchange.key
                self._with_key.setdefault(asked, exchange)
            self._by_path.setdefault((exchange.method, exchange.path), exchange)
            try:
                if previous := exchange.value.get("previous_response_id"):
                    before[exchange.value["id"]] = previous
                for parent, child in _children(exchange):
                    while parent:  # the input of a response shows that of its chain
                        if not self._shown[parent].get(child["id"], {}).get("content"):
                            self._shown[parent][child["id"]] = child
                        parent = before.get(parent, "")
                for api, turn, reply in listener.heard(exchange):
                    self._replies.setdefault((api, turn), reply)
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                reason = f"{exchange.method} {exchange.path}: no answer of the API's: {error!r}"
                raise BrokenRecording(f"{exchange.place or exchange.notebook}: {reason}") from None
        self._turns = listener.turns

    def next_for(
        self, method: str, path: str, body: object, played: set[Exchange]
    ) -> Exchange | None:
        """The first exchange recorded for a request that has not been played yet."""
        found = self._alike(method, path, body)
        return next((e for e in found if e not in played and same(e.request_body, body)), None)

    def _alike(self, method: str, path: str, body: object) -> Iterable[Exchange]:
        """What was recorded of a request with a body of the same names."""
        names = frozenset(body) if isinstance(body, dict) else frozenset()
        return self._by_request.get((method, path, names), ())

    def next_with_key(self, method: str, path: str, key: str) -> Exchange | None:
        """The exchange recorded for a request with something as its key that is none."""
        return self._with_key.get((method, path, key))

    def why_not(self, method: str, path: str, body: object) -> str:
        """Why a request has no recording left: what the nearest one differs in."""
        near = self._by_path.get((method, path))
        if near is None:
            return "no recording of this path"
        same_body = [e for e in self._alike(method, path, body) if same(e.request_body, body)]
        if same_body:
            return f"this key has used what {same_body[-1].notebook} recorded"
        field = difference(near.request_body, body)
        return f"recorded with another body, in {near.notebook} first: {field} differs"

    def shown_later(self, parent: str) -> Iterable[dict]:
        """A thread's messages, a conversation's items or a run's steps that an answer ever showed.

        What `threads.create` stores, or a run adds, gets its id here: the API shows it later.
        """
        return self._shown[parent].values() if parent in self._shown else ()

    def had_turn(self, run: str, turn: str) -> bool:
        """Whether a recorded run answered this question, after these outputs."""
        return turn in self._turns.get(run, ())

    def reply_to(self, api: str, turn: str) -> Reply | None:
        """What was recorded as a model's reply; the other API's where this one has none.

        api: "threads" or "responses". turn: see `replies.turn_of`.
        """
        other = "responses" if api == "threads" else "threads"
        return self._replies.get((api, turn)) or self._replies.get((other, turn))


def is_twin(one: Exchange, other: Exchange) -> bool:
    """Whether two exchanges of a path have the same body and the same answer."""
    return same(one.request_body, other.request_body) and one.content == other.content


def same(one: object, other: object) -> bool:
    """Whether two bodies are the same JSON value; `==` alone takes 1 for true."""
    return one == other and canonical(one) == canonical(other)


def difference(recorded: object, sent: object, at: str = "") -> str:
    """The first field, in the order of what was sent, in which two bodies differ: its path."""
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in (*sent, *recorded):
            if name not in recorded or name not in sent or not same(recorded[name], sent[name]):
                at = f"{at}.{name}" if at else str(name)
                return difference(recorded.get(name), sent.get(name), at)
    if isinstance(recorded, list) and isinstance(sent, list):
        for index, (one, other) in enumerate(zip(recorded, sent, strict=False)):
            if not same(one, other):
                return difference(one, other, f"{at}[{index}]")
    return at or "all of it"


def first_match(like: dict, shown: Iterable[dict], taken: set[str]) -> dict:
    """The first of the objects shown that has all of `like` and a free id; {} for none."""
    return next((o for o in shown if o["id"] not in taken and like.items() <= o.items()), {})


def _children(exchange: Exchange) -> Iterator[tuple[str, dict]]:
    """(parent's id, object) for all messages, steps and items that an answer shows.

    The parent of an item is its conversation, or the response that it was the input of. The oldest
    of a list comes first: of two that say the same, the first gets the first one's id.
    """
    place = r"/v1/(?:conversations/([^/?]+)/items|responses/([^/?]+)/input_items)"
    found = re.match(place, exchange.path)
    parent = found and (found[1] or found[2])
    oldest_first = exchange.method == "POST" or "order=asc" in exchange.path
    for item in exchange.objects if oldest_first else reversed(exchange.objects):
        if item.get("object") == "thread.message" and "thread_id" in item:
            yield item["thread_id"], item
        elif item.get("object") == "thread.run.step" and "run_id" in item:
            yield item["run_id"], item
        elif parent and "type" in item:
            yield parent, item
