"""Fine-tuning jobs: they move through their states on the demo's clock and yield a model.

A job validates its files for ``VALIDATING`` seconds, waits for ``QUEUED`` seconds and trains for
``RUNNING`` seconds, however large its file is. Nothing runs in the background: whoever asks for a
job first brings it up to the clock.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from playground.data import load_data
from playground.demo import files, training
from playground.demo.errors import APIError, api_error, requires, wrong_state
from playground.demo.models import catalog, retired_error
from playground.demo.state import State, digest

KIND = "fine-tuning job"
LEARNED = "learned answers"
"""The kind of what the demo's fine-tuned models have learned, by the model's id."""
MAX_LEARNED = 1000
"""Examples of a training file that a model remembers."""
MAX_MODELS = 100
"""Models that remember anything; of older ones the training is forgotten."""
VALIDATING = 1.0
QUEUED = 1.0
RUNNING = 4.0
REPORTED = 10
"""Training steps that a job reports at most."""
CHECKPOINTS = 3
"""Epochs, the last ones, after which a job keeps a checkpoint."""
ORGANIZATION = "org-demo"
LIVING = ("validating_files", "queued", "running")


@dataclass(frozen=True)
class Due:
    """What happens to a job: when, in seconds after it began, what, and at which step."""

    at: float
    what: str
    step: int = 0


@dataclass
class Record:
    """One job at work.

    Attributes:
        job: The API's object.
        began: The instant it was created, in seconds.
        method: ``supervised``, ``dpo`` or ``reinforcement``.
        content: The training file.
        validation: The validation file, if any.
        suffix: The part of the model's name that the request asked for.
        plan: What is still to happen.
        events: The events so far, the oldest first.
        checkpoints: The checkpoints so far, the oldest first.
        examples: The examples of the training file, once it was read.
        steps: How many steps the training has.
        rested: How long it was paused so far, in seconds.
        paused: The instant at which it was paused, if it is.
    """

    job: dict[str, Any]
    began: float
    method: str
    content: bytes
    validation: bytes | None
    suffix: str
    plan: list[Due]
    events: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    examples: list[training.Example] = field(default_factory=list)
    steps: int = 0
    rested: float = 0.0
    paused: float | None = None


def table() -> dict[str, Any]:
    """Return the table of models, defaults and sentences."""
    return load_data("playground.demo", "fine_tuning")


def create(state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Start a job and return the API's object.

    Raises:
        APIError: 404, the model or a file does not exist; 400, a parameter does not fit; 403,
            fine-tuning has closed.
    """
    if state.clock.now().date() >= date.fromisoformat(table()["closed"]):
        raise api_error(
            "permission_denied",
            reason=f"fine-tuning jobs cannot be created since {table()['closed']}",
            reason_zh=f"自 {table()['closed']} 起，谁都不能再创建微调任务",
        )
    model = base_model(state, params["model"])
    method, settings = read_method(params)
    for name in ("training_file", "validation_file"):
        if params.get(name) is not None:
            require_file(state, params[name], name)
    validation = params.get("validation_file")
    now = state.clock.now().timestamp()
    id = state.ids.make("ftjob-")
    job: dict[str, Any] = {
        "id": id,
        "object": "fine_tuning.job",
        "created_at": int(now),
        "model": model,
        "organization_id": ORGANIZATION,
        "status": "validating_files",
        "training_file": params["training_file"],
        "validation_file": validation,
        "fine_tuned_model": None,
        "result_files": [],
        "trained_tokens": None,
        "error": None,
        "finished_at": None,
        "estimated_finish": None,
        "hyperparameters": {},
        "seed": params.get("seed"),
        "integrations": params.get("integrations") or [],
        "metadata": params.get("metadata"),
        "method": None,
    }
    if job["seed"] is None:
        job["seed"] = sum(digest(id).encode())
    content = files.content_of(state, params["training_file"])
    checked = files.content_of(state, validation) if validation else None
    files.hold(state, id, len(content) + len(checked or b""))
    record = Record(
        job,
        now,
        method,
        content,
        checked,
        params.get("suffix") or "",
        [Due(VALIDATING, "validate")],
    )
    given = (params.get("method") or {}).get(method) or {}
    set_method(record, given, {n: settings.get(n, "auto") for n in table()["defaults"][method]})
    state.store(KIND).put(id, record)
    note(state, record, now, "created", job=id)
    note(state, record, now, "demo", level="warn")
    named = "validating_both" if validation else "validating"
    note(state, record, now, named, training=params["training_file"], validation=validation)
    return job


def base_model(state: State, id: str) -> str:
    """Return the model that a request wants to tune, as the API names it.

    Raises:
        APIError: 404, there is no such model, or it was shut down; 400, it cannot be tuned.
    """
    if id in state.store("model"):
        return id
    known = table()
    if id in known["models"]:
        model = catalog()[known["models"][id]]
        if model.retired(state):
            raise retired_error(model)
        return model.id
    if id in catalog() and (catalog()[id].retired(state) or id in known["retired"]):
        raise retired_error(catalog()[id])
    if id in catalog():
        raise api_error(
            "model_kind",
            param="model",
            value=id,
            replacement_en=f" It is for: {', '.join(known['models'])}.",
            replacement_zh=f"，可以微调的有：{'、'.join(known['models'])}",
        )
    raise api_error("model_not_found", param="model", value=id)


def read_method(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the method that a request asks for, and the hyperparameters it sets.

    Raises:
        APIError: 400, the settings are another method's, are given twice, or have no grader.
    """
    asked: dict[str, Any] = params.get("method") or {"type": "supervised"}
    method: str = asked["type"]
    for other in table()["defaults"]:
        if other != method and asked.get(other) is not None:
            raise requires(
                f"method.{other}", f"'method.type' to be '{other}'", f'method.type="{other}"'
            )
    if method == "reinforcement" and not asked.get("reinforcement"):
        raise api_error("missing_required_parameter", param="method.reinforcement")
    settings = (asked.get(method) or {}).get("hyperparameters") or {}
    older = params.get("hyperparameters")
    if older and settings:
        raise api_error(
            "excludes", param="hyperparameters", other=f"method.{method}.hyperparameters"
        )
    if older and method != "supervised":
        raise requires("hyperparameters", "the method 'supervised'", 'method.type="supervised"')
    return method, settings or older or {}


def require_file(state: State, id: str, param: str) -> None:
    """Check that a file may be trained with.

    Raises:
        APIError: 404, there is none; 400, it is for something else.
    """
    if id not in files.live(state):
        raise api_error("file_not_found", param=param, value=id)
    purpose = files.purpose_of(state, id)
    if purpose != "fine-tune":
        raise api_error("file_purpose", param=param, value=purpose, expected="fine-tune")


def set_method(record: Record, given: dict[str, Any], settings: dict[str, Any]) -> None:
    """Put a job's method and hyperparameters into the API's object."""
    shown = {**given, "hyperparameters": settings}
    record.job["method"] = {"type": record.method, record.method: shown}
    # "This value will only be returned when running supervised jobs", says its docstring.
    record.job["hyperparameters"] = dict(settings) if record.method == "supervised" else {}


def get(state: State, id: str) -> Record:
    """Return a job as it is at the present instant; raises 404 if there is none."""
    record = state.store(KIND).get(id)
    advance(state, record)
    return record


def advance(state: State, record: Record) -> None:
    """Bring a job up to the demo's clock."""
    now = state.clock.now().timestamp() if record.paused is None else record.paused
    while record.plan and record.began + record.rested + record.plan[0].at <= now:
        due = record.plan.pop(0)
        instant = record.began + record.rested + due.at
        STEPS[due.what](state, record, due, instant)
    running = record.job["status"] == "running" and record.paused is None and record.plan
    end = record.began + record.rested + VALIDATING + QUEUED + RUNNING
    record.job["estimated_finish"] = int(end) if running else None


def cancel(state: State, id: str) -> dict[str, Any]:
    """Cancel a job.

    Raises:
        APIError: 404, there is none; 400, it has come to its end.
    """
    record = get(state, id)
    if record.job["status"] not in LIVING:
        raise wrong_state(KIND, record.job["status"], ", ".join(LIVING))
    end(state, record, state.clock.now().timestamp(), "cancelled")
    note(state, record, state.clock.now().timestamp(), "cancelled")
    return record.job


def pause(state: State, id: str) -> dict[str, Any]:
    """Pause a job; the SDK knows no state for it, so that it is queued again.

    Raises:
        APIError: 404, there is none; 400, it does not run.
    """
    record = get(state, id)
    if record.job["status"] != "running":
        raise wrong_state(KIND, record.job["status"], "running")
    record.paused = state.clock.now().timestamp()
    record.job["status"] = "queued"
    note(state, record, record.paused, "paused")
    advance(state, record)
    return record.job


def resume(state: State, id: str) -> dict[str, Any]:
    """Go on with a paused job.

    Raises:
        APIError: 404, there is none; 400, it is not paused.
    """
    record = get(state, id)
    if record.paused is None:
        raise wrong_state(KIND, record.job["status"], "paused")
    now = state.clock.now().timestamp()
    record.rested += now - record.paused
    record.paused = None
    record.job["status"] = "running"
    note(state, record, now, "resumed")
    advance(state, record)
    return record.job


def note(
    state: State,
    record: Record,
    instant: float,
    name: str,
    *,
    level: str = "info",
    data: dict[str, Any] | None = None,
    **words: Any,
) -> None:
    """Add an event to a job: a sentence of the table, and measured values if it has any."""
    message = table()["events"][name].format(**words)
    _event(state, record, instant, message, level, data)


def _event(
    state: State,
    record: Record,
    instant: float,
    message: str,
    level: str,
    data: dict[str, Any] | None = None,
) -> None:
    record.events.append(
        {
            "id": state.ids.make("ftevent-"),
            "object": "fine_tuning.job.event",
            "created_at": int(instant),
            "level": level,
            "message": message,
            "type": "message" if data is None else "metrics",
            "data": data or {},
        }
    )


def end(state: State, record: Record, instant: float, status: str) -> None:
    """End a job: nothing more happens to it."""
    files.release(state, record.job["id"])
    record.job["status"] = status
    record.job["finished_at"] = int(instant) if status == "succeeded" else None
    record.plan.clear()
    record.paused = None
    record.content, record.validation, record.examples = b"", None, []


def _validate(state: State, record: Record, due: Due, instant: float) -> None:
    job = record.job
    param = "training_file"
    try:
        record.examples = training.read(record.content, job[param], record.method)
        if record.validation is not None:
            param = "validation_file"
            training.read(record.validation, job[param], record.method)
    except (training.Invalid, APIError) as error:
        job["error"] = {
            "code": error.code or "invalid_training_file",
            "message": error.message,
            "param": param,
        }
        end(state, record, instant, "failed")
        _event(state, record, instant, error.message, "error")
        return
    job["status"] = "queued"
    note(state, record, instant, "queued")
    given = job["method"][record.method]
    defaults = dict(table()["defaults"][record.method])
    # Small files get more epochs, as the API does: about a hundred examples in all.
    count = len(record.examples)
    defaults["n_epochs"] = max(defaults["n_epochs"], min(10, 100 // count))
    chosen = {n: v for n, v in given["hyperparameters"].items() if v != "auto"}
    settings = {n: chosen.get(n, v) for n, v in defaults.items()}
    set_method(record, given, settings)
    epoch = math.ceil(count / settings["batch_size"])
    record.steps = epoch * settings["n_epochs"]
    record.plan = plan(record.steps, epoch)


def plan(steps: int, epoch: int) -> list[Due]:
    """Return what happens to a job after its files were validated.

    Args:
        steps: How many steps the training has.
        epoch: How many of them make an epoch.
    """
    start = VALIDATING + QUEUED
    found = [Due(start, "start")]
    shown = {math.ceil(steps * part / REPORTED) for part in range(1, REPORTED + 1)}
    kept = {steps - epoch * back for back in range(1, CHECKPOINTS) if steps > epoch * back}
    for step in sorted(shown | kept):
        at = start + RUNNING * step / steps
        if step in shown:
            found.append(Due(at, "step", step))
        if step in kept:
            found.append(Due(at, "checkpoint", step))
    return [*found, Due(start + RUNNING, "done", steps)]


def _start(state: State, record: Record, due: Due, instant: float) -> None:
    record.job["status"] = "running"
    note(state, record, instant, "started")


def metrics(record: Record, step: int) -> dict[str, Any]:
    """Return the measured values of a step: made up, but falling and rising as they should."""
    done = step / record.steps
    wobble = (sum(digest(record.job["seed"], step).encode()) % 100) / 2000
    loss = 0.1 + 2.0 * math.exp(-3.5 * done) + wobble
    found = {
        "step": step,
        "train_loss": round(loss, 4),
        "train_mean_token_accuracy": round(min(0.99, 1 - loss / 4), 4),
    }
    if record.validation is not None:
        found["valid_loss"] = round(loss * 1.1, 4)
        found["valid_mean_token_accuracy"] = round(min(0.98, 1 - loss / 3.6), 4)
    return found


def _step(state: State, record: Record, due: Due, instant: float) -> None:
    measured = metrics(record, due.step)
    words = {
        "step": due.step,
        "steps": record.steps,
        "loss": measured["train_loss"],
        "valid": measured.get("valid_loss", 0.0),
    }
    name = "step" if record.validation is None else "step_valid"
    data = {**measured, "total_steps": record.steps}
    note(state, record, instant, name, data=data, **words)


def model_name(record: Record, step: int | None = None) -> str:
    """Return the name of the model that a job yields, or of a checkpoint after a step."""
    base = record.job["model"]
    base = base.split(":")[1] if base.startswith("ft:") else base
    suffix = re.sub(r"[^a-z0-9-]+", "-", record.suffix.lower()).strip("-")
    name = f"ft:{base}:demo:{suffix}:{digest(record.job['id'], step, length=8)}"
    return name if step is None else f"{name}:ckpt-step-{step}"


def _checkpoint(state: State, record: Record, due: Due, instant: float) -> None:
    note(state, record, instant, "checkpoint", step=due.step)
    keep(state, record, model_name(record, due.step), due.step, instant)


def keep(state: State, record: Record, name: str, step: int, instant: float) -> None:
    """Keep what a job has learned after a step, as a checkpoint and as a model of its own."""
    record.checkpoints.append(
        {
            "id": state.ids.make("ftckpt_"),
            "object": "fine_tuning.job.checkpoint",
            "created_at": int(instant),
            "fine_tuned_model_checkpoint": name,
            "fine_tuning_job_id": record.job["id"],
            "step_number": step,
            "metrics": metrics(record, step),
        }
    )
    base = catalog()[name.split(":")[1]]
    model = {
        "id": name,
        "object": "model",
        "created": int(instant),
        "owned_by": "demo",
        "shutdown_date": base.shutdown.isoformat() if base.shutdown else None,
    }
    state.store("model").put(name, model)
    learned = {e.question: e.answer for e in record.examples[:MAX_LEARNED] if e.answer}
    memory = state.store(LEARNED)
    memory.limit = MAX_MODELS
    memory.put(name, learned)


def _done(state: State, record: Record, due: Due, instant: float) -> None:
    job = record.job
    name = model_name(record)
    keep(state, record, name, due.step, instant)
    settings = job["method"][record.method]["hyperparameters"]
    job["fine_tuned_model"] = name
    job["trained_tokens"] = sum(e.tokens for e in record.examples) * settings["n_epochs"]
    content = "\n".join(_rows(record)).encode() + b"\n"
    try:
        file = files.add(state, "step_metrics.csv", content, "fine-tune-results")
    except APIError as error:
        _event(state, record, instant, error.message, "warn")
    else:
        job["result_files"] = [file["id"]]
    note(state, record, instant, "model", model=name)
    note(state, record, instant, "done")
    end(state, record, instant, "succeeded")


def _rows(record: Record) -> Iterator[str]:
    """Yield the lines of the result file."""
    measured = [e["data"] for e in record.events if e["type"] == "metrics"]
    names = [n for n in measured[0] if n != "total_steps"]
    yield ",".join(names)
    for row in measured:
        yield ",".join(str(row[n]) for n in names)


STEPS = {
    "validate": _validate,
    "start": _start,
    "step": _step,
    "checkpoint": _checkpoint,
    "done": _done,
}
"""What each entry of a job's plan does."""
