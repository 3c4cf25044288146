"""Uploads: a large file in parts: create, add parts, complete, cancel."""

import hashlib
from typing import Any

from playground.demo import files
from playground.demo.errors import api_error, wrong_state
from playground.demo.routes import Call, Family, Reply
from playground.demo.routes.files import require_format
from playground.demo.state import State

family = Family("uploads", "大文件上传")

LIFETIME = 3600
"""Seconds after which an upload that was not completed expires."""


@family.route(
    "POST /uploads",
    methods=("uploads.create", "uploads.upload_file_chunked"),
    params="upload_create_params:UploadCreateParams",
    answer="upload:Upload",
)
async def create(call: Call) -> Reply:
    """Announce a file."""
    require_format(call.params["filename"], call.params["purpose"])
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
    record = {"upload": upload, "parts": {}, "expires_after": call.params.get("expires_after")}
    call.state.store("upload").put(upload["id"], record)
    return upload


def pending(state: State, id: str) -> dict[str, Any]:
    """Return an upload that still takes parts.

    Raises:
        APIError: 404, there is none; 400, it is completed, cancelled or expired.
    """
    record = state.store("upload").get(id)
    upload = record["upload"]
    if upload["status"] == "pending" and upload["expires_at"] <= state.clock.timestamp():
        upload["status"] = "expired"
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
    id = call.state.ids.make("part_")
    data = call.params["data"]
    record["parts"][id] = data.content
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
    upload, parts = record["upload"], record["parts"]
    for index, id in enumerate(call.params["part_ids"]):
        if id not in parts:
            raise api_error("not_found", param=f"part_ids[{index}]", kind="upload part", value=id)
    content = b"".join(parts[id] for id in call.params["part_ids"])
    if len(content) != upload["bytes"]:
        raise api_error("wrong_size", param="part_ids", value=len(content), limit=upload["bytes"])
    checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if call.params.get("md5", checksum).lower() != checksum:
        raise api_error("wrong_checksum", param="md5", value=checksum)
    expires = record["expires_after"]
    upload["file"] = files.add(call.state, upload["filename"], content, upload["purpose"], expires)
    upload["status"] = "completed"
    parts.clear()
    return upload


@family.route("POST /uploads/{id}/cancel", methods=("uploads.cancel",), answer="upload:Upload")
async def cancel(call: Call) -> Reply:
    """Give an upload up."""
    record = pending(call.state, call.path["id"])
    record["upload"]["status"] = "cancelled"
    record["parts"].clear()
    return record["upload"]
