"""The inspector: what it tells the page of requests, and whom it tells nothing."""

import base64
import json
import re
from collections.abc import Iterator
from hashlib import sha256

import httpx2
import pytest
from openai import APIStatusError, OpenAI

from .help import answered, headers, raw
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Answer, Request
from .replay.inspector import KEPT, PAGE, Inspector
from .replay.live import Live
from .replay.now import TABLE
from .replay.server import serving
from .replay.taught import Taught
from .test_live import REAL_KEY, SESSION, upstream  # noqa: F401

CONTENT = 65_536  # bytes of a body that are kept
KEY = "sk-look-0123456789-last"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e\0</pre>"
LOOKS = (
    "",
    "inspector/requests",
    "inspector/request?number=1",
    "inspector/objects",
    "inspector/object",
)


@pytest.fixture
def site_of() -> Iterator[tuple[Replay, str]]:
    """The answers, and the page's address; the API is at its `v1`."""
    replay = Replay(recordings.load())
    with serving(Inspector(replay, replay)) as url:
        yield replay, url.removesuffix("v1")


@pytest.fixture
def site(site_of) -> str:
    return site_of[1]


def client(site: str, key: str = KEY) -> OpenAI:
    return OpenAI(base_url=f"{site.partition('#')[0]}v1", api_key=key, max_retries=0)


def look(site: str, path: str, **query) -> dict:
    """As the page does: in a live session with the token at the end of its address."""
    address, _, token = site.partition("#")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.get(f"{address}inspector/{path}", params=query, headers=headers).json()


def all_of_it(site: str) -> str:
    """Every word that the server would tell the page, as it is on the wire, decoded."""
    told = [look(site, "requests", after=0)]
    told += [look(site, "request", number=row["number"]) for row in told[0]["requests"]]
    for key in told[0]["keys"]:
        told.append(look(site, "objects", key=key))
        for kind, owned in told[-1].items():
            for one in owned["newest"]:
                told.append(look(site, "object", key=key, kind=kind, id=one["id"]))
                assert told[-1]["id"] == one["id"]
    return json.dumps(told, ensure_ascii=False)


def test_each_request_is_told_once_in_order_with_who_answered_and_why(site: str):
    threads = client(site).beta.threads
    hello = [{"role": "user", "content": "Hello, I'm looking for a tutor to help me with my math"}]
    threads.create(metadata={"lesson": "1"})
    threads.create(metadata={"lesson": "1"})
    first = look(site, "requests", after=0)
    rows = first["requests"]
    assert [(row["method"], row["path"], row["status"], row["who"]) for row in rows] == [
        ("POST", "/v1/threads", 200, "recorded"),
        ("POST", "/v1/threads", 200, "computed"),
    ]
    assert rows[0]["why"] == ""
    assert rows[1]["why"].startswith("this key has used what ")
    assert {row["label"] for row in rows} == {"…last"}
    threads.create(messages=hello)
    second = look(site, "requests", after=first["last"])
    assert [row["number"] for row in second["requests"]] == [3]
    assert look(site, "requests", after=3)["requests"] == []


def test_to_look_is_no_request(site: str):
    """Neither the log nor the page has it, and it makes no project."""
    client(site).beta.threads.create()
    for path in (*LOOKS, "favicon.ico"):
        httpx2.get(f"{site}{path}")
        httpx2.head(f"{site}{path}")
    assert look(site, "requests", after=0)["last"] == 1


def test_both_bodies_and_the_headers_that_matter(site: str):
    client(site).beta.threads.create(metadata={"k": "日本"})
    seen = look(site, "request", number=1)
    assert seen["request"]["text"] == '{\n  "metadata": {\n    "k": "日本"\n  }\n}'
    assert seen["request"]["headers"]["openai-beta"] == "assistants=v2"
    assert "authorization" not in json.dumps(seen).lower()
    answer = seen["answer"]
    assert json.loads(answer["text"])["metadata"] == {"k": "日本"}
    assert answer["headers"]["x-replay"] == "computed"
    assert answer["headers"]["x-request-id"].startswith("req_")
    assert answer["size"] > len(answer["text"])  # in bytes
    assert not answer["cut"]


def test_what_a_key_owns_is_as_it_is_now(site: str):
    api = client(site)
    thread = api.beta.threads.create(messages=[{"role": "user", "content": "One"}])
    message = api.beta.threads.messages.create(thread.id, role="user", content="Two")
    assistant = api.beta.assistants.create(model="gpt-4o")
    api.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    items = [{"role": "user", "content": "Three"}]
    conversation = api.conversations.create(items=items)
    api.responses.create(model="gpt-5.4", conversation=conversation.id, input="Four")
    file = api.files.create(file=("a.txt", b"x"), purpose="assistants")
    api.vector_stores.create(file_ids=[file.id])
    (key,) = look(site, "requests", after=0)["keys"]
    owned = look(site, "objects", key=key)
    counts = {kind: found["count"] for kind, found in owned.items()}
    assert (len(counts), set(counts.values())) == (6, {1})
    assert owned["files"]["newest"] == [{"id": file.id, "about": "a.txt"}]
    assert owned["vector_stores"]["newest"][0]["about"] == "in_progress, 1 file"
    assert owned["threads"]["newest"] == [{"id": thread.id, "about": "3 messages, 1 run"}]
    found = look(site, "object", key=key, kind="threads", id=thread.id)
    said = [one["about"] for one in found["parts"]["messages"]["newest"]]
    assert said[:2] == ["user: One", "user: Two"]
    (run,) = found["parts"]["runs"]["newest"]
    assert (run["about"], run["parts"]["steps"]["count"]) == ("completed, 1 step", 1)
    found = look(site, "object", key=key, kind="conversations", id=conversation.id)
    assert found["parts"]["items"]["newest"][0]["about"] == "user: Three"
    api.beta.threads.messages.delete(message.id, thread_id=thread.id)
    found = look(site, "object", key=key, kind="threads", id=thread.id)
    assert "user: Two" not in [one["about"] for one in found["parts"]["messages"]["newest"]]
    api.beta.threads.delete(thread.id)
    gone = {"key": key, "kind": "threads", "id": thread.id}
    assert httpx2.get(f"{site}inspector/object", params=gone).status_code == 404


def test_one_keys_objects_are_under_its_own_handle_only(site: str):
    for name in ("one", "two"):
        client(site, f"sk-{name}-0123456789").beta.threads.create(metadata={"of": name})
    handles = {row["key"] for row in look(site, "requests", after=0)["requests"]}
    assert len(handles) == 2
    for handle in handles:
        owned = look(site, "objects", key=handle)["threads"]
        assert owned["count"] == 1
    assert look(site, "objects", key="0" * 12) == {}
    assert look(site, "objects") == {}


def test_to_look_at_a_key_is_no_use_of_it(site_of):
    """The key unused for longest is forgotten first, whoever looked at it since."""
    replay, site = site_of
    for key in ("sk-one", "sk-two"):
        client(site, key).beta.threads.create(metadata={"of": key})
    oldest = look(site, "requests", after=0)["requests"][0]["key"]
    for _ in range(2):
        look(site, "requests", after=0)
        (thread,) = look(site, "objects", key=oldest)["threads"]["newest"]
        assert look(site, "object", key=oldest, kind="threads", id=thread["id"])["id"]
    assert list(replay.projects) == ["sk-one", "sk-two"]


def test_a_keys_handle_is_of_this_servers_own_making():
    told = {Inspector(Replay(), Replay()).handle(KEY) for _ in range(2)}
    assert len(told) == 2
    assert not any(KEY[:4] in handle for handle in told)


@pytest.mark.parametrize("key", [KEY, "sk-anna", "sk-12", "a-password", "pk_live_0123456789abcdef"])
def test_no_key_is_told_wherever_it_stands(site: str, key: str):
    other = "sk-proj-AnotherOnesKey_0123456789"
    body = {"metadata": {key: f"x{key}x", "a": other, "b": f"key_{other}", "c": f"my{other}"}}
    message = [{"role": "user", "content": f"Bearer {key} {other}"}]
    http = httpx2.Client(headers=headers(key) | {"User-Agent": f"agent {key} {other}"})
    assert http.post(f"{site}v1/threads", json=body | {"messages": message}).status_code < 500
    http.post(f"{site}v1/conversations", json={"items": message})
    http.get(f"{site}v1/threads/{key}?api_key={other}")
    http.post(f"{site}v1/threads", content=f'{{"broken": "{key} {other}'.encode())
    http.get(f"{site}v1/threads", auth=("", key))
    told = all_of_it(site)
    assert key not in told
    assert other not in told
    assert ("Bearer …" in told) == key.startswith("sk-")  # of the others no body is read


# Hostile


def test_hostile_content_is_text_in_json_and_the_page_runs_its_own_script_only(site: str):
    api = client(site)
    api.beta.threads.create(messages=[{"role": "user", "content": HOSTILE}])
    raw(f"{site}v1", b"GET /v1/<script>alert(1)</script> HTTP/1.0\r\nHost: localhost\r\n\r\n")
    for path in ("requests?after=0", "request?number=1", "request?number=2"):
        answer = httpx2.get(f"{site}inspector/{path}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (
        HOSTILE.replace("\0", r"\u0000").replace("\u202e", r"\u202e")
        in look(site, "request", number=1)["request"]["text"]
    )
    page = httpx2.get(site)
    assert look(site, "requests", after=1)["requests"][0]["path"] == "/v1/<script>alert(1)</script>"
    policy = page.headers["content-security-policy"]
    for name in ("script", "style"):
        (text,) = re.findall(f"<{name}>(.*?)</{name}>", page.text, re.S)
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", page.text)
    assert not re.search(r"(src|href|action)=|https?:|@import|url\(", page.text)


@pytest.mark.parametrize("path", LOOKS)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example"])
def test_another_host_is_told_nothing(site: str, path: str, host: str):
    answer = httpx2.get(f"{site}{path}", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "host_not_allowed"


@pytest.mark.parametrize("path", LOOKS)
def test_another_origin_can_neither_read_nor_frame_it(site: str, path: str):
    headers = {"Origin": "https://evil.example"}
    for answer in (
        httpx2.get(f"{site}{path}", headers=headers),
        httpx2.request("OPTIONS", f"{site}{path}", headers=headers),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-allow")]
    headers = httpx2.get(f"{site}{path}").headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "query", ["", "after=x", "after=-1", f"after={'9' * 5000}", "after=²", "&="]
)
def test_an_odd_query_is_no_fault(site: str, query: str):
    client(site).beta.threads.create()
    assert len(httpx2.get(f"{site}inspector/requests?{query}").json()["requests"]) == 1
    for path in ("request?number=0", "request?number=2", f"request?{query}", f"object?{query}"):
        assert httpx2.get(f"{site}inspector/{path}").status_code == 404


def test_the_rest_is_the_apis(site: str):
    """Other paths and methods are answered as if there were no page."""
    for method, path in (
        ("POST", ""),
        ("DELETE", "inspector/requests"),
        ("GET", "inspector/x"),
        ("GET", "v1"),
    ):
        assert httpx2.request(method, f"{site}{path}").status_code == 401
    assert look(site, "requests", after=0)["last"] == 4


# Bounds


class Asked:
    """An inspector, asked without a server."""

    def __init__(self, taught: Taught | None = None) -> None:
        replay = Replay(taught=taught)
        self.app = Inspector(replay, replay)
        self.sizes: list[int] = []
        replay.observers.append(lambda _, answer: self.sizes.append(len(answer.content)))

    def __call__(self, method: str, target: str, body: object = None, key: str = KEY) -> dict:
        return json.loads(answered(self.app, method, target, key, body).content)


def test_of_1000_requests_the_last_500_are_kept():
    ask = Asked()
    for n in range(1000):
        ask("GET", f"/v1/conversations/conv_{n}")
    told = ask("GET", "/inspector/requests?after=0")
    assert told["last"] == 1000
    assert [row["number"] for row in told["requests"]] == list(range(501, 1001))
    assert told["requests"][-1]["path"] == "/v1/conversations/conv_999"
    assert ask("GET", "/inspector/request?number=500") is None
    assert len(ask("GET", "/inspector/requests?after=990")["requests"]) == 10


def test_a_call_of_the_old_api_has_its_now_and_a_taught_answer_is_yours(tmp_path):
    file = tmp_path / "replies.json"
    file.write_text('{"replies": [{"to": "Hi", "text": "Yes."}]}', encoding="utf-8")
    ask, hi = Asked(Taught(file)), {"role": "user", "content": "Hi"}
    thread = ask("POST", "/v1/threads")["id"]
    other = ask("POST", "/v1/threads", {"messages": [hi]}, "sk-another")
    assert other["id"] == thread  # and still its message is not this key's
    body = {"model": "gpt-4o", "name": "Ada"}
    run = {"assistant_id": ask("POST", "/v1/assistants", body)["id"]}
    ask("POST", f"/v1/threads/{thread}/messages", hi)
    id = ask("POST", f"/v1/threads/{thread}/runs", run)["id"]
    for path in (f"{thread}/runs/{id}", f"{thread}/runs/{id}", "x", "thread_far"):
        ask("GET", f"/v1/threads/{path}")
    ask("POST", "/v1/threads", {"metadata": {"a": "x" * CONTENT}})  # not kept whole
    ask("POST", "/v1/responses", {"model": "gpt-5.4", "input": "Hi"})
    rows = ask("GET", "/inspector/requests")["requests"]
    who = [row["who"] for row in rows]
    assert who == [*["computed"] * 6, "yours", *["computed"] * 3, "yours"]
    told = [ask("GET", f"/inspector/request?number={row['number']}")["now"] for row in rows]
    made = "conversation = client.conversations.create("
    called = '**assistant, conversation=conversation.id, input="Hi"'
    shown = [now and (now["code"], now["why"], now["lost"], now["decide"]) for now in told]
    note = TABLE["GET threads/{id}/runs/{id}"].note
    assert shown == [
        (f"{made})", "", [], []),
        (f'{made}items=[{{"role": "user", "content": "Hi"}}])', "", [], []),
        ('assistant = {"model": "gpt-4o"}', "", ["`name`"], ["`gpt-4o` ends on 2027-01-14."]),
        ("# No call: it is in the input of the response below.", "", [], []),
        (
            f"response = client.responses.create(\n    {called}\n)\n"
            "# Its answer is response.output_text.",
            "",
            [],
            [],
        ),
        *[("", note, [], [])] * 2,
        ("", "It was refused: nothing to move.", [], []),
        ("", "It was made elsewhere: name it with --replies.", [], []),
        None,
        None,
    ]


def test_of_large_bodies_the_beginning_is_kept_and_shown():
    """500 of ten million bytes would be all of a small machine's memory."""
    ask = Asked()
    made = ask("POST", "/v1/conversations")["id"]
    items = {"items": [{"role": "user", "content": "x" * 3 * CONTENT}]}
    ask("POST", f"/v1/conversations/{made}/items", items)
    seen = ask.app.seen[-1]
    assert len(seen.request.content) == len(seen.answer.content) == CONTENT
    shown = ask("GET", "/inspector/request?number=2")
    for part, size in (("request", len(json.dumps(items))), ("answer", ask.sizes[-1])):
        assert size > 3 * CONTENT  # the other observers, and the client, have it whole
        assert (shown[part]["size"], shown[part]["cut"]) == (size, True)
        assert shown[part]["text"].startswith("{")
        assert CONTENT - 99 < len(shown[part]["text"]) <= CONTENT


def test_a_long_text_a_long_path_and_many_objects_are_cut():
    ask = Asked()
    ask("POST", "/v1/threads", {"x": [0] * 20_000})  # short, until it is indented
    body = ask("GET", "/inspector/request?number=1")["request"]
    assert (len(body["text"]), body["cut"]) == (100_000, True)
    ask("GET", f"/v1/threads/{'x' * 3000}")
    (row,) = ask("GET", "/inspector/requests?after=1")["requests"]
    assert len(row["path"]) == 2000
    for n in range(101):
        ask("POST", "/v1/threads", {"metadata": {"n": str(n)}})
    owned = ask("GET", f"/inspector/objects?key={row['key']}")["threads"]
    assert (owned["count"], len(owned["newest"])) == (101, 100)
    newest = ask(
        "GET", f"/inspector/object?key={row['key']}&kind=threads&id={owned['newest'][-1]['id']}"
    )
    assert '"n": "100"' in newest["text"]


@pytest.mark.parametrize("body", [b"[" * 5000, b'{"a": 1e999}', b"\xff\0", b'"\\ud800"', b"{}" * 9])
def test_what_is_no_json_is_shown_as_it_is(site: str, body: bytes):
    httpx2.post(f"{site}v1/threads", headers=headers(KEY), content=body)
    shown = look(site, "request", number=1)["request"]
    assert shown["text"] == body.decode("utf-8", "replace") or body == b'"\\ud800"'
    assert shown["size"] == len(body)


def test_what_is_cut_for_the_page_is_cut_for_nobody_else(site: str):
    api = client(site)
    text = "日" * 100_000
    conversation = api.conversations.create(items=[{"role": "user", "content": text}])
    (item,) = api.conversations.items.list(conversation.id)
    assert item.content[0].text == text
    assert look(site, "request", number=2)["answer"]["cut"]


# Live


def test_a_live_session_shows_bodies_and_neither_of_its_keys(upstream):  # noqa: F811
    _, upstream_url = upstream
    replay = Replay(session_key=SESSION)
    app = Inspector(Live(replay, REAL_KEY, upstream_url), replay, REAL_KEY)
    with serving(app) as url:
        site = app.address(url)
        api = client(site, SESSION)
        words = f"{REAL_KEY} {SESSION}"
        api.beta.threads.create(metadata={"mine": words})
        api.conversations.create(metadata={"mine": words})
        for key in (REAL_KEY, "sk-somebody-else", "wrong-key-0123456789"):
            with pytest.raises(APIStatusError):
                client(site, key).conversations.create(metadata={"mine": words})
        told = look(site, "requests", after=0)
        assert told["live"]
        who = [(row["label"], row["who"]) for row in told["requests"]]
        assert who == [
            ("…sion", "computed"),
            ("…sion", "forwarded"),
            ("…6789", "refused"),
            ("…else", "refused"),
            ("…6789", "refused"),
        ]
        seen = look(site, "request", number=2)
        assert json.loads(seen["answer"]["text"])["created_at"] == 1800000001
        told = all_of_it(site)
    for key in (REAL_KEY, SESSION, "sk-somebody-else", "wrong-key-0123456789"):
        assert key not in told


def test_an_upstream_that_gives_the_key_away_gives_it_to_no_page():
    odd = "no-prefix-RealKey/0123"

    class Echo(Replay):
        def answer(self, request: Request) -> Answer:
            return Answer(200, {"x-request-id": odd}, json.dumps({"key": odd}).encode(), "")

    replay = Replay(session_key=SESSION)
    with serving(Echo()) as there:
        app = Inspector(Live(replay, odd, there), replay, odd)
        with serving(app) as url:
            site = app.address(url)
            client(site, SESSION).models.retrieve("x")
            shown = look(site, "request", number=1)["answer"]["text"]
            assert json.loads(shown) == {"key": "…0123"}
            assert odd not in all_of_it(site)


@pytest.mark.parametrize("token", ["", SESSION, REAL_KEY, "sk-\xe9"])
def test_a_live_sessions_prompts_are_for_whoever_has_the_pages_whole_address(token: str):
    """Others who use this computer reach the page, too."""
    replay = Replay(session_key=SESSION)
    app = Inspector(Live(replay, REAL_KEY), replay, REAL_KEY)
    with serving(app) as url:
        site = app.address(url)
        client(site, SESSION).beta.threads.create(metadata={"a": "prompt"})
        assert "prompt" in look(site, "request", number=1)["request"]["text"]
        bare = url.removesuffix("v1")
        headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
        for path in LOOKS[1:]:
            answer = httpx2.get(f"{bare}{path}", headers=headers)
            assert (answer.status_code, "whole address" in answer.json()) == (401, True)
        assert httpx2.get(bare).text == PAGE  # it holds nothing, and says what is missing
    assert Inspector(replay, replay).token != app.token


def test_a_live_stream_is_kept_while_it_comes(monkeypatch):
    async def stream():
        for n in range(3):
            yield f"data: {n}\n\n".encode()
        yield b"x" * 2 * CONTENT

    async def forwarded(self, request: Request) -> Answer:
        return Answer(200, {}, b"", why="", forwarded=True, rest=stream())

    monkeypatch.setattr(Live, "_forward", forwarded)
    replay = Replay(session_key=SESSION)
    app = Inspector(Live(replay, REAL_KEY), replay, REAL_KEY)
    with serving(app) as url:
        site = app.address(url)
        got = httpx2.post(f"{url}/responses", headers=headers(SESSION))
        shown = look(site, "request", number=1)["answer"]
    assert got.text.startswith("data: 0\n\ndata: 1\n\ndata: 2\n\nxxx")
    assert len(got.content) == shown["size"] == 27 + 2 * CONTENT
    assert got.text.startswith(shown["text"])
    assert len(shown["text"]) == CONTENT
    assert shown["cut"]


def test_kept_is_what_the_issue_and_the_page_say(site: str):
    assert f"const KEPT = {KEPT};" in httpx2.get(site).text


def test_the_keyboard_reaches_each_body_and_no_level_of_headings_is_left_out():
    """What axe-core found: a body that scrolls could not be focused, an h3 followed the h1."""
    assert PAGE.count('make("pre"') == 1
    assert 'make("pre", "", text);\n    element.tabIndex = 0;' in PAGE
    levels = re.findall(r"make\([\"`](h[^\"`]+)|<(h\d)", PAGE)
    assert ["".join(level) for level in levels] == ["h1", "h2", "h2", "h2", "h3", "h${level}"]
    assert "contents(found, level = 4)" in PAGE
