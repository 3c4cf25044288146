"""Fine-tuning: jobs, their events and checkpoints, checkpoint permissions, graders."""

from typing import Any

from playground.demo import fine_tuning, graders
from playground.demo.errors import api_error
from playground.demo.pages import page
from playground.demo.routes import Call, Family, Reply

family = Family("fine_tuning", "微调")

PERMISSION = "checkpoint permission"


@family.route(
    "POST /fine_tuning/jobs",
    methods=("fine_tuning.jobs.create",),
    params="fine_tuning.job_create_params:JobCreateParams",
    answer="fine_tuning:FineTuningJob",
)
async def create(call: Call) -> Reply:
    """Start a job."""
    return fine_tuning.create(call.state, call.params)


@family.route(
    "GET /fine_tuning/jobs",
    methods=("fine_tuning.jobs.list",),
    params="fine_tuning.job_list_params:JobListParams",
    answer="fine_tuning:FineTuningJob",
    page="cursor",
)
async def list_jobs(call: Call) -> Reply:
    """List the jobs, the newest first, filtered by metadata."""
    records = call.state.store(fine_tuning.KIND).values()
    for record in records:
        fine_tuning.advance(call.state, record)
    found = [r.job for r in records]
    if "metadata" in call.params:
        wanted = call.params["metadata"]
        if wanted is None:
            found = [j for j in found if j["metadata"] is None]
        else:
            found = [j for j in found if wanted.items() <= (j["metadata"] or {}).items()]
    return page(found, call.params, kind=fine_tuning.KIND)


@family.route(
    "GET /fine_tuning/jobs/{id}",
    methods=("fine_tuning.jobs.retrieve",),
    answer="fine_tuning:FineTuningJob",
)
async def retrieve(call: Call) -> Reply:
    """Return one job as it is now."""
    return fine_tuning.get(call.state, call.path["id"]).job


@family.route(
    "POST /fine_tuning/jobs/{id}/cancel",
    methods=("fine_tuning.jobs.cancel",),
    answer="fine_tuning:FineTuningJob",
)
async def cancel(call: Call) -> Reply:
    """Cancel one job."""
    return fine_tuning.cancel(call.state, call.path["id"])


@family.route(
    "POST /fine_tuning/jobs/{id}/pause",
    methods=("fine_tuning.jobs.pause",),
    answer="fine_tuning:FineTuningJob",
)
async def pause(call: Call) -> Reply:
    """Pause one job."""
    return fine_tuning.pause(call.state, call.path["id"])


@family.route(
    "POST /fine_tuning/jobs/{id}/resume",
    methods=("fine_tuning.jobs.resume",),
    answer="fine_tuning:FineTuningJob",
)
async def resume(call: Call) -> Reply:
    """Go on with a paused job."""
    return fine_tuning.resume(call.state, call.path["id"])


@family.route(
    "GET /fine_tuning/jobs/{id}/events",
    methods=("fine_tuning.jobs.list_events",),
    params="fine_tuning.job_list_events_params:JobListEventsParams",
    answer="fine_tuning:FineTuningJobEvent",
    page="cursor",
)
async def list_events(call: Call) -> Reply:
    """List the events of a job, the newest first."""
    record = fine_tuning.get(call.state, call.path["id"])
    return page(record.events, call.params, kind="fine-tuning event")


@family.route(
    "GET /fine_tuning/jobs/{id}/checkpoints",
    methods=("fine_tuning.jobs.checkpoints.list",),
    params="fine_tuning.jobs.checkpoint_list_params:CheckpointListParams",
    answer="fine_tuning.jobs:FineTuningJobCheckpoint",
    page="cursor",
)
async def list_checkpoints(call: Call) -> Reply:
    """List the checkpoints of a job, the newest first."""
    record = fine_tuning.get(call.state, call.path["id"])
    return page(record.checkpoints, call.params, limit=10, kind="checkpoint")


@family.route(
    "POST /fine_tuning/checkpoints/{checkpoint}/permissions",
    methods=("fine_tuning.checkpoints.permissions.create",),
    params="fine_tuning.checkpoints.permission_create_params:PermissionCreateParams",
    answer="fine_tuning.checkpoints:PermissionCreateResponse",
    page="cursor",
)
async def create_permissions(call: Call) -> Reply:
    """Let other projects use a checkpoint."""
    checkpoint = _checkpoint(call)
    made = []
    for project in call.params["project_ids"]:
        permission = {
            "id": call.state.ids.make("cp_"),
            "object": "checkpoint.permission",
            "created_at": call.state.clock.timestamp(),
            "project_id": project,
        }
        record = {"checkpoint": checkpoint, "permission": permission}
        call.state.store(PERMISSION).put(permission["id"], record)
        made.append(permission)
    return page(made, {}, limit=max(len(made), 1), order="asc")


@family.route(
    "GET /fine_tuning/checkpoints/{checkpoint}/permissions",
    methods=("fine_tuning.checkpoints.permissions.list",),
    params="fine_tuning.checkpoints.permission_list_params:PermissionListParams",
    answer="fine_tuning.checkpoints:PermissionListResponse",
    page="cursor",
)
async def list_permissions(call: Call) -> Reply:
    """List the permissions of a checkpoint, the newest first."""
    checkpoint, params = _checkpoint(call), call.params
    records = call.state.store(PERMISSION).values()
    found = [r["permission"] for r in records if r["checkpoint"] == checkpoint]
    if params.get("project_id"):
        found = [p for p in found if p["project_id"] == params["project_id"]]
    order = {"ascending": "asc", "descending": "desc"}.get(params.get("order", ""), "desc")
    return page(found, {**params, "order": order}, limit=10, kind=PERMISSION)


@family.route(
    "GET /fine_tuning/checkpoints/{checkpoint}/permissions",
    methods=("fine_tuning.checkpoints.permissions.retrieve",),
    params="fine_tuning.checkpoints.permission_retrieve_params:PermissionRetrieveParams",
    answer="fine_tuning.checkpoints:PermissionRetrieveResponse",
)
async def retrieve_permissions(call: Call) -> Reply:
    """Answer the deprecated method that calls the path of ``list``.

    The route above is asked first, and its page has all the fields that this method's model has.
    """
    return await list_permissions(call)


@family.route(
    "DELETE /fine_tuning/checkpoints/{checkpoint}/permissions/{permission_id}",
    methods=("fine_tuning.checkpoints.permissions.delete",),
    answer="fine_tuning.checkpoints:PermissionDeleteResponse",
)
async def delete_permission(call: Call) -> Reply:
    """Take a permission back."""
    checkpoint, id = _checkpoint(call), call.path["permission_id"]
    if call.state.store(PERMISSION).get(id)["checkpoint"] != checkpoint:
        raise api_error("not_found", param="permission_id", kind=PERMISSION, value=id)
    call.state.store(PERMISSION).pop(id)
    return {"id": id, "object": "checkpoint.permission", "deleted": True}


def _checkpoint(call: Call) -> str:
    """Return the checkpoint that a path names.

    Raises:
        APIError: 404, there is none.
    """
    name = call.path["checkpoint"]
    call.state.store("model").get(name)
    return name


@family.route(
    "POST /fine_tuning/alpha/graders/run",
    methods=("fine_tuning.alpha.graders.run",),
    params="fine_tuning.alpha.grader_run_params:GraderRunParams",
    answer="fine_tuning.alpha:GraderRunResponse",
)
async def run_grader(call: Call) -> Reply:
    """Grade a model's answer."""
    params = call.params
    return graders.run(call.state, params["grader"], params["model_sample"], params.get("item"))


@family.route(
    "POST /fine_tuning/alpha/graders/validate",
    methods=("fine_tuning.alpha.graders.validate",),
    params="fine_tuning.alpha.grader_validate_params:GraderValidateParams",
    answer="fine_tuning.alpha:GraderValidateResponse",
)
async def validate_grader(call: Call) -> Reply:
    """Return a grader that has the right form; one that has not was refused before."""
    grader: dict[str, Any] = call.params["grader"]
    return {"grader": grader}
