"""Vector stores: create, list, retrieve, update, delete, search; their files and file batches."""

from typing import Any

from playground.demo import passages, vector_stores
from playground.demo.pages import page
from playground.demo.routes import Call, Family, Reply

family = Family("vector_stores", "向量库")


@family.route(
    "POST /vector_stores",
    methods=("vector_stores.create",),
    params="vector_store_create_params:VectorStoreCreateParams",
    answer="vector_store:VectorStore",
)
async def create(call: Call) -> Reply:
    """Make a vector store, with files or without."""
    return vector_stores.create(call.state, call.params)


@family.route(
    "GET /vector_stores",
    methods=("vector_stores.list",),
    params="vector_store_list_params:VectorStoreListParams",
    answer="vector_store:VectorStore",
    page="cursor",
)
async def list_stores(call: Call) -> Reply:
    """List the vector stores, the newest first."""
    records = call.state.store(vector_stores.KIND).values()
    for record in records:
        vector_stores.bring_up(call.state, record)
    return page([r.store for r in records], call.params, kind=vector_stores.KIND)


@family.route(
    "GET /vector_stores/{vector_store_id}",
    methods=("vector_stores.retrieve",),
    answer="vector_store:VectorStore",
)
async def retrieve(call: Call) -> Reply:
    """Return one vector store as it is now."""
    return _record(call).store


@family.route(
    "POST /vector_stores/{vector_store_id}",
    methods=("vector_stores.update",),
    params="vector_store_update_params:VectorStoreUpdateParams",
    answer="vector_store:VectorStore",
)
async def update(call: Call) -> Reply:
    """Change a vector store's name, metadata or expiry."""
    record, params = _record(call), call.params
    if "name" in params:
        record.store["name"] = params["name"] or ""
    if "metadata" in params:
        record.store["metadata"] = params["metadata"] or {}
    if "expires_after" in params:
        record.store["expires_after"] = params["expires_after"]
    vector_stores.bring_up(call.state, record)
    return record.store


@family.route(
    "DELETE /vector_stores/{vector_store_id}",
    methods=("vector_stores.delete",),
    answer="vector_store_deleted:VectorStoreDeleted",
)
async def delete(call: Call) -> Reply:
    """Delete a vector store; its files stay."""
    id = call.path["vector_store_id"]
    vector_stores.delete(call.state, id)
    return {"id": id, "object": "vector_store.deleted", "deleted": True}


@family.route(
    "POST /vector_stores/{vector_store_id}/search",
    methods=("vector_stores.search",),
    params="vector_store_search_params:VectorStoreSearchParams",
    answer="vector_store_search_response:VectorStoreSearchResponse",
    page="search",
)
async def search(call: Call) -> Reply:
    """Search a vector store."""
    record = _record(call)
    vector_stores.require_active(record)
    asked = call.params["query"]
    queries = [asked] if isinstance(asked, str) else list(asked)
    if call.params.get("rewrite_query"):
        queries = [passages.rewrite(q) for q in queries]
    return {
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": vector_stores.search(call.state, [record], queries, call.params),
        "has_more": False,
        "next_page": None,
    }


@family.route(
    "POST /vector_stores/{vector_store_id}/files",
    methods=(
        "vector_stores.files.create",
        "vector_stores.files.create_and_poll",
        "vector_stores.files.upload",
        "vector_stores.files.upload_and_poll",
    ),
    params="vector_stores.file_create_params:FileCreateParams",
    answer="vector_stores:VectorStoreFile",
)
async def create_file(call: Call) -> Reply:
    """Attach a file to a vector store."""
    record = _record(call)
    vector_stores.require_active(record)
    made = vector_stores.attach(call.state, record, [call.params], ["file_id"], "file_id")
    vector_stores.touch(call.state, record)
    return made[0].file


@family.route(
    "GET /vector_stores/{vector_store_id}/files",
    methods=("vector_stores.files.list",),
    params="vector_stores.file_list_params:FileListParams",
    answer="vector_stores:VectorStoreFile",
    page="cursor",
)
async def list_files(call: Call) -> Reply:
    """List the files of a vector store, the newest first."""
    return _files(list(_record(call).attached.values()), call.params)


@family.route(
    "GET /vector_stores/{vector_store_id}/files/{file_id}",
    methods=("vector_stores.files.retrieve", "vector_stores.files.poll"),
    answer="vector_stores:VectorStoreFile",
)
async def retrieve_file(call: Call) -> Reply:
    """Return one file of a vector store."""
    return vector_stores.get_file(_record(call), call.path["file_id"]).file


@family.route(
    "POST /vector_stores/{vector_store_id}/files/{file_id}",
    methods=("vector_stores.files.update",),
    params="vector_stores.file_update_params:FileUpdateParams",
    answer="vector_stores:VectorStoreFile",
)
async def update_file(call: Call) -> Reply:
    """Replace the attributes of a file in a vector store."""
    file = vector_stores.get_file(_record(call), call.path["file_id"]).file
    file["attributes"] = call.params["attributes"] or {}
    return file


@family.route(
    "DELETE /vector_stores/{vector_store_id}/files/{file_id}",
    methods=("vector_stores.files.delete",),
    answer="vector_stores:VectorStoreFileDeleted",
)
async def delete_file(call: Call) -> Reply:
    """Take a file out of a vector store; the file itself stays."""
    record, id = _record(call), call.path["file_id"]
    vector_stores.get_file(record, id)
    vector_stores.detach(call.state, record, id)
    vector_stores.bring_up(call.state, record)
    return {"id": id, "object": "vector_store.file.deleted", "deleted": True}


@family.route(
    "GET /vector_stores/{vector_store_id}/files/{file_id}/content",
    methods=("vector_stores.files.content",),
    answer="vector_stores:FileContentResponse",
    page="content",
)
async def file_content(call: Call) -> Reply:
    """Return the passages into which a file was cut."""
    attached = vector_stores.get_file(_record(call), call.path["file_id"])
    return {
        "object": "vector_store.file_content.page",
        "data": [{"type": "text", "text": part.text} for part in attached.indexed],
        "has_more": False,
        "next_page": None,
    }


@family.route(
    "POST /vector_stores/{vector_store_id}/file_batches",
    methods=(
        "vector_stores.file_batches.create",
        "vector_stores.file_batches.create_and_poll",
        "vector_stores.file_batches.upload_and_poll",
    ),
    params="vector_stores.file_batch_create_params:FileBatchCreateParams",
    answer="vector_stores:VectorStoreFileBatch",
)
async def create_batch(call: Call) -> Reply:
    """Attach many files to a vector store."""
    record = _record(call)
    vector_stores.require_active(record)
    return vector_stores.create_batch(call.state, record, call.params)


@family.route(
    "GET /vector_stores/{vector_store_id}/file_batches/{batch_id}",
    methods=("vector_stores.file_batches.retrieve", "vector_stores.file_batches.poll"),
    answer="vector_stores:VectorStoreFileBatch",
)
async def retrieve_batch(call: Call) -> Reply:
    """Return one file batch as it is now."""
    return vector_stores.get_batch(_record(call), call.path["batch_id"]).batch


@family.route(
    "POST /vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel",
    methods=("vector_stores.file_batches.cancel",),
    answer="vector_stores:VectorStoreFileBatch",
)
async def cancel_batch(call: Call) -> Reply:
    """Cancel the files of a batch that are not indexed yet."""
    return vector_stores.cancel_batch(call.state, _record(call), call.path["batch_id"])


@family.route(
    "GET /vector_stores/{vector_store_id}/file_batches/{batch_id}/files",
    methods=("vector_stores.file_batches.list_files",),
    params="vector_stores.file_batch_list_files_params:FileBatchListFilesParams",
    answer="vector_stores:VectorStoreFile",
    page="cursor",
)
async def list_batch_files(call: Call) -> Reply:
    """List the files of a batch, the newest first."""
    found = vector_stores.get_batch(_record(call), call.path["batch_id"])
    return _files(found.attached, call.params)


def _record(call: Call) -> vector_stores.Record:
    return vector_stores.get(call.state, call.path["vector_store_id"])


def _files(attached: list[vector_stores.Attached], params: dict[str, Any]) -> dict[str, Any]:
    """Return a page of files, filtered by their state."""
    found = [a.file for a in attached]
    if params.get("filter"):
        found = [f for f in found if f["status"] == params["filter"]]
    return page(found, params, kind=vector_stores.FILE)
