"""Items of a conversation: create, list, retrieve, delete.

Messages, function calls and their outputs, and reasoning are the kinds replayed.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from typing import Literal, Required

from typing_extensions import TypedDict

from .. import collection, errors, ids
from ..call import Call
from ..collection import check_id
from ..matching import first_match
from ..parameters import check, json_type
from ..project import Conversation
from ..sdk_types import sdk_type
from . import files
from .history import PREFIXES

ROLES = ("assistant", "system", "developer", "user")
# What each role's content may be made of [quoted], and what of it is replayed.
TAKES = {"assistant": ("output_text", "refusal")} | dict.fromkeys(
    ("user", "system", "developer"),
    ("input_text", "input_image", "input_file", "scoped_content", "input_audio"),
)
REFERENCE = "item_reference"
PARTS_SHOWN = ("input_text", "input_image", "input_file", "output_text", "refusal")
NOTHING = {"type": "reasoning", "content": [], "summary": []}
# All kinds of parts, as the API lists them [quoted, Aug 2026].
PARTS = """input_text input_image input_audio output_text refusal input_file computer_screenshot
    summary_text encrypted_content""".split()
# All types of items, as the API lists them [quoted, Aug 2026].
TYPES = """additional_tools agent_message apply_patch_call apply_patch_call_output
    code_interpreter_call compaction compaction_trigger computer_call computer_call_output
    custom_tool_call custom_tool_call_output file_search_call function_call function_call_output
    image_generation_call item_reference local_shell_call local_shell_call_output
    mcp_approval_request mcp_approval_response mcp_call mcp_list_tools message multi_agent_call
    multi_agent_call_output program program_output reasoning shell_call shell_call_output
    tool_search_call tool_search_output web_search_call""".split()


def create(call: Call, conversation: Conversation) -> dict:
    """POST /conversations/{id}/items: up to 20 items, answered as a list."""
    sent = checked(call, call.body["items"], "items")
    recorded = call.recorded.get("data", ())
    place = conversation.body["id"]
    if any(as_shown(item) == NOTHING for item in sent):
        raise errors.invalid_item()
    added = with_ids(call, place, sent, recorded, taken=conversation.items)
    conversation.add(added)
    return _listed(added, more=False)


def list_(call: Call, conversation: Conversation) -> dict:
    """GET /conversations/{id}/items: newest first, 20 a page, unless asked otherwise."""
    return page(call, conversation.items)


def retrieve(call: Call, conversation: Conversation, item: dict) -> dict:
    """GET /conversations/{id}/items/{id}."""
    return item


def delete(call: Call, conversation: Conversation, item: dict) -> dict:
    """DELETE /conversations/{id}/items/{id}: the conversation [documented]."""
    conversation.remove(item["id"])
    return conversation.body


def with_ids(
    call: Call,
    parent: str,
    sent: Iterable[dict],
    recorded: Iterable[dict] = (),
    mint: Callable[[int], str] | None = None,
    taken: Container[str] = (),
) -> list[dict]:
    """Items that were sent, as the API shows them, with their ids.

    parent: the conversation's id, or that of the response whose input they are. recorded: the items
    of the recorded answer, in order; without them, an item is looked for among those that a
    recording shows later. mint: what follows an id's prefix; by default as for a call that puts
    items into a conversation. taken: ids that are there already.
    """
    shown = list(recorded) or call.recordings.shown_later(parent)
    if mint is None and sent:
        time = call.timestamp({})
        mint = lambda serial: ids.item(parent[-16:], time, serial)  # noqa: E731
    added = []
    for item in sent:
        new = as_shown(item)
        found = first_match(new, shown, call.project.used)
        # It keeps the id that it has, which a response gave it.
        id = item.get("id") or call.id(PREFIXES[new["type"]], found, mint)
        if id in taken:
            id = call.id(PREFIXES[new["type"]], {}, mint)
        if item.get("id"):
            call.project.used.add(id)
        added.append({"id": id} | new)
    return added


def as_shown(item: dict) -> dict:
    """An item as the API shows it, without its id [recorded]."""
    kind = item.get("type", "message")
    if kind == "reasoning":
        names = ("content", "encrypted_content", "summary")
        shown = {"content": [], "summary": []} | {n: item[n] for n in names if item.get(n)}
        return {"type": kind, **{name: shown[name] for name in names if name in shown}}
    if kind == "function_call":
        names = ("arguments", "call_id", "name")
        return {"type": kind, "status": "completed", **{name: item[name] for name in names}}
    if kind == "function_call_output":
        output = item["output"]
        if not isinstance(output, str):  # taken [recorded], shown as a message's parts [inferred]
            output = [_part(part) for part in output]
        shown = {"call_id": item["call_id"], "output": output}
        return {"type": kind, "status": "completed", **shown}
    phase = {"phase": item["phase"]} if item.get("phase") else {}
    return {
        "type": "message",
        "status": "completed",
        "content": [_part(part) for part in _parts(item)],
        **phase,
        "role": item["role"],
    }


def checked(call: Call, sent: object, param: str) -> list[dict]:
    """Items as sent, once they are known to be such that the API takes.

    param: where they stand in the body, `items` or `input`. Raises errors.ApiError (400): over 20
    items [documented; inferred: words], a missing or bad role [quoted], wrong types [inferred], and
    what the replay lacks; 404: a file that is not there.
    """
    if sent is None:
        return []
    check(_Items, {param: sent})
    for index, item in enumerate(sent):
        place = f"{param}[{index}]"
        for name in ("type", "role"):
            if name in item and not isinstance(item[name], str):
                raise errors.wrong_type(f"{place}.{name}", "a string", json_type(item[name]))
        kind = _kind(item)
        if kind not in TYPES:
            raise errors.unsupported(kind, TYPES, place)
        if kind not in PREFIXES and (kind, param) != (REFERENCE, "input"):
            raise errors.not_replayed("item", f"{place}.type", kind)
        if kind == "message" and item.get("role", "") not in ROLES:
            raise errors.unsupported(item.get("role", ""), ROLES, place)
        if kind == "message":
            _check_part_types(item, f"{place}.content")
        check(_kinds()[kind], item, at=(param, index))
        if item.get("id") is not None:
            check_id(item["id"], f"{place}.id", PREFIXES.get(kind, ""))
        if kind == "message" and item["role"] != "assistant" and "phase" in item:
            raise errors.unknown_parameter(f"{place}.phase")
    files.check_ids(call, _named_files(sent, param))
    return sent


def _named_files(sent: list[dict], param: str) -> Iterator[tuple[str, str]]:
    """The ids of the files that items name, each behind its place."""
    for index, item in enumerate(sent):
        name = "output" if "output" in item else "content"
        content = item.get(name)
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("file_id") is not None:
                yield f"{param}[{index}].{name}[{number}].file_id", part["file_id"]


def referred(call: Call, sent: list[dict]) -> list[dict]:
    """Items as sent, with the stored ones that references name in their places [documented].

    Raises errors.ApiError (404) for an item that is not stored [quoted].
    """
    named = [item["id"] for item in sent if _kind(item) == REFERENCE]
    if not named:
        return sent
    project, stored = call.project, {}
    for response in project.responses.values():
        stored |= {item["id"]: item for item in (*response.given, *response.body["output"])}
    for conversation in project.conversations.values():
        stored |= conversation.items
    for id in named:
        if id not in stored:
            raise errors.item_not_stored(id, call.body.get("store") is not False)
    return [stored[item["id"]] if _kind(item) == REFERENCE else item for item in sent]


def _kind(item: dict) -> str:
    """An item's type; one that says nothing but an id is a reference [documented]."""
    reference = "id" in item and not {"role", "content"} & set(item)
    return item.get("type", REFERENCE if reference else "message")


def _check_part_types(message: dict, place: str) -> None:
    """Every part has a type that there is, and that its role takes [quoted: both]."""
    content, takes = message.get("content"), TAKES[message["role"]]
    for number, part in enumerate(content if isinstance(content, list) else ()):
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str):
            continue
        if kind not in (*PARTS, *takes):
            raise errors.unsupported(kind, PARTS, f"{place}[{number}].type")
        if kind not in takes:
            raise errors.unsupported(kind, takes, f"{place}[{number}]")
        if kind not in PARTS_SHOWN:
            raise errors.not_replayed("part", f"{place}[{number}].type", kind)


def page(call: Call, items: dict[str, dict]) -> dict:
    """One page of items; there is no `before` [documented]."""
    query = {name: value for name, value in call.query.items() if name != "before"}
    return _listed(*collection.page("items", items, query))


class Create(TypedDict, total=False):
    """The body of a call that adds items."""

    items: Required[list[dict]]
    include: list[str]


class _Items(TypedDict, total=False):
    """Either list of items, before each is looked at. Only `items` has a limit."""

    items: list[dict]
    input: str | list[dict]


@cache
def _kinds() -> dict[str, type]:
    """Each kind of item as it may be sent: the SDK's types, but one of our own for messages.

    The SDK's own types for assistants' messages want an id and annotations; the official migration
    guide sends them without [documented].
    """

    class OutputText(TypedDict, total=False):
        type: Required[Literal["output_text"]]
        text: Required[str]
        annotations: list[dict] | None
        logprobs: list[dict] | None

    parts = (
        sdk_type("responses.response_input_text_param", "ResponseInputTextParam")
        | sdk_type("responses.response_input_image_param", "ResponseInputImageParam")
        | sdk_type("responses.response_input_file_param", "ResponseInputFileParam")
        | sdk_type("responses.response_output_refusal_param", "ResponseOutputRefusalParam")
        | OutputText
    )

    class ItemMessage(TypedDict, total=False):
        type: Literal["message"]
        role: Required[Literal["assistant", "system", "developer", "user"]]
        content: Required[str | list[parts]]
        id: str | None
        status: Literal["in_progress", "completed", "incomplete"] | None
        phase: Literal["commentary", "final_answer"] | None

    called, thought = "response_function_tool_call_param", "response_reasoning_item_param"
    other = "responses.response_input_item_param"
    return {
        "message": ItemMessage,
        "reasoning": sdk_type(f"responses.{thought}", "ResponseReasoningItemParam"),
        "function_call": sdk_type(f"responses.{called}", "ResponseFunctionToolCallParam"),
        REFERENCE: sdk_type(other, "ItemReference"),
        "function_call_output": sdk_type(other, "FunctionCallOutput"),
    }


def _listed(data: list[dict], more: bool) -> dict:
    """A list as Conversations has it: `has_more` stands before `last_id` [recorded]."""
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "has_more": more,
        "last_id": data[-1]["id"] if data else None,
    }


def _parts(message: dict) -> list[dict]:
    """The content as parts; a string becomes one, of the type that its role gives [recorded]."""
    if isinstance(message["content"], str):
        kind = "output_text" if message["role"] == "assistant" else "input_text"
        return [{"type": kind, "text": message["content"]}]
    return message["content"]


def _part(part: dict) -> dict:
    """A part as the API shows it, with all its fields [recorded: texts, images; documented:
    others]."""
    kind = part["type"]
    if kind == "output_text":
        names = ("annotations", "logprobs")
        filled = {name: part.get(name) or [] for name in names}
        return {"type": kind, **filled, "text": part["text"]}
    if kind == "input_image":
        detail = part.get("detail") or "auto"
        shown = {name: part.get(name) for name in ("file_id", "image_url")}
        return {"type": kind, "detail": detail, **shown}
    return {"type": kind} | part
