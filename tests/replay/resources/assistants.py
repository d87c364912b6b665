"""Assistants: create, retrieve, delete; as much as a run needs."""

from ..call import Call
from ..parameters import check
from ..sdk_types import sdk_type
from .shared import default, tool_resources


def create(call: Call) -> dict:
    """POST /assistants: any model name is taken. Fields and defaults [inferred: as a run's]."""
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
        "tools": sent.get("tools", []),
        "top_p": default(sent.get("top_p"), 1.0),
        "temperature": default(sent.get("temperature"), 1.0),
        "reasoning_effort": sent.get("reasoning_effort"),
        "tool_resources": tool_resources(call, sent.get("tool_resources")),
        "metadata": dict(sent.get("metadata") or {}),
        "response_format": default(sent.get("response_format"), "auto"),
    }
    call.project.assistants.add(body["id"], body["created_at"], body)
    return body


def retrieve(call: Call, assistant_id: str) -> dict:
    """GET /assistants/{assistant_id}."""
    return call.project.assistants.find(assistant_id)


def delete(call: Call, assistant_id: str) -> dict:
    """DELETE /assistants/{assistant_id} [documented]."""
    call.project.assistants.remove(assistant_id)
    return {"id": assistant_id, "object": "assistant.deleted", "deleted": True}
