"""Moderations: create."""

from playground.demo.models import require_model
from playground.demo.moderation import moderate
from playground.demo.routes import Call, Family, Reply

family = Family("moderations", "内容审核")

DEFAULT = "omni-moderation-latest"


@family.route(
    "POST /moderations",
    methods=("moderations.create",),
    params="moderation_create_params:ModerationCreateParams",
    answer="moderation_create_response:ModerationCreateResponse",
)
async def create(call: Call) -> Reply:
    """Return one result for each text, or one for a text with images."""
    model = call.params.get("model") or DEFAULT
    if call.fault is None:
        require_model(model, "moderation", call.state)
    given = call.params["input"]
    if isinstance(given, list) and given and isinstance(given[0], dict):
        text = "\n".join(part["text"] for part in given if part["type"] == "text")
        inputs = tuple(dict.fromkeys("text" if p["type"] == "text" else "image" for p in given))
        results = [moderate(text, inputs)]
    else:
        results = [moderate(text) for text in ([given] if isinstance(given, str) else given)]
    return {"id": call.state.ids.make("modr-"), "model": model, "results": results}
