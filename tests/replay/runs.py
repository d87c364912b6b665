"""Runs: create, retrieve, list, cancel, and the life of a run.

A run is `queued` when created [recorded], `in_progress` at the first read of it and `completed` at
the second; only then is its reply in the thread. Reads move it, not the clock, so that a learner
may take his time and a test needs none.
"""

from . import assistants, errors, messages, threads
from .parameters import check
from .project import Call, Thread
from .recordings import asked, text_of

LIFETIME = 600  # seconds from created_at to expires_at [recorded]
ACTIVE = ("queued", "in_progress", "cancelling")
NO_REPLY = "[The replay server has no reply to this question: none was recorded.]"
# Nothing was counted, as no model was asked. The spelling of prompt_token_details is recorded.
NO_USAGE = {
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "total_tokens": 0,
    "prompt_token_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}


def create(call: Call) -> dict:
    """POST /threads/{thread_id}/runs: a queued run [recorded].

    Raises errors.ApiError: 404 for an unknown assistant, 400 while another run is active [quoted]
    or when there is nothing to answer [recorded]. Streaming is not replayed.
    """
    from openai.types.beta.threads.run_create_params import RunCreateParamsNonStreaming

    thread = threads.find(call.project, call.ids[0])
    sent = call.body
    if sent.get("stream") is True:
        raise errors.not_replayed("runs with `stream`", "stream")
    check(RunCreateParamsNonStreaming, sent, without=("include",))
    assistant = assistants.find(call, sent["assistant_id"])
    if thread.active:
        raise errors.has_active_run(thread.body["id"], thread.active)
    instructions = sent.get("instructions") or assistant["instructions"]
    added = sent.get("additional_messages") or ()
    said = (*thread.messages.objects.values(), *added)
    if not instructions and not any(message["role"] == "user" for message in said):
        raise errors.nothing_to_run()
    for message in added:
        messages.add(call, thread, message)

    def chosen(name: str, default: object = None) -> object:
        return default if sent.get(name) is None else sent[name]

    created = call.time(not_before=thread.messages.latest)
    run = {
        "id": call.id("run", thread.runs.seen),
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
        "model": chosen("model", assistant["model"]),
        "instructions": instructions,
        "tools": chosen("tools", assistant["tools"]),
        "tool_resources": {},
        "metadata": dict(sent.get("metadata") or {}),
        "temperature": chosen("temperature", assistant["temperature"]),
        "top_p": chosen("top_p", assistant["top_p"]),
        "reasoning_effort": chosen("reasoning_effort", assistant["reasoning_effort"]),
        "max_completion_tokens": sent.get("max_completion_tokens"),
        "max_prompt_tokens": sent.get("max_prompt_tokens"),
        "truncation_strategy": {"type": "auto", "last_messages": None}
        | (sent.get("truncation_strategy") or {}),
        "incomplete_details": None,
        "usage": None,
        "response_format": chosen("response_format", assistant["response_format"]),
        "tool_choice": chosen("tool_choice", "auto"),
        "parallel_tool_calls": chosen("parallel_tool_calls", True),
    }
    thread.runs.add(run["id"], run["created_at"], run)
    thread.active = run["id"]
    return run


def retrieve(call: Call) -> dict:
    """GET /threads/{thread_id}/runs/{run_id}: one step further in the run's life."""
    thread, run = threads.find_child(call, "run", "run")
    made_up = call.made_up
    if run["status"] == "queued":
        run["status"] = "in_progress"
        run["started_at"] = call.time(made_up, "started_at", run["created_at"])
    elif run["status"] == "in_progress":
        _complete(call, thread, run)
    elif run["status"] == "cancelling":
        run |= {
            "status": "cancelled",
            "cancelled_at": call.time(made_up, "cancelled_at", run["created_at"]),
        }
        run["expires_at"] = thread.active = None
    return run


def list_(call: Call) -> dict:
    """GET /threads/{thread_id}/runs: a page as of messages; it moves no run."""
    return messages.page(call, threads.find(call.project, call.ids[0]).runs, "run")


def cancel(call: Call) -> dict:
    """POST /threads/{thread_id}/runs/{run_id}/cancel: `cancelling`, `cancelled` when next read."""
    _, run = threads.find_child(call, "run", "run")
    if run["status"] not in ("queued", "in_progress"):
        raise errors.cannot_cancel(run["status"])
    run["status"] = "cancelling"
    return run


def _complete(call: Call, thread: Thread, run: dict) -> None:
    """End a run: the words recorded for its question, or the sentence that there are none."""
    run["status"] = "completed"
    run["completed_at"] = call.time(call.made_up, "completed_at", run["created_at"])
    run["expires_at"] = thread.active = None
    run["usage"] = call.made_up.get("usage") or NO_USAGE
    recordings = call.project.recordings
    shown = recordings.children(thread.body["id"])
    words = next((text_of(m) for m in shown if m["run_id"] == run["id"]), None)
    if words is None:
        question = asked(list(thread.messages.objects.values()))
        words = recordings.reply("threads", question)
    messages.add(
        call,
        thread,
        {"role": "assistant", "content": words or NO_REPLY},
        assistant=run["assistant_id"],
        run=run["id"],
    )
