"""Request bodies against the SDK's own parameter types and the API's limits, in the API's words.

The walk goes down a body beside its type and stops at the first fault. In an object it looks for
missing parameters first, then for unknown ones, then at each value [inferred: the order]. A value's
type is strict: `true` is no number and `"1"` neither. JSON's 3.0 is an integer, and becomes one
[documented].
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin

import typing_extensions

from . import errors

Path = tuple[str | int, ...]
Limit = tuple[float | None, float | None]  # least and most: characters, entries, or the number

# By the field's name, or by type and field; with [] for an array's length [documented, all;
# content: quoted too; max_completion_tokens: 256 documented, and 16 taken: recorded]. For
# safety_identifier the API description says 64, the SDK since 3.57 128.
LIMITS: dict[str, Limit] = {
    "content": (1, 256_000),
    "content[]": (1, None),
    "ItemMessage.content": (None, 10_485_760),
    "ItemMessage.content[]": (None, None),
    "ResponseReasoningItemParam.content[]": (None, None),
    "ResponseInputTextParam.text": (None, 10_485_760),
    "instructions": (None, 256_000),
    "ResponseCreateParamsNonStreaming.instructions": (None, 1_048_576),
    "FunctionToolParam.name": (1, 128),
    "FunctionDefinition.name": (None, 64),
    "ResponseFormatTextJSONSchemaConfigParam.name": (None, 64),
    "JSONSchema.name": (None, 64),
    "AssistantCreateParams.name": (None, 256),
    "AssistantUpdateParams.name": (None, 256),
    "AssistantCreateParams.description": (None, 512),
    "AssistantUpdateParams.description": (None, 512),
    "file_ids[]": (None, 20),
    "CodeInterpreterContainerCodeInterpreterToolAuto.file_ids[]": (None, 50),
    "VectorStoreCreateParams.file_ids[]": (None, 500),
    "ToolResourcesFileSearchVectorStore.file_ids[]": (None, 10_000),
    "FileBatchCreateParams.file_ids[]": (1, 2000),
    "FileBatchCreateParams.files[]": (1, 2000),
    "vector_store_ids[]": (None, 1),
    "FileSearchToolParam.vector_store_ids[]": (None, None),
    "vector_stores[]": (None, 1),
    "AssistantCreateParams.tools[]": (None, 128),
    "AssistantUpdateParams.tools[]": (None, 128),
    "RunCreateParamsNonStreaming.tools[]": (None, 20),
    "ThreadCreateAndRunParamsNonStreaming.tools[]": (None, 20),
    "items[]": (None, 20),
    "temperature": (0, 2),
    "top_p": (0, 1),
    "max_prompt_tokens": (256, None),
    "max_completion_tokens": (1, None),
    "max_output_tokens": (16, None),
    "max_tool_calls": (1, None),
    "last_messages": (1, None),
    "max_num_results": (1, 50),
    "score_threshold": (0, 1),
    "max_chunk_size_tokens": (100, 4096),
    "chunk_overlap_tokens": (0, None),
    "days": (1, 365),
    "safety_identifier": (None, 64),
    "top_logprobs": (0, 20),
}
METADATA_PAIRS, METADATA_KEY, METADATA_VALUE = 16, 64, 512  # [documented]
MOST_VALUES = 20_000  # in one body: what is over it would keep others waiting [replay]
# The SDK's types want these, the API does not [recorded; FunctionToolParam: sent so by libraries].
OPTIONAL = {
    "ResponseInputImageParam.detail",
    "FunctionToolParam.strict",
    "ResponseReasoningItemParam.id",
}
# The SDK's types take none, or null, there; without it no output finds its call [inferred].
REQUIRED = {"FunctionCallOutput.call_id"}
# The SDK's types take no null there, the API does [recorded]. For what is asked of a response, null
# is as good as nothing, but as a model or an input [quoted].
RESPONSE = "ResponseCreateParamsNonStreaming"
NULLABLE = {"ResponseFunctionToolCallParam.status"}
# What should have been there, in other words than those of the types [quoted].
EXPECTED = {
    f"{RESPONSE}.metadata": "a metadata object",
    f"{RESPONSE}.tools": "an array of tools",
    f"{RESPONSE}.tool_choice": "one of an object or 'none', 'auto', or 'required'",
    f"{RESPONSE}.truncation": "one of 'auto' or 'disabled'",
}
# What the SDK's types have and the API refuses [quoted], and the other way round [recorded: Codex].
REFUSED = {"ResponseReasoningItemParam.status"}
NOT_TYPED = {f"{RESPONSE}.client_metadata"}
# Parameters of Chat Completions, and what Responses has in their place [quoted].
MOVED = {
    f"{RESPONSE}.messages": "input",
    f"{RESPONSE}.response_format": "text.format",
    f"{RESPONSE}.reasoning_effort": "reasoning.effort",
    f"{RESPONSE}.max_completion_tokens": "max_output_tokens",
}
NEAR = 2  # edits, to a parameter that may have been meant [quoted]
WORDS = {str: "string", int: "integer", float: "decimal", bool: "boolean"}


def check(kind: Any, body: dict, at: Path = (), without: Iterable[str] = ()) -> None:
    """Check a body, or a part of one, against a parameter type.

    kind: a TypedDict. at: where the part stands in the body. without: fields that are checked
    elsewhere, or that the SDK sends in path or query. A whole number that was sent as a decimal
    becomes one in the body. Raises errors.ApiError (400) with the API's message, param and code.
    """
    _Walk(frozenset(without), MOST_VALUES).object(kind, body, at)


@dataclass(eq=False)
class Shape:
    """What a value may be: a type of the SDK's, taken apart once.

    kinds: a union's, one by one. null: whether null is taken. words: the words of its literals, by
    their type. entry: an array's entries. objects: the kinds that are objects, and the words that
    each takes as its `type`. expected: what should have been there, in the API's words. limit: of a
    text's characters or a number; length: of an array.
    """

    kinds: tuple[Any, ...]
    null: bool
    words: dict[type, list]
    entry: "Shape | None"
    objects: list[tuple[Any, tuple[str, ...]]]
    expected: str
    limit: Limit = (None, None)
    length: Limit = (None, None)
    # What scalars are taken, and how the API calls a number that is.
    scalars: set[type] = field(default_factory=set)
    number: str = "decimal"

    def takes(self, value: object) -> bool:
        """Whether the value's JSON type is one of these."""
        kind = type(value)
        if kind is float and value.is_integer() and int in self.scalars:
            return True
        if kind is dict or kind is list:
            return bool(self.objects) if kind is dict else self.entry is not None
        return kind in self.scalars or kind in self.words


@dataclass
class _Walk:
    """One walk. left: how many values more it will meet."""

    without: frozenset[str]
    left: int

    def value(self, shape: Shape, value: object, at: Path) -> None:
        """Check one value; of a union, against the kind that it was meant for."""
        self.count(1)
        if value is None and shape.null:
            return
        if object in shape.kinds:
            self.count(_size(value) - 1)
            return
        if not shape.takes(value):
            raise errors.wrong_type(path_of(at), shape.expected, json_type(value))
        if isinstance(value, dict):
            self.object(_meant(shape.objects, value, at), value, at)
        elif isinstance(value, list):
            _within(shape.length, len(value), "array", at)
            for index, entry in enumerate(value):
                self.value(shape.entry, entry, (*at, index))
        elif isinstance(value, str):
            if str in shape.scalars:
                _within(shape.limit, len(value), "string", at)
            elif value not in shape.words[str]:
                raise errors.unsupported(value, shape.words[str], path_of(at))
        elif not isinstance(value, bool):
            _within(shape.limit, value, shape.number, at)

    def object(self, kind: Any, value: dict, at: Path) -> None:
        """Check an object: what is missing, what is unknown, then each value."""
        if kind is dict:
            self.count(_size(value))
            return
        if get_origin(kind) is not None:  # a mapping: any key, and one kind of values
            if at and at[-1] in ("metadata", "attributes"):
                _metadata(value, at)
            for name, part in value.items():
                self.value(shape_of(get_args(kind)[1]), part, (*at, name))
            return
        top = self.without if not at else ()
        fields, required = _fields(kind)
        for name in required:
            if name not in value and name not in top:
                raise errors.missing(path_of((*at, name)))
        for name in value:
            if name not in fields and name not in top:
                if instead := MOVED.get(f"{kind.__name__}.{name}"):
                    raise errors.moved(name, instead)
                if f"{kind.__name__}.{name}" in NOT_TYPED:
                    raise errors.not_replayed("parameter", name, name)
                near = _near(name, fields.keys() - value) if kind.__name__ == RESPONSE else ()
                raise errors.unknown_parameter(path_of((*at, name)), near)
        for name, part in value.items():
            if name in top:
                continue
            self.value(fields[name], part, (*at, name))
            if type(part) is float and fields[name].number == "integer":
                value[name] = int(part)

    def count(self, values: int) -> None:
        """Refuse a body with more values than any use of the API needs."""
        self.left -= values
        if self.left < 0:
            raise errors.too_many_values(MOST_VALUES)


@cache
def branches(kind: Any) -> tuple[Any, ...]:
    """A union's kinds, one by one, without what only annotates them."""
    origin = get_origin(kind)
    if origin in (Required, typing_extensions.Required, Annotated):
        return branches(get_args(kind)[0])
    if origin in (Union, UnionType):
        return tuple(branch for part in get_args(kind) for branch in branches(part))
    return (object if kind is Any else kind,)


@cache
def shape_of(kind: Any, owner: str = "", name: str = "") -> Shape:
    """A type taken apart. owner, name: the object whose field it is, for its limits."""
    place = f"{owner}.{name}"
    kinds = branches(kind)
    null = NoneType in kinds or place in NULLABLE or (owner == RESPONSE and name != "model")
    shape = Shape(kinds, null, {}, None, [], EXPECTED.get(place) or _expected(kinds))
    for part in kinds:
        if get_origin(part) in (Literal, typing_extensions.Literal):
            for word in get_args(part):
                shape.words.setdefault(type(word), []).append(word)
        elif part in WORDS:
            shape.scalars |= {part, int} if part is float else {part}
        elif _is_array(part):
            shape.entry = shape.entry or shape_of(_entry(part))
        elif part not in (NoneType, object):
            shape.objects.append((part, _tags(part)))
    shape.number = "integer" if int in kinds else "decimal"
    if name:
        for side, suffix in (("limit", ""), ("length", "[]")):
            found = LIMITS.get(f"{place}{suffix}") or LIMITS.get(f"{name}{suffix}")
            setattr(shape, side, found or (None, None))
    return shape


@cache
def _fields(kind: type) -> tuple[dict[str, Shape], tuple[str, ...]]:
    """A TypedDict's fields, and the names of those that must be there."""
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    hints = {name: hints[name] for name in hints if f"{kind.__name__}.{name}" not in REFUSED}
    owner, wanted = kind.__name__, (Required, typing_extensions.Required)
    fields = {name: shape_of(part, owner, name) for name, part in hints.items()}
    required = {name for name, part in hints.items() if get_origin(part) in wanted}
    for name in hints:
        if f"{owner}.{name}" in OPTIONAL:
            required.discard(name)
        if f"{owner}.{name}" in REQUIRED:
            required.add(name)
            fields[name].null = False
    return fields, tuple(name for name in hints if name in required)


def _near(name: str, known: Iterable[str]) -> list[str]:
    """The names that are a few edits away, the nearest first."""
    found = [(edits, other) for other in known if (edits := _edits(name, other)) <= NEAR]
    return [other for _, other in sorted(found)]


def _edits(one: str, other: str) -> int:
    """How many letters must be put in, taken out or changed to make one word of the other."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        left, row[0] = row[0], number
        for place, wanted in enumerate(other, 1):
            changed = left + (letter != wanted)
            left, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, changed)
    return row[-1]


def _is_array(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and not issubclass(origin, Mapping)


def _entry(kind: Any) -> Any:
    """What an array's entries must be."""
    return get_args(kind)[0] if get_args(kind) else object


def _meant(kinds: list[tuple[Any, tuple[str, ...]]], value: dict, at: Path) -> Any:
    """Of several kinds of object, the one that the value's `type` names."""
    if len(kinds) == 1 or not any(tags for _, tags in kinds):
        return kinds[0][0]
    tag = value.get("type")
    for kind, tags in kinds:
        if tag in tags:
            return kind
    if "type" not in value:
        raise errors.missing(path_of((*at, "type")))
    if not isinstance(tag, str):
        raise errors.wrong_type(path_of((*at, "type")), "a string", json_type(tag))
    supported = dict.fromkeys(word for _, tags in kinds for word in tags)
    raise errors.unsupported(tag, supported, path_of((*at, "type")))


@cache
def _tags(kind: Any) -> tuple[str, ...]:
    """The words that a kind of object takes as its `type`."""
    if not hasattr(kind, "__annotations__"):
        return ()
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    (tag,) = branches(hints.get("type", str))[:1]
    return get_args(tag) if get_origin(tag) is not None else ()


def _within(limit: Limit, size: float, what: str, at: Path) -> None:
    """Check a length, or a number, against its field's limit."""
    least, most = limit
    number = what not in ("array", "string")
    if most is not None and size > most:
        if number:
            raise errors.out_of_range(path_of(at), what, "max", most, size)
        raise errors.too_long(path_of(at), what, int(most), int(size))
    if least is not None and size < least:
        if number:
            raise errors.out_of_range(path_of(at), what, "min", least, size)
        raise errors.empty(path_of(at), what)


def _metadata(value: dict, at: Path) -> None:
    if len(value) > METADATA_PAIRS:
        raise errors.too_many_properties(path_of(at), METADATA_PAIRS, len(value))
    for name, text in value.items():
        if len(name) > METADATA_KEY:
            raise errors.property_name_too_long(path_of(at), name, METADATA_KEY)
        if isinstance(text, str) and len(text) > METADATA_VALUE:
            raise errors.too_long(path_of((*at, name)), "string", METADATA_VALUE, len(text))


def _size(value: object) -> int:
    """How many values a free-form value holds."""
    size, waiting = 0, [value]
    while waiting and size <= MOST_VALUES:
        size += 1
        inner = waiting.pop()
        if isinstance(inner, dict | list):
            waiting += inner.values() if isinstance(inner, dict) else inner
    return size


def _expected(kinds: Iterable[Any]) -> str:
    """What would have been right, as the API says it: `one of a string or array of objects`."""
    kinds = [kind for kind in kinds if kind is not NoneType]
    words = list(dict.fromkeys(map(_word, kinds)))
    article = "" if words[0][0] == "'" else "an " if words[0][0] in "aeiou" else "a "
    of = "one of " if len(words) > 1 or words[0][0] == "'" else ""
    return f"{of}{article}{' or '.join(words)}"


def _word(kind: Any) -> str:
    """The API's word for a kind, without an article."""
    if get_origin(kind) in (Literal, typing_extensions.Literal):
        words = get_args(kind)
        return "string" if isinstance(words[0], str) else WORDS[type(words[0])]
    if _is_array(kind):
        return "array of strings" if str in branches(_entry(kind)) else "array of objects"
    return WORDS.get(kind, "object")


def json_type(value: object) -> str:
    """The API's word for a JSON value's type, with its article [recorded, quoted, inferred]."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, float):
        return "a decimal number"
    names = {str: "a string", int: "an integer", list: "an array", dict: "an object"}
    return names[type(value)]


def path_of(at: Path) -> str:
    """A place in a body as the API writes it: `messages[0].role`."""
    path = ""
    for part in at:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
