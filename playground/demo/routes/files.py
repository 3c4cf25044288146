"""Files: create, list, retrieve, content, delete."""

import mimetypes

from playground.demo import files
from playground.demo.errors import api_error
from playground.demo.pages import page
from playground.demo.routes import Call, Content, Family, Reply

family = Family("files", "文件")


@family.route(
    "POST /files",
    methods=("files.create",),
    params="file_create_params:FileCreateParams",
    answer="file_object:FileObject",
)
async def create(call: Call) -> Reply:
    """Keep an uploaded file."""
    file, purpose = call.params["file"], call.params["purpose"]
    files.require_name(file.filename, purpose)
    files.require_content(file.content, purpose)
    expires = call.params.get("expires_after")
    return files.add(call.state, file.filename, file.content, purpose, expires)


@family.route(
    "GET /files",
    methods=("files.list",),
    params="file_list_params:FileListParams",
    answer="file_object:FileObject",
    page="cursor",
)
async def list_files(call: Call) -> Reply:
    """List the files, the newest first."""
    found = files.live(call.state).values()
    if call.params.get("purpose"):
        purpose = call.params["purpose"]
        found = [f for f in found if files.purpose_of(call.state, f["id"]) == purpose]
    return page(found, call.params, limit=10_000, kind="file")


@family.route("GET /files/{id}", methods=("files.retrieve",), answer="file_object:FileObject")
async def retrieve(call: Call) -> Reply:
    """Return one file's description."""
    return files.live(call.state).get(call.path["id"])


@family.route(
    "GET /files/{id}/content", methods=("files.content", "files.retrieve_content"), content=True
)
async def content(call: Call) -> Reply:
    """Return one file's bytes, if its purpose allows that."""
    body = files.content_of(call.state, call.path["id"])
    purpose = files.purpose_of(call.state, call.path["id"])
    if purpose in files.SEALED:
        raise api_error("sealed_file", value=purpose)
    name = files.live(call.state).get(call.path["id"])["filename"]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Content(body, kind)


@family.route("DELETE /files/{id}", methods=("files.delete",), answer="file_deleted:FileDeleted")
async def delete(call: Call) -> Reply:
    """Forget one file."""
    files.live(call.state).get(call.path["id"])
    files.remove(call.state, call.path["id"])
    return {"id": call.path["id"], "object": "file", "deleted": True}
