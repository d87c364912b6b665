"""Runs: create, retrieve, list, cancel, and the life of a run.

A run is `queued` when created [recorded], `in_progress` at the first read of it and `completed` at
the second; only then is its reply in the thread. Reads move it, not the clock, so that a learner
may take his time and a test needs none.
"""

from .. import errors
from ..call import Call
from ..matching import NO_REPLY, question_in, text_of
from ..parameters import check
from ..project import Thread
from ..sdk_types import sdk_type
from . import messages
from .shared import default, page

LIFETIME = 600  # seconds from created_at to expires_at [recorded]
ACTIVE = ("queued", "in_progress", "cancelling")
POLL_AFTER_MS = "2"  # the SDK's poll helpers obey it; the API itself never sent it [recorded]
# Nothing was counted, as no model was asked. The spelling of prompt_token_details is recorded.
NO_USAGE = {
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "total_tokens": 0,
    "prompt_token_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}


def create(call: Call, thread_id: str) -> dict:
    """POST /threads/{thread_id}/runs: a queued run [recorded].

    Raises errors.ApiError: 404 for an unknown assistant, 400 while another run is active [quoted]
    or when there is nothing to answer [recorded]. Streaming is not replayed.
    """
    thread = call.project.threads.find(thread_id)
    sent = call.body
    if sent.get("stream") is True:
        raise errors.not_replayed("runs with `stream`", "stream")
    kind = sdk_type("beta.threads.run_create_params", "RunCreateParamsNonStreaming")
    check(kind, sent, without=("include",))
    assistant = call.project.assistants.find(sent["assistant_id"])
    if thread.active:
        raise errors.has_active_run(thread.body["id"], thread.active)
    instructions = sent.get("instructions") or assistant["instructions"]
    added = sent.get("additional_messages") or ()
    said = (*thread.messages.objects.values(), *added)
    if not instructions and not any(message["role"] == "user" for message in said):
        raise errors.nothing_to_run()
    for message in added:
        messages.add(call, thread, message)

    created = call.timestamp(not_before=thread.messages.latest)
    run = {
        "id": call.id("run"),
        "object": "thread.run",
        "created_at": created,
        "assistant_id": assistant["id"],
        "thread_id": thread.body["id"],
        "status": "queued",
        "started_at": None,
        "expires_at": created + LIFETIME,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": default(sent.get("model"), assistant["model"]),
        "instructions": instructions,
        "tools": default(sent.get("tools"), assistant["tools"]),
        "tool_resources": {},
        "metadata": dict(sent.get("metadata") or {}),
        "temperature": default(sent.get("temperature"), assistant["temperature"]),
        "top_p": default(sent.get("top_p"), assistant["top_p"]),
        "reasoning_effort": default(sent.get("reasoning_effort"), assistant["reasoning_effort"]),
        "max_completion_tokens": sent.get("max_completion_tokens"),
        "max_prompt_tokens": sent.get("max_prompt_tokens"),
        "truncation_strategy": {"type": "auto", "last_messages": None}
        | (sent.get("truncation_strategy") or {}),
        "incomplete_details": None,
        "usage": None,
        "response_format": default(sent.get("response_format"), assistant["response_format"]),
        "tool_choice": default(sent.get("tool_choice"), "auto"),
        "parallel_tool_calls": default(sent.get("parallel_tool_calls"), True),
    }
    thread.runs.add(run["id"], run["created_at"], run)
    thread.active = run["id"]
    return _shown(call, run)


def retrieve(call: Call, thread_id: str, run_id: str) -> dict:
    """GET /threads/{thread_id}/runs/{run_id}: one step further in the run's life."""
    thread = call.project.threads.find(thread_id)
    run = thread.runs.find(run_id)
    recorded = call.recorded
    if run["status"] == "queued":
        run["status"] = "in_progress"
        run["started_at"] = call.timestamp(recorded, "started_at", run["created_at"])
    elif run["status"] == "in_progress":
        _complete(call, thread, run)
    elif run["status"] == "cancelling":
        run |= {
            "status": "cancelled",
            "cancelled_at": call.timestamp(recorded, "cancelled_at", run["created_at"]),
        }
        run["expires_at"] = thread.active = None
    return _shown(call, run)


def list_(call: Call, thread_id: str) -> dict:
    """GET /threads/{thread_id}/runs: a page as of messages; it moves no run."""
    return page(call, call.project.threads.find(thread_id).runs)


def cancel(call: Call, thread_id: str, run_id: str) -> dict:
    """POST /threads/{thread_id}/runs/{run_id}/cancel: `cancelling`, `cancelled` when next read."""
    run = call.project.threads.find(thread_id).runs.find(run_id)
    if run["status"] not in ("queued", "in_progress"):
        raise errors.cannot_cancel(run["status"])
    run["status"] = "cancelling"
    return _shown(call, run)


def _shown(call: Call, run: dict) -> dict:
    """A run as an answer, with the header that keeps polling short while it is active."""
    if run["status"] in ACTIVE:
        call.headers["openai-poll-after-ms"] = POLL_AFTER_MS
    return run


def _complete(call: Call, thread: Thread, run: dict) -> None:
    """End a run: the words recorded for its question, or the sentence that there are none."""
    run["status"] = "completed"
    run["completed_at"] = call.timestamp(call.recorded, "completed_at", run["created_at"])
    run["expires_at"] = thread.active = None
    run["usage"] = call.recorded.get("usage") or NO_USAGE
    recordings = call.project.recordings
    shown = recordings.shown_later(thread.body["id"])
    words = next((text_of(m) for m in shown if m["run_id"] == run["id"]), None)
    if words is None:
        question = question_in(list(thread.messages.objects.values()))
        words = recordings.words_for("threads", question)
    messages.add(
        call,
        thread,
        {"role": "assistant", "content": words or NO_REPLY},
        assistant=run["assistant_id"],
        run=run["id"],
    )
