"""A stand-in for every provider behind LiteLLM: it answers on loopback and records what reached it."""

from __future__ import annotations

import json
import struct
import threading
import zlib
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from loopback import LoopbackServer
from prompt_cache import PLACES, PromptCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Json = dict[str, Any]

CHAT_TEXT = "hello via chat"
RESPONSES_TEXT = "hello via responses"
MESSAGES_TEXT = "hello via messages"
GEMINI_TEXT = "hello via gemini"
OLLAMA_TEXT = "hello via ollama"
CONVERSE_TEXT = "hello via converse"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived; `body` is the parsed JSON, or None when there was none."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    raw_body: str
    body: Any

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Upstream(LoopbackServer):
    """The server; a context manager. `base_url` has no `/v1`."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self.cache = PromptCache()

    def record(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()

    def requests(self, path_part: str = "") -> tuple[Request, ...]:
        """The questions to models so far whose path contains `path_part`, oldest first."""
        # While it starts, LiteLLM asks for lists of models (GET), at a time of its own choice.
        with self._lock:
            return tuple(
                request for request in self._requests if request.method == "POST" and path_part in request.path
            )

    def seen(self, text: str) -> bool:
        """Whether `text` occurs anywhere in what arrived: paths, headers, bodies. For canaries."""
        with self._lock:
            requests = tuple(self._requests)
        return any(
            text in "\n".join((request.path, *(f"{k}: {v}" for k, v in request.headers), request.raw_body))
            for request in requests
        )


_JSON = "application/json"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: Upstream

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is inherited
        """Stay quiet."""

    def do_GET(self) -> None:
        self._record("")
        self._send(404, _JSON, json.dumps({"error": {"message": "only POST is answered"}}))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0)).decode("utf-8", "replace")
        body = self._record(raw)
        path = urlsplit(self.path).path
        if not isinstance(body, dict):
            self._send(400, _JSON, json.dumps({"error": {"message": "the body is no JSON object"}}))
        elif path.endswith("/converse-stream"):
            self._send(200, "application/vnd.amazon.eventstream", b"".join(_converse_frames()))
        elif path.endswith(":streamGenerateContent") or body.get("stream") is True:
            frames = _stream(path, body)
            kind = "application/x-ndjson" if path.endswith("/api/chat") else "text/event-stream"
            self._send(200 if frames else 404, kind, "".join(frames))
        else:
            answer = _plain(path, body)
            if answer and any(place in path for place in PLACES):
                account = str(self.headers.get("authorization") or self.headers.get("x-api-key"))
                answer = self.server.cache.counted(path, account, body, answer)
            missing = {"error": {"message": f"no answer for {path}"}}
            self._send(200 if answer else 404, _JSON, json.dumps(answer or missing))

    def _record(self, raw: str) -> object:
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        headers = tuple(self.headers.items())
        self.server.record(Request(self.command, self.path, headers, raw, body))
        return body

    def _send(self, status: int, content_type: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(data)))
        self.send_header("connection", "close")  # nothing is left open when a test ends
        self.end_headers()
        self.wfile.write(data)


def _plain(path: str, body: Json) -> Json | None:
    model = str(body.get("model", "unknown"))
    answers: dict[str, Callable[[str], Json]] = {
        "/chat/completions": _completion,
        "/responses": lambda model: _response(model, "completed"),
        "/messages": _message,
        ":generateContent": lambda _: _gemini(),
        "/api/chat": _ollama,
        "/converse": lambda _: _converse(),
    }
    return next((answer(model) for end, answer in answers.items() if path.endswith(end)), None)


def _stream(path: str, body: Json) -> list[str]:
    model = str(body.get("model", "unknown"))
    if path.endswith("/chat/completions"):
        return [*(_data(chunk) for chunk in _chat_chunks(model)), "data: [DONE]\n\n"]
    if path.endswith("/responses"):
        return [_event(event) for event in _response_events(model)]
    if path.endswith("/messages"):
        return [_event(event) for event in _message_events(model)]
    if path.endswith(":streamGenerateContent"):
        return [_data(_gemini())]
    if path.endswith("/api/chat"):
        return [f"{json.dumps(_ollama(model))}\n"]
    return []


def _data(content: Json) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _event(content: Json) -> str:
    return f"event: {content['type']}\n{_data(content)}"


_CHAT_USAGE: Json = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
_MESSAGES_USAGE: Json = {
    "input_tokens": 5,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
}


def _completion(model: str) -> Json:
    message = {"role": "assistant", "content": CHAT_TEXT}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _CHAT_USAGE,
        "service_tier": "default",  # LiteLLM reads it from Groq without asking whether it is there
    }


def _chat_chunks(model: str) -> Iterable[Json]:
    shared = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    first = {"role": "assistant", "content": CHAT_TEXT}
    yield shared | {"choices": [{"index": 0, "delta": first, "finish_reason": None}]}
    yield shared | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield shared | {"choices": [], "usage": _CHAT_USAGE}


def _response(model: str, status: str) -> Json:
    done = status == "completed"
    usage = {
        "input_tokens": 5,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 8,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": model,
        "output": [_response_message(RESPONSES_TEXT)] if done else [],
        "usage": usage if done else None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "temperature": 1,
        "top_p": 1,
    }


def _response_message(text: str | None) -> Json:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "in_progress" if text is None else "completed",
        "content": [] if text is None else [{"type": "output_text", "text": text, "annotations": []}],
    }


def _response_events(model: str) -> Iterable[Json]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    events: tuple[Json, ...] = (
        {"type": "response.created", "response": _response(model, "in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": _response_message(None)},
        {"type": "response.content_part.added", **place, "part": part},
        {"type": "response.output_text.delta", **place, "delta": RESPONSES_TEXT},
        {"type": "response.output_text.done", **place, "text": RESPONSES_TEXT},
        {"type": "response.output_item.done", "output_index": 0, "item": _response_message(RESPONSES_TEXT)},
        {"type": "response.completed", "response": _response(model, "completed")},
    )
    for number, event in enumerate(events):
        yield event | {"sequence_number": number}


def _message(model: str) -> Json:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": MESSAGES_TEXT}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": _MESSAGES_USAGE | {"output_tokens": 3},
    }


def _message_events(model: str) -> Iterable[Json]:
    message: Json = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _MESSAGES_USAGE | {"output_tokens": 1},
    }
    yield {"type": "message_start", "message": message}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    delta = {"type": "text_delta", "text": MESSAGES_TEXT}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 3}}
    yield {"type": "message_stop"}


def _gemini() -> Json:
    content = {"role": "model", "parts": [{"text": GEMINI_TEXT}]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 3, "totalTokenCount": 8},
    }


def _ollama(model: str) -> Json:
    return {
        "model": model,
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": OLLAMA_TEXT},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 5,
        "eval_count": 3,
    }


_CONVERSE_USAGE: Json = {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8}


def _converse() -> Json:
    message = {"role": "assistant", "content": [{"text": CONVERSE_TEXT}]}
    return {"output": {"message": message}, "stopReason": "end_turn", "usage": _CONVERSE_USAGE}


def _converse_frames() -> Iterable[bytes]:
    yield _frame("messageStart", {"role": "assistant"})
    yield _frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": CONVERSE_TEXT}})
    yield _frame("contentBlockStop", {"contentBlockIndex": 0})
    yield _frame("messageStop", {"stopReason": "end_turn"})
    yield _frame("metadata", {"usage": _CONVERSE_USAGE, "metrics": {"latencyMs": 1}})


def _frame(kind: str, content: Json) -> bytes:
    # A frame of Amazon's event stream: lengths, headers of type 7 (string), payload, and two checksums.
    headers = b""
    for name, value in ((":event-type", kind), (":content-type", _JSON), (":message-type", "event")):
        headers += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    payload = json.dumps(content).encode()
    start = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    frame = start + struct.pack(">I", zlib.crc32(start)) + headers + payload
    return frame + struct.pack(">I", zlib.crc32(frame))
