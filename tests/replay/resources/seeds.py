"""Objects that the user's own file brings, under the ids that a program expects."""

from typing import TypedDict

from ..call import START
from ..errors import ApiError
from ..parameters import check
from ..project import File, Project, Thread
from ..sdk_types import sdk_type
from ..taught import Content
from . import assistants, files, messages, threads, vector_stores


class Uploaded(TypedDict, total=False):
    """What the user's own file says of a file that was uploaded: it is empty here."""

    filename: str


TAKES: dict[str, tuple[str, str] | type] = {
    "assistants": ("beta.assistant_create_params", "AssistantCreateParams"),
    "threads": ("beta.thread_create_params", "ThreadCreateParams"),
    "vector_stores": ("vector_store_create_params", "VectorStoreCreateParams"),
    "files": Uploaded,
}


def check_body(kind: str, body: dict) -> None:
    """Check what a file says of an object as the API would.

    kind: a key of TAKES. Raises ValueError with the API's words.
    """
    takes = TAKES[kind]
    try:
        check(sdk_type(*takes) if isinstance(takes, tuple) else takes, body)
        if kind == "assistants":
            assistants.check_sent(body)
    except ApiError as error:
        raise ValueError(str(error)) from None


def plant(project: Project, content: Content) -> None:
    """Give a key what the file has and it has not been given: what it deleted stays away."""
    for id, sent in content.assistants.items():
        if project.seeds.get(id) != sent:
            project.seeds[id] = sent
            project.assistants[id] = assistants.shown(
                sent, id, START, sent.get("tool_resources") or {}
            )
    for kind, put in (("threads", _thread), ("files", _file), ("vector_stores", _store)):
        for id, sent in content.objects[kind].items():
            if id not in project.seeds:
                project.seeds[id] = sent
                put(project, id, sent)


def _file(project: Project, id: str, sent: dict) -> None:
    name = sent.get("filename") or "file.txt"
    project.files[id] = File(files.shown(id, START, "assistants", name), b"")


def _store(project: Project, id: str, sent: dict) -> None:
    vector_stores.put(project, sent, id, START, START)


def _thread(project: Project, id: str, sent: dict) -> None:
    thread = Thread(threads.shown(sent, id, START, sent.get("tool_resources") or {}))
    for number, message in enumerate(sent.get("messages") or ()):
        made = messages.shown(message, f"msg_{id.removeprefix('thread_')}_{number}", START, id)
        thread.messages[made["id"]] = made
    project.threads[id] = thread
