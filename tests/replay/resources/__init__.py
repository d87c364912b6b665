"""One module a resource, named as in the API. ROUTES is the map of all of them.

A rule takes the call and the ids of its path, by name, and gives the answer's body; it raises
errors.ApiError for what the API refuses.
"""

from collections.abc import Callable

from . import assistants, conversations, items, messages, models, responses, runs, threads

Rule = Callable[..., dict]
ROUTES: dict[str, Rule] = {
    "GET models/{model}": models.retrieve,
    "POST assistants": assistants.create,
    "GET assistants/{assistant_id}": assistants.retrieve,
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
    "POST threads/{thread_id}/runs": runs.create,
    "GET threads/{thread_id}/runs": runs.list_,
    "GET threads/{thread_id}/runs/{run_id}": runs.retrieve,
    "POST threads/{thread_id}/runs/{run_id}/cancel": runs.cancel,
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
}
# What the API has (or had) and this server has not, in words.
NOT_REPLAYED = {
    "GET assistants": "the list of assistants",
    "POST assistants/{assistant_id}": "modifying an assistant",
    "POST threads/runs": "creating a thread and a run in one call",
    "POST threads/{thread_id}/runs/{run_id}": "modifying a run",
    "POST threads/{thread_id}/runs/{run_id}/submit_tool_outputs": "runs with tools",
    "GET threads/{thread_id}/runs/{run_id}/steps": "run steps",
    "GET threads/{thread_id}/runs/{run_id}/steps/{step_id}": "run steps",
    "GET responses/{response_id}/input_items": "a response's input items",
    "POST responses/{response_id}/cancel": "responses in the background",
}
OTHER_APIS = """audio batches chat completions containers embeddings evals files fine_tuning images
    models moderations organization realtime uploads vector_stores videos""".split()
BETA = ("assistants", "threads")  # these want the header OpenAI-Beta: assistants=v2
