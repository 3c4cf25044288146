"""A small SDK of the same make as the real one, for what the real one cannot show."""

from pathlib import Path
from textwrap import dedent

# What the real SDK's generator does, each thing once.
FAKE_SDK = {
    "__init__.py": "from ._client import OpenAI\n",
    "_version.py": '__version__ = "0.0.1"\n',
    "_types.py": "class Omit: ...\nclass NotGiven: ...\nomit = Omit()\n",
    "_client.py": """
        from ._compat import cached_property
        from .resources.talk import Talk
        from .resources.beta import Beta

        class OpenAI:
            @cached_property
            def talk(self) -> Talk: ...
            @cached_property
            def beta(self) -> Beta: ...
        """,
    "_compat.py": "from functools import cached_property as cached_property\n",
    "resources/__init__.py": "",
    "resources/beta.py": """
        from .._compat import cached_property
        from .talk import Talk

        class Beta:
            @cached_property
            def talk(self) -> Talk: ...
        """,
    "resources/talk.py": '''
        from typing import Iterable, List, Optional, Union, overload
        from typing_extensions import Literal, deprecated
        from .._types import Omit, omit
        from .._utils import maybe_transform, path_template
        from ..types import talk_create_params
        from ..types.talk_message_param import TalkMessageParam
        from ..types.talk_create_params import TalkCreateParams

        class Talk:
            @property
            def with_raw_response(self) -> "Talk": ...

            @overload
            def create(
                self,
                *,
                messages: Iterable[TalkMessageParam],
                heat: Optional[float] | Omit = omit,
                stream: Optional[Literal[False]] | Omit = omit,
                extra_headers: dict | None = None,
            ) -> str:
                """Talk to the model."""

            @overload
            def create(self, *, messages, stream: Literal[True]) -> list: ...

            def create(
                self,
                *,
                messages: Iterable[TalkMessageParam],
                heat: Optional[float] | Omit = omit,
                shade: Union[str, Literal["red", "blue", "grey"]] | Omit = omit,
                old_heat: float | Omit = omit,
                tags: Optional[talk_create_params.Tags] | Omit = omit,
                stream: Optional[Literal[False]] | Literal[True] | Omit = omit,
                extra_headers: dict | None = None,
                timeout: float | None = None,
            ) -> str | list:
                return self._post(
                    "/talk",
                    body=maybe_transform(
                        {"messages": messages},
                        talk_create_params.TalkCreateParamsStreaming
                        if stream
                        else talk_create_params.TalkCreateParamsNonStreaming,
                    ),
                )

            def parse(self, *, messages: Iterable[TalkMessageParam], kind: type) -> str:
                return self._run(messages)

            def list(self, talk_id: str, *, limit: int | Omit = omit, order: str | Omit = omit):
                """List talks.

                Args:
                  limit: How many talks to return.

                  Between 1 and 100.

                  order: Sort order.

                  extra_headers: Send extra headers
                """
                return self._get_api_list(path_template("/talk/{talk_id}/items", talk_id=talk_id))

            @deprecated("Use create instead")
            def say(self) -> str:
                return self._post("/say")
        ''',
    "types/__init__.py": "",
    "types/talk_message_param.py": '''
        from typing import Iterable, Union
        from typing_extensions import Literal, Required, TypeAlias, TypedDict

        class Mark(TypedDict, total=False):
            """Where the cache ends."""

            ttl: Required[Literal["30m", "12h"]]
            """How long the mark lives."""

        class TextPart(TypedDict, total=False):
            """A text part."""

            text: Required[str]
            """The text."""

            type: Required[Literal["text"]]
            """The type of the part."""

            mark: Mark
            """Marks the end of a prefix."""

        _PicturePartReservedKeywords = TypedDict(
            "_PicturePartReservedKeywords", {"async": bool}, total=False
        )

        class PicturePart(_PicturePartReservedKeywords, total=False):
            """A picture part."""

            url: Required[str]
            """The address of the picture."""

            type: Required[Literal["picture"]]

            mark: Mark
            """Marks the end of a prefix."""

        Part: TypeAlias = Union[TextPart, PicturePart]

        class UserMessage(TypedDict, total=False):
            """What the user says."""

            content: Required[Union[str, Iterable[Part]]]
            """What is said."""

            role: Required[Literal["user"]]
            """The role."""

        class ModelMessage(TypedDict, total=False):
            """What the model said."""

            role: Required[Literal["model"]]

            name: str
            """Deprecated in favor of `content`. The name."""

            content: str

        TalkMessageParam: TypeAlias = Union[UserMessage, ModelMessage]
        ''',
    "_models.py": "class BaseModel: ...\n",
    "types/talk.py": '''
        from typing import List, Optional, Union
        from typing_extensions import Annotated, Literal, TypeAlias
        from pydantic import Field as FieldInfo
        from .._models import BaseModel
        from .._utils import PropertyInfo

        class Word(BaseModel):
            """A word."""

            text: str
            """The text of the word."""

            kind: Literal["word"]

            type: Literal["word"]

        class Melody(BaseModel):
            """A melody."""

            notes: List[str]
            """The notes of the melody."""

            type: Literal["melody"]

        Piece: TypeAlias = Annotated[Union[Word, Melody], PropertyInfo(discriminator="type")]

        class Talk(BaseModel):
            """A talk as it stands."""

            pieces: List[Piece]
            """What was said."""

            heat: Optional[float] = None
            """How hot, between 0 and 2. Defaults to 1.

            See the [guide](https://one.example/heat).
            """

            from_: Optional[str] = FieldInfo(alias="from", default=None)
            """Who began."""

            object: Literal["talk"]
        ''',
    "types/talk_create_params.py": '''
        from typing import Dict, Iterable, Optional, Union
        from typing_extensions import Literal, Required, TypeAlias, TypedDict
        from .talk_message_param import TalkMessageParam

        Tags: TypeAlias = Dict[str, str]

        class TalkCreateParamsBase(TypedDict, total=False):
            messages: Required[Iterable[TalkMessageParam]]
            """The talk so far."""

            old_heat: float
            """Deprecated: use `heat` instead."""

            heat: Optional[float]
            """How hot, between 0 and 2. Defaults to 1.

            See the [guide](https://one.example/heat).
            """

            shade: Union[str, Literal["red", "blue", "grey"]]
            """The shade.

            Deprecated values:

            - "grey": Announced shutdown date: 2026-01-31. See the guide.
            - "blue": Was shut down on March 5, 2030. Use red instead.
            """

            tags: Optional[Tags]
            """Set of 16 pairs."""

        class TalkCreateParamsNonStreaming(TalkCreateParamsBase, total=False):
            stream: Optional[Literal[False]]
            """Whether to stream."""

        class TalkCreateParamsStreaming(TalkCreateParamsBase):
            stream: Required[Literal[True]]
            """Whether to stream."""

        TalkCreateParams = Union[TalkCreateParamsNonStreaming, TalkCreateParamsStreaming]
        ''',
}


def write_fake_sdk(folder: Path, changes: dict[str, tuple[str, str]] | None = None) -> Path:
    """Write the fake package into ``folder``; ``changes`` replace text in single files."""
    for name, text in FAKE_SDK.items():
        text = dedent(text).lstrip("\n")
        if changes and name in changes:
            old, new = changes[name]
            assert old in text
            text = text.replace(old, new)
        file = folder / "openai" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
