"""Threads: create, retrieve, modify, delete. There is no call that lists them [documented]."""

from ..call import Call
from ..project import Thread
from . import messages
from .shared import clear_or_merge_metadata, tool_resources


def create(call: Call) -> dict:
    """POST /threads: a thread, with its first messages if any are sent.

    Messages are stored but never echoed; `tool_resources` is `{}` unless sent [recorded]. No body
    at all is taken as an empty one [recorded].
    """
    return add(call, call.body, call.recorded).body


def add(call: Call, sent: dict, recorded: dict) -> Thread:
    """Make a thread. recorded: the thread that an answer shows."""
    id, created = call.id("thread", recorded), call.timestamp(recorded)
    resources = tool_resources(call, sent.get("tool_resources"))
    thread = call.project.threads[id] = Thread(shown(sent, id, created, resources))
    for message in sent.get("messages", ()):
        messages.add(call, thread, message)
    return thread


def shown(sent: dict, id: str, created: int, resources: dict) -> dict:
    """A thread as the API shows it. created: Unix seconds."""
    return {
        "id": id,
        "object": "thread",
        "created_at": created,
        "metadata": dict(sent.get("metadata") or {}),
        "tool_resources": resources,
    }


def retrieve(call: Call, thread: Thread) -> dict:
    """GET /threads/{id}: the thread, without its messages [recorded].

    A thread without tool resources shows an empty `code_interpreter` here, and only here [recorded,
    article: `{0xc000098120 <nil>}`].
    """
    resources = thread.body["tool_resources"] or {"code_interpreter": {"file_ids": []}}
    return thread.body | {"tool_resources": resources}


def modify(call: Call, thread: Thread) -> dict:
    """POST /threads/{id}: new metadata, new tool resources; nothing else can be modified.

    Metadata is merged: a key that is not sent stays [reported]. `{}` clears all of it [article;
    users report that keys can't be removed: disputed]. Tool resources that the thread has are
    shown; without any they are `{}` [recorded].
    """
    clear_or_merge_metadata(thread.body, call.body)
    if call.body.get("tool_resources") is not None:
        thread.body["tool_resources"] = tool_resources(call, call.body["tool_resources"])
    return thread.body


def delete(call: Call, thread: Thread) -> dict:
    """DELETE /threads/{id} [recorded, article]; then every call on it is a 404 [quoted]."""
    id = thread.body["id"]
    del call.project.threads[id]
    return {"id": id, "object": "thread.deleted", "deleted": True}
