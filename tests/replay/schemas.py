"""JSON schemas as the API takes them: whether one is strict, and whether a value fits one."""

from collections.abc import Iterator

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
Place = tuple[str, ...]


def not_an_object(schema: dict) -> str:
    """That a schema is no object's, in the API's words [quoted]; "" when it is one's."""
    kind = schema.get("type")
    if kind == "object":
        return ""
    return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."


def not_strict(schema: dict, at: Place = ()) -> str:
    """Why a schema is not strict, in the API's words [quoted]; "" when it is. at: where it stands.

    Which of two faults is named first is inferred: additionalProperties, and the outer one.
    """
    context = f"In context={at!r}, "
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return f"{context}'additionalProperties' is required to be supplied and to be false."
        names, required = list(schema.get("properties") or ()), schema.get("required") or []
        rule = "'required' is required to be supplied and to be an array including every key in"
        for name in names:
            if name not in required:
                return f"{context}{rule} properties. Missing '{name}'."
        for name in required:
            if name not in names:
                return f"{context}{rule} properties. Extra required key '{name}' supplied."
    for place, part in _parts(schema):
        if isinstance(part, dict) and (says := not_strict(part, (*at, *place))):
            return says
    return ""


def misfit(value: object, schema: dict, root: dict | None = None, at: str = "it") -> str:
    """Where a value does not fit a schema, as a sentence's end; "" when it does.

    Looked at: types, properties, items, `enum`, `const`, `anyOf` and references into the schema:
    what strict schemas are made of, but bounds and patterns.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        return misfit(value, _referred(schema["$ref"], root), root, at)
    if "anyOf" in schema:
        misfits = [misfit(value, part, root, at) for part in schema["anyOf"]]
        return "" if "" in misfits else misfits[0]
    if "enum" in schema and value not in schema["enum"]:
        return f"{at} is none of the values that it may have"
    if "const" in schema and value != schema["const"]:
        return f"{at} is not the value that it must have"
    kinds = schema.get("type", list(TYPES))
    if not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return f"{at} has another type than {kinds}"
    if isinstance(value, dict):
        return _object_misfit(value, schema, root, at)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        parts = (misfit(v, schema["items"], root, f"{at}[{n}]") for n, v in enumerate(value))
        return next(filter(None, parts), "")
    return ""


def _object_misfit(value: dict, schema: dict, root: dict, at: str) -> str:
    properties = schema.get("properties") or {}
    for name in schema.get("required") or ():
        if name not in value:
            return f"{at}.{name} is missing"
    for name, part in value.items():
        if name in properties:
            if says := misfit(part, properties[name], root, f"{at}.{name}"):
                return says
        elif schema.get("additionalProperties") is False:
            return f"{at}.{name} is no property"
    return ""


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    whole = isinstance(value, float) and value.is_integer()
    return isinstance(value, TYPES.get(kind, ())) or (kind == "integer" and whole)


def _referred(place: str, root: dict) -> dict:
    found: object = root
    for name in place.removeprefix("#").strip("/").split("/"):
        found = found.get(name, {}) if name and isinstance(found, dict) else found
    return found if isinstance(found, dict) else {}


def _parts(schema: dict) -> Iterator[tuple[Place, object]]:
    """The schemas inside a schema, each with the way to it."""
    for word in ("properties", "$defs", "definitions"):
        if isinstance(schema.get(word), dict):
            yield from (((word, name), part) for name, part in schema[word].items())
    if "items" in schema:
        yield ("items",), schema["items"]
    for number, part in enumerate(schema.get("anyOf") or ()):
        yield ("anyOf", str(number)), part
