"""What captures of the real API show, line by line: shapes, ids, headers, words.

The order of newest-first lists is in test_threads, functions and steps are in test_tools, streams
in test_streams, limits and refusals in test_errors.
"""

import base64
import re

import httpx2
import openai
import pytest
from openai import APIStatusError, OpenAI

from .help import headers
from .replay.api import Replay
from .replay.project import VectorStore
from .replay.replies import Reply
from .replay.resources import models
from .replay.server import serving

UUID8 = r"[0-9a-f]{8}[0-9a-f]{4}81[9a][0-9a-f][89ab][0-9a-f]{15}"
RESPONSE = """id object created_at status background billing completed_at error frequency_penalty
    incomplete_details instructions max_output_tokens max_tool_calls model moderation output
    parallel_tool_calls presence_penalty previous_response_id prompt_cache_key
    prompt_cache_retention reasoning safety_identifier service_tier store temperature text
    tool_choice tool_usage tools top_logprobs top_p truncation usage user metadata""".split()


def raw(client: OpenAI, **call) -> dict:
    """A response as it is on the wire; the SDK's models have another order."""
    call = {"input": "Help with math"} | call
    return client.responses.with_raw_response.create(**call).http_response.json()


def test_the_response_object_has_all_fields_in_their_order(client: OpenAI):
    response = raw(client, model="gpt-5.4")
    assert list(response) == RESPONSE
    made = client.conversations.create()
    response = raw(client, model="gpt-5.4", conversation=made.id)
    place = RESPONSE.index("completed_at") + 1
    assert list(response) == [*RESPONSE[:place], "conversation", *RESPONSE[place:]]
    assert response["tool_usage"]["web_search"] == {"num_requests": 0}
    assert list(response["usage"]["input_tokens_details"]) == [
        "cache_write_tokens",
        "cached_tokens",
    ]


# What captures show of each model that was told nothing: its full name, its cache, top_p; context
# and effort of its reasoning; the phase of its message.
SHOWN = """
gpt-4o        gpt-4o-2024-08-06        in_memory  1.0   -             -       -
gpt-4o-mini   gpt-4o-mini-2024-07-18   in_memory  1.0   -             -       -
gpt-4.1       gpt-4.1-2025-04-14       in_memory  1.0   -             -       -
gpt-4.1-mini  gpt-4.1-mini-2025-04-14  in_memory  1.0   -             -       -
gpt-4.1-nano  gpt-4.1-nano-2025-04-14  in_memory  1.0   -             -       -
gpt-5         gpt-5-2025-08-07         in_memory  1.0   current_turn  medium  -
gpt-5-mini    gpt-5-mini-2025-08-07    in_memory  1.0   current_turn  medium  -
gpt-5-nano    gpt-5-nano-2025-08-07    in_memory  1.0   current_turn  medium  -
gpt-5.2       gpt-5.2-2025-12-11       24h        0.98  current_turn  none    -
gpt-5.4       gpt-5.4-2026-03-05       24h        0.98  current_turn  none    final_answer
gpt-5.4-mini  gpt-5.4-mini-2026-03-17  24h        0.98  current_turn  none    final_answer
gpt-5.4-nano  gpt-5.4-nano-2026-03-17  24h        0.98  current_turn  none    final_answer
gpt-5.5       gpt-5.5-2026-04-23       24h        0.98  current_turn  medium  final_answer
gpt-5.6       gpt-5.6-sol              24h        0.98  all_turns     medium  final_answer
gpt-5.6-luna  gpt-5.6-luna             24h        0.98  all_turns     medium  final_answer
gpt-6-luna    gpt-6-luna               24h        0.98  all_turns     medium  final_answer
o3            o3-2025-04-16            in_memory  1.0   current_turn  medium  -
o4-mini       o4-mini-2025-04-16       in_memory  1.0   current_turn  medium  -
""".strip().splitlines()


@pytest.mark.parametrize("row", SHOWN)
def test_what_a_response_shows_of_its_model(client: OpenAI, monkeypatch, row: str):
    monkeypatch.setattr(models, "today", lambda: "2026-07-01")
    model, full_name, kept, top_p, context, effort, phase = row.split()
    for name in {model, full_name}:
        response = raw(client, model=name)
        reasoning = {"context": context, "effort": effort, "mode": "standard", "summary": None}
        if effort == "-":
            reasoning = dict.fromkeys(("context", "effort", "summary"))
        assert response["model"] == full_name
        assert response["prompt_cache_retention"] == kept
        assert response["top_p"] == float(top_p)
        assert list(response["reasoning"].items()) == list(reasoning.items())
        assert response["output"][-1].get("phase", "-") == phase
        thinks = response["output"][0]["type"] == "reasoning"
        assert thinks == (effort not in ("-", "none"))


def test_a_model_is_there_until_its_last_day(client: OpenAI, monkeypatch):
    """The one question that is put to the calendar; what a model shows does not depend on it."""
    for today, there in (("2027-01-13", True), ("2027-01-14", False)):
        monkeypatch.setattr(models, "today", lambda today=today: today)
        assert ("gpt-4o" in {model.id for model in client.models.list()}) == there
        call = {"model": "gpt-4o", "input": "x"}
        if there:
            assert client.responses.create(**call).model == "gpt-4o-2024-08-06"
            assert client.models.retrieve("gpt-4o").shutdown_date == "2027-01-14"
            continue
        with pytest.raises(openai.NotFoundError, match="Model not found gpt-4o"):
            client.responses.create(**call)
        with pytest.raises(openai.NotFoundError, match="The model 'gpt-4o' does not exist"):
            client.models.retrieve("gpt-4o")


def test_a_reasoning_model_has_its_reasoning_in_front_unless_told_otherwise(client: OpenAI):
    thinking, message = raw(client, model="gpt-6-luna")["output"]
    assert list(thinking) == ["id", "type", "content", "encrypted_content", "summary"]
    assert list(message) == ["id", "type", "status", "content", "phase", "role"]
    assert message["phase"] == "final_answer"
    plain = raw(client, model="gpt-6-luna", reasoning={"effort": "none", "summary": "auto"})
    assert [item["type"] for item in plain["output"]] == ["message"]
    assert list(plain["reasoning"].items()) == [
        ("context", "all_turns"),
        ("effort", "none"),
        ("mode", "standard"),
        ("summary", "detailed"),
    ]
    asked = {"context": "auto", "effort": "high", "summary": "concise"}
    told = raw(client, model="gpt-5.5", reasoning=asked)["reasoning"]
    assert told == asked | {"context": "current_turn", "mode": "standard"}
    with pytest.raises(APIStatusError) as error:
        client.responses.create(model="gpt-6-luna", input="x", temperature=0.5)
    message = "Unsupported parameter: 'temperature' is not supported with this model."
    assert error.value.body["message"] == message


def test_what_the_api_takes_is_echoed(client: OpenAI):
    sent = {
        "max_output_tokens": 300,
        "prompt_cache_key": "k",
        "prompt_cache_options": {"mode": "explicit"},
        "safety_identifier": "s",
        "tool_choice": "auto",
        "truncation": "auto",
        "top_logprobs": 2,
        "user": "u",
    }
    taken = {"include": [], "service_tier": "auto", "text": {"verbosity": "low"}, "stream": False}
    response = raw(client, model="gpt-5.4", **sent, **taken)
    assert {name: response[name] for name in sent} == sent
    assert response["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert response["service_tier"] == "default"
    nulls = dict.fromkeys(("user", "include", "metadata", "instructions", "max_output_tokens"))
    assert raw(client, model="gpt-5.4", extra_body=nulls)["user"] is None


def test_a_whole_number_that_was_sent_as_a_decimal_is_one(client: OpenAI):
    response = raw(client, model="gpt-5.4", max_output_tokens=16.0, top_logprobs=2.0)
    shown = response["max_output_tokens"], response["top_logprobs"]
    assert [type(number) for number in shown] == [int, int]


def test_a_recorded_reply_longer_than_its_limit_is_cut(replay: Replay, client: OpenAI):
    replay.recordings.reply_to = lambda api, turn: Reply("one two " * 20)
    response = raw(client, model="gpt-5.4", max_output_tokens=16)
    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["completed_at"] is None
    (message,) = response["output"]
    assert (message["status"], message["content"][0]["text"]) == (
        "incomplete",
        "one two " * 7 + "one two",
    )


def test_ids_begin_with_the_time_and_are_like_a_uuids(client: OpenAI):
    made = client.conversations.create(items=[{"role": "user", "content": "x"}])
    key = made.id[-16:]
    assert re.fullmatch(rf"conv_{UUID8}[0-9a-f]{{16}}", made.id)
    response = client.responses.create(model="gpt-6-luna", conversation=made.id, input="y")
    ids = [item.id for item in client.conversations.items.list(made.id, order="asc")]
    assert re.fullmatch(rf"msg_{UUID8}{key}", ids[0])
    for prefix, id in zip(("msg", "rs", "msg", "resp"), (*ids[1:], response.id), strict=True):
        assert re.fullmatch(rf"{prefix}_{key}00{UUID8}", id)
    assert int(response.id[5 + 18 : 5 + 26], 16) == response.created_at
    unstored = client.responses.create(model="gpt-5.4", input="y", store=False)
    assert re.fullmatch(rf"resp_[0-9a-f]{{16}}01{UUID8}", unstored.id)
    after = client.responses.create(model="gpt-5.4", input="z", previous_response_id=response.id)
    assert after.id[5:21] == key


def test_a_response_is_read_back_deleted_and_gone(client: OpenAI):
    response = client.responses.create(model="gpt-5.4", input="x")
    read = client.responses.with_raw_response.retrieve(response.id)
    assert read.parse().to_dict() == response.to_dict()
    assert "x-ratelimit-limit-requests" not in read.headers
    gone = httpx2.delete(f"{client.base_url}responses/{response.id}", headers=headers())
    assert gone.json() == {"id": response.id, "object": "response.deleted", "deleted": True}


def test_input_items_are_newest_first_with_all_fields_and_all_that_came_before(client: OpenAI):
    image = {"type": "input_image", "image_url": "https://example.com/a.png"}
    said = [{"role": "user", "content": [{"type": "input_text", "text": "x"}, image]}]
    first = client.responses.create(model="gpt-5.4", input=said)
    second = client.responses.create(model="gpt-5.4", input="y", previous_response_id=first.id)
    url = f"{client.base_url}responses/{second.id}/input_items"
    listed = httpx2.get(url, headers=headers()).json()
    assert list(listed) == ["object", "data", "first_id", "has_more", "last_id"]
    texts = [item["content"][0]["text"] for item in listed["data"]]
    assert texts == ["y", first.output_text, "x"]
    part = listed["data"][-1]["content"][1]
    assert list(part.items()) == [
        ("type", "input_image"),
        ("detail", "auto"),
        ("file_id", None),
        ("image_url", "https://example.com/a.png"),
    ]


def test_the_responses_family_is_ascii_and_the_others_are_not(client: OpenAI):
    made = client.conversations.with_raw_response.create(metadata={"k": "日本"})
    assert "日本" in made.http_response.text
    place = f"{client.base_url}conversations/{made.parse().id}"
    body = {"items": [{"role": "user", "content": "日本"}]}
    assert httpx2.post(f"{place}/items", headers=headers(), json=body).content.isascii()
    assert httpx2.get(f"{place}/items", headers=headers()).content.isascii()
    call = {"model": "gpt-5.4", "input": "日本"}
    stream = httpx2.post(
        f"{client.base_url}responses", headers=headers(), json=call | {"stream": True}
    )
    assert not stream.content.isascii()
    response = client.responses.with_raw_response.create(**call)
    assert response.http_response.content.isascii()
    read = client.responses.with_raw_response.retrieve(response.parse().id)
    assert read.http_response.content == response.http_response.content


def test_an_image_comes_back_with_its_url_first(client: OpenAI):
    image = {
        "type": "image_url",
        "image_url": {"detail": "low", "url": "https://example.com/a.png"},
    }
    thread = client.beta.threads.create()
    create = client.beta.threads.messages.with_raw_response.create
    answer = create(thread.id, role="user", content=[image]).http_response.json()
    assert list(answer["content"][0]["image_url"]) == ["url", "detail"]


def test_header_names_have_their_case(base_url: str):
    names = {
        "threads": [*COMMON, *ORGANIZATION, "x-openai-proxy-wasm"],
        "conversations": [*COMMON, *ORGANIZATION, "x-openai-proxy-wasm"],
        "models": COMMON,
    }
    for path, wanted in names.items():
        method = "GET" if path == "models" else "POST"
        answer = httpx2.request(method, f"{base_url}/{path}", headers=headers())
        found = [name.decode() for name, _ in answer.headers.raw]
        assert sorted(found) == sorted([*wanted, "x-replay", "Content-Length"]), path


COMMON = """access-control-expose-headers CF-RAY Connection Content-Type Date Server alt-svc
    Strict-Transport-Security X-Content-Type-Options cf-cache-status openai-version
    openai-processing-ms x-request-id""".split()
ORGANIZATION = ["openai-organization", "openai-project"]


def test_basic_auth_is_taken_as_the_401_puts_it(base_url: str):
    for userinfo, status in ((":sk-basic", 404), ("me:sk-basic", 401), (":nope", 401)):
        token = base64.b64encode(userinfo.encode()).decode()
        sent = headers() | {"Authorization": f"Basic {token}"}
        assert httpx2.get(f"{base_url}/threads/thread_x", headers=sent).status_code == status
    sent = headers() | {"Authorization": "Basic no-base64"}
    assert httpx2.get(f"{base_url}/threads/thread_x", headers=sent).status_code == 401


def test_models_are_listed_with_what_captures_show_of_them(client: OpenAI):
    answer = client.models.with_raw_response.list().http_response.json()
    listed = {model["id"]: model for model in answer["data"]}
    fields = ["id", "object", "created", "owned_by", "shutdown_date"]
    assert all(list(model) == fields for model in listed.values())
    assert listed["gpt-6-luna"]["shutdown_date"] is None
    assert listed["gpt-5.4"]["created"] == 1772691852
    assert {"gpt-5.3-codex", "gpt-5.4-2026-03-05", "gpt-5.6"} <= set(listed)
    assert {"gpt-4", "o1-mini", "gpt-5.1-mini"}.isdisjoint(listed)
    assert client.models.retrieve("gpt-6-luna").to_dict() == listed["gpt-6-luna"]
    assert listed["gpt-6-luna"]["created"] == 1789406102
    for name in ("gpt-4", "nonsense"):
        with pytest.raises(openai.NotFoundError) as error:
            client.models.retrieve(name)
        assert error.value.body["message"] == f"The model '{name}' does not exist"
        assert (error.value.param, error.value.code) == ("model", "model_not_found")


LOCATION = dict.fromkeys(("city", "region", "timezone"))
SHOWN_TOOLS = [
    (
        {"type": "web_search"},
        {
            "type": "web_search",
            "return_token_budget": "default",
            "search_content_types": ["text"],
            "search_context_size": "medium",
            "user_location": {"type": "approximate", "country": "US"} | LOCATION,
        },
    ),
    (
        {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 5},
        {
            "type": "file_search",
            "filters": None,
            "max_num_results": 5,
            "ranking_options": {"ranker": "auto", "score_threshold": 0.0},
            "vector_store_ids": ["vs_1"],
        },
    ),
    (
        {
            "type": "custom",
            "name": "c",
            "format": {"type": "grammar", "syntax": "lark", "definition": "x"},
        },
        {
            "type": "custom",
            "description": None,
            "format": {"type": "grammar", "definition": "x", "syntax": "lark"},
            "name": "c",
        },
    ),
    (
        {
            "type": "mcp",
            "server_label": "m",
            "server_url": "https://mcp.example.com/a/secret",
            "authorization": "secret",
        },
        {
            "type": "mcp",
            "allowed_tools": None,
            "headers": None,
            "require_approval": None,
            "server_description": None,
            "server_label": "m",
            "server_url": "https://mcp.example.com/<redacted>",
        },
    ),
    (
        {"type": "image_generation", "model": "gpt-image-2", "size": "1024x1024"},
        {
            "type": "image_generation",
            "background": "auto",
            "model": "gpt-image-2",
            "moderation": "auto",
            "n": 1,
            "output_compression": 100,
            "output_format": "png",
            "quality": "auto",
            "size": "1024x1024",
        },
    ),
]


@pytest.mark.parametrize(("sent", "shown"), SHOWN_TOOLS, ids=lambda tool: tool["type"])
def test_a_tool_is_shown_as_in_captures(client: OpenAI, replay: Replay, sent, shown):
    replay.project("sk-test").vector_stores["vs_1"] = VectorStore({})
    (tool,) = raw(client, model="gpt-5.4", tools=[sent])["tools"]
    for one, other in (
        (tool, shown),
        *((tool[k], v) for k, v in shown.items() if isinstance(v, dict)),
    ):
        assert one == other
        assert list(one) == list(other) or "country" in other
    assert "secret" not in str(tool)


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({"type": "local_shell"}, "type"),
        ({"type": "web_search_preview"}, "type"),
        ({"type": "web_search", "filters": {"allowed_domains": ["x.org"]}}, "filters"),
        ({"type": "image_generation"}, "model"),
        (
            {"type": "image_generation", "model": "gpt-image-2", "partial_images": 1},
            "partial_images",
        ),
    ],
)
def test_a_tool_that_no_capture_shows_is_refused_and_not_echoed(client: OpenAI, tool, param):
    with pytest.raises(APIStatusError) as error:
        client.responses.create(model="gpt-5.4", input="x", tools=[tool])
    assert (error.value.code, error.value.param) == ("not_replayed", f"tools[0].{param}")


def test_since_the_sunset_all_of_threads_is_a_404_whose_body_is_not_known():
    with serving(Replay(today=True)) as url:
        for method, path in (("POST", "threads"), ("GET", "assistants"), ("GET", "threads/x/runs")):
            answer = httpx2.request(method, f"{url}/{path}", headers=headers())
            assert (answer.status_code, answer.content) == (404, b"")
            assert answer.headers["x-replay-body"] == "not known"
        client = OpenAI(base_url=url, api_key="sk-today")
        with pytest.raises(openai.NotFoundError, match="Error code: 404"):
            client.beta.threads.create()
        assert client.conversations.create().object == "conversation"


@pytest.mark.parametrize(
    ("model", "effort", "sent", "refused"),
    [
        ("gpt-5.5", None, {"temperature": 0.5}, "temperature"),
        ("gpt-5.5", None, {"temperature": 1}, ""),
        ("gpt-5.5", None, {"top_p": 1}, "top_p"),
        ("gpt-5.5", None, {"top_p": 0.98}, ""),
        ("gpt-5", None, {"top_p": 1}, ""),
        ("gpt-5.4", None, {"temperature": 0.5, "top_p": 0.5}, ""),
        ("gpt-5.4", "low", {"temperature": 0.5}, "temperature"),
        ("gpt-6-luna", "none", {"temperature": 0, "top_p": 0.9}, ""),
        ("gpt-4o", None, {"temperature": 0.5, "top_p": 0.5}, ""),
    ],
)
def test_while_a_model_reasons_only_its_own_defaults_are_taken(
    client: OpenAI, model, effort, sent, refused
):
    call = {"model": model, "input": "x", "reasoning": {"effort": effort}} | sent
    if not refused:
        response = raw(client, **call)
        assert {name: response[name] for name in sent} == sent
        return
    with pytest.raises(openai.BadRequestError) as error:
        client.responses.create(**call)
    message = f"Unsupported parameter: '{refused}' is not supported with this model."
    assert (error.value.body["message"], error.value.code) == (message, None)
