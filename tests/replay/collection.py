"""Objects of one kind by id, in order: looked up, and paged through as the API pages."""

import re
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Generic, TypeVar

from . import errors

Object = TypeVar("Object")


class Collection(Generic[Object]):
    """Objects by id, kept in both orders, so that a page costs the same however many there are.

    kind: the API's word for one. prefix: what an id begins with, "" when that is not checked.
    not_found: the error for an unknown id.

    Ascending is by time, then by order of arrival. Descending is by time, newest first, and
    objects of the same second *keep* their order of arrival [recorded].
    """

    def __init__(self, kind: str, prefix: str, not_found: Callable[[str], errors.ApiError]) -> None:
        self.kind = kind
        self.prefix = prefix
        self.not_found = not_found
        self.objects: dict[str, Object] = {}
        self.arrived = 0
        self._keys: dict[str, tuple[int, int]] = {}
        self._ascending: list[tuple[int, int, str]] = []
        self._descending: list[tuple[int, int, str]] = []

    def add(self, id: str, time: int, item: Object) -> None:
        """Add one object under `id`, at `time` (Unix seconds, or any growing number)."""
        self.arrived += 1
        self.objects[id] = item
        self._keys[id] = time, self.arrived
        insort(self._ascending, (time, self.arrived, id))
        insort(self._descending, (-time, self.arrived, id))

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

    @property
    def latest(self) -> int:
        """The latest time in it, 0 when empty."""
        return self._ascending[-1][0] if self._ascending else 0

    def remove(self, id: str) -> Object:
        """Take one object out, and give it. Raises as `find`."""
        item = self.find(id)
        time, arrived = self._keys.pop(id)
        del self.objects[id]
        for keys, entry in (
            (self._ascending, (time, arrived, id)),
            (self._descending, (-time, arrived, id)),
        ):
            del keys[bisect_left(keys, entry)]
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
        keys, sign = (self._ascending, 1) if order == "asc" else (self._descending, -1)

        def position(id: str) -> int:
            if id not in self._keys:
                raise self.not_found(id)
            time, arrived = self._keys[id]
            return bisect_left(keys, (sign * time, arrived, id))

        start, stop = 0, len(keys)
        if after := query.get("after"):
            start = position(after) + 1
        if before := query.get("before"):
            stop = position(before)
        if keep is None:
            ids = [id for _, _, id in self._cut(keys, start, stop, limit + 1, "before" in query)]
        else:
            kept = [key[2] for key in keys[start:stop] if keep(self.objects[key[2]])]
            ids = self._cut(kept, 0, len(kept), limit + 1, "before" in query)
        more = len(ids) > limit
        if more:
            ids = ids[1:] if "before" in query else ids[:limit]
        return [self.objects[id] for id in ids], more

    @staticmethod
    def _cut(keys: list, start: int, stop: int, most: int, backwards: bool) -> list:
        """`before` pages backwards: it wants the last ones in front of the cursor."""
        if backwards:
            return keys[max(start, stop - most) : stop]
        return keys[start : min(stop, start + most)]


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
