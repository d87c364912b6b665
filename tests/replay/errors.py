"""The API's errors, in its own words: one function per case, with its source and grade.

Each says how it is known, in the words of `recordings.GRADES`. All errors are `{"error":
{"message", "type", "param", "code"}}`, in that order [recorded].
"""

from collections.abc import Iterable
from dataclasses import dataclass

INVALID_JSON = (
    "Invalid body: failed to parse JSON value. Please check the value to ensure it is valid JSON."
    " (Common errors include trailing commas, missing closing brackets, missing quotation marks,"
    " etc.)"
)
NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header"
    " using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank"
    " username) if you're accessing the API from your browser and are prompted for a username and"
    " password. You can obtain an API key from https://platform.openai.com/account/api-keys."
)


class ApiError(Exception):
    """An answer that is an error: HTTP status, headers, the four fields of the API's error object.

    kind: the error's `type`. own: it is this server's, not the API's.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.own = kind == "replay_error"
        self.body = {
            "error": {"message": message, "type": kind, "param": param, "code": code},
        }


def _own(message: str, code: str, *, status: int = 400, param: str | None = None) -> ApiError:
    """An error of the replay server's own, which no second try would change."""
    headers = {"x-should-retry": "false"}
    return ApiError(
        message, status=status, param=param, code=code, kind="replay_error", headers=headers
    )


# Keys and headers


def no_key() -> ApiError:
    """401 when no Authorization header is sent [quoted]."""
    return ApiError(NO_KEY, status=401)


def bad_key(key: str) -> ApiError:
    """401 when the key is not one; 8 letters and 4 of it are shown [recorded; 13, 14: unknown]."""
    masked = key if len(key) <= 12 else key[:8] + "*" * (len(key) - 12) + key[-4:]
    return ApiError(
        f"Incorrect API key provided: {masked}. You can find your API key at"
        " https://platform.openai.com/account/api-keys.",
        status=401,
        code="invalid_api_key",
        headers={"www-authenticate": 'Bearer realm="OpenAI API"'},
    )


def no_beta_header() -> ApiError:
    """400 when the Assistants API is called without its beta header [quoted]."""
    return ApiError(
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again"
        " by setting the header 'OpenAI-Beta: assistants=v2'.",
        code="invalid_beta",
    )


def not_this_host() -> ApiError:
    """403 for a request that is addressed to another host [replay]."""
    return _own(
        "The replay server answers requests to 127.0.0.1 or localhost only.",
        status=403,
        code="host_not_allowed",
    )


def not_this_session() -> ApiError:
    """401 in a live session for a key that is not the session's own [replay]."""
    return _own(
        "This live session takes a key of its own only. A command that it started has it;"
        " elsewhere, put the two lines that it printed into .env.",
        status=401,
        code="not_this_session",
    )


# Paths and ids


def unknown_path(method: str, path: str) -> ApiError:
    """404 for a path, or a method on it, that the API does not have [quoted]."""
    return ApiError(f"Invalid URL ({method} {path})", status=404)


@dataclass(frozen=True)
class Kind:
    """The API's words for one kind of object: the prefix of its id ("" when that is not checked),
    the parameter that an id of another kind is refused by, and the sentence for an unknown one."""

    prefix: str
    param: str
    unknown: str


# By the collection's name in a path. The sentences: threads recorded (unknown) and quoted
# (deleted), messages and items quoted, conversations quoted (Aug-Sep 2026), steps (an id of any
# form) and responses recorded; runs and assistants inferred.
KINDS = {
    "assistants": Kind("asst", "assistant_id", "No assistant found with id '{}'."),
    "threads": Kind("thread", "thread_id", "No thread found with id '{}'."),
    "messages": Kind("msg", "message_id", "No message found with id '{}'."),
    "runs": Kind("run", "run_id", "No run found with id '{}'."),
    "steps": Kind("", "step_id", "No run step found with id '{}'."),
    "conversations": Kind("conv", "conversation_id", "Conversation with id '{}' not found."),
    "items": Kind("", "item_id", "Item with id '{}' not found in conversation."),
    "responses": Kind("resp", "response_id", "Response with id '{}' not found."),
}


def not_found(kind: str, id: str) -> ApiError:
    """404 for an unknown or deleted object. kind: a key of KINDS, which has the sources."""
    return ApiError(KINDS[kind].unknown.format(id), status=404)


def no_model(name: str) -> ApiError:
    """404 for a model that is unknown, when it is looked up [recorded]."""
    return ApiError(
        f"The model '{name}' does not exist", status=404, param="model", code="model_not_found"
    )


def model_not_found(name: str) -> ApiError:
    """400 for a model that is unknown, when a response is asked of it [recorded]."""
    return ApiError(
        f"The requested model '{name}' does not exist.", param="model", code="model_not_found"
    )


def previous_response_not_found(id: str) -> ApiError:
    """400 for a `previous_response_id` that is unknown [inferred]."""
    return ApiError(
        f"Previous response with id '{id}' not found.",
        param="previous_response_id",
        code="previous_response_not_found",
    )


def bad_id(param: str, id: str, prefix: str) -> ApiError:
    """400 for an id of another kind [quoted: thread_id; inferred: param, code, the other ids]."""
    return invalid_value(
        f"Invalid '{param}': '{id}'. Expected an ID that begins with '{prefix}'.", param
    )


# What the API has and this server has not, in two lists: whole operations, and parts of a request.
OPERATIONS_NOT_REPLAYED = {
    "POST responses/{id}/cancel": "cancelling a response in the background",
    "POST responses/compact": "compacting a conversation",
    "POST responses/input_tokens": "counting tokens",
    "DELETE models/{name}": "deleting a fine-tuned model",
}
PARTS_NOT_REPLAYED = {
    "api": "the API of `{}`",
    "background": "responses in the background",
    "prompt": "prompts that are stored",
    "text": "responses with JSON as their format",
    "tool_choice": "responses with a forced `tool_choice`",
    "include": "the probabilities of a model's words",
    "parameter": "responses with `{}`",
    "service_tier": "responses with another `service_tier` than the default",
    "reasoning": "an effort of a model that does not reason",
    "stored stream": "a stored response as a stream",
    "item": "items of type `{}`",
    "output": "outputs of functions that are no text",
    "run's tool_choice": "runs with a forced `tool_choice`",
    "run's response_format": "runs with JSON as `response_format`",
    "run's outputs": "tool outputs for other calls than the run's",
}


def not_replayed(what: str, param: str | None = None, name: str = "") -> ApiError:
    """400 for what the API has and this server has not [replay].

    what: a key of one of the two lists. name: what its words are about.
    """
    words = OPERATIONS_NOT_REPLAYED.get(what) or PARTS_NOT_REPLAYED[what]
    return _own(
        f"The replay server does not answer {words.format(name)}: nothing of it was recorded. This"
        " message is the replay server's own, not the API's.",
        param=param,
        code="not_replayed",
    )


# Bodies and parameters


def invalid_json() -> ApiError:
    """400 for a body that is not JSON [quoted on conversations]."""
    return ApiError(INVALID_JSON, code="invalid_json")


def too_large(limit: int) -> ApiError:
    """413 for a body over the server's limit, in bytes [replay: the API's own is unknown]."""
    return _own(
        f"The request body is larger than the replay server's limit of {limit} bytes.",
        status=413,
        code="request_too_large",
    )


def invalid_value(message: str, param: str | None) -> ApiError:
    """400 with code `invalid_value` [quoted]."""
    return ApiError(message, param=param, code="invalid_value")


def unsupported(value: str, supported: Iterable[str], param: str) -> ApiError:
    """400 for a value outside its list, e.g. a bad role [quoted]."""
    return invalid_value(
        f"Invalid value: '{value}'. Supported values are: {_listed(supported)}.", param
    )


def missing(param: str) -> ApiError:
    """400 for a required parameter that is not there [recorded: input; inferred: others]."""
    return ApiError(
        f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter"
    )


def nothing_to_answer() -> ApiError:
    """400 for an empty input, and nothing else to answer [reported, with its body]."""
    return ApiError(
        "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be"
        " provided.",
        code="missing_required_parameter",
    )


def mutually_exclusive() -> ApiError:
    """400 for both a conversation and a previous response [quoted, to the dots]."""
    return ApiError(
        "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'pre..._id' or"
        " 'conversation'.",
        code="mutually_exclusive_parameters",
    )


def not_with_this_model(param: str) -> ApiError:
    """400 for what a reasoning model does not take [recorded: temperature; inferred: top_p]."""
    return ApiError(
        f"Unsupported parameter: '{param}' is not supported with this model.", param=param
    )


def no_tool_call(id: str) -> ApiError:
    """400 for the output of a call that nobody made [recorded]."""
    return ApiError(
        f"No tool call found for function call output with call_id {id}.", param="input"
    )


def unknown_parameter(param: str) -> ApiError:
    """400 for a parameter that the API does not have [inferred]."""
    return ApiError(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def wrong_type(param: str, expected: str, got: str) -> ApiError:
    """400 for a value of the wrong JSON type [recorded and quoted: metadata; inferred: others]."""
    return ApiError(
        f"Invalid type for '{param}': expected {expected}, but got {got} instead.",
        param=param,
        code="invalid_type",
    )


def too_long(param: str, what: str, most: int, got: int) -> ApiError:
    """400 for a string or an array over its limit [quoted: content; inferred: others]."""
    article = "an" if what == "array" else "a"
    return ApiError(
        f"Invalid '{param}': {what} too long. Expected {article} {what} with maximum length {most},"
        f" but got {article} {what} with length {got} instead.",
        param=param,
        code=f"{what}_above_max_length",
    )


def empty(param: str, what: str) -> ApiError:
    """400 for an empty string or array where one character or entry is the least [inferred]."""
    article = "an" if what == "array" else "a"
    return ApiError(
        f"Invalid '{param}': empty {what}. Expected {article} {what} with minimum length 1, but got"
        f" an empty {what} instead.",
        param=param,
        code=f"empty_{what}",
    )


def too_many_values(most: int) -> ApiError:
    """400 for a body with more values in it than this server walks through [replay]."""
    return _own(f"The replay server takes at most {most} values in a body.", "too_many_values")


def too_many_properties(param: str, most: int, got: int) -> ApiError:
    """400 for more than 16 metadata pairs [inferred]."""
    return ApiError(
        f"Invalid '{param}': too many properties. Expected an object with at most {most}"
        f" properties, but got an object with {got} properties instead.",
        param=param,
        code="object_above_max_properties",
    )


def property_name_too_long(param: str, name: str, most: int) -> ApiError:
    """400 for a metadata key over 64 characters [inferred]."""
    return ApiError(
        f"Invalid property name in '{param}': '{name[:3]}...{name[-3:]}' is too long. Expected a"
        f" string with maximum length {most}, but got a string with length {len(name)} instead.",
        param=param,
        code="property_name_above_max_length",
    )


def out_of_range(param: str, number: str, side: str, bound: float, got: object) -> ApiError:
    """400 for a number over or under its bound [quoted: limit over 100; inferred: others]."""
    sign, word, code = (
        ("<=", "above maximum", "above_max")
        if side == "max"
        else (">=", "below minimum", "below_min")
    )
    return ApiError(
        f"Invalid '{param}': {number} {word} value. Expected a value {sign} {bound:g}, but got"
        f" {got} instead.",
        param=param,
        code=f"{number}_{code}_value",
    )


# State


def run_is_active(thread: str, run: str) -> ApiError:
    """400 for a message added while a run is active [quoted]."""
    return ApiError(f"Can't add messages to {thread} while a run {run} is active.")


def has_active_run(thread: str, run: str) -> ApiError:
    """400 for a second run while one is active [quoted]."""
    return ApiError(f"Thread {thread} already has an active run {run}.")


def nothing_to_run() -> ApiError:
    """400 for a run on an empty thread without instructions [recorded]."""
    return ApiError(
        "Run creation requires a Thread with a user message or an assistant with instructions.",
        code="invalid_thread",
    )


def cannot_cancel(status: str) -> ApiError:
    """400 for cancelling a run that has ended [recorded]."""
    return ApiError(f"Cannot cancel run with status '{status}'.")


def cannot_update(status: str) -> ApiError:
    """400 for modifying a run that has not ended [recorded]."""
    return ApiError(f"Cannot update run with status '{status}'.")


def no_tool_outputs(status: str) -> ApiError:
    """400 for outputs that a run does not wait for [recorded]."""
    return ApiError(f'Runs in status "{status}" do not accept tool outputs.')


def gone() -> ApiError:
    """404 for all of the Assistants API since 26 August 2026 [reported]. The body is unknown: there
    is none here, and a header says so."""
    error = ApiError("the Assistants API was shut down; its answer's body is not known", status=404)
    error.body = None
    error.headers = {"x-replay-body": "not known"}
    return error


# This server's own


def upstream_unreachable(upstream: str, reason: str) -> ApiError:
    """502 when the real API can't be reached in a live session [replay]."""
    return _own(
        f"The replay server could not reach {upstream}: {reason}",
        status=502,
        code="upstream_unreachable",
    )


def upstream_timeout(upstream: str) -> ApiError:
    """504 when the real API does not answer in time in a live session [replay]."""
    return _own(
        f"{upstream} did not answer the replay server in time.",
        status=504,
        code="upstream_timeout",
    )


def broken_rule(reason: str) -> ApiError:
    """500 when a rule itself fails: a bug of the replay server's [replay]."""
    return _own(
        f"The replay server has a bug: {reason}",
        status=500,
        code="broken_rule",
    )


def _listed(values: Iterable[str]) -> str:
    """'a' and 'b'; 'a', 'b', and 'c': as the API lists the values that it takes [quoted]."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return ", ".join(quoted[:-1]) + ", and " + quoted[-1]
