"""Every error that is documented of these endpoints, for every endpoint where it applies.

A row is a request and the answer that it must get: status, code, param, message. Where a message has
no source of its own, `errors` says so with its grade.
"""

import json

import httpx2
import pytest
from openai import AzureOpenAI, NotFoundError

from .help import headers
from .replay.api import BODY_LIMIT, Replay
from .replay.errors import INVALID_JSON, NO_KEY, ApiError
from .replay.parameters import LIMITS, check
from .replay.sdk_types import sdk_type
from .replay.server import serving


@pytest.fixture(scope="module")
def made() -> dict:
    """A server with one of each object; their ids by name, the URL under `url`."""
    with serving(Replay()) as url, httpx2.Client(headers=headers("sk-errors")) as http:

        def post(path: str, body: dict) -> str:
            return http.post(f"{url}{path}", json=body).json()["id"]

        user = {"role": "user", "content": "x"}
        ids = {"url": url, "http": http}
        ids["T"] = post("/threads", {"messages": [user]})
        ids["EMPTY"] = post("/threads", {})
        ids["BUSY"] = post("/threads", {"messages": [user]})
        ids["M"] = post(f"/threads/{ids['T']}/messages", user)
        ids["A"] = post("/assistants", {"model": "gpt-4o"})
        ids["R"] = post(f"/threads/{ids['BUSY']}/runs", {"assistant_id": ids["A"]})
        ids["C"] = post("/conversations", {"items": [user]})
        ids["S"] = post("/vector_stores", {})
        yield ids


def ask(made: dict, method: str, path: str, body: object = None, **options) -> httpx2.Response:
    for name in ("EMPTY", "BUSY", "T", "M", "A", "R", "C", "S"):
        path = path.replace(f"<{name}>", made[name])
    if isinstance(body, dict):
        body = json.loads(json.dumps(body).replace("<A>", made["A"]))
        body = json.dumps(body).encode()
    return made["http"].request(method, made["url"] + path, content=body, **options)


def shown(made: dict, response: httpx2.Response, status: int, code, param, message: str) -> None:
    for name in ("EMPTY", "BUSY", "T", "R", "C"):
        message = message.replace(f"<{name}>", made[name])
    error = response.json()["error"]
    assert list(response.json()) == ["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (response.status_code, error["message"]) == (status, message)
    assert error["type"] == "invalid_request_error"
    assert (error["param"], error["code"]) == (param, code)


LONG = "x" * 317985
ROLES = "Supported values are: 'user' and 'assistant'."
ITEM_ROLES = "Supported values are: 'assistant', 'system', 'developer', and 'user'."
STRING_OR_ARRAY = "expected one of a string or array of objects, but got an integer instead."
MESSAGE_TOO_LONG = (
    "string too long. Expected a string with maximum length 256000, but got a string"
    " with length 317985 instead."
)
TAKES_METADATA = [
    ("/threads", {}),
    ("/threads/<T>", {}),
    ("/threads/<T>/messages", {"role": "user", "content": "x"}),
    ("/threads/<T>/messages/<M>", {}),
    ("/threads/<T>/runs", {"assistant_id": "<A>"}),
    ("/assistants", {"model": "gpt-4o"}),
    ("/conversations", {}),
    ("/conversations/<C>", {"metadata": {}}),
    ("/responses", {"model": "gpt-5.4", "input": "x"}),
]


# fmt: off
# What is sent as metadata; code, param, message.
METADATA = [
    ({"k": None},                      "invalid_type",                    "metadata.k", "Invalid type for 'metadata.k': expected a string, but got null instead."),
    ({"k": True},                      "invalid_type",                    "metadata.k", "Invalid type for 'metadata.k': expected a string, but got a boolean instead."),
    ({"k": 1},                         "invalid_type",                    "metadata.k", "Invalid type for 'metadata.k': expected a string, but got an integer instead."),
    ({"k": 1.5},                       "invalid_type",                    "metadata.k", "Invalid type for 'metadata.k': expected a string, but got a decimal number instead."),
    ({"k": []},                        "invalid_type",                    "metadata.k", "Invalid type for 'metadata.k': expected a string, but got an array instead."),
    ({"k": {}},                        "invalid_type",                    "metadata.k", "Invalid type for 'metadata.k': expected a string, but got an object instead."),
    ([],                               "invalid_type",                    "metadata",   "Invalid type for 'metadata': expected an object, but got an array instead."),
    ({str(n): "" for n in range(17)},  "object_above_max_properties",     "metadata",   "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead."),
    ({"k": "あ" * 600},                 "string_above_max_length",         "metadata.k", "Invalid 'metadata.k': string too long. Expected a string with maximum length 512, but got a string with length 600 instead."),
    ({"k" * 70: ""},                   "property_name_above_max_length",  "metadata." + "k" * 70,   "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a string with maximum length 64, but got a string with length 70 instead."),
]
# A value of the wrong type, and what the API expects there: strictly, for `true` is no number.
A, R, M = ("/assistants", {"model": "gpt-4o"}), ("/responses", {"model": "gpt-5.4", "input": "x"}), ("/threads/<T>/messages", {"role": "user"})
RUN = ("/threads/<T>/runs", {"assistant_id": "<A>"})
FUNCTION = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
OUTPUT = {"type": "function_call_output", "output": "x"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": []}
USER = {"role": "user", "content": "x"}
LETTERS = (
    "Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained"
    " additional characters."
)
PARTS = (
    "Supported values are: 'input_text', 'input_image', 'input_audio', 'output_text', 'refusal',"
    " 'input_file', 'computer_screenshot', 'summary_text', and 'encrypted_content'."
)
SESSION = (
    "Your request to GET /v1/{} must be made with a session key (that is, it can only be made from"
    " the browser). You made it with the following key type: secret."
)
MOVED = (
    "Unsupported parameter: '{}'. In the Responses API, this parameter has moved to '{}'. Try again"
    " with the new parameter. See the API documentation for more information:"
    " https://platform.openai.com/docs/api-reference/responses/create."
)
TYPES = [
    (*R,   {"temperature": True},              "temperature",              "a decimal, but got a boolean"),
    (*R,   {"temperature": "1"},               "temperature",              "a decimal, but got a string"),
    (*A,   {"temperature": "1"},               "temperature",              "a decimal, but got a string"),
    (*RUN, {"top_p": False},                   "top_p",                    "a decimal, but got a boolean"),
    (*R,   {"max_output_tokens": "1"},         "max_output_tokens",        "an integer, but got a string"),
    (*R,   {"max_output_tokens": True},        "max_output_tokens",        "an integer, but got a boolean"),
    (*R,   {"max_output_tokens": 20.5},        "max_output_tokens",        "an integer, but got a decimal number"),
    (*RUN, {"max_prompt_tokens": "300"},       "max_prompt_tokens",        "an integer, but got a string"),
    (*R,   {"store": 0},                       "store",                    "a boolean, but got an integer"),
    (*R,   {"store": "no"},                    "store",                    "a boolean, but got a string"),
    (*R,   {"stream": 0},                      "stream",                   "a boolean, but got an integer"),
    (*R,   {"parallel_tool_calls": "yes"},     "parallel_tool_calls",      "a boolean, but got a string"),
    (*RUN, {"parallel_tool_calls": 0},         "parallel_tool_calls",      "a boolean, but got an integer"),
    (*R,   {"model": 1},                       "model",                    "a string, but got an integer"),
    (*A,   {"model": 1},                       "model",                    "a string, but got an integer"),
    (*A,   {"name": 1},                        "name",                     "a string, but got an integer"),
    (*A,   {"tools": {}},                      "tools",                    "an array of objects, but got an object"),
    (*A,   {"tools": [1]},                     "tools[0]",                 "an object, but got an integer"),
    (*R,   {"tools": {}},                      "tools",                    "an array of tools, but got an object"),
    (*R,   {"tool_choice": 1},                 "tool_choice",              "one of an object or 'none', 'auto', or 'required', but got an integer"),
    (*R,   {"tools": [FUNCTION | {"parameters": []}]}, "tools[0].parameters", "an object, but got an array"),
    (*R,   {"tools": [FUNCTION | {"strict": "yes"}]}, "tools[0].strict",   "a boolean, but got a string"),
    (*RUN, {"truncation_strategy": {"type": "auto", "last_messages": True}}, "truncation_strategy.last_messages", "an integer, but got a boolean"),
    (*A,   {"tools": [{"type": "file_search", "file_search": {"ranking_options": {"score_threshold": "nan"}}}]},
           "tools[0].file_search.ranking_options.score_threshold",         "a decimal, but got a string"),
    (*R,   {"store": {}},                      "store",                    "a boolean, but got an object"),
    (*R,   {"max_output_tokens": {"a": 1}},    "max_output_tokens",        "an integer, but got an object"),
    (*R,   {"previous_response_id": {}},       "previous_response_id",     "a string, but got an object"),
    (*A,   {"temperature": {}},                "temperature",              "a decimal, but got an object"),
    (*R,   {"top_logprobs": []},               "top_logprobs",             "an integer, but got an array"),
    ("/conversations", {}, {"items": [OUTPUT | {"call_id": None}]}, "items[0].call_id", "a string, but got null"),
    ("/threads", {}, {"tool_resources": {"code_interpreter": {"file_ids": "f"}}}, "tool_resources.code_interpreter.file_ids", "an array of strings, but got a string"),
]
# A value out of its limit; code, param, message. Just inside it is taken. PLACES has the others.
OVER, UNDER = "Expected a value <= {}, but got {} instead.", "Expected a value >= {}, but got {} instead."
WORDED_LIMITS = [
    (*A,   "name",                  "x" * 256,  "x" * 257,  "string_above_max_length", "Invalid 'name': string too long. Expected a string with maximum length 256, but got a string with length 257 instead."),
    (*A,   "description",           "x" * 512,  "x" * 513,  "string_above_max_length", "Invalid 'description': string too long. Expected a string with maximum length 512, but got a string with length 513 instead."),
    (*M,   "content",               "x",        [],         "empty_array",             "Invalid 'content': empty array. Expected an array with minimum length 1, but got an empty array instead."),
    (*M,   "content",               "x",        "",         "empty_string",            "Invalid 'content': empty string. Expected a string with minimum length 1, but got an empty string instead."),
    (*RUN, "max_prompt_tokens",     256,        255,        "integer_below_min_value", "Invalid 'max_prompt_tokens': integer below minimum value. " + UNDER.format(256, 255)),
    (*R,   "max_output_tokens",     16,         15,         "integer_below_min_value", "Invalid 'max_output_tokens': integer below minimum value. " + UNDER.format(16, 15)),
    (*R,   "max_output_tokens",     16.0,       15.0,       "integer_below_min_value", "Invalid 'max_output_tokens': integer below minimum value. " + UNDER.format(16, 15.0)),
    (*R,   "temperature",           2,          2.5,        "decimal_above_max_value", "Invalid 'temperature': decimal above maximum value. " + OVER.format(2, 2.5)),
    (*R,   "safety_identifier",     "x" * 64,   "x" * 65,   "string_above_max_length", "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64, but got a string with length 65 instead."),
    (*A,   "tools",                 [{"type": "code_interpreter"}] * 128, [{"type": "code_interpreter"}] * 129, "array_above_max_length", "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead."),
]
# Taken by the API: a 400 would be false.
TAKEN = [
    (*R, {"tool_choice": None}),
    (*R, {"model": "gpt-6-luna", "reasoning": {"mode": "pro"}}),
    (*R, {"model": "gpt-5.4-pro", "reasoning": {"mode": "pro"}}),
    (*RUN, {"max_completion_tokens": 16}),
    (*A, {"tools": [{"type": "file_search", "file_search": {}}]}),
    ("/threads", {}, {"tool_resources": {"file_search": {}}}),
    ("/threads", {}, {"metadata": {"content": "", "instructions": "", "tools": ""}}),
    ("/conversations", {}, {"items": [{"role": "user", "content": [{"type": "input_image", "image_url": "https://example.com/a.png"}]}]}),
]
# Bodies that are no JSON.
BROKEN = [b'{"a":', b"nonsense", b'{"k": NaN}', b'{"k": 1e999}', b'{"k": 1%s.0}' % (b"0" * 400), b'{"k": "\\ud800"}', b"\xff", b"[" * 9999]
# A list's query; code, param, message.
QUERIES = [
    ("limit=1000", "integer_above_max_value", "limit", "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 1000 instead."),
    ("limit=0",    "integer_below_min_value", "limit", "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead."),
    ("limit=many", "invalid_type",            "limit", "Invalid type for 'limit': expected an integer, but got a string instead."),
    ("order=up",   "invalid_value",           "order", "Invalid value: 'up'. Supported values are: 'asc' and 'desc'."),
]
ROWS = [
    ("GET /threads/undefined",               None,                                                 400, "invalid_value",              "thread_id",          "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'."),
    ("POST /threads/undefined",              None,                                                 400, "invalid_value",              "thread_id",          "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'."),
    ("DELETE /threads/undefined",            None,                                                 400, "invalid_value",              "thread_id",          "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'."),
    ("GET /threads/<T>/messages/msg_0",      None,                                                 404, None,                         None,                 "No message found with id 'msg_0'."),
    ("POST /threads/<T>/messages/msg_0",     None,                                                 404, None,                         None,                 "No message found with id 'msg_0'."),
    ("DELETE /threads/<T>/messages/msg_0",   None,                                                 404, None,                         None,                 "No message found with id 'msg_0'."),
    ("GET /threads/<T>/messages/0",          None,                                                 400, "invalid_value",              "message_id",         "Invalid 'message_id': '0'. Expected an ID that begins with 'msg'."),
    ("GET /threads/<T>/runs/run_0",          None,                                                 404, None,                         None,                 "No run found with id 'run_0'."),
    ("POST /threads/<T>/runs",               {"assistant_id": "asst_000"},                         404, None,                         None,                 "No assistant found with id 'asst_000'."),
    ("GET /assistants/asst_000",             None,                                                 404, None,                         None,                 "No assistant found with id 'asst_000'."),
    ("POST /responses",                      {"model": "gpt-5.4", "input": "x", "conversation": "conv_000"}, 404, None,                         None,                 "Conversation with id 'conv_000' not found."),
    ("GET /conversations/<C>/items/msg_0",   None,                                                 404, None,                         None,                 "Item with id 'msg_0' not found in conversation."),
    ("DELETE /conversations/<C>/items/msg_0", None,                                                 404, None,                         None,                 "Item with id 'msg_0' not found in conversation."),
    ("GET /threads/<T>/messages?after=msg_0", None,                                                 404, None,                         None,                 "No message found with id 'msg_0'."),
    ("GET /threads/<T>/messages?before=msg_0", None,                                                 404, None,                         None,                 "No message found with id 'msg_0'."),
    ("GET /conversations/<C>/items?after=msg_0", None,                                                 404, None,                         None,                 "Item with id 'msg_0' not found in conversation."),
    ("POST /threads/<T>/messages",           {"role": "human", "content": "x"},                    400, "invalid_value",              "role",               f"Invalid value: 'human'. {ROLES}"),
    ("POST /threads",                        {"messages": [{"role": "system", "content": "x"}]},   400, "invalid_value",              "messages[0].role",   f"Invalid value: 'system'. {ROLES}"),
    ("POST /threads",                        {"messages": [{"content": "x"}]},                     400, "missing_required_parameter", "messages[0].role",   "Missing required parameter: 'messages[0].role'."),
    ("POST /threads/<T>/messages",           {"role": "user"},                                     400, "missing_required_parameter", "content",            "Missing required parameter: 'content'."),
    ("POST /threads",                        {"messages": [{"role": "user", "content": 1}]},       400, "invalid_type",               "messages[0].content", f"Invalid type for 'messages[0].content': {STRING_OR_ARRAY}"),
    ("POST /threads/<T>/messages",           {"role": "user", "content": LONG},                    400, "string_above_max_length",    "content",            f"Invalid 'content': {MESSAGE_TOO_LONG}"),
    ("POST /threads",                        {"messages": [{"role": "user", "content": LONG}]},    400, "string_above_max_length",    "messages[0].content", f"Invalid 'messages[0].content': {MESSAGE_TOO_LONG}"),
    ("POST /conversations",                  {"items": [OUTPUT]},                                  400, "missing_required_parameter", "items[0].call_id",   "Missing required parameter: 'items[0].call_id'."),
    ("POST /conversations/<C>/items",        {"items": [OUTPUT]},                                  400, "missing_required_parameter", "items[0].call_id",   "Missing required parameter: 'items[0].call_id'."),
    ("POST /responses",                      {"model": "gpt-5.4", "input": [OUTPUT]},              400, "missing_required_parameter", "input[0].call_id",   "Missing required parameter: 'input[0].call_id'."),
    ("POST /conversations",                  {"items": [{"content": "x"}]},                        400, "invalid_value",              "items[0]",           f"Invalid value: ''. {ITEM_ROLES}"),
    ("POST /conversations/<C>/items",        {"items": [{"content": "x"}]},                        400, "invalid_value",              "items[0]",           f"Invalid value: ''. {ITEM_ROLES}"),
    ("POST /responses",                      {"model": "gpt-5.4", "input": [{"content": "x"}]},          400, "invalid_value",              "input[0]",           f"Invalid value: ''. {ITEM_ROLES}"),
    ("POST /conversations",                  {"items": [{"role": "user", "content": 1}]},          400, "invalid_type",               "items[0].content",   f"Invalid type for 'items[0].content': {STRING_OR_ARRAY}"),
    ("POST /conversations/<C>/items",        {},                                                   400, "missing_required_parameter", "items",              "Missing required parameter: 'items'."),
    ("POST /conversations/<C>/items",        {"items": None},                                      400, "invalid_type",               "items",              "Invalid type for 'items': expected an array of objects, but got null instead."),
    ("POST /conversations",                  {"items": [{"role": None, "content": "x"}]},          400, "invalid_type",               "items[0].role",      "Invalid type for 'items[0].role': expected a string, but got null instead."),
    ("GET /threads/<T>/messages?limit=1_0",  None,                                                 400, "invalid_type",               "limit",              "Invalid type for 'limit': expected an integer, but got a string instead."),
    ("POST /threads",                        {"tool_resources": {"file_search": {"vector_store_ids": None}}}, 400, "invalid_type",               "tool_resources.file_search.vector_store_ids", "Invalid type for 'tool_resources.file_search.vector_store_ids': expected an array of strings, but got null instead."),
    ("POST /conversations/<C>/items",        {"zzz": 1},                                           400, "missing_required_parameter", "items",              "Missing required parameter: 'items'."),
    ("POST /conversations/<C>/items",        {"zzz": 1, "items": None},                            400, "unknown_parameter",          "zzz",                "Unknown parameter: 'zzz'."),
    ("POST /threads/<T>/messages",           {"zzz": 1, "role": 1},                                400, "missing_required_parameter", "content",            "Missing required parameter: 'content'."),
    ("POST /threads/<T>/messages",           {"zzz": 1, "role": 1, "content": "x"},                400, "unknown_parameter",          "zzz",                "Unknown parameter: 'zzz'."),
    ("POST /threads/<BUSY>/messages",        {"role": "user", "content": "x"},                     400, None,                         None,                 "Can't add messages to <BUSY> while a run <R> is active."),
    ("POST /threads/<BUSY>/runs",            {"assistant_id": "<A>"},                              400, None,                         None,                 "Thread <BUSY> already has an active run <R>."),
    ("POST /threads/<EMPTY>/runs",           {"assistant_id": "<A>"},                              400, "invalid_thread",             None,                 "Run creation requires a Thread with a user message or an assistant with instructions."),
    ("POST /threads/<EMPTY>/runs",           {"assistant_id": "<A>", "max_completion_tokens": 16}, 400, "invalid_thread",             None,                 "Run creation requires a Thread with a user message or an assistant with instructions."),
    ("POST /threads/<T>/runs",               {},                                                   400, "missing_required_parameter", "assistant_id",       "Missing required parameter: 'assistant_id'."),
    ("POST /responses",                      {"model": "no-such-model", "input": "x"},             400, "model_not_found",            "model",              "The requested model 'no-such-model' does not exist."),
    ("POST /responses",                      {"model": "gpt-4", "input": "x"},                     404, None,                         "model",              "Model not found gpt-4"),
    ("POST /assistants",                     {"model": "gpt-5-mini"},                              400, "unsupported_model",          "model",              "The requested model 'gpt-5-mini' cannot be used with the Assistants API."),
    ("POST /threads/<T>/runs",               {"assistant_id": "<A>", "model": "gpt-6-luna"},       400, "unsupported_model",          "model",              "The requested model 'gpt-6-luna' cannot be used with the Assistants API."),
    ("GET /threads/thread%5F0",              None,                                                 404, None,                         None,                 "No thread found with id 'thread_0'."),
    ("GET /threads/thread%20x",              None,                                                 400, "invalid_value",              "thread_id",          f"Invalid 'thread_id': 'thread x'. {LETTERS}"),
    ("POST /assistants",                     {"model": "gpt-4o", "tools": [{}]},                   400, "missing_required_parameter", "tools[0].type",      "Missing required parameter: 'tools[0].type'."),
    ("POST /assistants",                     {"model": "gpt-10"},                                  400, "unsupported_model",          "model",              "The requested model 'gpt-10' cannot be used with the Assistants API."),
    ("POST /responses",                      R[1] | {"model": "gpt-6-luna", "prompt_cache_retention": "in_memory"}, 400, "invalid_parameter", "prompt_cache_retention", "This model is compatible only with 24h extended prompt caching"),
    ("POST /responses",                      R[1] | {"reasoning": {"mode": "pro"}},                400, "unsupported_value",          "reasoning.mode",     "`reasoning.mode` is not supported with this model."),
    ("POST /responses",                      R[1] | {"model": "gpt-5.4-pro", "reasoning": {"mode": "standard"}}, 400, "unsupported_value", "reasoning.mode", "`reasoning.mode` is not supported with this model."),
    ("POST /assistants/<A>",                 {"model": "gpt-5.4"},                                 400, "unsupported_model",          "model",              "The requested model 'gpt-5.4' cannot be used with the Assistants API."),
    ("POST /assistants",                     {"model": "banana"},                                  400, "model_not_found",            "model",              "The requested model 'banana' does not exist."),
    ("POST /threads/<T>/runs",               {"assistant_id": "<A>", "model": "banana"},           400, "model_not_found",            "model",              "The requested model 'banana' does not exist."),
    ("POST /assistants/<A>",                 {"model": "banana"},                                  400, "model_not_found",            "model",              "The requested model 'banana' does not exist."),
    ("POST /responses",                      R[1] | {"model": "gpt-6-luna", "reasoning": {"effort": "minimal"}}, 400, "unsupported_value", "reasoning.effort", "Unsupported value: 'minimal' is not supported with the 'gpt-6-luna' model. Supported values are: 'none', 'low', 'medium', 'high', 'xhigh', and 'max'."),
    ("POST /responses",                      R[1] | {"model": "gpt-4o", "reasoning": {"effort": "low"}}, 400, "unsupported_parameter", "reasoning.effort",   "Unsupported parameter: 'reasoning.effort' is not supported with this model."),
    ("POST /responses",                      R[1] | {"conversation": "foo"},                       400, "invalid_value",              "conversation",       "Invalid 'conversation': 'foo'. Expected an ID that begins with 'conv'."),
    ("POST /responses",                      R[1] | {"previous_response_id": "nope"},              400, "invalid_value",              "previous_response_id", "Invalid 'previous_response_id': 'nope'. Expected an ID that begins with 'resp'."),
    ("POST /responses",                      R[1] | {"previous_response_id": "a b"},               400, "invalid_value",              "previous_response_id", "Invalid 'previous_response_id': 'a b'. " + LETTERS),
    ("POST /responses",                      R[1] | {"input": [USER, CALL | {"id": "call_1"}]},    400, "invalid_value",              "input[1].id",        "Invalid 'input[1].id': 'call_1'. Expected an ID that begins with 'fc'."),
    ("POST /responses",                      R[1] | {"input": [USER | {"id": ""}]},                400, "invalid_value",              "input[0].id",        "Invalid 'input[0].id': ''. " + LETTERS),
    ("POST /conversations",                  {"items": [USER | {"id": "fc_1"}]},                   400, "invalid_value",              "items[0].id",        "Invalid 'items[0].id': 'fc_1'. Expected an ID that begins with 'msg'."),
    ("POST /responses",                      R[1] | {"input": [THOUGHT | {"status": "completed"}]}, 400, "unknown_parameter",         "input[0].status",    "Unknown parameter: 'input[0].status'."),
    ("POST /responses",                      R[1] | {"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, 400, "invalid_value", "input[0].content[0].type", "Invalid value: 'text'. " + PARTS),
    ("POST /conversations/<C>/items",        {"items": [THOUGHT]},                                 400, "invalid_item",               "item",               "Invalid item"),
    ("POST /responses",                      R[1] | {"max_tokens": 5},                             400, "unknown_parameter",          "max_tokens",         "Unknown parameter: 'max_tokens'."),
    ("POST /responses",                      R[1] | {"messages": [USER]}, 400, "unsupported_parameter", None, MOVED.format("messages", "input")),
    ("POST /responses",                      R[1] | {"response_format": {"type": "json_object"}}, 400, "unsupported_parameter", None, MOVED.format("response_format", "text.format")),
    ("POST /responses",                      R[1] | {"reasoning_effort": "low"}, 400, "unsupported_parameter", None, MOVED.format("reasoning_effort", "reasoning.effort")),
    ("POST /responses",                      R[1] | {"max_completion_tokens": 99}, 400, "unsupported_parameter", None, MOVED.format("max_completion_tokens", "max_output_tokens")),
    ("GET /thread",                          None,                                                 404, None,                         None,                 "Invalid URL (GET /v1/thread)"),
    ("PATCH /threads",                       None,                                                 405, None,                         None,                 "Invalid method for URL (PATCH /v1/threads)"),
    ("PUT /conversations/<C>",               None,                                                 405, None,                         None,                 "Invalid method for URL (PUT /v1/conversations/<C>)"),
    ("GET /threads",                         None,                                                 401, "missing_scope",              None,                 SESSION.format("threads")),
    ("GET /conversations",                   None,                                                 405, None,                         None,                 "Invalid method for URL (GET /v1/conversations)"),
    ("GET /responses",                       None,                                                 401, "missing_scope",              None,                 SESSION.format("responses")),
]
# fmt: on


@pytest.mark.parametrize("path, body", TAKES_METADATA, ids=[path for path, _ in TAKES_METADATA])
@pytest.mark.parametrize("metadata, code, param, message", METADATA)
def test_bad_metadata(made, path, body, metadata, code, param, message):
    answer = ask(made, "POST", path, body | {"metadata": metadata})
    if path == "/responses":
        message = message.replace("expected an object,", "expected a metadata object,")
    shown(made, answer, 400, code, param, message)


@pytest.mark.parametrize("request_, body, status, code, param, message", ROWS)
def test_error(made, request_, body, status, code, param, message):
    shown(made, ask(made, *request_.split(" "), body), status, code, param, message)


P, Q = (
    {"type": "object", "properties": {}},
    {"type": "object", "properties": {"a": {"type": "string"}}},
)
FALSE, ALL = (
    "'additionalProperties' is required to be supplied and to be false.",
    "'required' is required to be supplied and to be an array including every key in properties. ",
)
CLOSED = {"additionalProperties": False}
NO_OBJECT = "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'."
# A function's schema, whether strict, and what the API says to it; "" for nothing.
SCHEMAS = [
    (P, False, ""),
    (Q | CLOSED | {"required": ["a"]}, True, ""),
    (None, True, f"In context=(), {FALSE}"),
    (Q, True, f"In context=(), {FALSE}"),
    (Q | CLOSED, True, f"In context=(), {ALL}Missing 'a'."),
    (
        Q | CLOSED | {"required": ["a", "b"]},
        True,
        f"In context=(), {ALL}Extra required key 'b' supplied.",
    ),
    (
        {
            "type": "object",
            "properties": {"q": {"type": "array", "items": Q}},
            **CLOSED,
            "required": ["q"],
        },
        True,
        f"In context=('properties', 'q', 'items'), {FALSE}",
    ),
    (
        {
            "type": "object",
            "properties": {"q": {"anyOf": [{"type": "null"}, Q | CLOSED]}},
            **CLOSED,
            "required": ["q"],
        },
        True,
        f"In context=('properties', 'q', 'anyOf', '1'), {ALL}Missing 'a'.",
    ),
    ({"type": "string"}, False, NO_OBJECT.format("string")),
    ({"properties": {}}, False, NO_OBJECT.format("None")),
]


@pytest.mark.parametrize("schema, strict, says", SCHEMAS)
def test_a_functions_schema(made, schema, strict, says):
    """In both APIs; at Responses an object without properties, and an empty schema, too."""
    function = {"name": "f", "strict": strict} | ({} if schema is None else {"parameters": schema})
    for path, body, tool, place in (
        (*R, {"type": "function", "parameters": None} | function, "tools[0]"),
        (*A, {"type": "function", "function": function}, "tools[0].function"),
    ):
        answer = ask(made, "POST", path, body | {"tools": [tool]})
        if says:
            message = f"Invalid schema for function 'f': {says}"
            code = "invalid_function_parameters"
            shown(made, answer, 400, code, f"{place}.parameters", message)
        else:
            assert answer.status_code == 200, answer.text
    for bare, words in (
        ({}, NO_OBJECT.format("None")),
        ({"type": "object"}, "In context=(), object schema missing properties."),
    ):
        answer = ask(made, "POST", R[0], R[1] | {"tools": [FUNCTION | {"parameters": bare}]})
        assert answer.json()["error"]["message"] == f"Invalid schema for function 'f': {words}"


def test_a_functions_name(made):
    says = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
    for path, body, tool, place in (
        (*R, FUNCTION | {"name": "my func"}, "tools[0].name"),
        (*A, {"type": "function", "function": {"name": "my func"}}, "tools[0].function.name"),
    ):
        answer = ask(made, "POST", path, body | {"tools": [tool]})
        shown(made, answer, 400, "invalid_value", place, f"Invalid '{place}': {says}")


@pytest.mark.parametrize(
    "sent, hint",
    [
        ("stop", " Did you mean 'store'?"),
        ("stre", " Did you mean 'store' or 'stream'?"),
        ("tool", " Did you mean 'tools'?"),
        ("usr", " Did you mean 'user'?"),
        ("modell", ""),
        ("seed", ""),
        ("n", ""),
    ],
)
def test_a_near_miss_gets_a_hint(made, sent, hint):
    answer = ask(made, "POST", R[0], R[1] | {sent: 1})
    shown(made, answer, 400, "unknown_parameter", sent, f"Unknown parameter: '{sent}'.{hint}")


@pytest.mark.parametrize("path, body, wrong, param, expected", TYPES)
def test_a_wrong_type_is_refused_in_the_apis_words(made, path, body, wrong, param, expected):
    message = f"Invalid type for '{param}': expected {expected} instead."
    shown(made, ask(made, "POST", path, body | wrong), 400, "invalid_type", param, message)


@pytest.mark.parametrize("path, body, name, good, bad, code, message", WORDED_LIMITS)
def test_limits(made, path, body, name, good, bad, code, message):
    shown(made, ask(made, "POST", path, body | {name: bad}), 400, code, name, message)
    thread = ask(made, "POST", "/threads", {"messages": [{"role": "user", "content": "x"}]}).json()
    answer = ask(made, "POST", path.replace("<T>", thread["id"]), body | {name: good})
    assert answer.status_code == 200 or answer.json()["error"]["code"] == "not_replayed"


SEARCH = {"type": "file_search", "vector_store_ids": ["vs_1"]}
OLD_SEARCH = {"type": "file_search"}
NAMED_SCHEMA = {"type": "json_schema", "name": "x", "schema": {"type": "object"}}


def chunks(most: int = 800, overlap: int = 50) -> dict:
    cut = {"max_chunk_size_tokens": most, "chunk_overlap_tokens": overlap}
    return {"chunking_strategy": {"type": "static", "static": cut}}


# fmt: off
# Each limit: the least and the most, where a value may be sent, and what it is made of: a letter, an
# entry, or the smallest step of a number. On a busy thread, and without the files: what comes after
# the limits refuses it, so that nothing is made.
BUSY, STORE = "/threads/<BUSY>", "/vector_stores/<S>/file_batches"
PLACES = {
    "content": ((1, 256_000), f"{BUSY}/messages", lambda v: USER | {"content": v}, "x"),
    "content[]": ((1, None), f"{BUSY}/messages", lambda v: USER | {"content": v}, [{"type": "text", "text": "x"}]),
    "ItemMessage.content": ((None, 10_485_760), "/conversations", lambda v: {"items": [USER | {"content": v}]}, "x"),
    "ItemMessage.content[]": ((None, None), "/conversations", lambda v: {"items": [USER | {"content": v}]}, [{"type": "input_text", "text": "x"}]),
    "ResponseReasoningItemParam.content[]": ((None, None), "/conversations", lambda v: {"items": [THOUGHT | {"content": v}]}, [{"type": "reasoning_text", "text": "x"}]),
    "ResponseInputTextParam.text": ((None, 10_485_760), "/conversations", lambda v: {"items": [USER | {"content": [{"type": "input_text", "text": v}]}]}, "x"),
    "instructions": ((None, 256_000), A[0], lambda v: A[1] | {"instructions": v}, "x"),
    "ResponseCreateParamsNonStreaming.instructions": ((None, 1_048_576), R[0], lambda v: R[1] | {"instructions": v}, "x"),
    "FunctionToolParam.name": ((1, 128), R[0], lambda v: R[1] | {"tools": [FUNCTION | {"name": v}]}, "x"),
    "FunctionDefinition.name": ((None, 64), A[0], lambda v: A[1] | {"tools": [{"type": "function", "function": {"name": v}}]}, "x"),
    "ResponseFormatTextJSONSchemaConfigParam.name": ((None, 64), R[0], lambda v: R[1] | {"text": {"format": NAMED_SCHEMA | {"name": v}}}, "x"),
    "JSONSchema.name": ((None, 64), A[0], lambda v: A[1] | {"response_format": {"type": "json_schema", "json_schema": {"name": v}}}, "x"),
    "AssistantCreateParams.name": ((None, 256), A[0], lambda v: A[1] | {"name": v}, "x"),
    "AssistantUpdateParams.name": ((None, 256), "/assistants/<A>", lambda v: {"name": v}, "x"),
    "AssistantCreateParams.description": ((None, 512), A[0], lambda v: A[1] | {"description": v}, "x"),
    "AssistantUpdateParams.description": ((None, 512), "/assistants/<A>", lambda v: {"description": v}, "x"),
    "file_ids[]": ((None, 20), "/threads", lambda v: {"tool_resources": {"code_interpreter": {"file_ids": v}}}, ["file-1"]),
    "CodeInterpreterContainerCodeInterpreterToolAuto.file_ids[]": ((None, 50), R[0], lambda v: R[1] | {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": v}}]}, ["file-1"]),
    "VectorStoreCreateParams.file_ids[]": ((None, 500), "/vector_stores", lambda v: {"file_ids": v}, ["file-1"]),
    "ToolResourcesFileSearchVectorStore.file_ids[]": ((None, 10_000), "/threads", lambda v: {"tool_resources": {"file_search": {"vector_stores": [{"file_ids": v}]}}}, ["file-1"]),
    "FileBatchCreateParams.file_ids[]": ((1, 2000), STORE, lambda v: {"file_ids": v}, ["file-1"]),
    "FileBatchCreateParams.files[]": ((1, 2000), STORE, lambda v: {"files": v}, [{"file_id": "file-1"}]),
    "vector_store_ids[]": ((None, 1), "/threads", lambda v: {"tool_resources": {"file_search": {"vector_store_ids": v}}}, ["vs_1"]),
    "FileSearchToolParam.vector_store_ids[]": ((None, None), R[0], lambda v: R[1] | {"tools": [SEARCH | {"vector_store_ids": v}]}, ["vs_1"]),
    "vector_stores[]": ((None, 1), "/threads", lambda v: {"tool_resources": {"file_search": {"vector_stores": v}}}, [{"file_ids": ["file-1"]}]),
    "AssistantCreateParams.tools[]": ((None, 128), A[0], lambda v: A[1] | {"tools": v}, [OLD_SEARCH]),
    "AssistantUpdateParams.tools[]": ((None, 128), "/assistants/<A>", lambda v: {"tools": v}, [OLD_SEARCH]),
    "RunCreateParamsNonStreaming.tools[]": ((None, 20), f"{BUSY}/runs", lambda v: RUN[1] | {"tools": v}, [OLD_SEARCH]),
    "ThreadCreateAndRunParamsNonStreaming.tools[]": ((None, 20), "/threads/runs", lambda v: RUN[1] | {"tools": v}, [OLD_SEARCH]),
    "items[]": ((None, 20), "/conversations", lambda v: {"items": v}, [USER]),
    "temperature": ((0, 2), A[0], lambda v: A[1] | {"temperature": v}, 0.01),
    "top_p": ((0, 1), A[0], lambda v: A[1] | {"top_p": v}, 0.01),
    "max_prompt_tokens": ((256, None), f"{BUSY}/runs", lambda v: RUN[1] | {"max_prompt_tokens": v}, 1),
    "max_completion_tokens": ((1, None), f"{BUSY}/runs", lambda v: RUN[1] | {"max_completion_tokens": v}, 1),
    "max_output_tokens": ((16, None), R[0], lambda v: R[1] | {"max_output_tokens": v}, 1),
    "max_tool_calls": ((1, None), R[0], lambda v: R[1] | {"max_tool_calls": v}, 1),
    "last_messages": ((1, None), f"{BUSY}/runs", lambda v: RUN[1] | {"truncation_strategy": {"type": "last_messages", "last_messages": v}}, 1),
    "max_num_results": ((1, 50), A[0], lambda v: A[1] | {"tools": [OLD_SEARCH | {"file_search": {"max_num_results": v}}]}, 1),
    "score_threshold": ((0, 1), A[0], lambda v: A[1] | {"tools": [OLD_SEARCH | {"file_search": {"ranking_options": {"score_threshold": v}}}]}, 0.01),
    "max_chunk_size_tokens": ((100, 4096), "/vector_stores", lambda v: chunks(v), 1),
    "chunk_overlap_tokens": ((0, None), "/vector_stores", lambda v: chunks(overlap=v), 1),
    "days": ((1, 365), "/vector_stores", lambda v: {"expires_after": {"anchor": "last_active_at", "days": v}}, 1),
    "safety_identifier": ((None, 64), R[0], lambda v: R[1] | {"safety_identifier": v}, "x"),
    "top_logprobs": ((0, 20), R[0], lambda v: R[1] | {"top_logprobs": v}, 1),
}
# fmt: on
OUT_OF_LIMIT = ("_above_max_length", "_above_max_value", "_below_min_value", "empty_", "too_many")


def test_every_limit_has_its_place():
    assert {name: limit for name, (limit, *_) in PLACES.items()} == LIMITS


@pytest.mark.parametrize("name", PLACES)
def test_what_is_at_a_limit_is_taken_and_one_more_is_refused(made, name):
    (least, most), path, body, one = PLACES[name]
    number = isinstance(one, int | float)
    sizes = {least: True, most: True}
    sizes |= {} if least is None else {least - (one if number else 1): False}
    sizes |= {} if most is None else {most + (one if number else 1): False}
    sizes |= {} if least else {0: True, 1: True}
    sizes |= {} if most else {(least or 1) * 30: True}
    for size, taken in sizes.items():
        if size is None or (size < 0 and not number) or size > 2**21:  # see below
            continue
        error = ask(made, "POST", path, body(size if number else one * size)).json().get("error")
        code = (error or {}).get("code") or ""
        assert any(part in code for part in OUT_OF_LIMIT) != taken, (size, error)
        if not taken:
            assert error["param"].endswith(name.rpartition(".")[2].removesuffix("[]"))


def test_a_part_is_as_long_as_the_longest_text():
    """Of a whole message, test_robust: to send ten megabytes takes half a second."""
    kind = sdk_type("responses.response_input_text_param", "ResponseInputTextParam")
    most = "x" * 10_485_760
    check(kind, {"type": "input_text", "text": most})
    with pytest.raises(ApiError, match="maximum length 10485760"):
        check(kind, {"type": "input_text", "text": f"{most}x"})


@pytest.mark.parametrize("path, body, more", TAKEN)
def test_what_the_api_takes_is_taken(made, path, body, more):
    thread = ask(made, "POST", "/threads", {"messages": [{"role": "user", "content": "x"}]}).json()
    answer = ask(made, "POST", path.replace("<T>", thread["id"]), body | more)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [{"prompt": {"id": "pmpt_1"}}, {"model": "gpt-5.4", "input": [{"type": "compaction"}]}],
)
def test_what_the_api_takes_and_this_server_has_not_is_refused_as_its_own(made, body):
    error = ask(made, "POST", "/responses", body).json()["error"]
    assert (error["type"], error["code"]) == ("replay_error", "not_replayed")


@pytest.mark.parametrize("sent", [{}, {"api-key": "0123"}, headers("sk-errors"), headers("0123")])
@pytest.mark.parametrize(
    "path",
    """deployments/x/chat/completions?api-version=2024-05-01-preview threads assistants/asst_1
    v1/responses""".split(),
)
def test_azures_addresses_are_refused_with_what_helps_whatever_the_key(made, path, sent):
    """It sends its key in a header of its own. "Invalid URL" would read as the API's."""
    url = f"{made['url'].removesuffix('v1')}openai/{path}"
    for answer in (httpx2.get(url, headers=sent), httpx2.post(url, headers=sent, json={})):
        error = answer.json()["error"]
        assert (answer.status_code, error["type"]) == (404, "replay_error")
        assert (error["param"], error["code"]) == (None, "azure_address")
        assert error["message"].startswith(f"/openai/{path.partition('?')[0]} is an address of Az")
        assert f'OpenAI(base_url="{made["url"]}")' in error["message"]


def test_azures_client_is_told_so_and_other_paths_are_the_apis(made):
    site = made["url"].removesuffix("/v1")
    client = AzureOpenAI(azure_endpoint=site, api_key="0123", api_version="x", max_retries=0)
    for call in (
        lambda: client.beta.threads.create(),
        lambda: client.chat.completions.create(model="x", messages=[]),
    ):
        with pytest.raises(NotFoundError, match="is an address of Azure OpenAI"):
            call()
    for path in ("/openai", "/openais/threads", "/v1/openai/threads"):
        error = made["http"].get(f"{site}{path}").json()["error"]
        assert error["message"] == f"Invalid URL (GET {path})"


@pytest.mark.parametrize("path, body", TAKES_METADATA)
def test_unknown_parameters_come_before_wrong_values(made, path, body):
    answer = ask(made, "POST", path, {"zzz": 1, **body})
    shown(made, answer, 400, "unknown_parameter", "zzz", "Unknown parameter: 'zzz'.")


@pytest.mark.parametrize(
    "path", ["/threads", "/threads/<T>/messages", "/conversations", "/responses"]
)
@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_json(made, path, body):
    shown(made, ask(made, "POST", path, body), 400, "invalid_json", None, INVALID_JSON)


LISTS = ["/threads/<T>/messages", "/threads/<T>/runs", "/conversations/<C>/items"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query, code, param, message", QUERIES)
def test_bad_limit_or_order(made, path, query, code, param, message):
    shown(made, ask(made, "GET", f"{path}?{query}"), 400, code, param, message)


@pytest.mark.parametrize(
    "call",
    """GET DELETE POST GET/messages POST/messages GET/runs POST/runs
    GET/messages/msg_0 GET/runs/run_0""".split(),
)
def test_every_call_on_an_unknown_thread(made, call):
    method, _, rest = call.partition("/")
    path = f"/threads/thread_000/{rest}".rstrip("/")
    message = "No thread found with id 'thread_000'."
    shown(made, ask(made, method, path), 404, None, None, message)


@pytest.mark.parametrize("call", "GET POST DELETE GET/items POST/items GET/items/msg_0".split())
def test_every_call_on_an_unknown_conversation(made, call):
    method, _, rest = call.partition("/")
    path = f"/conversations/conv_000/{rest}".rstrip("/")
    message = "Conversation with id 'conv_000' not found."
    shown(made, ask(made, method, path), 404, None, None, message)


@pytest.mark.parametrize("path", ["/threads/<T>", "/conversations/<C>", "/nowhere"])
def test_keys(made, path):
    bad = "Incorrect API key provided: {}. You can find your API key at https://platform.openai.com"
    for key, masked in [
        ("wrong-key", "wrong-key"),
        ("nope-0123456789-abcd", "nope-012********abcd"),
    ]:
        answer = ask(made, "GET", path, headers={"Authorization": f"Bearer {key}"})
        message = bad.format(masked) + "/account/api-keys."
        shown(made, answer, 401, "invalid_api_key", None, message)
    for nothing in ("", "Basic c2stdGVzdDo="):
        answer = ask(made, "GET", path, headers={"Authorization": nothing})
        shown(made, answer, 401, None, None, NO_KEY)


def test_the_beta_header_is_for_threads_and_not_for_conversations(made):
    message = (
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again"
        " by setting the header 'OpenAI-Beta: assistants=v2'."
    )
    for path in ("/threads/<T>", "/threads/<T>/messages", "/assistants/<A>"):
        answer = ask(made, "GET", path, headers={"OpenAI-Beta": ""})
        shown(made, answer, 400, "invalid_beta", None, message)
    old = ask(made, "GET", "/threads/<T>", headers={"OpenAI-Beta": "assistants=v1"})
    message = (
        "The v1 Assistants API has been deprecated. Please try again by setting the header"
        " 'OpenAI-Beta: assistants=v2'. See the migration guide for more information:"
        " https://platform.openai.com/docs/assistants/migration."
    )
    shown(made, old, 400, "invalid_beta", None, message)
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


def test_a_refused_change_changes_nothing(made):
    sixteen = {f"{n}": "" for n in range(16)}
    body = {"model": "gpt-4o", "name": "old", "metadata": sixteen}
    id = ask(made, "POST", "/assistants", body).json()["id"]
    answer = ask(made, "POST", f"/assistants/{id}", {"name": "new", "metadata": {"more": ""}})
    assert answer.status_code == 400
    assert ask(made, "GET", f"/assistants/{id}").json()["name"] == "old"
