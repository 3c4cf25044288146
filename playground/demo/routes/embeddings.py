"""Embeddings: create."""

import asyncio
import base64
import struct
from typing import Any

from playground.demo import embeddings, tokens
from playground.demo.errors import api_error
from playground.demo.routes import Call, Family, Reply

family = Family("embeddings", "嵌入")

MAX_TOKENS = 8192
MAX_TOTAL = 300_000
TURN = 32
"""Vectors after which other requests get their turn."""


@family.route(
    "POST /embeddings",
    methods=("embeddings.create",),
    params="embedding_create_params:EmbeddingCreateParams",
    answer="create_embedding_response:CreateEmbeddingResponse",
    models="embedding",
)
async def create(call: Call) -> Reply:
    """Return one vector for each input."""
    model = call.params["model"]
    inputs = read_inputs(call.params["input"])
    counts = [len(i) if isinstance(i, list) else tokens.count(i) for i in inputs]
    require_size(counts, single=not isinstance(call.params["input"], list))
    size = embeddings.size_of(model)
    dimensions = call.params.get("dimensions")
    if dimensions is not None:
        require_dimensions(model, dimensions, size)
    data = []
    for index, part in enumerate(inputs):
        if index % TURN == TURN - 1:
            await asyncio.sleep(0)
        weights = {f"token {t}": 1.0 for t in part} if isinstance(part, list) else None
        vector = embeddings.embed(weights or embeddings.features(str(part)), size, dimensions)
        written: Any = [round(v, 8) for v in vector]
        # The SDK asks for base64 by itself, but its own model declares numbers: suites that
        # validate before it decodes get what the model declares.
        if call.params.get("encoding_format") == "base64" and not call.state.any_id:
            written = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": written})
    usage = {"prompt_tokens": sum(counts), "total_tokens": sum(counts)}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def read_inputs(value: Any) -> list[str | list[int]]:
    """Return the inputs of a request: texts, or lists of token ids.

    Raises:
        APIError: 400, an input is empty.
    """
    if isinstance(value, str) or (value and isinstance(value[0], int)):
        if value == "":
            raise api_error("empty_string", param="input", limit=1, value=0)
        return [value]
    for index, part in enumerate(value):
        if not part:
            code = "empty_string" if isinstance(part, str) else "empty_array"
            raise api_error(code, param=f"input[{index}]", limit=1, value=0)
    return list(value)


def require_size(counts: list[int], *, single: bool) -> None:
    """Check the token counts of the inputs.

    Raises:
        APIError: 400, one input or all of them together are too long.
    """
    for index, count in enumerate(counts):
        if count > MAX_TOKENS:
            param = "input" if single else f"input[{index}]"
            raise api_error("too_many_tokens", param=param, limit=MAX_TOKENS, value=count)
    if sum(counts) > MAX_TOTAL:
        raise api_error("too_many_tokens", param="input", limit=MAX_TOTAL, value=sum(counts))


def require_dimensions(model: str, dimensions: int, size: int) -> None:
    """Check that the model can give vectors of this length.

    Raises:
        APIError: 400, it cannot.
    """
    if "embedding-3" not in model:
        raise api_error("excludes", param="dimensions", other=f"model={model}")
    if dimensions > size:
        raise api_error("integer_above_max_value", param="dimensions", limit=size, value=dimensions)
