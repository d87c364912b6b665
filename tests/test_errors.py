"""Every error that is documented of these endpoints, for every endpoint where it applies.

A row is a request and the answer that it must get: status, message, param, code. Where a message has
no source of its own, `errors` says so with its grade.
"""

import json

import httpx2
import pytest

from .replay.errors import INVALID_JSON, NO_KEY
from .replay.recordings import Recordings
from .replay.server import BODY_LIMIT, Replay, serving

T, C, A = "thread_000", "conv_000", "asst_000"
HEADERS = {"Authorization": "Bearer sk-errors", "OpenAI-Beta": "assistants=v2"}


@pytest.fixture(scope="module")
def made() -> dict:
    """A server with one of each object; their ids by name, the URL under `url`."""
    with serving(Replay(Recordings())) as url, httpx2.Client(headers=HEADERS) as http:

        def post(path: str, body: dict) -> str:
            return http.post(f"{url}{path}", json=body).json()["id"]

        user = {"role": "user", "content": "x"}
        ids = {"url": url, "http": http}
        ids["T"] = post("/threads", {"messages": [user]})
        ids["EMPTY"] = post("/threads", {})
        ids["BUSY"] = post("/threads", {"messages": [user]})
        ids["M"] = post(f"/threads/{ids['T']}/messages", user)
        ids["A"] = post("/assistants", {"model": "m"})
        ids["R"] = post(f"/threads/{ids['BUSY']}/runs", {"assistant_id": ids["A"]})
        ids["C"] = post("/conversations", {"items": [user]})
        yield ids


def ask(made: dict, method: str, path: str, body: object = None, **options) -> httpx2.Response:
    for name in ("EMPTY", "BUSY", "T", "M", "A", "R", "C"):
        path = path.replace(f"<{name}>", made[name])
    if isinstance(body, dict):
        body = json.loads(json.dumps(body).replace("<A>", made["A"]))
        body = json.dumps(body).encode()
    return made["http"].request(method, made["url"] + path, content=body, **options)


def shown(made: dict, response: httpx2.Response, status: int, message: str, *rest: str) -> None:
    for name in ("EMPTY", "BUSY", "T", "R"):
        message = message.replace(f"<{name}>", made[name])
    error = response.json()["error"]
    assert list(response.json()) == ["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (response.status_code, error["message"]) == (status, message)
    assert error["type"] == "invalid_request_error"
    assert (error["param"], error["code"]) == rest


LONG = "x" * 317985
METADATA = [
    (
        {"k": None},
        "Invalid type for 'metadata.k': expected a string, but got null instead.",
        "metadata.k",
        "invalid_type",
    ),
    (
        {"k": True},
        "Invalid type for 'metadata.k': expected a string, but got a boolean instead.",
        "metadata.k",
        "invalid_type",
    ),
    (
        {"k": 1},
        "Invalid type for 'metadata.k': expected a string, but got an integer instead.",
        "metadata.k",
        "invalid_type",
    ),
    (
        {"k": 1.5},
        "Invalid type for 'metadata.k': expected a string, but got a decimal number instead.",
        "metadata.k",
        "invalid_type",
    ),
    (
        {"k": []},
        "Invalid type for 'metadata.k': expected a string, but got an array instead.",
        "metadata.k",
        "invalid_type",
    ),
    (
        {"k": {}},
        "Invalid type for 'metadata.k': expected a string, but got an object instead.",
        "metadata.k",
        "invalid_type",
    ),
    (
        [],
        "Invalid type for 'metadata': expected an object, but got an array instead.",
        "metadata",
        "invalid_type",
    ),
    (
        {str(n): "" for n in range(17)},
        "Invalid 'metadata': too many properties. Expected an object"
        " with at most 16 properties, but got an object with 17 properties instead.",
        "metadata",
        "object_above_max_properties",
    ),
    (
        {"k": "あ" * 600},
        "Invalid 'metadata.k': string too long. Expected a string with maximum"
        " length 512, but got a string with length 600 instead.",
        "metadata.k",
        "string_above_max_length",
    ),
    (
        {"k" * 70: ""},
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a"
        " string with maximum length 64, but got a string with length 70 instead.",
        "metadata",
        "property_name_above_max_length",
    ),
]
TAKES_METADATA = [
    ("/threads", {}),
    ("/threads/<T>", {}),
    ("/threads/<T>/messages", {"role": "user", "content": "x"}),
    ("/threads/<T>/messages/<M>", {}),
    ("/threads/<T>/runs", {"assistant_id": "<A>"}),
    ("/assistants", {"model": "m"}),
    ("/conversations", {}),
    ("/conversations/<C>", {"metadata": {}}),
    ("/responses", {"model": "m", "input": "x"}),
]


@pytest.mark.parametrize("path, body", TAKES_METADATA, ids=[path for path, _ in TAKES_METADATA])
@pytest.mark.parametrize("metadata, message, param, code", METADATA)
def test_bad_metadata(made, path, body, metadata, message, param, code):
    answer = ask(made, "POST", path, body | {"metadata": metadata})
    shown(made, answer, 400, message, param, code)


ROLES = "Supported values are: 'user' and 'assistant'."
ITEM_ROLES = "Supported values are: 'assistant', 'system', 'developer', and 'user'."
STRING_OR_ARRAY = "expected one of a string or array of objects, but got an integer instead."
MESSAGE_TOO_LONG = (
    "string too long. Expected a string with maximum length 256000, but got a string"
    " with length 317985 instead."
)
ROWS = [
    # unknown or deleted objects, ids of another kind
    *(
        (method, path, None, 404, f"No thread found with id '{T}'.", None, None)
        for method, path in [
            ("GET", f"/threads/{T}"),
            ("DELETE", f"/threads/{T}"),
            ("POST", f"/threads/{T}"),
            ("GET", f"/threads/{T}/messages"),
            ("POST", f"/threads/{T}/messages"),
            ("GET", f"/threads/{T}/runs"),
            ("POST", f"/threads/{T}/runs"),
            ("GET", f"/threads/{T}/messages/msg_0"),
            ("GET", f"/threads/{T}/runs/run_0"),
        ]
    ),
    *(
        (
            method,
            "/threads/undefined",
            None,
            400,
            "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'.",
            "thread_id",
            "invalid_value",
        )
        for method in ("GET", "POST", "DELETE")
    ),
    *(
        (
            method,
            "/threads/<T>/messages/msg_0",
            None,
            404,
            "No message found with id 'msg_0'.",
            None,
            None,
        )
        for method in ("GET", "POST", "DELETE")
    ),
    (
        "GET",
        "/threads/<T>/messages/0",
        None,
        400,
        "Invalid 'message_id': '0'. Expected an ID that begins with 'msg'.",
        "message_id",
        "invalid_value",
    ),
    ("GET", "/threads/<T>/runs/run_0", None, 404, "No run found with id 'run_0'.", None, None),
    (
        "POST",
        "/threads/<T>/runs",
        {"assistant_id": A},
        404,
        f"No assistant found with id '{A}'.",
        None,
        None,
    ),
    ("GET", f"/assistants/{A}", None, 404, f"No assistant found with id '{A}'.", None, None),
    *(
        (method, path, None, 404, f"Conversation with id '{C}' not found.", None, None)
        for method, path in [
            ("GET", f"/conversations/{C}"),
            ("POST", f"/conversations/{C}"),
            ("DELETE", f"/conversations/{C}"),
            ("GET", f"/conversations/{C}/items"),
            ("POST", f"/conversations/{C}/items"),
            ("GET", f"/conversations/{C}/items/msg_0"),
        ]
    ),
    (
        "POST",
        "/responses",
        {"model": "m", "input": "x", "conversation": C},
        404,
        f"Conversation with id '{C}' not found.",
        None,
        None,
    ),
    *(
        (
            method,
            "/conversations/<C>/items/msg_0",
            None,
            404,
            "Item with id 'msg_0' not found in conversation.",
            None,
            None,
        )
        for method in ("GET", "DELETE")
    ),
    # cursors and limits
    (
        "GET",
        "/threads/<T>/messages?after=msg_0",
        None,
        404,
        "No message found with id 'msg_0'.",
        None,
        None,
    ),
    (
        "GET",
        "/threads/<T>/messages?before=msg_0",
        None,
        404,
        "No message found with id 'msg_0'.",
        None,
        None,
    ),
    (
        "GET",
        "/conversations/<C>/items?after=msg_0",
        None,
        404,
        "Item with id 'msg_0' not found in conversation.",
        None,
        None,
    ),
    *(
        (method, f"{path}?{query}", None, 400, message, param, code)
        for method, path in [
            ("GET", "/threads/<T>/messages"),
            ("GET", "/threads/<T>/runs"),
            ("GET", "/conversations/<C>/items"),
        ]
        for query, message, param, code in [
            (
                "limit=1000",
                "Invalid 'limit': integer above maximum value. Expected a value <= 100, but"
                " got 1000 instead.",
                "limit",
                "integer_above_max_value",
            ),
            (
                "limit=0",
                "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got"
                " 0 instead.",
                "limit",
                "integer_below_min_value",
            ),
            (
                "limit=many",
                "Invalid type for 'limit': expected an integer, but got a string instead.",
                "limit",
                "invalid_type",
            ),
            (
                "order=up",
                "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.",
                "order",
                "invalid_value",
            ),
        ]
    ),
    # roles and contents of messages
    (
        "POST",
        "/threads/<T>/messages",
        {"role": "human", "content": "x"},
        400,
        f"Invalid value: 'human'. {ROLES}",
        "role",
        "invalid_value",
    ),
    (
        "POST",
        "/threads",
        {"messages": [{"role": "system", "content": "x"}]},
        400,
        f"Invalid value: 'system'. {ROLES}",
        "messages[0].role",
        "invalid_value",
    ),
    (
        "POST",
        "/threads",
        {"messages": [{"content": "x"}]},
        400,
        "Missing required parameter: 'messages[0].role'.",
        "messages[0].role",
        "missing_required_parameter",
    ),
    (
        "POST",
        "/threads/<T>/messages",
        {"role": "user"},
        400,
        "Missing required parameter: 'content'.",
        "content",
        "missing_required_parameter",
    ),
    (
        "POST",
        "/threads",
        {"messages": [{"role": "user", "content": 1}]},
        400,
        f"Invalid type for 'messages[0].content': {STRING_OR_ARRAY}",
        "messages[0].content",
        "invalid_type",
    ),
    (
        "POST",
        "/threads/<T>/messages",
        {"role": "user", "content": LONG},
        400,
        f"Invalid 'content': {MESSAGE_TOO_LONG}",
        "content",
        "string_above_max_length",
    ),
    (
        "POST",
        "/threads",
        {"messages": [{"role": "user", "content": LONG}]},
        400,
        f"Invalid 'messages[0].content': {MESSAGE_TOO_LONG}",
        "messages[0].content",
        "string_above_max_length",
    ),
    # roles and contents of items
    *(
        (
            "POST",
            path,
            {**extra, name: [{"content": "x"}]},
            400,
            f"Invalid value: ''. {ITEM_ROLES}",
            f"{name}[0]",
            "invalid_value",
        )
        for path, name, extra in [
            ("/conversations", "items", {}),
            ("/conversations/<C>/items", "items", {}),
            ("/responses", "input", {"model": "m"}),
        ]
    ),
    (
        "POST",
        "/conversations",
        {"items": [{"role": "user", "content": 1}]},
        400,
        f"Invalid type for 'items[0].content': {STRING_OR_ARRAY}",
        "items[0].content",
        "invalid_type",
    ),
    (
        "POST",
        "/conversations/<C>/items",
        {},
        400,
        "Missing required parameter: 'items'.",
        "items",
        "missing_required_parameter",
    ),
    (
        "POST",
        "/conversations/<C>/items",
        {"items": None},
        400,
        "Invalid type for 'items': expected an array of objects, but got null instead.",
        "items",
        "invalid_type",
    ),
    (
        "POST",
        "/conversations",
        {"items": [{"role": None, "content": "x"}]},
        400,
        "Invalid type for 'items[0].role': expected a string, but got null instead.",
        "items[0].role",
        "invalid_type",
    ),
    (
        "GET",
        "/threads/<T>/messages?limit=1_0",
        None,
        400,
        "Invalid type for 'limit': expected an integer, but got a string instead.",
        "limit",
        "invalid_type",
    ),
    (
        "POST",
        "/threads",
        {"tool_resources": {"file_search": {"vector_store_ids": None}}},
        400,
        "Invalid type for 'tool_resources.file_search.vector_store_ids': expected an array of strings, but got null instead.",
        "tool_resources.file_search.vector_store_ids",
        "invalid_type",
    ),
    (
        "POST",
        "/conversations/<C>/items",
        {"zzz": 1},
        400,
        "Missing required parameter: 'items'.",
        "items",
        "missing_required_parameter",
    ),
    (
        "POST",
        "/conversations/<C>/items",
        {"zzz": 1, "items": None},
        400,
        "Unknown parameter: 'zzz'.",
        "zzz",
        "unknown_parameter",
    ),
    # unknown parameters come after missing ones, and before wrong types
    *(
        (
            "POST",
            path,
            {"zzz": 1, **body},
            400,
            "Unknown parameter: 'zzz'.",
            "zzz",
            "unknown_parameter",
        )
        for path, body in TAKES_METADATA
    ),
    (
        "POST",
        "/threads/<T>/messages",
        {"zzz": 1, "role": 1},
        400,
        "Missing required parameter: 'content'.",
        "content",
        "missing_required_parameter",
    ),
    (
        "POST",
        "/threads/<T>/messages",
        {"zzz": 1, "role": 1, "content": "x"},
        400,
        "Unknown parameter: 'zzz'.",
        "zzz",
        "unknown_parameter",
    ),
    # runs
    (
        "POST",
        "/threads/<BUSY>/messages",
        {"role": "user", "content": "x"},
        400,
        "Can't add messages to <BUSY> while a run <R> is active.",
        None,
        None,
    ),
    (
        "POST",
        "/threads/<BUSY>/runs",
        {"assistant_id": "<A>"},
        400,
        "Thread <BUSY> already has an active run <R>.",
        None,
        None,
    ),
    (
        "POST",
        "/threads/<EMPTY>/runs",
        {"assistant_id": "<A>"},
        400,
        "Run creation requires a Thread with a user message or an assistant with instructions.",
        None,
        "invalid_thread",
    ),
    (
        "POST",
        "/threads/<T>/runs",
        {},
        400,
        "Missing required parameter: 'assistant_id'.",
        "assistant_id",
        "missing_required_parameter",
    ),
    # JSON and paths
    *(
        ("POST", path, body, 400, INVALID_JSON, None, "invalid_json")
        for path in ("/threads", "/threads/<T>/messages", "/conversations", "/responses")
        for body in (
            b'{"a":',
            b"nonsense",
            b'{"k": NaN}',
            b'{"k": "\\ud800"}',
            b"\xff",
            b"[" * 9999,
        )
    ),
    ("GET", "/thread", None, 404, "Invalid URL (GET /v1/thread)", None, None),
    ("PATCH", "/threads", None, 404, "Invalid URL (PATCH /v1/threads)", None, None),
    ("GET", "/threads", None, 404, "Invalid URL (GET /v1/threads)", None, None),
    ("GET", "/conversations", None, 404, "Invalid URL (GET /v1/conversations)", None, None),
]


@pytest.mark.parametrize("method, path, body, status, message, param, code", ROWS)
def test_error(made, method, path, body, status, message, param, code):
    shown(made, ask(made, method, path, body), status, message, param, code)


@pytest.mark.parametrize("path", ["/threads/<T>", "/conversations/<C>", "/nowhere"])
def test_keys(made, path):
    bad = "Incorrect API key provided: {}. You can find your API key at https://platform.openai.com"
    for key, masked in [
        ("wrong-key", "wrong-key"),
        ("nope-0123456789-abcd", "nope-012********abcd"),
    ]:
        answer = ask(made, "GET", path, headers={"Authorization": f"Bearer {key}"})
        shown(made, answer, 401, bad.format(masked) + "/account/api-keys.", None, "invalid_api_key")
    for nothing in ("", "Basic c2stdGVzdDo="):
        answer = ask(made, "GET", path, headers={"Authorization": nothing})
        shown(made, answer, 401, NO_KEY, None, None)


def test_the_beta_header_is_for_threads_and_not_for_conversations(made):
    message = (
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again"
        " by setting the header 'OpenAI-Beta: assistants=v2'."
    )
    for path in ("/threads/<T>", "/threads/<T>/messages", "/assistants/<A>"):
        answer = ask(made, "GET", path, headers={"OpenAI-Beta": ""})
        shown(made, answer, 400, message, None, "invalid_beta")
    assert ask(made, "GET", "/conversations/<C>", headers={"OpenAI-Beta": ""}).status_code == 200


@pytest.mark.parametrize("pairs, key, value", [(16, 64, 512)])
@pytest.mark.parametrize("letter", ["k", "あ", "😀"])
def test_metadata_at_the_edge_is_taken_and_counted_in_characters(made, pairs, key, value, letter):
    keys = [f"{n:02d}" + letter * (key - 2) for n in range(pairs)]
    metadata = dict.fromkeys(keys, letter * value)
    answer = ask(made, "POST", "/threads", {"metadata": metadata})
    assert answer.json()["metadata"] == metadata
    for over in ({letter * (key + 1): ""}, {"k": letter * (value + 1)}):
        assert ask(made, "POST", "/threads", {"metadata": over}).status_code == 400


def test_a_seventeenth_key_can_not_be_merged_in_and_nothing_is_lost(made):
    sixteen = {f"{n}": "" for n in range(16)}
    for path in ("/threads", "/conversations"):
        id = ask(made, "POST", path, {"metadata": sixteen}).json()["id"]
        assert ask(made, "POST", f"{path}/{id}", {"metadata": {"one more": ""}}).status_code == 400
        assert ask(made, "GET", f"{path}/{id}").json()["metadata"] == sixteen


def test_any_valid_string_comes_back_unchanged(made):
    text = '\0\x1f"\\/ é 日本 \u2028 😀 \U0010ffff \ufeff é'
    for path, field in (
        ("/threads/<T>/messages", "content"),
        ("/conversations/<C>/items", "items"),
    ):
        body = {"role": "user", "content": text}
        answer = ask(made, "POST", path, body if field == "content" else {"items": [body]}).json()
        part = (answer if field == "content" else answer["data"][0])["content"][0]["text"]
        assert (part["value"] if field == "content" else part) == text


def test_a_body_over_the_limit_is_a_413_in_the_apis_shape(made):
    answer = ask(made, "POST", "/threads", b" " * (BODY_LIMIT + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    assert ask(made, "POST", "/threads", b" " * 2**20 + b"{}").status_code == 200
