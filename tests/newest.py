"""`python -m pytest tests/newest.py`: what the SDK's own lists have and the server does not.

A newer SDK may fail it, and nothing is wrong then for who uses this project: so a bare `pytest`
leaves it out, and a workflow runs it once a week with the newest packages.
"""

import re
from pathlib import Path

import openai

from .replay.api import find_route, first_part
from .replay.resources import OTHER_APIS, models
from .replay.sdk_types import sdk_type

CALL = re.compile(
    r'self\._(get|post|delete|put|patch|get_api_list)\(\s*(?:path_template\(\s*)?"(/[^"]+)"'
)


def verb(method: str, path: str) -> str:
    """The HTTP method of a call of the SDK's; a search is a list that is posted."""
    return "POST" if path.endswith("/search") else method.upper().replace("GET_API_LIST", "GET")


def test_no_path_that_the_sdk_calls_is_unknown():
    """All operations are replayed, or refused as the server's own."""
    folder = Path(openai.__file__).parent / "resources"
    calls = {
        (verb(method, path), path)
        for file in folder.rglob("*.py")
        for method, path in CALL.findall(file.read_text(encoding="utf-8"))
    }
    assert len(calls) > 250
    unknown = []
    for method, path in calls:
        path = "/v1" + re.sub(r"\{.*?\}", "x", path).partition("?")[0]
        if not find_route(method, path)[0] and first_part(path) not in OTHER_APIS:
            unknown.append(f"{method} {path}")
    assert unknown == []


# What the rules know. A newer type would let more in, and no rule would answer for it.
PARAMETERS = """
beta.thread_create_params.ThreadCreateParams: messages metadata tool_resources
beta.thread_update_params.ThreadUpdateParams: metadata tool_resources
beta.threads.message_create_params.MessageCreateParams: attachments content metadata role
beta.threads.message_update_params.MessageUpdateParams: metadata thread_id
beta.threads.run_create_params.RunCreateParamsNonStreaming: additional_instructions
    additional_messages assistant_id include instructions max_completion_tokens max_prompt_tokens
    metadata model parallel_tool_calls reasoning_effort response_format stream temperature
    tool_choice tools top_p truncation_strategy
beta.threads.run_update_params.RunUpdateParams: metadata thread_id
beta.threads.run_submit_tool_outputs_params.RunSubmitToolOutputsParamsNonStreaming: stream thread_id
    tool_outputs
beta.assistant_create_params.AssistantCreateParams: description instructions metadata model name
    reasoning_effort response_format temperature tool_resources tools top_p
beta.assistant_update_params.AssistantUpdateParams: description instructions metadata model name
    reasoning_effort response_format temperature tool_resources tools top_p
conversations.conversation_create_params.ConversationCreateParams: items metadata
conversations.conversation_update_params.ConversationUpdateParams: metadata
responses.response_create_params.ResponseCreateParamsNonStreaming: access_programs background
    background_options context_management conversation image include input instructions
    max_output_tokens max_tool_calls metadata model moderation parallel_tool_calls
    previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention
    reasoning safety_identifier service_tier store stream stream_options temperature text
    tool_choice tools top_logprobs top_p truncation user
"""


def test_no_parameter_is_new():
    for kind, names in re.findall(r"^(\S+): ([^:]+)$", PARAMETERS, re.M):
        module, _, name = kind.rpartition(".")
        assert sorted(sdk_type(module, name).__annotations__) == names.split(), kind


# Names of the SDK's list that only a rule of thumb speaks of.
BY_PATTERN = {"gpt-4o-mini-search-preview"}


def test_no_model_is_new():
    """A name that the SDK lists wants a row, or the day on which it went."""
    rows, gone = models._table(), " ".join(models.GONE.values()).split()
    known = {*rows, *gone, *models.UNSUPPORTED, *(row.full_name for row in rows.values())}
    short = [re.sub(r"-\d{4}-\d\d-\d\d$", "", name) for name in models._names()]
    names = zip(models._names(), short, strict=True)
    assert {name for name, plain in names if not {name, plain} & known} == BY_PATTERN
