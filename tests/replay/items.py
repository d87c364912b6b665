"""Items of a conversation: create, list, retrieve, delete. Messages are the one kind replayed."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from . import conversations, errors, ids
from .parameters import check, json_type
from .project import Call, Conversation
from .recordings import first_like

ROLES = ("assistant", "system", "developer", "user")
# What each role's content may be made of [documented; house: the error].
INPUT = ("input_text", "input_image", "input_file")
OUTPUT = ("output_text", "refusal")
MOST_TEXT = 10_485_760  # characters [documented]


def create(call: Call) -> dict:
    """POST /conversations/{conversation_id}/items: up to 20 items, answered as a list."""
    conversation = conversations.find(call.project, call.ids[0])
    check(_Create, call.body)
    sent = checked(call.body["items"], "items")
    recorded = call.made_up.get("data", ())
    return _page(append(call, conversation, sent, recorded), more=False)


def list_(call: Call) -> dict:
    """GET /conversations/{conversation_id}/items: newest first, 20 a page, unless asked otherwise.

    There is no `before` [documented].
    """
    conversation = conversations.find(call.project, call.ids[0])
    query = {name: value for name, value in call.query.items() if name != "before"}
    return _page(*conversation.items.page(query, errors.item_not_found))


def retrieve(call: Call) -> dict:
    """GET /conversations/{conversation_id}/items/{item_id}."""
    return _find(call)[1]


def delete(call: Call) -> dict:
    """DELETE /conversations/{conversation_id}/items/{item_id}: answers the conversation.

    So it is documented; one public trace shows `conversation.item.deleted` instead: conflict.
    """
    conversation, item = _find(call)
    conversation.items.remove(item["id"])
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
    shown = list(recorded) or call.project.recordings.children(conversation.body["id"])
    added = []
    for message in sent:
        item = as_shown(message)
        taken = conversation.items.seen
        made_up = first_like(item, shown, taken)
        id = call.id("msg", taken, made_up, mint=lambda serial: ids.item(key, serial))
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
    items [documented; house: words], a missing or bad role [quoted], wrong types [house], and what
    the replay lacks.
    """
    if sent is None:
        return []
    check(_Items, {param: sent})
    for index, item in enumerate(sent):
        place = f"{param}[{index}]"
        for name in ("type", "role"):
            if name in item and not isinstance(item[name], str):
                raise errors.wrong_type(f"{place}.{name}", "a string", json_type(item[name]))
        if item.get("type", "message") != "message":
            raise errors.not_replayed(f"items of type '{item['type']}'", f"{place}.type")
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
    from openai.types import responses
    from pydantic import Field

    text = Field(min_length=0, max_length=MOST_TEXT)

    class OutputText(TypedDict, total=False):
        type: Required[Literal["output_text"]]
        text: Required[str]
        annotations: list[dict]
        logprobs: list[dict]

    parts = (
        responses.ResponseInputTextParam
        | responses.ResponseInputImageParam
        | responses.ResponseInputFileParam
        | responses.ResponseOutputRefusalParam
        | OutputText
    )

    class Message(TypedDict, total=False):
        type: Literal["message"]
        role: Required[Literal["assistant", "system", "developer", "user"]]
        content: Required[Annotated[str, text] | list[parts]]
        id: str
        status: Literal["in_progress", "completed", "incomplete"]
        phase: Literal["commentary", "final_answer"] | None

    return Message


def _find(call: Call) -> tuple[Conversation, dict]:
    conversation = conversations.find(call.project, call.ids[0])
    if call.ids[1] not in conversation.items.objects:
        raise errors.item_not_found(call.ids[1])
    return conversation, conversation.items.objects[call.ids[1]]


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
