"""Assistants: create, list, retrieve, modify, delete."""

from .. import errors
from ..call import Call
from . import models, vector_stores
from .shared import clear_or_merge_metadata, default, page
from .tools import check_functions, shown_by_assistants

FIELDS = "name description model instructions reasoning_effort".split()


def create(call: Call) -> dict:
    """POST /assistants. Fields and defaults [recorded].

    A code interpreter has tool resources, be they empty [recorded].
    """
    sent = call.body
    check_sent(sent)
    vector_stores.check_resources(call, sent.get("tool_resources"))
    id, created = call.id("asst"), call.timestamp()
    resources = vector_stores.resources(call, sent.get("tool_resources"))
    body = shown(sent, id, created, resources)
    call.project.assistants[body["id"]] = body
    return body


def shown(sent: dict, id: str, created: int, resources: dict) -> dict:
    """An assistant as the API shows it. created: Unix seconds."""
    body = {
        "id": id,
        "object": "assistant",
        "created_at": created,
        "name": sent.get("name"),
        "description": sent.get("description"),
        "model": sent["model"],
        "instructions": sent.get("instructions"),
        "tools": shown_by_assistants(sent.get("tools", ())),
        "top_p": default(sent.get("top_p"), 1.0),
        "temperature": default(sent.get("temperature"), 1.0),
        "reasoning_effort": sent.get("reasoning_effort"),
        "tool_resources": resources,
        "metadata": dict(sent.get("metadata") or {}),
        "response_format": default(sent.get("response_format"), "auto"),
    }
    _fill_in(body)
    return body


def list_(call: Call) -> dict:
    """GET /assistants: newest first, 20 a page, unless asked otherwise [recorded]."""
    return page(call, "assistants", call.project.assistants)


def retrieve(call: Call, assistant: dict) -> dict:
    """GET /assistants/{id} [recorded]."""
    return assistant


def modify(call: Call, assistant: dict) -> dict:
    """POST /assistants/{id}: what is sent replaces what was [recorded]; metadata as a
    thread's [inferred]."""
    sent = call.body
    check_sent(sent)
    vector_stores.check_resources(call, sent.get("tool_resources"))
    clear_or_merge_metadata(assistant, sent)
    assistant |= {name: sent[name] for name in FIELDS if name in sent}
    for name, instead in (("top_p", 1.0), ("temperature", 1.0), ("response_format", "auto")):
        if name in sent:
            assistant[name] = default(sent[name], instead)
    if "tools" in sent:
        assistant["tools"] = shown_by_assistants(sent["tools"])
    if sent.get("tool_resources") is not None:
        assistant["tool_resources"] = vector_stores.resources(call, sent["tool_resources"])
    _fill_in(assistant)
    return assistant


def delete(call: Call, assistant: dict) -> dict:
    """DELETE /assistants/{id} [recorded]."""
    del call.project.assistants[assistant["id"]]
    return {"id": assistant["id"], "object": "assistant.deleted", "deleted": True}


def check_sent(sent: dict) -> None:
    """Refuse bad functions, a model that came later, and one that never was: 400 [quoted, two each;
    runs, modify: inferred]. A model that is gone was there while Assistants were."""
    check_functions(sent.get("tools"), of_assistants=True)
    if not (name := sent.get("model")):
        return
    if models.came_after_assistants(name):
        raise errors.not_for_assistants(name)
    if models.known(name) is None and not name.startswith("ft:"):
        raise errors.model_not_found(name)


def _fill_in(body: dict) -> None:
    if any(tool["type"] == "code_interpreter" for tool in body["tools"]):
        empty = {"code_interpreter": {"file_ids": []}}
        body["tool_resources"] = empty | body["tool_resources"]
