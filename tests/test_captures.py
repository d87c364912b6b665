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

from .replay.api import Replay
from .replay.matching import Reply
from .replay.resources import models
from .replay.server import serving
from .test_http import BETA

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


@pytest.mark.parametrize(
    ("model", "shown", "retention", "top_p", "reasoning"),
    [
        ("gpt-6-luna", "gpt-6-luna", "24h", 0.98, ["all_turns", "medium", "standard", None]),
        ("gpt-5.6", "gpt-5.6-sol", "24h", 0.98, ["all_turns", "medium", "standard", None]),
        ("gpt-5.4", "gpt-5.4", "24h", 0.98, ["current_turn", "none", None]),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18", "in_memory", 1.0, [None, None, None]),
    ],
)
def test_what_a_response_shows_of_its_model(
    client: OpenAI, monkeypatch, model, shown, retention, top_p, reasoning
):
    monkeypatch.setattr(models, "is_alive", lambda name: True)
    response = raw(client, model=model)
    assert (response["model"], response["prompt_cache_retention"]) == (shown, retention)
    assert (response["top_p"], list(response["reasoning"].values())) == (top_p, reasoning)


def test_a_reasoning_model_has_its_reasoning_in_front_unless_told_otherwise(client: OpenAI):
    thinking, message = raw(client, model="gpt-6-luna")["output"]
    assert list(thinking) == ["id", "type", "content", "summary"]
    assert list(message) == ["id", "type", "status", "content", "phase", "role"]
    assert message["phase"] == "final_answer"
    plain = raw(client, model="gpt-6-luna", reasoning={"effort": "none", "summary": "auto"})
    assert [item["type"] for item in plain["output"]] == ["message"]
    assert list(plain["reasoning"].items()) == [
        ("context", "all_turns"),
        ("effort", "none"),
        ("mode", "standard"),
        ("summary", "auto"),
    ]
    hidden = raw(client, model="gpt-6-luna", include=["reasoning.encrypted_content"])
    assert "encrypted_content" in hidden["output"][0]
    with pytest.raises(APIStatusError) as error:
        client.responses.create(model="gpt-6-luna", input="x", temperature=0.5)
    message = "Unsupported parameter: 'temperature' is not supported with this model."
    assert error.value.body["message"] == message


def test_what_the_api_takes_is_echoed(client: OpenAI):
    sent = {
        "max_output_tokens": 300,
        "prompt_cache_key": "k",
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
    gone = httpx2.delete(f"{client.base_url}responses/{response.id}", headers=BETA)
    assert gone.json() == {"id": response.id, "object": "response.deleted", "deleted": True}


def test_input_items_are_newest_first_with_all_fields_and_all_that_came_before(client: OpenAI):
    image = {"type": "input_image", "image_url": "https://example.com/a.png"}
    said = [{"role": "user", "content": [{"type": "input_text", "text": "x"}, image]}]
    first = client.responses.create(model="gpt-5.4", input=said)
    second = client.responses.create(model="gpt-5.4", input="y", previous_response_id=first.id)
    url = f"{client.base_url}responses/{second.id}/input_items"
    listed = httpx2.get(url, headers=BETA).json()
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
    assert httpx2.post(f"{place}/items", headers=BETA, json=body).content.isascii()
    assert httpx2.get(f"{place}/items", headers=BETA).content.isascii()
    call = {"model": "gpt-5.4", "input": "日本"}
    stream = httpx2.post(f"{client.base_url}responses", headers=BETA, json=call | {"stream": True})
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
        "conversations": [
            *(*COMMON, *ORGANIZATION, "x-openai-proxy-wasm", "access-control-expose-headers")
        ],
        "models": COMMON,
    }
    for path, wanted in names.items():
        method = "GET" if path == "models" else "POST"
        answer = httpx2.request(method, f"{base_url}/{path}", headers=BETA)
        found = [name.decode() for name, _ in answer.headers.raw]
        assert sorted(found) == sorted([*wanted, "x-replay", "Content-Length"]), path


COMMON = """CF-RAY Connection Content-Type Date Server Strict-Transport-Security alt-svc
    X-Content-Type-Options cf-cache-status openai-version openai-processing-ms
    x-request-id""".split()
ORGANIZATION = ["openai-organization", "openai-project"]


def test_basic_auth_is_taken_as_the_401_puts_it(base_url: str):
    for userinfo, status in ((":sk-basic", 404), ("me:sk-basic", 401), (":nope", 401)):
        token = base64.b64encode(userinfo.encode()).decode()
        headers = BETA | {"Authorization": f"Basic {token}"}
        assert httpx2.get(f"{base_url}/threads/thread_x", headers=headers).status_code == status
    headers = BETA | {"Authorization": "Basic no-base64"}
    assert httpx2.get(f"{base_url}/threads/thread_x", headers=headers).status_code == 401


def test_models_are_the_sdks_list_until_their_shutdown(client: OpenAI):
    listed = {model.id: model for model in client.models.list()}
    assert listed["gpt-6-luna"].shutdown_date is None
    assert {"gpt-4", "o1-mini", "gpt-5.1-mini"}.isdisjoint(listed)
    assert models._shutdowns()["gpt-4"] == "2026-10-23"
    assert all(
        model.shutdown_date in (None, models._shutdowns().get(name))
        for name, model in listed.items()
    )
    assert client.models.retrieve("gpt-6-luna").to_dict() == listed["gpt-6-luna"].to_dict()
    for name in ("gpt-4", "nonsense"):
        with pytest.raises(APIStatusError) as error:
            client.models.retrieve(name)
        assert error.value.status_code == 404
        assert error.value.body["message"] == f"The model '{name}' does not exist"
        assert (error.value.param, error.value.code) == ("model", "model_not_found")


def test_since_the_sunset_all_of_threads_is_a_404_whose_body_is_not_known():
    with serving(Replay(today=True)) as url:
        for method, path in (("POST", "threads"), ("GET", "assistants"), ("GET", "threads/x/runs")):
            answer = httpx2.request(method, f"{url}/{path}", headers=BETA)
            assert (answer.status_code, answer.content) == (404, b"")
            assert answer.headers["x-replay-body"] == "not known"
        client = OpenAI(base_url=url, api_key="sk-today")
        with pytest.raises(openai.NotFoundError, match="Error code: 404"):
            client.beta.threads.create()
        assert client.conversations.create().object == "conversation"
