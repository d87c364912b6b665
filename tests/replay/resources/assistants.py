"""Assistants: create, list, retrieve, modify, delete."""

from ..call import Call
from ..parameters import check
from ..sdk_types import sdk_type
from .shared import clear_or_merge_metadata, default, page, tool_resources, tools_shown

FIELDS = "name description model instructions reasoning_effort".split()


def create(call: Call) -> dict:
    """POST /assistants: any model name is taken. Fields and defaults [recorded].

    A code interpreter has tool resources, be they empty [recorded].
    """
    check(sdk_type("beta.assistant_create_params", "AssistantCreateParams"), call.body)
    sent = call.body
    body = {
        "id": call.id("asst"),
        "object": "assistant",
        "created_at": call.timestamp(),
        "name": sent.get("name"),
        "description": sent.get("description"),
        "model": sent["model"],
        "instructions": sent.get("instructions"),
        "tools": tools_shown(sent.get("tools", ())),
        "top_p": default(sent.get("top_p"), 1.0),
        "temperature": default(sent.get("temperature"), 1.0),
        "reasoning_effort": sent.get("reasoning_effort"),
        "tool_resources": tool_resources(call, sent.get("tool_resources")),
        "metadata": dict(sent.get("metadata") or {}),
        "response_format": default(sent.get("response_format"), "auto"),
    }
    _fill_in(body)
    call.project.assistants.add(body["id"], body, body["created_at"])
    return body


def list_(call: Call) -> dict:
    """GET /assistants: newest first, 20 a page, unless asked otherwise [recorded]."""
    return page(call, call.project.assistants)


def retrieve(call: Call, assistant_id: str) -> dict:
    """GET /assistants/{assistant_id} [recorded]."""
    return call.project.assistants.find(assistant_id)


def modify(call: Call, assistant_id: str) -> dict:
    """POST /assistants/{assistant_id}: what is sent replaces what was [recorded]; metadata as a
    thread's [inferred]."""
    body = call.project.assistants.find(assistant_id)
    check(sdk_type("beta.assistant_update_params", "AssistantUpdateParams"), call.body)
    sent = call.body
    clear_or_merge_metadata(body, sent)
    body |= {name: sent[name] for name in FIELDS if name in sent}
    for name, instead in (("top_p", 1.0), ("temperature", 1.0), ("response_format", "auto")):
        if name in sent:
            body[name] = default(sent[name], instead)
    if "tools" in sent:
        body["tools"] = tools_shown(sent["tools"])
    if sent.get("tool_resources") is not None:
        body["tool_resources"] = tool_resources(call, sent["tool_resources"])
    _fill_in(body)
    return body


def delete(call: Call, assistant_id: str) -> dict:
    """DELETE /assistants/{assistant_id} [recorded]."""
    call.project.assistants.remove(assistant_id)
    return {"id": assistant_id, "object": "assistant.deleted", "deleted": True}


def _fill_in(body: dict) -> None:
    if any(tool["type"] == "code_interpreter" for tool in body["tools"]):
        empty = {"code_interpreter": {"file_ids": []}}
        body["tool_resources"] = empty | body["tool_resources"]
