"""One module a resource, named as in the API. ROUTES is the map of all of them.

A rule takes the call and the ids of its path, by name, and gives the answer's body; it raises
errors.ApiError for what the API refuses.
"""

from collections.abc import Callable

from . import assistants, conversations, items, messages, models, responses, runs, threads

Rule = Callable[..., object]
ROUTES: dict[str, Rule] = {
    "GET models": models.list_,
    "GET models/{model}": models.retrieve,
    "POST assistants": assistants.create,
    "GET assistants": assistants.list_,
    "GET assistants/{assistant_id}": assistants.retrieve,
    "POST assistants/{assistant_id}": assistants.modify,
    "DELETE assistants/{assistant_id}": assistants.delete,
    "POST threads": threads.create,
    "GET threads/{thread_id}": threads.retrieve,
    "POST threads/{thread_id}": threads.modify,
    "DELETE threads/{thread_id}": threads.delete,
    "POST threads/{thread_id}/messages": messages.create,
    "GET threads/{thread_id}/messages": messages.list_,
    "GET threads/{thread_id}/messages/{message_id}": messages.retrieve,
    "POST threads/{thread_id}/messages/{message_id}": messages.modify,
    "DELETE threads/{thread_id}/messages/{message_id}": messages.delete,
    "POST threads/runs": runs.create_with_thread,
    "POST threads/{thread_id}/runs": runs.create,
    "GET threads/{thread_id}/runs": runs.list_,
    "GET threads/{thread_id}/runs/{run_id}": runs.retrieve,
    "POST threads/{thread_id}/runs/{run_id}": runs.modify,
    "POST threads/{thread_id}/runs/{run_id}/cancel": runs.cancel,
    "POST threads/{thread_id}/runs/{run_id}/submit_tool_outputs": runs.submit_tool_outputs,
    "GET threads/{thread_id}/runs/{run_id}/steps": runs.list_steps,
    "GET threads/{thread_id}/runs/{run_id}/steps/{step_id}": runs.retrieve_step,
    "POST conversations": conversations.create,
    "GET conversations/{conversation_id}": conversations.retrieve,
    "POST conversations/{conversation_id}": conversations.update,
    "DELETE conversations/{conversation_id}": conversations.delete,
    "POST conversations/{conversation_id}/items": items.create,
    "GET conversations/{conversation_id}/items": items.list_,
    "GET conversations/{conversation_id}/items/{item_id}": items.retrieve,
    "DELETE conversations/{conversation_id}/items/{item_id}": items.delete,
    "POST responses": responses.create,
    "GET responses/{response_id}": responses.retrieve,
    "DELETE responses/{response_id}": responses.delete,
    "GET responses/{response_id}/input_items": responses.list_input_items,
}
# The API's other APIs, by the first part of their paths: refused as this server's own.
OTHER_APIS = """
    agents audio batches chat chatkit completions containers content_provenance_checks
    decisions embeddings evals files fine_tuning images live moderations organization projects
    realtime safety skills uploads vaults vector_stores videos webhook_endpoints
    webhook_event_types
""".split()
BETA = ("assistants", "threads")  # these want the header OpenAI-Beta: assistants=v2
# Headers by API, beside those of every answer; None: not there [recorded].
WASM = {"x-openai-proxy-wasm": "v0.1"}
HEADERS: dict[str, dict[str, str | None]] = {
    "assistants": WASM,
    "threads": WASM,
    "conversations": {**WASM, "access-control-expose-headers": "CF-Ray"},
    "models": {"openai-organization": None, "openai-project": None},
}
