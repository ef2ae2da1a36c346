"""The requests of a probe of prompt caching, as an agent would send them on the route of the model."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, TypeAlias

from litellm_discover.core.cache_probe.plan import MARKS

if TYPE_CHECKING:
    from litellm_discover.core.cache_probe.plan import Step, Subject
    from litellm_discover.core.jsonc import JsonValue

Body: TypeAlias = "dict[str, JsonValue]"

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"

_EPHEMERAL: Body = {MARKS: {"type": "ephemeral"}}

# Plain words, each of which is one token or two everywhere.
_TEXT = (
    "The river runs slowly past the old mill and under the stone bridge. "
    "On market days the farmers bring apples, bread, honey and fresh cheese into town. "
    "A small train stops twice each morning, and the driver waves to the children. "
    "In winter the hills are white, and smoke rises straight from every house. "
    "The baker opens before dawn, and the smell of warm bread fills the street. "
    "When the rain comes, people wait under the roof of the station and talk. "
)


def request(subject: Subject, step: Step, nonce: str) -> tuple[str, Body]:
    """The path and the body of one request. No earlier probe began with this ``nonce``, so no cache can know it."""
    beginning, question = _beginning(subject.words, nonce), _question(step.question, nonce)
    if subject.transport == "chat":
        limit = "max_completion_tokens" if subject.new_limit else "max_tokens"
        return CHAT, {
            "model": subject.id,
            "messages": [_message("system", beginning, "text", marks=step.marks), _message("user", question)],
            limit: subject.output,
            **_key(subject, nonce),
        }
    store: Body = {"store": False} if subject.store else {}
    return RESPONSES, {
        "model": subject.id,
        "input": [_message("system", beginning, "input_text", marks=step.marks), _message("user", question)],
        "max_output_tokens": subject.output,
        **_key(subject, nonce),
        **store,
    }


def _key(subject: Subject, nonce: str) -> Body:
    """What OpenAI and Mistral want of requests that share a cache, where the backend takes it."""
    return {"prompt_cache_key": f"probe-{nonce}"} if subject.cache_key else {}


def _message(role: str, text: str, kind: str = "text", *, marks: bool = False) -> Body:
    """One message; only a mark needs the longer form, which some backends do not take."""
    return {"role": role, "content": [{"type": kind, "text": text, **_EPHEMERAL}] if marks else text}


def _beginning(words: int, nonce: str) -> str:
    text = " ".join(islice(cycle(_TEXT.split()), words))
    return f"Text {nonce}. It has no meaning and asks for nothing.\n{text}"


def _question(number: int, nonce: str) -> str:
    return f"Question {number} of text {nonce}: answer with the word yes alone."
