"""Threads: create, retrieve, modify, delete. There is no call that lists them [documented]."""

from ..call import Call
from ..parameters import check
from ..project import Thread
from ..sdk_types import sdk_type
from . import messages
from .shared import clear_or_merge_metadata, tool_resources


def create(call: Call) -> dict:
    """POST /threads: a thread, with its first messages if any are sent.

    Messages are stored but never echoed; `tool_resources` is `{}` unless sent [recorded]. No body
    at all is taken as an empty one [recorded].
    """
    check(sdk_type("beta.thread_create_params", "ThreadCreateParams"), call.body)
    body = {
        "id": call.id("thread"),
        "object": "thread",
        "created_at": call.timestamp(),
        "metadata": dict(call.body.get("metadata") or {}),
        "tool_resources": tool_resources(call, call.body.get("tool_resources")),
    }
    thread = Thread(body)
    call.project.threads.add(body["id"], body["created_at"], thread)
    for message in call.body.get("messages", ()):
        messages.add(call, thread, message)
    return body


def retrieve(call: Call, thread_id: str) -> dict:
    """GET /threads/{thread_id}: the thread, without its messages [recorded].

    A thread without tool resources shows an empty `code_interpreter` here, and only here [recorded,
    article: `{0xc000098120 <nil>}`].
    """
    body = call.project.threads.find(thread_id).body
    return body | {
        "tool_resources": body["tool_resources"] or {"code_interpreter": {"file_ids": []}}
    }


def modify(call: Call, thread_id: str) -> dict:
    """POST /threads/{thread_id}: new metadata, new tool resources; nothing else can be modified.

    Metadata is merged: a key that is not sent stays [reported]. `{}` clears all of it [article;
    users report that keys can't be removed: disputed]. Tool resources that the thread has are
    shown; without any they are `{}` [recorded].
    """
    thread = call.project.threads.find(thread_id)
    check(sdk_type("beta.thread_update_params", "ThreadUpdateParams"), call.body)
    clear_or_merge_metadata(thread.body, call.body)
    if call.body.get("tool_resources") is not None:
        thread.body["tool_resources"] = tool_resources(call, call.body["tool_resources"])
    return thread.body


def delete(call: Call, thread_id: str) -> dict:
    """DELETE /threads/{thread_id} [recorded, article]; then every call on it is a 404 [quoted]."""
    call.project.threads.remove(thread_id)
    return {"id": thread_id, "object": "thread.deleted", "deleted": True}
