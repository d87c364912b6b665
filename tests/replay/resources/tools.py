"""Tools as each API shows them, what it fills in included."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from .. import errors
from ..schemas import not_an_object, not_strict
from .shared import default


def shown_by_assistants(sent: Iterable[dict]) -> list[dict]:
    """An assistant's or a run's tools [recorded; a missing description: inferred]."""
    return [_of_assistants(tool) for tool in sent]


def _of_assistants(tool: dict) -> dict:
    if tool["type"] == "function":
        function = tool["function"]
        shown = {
            "name": function["name"],
            "description": function.get("description"),
            "parameters": function.get("parameters") or {"type": "object", "properties": {}},
            "strict": default(function.get("strict"), False),
        }
        return {"type": "function", "function": shown}
    if tool["type"] == "file_search":
        search = tool.get("file_search") or {}
        ranking = {
            "ranker": "default_2024_08_21",
            "score_threshold": 0.0,
            "hybrid_search": None,
        } | (search.get("ranking_options") or {})
        return {"type": "file_search", "file_search": search | {"ranking_options": ranking}}
    return tool


# What a response shows of a tool that was sent with nothing but what it must have [recorded, May
# 2025 to Aug 2026]. What does not stand here was seen in no capture: it is not echoed but refused.
SHOWN = {
    "web_search": {
        "return_token_budget": "default",
        "search_content_types": ["text"],
        "search_context_size": "medium",
        "user_location": {
            "type": "approximate",
            "city": None,
            "country": "US",
            "region": None,
            "timezone": None,
        },
    },
    "file_search": {
        "filters": None,
        "max_num_results": 20,
        "ranking_options": {"ranker": "auto", "score_threshold": 0.0},
        "vector_store_ids": None,
    },
    "custom": {"description": None, "format": {"type": "text"}, "name": None},
    "mcp": {
        "allowed_tools": None,
        "headers": None,
        "require_approval": None,
        "server_description": None,
        "server_label": None,
        "server_url": None,
    },
    "image_generation": {
        "background": "auto",
        "model": None,
        "moderation": "auto",
        "n": 1,
        "output_compression": 100,
        "output_format": "png",
        "quality": "auto",
        "size": "auto",
    },
}
NOT_ECHOED = {"authorization"}  # never [recorded]
# Sent, they are in no capture.
NOT_SEEN = {"filters", "headers"}


def shown_by_responses(sent: Iterable[dict]) -> list[dict]:
    """A response's tools, see SHOWN; functions and code interpreters [recorded].

    Raises errors.ApiError: 400 for a tool, or a part of one, that no capture shows [replay].
    """
    return [_of_responses(tool, f"tools[{index}]") for index, tool in enumerate(sent)]


def _of_responses(tool: dict, place: str) -> dict:
    kind = tool["type"]
    if kind == "code_interpreter":
        return tool
    if kind == "function":
        return _function(tool)
    if kind not in SHOWN:
        raise errors.not_replayed("tool", f"{place}.type", kind)
    sent = {name: value for name, value in tool.items() if value is not None and name != "type"}
    for name in sent:
        if name in NOT_SEEN or name not in (*SHOWN[kind], *NOT_ECHOED):
            raise errors.not_replayed("part of a tool", f"{place}.{name}", name)
    if kind == "image_generation" and "model" not in sent:  # which one is then shown is not known
        raise errors.not_replayed("part of a tool", f"{place}.model", "model")
    shown = {name: sent.get(name, instead) for name, instead in SHOWN[kind].items()}
    if "ranking_options" in sent:
        shown["ranking_options"] = SHOWN[kind]["ranking_options"] | sent["ranking_options"]
    for name, order in (
        ("user_location", SHOWN["web_search"]["user_location"]),
        ("format", FORMAT),
    ):
        if name in sent:
            shown[name] = {part: sent[name].get(part) for part in order}
    if "server_url" in shown:
        parts = urlsplit(shown["server_url"] or "")
        shown["server_url"] = f"{parts.scheme}://{parts.netloc}/<redacted>"
    return {"type": kind} | shown


FORMAT = ("type", "definition", "syntax")  # of a custom tool, in this order [recorded]


def _function(tool: dict) -> dict:
    """All its fields; without `strict` it is made strict [recorded]."""
    names = ("description", "name", "output_schema", "parameters", "strict")
    shown = {name: tool.get(name) for name in names}
    if shown["strict"] is None:
        shown |= {"parameters": _made_strict(shown["parameters"]), "strict": True}
    return {"type": "function", **shown, "description": shown["description"] or None}


def _made_strict(schema: object) -> object:
    """A schema in which all is required, and no more is taken [recorded]."""
    if isinstance(schema, list):
        return [_made_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: _made_strict(part) for name, part in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        schema |= {"additionalProperties": False, "required": list(schema["properties"])}
    return schema


NAME = "^[a-zA-Z0-9_-]+$"


def check_functions(sent: Iterable[dict] | None, of_assistants: bool = False) -> None:
    """Check the functions among tools as sent: their names and schemas.

    Raises errors.ApiError (400): a name with other characters [quoted; inferred: Assistants]; a
    schema that is no object's [quoted]; at Responses, an object without properties [quoted]; with
    `strict`, at every depth, more properties than are named, or one that is not required [recorded
    once, quoted; inferred: Assistants, and which comes first].
    """
    for index, tool in enumerate(sent or ()):
        if tool["type"] != "function":
            continue
        function = tool["function"] if of_assistants else tool
        place = f"tools[{index}].function" if of_assistants else f"tools[{index}]"
        if not re.fullmatch(NAME, function["name"]):
            raise errors.bad_pattern(f"{place}.name", NAME)
        schema = function.get("parameters")
        if says := _wrong_with(schema, bool(function.get("strict")), of_assistants):
            raise errors.bad_schema(function["name"], says, f"{place}.parameters")


def _wrong_with(schema: dict | None, strict: bool, of_assistants: bool) -> str:
    """What is wrong with a function's schema, in the API's words; "" for nothing."""
    if (schema or (schema == {} and not of_assistants)) and (says := not_an_object(schema)):
        return says
    if schema and "properties" not in schema and not of_assistants and not strict:
        return "In context=(), object schema missing properties."
    return not_strict(schema or {"type": "object"}) if strict else ""
