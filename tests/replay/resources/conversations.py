"""Conversations: create, retrieve, update, delete. No beta header is needed [recorded]."""

from .. import ids
from ..call import Call
from ..project import Conversation
from . import items
from .shared import merge_metadata


def create(call: Call) -> dict:
    """POST /conversations: a conversation, with up to 20 first items, which are never echoed."""
    sent = items.checked(call, call.body.get("items"), "items")
    time = call.timestamp()
    body = {
        "id": call.id("conv", mint=lambda serial: ids.conversation(time, serial)),
        "object": "conversation",
        "created_at": time,
        "metadata": dict(call.body.get("metadata") or {}),
    }
    conversation = Conversation(body)
    call.project.conversations[body["id"]] = conversation
    conversation.add(items.with_ids(call, body["id"], sent))
    return body


def retrieve(call: Call, conversation: Conversation) -> dict:
    """GET /conversations/{id}: the same four fields as on create [recorded]."""
    return conversation.body


def update(call: Call, conversation: Conversation) -> dict:
    """POST /conversations/{id}: new metadata, merged into the old [reported].

    `{}` changes nothing: a set can be neither replaced nor cleared [reported].
    """
    merge_metadata(conversation.body, call.body)
    return conversation.body


def delete(call: Call, conversation: Conversation) -> dict:
    """DELETE /conversations/{id} [recorded].

    Its items are not deleted, says the API description, but no call reaches them any more
    [documented].
    """
    id = conversation.body["id"]
    del call.project.conversations[id]
    return {"id": id, "object": "conversation.deleted", "deleted": True}
