"""A list of objects as the API pages through it: by time, from a cursor, up to a limit."""

import re
from bisect import bisect_left, insort
from collections.abc import Callable

from . import errors


class Listing:
    """Objects by id, kept in both orders, so that a page costs the same however long the list is.

    Ascending is by time, then by order of arrival. Descending is by time, newest first, and
    objects of the same second *keep* their order of arrival [recorded].
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict] = {}
        self.seen: set[str] = set()  # all ids that were ever here: none comes back
        self._keys: dict[str, tuple[int, int]] = {}
        self._ascending: list[tuple[int, int, str]] = []
        self._descending: list[tuple[int, int, str]] = []
        self.arrived = 0

    def add(self, id: str, time: int, item: dict) -> None:
        """Add one object under `id`, at `time` (Unix seconds, or any growing number)."""
        self.arrived += 1
        self.objects[id] = item
        self.seen.add(id)
        self._keys[id] = time, self.arrived
        insort(self._ascending, (time, self.arrived, id))
        insort(self._descending, (-time, self.arrived, id))

    @property
    def latest(self) -> int:
        """The latest time in it, 0 when empty."""
        return self._ascending[-1][0] if self._ascending else 0

    def remove(self, id: str) -> None:
        """Take one object out. Raises KeyError when it isn't there."""
        time, arrived = self._keys.pop(id)
        del self.objects[id]
        for keys, entry in (
            (self._ascending, (time, arrived, id)),
            (self._descending, (-time, arrived, id)),
        ):
            del keys[bisect_left(keys, entry)]

    def page(
        self,
        query: dict[str, str],
        not_found: Callable[[str], errors.ApiError],
        keep: Callable[[dict], bool] | None = None,
    ) -> tuple[list[dict], bool]:
        """The objects that a list request asks for, and whether there are more.

        query: `limit` 1 to 100 (20), `order` asc or desc (desc), `after` and `before` an id
        [documented]. An unknown cursor raises `not_found(id)` [house]; a bad limit or order,
        the API's errors [quoted: limit over 100; house: others].
        """
        limit = _limit(query.get("limit"))
        order = query.get("order", "desc")
        if order not in ("asc", "desc"):
            raise errors.unsupported(order, ("asc", "desc"), "order")
        keys, sign = (self._ascending, 1) if order == "asc" else (self._descending, -1)

        def position(id: str) -> int:
            if id not in self._keys:
                raise not_found(id)
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
