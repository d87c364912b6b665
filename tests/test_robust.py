"""What must never break the fixture: bad input, odd clients, many keys at once."""

import asyncio
import errno
import gc
import gzip
import json
import random
import socket
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx2
import pytest
from openai import NotFoundError, OpenAI

from .benchmark import sessions
from .help import WAIT, answered, headers, place, raw
from .replay import api, parameters, server
from .replay.api import BODY_LIMIT, Replay
from .replay.exchange import Answer, Request
from .replay.parameters import Shape
from .replay.resources import ROUTES, Route, items
from .replay.server import serving

HEADERS = headers("sk-robust")


@pytest.fixture
def empty() -> Iterator[tuple[Replay, str]]:
    """A server without recordings."""
    replay = Replay()
    with serving(replay) as url:
        yield replay, url


# Lists


def test_250_messages_and_items_come_back_each_once_in_order_both_ways(empty):
    _, url = empty
    client = OpenAI(base_url=url, api_key="sk-lists")
    thread = client.beta.threads.create()
    conversation = client.conversations.create()
    wanted = [str(n) for n in range(250)]
    for text in wanted:
        client.beta.threads.messages.create(thread.id, role="user", content=text)
    for start in range(0, 250, 20):
        items = [{"role": "user", "content": text} for text in wanted[start : start + 20]]
        client.conversations.items.create(conversation.id, items=items)
    for order, expected in (("asc", wanted), ("desc", wanted[::-1])):
        for limit in (7, 100):
            page = {"order": order, "limit": limit}
            listed = client.beta.threads.messages.list(thread.id, **page)
            assert [m.content[0].text.value for m in listed] == expected
            listed = client.conversations.items.list(conversation.id, **page)
            assert [i.content[0].text for i in listed] == expected


def test_before_pages_backwards(empty):
    _, url = empty
    client = OpenAI(base_url=url, api_key="sk-lists")
    messages = [{"role": "user", "content": str(n)} for n in range(10)]
    thread = client.beta.threads.create(messages=messages)
    listing = client.beta.threads.messages.list
    all_ = [m.id for m in listing(thread.id, order="asc").data]
    page = listing(thread.id, order="asc", before=all_[7], limit=3)
    assert [m.id for m in page.data] == all_[4:7]
    assert page.has_more
    page = listing(thread.id, order="asc", after=all_[1], before=all_[4])
    assert [m.id for m in page.data] == all_[2:4]
    assert not page.has_more


def test_times_never_go_back_within_a_key(client: OpenAI):
    """Recorded times are as recorded; what is minted after one comes after it."""
    seen = []
    for metadata in ({"lesson": "1"}, {"mine": "1"}, {"source": "article"}, {"mine": "2"}):
        seen.append(client.beta.threads.create(metadata=metadata).created_at)
    assert seen == sorted(seen)
    assert len(set(seen)) == len(seen)


# Fuzz

SCALARS = [None, True, 0, -1, 1.5, 10**30, 1e308, "", "x", "\0", "é" * 300, "user", "日本"]
FIELDS = """assistant_id content conversation input instructions items limit messages metadata model
    order previous_response_id role status store stream temperature text tool_resources tools
    top_p type attachments file_ids truncation_strategy response_format tool_choice""".split()
ODD_PATHS = """/ /v1 /v1/ //v1/threads /v1//threads /v1/threads/ /v1/threads//messages
    /v1/threads/%2e%2e/messages /v1/../v1/threads /v1/threads/%00 /v1/threads/%ff%fe?limit=%ff
    /v1/threads?a=1&a=2 /v1/threads;x /v1/threads/a/b/c/d/e/f /V1/threads /v1/threads#x *
    http://evil.example/v1/threads /v1/conversations/conv_%F0%9F%98%80/items?after=%00""".split()


def value(dice: random.Random, depth: int = 0) -> object:
    kind = dice.random()
    if depth > 3 or kind < 0.5:
        return dice.choice(SCALARS)
    if kind < 0.7:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {dice.choice(FIELDS): value(dice, depth + 1) for _ in range(dice.randrange(4))}


def test_no_body_breaks_a_rule(empty):
    """3,000 seeded bodies, on every route: never a 5xx, always the API's error shape."""
    replay, url = empty
    dice = random.Random(20260826)
    http = httpx2.Client(headers=HEADERS)
    known = {"threads": "thread_x", "messages": "msg_x", "runs": "run_x", "items": "msg_x"}
    for path, body in (
        ("threads", {}),
        ("conversations", {}),
        ("assistants", {"model": "gpt-4o"}),
    ):
        known[path] = http.post(f"{url}/{path}", json=body).json()["id"]
    kept = http.get(f"{url}/threads/{known['threads']}").content
    asked = []
    for _ in range(3000):
        route = dice.choice([route for route in ROUTES if route.startswith("POST")])
        method, _, shape = route.partition(" ")
        names = shape.split("/")
        path = "/".join(
            known.get(names[i - 1], "x") if name[0] == "{" else name for i, name in enumerate(names)
        )
        body = {dice.choice(FIELDS): value(dice) for _ in range(dice.randrange(1, 5))}
        if path == f"threads/{known['threads']}":
            body["nonsense"] = 1  # leave the thread as it is
        asked.append((answered(replay, method, f"/v1/{path}", "sk-robust", body), body))
    for answer, body in asked:
        assert answer.status in (200, 400, 404, 415), body
        shown = json.loads(answer.content)
        if answer.status != 200:
            assert list(shown["error"]) == ["message", "type", "param", "code"], body
    assert http.get(f"{url}/threads/{known['threads']}").content == kept


def of_type(shape: Shape, dice: random.Random, depth: int = 0) -> object:
    """A value that a type of the SDK's allows, or now and then one that it does not."""
    choices: list[Callable[[], object]] = [lambda: dice.choice([None, {}, [], 0, "x"])]
    if depth < 6 and dice.random() < 0.95:
        choices = [lambda word=w: word for words in shape.words.values() for w in words]
        choices += [lambda: dice.choice(["", "x", "user"])] * (str in shape.scalars)
        choices += [lambda: dice.choice([0, 1, 16, 300])] * (int in shape.scalars)
        choices += [lambda: dice.choice([True, False])] * (bool in shape.scalars)
        choices += [lambda: None] * shape.null
        if shape.entry:
            choices.append(
                lambda: [of_type(shape.entry, dice, depth + 1) for _ in range(dice.randrange(3))]
            )
        choices += [lambda kind=k: object_of(kind, dice, depth + 1) for k, _ in shape.objects]
    return dice.choice(choices or [dict])()


def object_of(kind: type, dice: random.Random, depth: int = 0) -> dict:
    if not hasattr(kind, "__annotations__"):
        return dice.choice([{}, {"a": "b"}])
    fields, required = parameters._fields(kind)
    wanted = [name for name in fields if name in required or dice.random() < 0.2]
    return {name: of_type(fields[name], dice, depth) for name in wanted if dice.random() < 0.98}


def test_no_body_that_the_types_allow_breaks_a_rule_and_what_is_refused_leaves_nothing():
    """4,000 seeded bodies made from the SDK's own types; items of all kinds in three places."""
    replay, dice = Replay(), random.Random(20261125)
    routes = [(name, route) for name, route in ROUTES.items() if route.body]
    kinds = list(items._kinds().values())

    def ask(method: str, path: str, body: dict | None = None) -> Answer:
        return answered(replay, method, f"/v1/{path}", "sk-robust", body)

    ids = {
        kind: json.loads(ask("POST", kind, body).content)["id"]
        for kind, body in (
            ("threads", {}),
            ("conversations", {}),
            ("assistants", {"model": "gpt-4o"}),
            ("vector_stores", {}),
        )
    }
    for _ in range(4000):
        name, route = dice.choice(routes)
        path = name.removeprefix("POST ")
        for kind, id in ids.items():
            path = path.replace(f"{kind}/{{id}}", f"{kind}/{id}")
        body = object_of(route.body, dice)
        if "conversations" in name or "responses" in name:
            field = "input" if "responses" in name else "items"
            body[field] = [object_of(dice.choice(kinds), dice) for _ in range(dice.randrange(3))]
        if "responses" in name:
            body["model"] = "gpt-5.4"
        project = replay.project("sk-robust")
        before = [len(getattr(project, kind)) for kind in (*ids, "responses")]
        answer = ask("POST", path.replace("{id}", "x"), body)
        assert answer.status in (200, 400, 404), body
        if answer.status != 200:
            assert [len(getattr(project, kind)) for kind in (*ids, "responses")] == before, body


def test_no_request_breaks_the_server(empty):
    """Odd methods, paths, headers and encodings over HTTP: an answer in the API's shape, always."""
    _, url = empty
    http = httpx2.Client(headers=HEADERS)
    thread = http.post(f"{url}/threads", json={"metadata": {"a": "b"}})
    head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer sk-robust\r\n"
    head += "OpenAI-Beta: assistants=v2\r\n"
    long = "x" * 20_000
    bad_json = [b"{", b"\xff\xfe{}", b'{"a":' * 500, b"nul", b'"\\ud800"', gzip.compress(b"{}")]
    requests = [f"GET {path} {head}\r\n".encode() for path in ODD_PATHS]
    requests += [
        f"{method} /v1/threads {head}Content-Length: 0\r\n\r\n".encode()
        for method in ("PUT", "PATCH", "OPTIONS", "TRACE", "BREW", "CONNECT", "get")
    ]
    for body in bad_json:
        length = f"Content-Length: {len(body)}\r\n\r\n".encode()
        requests.append(f"POST /v1/threads {head}".encode() + length + body)
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        chunked = f"POST /v1/threads {head}Transfer-Encoding: chunked\r\n\r\n".encode()
        requests.append(chunked + chunks)
    no_http = [
        f"POST /v1/threads {head}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
        f"POST /v1/threads {head}Content-Length: -1\r\n\r\n".encode(),
        f"POST /v1/threads {head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}".encode(),
        f"GET /v1/threads/thread_x {head}no colon here\r\n\r\n".encode(),
        f"GET /v1/threads/thread_x {head}X: a\0b\r\n\r\n".encode(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /v1/threads/x HTTP/9.9\r\n\r\n",
    ]
    for request in no_http:
        assert raw(url, request).startswith(b"HTTP/1.1 400 Bad Request\r\n"), request[:200]
    requests += [
        f"GET /v1/threads/thread_x {head}X-Long: {long}\r\n\r\n".encode(),
        f"GET /v1/threads/thread_{long} {head}\r\n".encode(),
    ]
    for request in requests:
        answer = raw(url, request)
        status, _, content = answer.partition(b"\r\n\r\n")
        code = int(status.split(b" ")[1])
        assert 400 <= code < 500, (request[:200], answer)
        shown = json.loads(content)
        assert list(shown["error"]) == ["message", "type", "param", "code"], request[:200]
        assert b"access-control-allow" not in status.lower()
    same = http.get(f"{url}/threads/{thread.json()['id']}").json()["metadata"]
    assert same == {"a": "b"}


def test_head_has_headers_and_no_body(empty):
    _, url = empty
    answer = httpx2.head(f"{url}/threads/thread_x", headers=HEADERS)
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["x-replay"] == "computed"


def test_a_20_mb_body_is_refused_without_being_kept(empty):
    _, url = empty
    answer = httpx2.post(f"{url}/threads", headers=HEADERS, content=b" " * 20 * 2**20)
    assert answer.status_code == 413
    assert list(answer.json()["error"]) == ["message", "type", "param", "code"]


def test_the_largest_text_that_is_documented_is_taken_and_one_character_more_is_not(empty):
    _, url = empty
    conversation = httpx2.post(f"{url}/conversations", headers=HEADERS).json()["id"]
    place = f"{url}/conversations/{conversation}/items"
    for length, status in ((10_485_760, 200), (10_485_761, 400)):
        body = {"items": [{"role": "user", "content": "x" * length}]}
        answer = httpx2.post(place, headers=HEADERS, json=body, timeout=20)
        assert int(answer.request.headers["content-length"]) < BODY_LIMIT
        assert answer.status_code == status


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8765", ""]
)
def test_a_request_for_another_host_is_refused(empty, host: str):
    """A web page that rebinds its name to 127.0.0.1 still sends its own name as Host."""
    _, url = empty
    answer = httpx2.get(f"{url}/threads/thread_x", headers={**HEADERS, "Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "host_not_allowed")


def test_a_refused_request_moves_nothing_of_a_key(empty):
    replay, url = empty
    headers = {**HEADERS, "Host": "evil.example"}
    assert httpx2.post(f"{url}/threads", headers=headers).status_code == 403
    assert replay.projects == {}


def test_this_machine_has_three_names(empty):
    _, url = empty
    for host in ("127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]:80", "[::1]"):
        answer = httpx2.get(f"{url}/threads/thread_x", headers={**HEADERS, "Host": host})
        assert answer.status_code == 404, host


def test_it_listens_on_loopback_only(empty):
    _, url = empty
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; tells which address would be used
        except OSError:
            pytest.skip("this machine has no address but loopback")
        own = probe.getsockname()[0]
    with pytest.raises(OSError):
        socket.create_connection((own, place(url)[1]), timeout=1)


def test_idle_and_slow_connections_time_out_and_others_are_answered_meanwhile(monkeypatch):
    monkeypatch.setattr(server, "IDLE_TIMEOUT", 0.3)
    monkeypatch.setattr(server, "BODY_TIMEOUT", 0.3)
    with serving(Replay()) as url:
        opened = [socket.create_connection(place(url), timeout=WAIT) for _ in range(3)]
        opened[1].sendall(b"POST /v1/threads HTTP/1.1\r\nHost: ")
        opened[2].sendall(
            b"POST /v1/threads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
        )
        assert httpx2.post(f"{url}/threads", headers=HEADERS).status_code == 200
        for connection in opened:
            with connection:
                while connection.recv(100):
                    pass


# Nothing small brings it down


MANY = b'{"type":"text","text":"x"}'
BIG = {
    "empty parts": ("threads", b'{"messages":[{"role":"user","content":[%s]}]}', b"{}"),
    "arrays": ("responses", b'{"model":"gpt-5.4","input":[%s]}', b"[]"),
    "items": ("responses", b'{"model":"gpt-5.4","input":[%s]}', b'{"role":"user","content":""}'),
    "schema": (
        "assistants",
        b'{"model":"m","tools":[{"type":"function","function":{"name":"f","parameters":{"a":%s[%%s]%s}}}]}'
        % (b"[" * 150, b"]" * 150),
        b"1",
    ),
}


@pytest.mark.parametrize("name", BIG)
def test_a_large_body_costs_little_work(name: str):
    """Counted in Python calls: a hundred thousand values come, or more; few are looked at."""
    path, around, part = BIG[name]
    times = (BODY_LIMIT // 4 - len(around)) // (len(part) + 1)
    content = around % b",".join([part] * times)
    headers = {**HEADERS, "Host": "localhost"}
    request = Request("POST", f"/v1/{path}", headers, content, len(content))
    answers = []
    calls = counted(lambda: answers.append(Replay().answer(request)))
    assert calls < 100_000
    assert answers[0].status == 400
    assert len(answers[0].content) < 1000  # it is no flood


def counted(work: Callable[[], object]) -> int:
    """How many Python and C functions are called while something is done."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_a_body_without_a_key_is_neither_kept_nor_parsed(empty, monkeypatch):
    _, url = empty
    monkeypatch.setattr(api, "read_body", lambda content: pytest.fail("it was parsed"))
    kept = []
    monkeypatch.setattr(server, "Request", lambda *a: kept.append(Request(*a)) or kept[-1])
    body = b'{"messages":[' + b"{}," * 3_000_000 + b"1]}"
    for sent in ({}, {"Authorization": "Bearer wrong"}, {**HEADERS, "Host": "evil.example"}):
        answer = httpx2.post(f"{url}/threads", headers=sent, content=body)
        assert answer.status_code in (401, 403)
    assert [(request.size, request.content) for request in kept] == [(len(body), b"")] * 3


def test_the_key_unused_for_longest_is_forgotten(empty, monkeypatch):
    replay, url = empty
    monkeypatch.setattr(api, "KEYS", 3)

    def create(name: str) -> str:
        return OpenAI(base_url=url, api_key=f"sk-{name}").beta.threads.create().id

    first = create("1")
    for name in ("2", "3", "1", "4"):
        create(name)
    assert list(replay.projects) == ["sk-3", "sk-1", "sk-4"]
    assert OpenAI(base_url=url, api_key="sk-1").beta.threads.retrieve(first).id == first


def test_deleted_ids_leave_nothing_behind(replay: Replay, client: OpenAI):
    thread = client.beta.threads.create()
    kept = len(replay.projects["sk-test"].used)
    for n in range(50):
        message = client.beta.threads.messages.create(thread.id, role="user", content=f"{n}")
        client.beta.threads.messages.delete(message.id, thread_id=thread.id)
    project = replay.projects["sk-test"]
    assert len(project.used) == kept
    assert not project.threads[thread.id].messages


def test_out_of_file_descriptors_it_waits_and_does_not_spin(monkeypatch):
    """Counted: it asks for a connection once each time, not again and again until there is room."""
    monkeypatch.setattr(server, "RETRY", 0.01)
    asked: list[str] = []
    taken = []

    class Full(socket.socket):
        def accept(self):
            asked.append("accept")
            if len(asked) <= 3:
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    async def run() -> None:
        done = asyncio.Event()
        served = SimpleNamespace(handle_stream=lambda *found: (taken.append(found), done.set()))
        with Full() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            listening.setblocking(False)
            server._listen(served, listening)
            with socket.create_connection(listening.getsockname()):
                await asyncio.wait_for(done.wait(), WAIT)
            asyncio.get_running_loop().remove_reader(listening)
            taken[0][0].close()

    asyncio.run(run())
    assert len(taken) == 1
    assert len(asked) == 5  # three in vain, the one connection, and that there is no other


# Keys


def test_keys_see_nothing_of_each_other_even_when_ids_are_guessed(empty):
    """Two keys that ask the same get the same ids, and still each has only its own objects."""
    _, url = empty
    one, two = (OpenAI(base_url=url, api_key=f"sk-{name}") for name in ("one", "two"))
    messages = [{"role": "user", "content": "one's"}]
    mine = one.beta.threads.create(messages=messages)
    for call in (
        two.beta.threads.retrieve,
        two.beta.threads.delete,
        two.beta.threads.messages.list,
    ):
        with pytest.raises(NotFoundError):
            call(mine.id)
    three = OpenAI(base_url=url, api_key="sk-three")
    theirs = three.beta.threads.create(messages=messages)
    assert theirs.id == mine.id
    three.beta.threads.delete(theirs.id)
    assert one.beta.threads.retrieve(mine.id).id == mine.id


def test_a_key_is_in_no_answer_but_masked(empty):
    _, url = empty
    key = "not-a-key-0123456789abcdef"
    answer = httpx2.get(f"{url}/threads/x", headers={"Authorization": f"Bearer {key}"})
    assert key not in answer.text + str(answer.headers)
    assert "not-a-ke**************cdef" in answer.text


def test_a_bug_in_a_rule_is_an_answer_that_says_so(empty, monkeypatch, capsys):
    _, url = empty
    monkeypatch.setitem(ROUTES, "POST threads", Route(lambda call: 1 / 0))
    answer = httpx2.post(f"{url}/threads", headers=HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "broken_rule")
    assert answer.headers["x-should-retry"] == "false"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_40_keys_at_once_get_right_answers(empty):
    """2,000 requests on 40 connections: none lost or crossed. (`tests.benchmark` asks more.)"""
    sessions(empty[1], [f"sk-{number}" for number in range(40)])


def test_memory_comes_back_when_the_objects_are_deleted():
    """The state of 100 keys, built and deleted by the rules, without HTTP in between."""
    replay = Replay()

    def ask(*asked) -> dict:
        return json.loads(answered(replay, *asked).content)

    def fill() -> list[tuple[str, str]]:
        made = []
        for n in range(100):
            messages = [{"role": "user", "content": "x" * 500}] * 20
            thread = ask("POST", "/v1/threads", f"sk-{n}", {"messages": messages})
            made.append((f"sk-{n}", thread["id"]))
        return made

    def clear(made: list[tuple[str, str]]) -> None:
        for key, thread in made:
            assert ask("DELETE", f"/v1/threads/{thread}", key)["deleted"]

    clear(fill())
    gc.collect()
    tracemalloc.start()
    base = tracemalloc.get_traced_memory()[0]
    made = fill()
    full = tracemalloc.get_traced_memory()[0] - base
    clear(made)
    made.clear()
    gc.collect()
    left = tracemalloc.get_traced_memory()[0] - base
    tracemalloc.stop()
    assert full > 1_000_000
    assert left < 0.2 * full
