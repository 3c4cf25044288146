"""Models: list, retrieve, delete."""

from playground.demo.errors import api_error
from playground.demo.models import catalog, retired_error
from playground.demo.routes import Call, Family, Reply

family = Family("models", "模型管理")


@family.route("GET /models", methods=("models.list",), answer="model:Model", page="all")
async def list_models(call: Call) -> Reply:
    """List every model that still runs, fine-tuned ones last."""
    alive = [m.describe() for m in catalog().values() if not m.retired(call.state)]
    own = [
        model
        for model in call.state.store("model").values()
        if not catalog()[model["id"].split(":")[1]].retired(call.state)
    ]
    return {"object": "list", "data": alive + own}


@family.route("GET /models/{model:path}", methods=("models.retrieve",), answer="model:Model")
async def retrieve_model(call: Call) -> Reply:
    """Return one model; a retired one is a 404 that names the day and the replacement."""
    id = call.path["model"]
    if id in call.state.store("model"):
        return call.state.store("model").get(id)
    model = catalog().get(id)
    if model is None:
        raise api_error("model_not_found", param="model", value=id)
    if model.retired(call.state):
        raise retired_error(model)
    return model.describe()


@family.route(
    "DELETE /models/{model:path}", methods=("models.delete",), answer="model_deleted:ModelDeleted"
)
async def delete_model(call: Call) -> Reply:
    """Delete a fine-tuned model of one's own; the others are not the caller's to delete."""
    id = call.path["model"]
    if id in call.state.store("model"):
        call.state.store("model").pop(id)
        return {"id": id, "deleted": True, "object": "model"}
    if id not in catalog():
        raise api_error("model_not_found", param="model", value=id)
    raise api_error(
        "permission_denied",
        reason=f"'{id}' is not a fine-tuned model of your organization",
        reason_zh=f"{id} 不是你的微调模型，只有自己微调得到的模型才能删除",
    )
