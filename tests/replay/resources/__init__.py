"""One module a resource, named as in the API. ROUTES is the map of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ..sdk_types import sdk_type
from . import (
    assistants,
    conversations,
    files,
    items,
    messages,
    models,
    responses,
    runs,
    threads,
    vector_stores,
)


@dataclass(frozen=True)
class Route:
    """How one operation is answered.

    rule: takes the call, then each object or name of the path, in order; gives the answer's body;
    raises errors.ApiError for what the API refuses. takes: the body's type, one of the SDK's by its
    module below `openai.types`, or one of our own; "" for a body that is not looked at. required:
    one name of each group must be there, though the type does not say so; else the first of the
    group is missing. without: fields that the rule checks, or that the SDK sends in path or query.
    form: the body is no JSON but a form, which the rule reads.
    """

    rule: Callable[..., object]
    takes: str | type = ""
    required: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()
    form: bool = False

    @cached_property
    def body(self) -> type | None:
        """The body's type."""
        if isinstance(self.takes, str) and self.takes:
            module, _, name = self.takes.rpartition(".")
            return sdk_type(module, name)
        return self.takes or None


# In `threads/{id}/runs/{id}` each name in front of an {id} is an attribute of what stands before it
# (`project.threads[…].runs[…]`), so that a rule is given the objects. {name} is given as it is.
ROUTES: dict[str, Route] = {
    "GET models": Route(models.list_),
    "GET models/{name}": Route(models.retrieve),
    "POST assistants": Route(
        assistants.create, "beta.assistant_create_params.AssistantCreateParams"
    ),
    "GET assistants": Route(assistants.list_),
    "GET assistants/{id}": Route(assistants.retrieve),
    "POST assistants/{id}": Route(
        assistants.modify, "beta.assistant_update_params.AssistantUpdateParams"
    ),
    "DELETE assistants/{id}": Route(assistants.delete),
    "POST threads": Route(threads.create, "beta.thread_create_params.ThreadCreateParams"),
    "GET threads/{id}": Route(threads.retrieve),
    "POST threads/{id}": Route(threads.modify, "beta.thread_update_params.ThreadUpdateParams"),
    "DELETE threads/{id}": Route(threads.delete),
    "POST threads/{id}/messages": Route(
        messages.create, "beta.threads.message_create_params.MessageCreateParams"
    ),
    "GET threads/{id}/messages": Route(messages.list_),
    "GET threads/{id}/messages/{id}": Route(messages.retrieve),
    "POST threads/{id}/messages/{id}": Route(
        messages.modify,
        "beta.threads.message_update_params.MessageUpdateParams",
        without=("thread_id",),
    ),
    "DELETE threads/{id}/messages/{id}": Route(messages.delete),
    "POST threads/runs": Route(
        runs.create_with_thread,
        "beta.thread_create_and_run_params.ThreadCreateAndRunParamsNonStreaming",
    ),
    "POST threads/{id}/runs": Route(
        runs.create,
        "beta.threads.run_create_params.RunCreateParamsNonStreaming",
        without=("include",),
    ),
    "GET threads/{id}/runs": Route(runs.list_),
    "GET threads/{id}/runs/{id}": Route(runs.retrieve),
    "POST threads/{id}/runs/{id}": Route(
        runs.modify, "beta.threads.run_update_params.RunUpdateParams", without=("thread_id",)
    ),
    "POST threads/{id}/runs/{id}/cancel": Route(runs.cancel),
    "POST threads/{id}/runs/{id}/submit_tool_outputs": Route(
        runs.submit_tool_outputs,
        "beta.threads.run_submit_tool_outputs_params.RunSubmitToolOutputsParamsNonStreaming",
        without=("thread_id",),
    ),
    "GET threads/{id}/runs/{id}/steps": Route(runs.list_steps),
    "GET threads/{id}/runs/{id}/steps/{id}": Route(runs.retrieve_step),
    "POST conversations": Route(
        conversations.create,
        "conversations.conversation_create_params.ConversationCreateParams",
        without=("items",),
    ),
    "GET conversations/{id}": Route(conversations.retrieve),
    "POST conversations/{id}": Route(
        conversations.update, "conversations.conversation_update_params.ConversationUpdateParams"
    ),
    "DELETE conversations/{id}": Route(conversations.delete),
    "POST conversations/{id}/items": Route(items.create, items.Create),
    "GET conversations/{id}/items": Route(items.list_),
    "GET conversations/{id}/items/{id}": Route(items.retrieve),
    "DELETE conversations/{id}/items/{id}": Route(items.delete),
    "POST responses": Route(
        responses.create,
        "responses.response_create_params.ResponseCreateParamsNonStreaming",
        required=(
            ("model", "prompt"),
            ("input", "prompt", "conversation", "previous_response_id"),
        ),
        without=("input",),
    ),
    "GET responses/{id}": Route(responses.retrieve),
    "DELETE responses/{id}": Route(responses.delete),
    "GET responses/{id}/input_items": Route(responses.list_input_items),
    "POST files": Route(files.create, form=True),
    "GET files": Route(files.list_),
    "GET files/{id}": Route(files.retrieve),
    "DELETE files/{id}": Route(files.delete),
    "GET files/{id}/content": Route(files.content),
    "POST vector_stores": Route(
        vector_stores.create, "vector_store_create_params.VectorStoreCreateParams"
    ),
    "GET vector_stores": Route(vector_stores.list_),
    "GET vector_stores/{id}": Route(vector_stores.retrieve),
    "POST vector_stores/{id}": Route(
        vector_stores.modify, "vector_store_update_params.VectorStoreUpdateParams"
    ),
    "DELETE vector_stores/{id}": Route(vector_stores.delete),
    "POST vector_stores/{id}/files": Route(
        vector_stores.add_file, "vector_stores.file_create_params.FileCreateParams"
    ),
    "GET vector_stores/{id}/files": Route(vector_stores.list_files),
    "GET vector_stores/{id}/files/{name}": Route(vector_stores.retrieve_file),
    "DELETE vector_stores/{id}/files/{name}": Route(vector_stores.delete_file),
    "POST vector_stores/{id}/file_batches": Route(
        vector_stores.create_batch,
        "vector_stores.file_batch_create_params.FileBatchCreateParams",
        required=(("file_ids", "files"),),
    ),
    "GET vector_stores/{id}/file_batches/{id}": Route(vector_stores.retrieve_batch),
    "GET vector_stores/{id}/file_batches/{id}/files": Route(vector_stores.list_batch),
}
# The API's other APIs, by the first part of their paths: refused as this server's own.
OTHER_APIS = """
    agents audio batches chat chatkit completions containers content_provenance_checks
    decisions embeddings evals fine_tuning images live moderations organization projects
    realtime safety skills uploads vaults videos webhook_endpoints
    webhook_event_types
""".split()
BETA = ("assistants", "threads")  # these want the header OpenAI-Beta: assistants=v2
# Headers by API, beside those of every answer, or in their place; None: not there [recorded].
WASM = {"x-openai-proxy-wasm": "v0.1"}
HEADERS: dict[str, dict[str, str | None]] = {
    "assistants": WASM,
    "threads": WASM,
    "conversations": {**WASM, "access-control-expose-headers": "CF-Ray"},
    "files": {**WASM, "access-control-expose-headers": "CF-Ray"},
    "vector_stores": WASM,
    "models": {"openai-organization": None, "openai-project": None},
}
