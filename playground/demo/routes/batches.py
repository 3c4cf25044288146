"""Batches: create, retrieve, list, cancel."""

from playground.demo import batches
from playground.demo.pages import page
from playground.demo.routes import Call, Family, Reply

family = Family("batches", "批处理")


@family.route(
    "POST /batches",
    methods=("batches.create",),
    params="batch_create_params:BatchCreateParams",
    answer="batch:Batch",
)
async def create(call: Call) -> Reply:
    """Start to answer the requests of a file."""
    return batches.create(call.state, call.params)


@family.route(
    "GET /batches",
    methods=("batches.list",),
    params="batch_list_params:BatchListParams",
    answer="batch:Batch",
    page="cursor",
)
async def list_batches(call: Call) -> Reply:
    """List the batches, the newest first."""
    records = call.state.store(batches.KIND).values()
    for record in records:
        await batches.advance(call.state, record)
    return page([r.batch for r in records], call.params, kind=batches.KIND)


@family.route("GET /batches/{id}", methods=("batches.retrieve",), answer="batch:Batch")
async def retrieve(call: Call) -> Reply:
    """Return one batch as it is now."""
    return await batches.get(call.state, call.path["id"])


@family.route("POST /batches/{id}/cancel", methods=("batches.cancel",), answer="batch:Batch")
async def cancel(call: Call) -> Reply:
    """Cancel one batch; what was answered stays in its output file."""
    return await batches.cancel(call.state, call.path["id"])
