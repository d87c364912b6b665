"""Responses: create, retrieve, delete; with or without a conversation."""

from .. import errors, ids
from ..call import Call
from ..matching import NO_REPLY, question_in
from ..parameters import check
from ..project import Conversation
from ..sdk_types import sdk_type
from . import items

# POST /responses has these, threads and conversations have none [recorded]. The numbers are ours.
RATE_LIMITS = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-remaining-tokens": "199000",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-reset-tokens": "300ms",
}
# Parameters that ask for nothing that the replay would have to make up.
SUPPORTED = """background conversation input instructions max_output_tokens metadata model
    parallel_tool_calls previous_response_id prompt_cache_key safety_identifier store stream
    temperature tools top_p truncation user""".split()
# What follows from the request: echoed as sent [recorded].
ECHOED = """background instructions max_output_tokens metadata parallel_tool_calls prompt_cache_key
    safety_identifier store temperature tools top_p truncation user""".split()
# The order of the fields, and their values where nothing was sent or recorded [recorded;
# documented: completed_at, conversation]. No tokens were counted, as no model was asked.
TEMPLATE = {
    "id": None,
    "object": "response",
    "created_at": None,
    "status": "completed",
    "background": False,
    "billing": {"payer": "developer"},
    "completed_at": None,
    "conversation": None,
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": None,
    "output": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": {
        "input_tokens": 0,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 0,
    },
    "user": None,
    "metadata": {},
}


def create(call: Call) -> dict:
    """POST /responses: the recorded words for the question, or the sentence that there are none.

    With `conversation`, input and output are appended to it, and `previous_response_id` is null
    [recorded]. Instructions are echoed and not stored. Streaming and tools are not replayed. Any
    model name is taken.
    """
    sent = _checked(call.body)
    project = call.project
    given = sent.get("input")
    conversation = _conversation(call, sent.get("conversation"))
    previous = sent.get("previous_response_id")
    if previous is not None and previous not in project.responses.objects:
        raise errors.previous_response_not_found(previous)
    messages = [{"role": "user", "content": given}] if isinstance(given, str) else given or []

    time = call.timestamp()
    recorded = call.recorded if "output" in call.recorded else {}
    serial = project.next_serial()
    key = conversation.body["id"][-16:] if conversation else ids.hexes("key", serial, 16)

    def mint(serial: int) -> str:
        return ids.response(key, time, serial)

    follows = {name: sent[name] for name in ECHOED if sent.get(name) is not None}
    computed = {
        "id": call.id("resp", recorded, mint),
        "created_at": time,
        "previous_response_id": previous,
    } | follows
    if conversation:
        computed["conversation"] = {"id": conversation.body["id"]}
    if not recorded:
        words = _words(call, given, conversation)
        computed |= {
            "completed_at": time,
            "model": sent["model"],
            "output": [
                {"id": call.id("msg", {}, mint)}
                | items.as_shown({"role": "assistant", "content": words})
            ],
        }
    template = recorded or TEMPLATE
    body = {name: computed.get(name, value) for name, value in template.items()}
    if conversation is None:
        body.pop("conversation", None)
    else:
        items.append(call, conversation, messages)
        for item in body["output"]:
            items.add(conversation, item)
    if body["store"]:
        project.responses.add(body["id"], time, body)
    call.headers |= RATE_LIMITS
    return body


def retrieve(call: Call, response_id: str) -> dict:
    """GET /responses/{response_id}: what create answered, if it was stored."""
    return call.project.responses.find(response_id)


def delete(call: Call, response_id: str) -> dict:
    """DELETE /responses/{response_id}. What it added to a conversation stays [documented]."""
    call.project.responses.remove(response_id)
    return {"id": response_id, "object": "response", "deleted": True}


def _checked(body: dict) -> dict:
    """The body, once it is known that the API would take it and that it can be replayed."""
    if "model" not in body and body.get("prompt") is None:
        raise errors.missing("model")
    module, name = "responses.response_create_params", "ResponseCreateParamsNonStreaming"
    check(sdk_type(module, name), body, without=("input",))
    for name in ("stream", "background", "tools"):
        if body.get(name):
            raise errors.not_replayed(f"responses with `{name}`", name)
    for name, value in body.items():
        if name not in SUPPORTED and value is not None:
            raise errors.not_replayed(f"responses with `{name}`", name)
    given = body.get("input")
    if given is None and not (body.get("conversation") or body.get("previous_response_id")):
        raise errors.nothing_to_answer()
    if body.get("conversation") and body.get("previous_response_id"):
        raise errors.mutually_exclusive("previous_response_id", "conversation")
    if not isinstance(given, str | None):
        items.checked(given, "input")
    return body


def _conversation(call: Call, sent: str | dict | None) -> Conversation | None:
    if sent is None:
        return None
    return call.project.conversations.find(sent if isinstance(sent, str) else sent["id"])


def _words(call: Call, given: object, conversation: Conversation | None) -> str:
    question = question_in(given)
    if not question and conversation:
        question = question_in(list(conversation.items.objects.values()))
    return call.project.recordings.words_for("responses", question) or NO_REPLY
