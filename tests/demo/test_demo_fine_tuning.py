"""Fine-tuning: jobs move through their states on the clock and yield a model that has learned."""

import json

import openai
import pytest
from openai import AsyncOpenAI

from tests.demo.asynchronous import run_async

BASE = "gpt-4o-mini"
SNAPSHOT = "gpt-4o-mini-2024-07-18"
PAIRS = [(f"第 {i} 号仓库在哪里？", f"在 {i} 号楼。") for i in range(12)]


def chat_line(question, answer):
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": [{"role": "system", "content": "你是仓库助手。"}, *messages]}


CHAT = [chat_line(q, a) for q, a in PAIRS]
PREFERENCE = [
    {
        "input": {"messages": [{"role": "user", "content": q}]},
        "preferred_output": [{"role": "assistant", "content": a}],
        "non_preferred_output": [{"role": "assistant", "content": "不知道。"}],
    }
    for q, a in PAIRS
]
PROMPTS = [{"messages": [{"role": "user", "content": q}], "answer": a} for q, a in PAIRS]
GRADER = {
    "type": "string_check",
    "name": "一样",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}


def upload(client, lines, purpose="fine-tune"):
    content = "\n".join(json.dumps(x, ensure_ascii=False) for x in lines)
    return client.files.create(file=("训练.jsonl", content.encode()), purpose=purpose).id


def start(client, lines=CHAT, **params):
    return client.fine_tuning.jobs.create(model=BASE, training_file=upload(client, lines), **params)


def ask(client, model, question, **params):
    answer = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], **params
    )
    return answer.choices[0].message.content


def test_states_follow_the_clock(client, advance):
    made = start(client, suffix="仓库 Helper", metadata={"批": "一"})
    assert (made.status, made.model, made.metadata) == (
        "validating_files",
        SNAPSHOT,
        {"批": "一"},
    )
    assert (made.hyperparameters.n_epochs, made.method.type) == ("auto", "supervised")
    seen = [made.status]
    for _ in range(30):
        advance(0.25)
        job = client.fine_tuning.jobs.retrieve(made.id)
        if job.status != seen[-1]:
            seen.append(job.status)
        if job.status == "running":
            assert job.estimated_finish == made.created_at + 6
            assert (job.fine_tuned_model, job.trained_tokens) == (None, None)
    assert seen == ["validating_files", "queued", "running", "succeeded"]
    done = client.fine_tuning.jobs.retrieve(made.id)
    assert done.finished_at == made.created_at + 6
    assert done.estimated_finish is None
    assert done.fine_tuned_model.startswith(f"ft:{SNAPSHOT}:demo:helper:")
    assert done.trained_tokens > 100
    epochs = done.hyperparameters.n_epochs
    assert isinstance(epochs, int)
    assert done.method.supervised.hyperparameters.n_epochs == epochs


def test_the_model_is_there_and_has_learned(client, advance):
    made = start(client)
    advance(10)
    model = client.fine_tuning.jobs.retrieve(made.id).fine_tuned_model
    assert model in [m.id for m in client.models.list()]
    assert client.models.retrieve(model).owned_by == "demo"
    assert ask(client, model, "第 3 号仓库在哪里？") == "在 3 号楼。"
    assert ask(client, model, "请问第 7 号仓库在哪里") == "在 7 号楼。"
    assert ask(client, model, "你好") == ask(client, BASE, "你好")
    pieces = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": PAIRS[0][0]}], stream=True
    )
    assert "".join(p.choices[0].delta.content or "" for p in pieces) == PAIRS[0][1]
    assert client.models.delete(model).deleted
    with pytest.raises(openai.NotFoundError):
        ask(client, model, "你好")


def test_events_tell_what_happened(client, advance):
    validation = upload(client, CHAT)
    made = start(client, validation_file=validation)
    advance(10)
    job = client.fine_tuning.jobs.retrieve(made.id)
    events = list(client.fine_tuning.jobs.list_events(made.id, limit=3))
    assert len({e.id for e in events}) == len(events)
    told = [e.message for e in reversed(events)]
    assert told[0] == f"Created fine-tuning job: {made.id}"
    assert "离线演示" in told[1]
    assert told[2] == (
        f"Validating training file: {made.training_file} and validation file: {validation}"
    )
    assert told[3:5] == ["Files validated, moving job to queued state", "Fine-tuning job started"]
    assert told[-2:] == [
        f"New fine-tuned model created: {job.fine_tuned_model}",
        "The job has successfully completed",
    ]
    steps = [e.data for e in reversed(events) if e.type == "metrics"]
    assert len(steps) == 10
    losses = [s["train_loss"] for s in steps]
    assert losses[0] > losses[4] > losses[-1]
    assert steps[-1]["step"] == steps[-1]["total_steps"]
    assert {"valid_loss", "valid_mean_token_accuracy"} <= set(steps[0])
    instants = [e.created_at for e in reversed(events)]
    assert instants == sorted(instants)
    (result,) = job.result_files
    rows = client.files.content(result).text.splitlines()
    assert rows[0].startswith("step,train_loss")
    assert len(rows) == 11
    assert client.files.retrieve(result).purpose == "fine-tune-results"


def test_checkpoints_can_be_used_and_shared(client, advance):
    made = start(
        client, method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 4}}}
    )
    advance(10)
    job = client.fine_tuning.jobs.retrieve(made.id)
    found = list(client.fine_tuning.jobs.checkpoints.list(made.id, limit=2))
    assert [c.step_number for c in found] == [48, 36, 24]
    assert found[0].fine_tuned_model_checkpoint == job.fine_tuned_model
    assert found[1].fine_tuned_model_checkpoint.endswith(":ckpt-step-36")
    assert found[0].metrics.train_loss < found[2].metrics.train_loss
    name = found[1].fine_tuned_model_checkpoint
    assert ask(client, name, PAIRS[1][0]) == PAIRS[1][1]

    permissions = client.fine_tuning.checkpoints.permissions
    granted = list(permissions.create(name, project_ids=["proj_a", "proj_b", "proj_c"]))
    assert [p.project_id for p in granted] == ["proj_a", "proj_b", "proj_c"]
    listed = [p.id for p in permissions.list(name, limit=1)]
    assert listed == [p.id for p in reversed(granted)]
    assert [p.id for p in permissions.list(name, order="ascending")] == listed[::-1]
    assert [p.project_id for p in permissions.list(name, project_id="proj_b")] == ["proj_b"]
    assert list(permissions.list(job.fine_tuned_model)) == []
    with pytest.warns(DeprecationWarning, match="list"):
        assert permissions.retrieve(name).first_id == listed[0]
    gone = permissions.delete(listed[0], fine_tuned_model_checkpoint=name)
    assert (gone.id, gone.deleted) == (listed[0], True)
    with pytest.raises(openai.NotFoundError):
        permissions.delete(listed[0], fine_tuned_model_checkpoint=name)
    with pytest.raises(openai.NotFoundError):
        permissions.create("ft:nobody", project_ids=["proj_a"])


@pytest.mark.parametrize(
    ("lines", "method"),
    [
        (
            PREFERENCE,
            {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 2}}},
        ),
        (
            PROMPTS,
            {
                "type": "reinforcement",
                "reinforcement": {
                    "grader": GRADER,
                    "hyperparameters": {"reasoning_effort": "low"},
                },
            },
        ),
    ],
)
def test_other_methods_train_too(client, advance, lines, method):
    made = start(client, lines, method=method)
    advance(10)
    done = client.fine_tuning.jobs.retrieve(made.id)
    assert done.status == "succeeded"
    shown = done.method.to_dict()[method["type"]]
    asked = method[method["type"]]["hyperparameters"]
    assert asked.items() <= shown["hyperparameters"].items()
    assert "auto" not in shown["hyperparameters"].values()
    assert done.hyperparameters.n_epochs is None
    if method["type"] == "dpo":
        assert ask(client, done.fine_tuned_model, PAIRS[2][0]) == PAIRS[2][1]


def test_the_older_hyperparameters_still_count(client, advance):
    made = start(client, hyperparameters={"n_epochs": 2, "batch_size": 3})
    advance(10)
    done = client.fine_tuning.jobs.retrieve(made.id)
    assert (done.hyperparameters.n_epochs, done.hyperparameters.batch_size) == (2, 3)
    (last, *_) = client.fine_tuning.jobs.checkpoints.list(made.id)
    assert last.step_number == 8


def test_a_fine_tuned_model_can_be_tuned_again(client, advance):
    first = start(client)
    advance(10)
    model = client.fine_tuning.jobs.retrieve(first.id).fine_tuned_model
    second = client.fine_tuning.jobs.create(model=model, training_file=upload(client, CHAT))
    advance(10)
    again = client.fine_tuning.jobs.retrieve(second.id)
    assert again.model == model
    assert again.fine_tuned_model.startswith(f"ft:{SNAPSHOT}:demo:")
    assert again.fine_tuned_model != model


@pytest.mark.parametrize(
    ("lines", "method", "code", "words"),
    [
        (CHAT[:9], "supervised", "invalid_n_examples", "has 9 example(s), but must have at least"),
        ([], "supervised", "invalid_n_examples", "has 0 example(s)"),
        (CHAT, "dpo", "invalid_training_file", "is in the fine-tune-chat format"),
        (PREFERENCE, "supervised", "invalid_training_file", "not using 'dpo'"),
        ([*CHAT, {"prompt": "x"}], "supervised", "invalid_training_file", "Example 13"),
        (
            [{"messages": [{"role": "usr", "content": "x"}]}, *CHAT],
            "supervised",
            "invalid_training_file",
            "Example 1, message 1: invalid role",
        ),
        (PROMPTS, "supervised", "invalid_training_file", "must be from the assistant"),
        ([{"messages": []}, *CHAT], "supervised", "invalid_training_file", "Example 1"),
        (
            [{"messages": [{"role": "user"}]}, *CHAT],
            "supervised",
            "invalid_training_file",
            'missing "content"',
        ),
        (
            [{"input": 3, "preferred_output": []}, *PREFERENCE],
            "dpo",
            "invalid_training_file",
            "Example 1",
        ),
    ],
)
def test_a_bad_training_file_fails_the_job(client, advance, lines, method, code, words):
    made = start(client, lines, method={"type": method})
    advance(1)
    failed = client.fine_tuning.jobs.retrieve(made.id)
    assert (failed.status, failed.error.code, failed.error.param) == (
        "failed",
        code,
        "training_file",
    )
    assert words in failed.error.message
    assert any("\u4e00" <= c <= "\u9fff" for c in failed.error.message)
    last = client.fine_tuning.jobs.list_events(made.id).data[0]
    assert (last.level, last.message) == ("error", failed.error.message)
    advance(10)
    assert client.fine_tuning.jobs.retrieve(made.id) == failed


def test_a_bad_validation_file_fails_the_job(client, advance):
    made = start(client, validation_file=upload(client, CHAT[:3]))
    advance(1)
    failed = client.fine_tuning.jobs.retrieve(made.id)
    assert (failed.status, failed.error.param) == ("failed", "validation_file")


def test_a_job_can_be_paused_and_goes_on(client, advance):
    jobs = client.fine_tuning.jobs
    made = start(client)
    with pytest.raises(openai.BadRequestError, match="validating_files"):
        jobs.pause(made.id)
    advance(4)
    assert jobs.pause(made.id).status == "queued"
    before = len(list(jobs.list_events(made.id)))
    advance(100)
    assert jobs.retrieve(made.id).status == "queued"
    assert len(list(jobs.list_events(made.id))) == before
    assert jobs.resume(made.id).status == "running"
    advance(1.9)
    assert jobs.retrieve(made.id).status == "running"
    advance(0.2)
    done = jobs.retrieve(made.id)
    assert (done.status, done.finished_at) == ("succeeded", made.created_at + 106)
    with pytest.raises(openai.BadRequestError, match="paused"):
        jobs.resume(made.id)


@pytest.mark.parametrize("seconds", [0, 1.5, 3])
def test_a_job_can_be_cancelled_while_it_lives(client, advance, seconds):
    made = start(client)
    advance(seconds)
    assert client.fine_tuning.jobs.cancel(made.id).status == "cancelled"
    advance(10)
    job = client.fine_tuning.jobs.retrieve(made.id)
    assert (job.status, job.fine_tuned_model) == ("cancelled", None)
    with pytest.raises(openai.BadRequestError) as caught:
        client.fine_tuning.jobs.cancel(made.id)
    assert caught.value.code == "invalid_state"


def test_lists_are_paged_and_filtered(client):
    ids = [start(client, metadata={"n": str(i % 2)}).id for i in range(4)]
    plain = start(client).id
    jobs = client.fine_tuning.jobs
    assert [j.id for j in jobs.list(limit=2)] == [plain, *ids[::-1]]
    assert [j.id for j in jobs.list(metadata={"n": "1"})] == ids[3::-2]
    assert [j.id for j in jobs.list(after=ids[1])] == [ids[0]]
    raw = client.get("/fine_tuning/jobs?metadata=null", cast_to=object)
    assert [j["id"] for j in raw["data"]] == [plain]


def test_what_a_request_says_is_kept(client):
    wandb = {"project": "仓库", "tags": ["a"]}
    made = start(client, seed=7, integrations=[{"type": "wandb", "wandb": wandb}])
    assert made.seed == 7
    assert made.integrations[0].wandb.to_dict() == wandb
    assert start(client).seed == client.fine_tuning.jobs.list(limit=1).data[0].seed


@pytest.mark.parametrize(
    ("changes", "status", "param", "code"),
    [
        ({"training_file": "file-x"}, 404, "training_file", None),
        ({"validation_file": "file-x"}, 404, "validation_file", None),
        ({"model": "gpt-9"}, 404, "model", "model_not_found"),
        ({"model": "gpt-3.5-turbo"}, 404, "model", "model_not_found"),
        ({"model": "davinci-002"}, 404, "model", "model_not_found"),
        ({"model": "gpt-6-luna"}, 400, "model", "model_not_supported"),
        ({"suffix": "x" * 65}, 400, "suffix", "string_above_max_length"),
        ({"hyperparameters": {"n_epochs": 0}}, 400, "hyperparameters.n_epochs", None),
        ({"hyperparameters": {"n_epochs": "many"}}, 400, "hyperparameters.n_epochs", None),
        ({"method": {"type": "magic"}}, 400, "method.type", "invalid_value"),
        (
            {"method": {"type": "reinforcement"}},
            400,
            "method.reinforcement",
            "missing_required_parameter",
        ),
        ({"method": {"type": "dpo", "supervised": {}}}, 400, "method.supervised", None),
        (
            {"method": {"type": "dpo"}, "hyperparameters": {"n_epochs": 2}},
            400,
            "hyperparameters",
            None,
        ),
        (
            {
                "method": {
                    "type": "supervised",
                    "supervised": {"hyperparameters": {"n_epochs": 1}},
                },
                "hyperparameters": {"n_epochs": 2},
            },
            400,
            "hyperparameters",
            None,
        ),
        ({"extra_body": {"epochs": 3}}, 400, "epochs", "unknown_parameter"),
    ],
)
def test_bad_jobs_are_refused(client, changes, status, param, code):
    params = {"model": BASE, "training_file": upload(client, CHAT), **changes}
    with pytest.raises(openai.APIStatusError) as caught:
        client.fine_tuning.jobs.create(**params)
    assert (caught.value.status_code, caught.value.param) == (status, param)
    assert code is None or caught.value.code == code
    assert list(client.fine_tuning.jobs.list()) == []


def test_a_file_for_something_else_is_refused(client):
    other = upload(client, CHAT, purpose="user_data")
    with pytest.raises(openai.BadRequestError, match="fine-tune") as caught:
        client.fine_tuning.jobs.create(model=BASE, training_file=other)
    assert caught.value.param == "training_file"


def test_jobs_that_do_not_exist_are_not_found(client):
    jobs = client.fine_tuning.jobs
    calls = (jobs.retrieve, jobs.cancel, jobs.pause, jobs.resume, jobs.list_events)
    for call in (*calls, jobs.checkpoints.list):
        with pytest.raises(openai.NotFoundError, match="ftjob-x"):
            call("ftjob-x")


def test_fine_tuning_closes(client, advance):
    advance(44 * 86400)
    with pytest.raises(openai.PermissionDeniedError, match="2027-01-06"):
        start(client)


def run(client, grader, sample="在 3 号楼。", item=None):
    return client.fine_tuning.alpha.graders.run(
        grader=grader, model_sample=sample, item={"answer": "在 3 号楼。"} if item is None else item
    )


@pytest.mark.parametrize(
    ("operation", "sample", "reward"),
    [
        ("eq", "在 3 号楼。", 1),
        ("eq", "在 3 号楼", 0),
        ("ne", "在 3 号楼", 1),
        ("like", "它在 3 号楼。没错", 1),
        ("like", "没有", 0),
        ("ilike", "它在 3 号楼。", 1),
    ],
)
def test_string_graders_compare(client, operation, sample, reward):
    result = run(client, {**GRADER, "operation": operation}, sample)
    assert result.reward == reward
    assert (result.metadata.name, result.metadata.type) == ("一样", "string_check")
    assert not any(v for v in result.metadata.errors.to_dict().values())


@pytest.mark.parametrize(
    "metric",
    [
        "cosine",
        "fuzzy_match",
        "bleu",
        "gleu",
        "meteor",
        "rouge_l",
        *(f"rouge_{n}" for n in range(1, 6)),
    ],
)
def test_likeness_is_greater_for_what_is_more_alike(client, metric):
    reference = "收到商品七天内可以无理由退货"
    grader = {
        "type": "text_similarity",
        "name": "像",
        "input": "{{sample.output_text}}",
        "reference": reference,
        "evaluation_metric": metric,
    }
    same, near, far = (
        run(client, grader, text).reward
        for text in (reference, "收到商品七天内可以退货", "明天有雨记得带伞出门")
    )
    assert 1 >= same > near > far >= 0
    assert same > 0.95


def test_graders_use_the_item_and_json_of_the_sample(client):
    grader = {
        **GRADER,
        "input": "{{ sample.output_json.楼 }}",
        "reference": "{{item.building.number}}",
    }
    item = {"building": {"number": 3}}
    assert run(client, grader, '{"楼": 3}', item).reward == 1
    assert run(client, grader, '{"楼": 4}', item).reward == 0
    broken = run(client, grader, "三号楼", item)
    assert broken.metadata.errors.sample_parse_error
    missing = run(client, grader, '{"楼": 3}', {"x": 1})
    assert missing.metadata.errors.invalid_variable_error
    assert (broken.reward, missing.reward) == (0, 0)


def model_grader(**changes):
    content = "参考答案：{{item.answer}} 回答：{{sample.output_text}} 打分。"
    return {
        "type": "score_model",
        "name": "打分",
        "model": "gpt-6-luna",
        "input": [{"role": "user", "content": content}],
        **changes,
    }


def test_model_graders_score_and_count_tokens(client):
    good = run(client, model_grader(range=[0, 10]))
    bad = run(client, model_grader(range=[0, 10]), "明天有雨")
    assert 10 >= good.reward > bad.reward >= 0
    assert good.metadata.sampled_model_name == "gpt-6-luna"
    assert good.metadata.token_usage > 0
    with pytest.raises(openai.NotFoundError):
        run(client, model_grader(model="gpt-9"))


def test_multi_graders_calculate(client):
    inner = {**GRADER, "name": "same"}

    def multi(formula, grader=inner):
        return {
            "type": "multi",
            "name": "总分",
            "graders": grader,
            "calculate_output": formula,
        }

    result = run(client, multi("min(2 * same + 0.5, 2) / 2"))
    assert (result.reward, result.sub_rewards) == (1.0, {"same": 1.0})
    assert run(client, multi("other + 1")).metadata.errors.invalid_variable_error
    for formula in ("1 +", "same.__class__", "__import__('os')", "1 / 0", "9 ** 9", "'a'"):
        result = run(client, multi(formula))
        assert result.metadata.errors.formula_parse_error, formula
        assert result.reward == 0
    label = {
        "type": "label_model",
        "name": "same",
        "model": "gpt-6-luna",
        "input": [{"role": "user", "content": "{{sample.output_text}}"}],
        "labels": ["好", "坏"],
        "passing_labels": ["好"],
    }
    assert run(client, multi("same", label), "这个坏").reward == 0
    assert run(client, multi("same", label), "这个好").reward == 1


def test_python_graders_are_not_run(client):
    source = "def grade(sample, item):\n    raise SystemExit\n"
    result = run(client, {"type": "python", "name": "py", "source": source})
    assert result.reward == 0
    assert result.metadata.errors.python_grader_server_error
    assert "离线演示" in result.metadata.errors.python_grader_server_error_type


def test_graders_are_validated(client):
    graders = client.fine_tuning.alpha.graders
    assert graders.validate(grader=GRADER).grader.to_dict() == GRADER
    for grader, param in (
        ({**GRADER, "operation": "is"}, "grader.operation"),
        ({"type": "python", "name": "x"}, "grader.source"),
        ({**GRADER, "type": "magic"}, "grader.type"),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            graders.validate(grader=grader)
        assert caught.value.param == param


def test_async_and_raw(client, base_url, advance):
    made = start(client)
    advance(10)

    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            jobs = [j.id async for j in sdk.fine_tuning.jobs.list(limit=1)]
            raw = await sdk.fine_tuning.jobs.with_raw_response.retrieve(made.id)
            events = [e async for e in sdk.fine_tuning.jobs.list_events(made.id, limit=5)]
            kept = [c async for c in sdk.fine_tuning.jobs.checkpoints.list(made.id)]
            async with sdk.fine_tuning.jobs.with_streaming_response.list() as response:
                body = await response.json()
            return jobs, raw.parse(), events, kept, body

    jobs, job, events, kept, body = run_async(run())
    assert jobs == [made.id]
    assert job.status == "succeeded"
    assert len(events) > 10
    assert kept[0].fine_tuned_model_checkpoint == job.fine_tuned_model
    assert body["data"][0]["id"] == made.id
