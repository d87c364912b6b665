"""Objects of one kind: a dict by id, in order of creation; found, and paged through as in the API.

`kind` is the collection's name in a path, a key of `errors.KINDS`.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from . import errors

Object = TypeVar("Object")
LETTERS = re.compile(r"[A-Za-z0-9_-]+")


def find(kind: str, objects: dict[str, Object], id: str) -> Object:
    """The object of that id.

    Raises errors.ApiError: 400 for an id of another kind, see `check_id`; 404 for one that is
    unknown or was deleted.
    """
    if id in objects:
        return objects[id]
    known = errors.KINDS[kind]
    if known.prefix:
        check_id(id, known.param, known.prefix)
    raise errors.not_found(kind, id)


def check_id(id: str, param: str, prefix: str) -> None:
    """Check an id's form, its letters first [quoted: vector_store_id].

    Raises errors.ApiError: 400 [quoted: both].
    """
    if not LETTERS.fullmatch(id):
        raise errors.bad_letters(param, id)
    if not id.startswith(prefix):
        raise errors.bad_id(param, id, prefix)


def page(
    kind: str,
    objects: dict[str, Object],
    query: dict[str, str],
    keep: Callable[[Object], bool] | None = None,
    default: int = 20,
    most: int = 100,
) -> tuple[list[Object], bool]:
    """The objects that a list request asks for, and whether there are more.

    query: `limit` 1 to `most` (`default`), `order` asc or desc (desc), `after` and `before` an id
    [documented]. Newest first is the exact reverse of creation, within one second too [recorded:
    messages, assistants; inferred: others]. Raises errors.ApiError: 404 for an unknown cursor
    [inferred], 400 for a bad limit or order [quoted: limit over 100; inferred: others].
    """
    limit = _limit(query.get("limit"), default, most)
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise errors.unsupported(order, ("asc", "desc"), "order")
    after, before = query.get("after"), query.get("before")
    for cursor in (after, before):
        if cursor and cursor not in objects:
            raise errors.not_found(kind, cursor)
    ids = list(objects)
    if order == "desc":
        ids.reverse()
    start = ids.index(after) + 1 if after else 0
    stop = ids.index(before) if before else len(ids)
    found = [objects[id] for id in ids[start:stop]]
    if keep is not None:
        found = [item for item in found if keep(item)]
    # `before` pages backwards: it wants the last ones in front of the cursor.
    return (found[-limit:] if before else found[:limit]), len(found) > limit


def _limit(value: str | None, default: int, most: int) -> int:
    if value is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise errors.wrong_type("limit", "an integer", "a string")
    limit = int(value)
    if limit > most:
        raise errors.out_of_range("limit", "integer", "max", most, limit)
    if limit < 1:
        raise errors.out_of_range("limit", "integer", "min", 1, limit)
    return limit
