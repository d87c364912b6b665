"""Responses: create, retrieve, delete, input items; with or without a conversation."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from .. import errors, ids
from ..call import Call
from ..collection import check_id, find
from ..exchange import Stream
from ..project import Conversation, History, Response
from ..replies import Reply, no_reply, text_of, turn_of
from ..schemas import not_an_object, not_strict
from . import history, items, models, tools, vector_stores
from .shared import default, offered, pieces

FAULTS = {"rate_limit", "server_error", "locked", "incomplete"}  # what may go wrong
Mint = Callable[[int], str]  # what follows an id's prefix, from a serial number
PREVIOUS = "previous_response_id"

# POST /responses has these, threads and conversations have none [recorded]. The numbers are ours.
RATE_LIMITS = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-remaining-tokens": "199000",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-reset-tokens": "300ms",
}
# What follows from the request: echoed as sent [recorded].
ECHOED = """instructions max_output_tokens max_tool_calls metadata parallel_tool_calls
    prompt_cache_key prompt_cache_options prompt_cache_retention safety_identifier store temperature
    tool_choice top_logprobs top_p truncation user""".split()
# What else may be sent, as it asks for nothing that the replay would have to make up.
TAKEN = """background conversation include input model previous_response_id reasoning service_tier
    stream stream_options text tools""".split()
KNOWN = {*ECHOED, *TAKEN}
# The order of the fields, and their values where nothing was sent or recorded [recorded, summer
# 2026]. No tokens were counted, as no model was asked.
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
    "frequency_penalty": 0.0,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": None,
    "moderation": None,
    "output": None,
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_options": None,
    "prompt_cache_retention": None,
    "reasoning": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": None,
    "tool_choice": "auto",
    "tool_usage": {
        "image_gen": {
            "input_tokens": 0,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
            "total_tokens": 0,
        },
        "web_search": {"num_requests": 0},
    },
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": {
        "input_tokens": 0,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 0,
    },
    "user": None,
    "metadata": {},
}


def create(call: Call) -> dict | Stream:
    """POST /responses: the recorded reply to the question, or the sentence that there is none.

    With `conversation`, input and output are appended to it, and `previous_response_id` is null
    [recorded]. Instructions are echoed and not stored. Which tool a model calls is the model's
    word: a call comes where one was recorded, of a function that the request has. With `stream`,
    the answer is its events.
    """
    sent = items.referred(call, _checked(call, call.body))
    conversation, before = _context(call, sent)
    reply = _reply(call, History(before, sent), conversation)
    if reply.fails in ("rate_limit", "server_error", "locked"):
        return _failed(call, reply.fails)
    body, given = _answered(call, sent, reply, conversation, before)
    _keep(call, body, given, conversation, before)
    call.headers |= RATE_LIMITS
    if not call.body.get("stream"):
        return body
    padded = (call.body.get("stream_options") or {}).get("include_obfuscation", True)
    return Stream(list(_events(body, padded)))


def retrieve(call: Call, response: Response) -> dict:
    """GET /responses/{id}: what create answered, if it was stored [recorded]."""
    if call.query.get("stream") == "true":
        raise errors.not_replayed("stored stream", "stream")
    return response.body


def delete(call: Call, response: Response) -> dict:
    """DELETE /responses/{id} [recorded]. What it added to a conversation stays [documented]."""
    id = response.body["id"]
    del call.project.responses[id]
    for item in response.body["output"]:
        call.project.thoughts.pop(item.get("id"), None)
    return {"id": id, "object": "response.deleted", "deleted": True}


def list_input_items(call: Call, response: Response) -> dict:
    """GET /responses/{id}/input_items: newest first; all that was said before, too, where it
    follows another response [recorded]."""
    return items.page(call, response.items)


def _checked(call: Call, body: dict) -> list[dict]:
    """The input as items, once it is known that the API would take the body, and that it can be
    replayed."""
    _check_lacks(body)
    given, continues = body.get("input"), body.get("conversation") or body.get(PREVIOUS)
    if given is None and "input" in body:
        raise errors.wrong_type(
            "input", "a string", "an object"
        )  # so the API says of null [quoted]
    if body.get("conversation") and body.get(PREVIOUS):
        raise errors.mutually_exclusive()
    said = isinstance(given, str)
    sent = [{"role": "user", "content": given}] if said else items.checked(call, given, "input")
    if not (given or continues):
        raise errors.nothing_to_answer()
    _check_model(body)
    vector_stores.check_tools(call, body.get("tools") or ())
    if "message.output_text.logprobs" in (body.get("include") or ()):
        raise errors.not_replayed("include", "include")
    return sent


def _check_lacks(body: dict) -> None:
    """Refuse functions that can't be called, and what would have to be made up."""
    tools.check_functions(body.get("tools"))
    _check_choice(body)
    _check_format(body)
    lacks = {
        "background": bool(body.get("background")),
        "service_tier": default(body.get("service_tier"), "auto") not in ("auto", "default"),
    }
    lacks |= {name: body[name] is not None for name in body if name not in KNOWN}
    for name, lacking in lacks.items():
        if lacking:
            what = name if name in errors.PARTS_NOT_REPLAYED else "parameter"
            raise errors.not_replayed(what, name, name)


def _check_choice(body: dict) -> None:
    """Refuse a tool that must be called and is not there."""
    choice, tools_ = body.get("tool_choice"), body.get("tools") or ()
    if choice == "required" and not tools_:
        raise errors.nothing_to_choose()
    if isinstance(choice, dict):
        kind, name = choice["type"], choice.get("name")
        if not any(t["type"] == kind and name in (None, t.get("name")) for t in tools_):
            raise errors.no_such_choice(kind)


def _check_format(body: dict) -> None:
    """Refuse a schema of the answer that the API can't use."""
    answer = (body.get("text") or {}).get("format") or {}
    if answer.get("type") == "json_schema":
        says = not_an_object(answer["schema"])
        if not says and answer.get("strict"):
            says = not_strict(answer["schema"])
        if says:
            raise errors.bad_answer_schema(answer["name"], says)


def _check_model(body: dict) -> None:
    """Refuse a model that is not there, and what the model does not take."""
    model, asked = models.alive(body["model"]), body.get("reasoning") or {}
    if model is None:
        gone = models.known(body["model"])
        raise (errors.model_is_gone if gone else errors.model_not_found)(body["model"])
    effort, newest = asked.get("effort"), model.context == "all_turns"
    if effort and model.effort is None:
        raise errors.not_with_this_model("reasoning.effort", "unsupported_parameter")
    if effort and model.efforts and effort not in model.efforts:
        raise errors.unsupported_effort(effort, model.name, model.efforts)
    if asked.get("mode") == ("standard" if "-pro" in model.name else "pro") and not newest:
        raise errors.no_such_mode()
    if newest and body.get("prompt_cache_retention") not in (None, "24h"):
        raise errors.only_kept_for_a_day()
    if (effort or model.effort) not in (None, "none"):
        _check_while_it_reasons(body, model)


def _check_while_it_reasons(body: dict, model: models.Model) -> None:
    """Refuse what a model does not take while it reasons.

    `temperature` and `top_p` may only be its own defaults [recorded: 0.5 refused; quoted:
    temperature 1 taken, top_p 1 refused where the default is 0.98; inferred: the rule].
    """
    for name, own in (("temperature", 1), ("top_p", model.top_p)):
        if body.get(name) not in (None, own):
            raise errors.not_with_this_model(name)
    if "message.output_text.logprobs" in (body.get("include") or ()):
        raise errors.no_logprobs("include")
    if body.get("top_logprobs"):
        raise errors.no_logprobs("top_logprobs")


def _context(call: Call, given: list[dict]) -> tuple[Conversation | None, History | None]:
    """The conversation of a response, and all that was said before it."""
    project, place = call.project, call.body.get("conversation")
    conversation, before = None, None
    if place is not None:
        id = place if isinstance(place, str) else place["id"]
        check_id(id, "conversation", "conv")
        conversation = find("conversations", project.conversations, id)
        before = conversation.said
    elif (id := call.body.get(PREVIOUS)) is not None:
        check_id(id, PREVIOUS, "resp")
        if id not in project.responses:
            raise errors.previous_response_not_found(id)
        before = project.responses[id].said
    history.check(given, before, project.thoughts)
    return conversation, before


def _recorded(call: Call, conversation: Conversation | None) -> dict:
    """The recording of this very request, {} where its words are there already."""
    if not call.exchange:
        return {}
    there = conversation.items if conversation else {}
    output = call.recorded.get("output") or ()
    if any(item.get("id") in there or item.get("id") in call.project.used for item in output):
        return {}
    return call.recorded if output else {}


def _answered(
    call: Call,
    sent: list[dict],
    reply: Reply,
    conversation: Conversation | None,
    before: History | None,
) -> tuple[dict, list[dict]]:
    """The response, and the items that it was given as the API shows them."""
    there, recorded = conversation.items if conversation else {}, _recorded(call, conversation)
    time, stored = call.timestamp(), default(call.body.get("store"), True)
    key = _key(call, conversation)

    def mint(serial: int) -> str:
        return ids.response(key, time, serial, stored)

    computed = _computed(call.body)
    computed |= {"id": call.id("resp", recorded, mint), "created_at": time, "completed_at": time}
    place = conversation.body["id"] if conversation else computed["id"]
    given = items.with_ids(call, place, sent, mint=mint, taken=there)
    if recorded:
        del computed["completed_at"]
        call.project.used.update(item["id"] for item in recorded["output"] if "id" in item)
    else:
        computed |= _said(call, reply, computed, mint)
    whole = recorded or TEMPLATE
    body = whole | {name: value for name, value in computed.items() if name in whole}
    if conversation:
        body["conversation"] = {"id": place}
    else:
        body.pop("conversation", None)
    if not body.get("prompt_cache_options"):
        body.pop("prompt_cache_options", None)
    return body, given


def _keep(
    call: Call,
    body: dict,
    given: list[dict],
    conversation: Conversation | None,
    before: History | None,
) -> None:
    """Put input and output into the conversation, and the response where it is found again; not
    stored, it leaves nothing in either [reported, two developers]."""
    if body["store"] and conversation:
        conversation.add([*given, *body["output"]])
    if body["store"]:
        call.project.responses[body["id"]] = Response(body, given, before)
        for thought, led_to in pairwise(body["output"]):
            if thought["type"] == "reasoning":
                call.project.thoughts[led_to["id"]] = thought["id"]


def _key(call: Call, conversation: Conversation | None) -> str:
    """The 16 hex digits that a conversation's ids, or a chain's, have in common [recorded]."""
    if conversation:
        return conversation.body["id"][-16:]
    if call.body.get(PREVIOUS):
        return call.body[PREVIOUS].removeprefix("resp_")[:16]
    return ids.hexes("key", call.project.next_serial(), 16)


def _computed(sent: dict) -> dict:
    """What follows from the request, and from the model that was named."""
    model = models.known(sent["model"])
    verbosity = (sent.get("text") or {}).get("verbosity")
    return {
        PREVIOUS: sent.get(PREVIOUS),
        "model": model.full_name,
        "prompt_cache_retention": model.cache,
        "reasoning": _reasoning_shown(model, sent.get("reasoning") or {}),
        "text": {"format": _format(sent), "verbosity": default(verbosity, "medium")},
        "tools": tools.shown_by_responses(sent.get("tools") or ()),
        "top_p": model.top_p,
    } | {name: sent[name] for name in ECHOED if sent.get(name) is not None}


def _format(sent: dict) -> dict:
    """The format of the answer, with what the API fills in [recorded]."""
    answer = (sent.get("text") or {}).get("format") or {"type": "text"}
    if answer["type"] != "json_schema":
        return answer
    shown = {"description": None, "name": None, "schema": None, "strict": True}
    shown = {name: default(answer.get(name), instead) for name, instead in shown.items()}
    return {"type": "json_schema"} | shown


def _reasoning_shown(model: models.Model, asked: dict) -> dict:
    """The settings of the reasoning: as asked, else the model's own [recorded, `auto` too; for the
    context of models before gpt-5.6: documented]."""
    shown = model.reasoning
    if model.effort:
        shown |= {name: asked[name] for name in shown if asked.get(name) not in (None, "auto")}
    summary = asked.get("summary")
    return shown | {"summary": "detailed" if summary == "auto" else summary}


def _reply(call: Call, said: History, conversation: Conversation | None) -> Reply:
    """What the model says now, or the sentence that nobody had a reply; a call of a function comes
    only where it is offered."""
    sent = call.body
    if _recorded(call, conversation):
        return Reply()  # the recording's words are taken with all else
    question, outputs = turn_of(said.backwards())
    faults = FAULTS if conversation else FAULTS - {"locked"}
    reply = call.reply("responses", question, outputs, faults)
    call.place, call.wait = reply.place, reply.wait
    names = [tool["name"] for tool in sent.get("tools") or () if tool["type"] == "function"]
    calls = offered(call, reply, names) if sent.get("tool_choice") != "none" else []
    if question and not (calls or reply.text or reply.place):
        call.unanswered = {"to": question, "after": outputs, "offered": names}
    if not reply.fails:
        _check_covered(call, reply, calls, said)
    text = "" if calls and reply.place else reply.text
    text = text or ("" if calls else no_reply(question))
    return Reply(text, tuple(calls), reply.fails, reply.wait, reply.place)


def _check_covered(call: Call, reply: Reply, calls: list, said: History) -> None:
    """JSON, and a forced call, are taken where there is a reply of that kind [replay]."""
    choice = default(call.body.get("tool_choice"), "auto")
    if choice not in ("auto", "none"):
        wanted = choice.get("name") if isinstance(choice, dict) else None
        if not any(wanted in (None, name) for name, _ in calls):
            raise errors.not_replayed("tool_choice", "tool_choice")
    answer = (call.body.get("text") or {}).get("format") or {"type": "text"}
    if answer["type"] == "json_object" and not any(
        "json" in text_of(item).lower() for item in said.backwards() if item.get("role")
    ):
        raise errors.no_word_json()
    if answer["type"] != "text" and not calls:
        call.check_json(reply, answer.get("schema"))


def _failed(call: Call, fault: str) -> Stream:
    """A fault that leaves no response behind; in a stream, an error of the server's comes as its
    last events [quoted]. Raises errors.ApiError."""
    if fault == "locked":
        raise errors.conversation_locked()
    if fault == "rate_limit":
        raise errors.rate_limit(models.known(call.body["model"]).full_name)
    request_id = f"req_{ids.hexes('failed', call.project.next_serial(), 32)}"
    error = errors.server_error(request_id)
    if not call.body.get("stream"):
        raise error
    call.headers["x-request-id"] = request_id
    said = {name: error.body["error"][name] for name in ("type", "code", "message", "param")}
    time = call.timestamp({})
    key = ids.hexes("key", call.project.next_serial(), 16)
    body = TEMPLATE | _computed(call.body) | {"created_at": time, "status": "failed"}
    body |= {
        "id": f"resp_{ids.response(key, time, call.project.next_serial())}",
        "error": {"code": said["code"], "message": said["message"]},
        "output": [],
        "usage": None,
    }
    body = {
        name: body[name] for name in body if name not in ("conversation", "prompt_cache_options")
    }
    return Stream(list(_events(body, True, {"error": said})))


def _said(call: Call, reply: Reply, computed: dict, mint: Mint) -> dict:
    """The output, and the state that it leaves the response in.

    A reasoning model's reasoning stands in front [recorded: its family]. A recorded reply that is
    longer than `max_output_tokens` is cut [recorded: how that looks; replay: a word, or a sign that
    is no letter, counts as one token].
    """
    effort = computed["reasoning"]["effort"]
    output = [] if effort in (None, "none") else [_reasoning(call, mint)]
    phase = {"phase": "final_answer"} if models.known(call.body["model"]).phase else {}
    for name, arguments in reply.calls:
        called = {"type": "function_call", "name": name, "arguments": arguments}
        item = items.as_shown(called | {"call_id": call.id("call", {})})
        output.append({"id": call.id("fc", {}, mint)} | item)
    state: dict = {"output": output}
    if reply.text:
        text, most = reply.text, computed.get("max_output_tokens")
        words = pieces(text) if most is not None or reply.fails == "incomplete" else ()
        if reply.fails == "incomplete":
            most = len(words) // 2
        if most is not None and len(words) > most:
            text = "".join(words[:most])
            state |= {
                "status": "incomplete",
                "completed_at": None,
                "incomplete_details": {"reason": "max_output_tokens"},
            }
        sent = {"role": "assistant", "content": text, **phase}
        message = {"id": call.id("msg", {}, mint)} | items.as_shown(sent)
        output.append(message | {"status": state.get("status", "completed")})
    return state


def _reasoning(call: Call, mint: Mint) -> dict:
    """An item of reasoning that says nothing; its encrypted content is there without being asked
    for [recorded, Jul 2026]."""
    hidden = f"replay_{ids.hexes('hidden', call.project.serial, 32)}"
    item = {"type": "reasoning", "content": [], "encrypted_content": hidden, "summary": []}
    return {"id": call.id("rs", {}, mint)} | item


def _events(body: dict, padded: bool, error: dict | None = None) -> Iterator[tuple[str, dict]]:
    """A response as its stream [recorded: the events, their order and fields; behind `type` the
    fields are in alphabetical order, since 13 Jan 2026]. padded: see `_obfuscation`. error: what
    comes before the last one, in an event without the prefix [quoted]."""
    whole = {name: value for name, value in body.items() if name != "billing"}
    begun = {
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "service_tier": "auto",
        "usage": None,
    }
    begun = {name: begun.get(name, value) for name, value in whole.items()} | {"error": None}
    told: list[tuple[str, dict]] = [
        ("created", {"response": begun}),
        ("in_progress", {"response": begun}),
    ]
    for index, item in enumerate(body["output"]):
        told += _item_events(index, item, padded)
    told += [("error", error)] * bool(error)
    told.append((body["status"], {"response": whole}))
    for number, (name, data) in enumerate(told):
        name = name if data is error else f"response.{name}"
        data = data | {"sequence_number": number}
        yield name, {"type": name} | {field: data[field] for field in sorted(data)}


def _item_events(index: int, item: dict, padded: bool) -> Iterator[tuple[str, dict]]:
    """The events of one item of the output."""
    place = {"item_id": item["id"], "output_index": index}
    new = {"message": {"status": "in_progress", "content": []}}
    new["function_call"] = {"status": "in_progress", "arguments": ""}
    begun = item | new.get(item["type"], {})
    yield "output_item.added", {"output_index": index, "item": begun}
    if item["type"] == "function_call":
        for piece in pieces(item["arguments"]):
            delta = {"delta": piece} | _obfuscation(item["id"], piece, padded)
            yield "function_call_arguments.delta", place | delta
        yield "function_call_arguments.done", place | {"arguments": item["arguments"]}
    elif item["type"] == "message":
        for number, part in enumerate(item["content"]):
            place["content_index"] = number
            if part.get("type") != "output_text":  # a refusal that was recorded
                yield "content_part.added", place | {"part": part}
                yield "content_part.done", place | {"part": part}
                continue
            yield "content_part.added", place | {"part": part | {"text": ""}}
            for piece in pieces(part["text"]):
                delta = {"delta": piece, "logprobs": []}
                padding = _obfuscation(item["id"], piece, padded)
                yield "output_text.delta", place | delta | padding
            yield "output_text.done", place | {"text": part["text"], "logprobs": []}
            yield "content_part.done", place | {"part": part}
    yield "output_item.done", {"output_index": index, "item": item}


def _obfuscation(id: str, piece: str, padded: bool) -> dict:
    """What makes deltas of about one length [recorded], if it is wanted [documented]."""
    if not padded:
        return {}
    return {"obfuscation": ids.letters(id, len(piece))[: 16 - len(piece) % 16]}
