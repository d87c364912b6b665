"""Objects of one kind by id, in order: looked up, and paged through as the API pages."""

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Generic, TypeVar

from . import errors

Object = TypeVar("Object")


class Collection(Generic[Object]):
    """Objects by id, in order of creation; a page costs the same however many there are.

    kind: the API's word for one. prefix: what an id begins with, "" when that is not checked.
    not_found: the error for an unknown id.

    Newest first is the exact reverse of creation, within one second too [recorded: messages,
    assistants; inferred: others].
    """

    __slots__ = ("_order", "_places", "kind", "latest", "not_found", "objects", "prefix")

    def __init__(self, kind: str, prefix: str, not_found: Callable[[str], errors.ApiError]) -> None:
        self.kind = kind
        self.prefix = prefix
        self.not_found = not_found
        self.objects: dict[str, Object] = {}
        self.latest = 0  # Unix seconds
        self._places: dict[str, int] = {}
        self._order: list[tuple[int, str]] = []

    def add(self, id: str, item: Object, time: int = 0) -> None:
        """Add one object under `id`, made at `time` (Unix seconds); once, if it comes again."""
        if id in self.objects:
            return
        place = self._order[-1][0] + 1 if self._order else 0
        self.objects[id] = item
        self.latest = max(self.latest, time)
        self._places[id] = place
        self._order.append((place, id))

    def find(self, id: str) -> Object:
        """The object of that id.

        Raises errors.ApiError: 400 for an id of another kind [quoted: thread; inferred: others],
        404 for one that is unknown or was deleted.
        """
        if not id.startswith(self.prefix):
            raise errors.bad_id(f"{self.kind}_id", id, self.prefix)
        if id not in self.objects:
            raise self.not_found(id)
        return self.objects[id]

    def remove(self, id: str) -> Object:
        """Take one object out, and give it. Raises as `find`."""
        item = self.find(id)
        del self.objects[id]
        del self._order[bisect_left(self._order, (self._places.pop(id), id))]
        return item

    def page(
        self, query: dict[str, str], keep: Callable[[Object], bool] | None = None
    ) -> tuple[list[Object], bool]:
        """The objects that a list request asks for, and whether there are more.

        query: `limit` 1 to 100 (20), `order` asc or desc (desc), `after` and `before` an id
        [documented]. An unknown cursor raises `not_found(id)` [inferred]; a bad limit or order,
        the API's errors [quoted: limit over 100; inferred: others].
        """
        limit = _limit(query.get("limit"))
        order = query.get("order", "desc")
        if order not in ("asc", "desc"):
            raise errors.unsupported(order, ("asc", "desc"), "order")
        after, before = query.get("after"), query.get("before")
        for id in (after, before):
            if id and id not in self._places:
                raise self.not_found(id)
        first, last = (after, before) if order == "asc" else (before, after)
        start = self._index(first) + 1 if first else 0
        stop = self._index(last) if last else len(self._order)
        found = self._order
        if keep is not None:
            found = [entry for entry in found[start:stop] if keep(self.objects[entry[1]])]
            start, stop = 0, len(found)
        more = stop - start > limit
        # `before` pages backwards: it wants the last ones in front of the cursor.
        if more and (order == "desc") != bool(before):
            start = stop - limit
        elif more:
            stop = start + limit
        found = found[start:stop]
        if order == "desc":
            found.reverse()
        return [self.objects[id] for _, id in found], more

    def _index(self, id: str) -> int:
        return bisect_left(self._order, (self._places[id], id))


def _limit(value: str | None) -> int:
    if value is None:
        return 20
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise errors.wrong_type("limit", "an integer", "a string")
    limit = int(value)
    if limit > 100:
        raise errors.out_of_range("limit", "integer", "max", 100, limit)
    if limit < 1:
        raise errors.out_of_range("limit", "integer", "min", 1, limit)
    return limit
