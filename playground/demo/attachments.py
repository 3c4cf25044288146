"""Files and pictures in messages: what they are called, what they hold, what they cost."""

import base64
import binascii
from typing import Any

from playground.data import load_data
from playground.demo import answers, files, passages, tokens
from playground.demo.conversation import Conversation, Media
from playground.demo.errors import api_error, requires
from playground.demo.state import State

FRAME = 50
"""Tokens that a file counts for besides its content."""
BYTES_PER_TOKEN = 4
"""Bytes of a file that the demo cannot read for one token."""
SCHEMES = ("http://", "https://")


def read_file(state: State, part: dict[str, Any], param: str) -> Media:
    """Return the file that a part of a message carries or names.

    Args:
        state: The app's memory, where uploaded files are.
        part: The part's fields: ``file_data``, ``file_id``, ``file_url`` and ``filename``.
        param: Where the part is in the request, for errors.

    Raises:
        APIError: 404, there is no such file; 400, the data is not base64.
    """
    name, content = part.get("filename") or part.get("file_url"), b""
    kept = part.get("file_id")
    if kept:
        file = _uploaded(state, kept, param)
        if file is not None:
            name, content = name or file["filename"], state.blobs[kept]
    elif part.get("file_data"):
        content = _decoded(part["file_data"].rpartition(",")[2], param)
    name = name or kept or "未命名文件"
    try:
        text = passages.read(name if "." in name else f"{name}.txt", content)
    except passages.Unreadable:
        return Media("file", name, FRAME + len(content) // BYTES_PER_TOKEN)
    return Media("file", name, FRAME + tokens.count(text), text)


def read_image(state: State, part: dict[str, Any], param: str) -> Media:
    """Return the picture that a part of a message carries or names.

    Args:
        state: The app's memory, where uploaded files are.
        part: The part's fields: ``url`` or ``file_id``, and ``detail``.
        param: Where the part is in the request, for errors.

    Raises:
        APIError: 404, there is no such file; 400, the address is none, or its data is not base64.
    """
    url, kept = part.get("url"), part.get("file_id")
    name = "未命名图片"
    if url:
        name = address_of(url, param)
    elif kept:
        file = _uploaded(state, kept, param)
        name = file["filename"] if file else kept
    return Media("image", name, tokens.PER_IMAGE[part.get("detail") or "auto"])


def address_of(url: str, param: str) -> str:
    """Return what to call a picture: its address, or the type and size of a data URL.

    Raises:
        APIError: 400, it is neither, or the data is not base64.
    """
    if url.startswith("data:"):
        head, _, data = url.partition(",")
        size = len(_decoded(data, param))
        return f"{head[5:].split(';')[0] or 'image'}，{size} 字节"
    if not url.startswith(SCHEMES):
        raise requires(
            param,
            "an address that starts with https:// or data:",
            "以 https:// 或 data: 开头的地址",
        )
    return url


def _decoded(data: str, param: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise requires(param, "valid base64 data", "合法的 base64 数据") from None


def _uploaded(state: State, id: str, param: str) -> dict[str, Any] | None:
    """Return an uploaded file's object; None for one that ``any_id`` makes up."""
    if id in files.live(state):
        return files.live(state).get(id)
    if state.any_id:
        return None
    raise api_error("file_not_found", kind=files.KIND, value=id, param=param)


def texts(conversation: Conversation) -> str:
    """Return what the files of the last user message say, one after the other."""
    return "\n".join(m.text for m in conversation.media if m.text)


def answer(conversation: Conversation) -> str | None:
    """Return the answer to a question about attached files; None if none can be read.

    It is the part of the files that fits the question best, word for word, and where it is from.
    """
    text = texts(conversation)
    if not text:
        return None
    table = load_data("playground.demo", "answers")
    names = "、".join(m.detail for m in conversation.media if m.text)
    question = conversation.question
    if not question.strip() or answers.asks_for_overview(question):
        found = passages.opening(text)
    else:
        found = passages.best_sentences(question, text)
        if passages.score(passages.Passage(found), passages.Passage(question)) < passages.RELEVANT:
            return table["uncited"].format(names=names)
    return table["cited"].format(found=found, names=names)
