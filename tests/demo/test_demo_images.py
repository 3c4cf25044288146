"""Images: what is drawn, in every format, decoded by a real browser."""

import base64
import re
import struct
import zlib
from xml.etree import ElementTree

import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async

MODEL = "gpt-image-2.6-flare"
CAT = "一只橘色的猫"
ORANGE, BLUE = (242, 140, 40), (50, 110, 210)


def draw(client, prompt=CAT, **params):
    params = {"model": MODEL, "size": "256x256", **params}
    return client.images.generate(prompt=prompt, **params)


def file_of(answer, index=0):
    return base64.b64decode(answer.data[index].b64_json)


def png(width, height, alpha):
    """Return a PNG file of RGBA pixels with the given rows of alpha values."""
    rows = b"".join(b"\0" + b"".join(bytes((9, 9, 9, a)) for a in row) for row in alpha)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts
    )


@pytest.fixture(scope="module")
def pixels(browser):
    """A function that decodes an image file in Chromium and returns its size and its colours."""
    page = browser.new_page()

    def decode(file, media_type="image/png"):
        address = f"data:{media_type};base64,{base64.b64encode(file).decode()}"
        width, height, written = page.evaluate(
            """async (address) => {
                const image = new Image();
                image.src = address;
                await image.decode();
                const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
                const context = canvas.getContext("2d");
                context.drawImage(image, 0, 0);
                const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
                const written = await new Promise((resolve) => {
                    const reader = new FileReader();
                    reader.onload = () => resolve(reader.result);
                    reader.readAsDataURL(new Blob([data]));
                });
                return [canvas.width, canvas.height, written.split(",")[1]];
            }""",
            address,
        )
        data = base64.b64decode(written)
        return (width, height), [tuple(data[i : i + 4]) for i in range(0, len(data), 4)]

    yield decode
    page.close()


def near(colour, wanted, by=12):
    return colour[3] == 255 and all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=False))


def share(colours, wanted):
    return sum(near(c, wanted) for c in colours) / len(colours)


@pytest.mark.parametrize("form", ["png", "webp", "jpeg", "gif", "svg"])
def test_every_format_opens_and_shows_the_colour_named(client, pixels, form):
    answer = draw(client, output_format=form)
    file = file_of(answer)
    start = {"png": b"\x89PNG", "webp": b"RIFF", "jpeg": b"\xff\xd8", "gif": b"GIF", "svg": b"<svg"}
    assert file.startswith(start[form])
    size, colours = pixels(file, "image/svg+xml" if form == "svg" else f"image/{form}")
    assert size == (256, 256)
    assert answer.size == "256x256"
    assert answer.output_format == form
    assert share(colours, ORANGE) > 0.1


@pytest.mark.parametrize(
    ("prompt", "colour"),
    [
        ("蓝色的汽车", BLUE),
        ("a red heart", (220, 50, 47)),
        ("一个绿色的圆形，白色背景", (60, 160, 90)),
        ("紫色的花", (130, 80, 180)),
    ],
)
def test_the_colour_belongs_to_the_thing(client, pixels, prompt, colour):
    _, colours = pixels(file_of(draw(client, prompt)))
    assert share(colours, colour) > 0.03
    _, others = pixels(file_of(draw(client, CAT)))
    assert share(others, colour) < 0.03


def test_the_same_request_gives_the_same_bytes_and_n_gives_different_ones(client):
    assert file_of(draw(client)) == file_of(draw(client))
    answer = draw(client, n=3)
    assert len({d.b64_json for d in answer.data}) == 3
    assert answer.usage.output_tokens == 3 * draw(client).usage.output_tokens


@pytest.mark.parametrize("form", ["png", "webp"])
def test_transparent_means_transparent(client, pixels, form):
    answer = draw(client, background="transparent", output_format=form)
    assert answer.background == "transparent"
    _, colours = pixels(file_of(answer), f"image/{form}")
    assert colours[0][3] == 0
    assert share(colours, ORANGE) > 0.1
    _, opaque = pixels(file_of(draw(client, output_format=form)), f"image/{form}")
    assert all(c[3] == 255 for c in opaque)


def test_sizes(client, pixels):
    assert draw(client, size="auto").size == "1024x1024"
    answer = client.images.generate(model=MODEL, prompt=CAT, size="320x128")
    assert pixels(file_of(answer))[0] == (320, 128)
    large = draw(client, size="3840x2160")
    assert struct.unpack_from(">II", file_of(large), 16) == (3840, 2160)


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"size": "1000x1000"}, "size", "invalid_value"),
        ({"size": "256x1024"}, "size", "invalid_value"),
        ({"size": "4096x4096"}, "size", "invalid_value"),
        ({"size": "big"}, "size", "unsupported_value"),
        ({"size": "512x512", "model": "gpt-image-1.5"}, "size", "unsupported_value"),
        ({"quality": "hd"}, "quality", "unsupported_value"),
        ({"quality": "max", "model": "gpt-image-2"}, "quality", "unsupported_value"),
        ({"response_format": "url"}, "response_format", "unsupported_parameter"),
        ({"style": "vivid"}, "style", "unsupported_parameter"),
        ({"n": 11}, "n", "integer_above_max_value"),
        ({"prompt": ""}, "prompt", "empty_string"),
        ({"partial_images": 2}, "partial_images", "invalid_request_error"),
        ({"output_compression": 50}, "output_compression", "invalid_request_error"),
        ({"frame_count": 3}, "frame_count", "invalid_request_error"),
        ({"output_format": "tiff"}, "output_format", "invalid_value"),
        ({"output_format": "svg", "n": 2}, "n", "invalid_request_error"),
        ({"output_format": "gif", "stream": True}, "stream", "invalid_request_error"),
        ({"background": "transparent", "output_format": "jpeg"}, "background",
         "invalid_request_error"),
        ({"prompt": "血肉模糊的现场"}, "prompt", "moderation_blocked"),
        ({"model": "gpt-6-luna"}, "model", "model_not_supported"),
    ],
)  # fmt: skip
def test_what_is_refused(client, params, param, code):
    with pytest.raises(openai.BadRequestError) as caught:
        draw(client, **{"prompt": CAT, **params})
    assert (caught.value.param, caught.value.code) == (param, code)


def test_a_model_must_be_named_and_be_alive(client, advance):
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.generate(prompt=CAT)
    assert caught.value.param == "model"
    with pytest.raises(openai.NotFoundError, match="2026-05-12"):
        draw(client, model="dall-e-3")
    draw(client, model="gpt-image-1-mini", size="1024x1024")
    advance(8 * 86400)
    with pytest.raises(openai.NotFoundError, match=r"gpt-image-2\.6-flare"):
        draw(client, model="gpt-image-1-mini", size="1024x1024")


def test_partial_images_become_finer_and_the_last_is_the_picture(client, pixels):
    events = list(draw(client, stream=True, partial_images=3))
    assert [e.type for e in events] == ["image_generation.partial_image"] * 3 + [
        "image_generation.completed"
    ]
    assert [e.partial_image_index for e in events[:3]] == [0, 1, 2]
    assert events[-1].b64_json == draw(client).data[0].b64_json
    # Each of the three counts for 100 output tokens besides the picture itself.
    assert events[-1].usage.total_tokens == draw(client).usage.total_tokens + 3 * 100
    _, finished = pixels(base64.b64decode(events[-1].b64_json))
    wrong = []
    for event in events[:3]:
        size, colours = pixels(base64.b64decode(event.b64_json))
        assert size == (256, 256)
        wrong.append(sum(a != b for a, b in zip(colours, finished, strict=True)))
    assert wrong[0] > wrong[1] > wrong[2] > 0
    assert [e.type for e in draw(client, stream=True)] == ["image_generation.completed"]


def test_gif_moves(client):
    file = file_of(draw(client, output_format="gif", frame_count=4, frame_duration_ms=120))
    delays = re.findall(rb"\x21\xf9\x04.(..)", file, re.DOTALL)
    assert [int.from_bytes(d, "little") for d in delays] == [12] * 4


def test_svg_is_well_formed_and_names_its_author(client):
    answer = draw(client, output_format="svg", svg={"model": "gpt-6-luna"})
    root = ElementTree.fromstring(file_of(answer))
    assert (root.get("width"), root.get("height")) == ("256", "256")
    assert answer.svg_usage.model == "gpt-6-luna"
    assert answer.svg_usage.output_tokens > 100


def test_quality_compression_and_identifier(client):
    low, high = draw(client, quality="low"), draw(client, quality="high")
    assert high.usage.output_tokens > low.usage.output_tokens
    assert (low.quality, draw(client).quality) == ("low", "medium")
    fine = file_of(draw(client, output_format="jpeg"))
    assert len(file_of(draw(client, output_format="jpeg", output_compression=20))) < len(fine)
    assert draw(client, safety_identifier="u1").safety_identifier == "u1"
    assert draw(client).safety_identifier is None


def test_an_edit_keeps_what_the_demos_own_picture_showed(client, pixels):
    first = file_of(draw(client))
    edited = client.images.edit(
        model=MODEL, image=("cat.png", first), prompt="加一辆蓝色的汽车", size="256x256"
    )
    _, colours = pixels(file_of(edited))
    assert share(colours, ORANGE) > 0.02
    assert share(colours, BLUE) > 0.02
    assert edited.usage.input_tokens_details.image_tokens > 0


def test_a_hat_goes_on_the_head(client, pixels):
    _, colours = pixels(file_of(draw(client, "一只戴红色帽子的橘色的猫")))

    def span(wanted):
        spots = [(i % 256, i // 256) for i, c in enumerate(colours) if near(c, wanted, 4)]
        xs, ys = [x for x, _ in spots], [y for _, y in spots]
        return min(xs), max(xs), min(ys), max(ys)

    hat, cat = span((220, 50, 47)), span(ORANGE)
    assert cat[0] < hat[0] < hat[1] < cat[1]
    assert hat[2] < cat[2] < hat[3] < cat[3]


def test_a_mask_says_where(client, pixels):
    mask = png(64, 64, [[0 if x >= 32 and y < 32 else 255 for x in range(64)] for y in range(64)])
    photo = png(64, 64, [[255] * 64] * 64)
    edited = client.images.edit(
        model=MODEL, image=photo, mask=mask, prompt="蓝色的圆形", size="256x256"
    )
    _, colours = pixels(file_of(edited))
    spots = [(i % 256, i // 256) for i, c in enumerate(colours) if near(c, BLUE, 4)]
    assert len(spots) > 5000
    assert all(x >= 128 and y < 128 for x, y in spots)


def test_several_images_and_a_stream_of_an_edit(client):
    photo = png(16, 16, [[255] * 16] * 16)
    events = list(
        client.images.edit(
            model=MODEL, image=[photo, photo], prompt=CAT, size="256x256", stream=True,
            partial_images=1, output_format="webp",
        )
    )  # fmt: skip
    assert [e.type for e in events] == ["image_edit.partial_image", "image_edit.completed"]
    assert events[1].usage.input_tokens_details.image_tokens == 2 * 323


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"image": b"no image"}, "image", "invalid_image_file"),
        ({"image": []}, "image", "missing_required_parameter"),
        ({"mask": b"no image"}, "mask", "invalid_image_file"),
        ({"mask": png(8, 8, [[0] * 8] * 8)}, "mask", "invalid_request_error"),
        ({"input_fidelity": "high"}, "input_fidelity", "unsupported_parameter"),
        ({"markup": png(16, 16, [[0] * 16] * 16)}, "markup", "unsupported_parameter"),
    ],
)
def test_what_an_edit_refuses(client, params, param, code):
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.edit(
            **{"model": MODEL, "image": png(16, 16, [[255] * 16] * 16), "prompt": CAT, **params}
        )
    assert (caught.value.param, caught.value.code) == (param, code)


def test_variations_are_gone(client):
    with (
        pytest.warns(DeprecationWarning, match="deprecated"),
        pytest.raises(openai.NotFoundError, match="no longer accepts") as caught,
    ):
        client.images.create_variation(image=png(16, 16, [[255] * 16] * 16))
    assert "images.edit" in caught.value.body["message"]


def test_async_client(base_url):
    async def ask():
        async with AsyncOpenAI(api_key="x", base_url=base_url, max_retries=0) as sdk:
            stream = await draw(sdk, stream=True, partial_images=1)
            return [event.type async for event in stream]

    assert run_async(ask())[-1] == "image_generation.completed"
