"""One request answered: the checks in their order, the rule, recorded or computed.

This is the whole API without HTTP: it runs wherever Python does.
"""

import gc
import re
import secrets
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import cache, lru_cache
from itertools import pairwise
from urllib.parse import unquote

import pydantic_core

from . import errors, ids, multipart
from .call import START, Call
from .collection import find
from .errors import OPERATIONS_NOT_REPLAYED, ApiError
from .exchange import Answer, Exchange, Request, Stream, canonical, encode, last_state
from .matching import Recordings
from .parameters import check, json_type
from .project import Project
from .resources import BETA, HEADERS, OTHER_APIS, ROUTES, seeds
from .taught import Taught

METHODS = ("GET", "POST", "DELETE")
SESSION_KEY_ONLY = ("/v1/threads", "/v1/responses")  # their lists are for a browser's session
HOSTS = ("127.0.0.1", "localhost", "[::1]")
# Bytes. The largest text that the API documents, an item's 10,485,760 characters, and some room.
BODY_LIMIT = 10_485_760 + 2**20
UPLOAD_LIMIT = 2**26  # bytes of a form with a file [replay]
FILES_OF_A_KEY, FILES = 2**26, 2**29  # bytes that are kept; the second of all keys [replay]
KEYS = 10_000  # that own something at one time; then the one unused for longest is forgotten

Observer = Callable[[Request, Answer], None]


class Replay:
    """The answers: state per API key, over one set of recordings.

    session_key: the one key that is taken; without it, any that begins as the API's do. today:
    answer as the API does since the Assistants API's end. taught: what the user teaches it.
    observers: called with every request and its answer.
    """

    def __init__(
        self,
        recordings: Iterable[Exchange] = (),
        session_key: str | None = None,
        today: bool = False,
        taught: Taught | None = None,
    ) -> None:
        self.recordings = Recordings(recordings)
        self.taught = taught
        self.session_key = session_key
        self.today = today
        self.observers: list[Observer] = []
        self.projects: OrderedDict[str, Project] = OrderedDict()

    def admit(self, request: Request) -> None:
        """The checks that need no body. Raises ApiError."""
        addressed_here(request)
        not_azures(request)
        with_a_key(request)
        with_the_sessions_key(request, self.session_key)

    def answer(self, request: Request) -> Answer:
        """One request answered. What goes wrong is an answer too, in the API's shape."""
        live = self.session_key is not None
        call = Call(request, Project(), self.recordings, live=live)
        try:
            self.admit(request)
            call.project = self.project(request.key)
            call.taught = self.taught.content if self.taught else None
            status, value = 200, self._ruled(call)
        except ApiError as error:
            status, value, call.headers = error.status, error.body, error.headers
            if error.own:
                call.why = call.why or "refused: not replayed"
            if not is_key(request.key):
                asked = (request.method, request.target, request.key)
                call.exchange = self.recordings.next_with_key(*asked)
        except Exception as bug:
            traceback.print_exc()
            error = errors.broken_rule(type(bug).__name__)
            status, value, call.headers = error.status, error.body, error.headers
        answer = self._answer(call, status, value)
        self.observe(request, answer)
        return answer

    async def close(self) -> None:
        """Nothing to close."""

    def observe(self, request: Request, answer: Answer) -> None:
        """Tell the observers. What fails in one of them costs nobody the answer."""
        for observer in self.observers:
            try:
                observer(request, answer)
            except Exception:
                traceback.print_exc()

    def project(self, key: str) -> Project:
        """What a key owns."""
        if key in self.projects:
            self.projects.move_to_end(key)
        else:
            self.projects[key] = Project()
            if len(self.projects) > KEYS:
                self.projects.popitem(last=False)
        project = self.projects[key]
        if self.taught:
            self.taught.refresh()
            seeds.plant(project, self.taught.content)
        return project

    def _ruled(self, call: Call) -> object:
        """What the rule gives, once the other checks have been passed, in their order. Raises
        ApiError."""
        request, broken = call.request, None
        small_enough(request)
        name, places = find_route(request.method, request.path)
        route = ROUTES.get(name)
        form = route is not None and route.form
        try:
            if form:
                call.form = multipart.read(request)
                call.sent = multipart.shown(call.form)
            else:
                call.sent = read_body(request.content)
        except ApiError as error:
            broken = error
        asked = (request.method, request.target, call.sent)
        call.exchange = self.recordings.next_for(*asked, call.project.played)
        call.why = ""
        while_it_lived(request, self.today)
        replayed(request, name)
        with_the_beta_header(request)
        if broken:
            raise broken
        if form:
            room_for(request, call.project, self.projects.values())
        objects = objects_at(places, call.project)
        for first, *others in route.required:
            if first not in call.body and all(call.body.get(name) is None for name in others):
                raise errors.missing(first)
        if route.body:
            check(route.body, call.body, without=route.without)
        return route.rule(call, *objects)

    def _answer(self, call: Call, status: int, value: object) -> Answer:
        """Headers and bytes, and the comparison that decides between recorded and computed."""
        request, recorded = call.request, call.exchange
        headers = standard_headers(call.project, status, first_part(request.path)) | call.headers
        if isinstance(value, Stream):
            headers["Content-Type"] = "text/event-stream; charset=utf-8"
        ruled = content = encode(value, request.target)
        why = ""
        if value is None:
            why = "--today: Assistants and Threads are shut down; the real 404's body is not known"
            recorded = None
        elif not recorded:
            asked = (request.method, request.target, call.sent)
            why = call.why or self.recordings.why_not(*asked)
        elif recorded.status != status:
            why, recorded = f"the recording's status is {recorded.status}", None
        else:
            call.project.played.add(recorded)
            for name, text in recorded.headers.items():
                headers[CASE.get(name.lower(), name)] = text
            if isinstance(value, Stream):  # where its deltas are cut, the API makes up
                same = last_state([data for _, data in value.events]) == recorded.value
            else:
                same = content == encode(recorded.value, request.target)
            if same:
                content = recorded.content
            else:
                why = "the state differs from the recording's"
        headers["x-replay"] = "computed" if why else "recorded"
        told = {"place": call.place, "wait": call.wait, "notes": tuple(call.notes)}
        return Answer(
            status, headers, content, why, recorded, ruled, unanswered=call.unanswered, **told
        )


# The checks, in their order. Each raises ApiError.


def addressed_here(request: Request) -> None:
    """403 for another host: that is how a web page would reach a loopback server, by rebinding its
    own name to 127.0.0.1 [replay]."""
    host = request.headers.get("Host", "")
    if (host if host.endswith("]") else host.rsplit(":", 1)[0]).lower() not in HOSTS:
        raise errors.not_this_host()


def not_azures(request: Request) -> None:
    """404 for Azure OpenAI's addresses, with what helps [replay]."""
    if request.path.startswith("/openai/"):
        raise errors.azure(request.path, request.headers["Host"])


def with_a_key(request: Request) -> None:
    """401 without a key, or with what is none [quoted, recorded]."""
    if not request.key:
        raise errors.no_key()
    if not is_key(request.key):
        raise errors.bad_key(request.key)


def with_the_sessions_key(request: Request, key: str | None) -> None:
    """401 in a live session for any other key than its own [replay]."""
    if key and not secrets.compare_digest(request.key.encode(), key.encode()):
        raise errors.not_this_session()


def small_enough(request: Request) -> None:
    """413 for a body over the limit [replay]."""
    if request.size > BODY_LIMIT and request.size > limit_of(request):
        raise errors.too_large(limit_of(request))


def limit_of(request: Request) -> int:
    """How many bytes a body may have."""
    route = ROUTES.get(find_route(request.method, request.path)[0])
    return UPLOAD_LIMIT if route and route.form else BODY_LIMIT


def room_for(request: Request, project: Project, projects: Iterable[Project]) -> None:
    """413 where a key's files, or those of all keys, would be more than are kept [replay]."""
    held = sum(one.held for one in projects)
    for most, there in ((FILES_OF_A_KEY, project.held), (FILES, held)):
        if there + request.size > most:
            raise errors.no_room(most)


def while_it_lived(request: Request, today: bool) -> None:
    """404 for all of the Assistants API, asked as it is today [reported]."""
    if today and first_part(request.path) in BETA:
        raise errors.gone()


def replayed(request: Request, route: str | None) -> None:
    """404 for a path that the API does not have [quoted; disputed: an empty 404], 405 for a method
    that a known one does not have [quoted]; 400 for what it has and this server has not [replay].
    """
    if route in OPERATIONS_NOT_REPLAYED:
        raise errors.not_replayed(route)
    if route is None:
        if first_part(request.path) in OTHER_APIS:
            raise errors.not_replayed("api", name=first_part(request.path))
        if request.method == "GET" and request.path in SESSION_KEY_ONLY:
            raise errors.session_key_only(request.method, request.path)
        if request.method != "HEAD" and any(find_route(m, request.path)[0] for m in METHODS):
            raise errors.wrong_method(request.method, request.path)
        raise errors.unknown_path(request.method, request.path)


def with_the_beta_header(request: Request) -> None:
    """400 for a call of the Assistants API without its header [quoted]."""
    header = request.headers.get("OpenAI-Beta", "")
    if first_part(request.path) in BETA and "assistants=v2" not in header:
        raise errors.old_beta_header() if "assistants=v1" in header else errors.no_beta_header()


def read_body(content: bytes) -> dict | None:
    """The body as a JSON object, None when there is none. Raises ApiError: 400 for what is no JSON
    [quoted], or no object [inferred: the words]."""
    if not content:
        return None
    gc.disable()  # else it looks for cycles again and again while millions of values come
    try:
        value = pydantic_core.from_json(content, allow_inf_nan=False)
        if LARGE_NUMBER.search(content):  # 1e999 is no number of JSON's either
            canonical(value)
    except ValueError:
        raise errors.invalid_json() from None
    finally:
        gc.enable()
    if not isinstance(value, dict):
        raise errors.wrong_type("body", "an object", json_type(value))
    return value


LARGE_NUMBER = re.compile(rb"[eE]\+?[0-9]{3}|(?<![0-9])[0-9]{300}")


@lru_cache(1024)
def find_route(method: str, path: str) -> tuple[str | None, list[tuple[str, str]]]:
    """The route of a request, None when the API has none; and each id in the path, behind the name
    of its collection: "" for what is no object's."""
    parts = path.split("/")
    if parts[:2] != ["", "v1"] or "" in parts[2:]:
        return None, []
    for route, names in _BY_SIZE.get((method, len(parts) - 2), ()):
        if all(n[0] == "{" or n == p for n, p in zip(names, parts[2:], strict=True)):
            kinds = ["", *(name if after == "{id}" else "" for name, after in pairwise(names))]
            places = zip(kinds, names, parts[2:], strict=True)
            return route, [(kind, unquote(part)) for kind, name, part in places if name[0] == "{"]
    return None, []


def _by_size() -> dict[tuple[str, int], list[tuple[str, list[str]]]]:
    """The routes by method and number of parts; those with fewer ids in them come first."""
    found: dict = {}
    for route in sorted([*ROUTES, *OPERATIONS_NOT_REPLAYED], key=lambda route: route.count("{")):
        method, _, path = route.partition(" ")
        names = path.split("/")
        found.setdefault((method, len(names)), []).append((route, names))
    return found


_BY_SIZE = _by_size()


def objects_at(places: list[tuple[str, str]], project: Project) -> list[object]:
    """The objects of a path: each an attribute of the one before it, the first of the project.
    Raises ApiError, see `collection.find`."""
    found: list[object] = []
    owner: object = project
    for kind, id in places:
        owner = find(kind, getattr(owner, kind), id) if kind else id
        found.append(owner)
    return found


def first_part(path: str) -> str:
    """The API that a path belongs to: `threads` of `/v1/threads/thread_abc`; "" for none."""
    parts = path.split("/")
    return parts[2] if parts[:2] == ["", "v1"] and len(parts) > 2 else ""


def is_key(key: str) -> bool:
    """Any key that begins as the API's do opens a project of its own."""
    return key.startswith("sk-")


def own_error(error: ApiError) -> Answer:
    """An error outside any project: a live session's."""
    headers = {"Content-Type": "application/json"} | error.headers
    return Answer(error.status, headers, encode(error.body, ""), str(error))


@lru_cache(1024)
def _date(time: int) -> str:
    return formatdate(time, usegmt=True)


def standard_headers(project: Project, status: int, api: str) -> dict[str, str]:
    """The headers that every answer has, their case too, as on the wire [recorded].

    api: the path's first part. A 401 names no organization and no project, and its request id is a
    UUID [recorded: bad key].
    """
    made_up = ids.hexes("req", project.next_serial(), 64)
    headers = _headers(status == 401, api if api in HEADERS else "") | {
        "Date": _date(project.now or START)
    }
    headers["CF-RAY"] = f"{made_up[32:48]}-NRT"
    headers["x-request-id"] = ids.uuid(made_up) if status == 401 else f"req_{made_up[:32]}"
    return headers


@cache
def _headers(unknown: bool, api: str) -> dict[str, str]:
    """The headers in their order. unknown: whether it is nobody's key."""
    headers: dict[str, str | None] = {
        "Date": "",
        "Content-Type": "application/json",
        "Connection": "keep-alive",
        "openai-version": "2020-10-01",
        "openai-organization": "org-abc123xyz789",
        "openai-project": "proj_abc123xyz789",
        "openai-processing-ms": "1",
        "x-request-id": "",
        "access-control-expose-headers": "X-Request-ID, CF-Ray",  # since May 2026
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "cf-cache-status": "DYNAMIC",
        "Server": "cloudflare",
        "CF-RAY": "",
        "alt-svc": 'h3=":443"; ma=86400',
    }
    if unknown:
        del headers["openai-organization"], headers["openai-project"]
    for name, value in HEADERS.get(api, {}).items():
        headers[name] = value
        if value is None:
            del headers[name]
    return headers


CASE = {name.lower(): name for name in standard_headers(Project(), 200, "")}
