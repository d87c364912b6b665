"""Conversations: create, retrieve, update, delete. No beta header is needed [recorded]."""

from .. import ids
from ..call import Call
from ..parameters import check
from ..project import Conversation
from ..sdk_types import sdk_type
from . import items
from .shared import merge_metadata


def create(call: Call) -> dict:
    """POST /conversations: a conversation, with up to 20 first items, which are never echoed."""
    kind = sdk_type("conversations.conversation_create_params", "ConversationCreateParams")
    check(kind, call.body, without=("items",))
    sent = items.checked(call.body.get("items"), "items")
    time = call.timestamp()
    body = {
        "id": call.id("conv", mint=lambda serial: ids.conversation(time, serial)),
        "object": "conversation",
        "created_at": time,
        "metadata": dict(call.body.get("metadata") or {}),
    }
    conversation = Conversation(body)
    call.project.conversations.add(body["id"], time, conversation)
    items.append(call, conversation, sent)
    return body


def retrieve(call: Call, conversation_id: str) -> dict:
    """GET /conversations/{conversation_id}: the same four fields as on create [recorded]."""
    return call.project.conversations.find(conversation_id).body


def update(call: Call, conversation_id: str) -> dict:
    """POST /conversations/{conversation_id}: new metadata, merged into the old [reported].

    `{}` changes nothing: a set can be neither replaced nor cleared [reported].
    """
    conversation = call.project.conversations.find(conversation_id)
    kind = sdk_type("conversations.conversation_update_params", "ConversationUpdateParams")
    check(kind, call.body)
    merge_metadata(conversation.body, call.body)
    return conversation.body


def delete(call: Call, conversation_id: str) -> dict:
    """DELETE /conversations/{conversation_id} [recorded].

    Its items are not deleted, says the API description, but no call reaches them any more
    [documented].
    """
    call.project.conversations.remove(conversation_id)
    return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}
