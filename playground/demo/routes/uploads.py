"""Uploads: a large file in parts: create, add parts, complete, cancel."""

import hashlib
from typing import Any

from playground.demo import files
from playground.demo.errors import api_error, wrong_state
from playground.demo.routes import Call, Family, Reply
from playground.demo.state import State

family = Family("uploads", "分块上传")

LIFETIME = 3600
"""Seconds after which an upload that was not completed expires."""
MAX_PART = 64 * 1024 * 1024
"""Bytes of the largest part, by the docstring of ``uploads.parts.create``."""


@family.route(
    "POST /uploads",
    methods=("uploads.create", "uploads.upload_file_chunked"),
    params="upload_create_params:UploadCreateParams",
    answer="upload:Upload",
)
async def create(call: Call) -> Reply:
    """Announce a file."""
    files.require_name(call.params["filename"], call.params["purpose"])
    now = call.state.clock.timestamp()
    upload = {
        "id": call.state.ids.make("upload_"),
        "object": "upload",
        "bytes": call.params["bytes"],
        "created_at": now,
        "expires_at": now + LIFETIME,
        "filename": call.params["filename"],
        "purpose": call.params["purpose"],
        "status": "pending",
        "file": None,
    }
    record = {"upload": upload, "parts": [], "expires_after": call.params.get("expires_after")}
    call.state.store("upload").put(upload["id"], record)
    return upload


def close(state: State, record: dict[str, Any], status: str) -> None:
    """End an upload and forget its parts."""
    record["upload"]["status"] = status
    for id in record["parts"]:
        if id in state.store(files.PARTS):
            state.store(files.PARTS).pop(id)
    record["parts"].clear()


def pending(state: State, id: str) -> dict[str, Any]:
    """Return an upload that still takes parts.

    Raises:
        APIError: 404, there is none; 400, it is completed, cancelled or expired.
    """
    record = state.store("upload").get(id)
    upload = record["upload"]
    if upload["status"] == "pending" and upload["expires_at"] <= state.clock.timestamp():
        close(state, record, "expired")
    if upload["status"] != "pending":
        raise wrong_state("upload", upload["status"], "pending")
    return record


@family.route(
    "POST /uploads/{id}/parts",
    methods=("uploads.parts.create",),
    params="uploads.part_create_params:PartCreateParams",
    answer="uploads:UploadPart",
)
async def add_part(call: Call) -> Reply:
    """Take one part of the file."""
    record = pending(call.state, call.path["id"])
    content = call.params["data"].content
    if len(content) > MAX_PART:
        raise api_error("request_too_large", param="data", limit=MAX_PART)
    files.require_space(call.state, len(content))
    id = call.state.ids.make("part_")
    expires_at = record["upload"]["expires_at"]
    part = {"id": id, "content": content, "expires_at": expires_at}
    call.state.store(files.PARTS).put(id, part)
    record["parts"].append(id)
    return {
        "id": id,
        "object": "upload.part",
        "created_at": call.state.clock.timestamp(),
        "upload_id": call.path["id"],
    }


@family.route(
    "POST /uploads/{id}/complete",
    methods=("uploads.complete",),
    params="upload_complete_params:UploadCompleteParams",
    answer="upload:Upload",
)
async def complete(call: Call) -> Reply:
    """Join the parts in the order named and make the file."""
    record = pending(call.state, call.path["id"])
    upload, parts = record["upload"], call.state.store(files.PARTS)
    for index, id in enumerate(call.params["part_ids"]):
        if id not in record["parts"]:
            raise api_error("not_found", param=f"part_ids[{index}]", kind=files.PARTS, value=id)
    content = b"".join(parts.get(id)["content"] for id in call.params["part_ids"])
    if len(content) != upload["bytes"]:
        raise api_error("wrong_size", param="part_ids", value=len(content), limit=upload["bytes"])
    checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if call.params.get("md5", checksum).lower() != checksum:
        raise api_error("wrong_checksum", param="md5", value=checksum)
    files.require_content(content, upload["purpose"])
    # The parts make room for the file that they become.
    close(call.state, record, "completed")
    expires = record["expires_after"]
    upload["file"] = files.add(call.state, upload["filename"], content, upload["purpose"], expires)
    return upload


@family.route("POST /uploads/{id}/cancel", methods=("uploads.cancel",), answer="upload:Upload")
async def cancel(call: Call) -> Reply:
    """Give an upload up."""
    record = pending(call.state, call.path["id"])
    close(call.state, record, "cancelled")
    return record["upload"]
