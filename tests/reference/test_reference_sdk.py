import importlib
import inspect
from functools import reduce
from typing import Any

import openai
import pytest

from reference.errors import ReferenceBuildError
from reference.sdk import Sdk
from reference.tree import Array, Enum, Map, Scalar, Union
from reference.words import plain_words

FAMILIES = {
    "chat", "completions", "embeddings", "fine_tuning", "models", "images", "audio", "files",
    "moderations", "responses", "batches", "uploads", "vector_stores", "conversations",
}  # fmt: skip


def test_methods_have_their_first_path_only(fake: Sdk) -> None:
    assert list(fake.functions) == ["talk.create", "talk.parse", "talk.list", "talk.say"]


def test_parameters_come_from_signature_and_params_type(fake: Sdk) -> None:
    method = fake.method("talk.create")
    assert (method.verb, method.endpoint) == ("POST", "/talk")
    assert method.doc.text == "Talk to the model."
    params = {param.name: param for param in method.params}
    assert list(params) == ["messages", "heat", "shade", "old_heat", "tags", "stream"]
    assert [name for name, param in params.items() if param.required] == ["messages"]
    assert params["heat"].type == Union((Scalar("number"), Scalar("null")))
    assert params["heat"].doc.text.startswith("How hot, between 0 and 2.")
    assert params["stream"].type == Union((Scalar("boolean"), Scalar("null")))
    assert params["stream"].doc.text == "Whether to stream."
    assert params["tags"].type == Union((Map(Scalar("string")), Scalar("null")))
    assert (params["old_heat"].doc.standing, params["old_heat"].doc.replacements) == (
        "deprecated", ("heat",),
    )  # fmt: skip


def test_helpers_take_what_create_takes(fake: Sdk) -> None:
    messages, kind = fake.method("talk.parse").params
    assert messages.doc.text == "The talk so far."
    assert kind.type == Scalar("python", "type")


def test_a_list_has_its_path_id_and_the_texts_of_its_docstring(fake: Sdk) -> None:
    method = fake.method("talk.list")
    assert (method.verb, method.endpoint) == ("GET", "/talk/{talk_id}/items")
    talk_id, limit, order = method.params
    assert (talk_id.required, talk_id.doc.text) == (True, "")
    assert " ".join(limit.doc.text.split()) == "How many talks to return. Between 1 and 100."
    assert order.doc.text == "Sort order."


def test_a_deprecated_method_keeps_its_message(fake: Sdk) -> None:
    assert fake.method("talk.say").deprecation == "Use create instead"


def test_nested_types(fake: Sdk) -> None:
    messages = fake.method("talk.create").params[0]
    objects = {o.name: o for o in fake.objects_in([messages.type]).values()}
    assert list(objects) == ["UserMessage", "ModelMessage", "TextPart", "PicturePart", "Mark"]
    user = objects["UserMessage"]
    assert user.discriminator
    assert user.discriminator.constant == "user"
    assert plain_words(user.fields[0].type) == "字符串 或 对象数组（2 种）"
    picture = objects["PicturePart"]
    assert [f.name for f in picture.fields] == ["async", "url", "type", "mark"]
    assert objects["Mark"].fields[0].type == Enum(("30m", "12h"))


def test_unknown_method_says_what_to_do(fake: Sdk) -> None:
    with pytest.raises(ReferenceBuildError, match=r"has no method talk\.sing: correct the name"):
        fake.method("talk.sing")


def test_no_package_says_what_to_do(tmp_path) -> None:
    with pytest.raises(ReferenceBuildError, match=r"pip install -r requirements\.txt"):
        Sdk.load([tmp_path])


def test_every_method_of_the_client_is_there_with_its_parameters(sdk: Sdk) -> None:
    """Compare with the running SDK: same methods callable, same parameters, same required ones."""
    client: Any = openai.OpenAI(api_key="none", admin_api_key="none")
    assert sdk.version == openai.__version__
    assert len(sdk.functions) == 428
    families = [place for place in sdk.functions if place.partition(".")[0] in FAMILIES]
    assert len(families) == 98
    options = {"extra_headers", "extra_query", "extra_body", "timeout"}
    for place in families:
        function: Any = reduce(getattr, place.split("."), client)
        signature = inspect.signature(function)
        expected = {
            name: parameter.default is parameter.empty
            for name, parameter in signature.parameters.items()
            if name not in options
            and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        }
        assert {p.name: p.required for p in sdk.method(place).params} == expected, place
    assert sum(len(sdk.method(place).params) for place in families) == 575


def test_every_annotation_of_the_families_is_understood(sdk: Sdk) -> None:
    """Only what no JSON can hold may be left as a Python type."""
    families = [p for p in sdk.functions if p.partition(".")[0] in FAMILIES]
    params = [param for place in families for param in sdk.method(place).params]
    fields = [f for o in sdk.objects_in([p.type for p in params]).values() for f in o.fields]
    labels: set[str] = set()

    def collect(type_) -> None:
        match type_:
            case Scalar("python", label):
                labels.add(label)
            case Array(item):
                collect(item)
            case Map(value):
                collect(value)
            case Union(variants):
                for variant in variants:
                    collect(variant)

    for field in params + fields:
        collect(field.type)
    assert labels == {
        "Callable[[ReconnectingEvent], ReconnectingOverrides | None]",
        "ClientExtensionFactory",
        "Subprotocol",
        "os.PathLike[str]",
        "tuple[int | None, int | None]",
        "type",
        "type[ResponseFormatT]",
        "type[TextFormatT]",
    }


def test_known_deprecations_of_the_sdk(sdk: Sdk) -> None:
    params = {p.name: p.doc for p in sdk.method("chat.completions.create").params}
    gone = {name: d.replacements for name, d in params.items() if d.standing == "deprecated"}
    assert gone == {
        "function_call": ("tool_choice",),
        "functions": ("tools",),
        "max_tokens": ("max_completion_tokens",),
        "prompt_cache_retention": ("prompt_cache_options.ttl",),
    }
    assert params["user"].standing == "superseded"
    assert params["user"].replacements == ("safety_identifier", "prompt_cache_key")


@pytest.mark.parametrize(
    "place",
    [
        "types.chat.chat_completion.ChatCompletion",
        "types.chat.chat_completion_chunk.ChatCompletionChunk",
        "types.embedding.Embedding",
        "types.image.Image",
        "types.audio.transcription.Transcription",
        "types.file_object.FileObject",
        "types.batch.Batch",
        "types.fine_tuning.fine_tuning_job.FineTuningJob",
        "types.moderation_create_response.ModerationCreateResponse",
        "types.responses.response.Response",
    ],
)
def test_response_objects_have_the_fields_of_the_running_models(sdk: Sdk, place: str) -> None:
    """Responses will be shown in the same form; here the tree is compared with pydantic's."""
    pending, compared = [sdk.object_type(place)], set()
    while pending:
        object_type = pending.pop()
        if object_type.place in compared:
            continue
        compared.add(object_type.place)
        module, _, name = f"openai.{object_type.place}".rpartition(".")
        model = getattr(importlib.import_module(module), name)
        expected = {(f.alias or n): f.is_required() for n, f in model.model_fields.items()}
        assert {f.name: f.required for f in object_type.fields} == expected, object_type.place
        pending += sdk.objects_in([f.type for f in object_type.fields]).values()
