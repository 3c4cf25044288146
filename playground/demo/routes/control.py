"""The demo's own controls: its clock and its memory. The API has nothing like them."""

from playground.demo.errors import APIError
from playground.demo.routes import Call, Family, Reply

family = Family("control", "演示的控制")


@family.route("GET /demo/clock", open=True)
async def read_clock(call: Call) -> Reply:
    """Return the demo's present instant."""
    return {"now": call.state.clock.now().isoformat()}


@family.route("POST /demo/clock", open=True)
async def advance_clock(call: Call) -> Reply:
    """Move the clock on by ``advance`` seconds, so that jobs and batches go on."""
    seconds = call.params.get("advance", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise APIError(400, "advance 应为不小于 0 的秒数。", param="advance", code="invalid_type")
    call.state.clock.advance(seconds)
    return {"now": call.state.clock.now().isoformat()}


@family.route("POST /demo/reset", open=True)
async def reset(call: Call) -> Reply:
    """Forget everything that was created and set the clock back to its start."""
    call.state.reset()
    call.state.clock.reset()
    return {"reset": True}
