"""What several resources do alike: metadata, pages, deltas."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from .. import collection, errors
from ..call import Call
from ..replies import Reply


def merge_metadata(body: dict, sent: dict) -> None:
    """Merge the metadata that was sent into an object's [reported, for both APIs].

    Raises errors.ApiError (400) when the result has more than 16 pairs [inferred].
    """
    merged = body["metadata"] | (sent.get("metadata") or {})
    if len(merged) > 16:
        raise errors.too_many_properties("metadata", 16, len(merged))
    body["metadata"] = merged


def clear_or_merge_metadata(body: dict, sent: dict) -> None:
    """As `merge_metadata`, but `{}` clears: so the Assistants API's objects [article; disputed]."""
    if sent.get("metadata") == {}:
        body["metadata"] = {}
    merge_metadata(body, sent)


def page(
    call: Call,
    kind: str,
    objects: dict[str, Any],
    keep: Callable[[Any], bool] | None = None,
) -> dict:
    """One page of a list, as the Assistants API has it; both ids are null when empty [recorded]."""
    found, more = collection.page(kind, objects, call.query, keep)
    data = [one if isinstance(one, dict) else one.body for one in found]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": more,
    }


def pieces(text: str) -> list[str]:
    """A text as the deltas of a stream bring it: word by word; joined, they are the text."""
    return re.findall(r"\s*[!-~]+|\s*\S|\s+", text)


def half_of(text: str) -> str:
    """The first half of a text's words: what there is of it when it is cut off."""
    words = pieces(text)
    return "".join(words[: max(1, len(words) // 2)])


def offered(call: Call, reply: Reply, names: Iterable[str]) -> list[tuple[str, str]]:
    """The calls that a reply has, none where one is of a function that was not offered; of the
    user's own, those that were."""
    known = set(names)
    for name, _ in reply.calls:
        if name not in known:
            call.notes.append(f"{reply.place or 'the recorded reply'}: {name} is not offered")
            if not reply.place:
                return []
    return [(name, arguments) for name, arguments in reply.calls if name in known]


def default(value: object, instead: object) -> object:
    """A value that was sent, or what stands for null."""
    return instead if value is None else value
