"""Runs: create (with a thread or on one), retrieve, modify, list, cancel, tool outputs, steps.

A run is `queued` when created [recorded], `in_progress` at the first read of it and ended at the
second; only then is its reply in the thread. Reads move it, not the clock, so that a learner may
take time and a test needs none. A streamed run goes through all of it at once.
"""

import time
from collections.abc import Iterable, Sequence

from .. import errors
from ..call import Call
from ..collection import find
from ..exchange import DONE, Stream
from ..matching import first_match
from ..project import Run, Thread
from ..replies import Reply, last_question, no_reply, text_of, turn
from . import messages, threads, vector_stores
from .assistants import check_sent
from .shared import clear_or_merge_metadata, default, half_of, offered, page, pieces
from .tools import shown_by_assistants

LIFETIME = 600  # seconds from created_at to expires_at [recorded]
ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")
MOVING = ("queued", "in_progress", "cancelling")
POLL_AFTER_MS = "2"  # the SDK's poll helpers obey it; the API itself never sent it [recorded]
# Nothing was counted, as no model was asked. The spelling of prompt_token_details is recorded.
NO_USAGE = {
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "total_tokens": 0,
    "prompt_token_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}
Events = list[tuple[str, object]]
Calls = Sequence[tuple[str, str]]  # of functions: name and arguments
# What may go wrong with a run. The error of a failed one [quoted].
FAULTS = ("rate_limit", "server_error", "expired", "incomplete")
LAST_ERRORS = {
    "server_error": {"code": "server_error", "message": "Sorry, something went wrong."},
    "rate_limit": {
        "code": "rate_limit_exceeded",
        "message": "You exceeded your current quota, please check your plan and billing details."
        " For more information on this error, read the docs:"
        " https://platform.openai.com/docs/guides/error-codes/api-errors.",
    },
}


def create(call: Call, thread: Thread) -> dict | Stream:
    """POST /threads/{id}/runs: a queued run [recorded], or its events with `stream`.

    Raises errors.ApiError: 404 for an unknown assistant, 400 while another run is active [quoted]
    or when there is nothing to answer [recorded].
    """
    return _started(call, thread)


def create_with_thread(call: Call) -> dict | Stream:
    """POST /threads/runs: a new thread and a run on it, answered as the run [recorded]."""
    sent, recorded = call.body, call.recorded
    _check_start(call, (sent.get("thread") or {}).get("messages") or ())
    threads.check(call, sent.get("thread") or {}, "thread.")
    vector_stores.check_resources(call, sent.get("tool_resources"))
    made = {"id": recorded.get("thread_id"), "created_at": recorded.get("created_at")}
    resources = {"tool_resources": sent.get("tool_resources")} if "tool_resources" in sent else {}
    thread = threads.add(call, resources | (sent.get("thread") or {}), made)
    return _started(call, thread, [("thread.created", threads.retrieve(call, thread))])


def retrieve(call: Call, thread: Thread, run: Run) -> dict:
    """GET /threads/{id}/runs/{id}: one step further in the run's life."""
    body, recorded = run.body, call.recorded
    if body["status"] == "queued":
        _begin(call, thread, run)
    elif body["status"] == "in_progress" and time.monotonic() >= run.until:
        _end(call, thread, run)
    elif body["status"] == "cancelling":
        body["status"] = "cancelled"
        body["cancelled_at"] = call.timestamp(recorded, "cancelled_at", body["created_at"])
        body["expires_at"] = body["required_action"] = thread.active = None
    return _shown(call, body)


def modify(call: Call, thread: Thread, run: Run) -> dict:
    """POST /threads/{id}/runs/{id}: metadata, once the run has ended [recorded]."""
    if run.body["status"] in ACTIVE:
        raise errors.cannot_update(run.body["status"])
    clear_or_merge_metadata(run.body, call.body)
    return run.body


def list_(call: Call, thread: Thread) -> dict:
    """GET /threads/{id}/runs: a page as of messages; it moves no run."""
    return page(call, "runs", thread.runs)


def cancel(call: Call, thread: Thread, run: Run) -> dict:
    """POST /threads/{id}/runs/{id}/cancel: `cancelling`, `cancelled` when next read."""
    body = run.body
    if body["status"] not in ("queued", "in_progress", "requires_action"):
        raise errors.cannot_cancel(body["status"])
    body["status"] = "cancelling"
    return _shown(call, body)


def submit_tool_outputs(call: Call, thread: Thread, run: Run) -> dict | Stream:
    """POST /threads/{id}/runs/{id}/submit_tool_outputs: `queued` again [recorded].

    Raises errors.ApiError: 400 when the run does not wait for them [recorded]; what the API says
    to outputs of other calls is unknown, so that is refused as the server's own.
    """
    body, sent = run.body, call.body["tool_outputs"]
    if body["status"] != "requires_action":
        raise errors.no_tool_outputs(body["status"])
    wanted = body["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = {entry.get("tool_call_id"): entry.get("output") or "" for entry in sent}
    if sorted(outputs, key=str) != sorted(c["id"] for c in wanted) or len(sent) != len(wanted):
        raise errors.not_replayed("run's outputs", "tool_outputs")
    run.outputs += [outputs[c["id"]] for c in wanted]
    step = next(reversed(run.steps.values()))
    usage = call.recorded.get("usage") or NO_USAGE
    ended = call.timestamp({}, "completed_at", body["created_at"])
    told = _end_step(step, ended, usage, _tool_calls(wanted, outputs))
    body |= {"status": "queued", "required_action": None}
    if not call.body.get("stream"):
        return _shown(call, body)
    return _streamed(call, thread, run, [told, _told(body)])


def list_steps(call: Call, thread: Thread, run: Run) -> dict:
    """GET /threads/{id}/runs/{id}/steps: newest first [recorded]."""
    return page(call, "steps", run.steps)


def retrieve_step(call: Call, thread: Thread, run: Run, step: dict) -> dict:
    """GET /threads/{id}/runs/{id}/steps/{id}: 404 for an id of any form [recorded]."""
    return step


def _started(call: Call, thread: Thread, events: Events = ()) -> dict | Stream:
    """A new run on a thread, as its answer. events: those in front of the run's own."""
    if thread.active:
        raise errors.has_active_run(thread.body["id"], thread.active)
    assistant = _check_start(call, thread.messages.values())
    for message in call.body.get("additional_messages") or ():
        messages.add(call, thread, message)
    created = call.timestamp(not_before=messages.latest(thread))
    body = _queued(call.body, assistant, thread.body["id"], call.id("run"), created)
    run = Run(body)
    thread.runs[body["id"]] = run
    thread.active = body["id"]
    if not call.body.get("stream"):
        return _shown(call, body)
    created_and_queued = [_told(body, "created"), _told(body)]
    return _streamed(call, thread, run, [*events, *created_and_queued])


def _queued(sent: dict, assistant: dict, thread: str, id: str, created: int) -> dict:
    """A new run: what was sent, else its assistant's [recorded]. created: Unix seconds."""
    instructions = sent.get("instructions") or assistant["instructions"]
    if sent.get("additional_instructions"):
        instructions = " ".join(filter(None, (instructions, sent["additional_instructions"])))
    tools = assistant["tools"] if sent.get("tools") is None else shown_by_assistants(sent["tools"])
    return {
        "id": id,
        "object": "thread.run",
        "created_at": created,
        "assistant_id": assistant["id"],
        "thread_id": thread,
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
        "tools": tools,
        "tool_resources": {},  # whatever the tools, outside a stream [recorded]
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


def _check_start(call: Call, said: Iterable[dict]) -> dict:
    """The assistant of a run, once it is known that it may start on what was said."""
    sent = call.body
    assistant = find("assistants", call.project.assistants, sent["assistant_id"])
    said = (*said, *(sent.get("additional_messages") or ()))
    check_sent(sent)
    instructions = sent.get("instructions") or assistant["instructions"]
    if not instructions and not any(message["role"] == "user" for message in said):
        raise errors.nothing_to_run()
    tools = assistant["tools"] if sent.get("tools") is None else sent["tools"]
    answer = default(sent.get("response_format"), assistant["response_format"])
    choice = default(sent.get("tool_choice"), "auto")
    if (
        _wants_json(answer)
        and answer["type"] == "json_schema"
        and any(tool["type"] != "function" for tool in tools)
    ):
        raise errors.functions_only()
    if _wants_json(answer) or choice not in ("auto", "none"):
        _check_reply(call, last_question(reversed([*said])), tools, answer, choice)
    messages.check(call, sent.get("additional_messages"), "additional_messages")
    return assistant


def _check_reply(
    call: Call, question: str, tools: list[dict], answer: str | dict, choice: str | dict
) -> None:
    """JSON, and a forced call, are taken where there is a reply of that kind [replay]."""
    reply = _reply(call, call.recorded, question, [])
    names = [t["function"]["name"] for t in tools if t["type"] == "function"]
    calls = [name for name, _ in reply.calls if name in names]
    named = choice["function"]["name"] if isinstance(choice, dict) and "function" in choice else ""
    if choice not in ("auto", "none") and not (named in calls if named else calls):
        raise errors.not_replayed("run's tool_choice", "tool_choice")
    if _wants_json(answer) and not calls and reply.value is None:
        raise errors.not_replayed("run's response_format", "response_format")


def _wants_json(answer: str | dict) -> bool:
    return isinstance(answer, dict) and answer["type"] != "text"


def _shown(call: Call, body: dict) -> dict:
    """A run as an answer, with the header that keeps polling short while it moves."""
    if body["status"] in MOVING:
        call.headers["openai-poll-after-ms"] = POLL_AFTER_MS
    return body


def _streamed(call: Call, thread: Thread, run: Run, events: Events) -> Stream:
    """The rest of a run's life as events."""
    _begin(call, thread, run)
    call.wait = run.reply.wait
    events.append(_told(run.body))
    return Stream([*events, *_end(call, thread, run), DONE])


def _told(body: dict, name: str = "") -> tuple[str, dict]:
    """A run's event. There it has an empty code interpreter, whatever its tools [recorded]."""
    resources = body["tool_resources"] or {"code_interpreter": {"file_ids": []}}
    return f"thread.run.{name or body['status']}", body | {"tool_resources": resources}


def _begin(call: Call, thread: Thread, run: Run) -> None:
    """Let a run begin; what it will end with is known by now."""
    question = last_question(reversed(thread.messages.values()))
    run.reply = _reply(call, run.body, question, run.outputs, FAULTS)
    run.until = time.monotonic() + run.reply.wait
    run.body["status"] = "in_progress"
    run.body["started_at"] = call.timestamp(None, "started_at", run.body["created_at"])


def _end(call: Call, thread: Thread, run: Run) -> Events:
    """End a run, or let it wait for its functions; the events of that.

    The words are its reply's, or the sentence that there are none. A call comes only of a function
    that the run has.
    """
    reply, body = run.reply, run.body
    call.place = reply.place
    if reply.fails in ("rate_limit", "server_error", "expired"):
        return _fail(call, thread, run, reply.fails)
    names = [t["function"]["name"] for t in body["tools"] if t["type"] == "function"]
    calls = offered(call, reply, names) if body["tool_choice"] != "none" else ()
    if calls:
        return _ask(call, run, calls)
    if _wants_json(body["response_format"]):
        call.check_json(reply, (body["response_format"].get("json_schema") or {}).get("schema"))
    question = last_question(reversed(thread.messages.values()))
    if question and not (reply.text or reply.place):
        call.unanswered = {"to": question, "after": list(run.outputs), "offered": names}
    return _say(call, thread, run, reply.text or no_reply(question), reply.fails)


def _reply(
    call: Call, run: dict, question: str, outputs: list[str], faults: Sequence[str] = ()
) -> Reply:
    """What a run ends with: as recorded where it was recorded and is asked the same, else as
    `Call.reply` has it. run: at least its `id` and `thread_id`, {} for one that is new."""
    asked = turn(question, outputs)
    if not call.recordings.had_turn(run.get("id", ""), asked):
        return call.reply("threads", question, outputs, faults)
    reply = call.recordings.reply_to("threads", asked) or Reply()
    for message in call.recordings.shown_later(run["thread_id"]):
        if message["run_id"] == run["id"] and message["content"] and not reply.calls:
            return Reply(text_of(message))
    return reply


def _fail(call: Call, thread: Thread, run: Run, fault: str) -> Events:
    """The run fails [quoted: its fields, `last_error`], or expires [quoted once]; the order of its
    events is inferred."""
    failed = fault != "expired"
    run.body |= {
        "status": "failed" if failed else "expired",
        "failed_at": call.timestamp(None, "failed_at", run.body["created_at"]) if failed else None,
        "expires_at": None,
        "last_error": LAST_ERRORS.get(fault),
        "usage": NO_USAGE,
    }
    thread.active = None
    return [_told(run.body)]


def _ask(call: Call, run: Run, wanted: Calls) -> Events:
    """The run waits for the outputs of functions [recorded]."""
    recorded = (call.recorded.get("required_action") or {}).get("submit_tool_outputs") or {}
    known = recorded.get("tool_calls") or [{}] * len(wanted)
    calls = [
        {
            "id": call.id("call", known[number] if number < len(known) else {}),
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for number, (name, arguments) in enumerate(wanted)
    ]
    step = _add_step(call, run, "tool_calls", _tool_calls(calls, {}))
    run.body |= {
        "status": "requires_action",
        "required_action": {
            "type": "submit_tool_outputs",
            "submit_tool_outputs": {"tool_calls": calls},
        },
    }
    empty = step | {"step_details": {"type": "tool_calls", "tool_calls": []}}
    events: Events = [(f"thread.run.step.{name}", empty) for name in ("created", "in_progress")]
    for number, wanted in enumerate(calls):
        function = {"name": wanted["function"]["name"], "arguments": "", "output": None}
        first = {"index": number, **wanted, "function": function}
        events.append(_step_delta(step, first))
        for piece in pieces(wanted["function"]["arguments"]):
            more = {"index": number, "type": "function", "function": {"arguments": piece}}
            events.append(_step_delta(step, more))
    return [*events, _told(run.body)]


def _step_delta(step: dict, called: dict) -> tuple[str, dict]:
    details = {"type": "tool_calls", "tool_calls": [called]}
    delta = {"object": "thread.run.step.delta", "delta": {"step_details": details}}
    return "thread.run.step.delta", {"id": step["id"]} | delta


def _tool_calls(calls: list[dict], outputs: dict[str, str]) -> dict:
    """A step's details: the calls, each with its output, null until there is one [recorded]."""
    shown = [
        wanted | {"function": wanted["function"] | {"output": outputs.get(wanted["id"])}}
        for wanted in calls
    ]
    return {"type": "tool_calls", "tool_calls": shown}


def _say(call: Call, thread: Thread, run: Run, text: str, fault: str = "") -> Events:
    """The run ends with a message; cut off, it is `incomplete` [documented; inferred: how the run
    and its message look then]."""
    body, cut_off = run.body, fault == "incomplete"
    text = half_of(text) if cut_off else text
    usage = call.recorded.get("usage") or NO_USAGE
    ended = call.timestamp(None, "completed_at", body["created_at"])
    sent = {"role": "assistant", "content": text}
    message = messages.add(call, thread, sent, assistant=body["assistant_id"], run=body["id"])
    details = {
        "type": "message_creation",
        "message_creation": {"message_id": message["id"]},
    }
    step = _add_step(call, run, "message_creation", details)
    begun = dict(step)
    told = _end_step(step, ended, usage)
    body |= {"status": "completed", "completed_at": ended, "expires_at": None, "usage": usage}
    if cut_off:
        body |= {"status": "incomplete", "completed_at": None}
        body["incomplete_details"] = {"reason": "max_completion_tokens"}
    thread.active = None
    events: Events = [(f"thread.run.step.{name}", begun) for name in ("created", "in_progress")]
    new = messages.in_stream(message, "in_progress", None) | {"content": []}
    events += [(f"thread.message.{name}", new) for name in ("created", "in_progress")]
    for number, piece in enumerate(pieces(text)):
        value = {"value": piece} if number else {"value": piece, "annotations": []}
        content = [{"index": 0, "type": "text", "text": value}]
        delta = {"object": "thread.message.delta", "delta": {"content": content}}
        events.append(("thread.message.delta", {"id": message["id"]} | delta))
    status = body["status"]
    whole = messages.in_stream(message, status, None if cut_off else ended)
    return [*events, (f"thread.message.{status}", whole), told, _told(body)]


def _end_step(step: dict, ended: int, usage: dict, details: dict | None = None) -> tuple[str, dict]:
    """End a step; its event, which alone still says when it would have expired [recorded]."""
    step |= {"status": "completed", "completed_at": ended, "usage": usage}
    step["step_details"] = details or step["step_details"]
    told = dict(step)
    step["expires_at"] = None
    return "thread.run.step.completed", told


def _add_step(call: Call, run: Run, kind: str, details: dict) -> dict:
    """A new step, in progress [recorded: its fields and their order]."""
    body = run.body
    shown = call.recordings.shown_later(body["id"])
    recorded = first_match({"type": kind}, shown, call.project.used)
    step = {
        "id": call.id("step", recorded),
        "object": "thread.run.step",
        "created_at": call.timestamp(recorded, not_before=body["started_at"] or 0),
        "run_id": body["id"],
        "assistant_id": body["assistant_id"],
        "thread_id": body["thread_id"],
        "type": kind,
        "status": "in_progress",
        "cancelled_at": None,
        "completed_at": None,
        "expires_at": body["expires_at"],
        "failed_at": None,
        "last_error": None,
        "step_details": details,
        "usage": None,
    }
    run.steps[step["id"]] = step
    return step
