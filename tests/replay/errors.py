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


def old_beta_header() -> ApiError:
    """400 when the Assistants API's first version is asked for [quoted, four reports]."""
    return ApiError(
        "The v1 Assistants API has been deprecated. Please try again by setting the header"
        " 'OpenAI-Beta: assistants=v2'. See the migration guide for more information:"
        " https://platform.openai.com/docs/assistants/migration.",
        code="invalid_beta",
    )


def not_this_host() -> ApiError:
    """403 for a request that is addressed to another host [replay]."""
    return _own(
        "The replay server answers requests to 127.0.0.1 or localhost only.",
        status=403,
        code="host_not_allowed",
    )


def azure(path: str, host: str) -> ApiError:
    """404 for an address of Azure OpenAI, which has paths and keys of its own [replay]. host: of
    this server, with its port."""
    return _own(
        f"{path} is an address of Azure OpenAI, which is not replayed. Make the client with"
        f' OpenAI(base_url="http://{host}/v1") in place of AzureOpenAI(…): the calls are the same.',
        status=404,
        code="azure_address",
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
    the parameter that an id of another kind is refused by; of the 404 for an unknown one the
    sentence, "" where it was never shown, and the parameter."""

    prefix: str
    param: str
    unknown: str
    unknown_by: str | None = None


# By the collection's name in a path. The sentences: threads recorded (unknown) and quoted
# (deleted), messages and items quoted, conversations quoted (Aug-Sep 2026), steps (an id of any
# form), responses and files (an id of any form) recorded; vector stores reported (the quotation
# marks, the full stop and the prefix: inferred); the prefix of batches quoted, two; runs and
# assistants inferred.
KINDS = {
    "assistants": Kind("asst", "assistant_id", "No assistant found with id '{}'."),
    "threads": Kind("thread", "thread_id", "No thread found with id '{}'."),
    "messages": Kind("msg", "message_id", "No message found with id '{}'."),
    "runs": Kind("run", "run_id", "No run found with id '{}'."),
    "steps": Kind("", "step_id", "No run step found with id '{}'."),
    "conversations": Kind("conv", "conversation_id", "Conversation with id '{}' not found."),
    "items": Kind("", "item_id", "Item with id '{}' not found in conversation."),
    "responses": Kind("resp", "response_id", "Response with id '{}' not found."),
    "files": Kind("", "id", "No such File object: {}", unknown_by="id"),
    "vector_stores": Kind("vs_", "vector_store_id", "No vector store found with id '{}'."),
    "file_batches": Kind("vsfb_", "batch_id", ""),
}


def not_found(kind: str, id: str) -> ApiError:
    """404 for an unknown or deleted object. kind: a key of KINDS, which has the sources; where it
    has no words, they are the server's own."""
    known = KINDS[kind]
    if not known.unknown:
        says = f"The replay server has no '{id}' here. What the API says to that was never shown."
        return _own(says, "not_found", status=404)
    return ApiError(known.unknown.format(id), status=404, param=known.unknown_by)


def wrong_method(method: str, path: str) -> ApiError:
    """405 for a method that a known path does not have [quoted, on other paths]."""
    return ApiError(f"Invalid method for URL ({method} {path})", status=405)


def session_key_only(method: str, path: str) -> ApiError:
    """401 for a list that only a browser's session may have [quoted: threads, whole; responses, its
    beginning]."""
    return ApiError(
        f"Your request to {method} {path} must be made with a session key (that is, it can only be"
        " made from the browser). You made it with the following key type: secret.",
        status=401,
        code="missing_scope",
    )


def no_model(name: str) -> ApiError:
    """404 for a model that is unknown, when it is looked up [recorded]."""
    return ApiError(
        f"The model '{name}' does not exist", status=404, param="model", code="model_not_found"
    )


def model_not_found(name: str) -> ApiError:
    """400 for an unknown model: when a response is asked of it [recorded, 3 Aug 2026; since
    September 404 is reported, with a body that nobody shows], when an assistant is to have it
    [quoted, two, 2024]."""
    return ApiError(
        f"The requested model '{name}' does not exist.", param="model", code="model_not_found"
    )


def model_is_gone(name: str) -> ApiError:
    """404 for a model that was shut down, when a response is asked of it [recorded]."""
    return ApiError(f"Model not found {name}", status=404, param="model")


def not_for_assistants(name: str) -> ApiError:
    """400 for a model that came after the Assistants API [quoted, two; inferred: runs]."""
    return ApiError(
        f"The requested model '{name}' cannot be used with the Assistants API.",
        param="model",
        code="unsupported_model",
    )


def previous_response_not_found(id: str) -> ApiError:
    """400 for a `previous_response_id` that is unknown [inferred]."""
    return ApiError(
        f"Previous response with id '{id}' not found.",
        param="previous_response_id",
        code="previous_response_not_found",
    )


def item_not_stored(id: str, storing: bool) -> ApiError:
    """404 for a reference to an item that is not stored [quoted]. storing: whether the request is
    stored; the longer words were quoted of requests that are not."""
    more = (
        " Items are not persisted when `store` is set to false. Try again with `store` set to true,"
        " or remove this item from your input."
    )
    return ApiError(
        f"Item with id '{id}' not found.{'' if storing else more}", status=404, param="input"
    )


def bad_id(param: str, id: str, prefix: str) -> ApiError:
    """400 for an id of another kind [quoted: thread_id, conversation, previous_response_id, items;
    inferred: the other ids]."""
    return invalid_value(
        f"Invalid '{param}': '{id}'. Expected an ID that begins with '{prefix}'.", param
    )


def bad_letters(param: str, id: str) -> ApiError:
    """400 for an id with other characters in it, or none [quoted]."""
    return invalid_value(
        f"Invalid '{param}': '{id}'. Expected an ID that contains letters, numbers, underscores, or"
        " dashes, but this value contained additional characters.",
        param,
    )


# What the API has and this server has not, in two lists: whole operations, and parts of a request.
OPERATIONS_NOT_REPLAYED = {
    "POST responses/{id}/cancel": "cancelling a response in the background",
    "POST responses/compact": "compacting a conversation",
    "POST responses/input_tokens": "counting tokens",
    "DELETE models/{name}": "deleting a fine-tuned model",
    "POST vector_stores/{id}/search": "searching a vector store",
    "POST vector_stores/{id}/files/{name}": "changing the attributes of a vector store's file",
    "GET vector_stores/{id}/files/{name}/content": "a vector store's file as text",
    "POST vector_stores/{id}/file_batches/{id}/cancel": "cancelling a batch of files",
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
    "stored stream": "a stored response as a stream",
    "item": "items of type `{}`",
    "part": "parts of type `{}`",
    "tool": "tools of type `{}`",
    "part of a tool": "tools with `{}`",
    "run's tool_choice": "runs with a forced `tool_choice`",
    "run's response_format": "runs with JSON as `response_format`",
    "run's outputs": "tool outputs for other calls than the run's",
    "purpose": "files for `{}`",
    "expires_after": "files that expire by another policy than `created_at` and seconds",
    "file without an extension": "files for assistants or a vector store without an extension",
    "file twice": "a file that a vector store has already",
    "two lists of files": "a batch with both `file_ids` and `files`",
    "overlap": "chunks that overlap by more than half",
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


def no_form(kind: str) -> ApiError:
    """415 for another body than a form. kind: its Content-Type [quoted, two; none: inferred]."""
    return ApiError(
        f"Invalid Content-Type header ({kind}), expected multipart/form-data. (HINT: If you're"
        " using curl, you can pass -H 'Content-Type: multipart/form-data')",
        status=415,
    )


def broken_form() -> ApiError:
    """400 for a form that can't be read [quoted, two: a `file` that is none; inferred: others]."""
    return ApiError(
        "The browser (or proxy) sent a request that this server could not understand.",
        kind="server_error",
    )


def missing_property(name: str) -> ApiError:
    """400 for a form without a field [quoted: file, whole; purpose, its message]."""
    return ApiError(f"'{name}' is a required property")


def additional_properties(names: list[str]) -> ApiError:
    """400 for more fields than a form has [quoted: one, on Azure; inferred: more]."""
    were = "was" if len(names) == 1 else "were"
    listed = ", ".join(f"'{name}'" for name in names)
    return ApiError(f"Additional properties are not allowed ({listed} {were} unexpected)")


def bad_purpose(purpose: str, purposes: Iterable[str]) -> ApiError:
    """400 for a purpose that there is not, with the message twice [recorded, May 2026]."""
    listed = ", ".join(f"'{one}'" for one in purposes)
    error = ApiError(f"'{purpose}' is not one of [{listed}] - 'purpose'", param="purpose")
    error.body["detail"] = {"message": str(error), "code": None}
    return error


def bad_extension(extension: str, supported: Iterable[str]) -> ApiError:
    """400 for a file that can't be for assistants, by its name [quoted: four]."""
    listed = ", ".join(f'"{one}"' for one in supported)
    return ApiError(f"Invalid extension {extension}. Supported formats: {listed}")


def empty_file() -> ApiError:
    """400 for a file of no bytes [reported; its status and param: inferred]."""
    return ApiError("File is empty.")


def no_download(purpose: str) -> ApiError:
    """400 for the bytes of a file that was uploaded for the API [quoted, many]."""
    return ApiError(f"Not allowed to download files of purpose: {purpose}")


def files_not_found(ids: Iterable[str]) -> ApiError:
    """404 for files that a body names [quoted, on Azure: vector stores; reported: threads,
    messages; relayed: responses; inferred: others, and how many are joined]."""
    return ApiError(f"Files [{', '.join(dict.fromkeys(ids))}] were not found", status=404)


def stores_not_found(ids: Iterable[str]) -> ApiError:
    """404 for vector stores that a response names [quoted; the status: reported; how many are
    joined: inferred]."""
    listed = ", ".join(dict.fromkeys(ids))
    return ApiError(f"Vector store with id [{listed}] not found.", status=404)


def not_in_store(id: str, store: str) -> ApiError:
    """404 for a file that a vector store does not have [quoted]."""
    return ApiError(f"No file found with id '{id}' in vector store '{store}'.", status=404)


def not_for_retrieval(extensions: Iterable[str]) -> ApiError:
    """400 for files that file search does not read [quoted, four; joined so: inferred]."""
    return ApiError(
        f"Files with extensions [{', '.join(extensions)}] are not supported for retrieval. See"
        " https://platform.openai.com/docs/assistants/tools/file-search/supported-files",
        param="file_ids",
        code="unsupported_file",
    )


def no_room(most: int) -> ApiError:
    """413 where files would be more than the server keeps, in bytes [replay]."""
    return _own(
        f"The replay server keeps at most {most} bytes of files. Delete some, and try again.",
        "no_room",
        status=413,
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


def not_with_this_model(param: str, code: str | None = None) -> ApiError:
    """400 for what a model does not take. Without a code: temperature [recorded] and top_p
    [quoted], while it reasons. With `unsupported_parameter`: an effort, where it can't [recorded].
    """
    message = f"Unsupported parameter: '{param}' is not supported with this model."
    return ApiError(message, param=param, code=code)


def no_logprobs(param: str) -> ApiError:
    """400 for the probabilities of words, while a model reasons [quoted]."""
    message = "logprobs are not supported with reasoning models."
    return ApiError(message, param=param, code="unsupported_parameter")


def only_kept_for_a_day() -> ApiError:
    """400 for a short-lived cache of a model that has none [quoted]."""
    return ApiError(
        "This model is compatible only with 24h extended prompt caching",
        param="prompt_cache_retention",
        code="invalid_parameter",
    )


def no_such_mode() -> ApiError:
    """400 for a mode of reasoning that a model lacks [recorded]."""
    return ApiError(
        "`reasoning.mode` is not supported with this model.",
        param="reasoning.mode",
        code="unsupported_value",
    )


def bad_pattern(param: str, pattern: str) -> ApiError:
    """400 for a function's name with other characters [quoted]."""
    return invalid_value(
        f"Invalid '{param}': string does not match pattern. Expected a string that matches the"
        f" pattern '{pattern}'.",
        param,
    )


def bad_schema(function: str, says: str, param: str) -> ApiError:
    """400 for a function whose schema the API can't use. says: what is wrong with it."""
    return ApiError(
        f"Invalid schema for function '{function}': {says}",
        param=param,
        code="invalid_function_parameters",
    )


def moved(param: str, to: str) -> ApiError:
    """400 for a parameter of Chat Completions, sent to Responses [quoted, five reports]."""
    return ApiError(
        f"Unsupported parameter: '{param}'. In the Responses API, this parameter has moved to"
        f" '{to}'. Try again with the new parameter. See the API documentation for more"
        " information: https://platform.openai.com/docs/api-reference/responses/create.",
        code="unsupported_parameter",
    )


def unsupported_effort(effort: str, model: str, efforts: Iterable[str]) -> ApiError:
    """400 for an effort that a reasoning model lacks [quoted, live Sep 2026]."""
    return ApiError(
        f"Unsupported value: '{effort}' is not supported with the '{model}' model. Supported values"
        f" are: {_listed(efforts)}.",
        param="reasoning.effort",
        code="unsupported_value",
    )


def duplicate_item(id: str) -> ApiError:
    """400 for an item that was said already, by its id [quoted, five reports]."""
    return ApiError(
        f"Duplicate item found with id {id}. Remove duplicate items from your input and try again.",
        param="input",
    )


def no_tool_output(call_id: str) -> ApiError:
    """400 for a function call that is left open [quoted, many]."""
    return ApiError(f"No tool output found for function call {call_id}.", param="input")


def reasoning_alone(id: str) -> ApiError:
    """400 for reasoning without the item behind it that it led to [recorded]."""
    return ApiError(
        f"Item '{id}' of type 'reasoning' was provided without its required following item.",
        param="input",
    )


def without_its_reasoning(item: dict, reasoning: str) -> ApiError:
    """400 for an item of a stored response without the reasoning that led to it [quoted]."""
    kind = item.get("type", "message")
    return ApiError(
        f"Item '{item['id']}' of type '{kind}' was provided without its required 'reasoning' item:"
        f" '{reasoning}'.",
        param="input",
    )


def invalid_item() -> ApiError:
    """400 for an item of reasoning with nothing in it, put into a conversation [quoted]."""
    return ApiError("Invalid item", param="item", code="invalid_item")


def no_tool_call(id: str) -> ApiError:
    """400 for the output of a call that nobody made [recorded]."""
    return ApiError(
        f"No tool call found for function call output with call_id {id}.", param="input"
    )


def unknown_parameter(param: str, near: Iterable[str] = ()) -> ApiError:
    """400 for a parameter that the API does not have [quoted: responses; inferred: others]. near:
    those that may have been meant [quoted]."""
    hint = " or ".join(f"'{name}'" for name in near)
    return ApiError(
        f"Unknown parameter: '{param}'." + (f" Did you mean {hint}?" if hint else ""),
        param=param,
        code="unknown_parameter",
    )


def wrong_type(param: str, expected: str, got: str) -> ApiError:
    """400 for a value of the wrong JSON type [recorded and quoted: metadata; inferred: others]."""
    return ApiError(
        f"Invalid type for '{param}': expected {expected}, but got {got} instead.",
        param=param,
        code="invalid_type",
    )


def too_long(param: str, what: str, most: int, got: int) -> ApiError:
    """400 for a string or an array over its limit [quoted: content, a part's text, instructions,
    names; inferred: others]."""
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
    """400 for more than 16 metadata pairs [quoted, Aug 2026]."""
    return ApiError(
        f"Invalid '{param}': too many properties. Expected an object with at most {most}"
        f" properties, but got an object with {got} properties instead.",
        param=param,
        code="object_above_max_properties",
    )


def property_name_too_long(param: str, name: str, most: int) -> ApiError:
    """400 for a metadata key over 64 characters [quoted, Aug 2026]."""
    return ApiError(
        f"Invalid property name in '{param}': '{name[:3]}...{name[-3:]}' is too long. Expected a"
        f" string with maximum length {most}, but got a string with length {len(name)} instead.",
        param=f"{param}.{name}",
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


def reply_does_not_fit(place: str, says: str) -> ApiError:
    """400 for a reply that does not fit the schema that was sent [replay]."""
    return _own(f"The reply ({place}) does not fit the schema: {says}.", "reply_does_not_fit")


def functions_only() -> ApiError:
    """400 for other tools beside a schema for the answer, at Assistants [quoted]."""
    return ApiError(
        "Invalid tools: all tools must be of type `function` when `response_format` is of type"
        " `json_schema`."
    )


def bad_answer_schema(name: str, says: str) -> ApiError:
    """400 for a schema of the answer that the API can't use [quoted]."""
    return ApiError(
        f"Invalid schema for response_format '{name}': {says}",
        param="text.format.schema",
        code="invalid_json_schema",
    )


def no_word_json() -> ApiError:
    """400 for JSON that nobody spoke of [quoted, many; param: once]."""
    return ApiError(
        "Response input messages must contain the word 'json' in some form to use 'text.format' of"
        " type 'json_object'.",
        param="text.format",
    )


def no_such_choice(kind: str) -> ApiError:
    """400 for a tool that must be called and is not there: its type [recorded]."""
    return ApiError(f"Tool choice '{kind}' not found in 'tools' parameter.", param="tool_choice")


def nothing_to_choose() -> ApiError:
    """400 for `required` without tools [quoted]."""
    return ApiError(
        "Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice"
    )


# Faults that the user's own file asks for


def rate_limit(model: str) -> ApiError:
    """429 [quoted; retry-after: documented, as the SDK reads it]."""
    return ApiError(
        f"Rate limit reached for {model} in organization org-abc123xyz789 on requests per min"
        " (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms. Visit"
        " https://platform.openai.com/account/rate-limits to learn more.",
        status=429,
        kind="requests",
        code="rate_limit_exceeded",
        headers={"retry-after": "1", "retry-after-ms": "120"},
    )


def server_error(request_id: str) -> ApiError:
    """500 [quoted: type and code as of late 2025; before, `model_error` and null]."""
    return ApiError(
        "An error occurred while processing your request. You can retry your request, or contact us"
        " through our help center at help.openai.com if the error persists. Please include the"
        f" request ID {request_id} in your message.",
        status=500,
        kind="server_error",
        code="server_error",
        headers={"x-request-id": request_id},
    )


def conversation_locked() -> ApiError:
    """400 for two responses at once on one conversation [quoted, many]."""
    return ApiError(
        "Another process is currently operating on this conversation. Please retry in a few"
        " seconds.",
        param="conversation",
        code="conversation_locked",
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
