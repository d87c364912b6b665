"""Assistants: create, retrieve, delete; as much as a run needs."""

from . import errors, threads
from .parameters import check
from .project import Call


def create(call: Call) -> dict:
    """POST /assistants: any model name is taken. Fields and defaults [house: as a run's]."""
    from openai.types.beta import AssistantCreateParams

    check(AssistantCreateParams, call.body)
    sent = call.body
    body = {
        "id": call.id("asst", call.project.assistants),
        "object": "assistant",
        "created_at": call.time(),
        "name": sent.get("name"),
        "description": sent.get("description"),
        "model": sent["model"],
        "instructions": sent.get("instructions"),
        "tools": sent.get("tools", []),
        "top_p": _or(sent.get("top_p"), 1.0),
        "temperature": _or(sent.get("temperature"), 1.0),
        "reasoning_effort": sent.get("reasoning_effort"),
        "tool_resources": threads.tool_resources(call, sent.get("tool_resources")),
        "metadata": dict(sent.get("metadata") or {}),
        "response_format": _or(sent.get("response_format"), "auto"),
    }
    call.project.assistants[body["id"]] = body
    return body


def retrieve(call: Call) -> dict:
    """GET /assistants/{assistant_id}."""
    return find(call, call.ids[0])


def delete(call: Call) -> dict:
    """DELETE /assistants/{assistant_id} [documented]."""
    id = find(call, call.ids[0])["id"]
    del call.project.assistants[id]
    return {"id": id, "object": "assistant.deleted", "deleted": True}


def find(call: Call, id: str) -> dict:
    """The assistant of that id. Raises errors.ApiError: 400 or 404, as for a thread [house]."""
    if not id.startswith("asst"):
        raise errors.bad_id("assistant_id", id, "asst")
    if id not in call.project.assistants:
        raise errors.not_found("assistant", id)
    return call.project.assistants[id]


def _or(value: object, default: object) -> object:
    return default if value is None else value
