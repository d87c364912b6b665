"""Conversations: create, retrieve, update, delete. No beta header is needed [recorded]."""

from . import errors, ids, items
from .parameters import check
from .project import Call, Conversation, Project
from .threads import merge_metadata


def create(call: Call) -> dict:
    """POST /conversations: a conversation, with up to 20 first items, which are never echoed."""
    from openai.types.conversations import ConversationCreateParams

    check(ConversationCreateParams, call.body, without=("items",))
    sent = items.checked(call.body.get("items"), "items")
    time = call.time()
    body = {
        "id": call.id(
            "conv",
            call.project.conversations,
            mint=lambda serial: ids.conversation(time, serial),
        ),
        "object": "conversation",
        "created_at": time,
        "metadata": dict(call.body.get("metadata") or {}),
    }
    conversation = call.project.conversations[body["id"]] = Conversation(body)
    items.append(call, conversation, sent)
    return body


def retrieve(call: Call) -> dict:
    """GET /conversations/{conversation_id}: the same four fields as on create [recorded]."""
    return find(call.project, call.ids[0]).body


def update(call: Call) -> dict:
    """POST /conversations/{conversation_id}: new metadata, merged into the old [reported].

    `{}` changes nothing: a set can be neither replaced nor cleared [reported].
    """
    from openai.types.conversations import ConversationUpdateParams

    conversation = find(call.project, call.ids[0])
    check(ConversationUpdateParams, call.body)
    merge_metadata(conversation.body, call.body)
    return conversation.body


def delete(call: Call) -> dict:
    """DELETE /conversations/{conversation_id} [recorded].

    Its items are not deleted, says the API description, but no call reaches them any more
    [documented].
    """
    id = find(call.project, call.ids[0]).body["id"]
    del call.project.conversations[id]
    return {"id": id, "object": "conversation.deleted", "deleted": True}


def find(project: Project, id: str) -> Conversation:
    """The conversation of that id.

    Raises errors.ApiError: 400 for an id of another kind [house], 404 for an unknown or deleted
    conversation [quoted].
    """
    if not id.startswith("conv"):
        raise errors.bad_id("conversation_id", id, "conv")
    if id not in project.conversations:
        raise errors.conversation_not_found(id)
    return project.conversations[id]
