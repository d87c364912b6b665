"""Request bodies against the SDK's own parameter types, in the API's words.

pydantic checks a body against `openai.types…Params`, strictly and with no key to spare, and against
the limits below. Of what it finds, the API reports one: missing parameters first, then unknown
ones, then wrong types, then limits [house].
"""

from functools import cache
from typing import Any

import pydantic_core

from . import errors

METADATA = {"max_length": 16}  # pairs; keys 64 and values 512 characters [documented]
LIMITS: dict[str, dict[str, Any]] = {
    # a field's name: what its schema gets, by the schema's type
    "content": {"str": {"min_length": 1, "max_length": 256_000}},  # [quoted]
    "instructions": {"str": {"max_length": 256_000}},  # [documented]
    "file_ids": {"list": {"max_length": 20}},  # [documented]
    "vector_store_ids": {"list": {"max_length": 1}},  # [documented]
    "vector_stores": {"list": {"max_length": 1}},  # [documented]
    "tools": {"list": {"max_length": 128}},  # [documented]
    "items": {"list": {"max_length": 20}},  # [documented]
    "temperature": {"float": {"ge": 0, "le": 2}},  # [documented]
    "top_p": {"float": {"ge": 0, "le": 1}},  # [documented]
}
ORDER = ("missing", "extra_forbidden")  # then types, then limits
BOUNDS = (
    "string_too_long",
    "string_too_short",
    "too_long",
    "greater_than_equal",
    "less_than_equal",
)


def check(kind: type, body: object, without: tuple[str, ...] = (), at: tuple = ()) -> None:
    """Check a body, or a part of one, against one of the SDK's parameter types.

    kind: a TypedDict of `openai.types`. without: fields that are checked elsewhere, or that the SDK
    sends in path or query. at: where the part stands in the body. Raises errors.ApiError (400) with
    the API's message, param and code.
    """
    try:
        _validator(kind, without).validate_python(body)
    except pydantic_core.ValidationError as error:
        found = _resolve(error.errors(include_url=False), ())
        first = min(found, key=_rank)
        raise _api_error({**first, "loc": (*at, *first["loc"])}) from None


@cache
def _validator(kind: type, without: tuple[str, ...]) -> Any:
    from pydantic import TypeAdapter

    schema = _strict(TypeAdapter(kind).core_schema, None)
    fields = (schema["schema"] if schema["type"] == "definitions" else schema)["fields"]
    for name in without:
        fields[name] = {"type": "typed-dict-field", "schema": {"type": "any"}, "required": False}
    return pydantic_core.SchemaValidator(schema, pydantic_core.CoreConfig(strict=True))


def _strict(schema: Any, field: str | None) -> Any:
    """pydantic's schema of a parameter type, as the API has it.

    No unknown keys; every kind of iterable a JSON array; limits by field name; and the branches of
    a union labelled with the API's word for them, so that errors can be told apart.
    """
    if isinstance(schema, list):
        return [_strict(part, field) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "json-or-python":  # the SDK's SequenceNotStr
        schema = schema["json_schema"]
        kind = schema["type"]
    new = {}
    for name, part in schema.items():
        if kind == "typed-dict" and name == "fields":
            new[name] = {key: _strict(value, key) for key, value in part.items()}
        elif name not in ("cls", "serialization", "expected", "metadata", "config"):
            new[name] = _strict(part, field)
        elif name in ("cls", "expected"):
            new[name] = part
    if kind == "typed-dict":
        new["extra_behavior"] = "forbid"
    if kind == "generator":
        new["type"] = kind = "list"
    if kind == "union":
        choices = [c[0] if isinstance(c, tuple) else c for c in new["choices"]]
        new["choices"] = [(c, f"\0{_word(c)}#{i}") for i, c in enumerate(choices)]
    if kind == "dict" and field == "metadata":
        new |= METADATA
        new["keys_schema"] = new["keys_schema"] | {"max_length": 64}
        new["values_schema"] = new["values_schema"] | {"max_length": 512}
    return LIMITS.get(field, {}).get(kind, {}) | new


def _word(schema: dict) -> str:
    """The API's word for what a schema takes, without an article."""
    kind = schema["type"]
    if kind == "list":
        inner = schema.get("items_schema", {"type": "any"})
        return "array of strings" if inner["type"] == "str" else "array of objects"
    if kind == "literal":
        return " or ".join(f"'{value}'" for value in schema["expected"])
    if kind in ("typed-dict", "dict", "definition-ref"):
        return "object"
    return {"str": "string", "int": "integer", "float": "decimal", "bool": "boolean"}.get(
        kind, kind
    )


def _resolve(found: list[dict], at: tuple) -> list[dict]:
    """Of the errors of a union's branches, those of the branch that was meant.

    Labels of branches start with NUL and drop out, so that what is left of `loc` is the path.
    """
    plain, unions = [], {}
    for error in found:
        loc = error["loc"]
        label = next((i for i in range(len(at), len(loc)) if str(loc[i]).startswith("\0")), None)
        if label is None:
            plain.append(error)
        else:
            unions.setdefault(loc[:label], {}).setdefault(loc[label], []).append(error)
    for place, branches in unions.items():
        plain += _branch(place, branches)
    return plain


def _branch(place: tuple, branches: dict[str, list[dict]]) -> list[dict]:
    depth = len(place) + 1
    deep = {}
    for label, found in branches.items():
        if all(len(error["loc"]) > depth or error["type"] in BOUNDS for error in found):
            deep[label] = found
    if not deep:  # the value is of none of the kinds
        words = [label[1:].split("#")[0] for label in branches]
        return [{**next(iter(branches.values()))[0], "loc": place, "words": words}]
    tagged = {
        label: found
        for label, found in deep.items()
        if not any(e["type"] == "literal_error" and e["loc"][depth:] == ("type",) for e in found)
    }
    if not tagged:  # an object whose "type" is of none of the kinds
        tags = [e for found in deep.values() for e in found if e["loc"][depth:] == ("type",)]
        tags = [{**e, "loc": (*place, "type")} for e in tags]
        tags[0]["supported"] = [e["ctx"]["expected"].strip("'") for e in tags]
        return tags[:1]
    meant = min(tagged.values(), key=len)
    return _resolve([{**e, "loc": place + e["loc"][depth:]} for e in meant], place)


def _rank(error: dict) -> int:
    kind = error["type"]
    if kind in ORDER:
        return ORDER.index(kind)
    return 3 if kind in BOUNDS else 2


def _api_error(error: dict) -> errors.ApiError:
    """One of pydantic's errors in the API's words."""
    kind, loc, given, ctx = error["type"], error["loc"], error["input"], error.get("ctx", {})
    param = path_of(loc)
    if kind == "missing":
        return errors.missing(param)
    if kind == "extra_forbidden":
        return errors.unknown_parameter(param)
    if kind == "string_too_long" and loc[-1] == "[key]":
        return errors.property_name_too_long(path_of(loc[:-2]), given, ctx["max_length"])
    if kind == "string_too_long":
        return errors.too_long(param, "string", ctx["max_length"], len(given))
    if kind == "string_too_short":
        return errors.empty(param)
    if kind == "too_long" and isinstance(given, dict):
        return errors.too_many_properties(param, ctx["max_length"], len(given))
    if kind == "too_long":
        return errors.too_long(param, "array", ctx["max_length"], len(given))
    if kind == "greater_than_equal":
        return errors.out_of_range(param, "decimal", "min", ctx["ge"], given)
    if kind == "less_than_equal":
        return errors.out_of_range(param, "decimal", "max", ctx["le"], given)
    supported = error.get("supported") or _supported(error)
    if supported and isinstance(given, str):
        return errors.unsupported(given, supported, param)
    return errors.wrong_type(param, _expected(error), json_type(given))


def _supported(error: dict) -> list[str]:
    if error["type"] != "literal_error" or "words" in error:
        return []
    return [word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]


def _expected(error: dict) -> str:
    words = list(dict.fromkeys(error.get("words", ())))
    if len(words) > 1:
        return f"one of {_with_article(' or '.join(words))}"
    if words:
        return _with_article(words[0])
    if error["type"] == "literal_error":
        return f"one of {error['ctx']['expected']}"
    name = error["type"].removesuffix("_type").removesuffix("_parsing")
    strings = error["loc"][-1:] in (("file_ids",), ("vector_store_ids",))
    words = {
        "list": "array of strings" if strings else "array of objects",
        "dict": "object",
        "model_attributes": "object",
        "int": "integer",
        "float": "decimal",
        "bool": "boolean",
    }
    return _with_article(words.get(name, name))


def _with_article(word: str) -> str:
    return word if word[0] == "'" else f"an {word}" if word[0] in "aeiou" else f"a {word}"


def json_type(value: object) -> str:
    """The API's word for a JSON value's type, with its article [recorded, quoted, house]."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, float):
        return "a decimal number"
    names = {str: "a string", int: "an integer", list: "an array", dict: "an object"}
    return names[type(value)]


def path_of(loc: tuple) -> str:
    """A place in a body as the API writes it: `messages[0].role`."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
