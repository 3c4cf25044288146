"""Images: generate and edit, plain and streamed; variations, which the API no longer makes."""

import asyncio
import base64
import math
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from playground.data import load_data
from playground.demo import drawing, pictures, tokens
from playground.demo.checks import Upload
from playground.demo.errors import APIError, api_error, requires
from playground.demo.models import require_model
from playground.demo.moderation import moderate
from playground.demo.routes import Call, Events, Family, Reply
from playground.demo.sse import encode

family = Family("images", "图像")

MAX_IMAGES = 16
MAX_IMAGE = 50_000_000
MAX_MASK = 4_000_000
GRAINS = (64, 32, 12)
"""Sides of the squares in a picture that is not done yet, the coarsest first."""
LEGACY = ("response_format", "style")


@dataclass(frozen=True)
class Order:
    """What a request asks for.

    Attributes:
        prompt: What to draw.
        shown: What the picture that was sent showed, if it is one of the demo's own.
        model: The model.
        width, height: The size in pixels.
        format: The format of the file.
        quality: ``low`` to ``max``.
        clear: Whether the background is transparent.
        compression: Of JPEG, from 0 to 100 for the best.
        count: How many pictures.
        partial: How many pictures that are not done yet to stream.
        frames, milliseconds: Of a GIF.
        photo: Whether a picture stands behind that the demo cannot read.
        box: Where to draw, as parts of the size; None is anywhere.
        safety: The id of the end user, if given.
        usage: The token counts.
    """

    prompt: str
    shown: str
    model: str
    width: int
    height: int
    format: str
    quality: str
    clear: bool
    compression: int
    count: int
    partial: int
    frames: int
    milliseconds: int
    photo: bool
    box: tuple[float, float, float, float] | None
    safety: str | None
    usage: dict[str, Any]

    @property
    def size(self) -> str:
        """The size as the API writes it."""
        return f"{self.width}x{self.height}"


@family.route(
    "POST /images/generations",
    methods=("images.generate",),
    params="image_generate_params:ImageGenerateParams",
    answer="images_response:ImagesResponse",
    stream="image_gen_stream_event:ImageGenStreamEvent",
)
async def generate(call: Call) -> Reply:
    """Draw what a prompt names."""
    order = read_order(call)
    return await fulfil(call, order, "image_generation")


@family.route(
    "POST /images/edits",
    methods=("images.edit",),
    params="image_edit_params:ImageEditParams",
    answer="images_response:ImagesResponse",
    stream="image_edit_stream_event:ImageEditStreamEvent",
)
async def edit(call: Call) -> Reply:
    """Draw a picture on from one that was sent: the demo's own keep what they showed."""
    params = call.params
    given = params["image"] if isinstance(params["image"], list) else [params["image"]]
    images = [image.content for image in given]
    require_images(images, params)
    known = [d for d in map(pictures.description_of, images) if d]
    box = pictures.clear_box(params["mask"].content) if params.get("mask") else None
    order = read_order(call, images, "，".join(known), box)
    return await fulfil(call, order, "image_edit")


@family.route(
    "POST /images/variations",
    methods=("images.create_variation",),
    params="image_create_variation_params:ImageCreateVariationParams",
    answer="images_response:ImagesResponse",
)
async def create_variation(call: Call) -> Reply:
    """Say that there are no variations any more."""
    raise api_error("variations_retired")


def read_order(
    call: Call,
    images: list[bytes] | None = None,
    shown: str = "",
    box: tuple[float, float, float, float] | None = None,
) -> Order:
    """Check what the parameter types cannot say, and fill in the defaults.

    Args:
        call: The request.
        images: The pictures that were sent.
        shown: What those of them show that are the demo's own.
        box: Where to draw, as parts of the size.

    Raises:
        APIError: 400 or 404, as the API refuses it.
    """
    params = call.params
    model = params.get("model")
    if model is None:
        raise api_error("model_required", param="model")
    if call.fault is None:
        require_model(model, "image", call.state)
    require_consistent(params, model)
    if moderate(params["prompt"])["flagged"]:
        raise api_error("moderation_blocked", param="prompt")
    form = params.get("output_format") or "png"
    width, height = read_size(params.get("size"), model, form)
    quality = params.get("quality") or "auto"
    quality = "medium" if quality == "auto" else quality
    count = params.get("n") or 1
    return Order(
        prompt=params["prompt"],
        shown=shown,
        model=model,
        width=width,
        height=height,
        format=form,
        quality=quality,
        clear=params.get("background") == "transparent",
        compression=_given(params.get("output_compression"), 100),
        count=count,
        partial=params.get("partial_images") or 0,
        frames=params.get("frame_count") or 9,
        milliseconds=_given(params.get("frame_duration_ms"), 200),
        photo=bool(images) and not shown,
        box=box,
        safety=params.get("safety_identifier") or params.get("user") or None,
        usage=count_usage(
            params["prompt"],
            images or [],
            width,
            height,
            quality,
            count,
            partial=params.get("partial_images") or 0,
        ),
    )


def _given(value: Any, default: int) -> int:
    return default if value is None else value


def require_consistent(params: dict[str, Any], model: str) -> None:
    """Check parameters against one another and against the model.

    Raises:
        APIError: 400, they do not go together.
    """
    form = params.get("output_format") or "png"
    streamed = bool(params.get("stream"))
    for name in LEGACY:
        if params.get(name) is not None:
            raise unsupported(name, "GPT Image 模型总是返回 base64，这个参数只属于已停用的模型")
    quality = params.get("quality")
    known = ["low", "medium", "high", "auto"]
    if model.startswith(("gpt-image-2.5", "gpt-image-2.6")):
        known[3:3] = ["xhigh", "max"]
    if quality is not None and quality not in known:
        listed = ", ".join(f"'{q}'" for q in known)
        raise api_error("unsupported_value", param="quality", value=quality, supported=listed)
    if params.get("background") == "transparent" and form not in ("png", "webp", "svg", "gif"):
        raise requires("background", "'output_format' png or webp", "output_format 为 png 或 webp")
    if params.get("output_compression") is not None and form not in ("webp", "jpeg"):
        raise requires(
            "output_compression", "'output_format' webp or jpeg", "output_format 为 webp 或 jpeg"
        )
    if params.get("partial_images") and not streamed:
        raise requires("partial_images", "'stream' to be true", "stream=True")
    for name in ("frame_count", "frame_duration_ms"):
        if params.get(name) is not None and form != "gif":
            raise requires(name, "'output_format' gif", "output_format 为 gif")
    if params.get("svg") is not None and form != "svg":
        raise requires("svg", "'output_format' svg", "output_format 为 svg")
    if form in ("svg", "gif"):
        if streamed:
            raise api_error("excludes", param="stream", other=f"output_format={form}")
        if form == "svg" and (params.get("n") or 1) > 1:
            raise api_error("excludes", param="n", other="output_format=svg")
        if form == "gif" and params.get("mask") is not None:
            raise api_error("excludes", param="mask", other="output_format=gif")


def unsupported(param: str, reason_zh: str) -> APIError:
    """Return the 400 for a parameter that the model does not take."""
    return api_error("unsupported_parameter", param=param, hint="", hint_zh=f"，{reason_zh}")


def read_size(size: str | None, model: str, form: str) -> tuple[int, int]:
    """Return width and height.

    Raises:
        APIError: 400, it is no size, or one that the model does not make.
    """
    limits = load_data("playground.demo", "images")
    if size in (None, "auto"):
        side = limits["auto"]["gif" if form == "gif" else "other"]
        return side, side
    assert size is not None
    written = re.fullmatch(r"([1-9]\d{1,4})x([1-9]\d{1,4})", size)
    if written is None or (size not in limits["standard"] and not model.startswith("gpt-image-2")):
        listed = ", ".join(f"'{s}'" for s in [*limits["standard"], "auto"])
        raise api_error("unsupported_value", param="size", value=size, supported=listed)
    width, height = int(written[1]), int(written[2])
    long, short = max(width, height), min(width, height)
    if width % 16 or height % 16 or long > 3 * short:
        raise api_error("image_size", param="size", value=size)
    largest = limits["largest"]["gif" if form == "gif" else "other"]
    if long > max(largest) or width * height > math.prod(largest):
        raise api_error(
            "image_too_large", param="size", value=size, limit="x".join(map(str, largest))
        )
    return width, height


def require_images(images: list[bytes], params: dict[str, Any]) -> None:
    """Check the pictures that were sent.

    Raises:
        APIError: 400, there are too many, or one is no picture or too large.
    """
    if len(images) > MAX_IMAGES:
        raise api_error(
            "array_above_max_length", param="image", limit=MAX_IMAGES, value=len(images)
        )
    for image in images:
        require_file(image, "image", ("png", "jpeg", "webp"), MAX_IMAGE)
    for name in ("mask", "markup"):
        sent: Upload | None = params.get(name)
        if sent is None:
            continue
        require_file(sent.content, name, ("png",), MAX_MASK)
        first = pictures.size_of(images[0])
        if first is not None and pictures.size_of(sent.content) != first:
            raise requires(name, "the same dimensions as 'image'", f"{name} 和 image 一样大")
    model = params.get("model") or ""
    if params.get("markup") is not None:
        if params.get("mask") is not None:
            raise api_error("excludes", param="markup", other="mask")
        if not model.startswith("gpt-image-2.5"):
            raise unsupported("markup", "它只用于 gpt-image-2.5 系列")
    fidelity = params.get("input_fidelity")
    if fidelity is not None and model.startswith("gpt-image-2"):
        raise unsupported("input_fidelity", "去掉它即可")
    if fidelity == "high" and model == "gpt-image-1-mini":
        raise api_error(
            "unsupported_value", param="input_fidelity", value=fidelity, supported="'low'"
        )


def require_file(file: bytes, param: str, kinds: tuple[str, ...], limit: int) -> None:
    """Check one picture.

    Raises:
        APIError: 400, it is of another kind, or larger than the limit.
    """
    if pictures.kind_of(file) not in kinds:
        raise api_error("image_file", param=param, expected=", ".join(kinds))
    if len(file) >= limit:
        raise api_error("image_bytes", param=param, limit=limit, value=len(file))


def count_usage(
    prompt: str,
    images: list[bytes],
    width: int,
    height: int,
    quality: str,
    count: int,
    *,
    partial: int = 0,
) -> dict[str, Any]:
    """Return estimated token counts.

    Args:
        prompt: The text.
        images: The pictures that were sent.
        width: In pixels.
        height: In pixels.
        quality: ``low`` to ``max``.
        count: How many pictures are drawn.
        partial: How many pictures that are not done yet are streamed for each of them.
    """
    table = load_data("playground.demo", "images")["tokens"]
    text = tokens.count(prompt)
    sent = table["sent"] * len(images)
    drawn = math.ceil(math.ceil(width / 32) * math.ceil(height / 32) * table[quality]) * count
    drawn += table["partial"] * partial * count
    return {
        "input_tokens": text + sent,
        "input_tokens_details": {"text_tokens": text, "image_tokens": sent},
        "output_tokens": drawn,
        "total_tokens": text + sent + drawn,
    }


async def fulfil(call: Call, order: Order, kind: str) -> Reply:
    """Draw what was ordered, and answer at once or in events."""
    created = call.state.clock.timestamp()
    if call.params.get("stream"):
        return Events(events(order, kind, created, call.state.delay))
    data = []
    for index in range(order.count):
        data.append({"b64_json": _base64(await draw(order, index))})
    answer: dict[str, Any] = {
        "created": created,
        "background": "transparent" if order.clear else "opaque",
        "data": data,
        "output_format": order.format,
        "quality": order.quality,
        "size": order.size,
        "usage": {
            **order.usage,
            "output_tokens_details": {
                "image_tokens": order.usage["output_tokens"],
                "text_tokens": 0,
            },
        },
    }
    author = call.params.get("svg")
    if order.format == "svg" and author and author.get("model"):
        written = tokens.count(base64.b64decode(data[0]["b64_json"]).decode())
        answer["svg_usage"] = {
            "model": author["model"],
            "input_tokens": order.usage["input_tokens"],
            "output_tokens": written,
            "reasoning_tokens": 0,
            "total_tokens": order.usage["input_tokens"] + written,
        }
    if order.safety:
        answer["safety_identifier"] = order.safety
    return answer


async def events(order: Order, kind: str, created: int, delay: float) -> AsyncIterator[bytes]:
    """Yield the pictures that are not done yet, each finer than the last, and the finished ones."""
    frame: dict[str, Any] = {
        "background": "transparent" if order.clear else "opaque",
        "created_at": created,
        "output_format": order.format,
        "quality": order.quality,
        "size": order.size,
    }
    for index in range(order.count):
        for number, grain in enumerate(GRAINS[len(GRAINS) - order.partial :]):
            yield _event(
                f"{kind}.partial_image",
                frame,
                b64_json=_base64(await draw(order, index, grain)),
                partial_image_index=number,
            )
            await asyncio.sleep(delay * 10)
        finished = {"b64_json": _base64(await draw(order, index)), "usage": order.usage}
        if order.safety:
            finished["safety_identifier"] = order.safety
        yield _event(f"{kind}.completed", frame, **finished)


def _event(kind: str, frame: dict[str, Any], **fields: Any) -> bytes:
    return encode({"type": kind, **frame, **fields}, kind)


async def draw(order: Order, index: int, grain: int = 1) -> bytes:
    """Return the file of one picture.

    Args:
        order: What was asked for.
        index: Which of several pictures.
        grain: The side of its squares, if it is not done yet.
    """
    await asyncio.sleep(0)
    told = "，".join(filter(None, (order.shown, order.prompt)))
    made = drawing.scene(
        told if order.box is None else order.shown,
        order.width,
        order.height,
        variant=index,
        clear=order.clear,
        photo=order.photo,
    )
    if order.box is not None:
        drawing.add(made, order.prompt, order.box)
    match order.format:
        case "svg":
            return drawing.svg(made)
        case "gif":
            frames = []
            for number in range(order.frames):
                swing = math.sin(2 * math.pi * number / order.frames) * order.height / 40
                frames.append(drawing.paint(made.moved(swing)))
                await asyncio.sleep(0)
            return pictures.gif(frames, order.milliseconds)
        case "jpeg":
            return pictures.jpeg(drawing.paint(made, grain), order.compression)
        case "webp":
            return pictures.webp(drawing.paint(made, grain))
        case _:
            return pictures.png(drawing.paint(made, grain), told)


def _base64(file: bytes) -> str:
    return base64.b64encode(file).decode()
