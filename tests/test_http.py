"""What goes over the wire: bodies, headers, keys, recorded or computed."""

import re

import httpx2
import pytest
from openai import AzureOpenAI, NotFoundError, OpenAI

from .help import headers, texts
from .replay import recordings
from .replay.api import Replay
from .replay.server import serving


def test_a_key_sees_nothing_of_another_keys(client: OpenAI, base_url: str):
    thread = client.beta.threads.create()
    with pytest.raises(NotFoundError):
        OpenAI(base_url=base_url, api_key="sk-other").beta.threads.retrieve(thread.id)


def test_azures_client_is_told_what_helps(base_url: str):
    client = AzureOpenAI(
        azure_endpoint=base_url.removesuffix("/v1"), api_version="2024-05-01-preview", api_key="x"
    )
    with pytest.raises(NotFoundError) as error:
        client.beta.threads.create()
    assert error.value.type == "replay_error"
    assert f'OpenAI(base_url="{base_url}")' in error.value.body["message"]


def test_a_recorded_request_made_again_is_computed_with_a_new_id(client: OpenAI):
    """State wins over recordings: a reply can't come back stale."""
    create = client.beta.threads.with_raw_response.create
    hello = "Hello, I'm looking for a tutor to help me with my math homework."
    answers = [create(messages=[{"role": "user", "content": hello}]) for _ in range(2)]
    assert [answer.headers["x-replay"] for answer in answers] == ["recorded", "computed"]
    first, second = (answer.parse() for answer in answers)
    assert first.id == "thread_abc123xyz789"
    assert second.id != first.id
    assert second.created_at > first.created_at
    assert texts(client, second.id) == [hello]


def test_bodies_are_indented_unescaped_and_in_the_apis_order(base_url: str):
    answer = httpx2.post(f"{base_url}/threads", headers=headers(), json={"metadata": {"k": "日本"}})
    thread = answer.json()
    assert answer.content.decode() == (
        f'{{\n  "id": "{thread["id"]}",\n  "object": "thread",\n'
        f'  "created_at": {thread["created_at"]},\n  "metadata": {{\n    "k": "日本"\n  }},\n'
        '  "tool_resources": {}\n}'
    )


def test_the_headers_are_the_apis(base_url: str):
    answer = httpx2.post(f"{base_url}/threads", headers=headers())  # without a body
    assert answer.status_code == 200
    patterns = {
        "content-type": "application/json",
        "openai-version": "2020-10-01",
        "openai-organization": r"org-\w+",
        "openai-project": r"proj_\w+",
        "openai-processing-ms": r"\d+",
        "x-request-id": "req_[0-9a-f]{32}",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
        "cf-cache-status": "DYNAMIC",
        "server": "cloudflare",
        "cf-ray": "[0-9a-f]{16}-[A-Z]{3}",
        "alt-svc": 'h3=":443"; ma=86400',
        "x-replay": "computed",
    }
    for name, pattern in patterns.items():
        assert re.fullmatch(pattern, answer.headers[name]), name
    refused = httpx2.post(f"{base_url}/threads", headers={"Authorization": "Bearer wrong"})
    assert refused.headers["www-authenticate"] == 'Bearer realm="OpenAI API"'
    assert "openai-organization" not in refused.headers
    assert refused.headers["x-request-id"].count("-") == 4


def test_computed_answers_are_the_same_bytes_on_every_fresh_key():
    bodies = []
    for _ in range(2):
        with serving(Replay(recordings.load())) as url:
            client = OpenAI(base_url=url, api_key="sk-twice")
            thread = client.beta.threads.create(metadata={"computed": "yes"})
            raw = client.beta.threads.messages.with_raw_response.create(
                thread.id, role="user", content="Hi"
            )
            bodies.append((raw.http_response.content, raw.headers["x-request-id"]))
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("path", ["chat/completions", "responses/compact", "skills", "chatkit/x"])
def test_what_the_replay_lacks_says_so(base_url: str, path: str):
    error = httpx2.post(f"{base_url}/{path}", headers=headers()).json()["error"]
    assert error["type"] == "replay_error"
    assert error["code"] == "not_replayed"


def test_wrong_keys_leave_nothing_behind(replay: Replay, base_url: str):
    for n in range(5):
        headers = {"Authorization": f"Bearer wrong-{n}"}
        assert httpx2.get(f"{base_url}/threads/x", headers=headers).status_code == 401
    assert replay.projects == {}
