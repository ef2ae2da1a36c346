"""Stands in for all five providers, on loopback: answers every chat with the name of the model that was asked.

It speaks the four protocols that LiteLLM uses here: OpenAI's chat completions and responses, Anthropic's messages and
Google's generateContent, each plain and streamed. With a file to record in, each request is written there as one line
of JSON (`path`, `model`, `body`, and whether the key is one of the fake ones), readable by its owner alone.
"""

from __future__ import annotations

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Json = dict[str, Any]

FAKE_KEY = "not-a-real-key"


class OfflineProviders(ThreadingHTTPServer):
    """The server, on a free port of 127.0.0.1; it answers as soon as it is made, until it is closed."""

    daemon_threads = True

    def __init__(self, record: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._record = record
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base_url(self) -> str:
        """Its address, without `/v1`."""
        return f"http://127.0.0.1:{self.server_port}"

    def server_close(self) -> None:
        """Stop answering, and give the port back."""
        self.shutdown()
        super().server_close()

    def record(self, entry: Json) -> None:
        """Write a request down, if that was asked for."""
        if self._record is None:
            return
        with self._lock:
            descriptor = os.open(self._record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: OfflineProviders

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is inherited
        """Stay quiet; what is worth knowing is recorded."""

    def do_GET(self) -> None:
        self._send(404, "application/json", json.dumps({"error": {"message": "only chats are answered here"}}))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?", 1)[0]
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        protocol = next((found for end, found in _PROTOCOLS.items() if re.search(end, path)), None)
        if protocol is None or not isinstance(body, dict):
            self._send(404, "application/json", json.dumps({"error": {"message": f"no answer for {path}"}}))
            return
        in_path = re.search(r"/models/([^/:]+):", path)
        model = in_path[1] if in_path else str(body.get("model", "unknown"))
        keys = ("authorization", "x-api-key", "x-goog-api-key")
        fake = any(FAKE_KEY in self.headers.get(name, "") for name in keys) or FAKE_KEY in self.path
        self.server.record({"path": path, "model": model, "body": body, "fake_key": fake})
        plain, streamed = protocol
        text = f"This is {model}, offline."
        if body.get("stream") is True or ":stream" in path:
            self._send(200, "text/event-stream", "".join(streamed(model, text)))
        else:
            self._send(200, "application/json", json.dumps(plain(model, text)))

    def _send(self, status: int, content_type: str, content: str) -> None:
        data = content.encode()
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(data)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)


def _data(content: Json) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _event(content: Json) -> str:
    return f"event: {content['type']}\n{_data(content)}"


# OpenAI's chat completions; Mistral and OpenCode Go speak it too.

_USAGE: Json = {"prompt_tokens": 12, "completion_tokens": 6, "total_tokens": 18}


def _chat(model: str, text: str) -> Json:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "chatcmpl-offline",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": _USAGE,
    }


def _chat_stream(model: str, text: str) -> Iterator[str]:
    shared = {"id": "chatcmpl-offline", "object": "chat.completion.chunk", "created": 1, "model": model}
    delta = {"role": "assistant", "content": text}
    yield _data(shared | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _data(shared | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield _data(shared | {"choices": [], "usage": _USAGE})
    yield "data: [DONE]\n\n"


# OpenAI's responses.


def _responses(model: str, text: str, status: str = "completed") -> Json:
    done = status == "completed"
    usage = {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 6,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 18,
    }
    return {
        "id": "resp_offline",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": model,
        "output": [_item(text)] if done else [],
        "usage": usage if done else None,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1,
    }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": []}


def _item(text: str | None) -> Json:
    status, content = ("in_progress", []) if text is None else ("completed", [_part(text)])
    return {"id": "msg_offline", "type": "message", "role": "assistant", "status": status, "content": content}


def _responses_stream(model: str, text: str) -> Iterator[str]:
    place = {"item_id": "msg_offline", "output_index": 0, "content_index": 0}
    events: tuple[Json, ...] = (
        {"type": "response.created", "response": _responses(model, text, "in_progress")},
        {"type": "response.output_item.added", "output_index": 0, "item": _item(None)},
        {"type": "response.content_part.added", **place, "part": _part("")},
        {"type": "response.output_text.delta", **place, "delta": text},
        {"type": "response.output_text.done", **place, "text": text},
        {"type": "response.content_part.done", **place, "part": _part(text)},
        {"type": "response.output_item.done", "output_index": 0, "item": _item(text)},
        {"type": "response.completed", "response": _responses(model, text)},
    )
    for number, event in enumerate(events):
        yield _event(event | {"sequence_number": number})


# Anthropic's messages.


def _messages(model: str, text: str) -> Json:
    return {
        "id": "msg_offline",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 6},
    }


def _messages_stream(model: str, text: str) -> Iterator[str]:
    yield _event({"type": "message_start", "message": _messages(model, text) | {"content": [], "stop_reason": None}})
    yield _event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    yield _event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
    yield _event({"type": "content_block_stop", "index": 0})
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _event({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 6}})
    yield _event({"type": "message_stop"})


# Google's generateContent.


def _generate(_: str, text: str) -> Json:
    content = {"role": "model", "parts": [{"text": text}]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 6, "totalTokenCount": 18},
    }


def _generate_stream(model: str, text: str) -> Iterator[str]:
    yield _data(_generate(model, text))


_PROTOCOLS: dict[str, tuple[Callable[[str, str], Json], Callable[[str, str], Iterator[str]]]] = {
    r"/chat/completions$": (_chat, _chat_stream),
    r"/responses$": (_responses, _responses_stream),
    r"/messages$": (_messages, _messages_stream),
    r":(generateContent|streamGenerateContent)$": (_generate, _generate_stream),
}
