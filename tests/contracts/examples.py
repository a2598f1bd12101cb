"""A well-formed body of any message, read off its schema: as little as may be said, or everything that can be."""

from uuid import UUID

TEXTS = {  # by the beginning of the pattern they fit
    "^([0-9]{4}|dien-tap-[0-9]{1,6})$": "dien-tap-7",
    "^vn(/": "vn/46/19777",
    "^[0-9]{2}:[0-9]{2}$": "09:00",
    "^[0-9]{1,3},": "99,38",
    "^[0-9a-f]{64}$": "0f" * 32,
    "^[0-9a-f]{32}$": "0f" * 16,
    "^((NA|PC)": "NA-46-01",
    "^(vn|[0-9]{2}|": "46",
    "^[0-9]{5}-[0-9]{3}$": "19777-001",
    "^[a-z0-9][a-z0-9.": "lan.nguyen",
    "^[0-9]{6}$": "123456",
    "^[0-9]{12}$": "046089012345",
    "^— ": "— nhan-chung AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "^[^ +\\n]": f"nhan-chung+00000000+{'A' * 44}",
}  # fmt: skip
FORMATS = {"uuid": str(UUID(int=7)), "date": "2026-03-15", "date-time": "2026-03-15T01:00:00Z"}
NAMED = {"personal_number": "046089012345"}


def text_for(schema):
    if "format" in schema:
        return FORMATS[schema["format"]]
    pattern = schema.get("pattern")
    if pattern is None:
        return "x" * max(schema.get("minLength", 1), 1)
    return next(text for beginning, text in TEXTS.items() if pattern.startswith(beginning))


def example(schema, definitions, name="", *, full=False):
    """A value the schema allows."""
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, name, full=full)
    if name in NAMED:
        return NAMED[name]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return example(schema["anyOf"][0], definitions, name, full=full)
    kind = schema.get("type")
    if kind == "object":
        known = schema.get("properties", {})
        said = known if full else schema.get("required", ())
        return {key: example(known[key], definitions, key, full=full) for key in said}
    if kind == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})] * max(schema.get("minItems", 0), int(full))
        return [example(item, definitions, full=full) for item in items]
    return {"integer": lambda: schema.get("minimum", 1), "boolean": lambda: False, "string": lambda: text_for(schema)}[kind]()


def example_of(kind, *, full=False):
    """A body of a message: its needed fields, or all of them."""
    schema = kind.model_json_schema()
    return example(schema, schema.get("$defs", {}), full=full)
