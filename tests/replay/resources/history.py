"""What may be said next: the input of a response, against itself and what was said before it."""

from .. import errors
from ..project import History

# The prefix of an id, by the item's type [recorded].
PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fc",
}


def check(given: list[dict], before: History | None, thoughts: dict[str, str]) -> None:
    """Check the input of a response, as sent.

    before: what was said before. thoughts: see `project.Project`. Raises errors.ApiError (400): an
    item twice [recorded]; an output without its call [recorded]; a call that is left open, and
    something else is asked [quoted]; reasoning, or what it led to, without the other.
    """
    named = [item for item in given if item.get("id")]
    said = {item["id"] for item in before.backwards()} if before and named else set()
    for item in named:
        if item["id"] in said:
            raise errors.duplicate_item(item["id"])
        said.add(item["id"])
    _check_calls(given, before)
    _check_reasoning(given, thoughts, said)


def _check_calls(given: list[dict], before: History | None) -> None:
    calls = {item["call_id"] for item in given if item.get("type") == "function_call"}
    for item in given:
        if item.get("type") == "function_call_output" and item["call_id"] not in calls:
            earlier = before.backwards() if before else ()
            if not any(_is_call(one, item["call_id"]) for one in earlier):
                raise errors.no_tool_call(item["call_id"])
    if waiting := History(before, given).open:
        raise errors.no_tool_output(waiting[0])


def _check_reasoning(given: list[dict], thoughts: dict[str, str], said: set[str]) -> None:
    """Reasoning that has an id is followed by what it led to, with its id [recorded: nothing
    follows; quoted: a message without an id]. What a stored response's reasoning led to comes with
    it, if it comes by its id [quoted]."""
    for item, following in zip(given, [*given[1:], {}], strict=False):
        if item.get("type") == "reasoning" and item.get("id") and not following.get("id"):
            raise errors.reasoning_alone(item["id"])
        thought = thoughts.get(item.get("id") or "")
        if thought and thought not in said:
            raise errors.without_its_reasoning(item, thought)


def _is_call(item: dict, call_id: str) -> bool:
    return item.get("type") == "function_call" and item["call_id"] == call_id
