"""What fine-tuned models of the demo answer: what their training file says."""

from dataclasses import replace

from playground.demo.conversation import Conversation, Draft, Wanted
from playground.demo.fine_tuning import LEARNED
from playground.demo.passages import Passage, score
from playground.demo.state import State

NEAR = 0.6
"""The score from which a question is taken for one of the training file."""


def shaped(
    state: State, model: str, conversation: Conversation, wanted: Wanted, draft: Draft
) -> Draft:
    """Return a draft as the model answers it: from its training, if that has the question.

    Args:
        state: The app's memory.
        model: The model's id.
        conversation: The messages.
        wanted: What the request asks of the answer; calls and JSON stay as they are.
        draft: What a model without training answers.
    """
    if draft.calls or wanted.schema is not None or wanted.json_object:
        return draft
    learned = recall(state, model, conversation.question)
    return draft if learned is None else replace(draft, text=learned)


def recall(state: State, model: str, question: str) -> str | None:
    """Return what a model has learned to answer to a question, if it has."""
    if model not in state.store(LEARNED) or not question.strip():
        return None
    learned: dict[str, str] = state.store(LEARNED).get(model)
    if question in learned:
        return learned[question]
    asked = Passage(question)
    known = [Passage(q) for q in learned if q.strip()]
    near = [(min(score(asked, k), score(k, asked)), k.text) for k in known]
    best, text = max(near, default=(0.0, ""))
    return learned[text] if best >= NEAR else None
