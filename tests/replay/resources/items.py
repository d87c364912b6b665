"""Items of a conversation: create, list, retrieve, delete. Messages are the one kind replayed."""

from collections.abc import Iterable
from functools import cache
from typing import Literal, Required

from typing_extensions import TypedDict

from .. import errors, ids
from ..call import Call
from ..matching import first_match
from ..parameters import check, json_type
from ..project import Conversation
from ..sdk_types import sdk_type

ROLES = ("assistant", "system", "developer", "user")
# What each role's content may be made of [documented; inferred: the error].
INPUT = ("input_text", "input_image", "input_file")
OUTPUT = ("output_text", "refusal")


def create(call: Call, conversation_id: str) -> dict:
    """POST /conversations/{conversation_id}/items: up to 20 items, answered as a list."""
    conversation = call.project.conversations.find(conversation_id)
    check(_Create, call.body)
    sent = checked(call.body["items"], "items")
    recorded = call.recorded.get("data", ())
    return _page(append(call, conversation, sent, recorded), more=False)


def list_(call: Call, conversation_id: str) -> dict:
    """GET /conversations/{conversation_id}/items: newest first, 20 a page, unless asked otherwise.

    There is no `before` [documented].
    """
    conversation = call.project.conversations.find(conversation_id)
    query = {name: value for name, value in call.query.items() if name != "before"}
    return _page(*conversation.items.page(query))


def retrieve(call: Call, conversation_id: str, item_id: str) -> dict:
    """GET /conversations/{conversation_id}/items/{item_id}."""
    return call.project.conversations.find(conversation_id).items.find(item_id)


def delete(call: Call, conversation_id: str, item_id: str) -> dict:
    """DELETE /conversations/{conversation_id}/items/{item_id}: answers the conversation.

    So it is documented; one public trace shows `conversation.item.deleted` instead: disputed.
    """
    conversation = call.project.conversations.find(conversation_id)
    conversation.items.remove(item_id)
    return conversation.body


def append(
    call: Call,
    conversation: Conversation,
    sent: Iterable[dict],
    recorded: Iterable[dict] = (),
) -> list[dict]:
    """Put messages into a conversation as the API shows them.

    recorded: the items of the recorded answer, in order; without them, an item is looked for among
    those that a recording shows later.
    """
    key = conversation.body["id"][-16:]
    shown = list(recorded) or call.project.recordings.shown_later(conversation.body["id"])
    added = []
    for message in sent:
        item = as_shown(message)
        found = first_match(item, shown, call.project.given)
        id = call.id("msg", found, mint=lambda serial: ids.item(key, serial))
        added.append({"id": id} | item)
        add(conversation, added[-1])
    return added


def as_shown(message: dict) -> dict:
    """A message as an item, without its id [recorded]."""
    return {
        "type": "message",
        "status": "completed",
        "content": [_part(part) for part in _parts(message)],
        "role": message["role"],
    }


def add(conversation: Conversation, item: dict) -> None:
    """Put an item, as the API shows it, at the end of a conversation."""
    conversation.items.add(item["id"], conversation.items.arrived, item)


def checked(sent: object, param: str) -> list[dict]:
    """Items as sent, once they are known to be messages that the API takes.

    param: where they stand in the body, `items` or `input`. Raises errors.ApiError (400): over 20
    items [documented; inferred: words], a missing or bad role [quoted], wrong types [inferred], and
    what the replay lacks.
    """
    if sent is None:
        return []
    check(_Items, {param: sent})
    for index, item in enumerate(sent):
        place = f"{param}[{index}]"
        for name in ("type", "role"):
            if name in item and not isinstance(item[name], str):
                raise errors.wrong_type(f"{place}.{name}", "a string", json_type(item[name]))
        reference = "id" in item and not {"role", "content"} & set(item)
        kind = item.get("type", "item_reference" if reference else "message")
        if kind != "message":
            raise errors.not_replayed(f"items of type '{kind}'", f"{place}.type")
        if item.get("role", "") not in ROLES:
            raise errors.unsupported(item.get("role", ""), ROLES, place)
        check(_message(), item, at=(param, index))
        takes = OUTPUT if item["role"] == "assistant" else INPUT
        for number, part in enumerate(_parts(item)):
            if part["type"] not in takes:
                raise errors.unsupported(part["type"], takes, f"{place}.content[{number}]")
    return sent


class _Create(TypedDict, total=False):
    """The body of a call that adds items."""

    items: Required[list[dict]]
    include: list[str]


class _Items(TypedDict, total=False):
    """Either list of items, before each is looked at. Only `items` has a limit."""

    items: list[dict]
    input: list[dict]


@cache
def _message() -> type:
    """A message as it may be sent: the SDK's parts, in one type for all roles.

    The SDK's own types for assistants' messages want an id and annotations; the official migration
    guide sends them without [documented].
    """

    class OutputText(TypedDict, total=False):
        type: Required[Literal["output_text"]]
        text: Required[str]
        annotations: list[dict]
        logprobs: list[dict]

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
        id: str
        status: Literal["in_progress", "completed", "incomplete"]
        phase: Literal["commentary", "final_answer"] | None

    return ItemMessage


def _page(data: list[dict], more: bool) -> dict:
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
    """A part as the API shows it [recorded: input_text, output_text; documented: others]."""
    if part["type"] == "output_text":
        return {"type": "output_text", "annotations": [], "logprobs": []} | part
    return {"type": part["type"]} | part
