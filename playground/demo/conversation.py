"""A conversation in the demo's own form, which chat completions and responses both turn into."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Media:
    """A part of a message that is no text.

    Attributes:
        kind: ``image``, ``audio`` or ``file``.
        detail: What is known about it, e.g. a file name or the host of an address.
        tokens: How many tokens it counts for.
        text: What a file says, if it can be read.
    """

    kind: str
    detail: str
    tokens: int
    text: str = ""


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool: its id once it has one, and its arguments as the API writes them."""

    name: str
    arguments: str
    custom: bool = False
    id: str = ""


@dataclass(frozen=True)
class Turn:
    """One message.

    Attributes:
        role: ``system``, ``user``, ``assistant`` or ``tool``.
        text: Its text parts, joined.
        media: Its other parts.
        name: Of a tool message, the tool that was called.
        calls: Of an assistant message, the tools it called.
    """

    role: str
    text: str
    media: tuple[Media, ...] = ()
    name: str | None = None
    calls: tuple[ToolCall, ...] = ()


@dataclass
class Conversation:
    """All messages of a request, the oldest first."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def instructions(self) -> str:
        """The system and developer messages, joined."""
        return "\n".join(t.text for t in self.turns if t.role == "system")

    @property
    def question(self) -> str:
        """The text of the last user message."""
        return next((t.text for t in reversed(self.turns) if t.role == "user"), "")

    @property
    def media(self) -> tuple[Media, ...]:
        """The images, sounds and files of the last user message."""
        return next((t.media for t in reversed(self.turns) if t.role == "user"), ())

    @property
    def earlier(self) -> list[str]:
        """The texts of the user messages before the last, the newest first."""
        return [t.text for t in reversed(self.turns) if t.role == "user"][1:]

    @property
    def results(self) -> list[Turn]:
        """The tool messages at the end of the conversation."""
        found: list[Turn] = []
        for turn in reversed(self.turns):
            if turn.role != "tool":
                break
            found.insert(0, turn)
        return found


@dataclass(frozen=True)
class Tool:
    """A tool that a request offers.

    Attributes:
        name: Its name.
        description: What it does, in the reader's words.
        schema: The JSON schema of its arguments.
        custom: Whether it takes free text instead of JSON.
    """

    name: str
    description: str = ""
    schema: dict[str, Any] = field(default_factory=dict)
    custom: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a request asks of the answer.

    Attributes:
        tools: The tools on offer.
        choice: ``auto``, ``none``, ``required`` or the name of one tool.
        parallel: Whether several tools may be called at once.
        schema: The JSON schema that the answer must satisfy.
        json_object: Whether the answer must be any JSON object.
    """

    tools: tuple[Tool, ...] = ()
    choice: str = "auto"
    parallel: bool = True
    schema: dict[str, Any] | None = None
    json_object: bool = False


@dataclass(frozen=True)
class Draft:
    """An answer before it is put into the API's form: text, a refusal, or calls of tools."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    refused: bool = False
