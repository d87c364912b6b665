"""Models: retrieve. The notebooks' setup cell asks for one, to prove the connection and the key."""

from ..call import Call

CREATED = 1773705600  # Unix seconds; made up, as no recording of a model is public


def retrieve(call: Call, model: str) -> dict:
    """GET /models/{model}: the object's shape is documented. Any name is taken for a model's."""
    return {"id": model, "object": "model", "created": CREATED, "owned_by": "system"}
