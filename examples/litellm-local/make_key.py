#!/usr/bin/env python3
"""Asks the running proxy for a virtual key for coding agents, and prints the line that exports it.

The key may ask the proxy's present models, or those that are named, and read what the proxy says of them; it may manage
nothing. The master key is read from LITELLM_MASTER_KEY. The proxy needs its database for this.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import stat
import sys
import urllib.error
import urllib.request
from typing import Any, NoReturn

# Chats in every protocol, and the lists and descriptions of the models. Nothing that manages keys, models or people.
_ROUTES = ["llm_api_routes"]
_TIMEOUT_S = 20
_ANSWER_BYTES = 4 << 20


def fail(message: str) -> NoReturn:
    """End with a reason and the next step."""
    sys.exit(f"make_key: {message}")


def main() -> None:
    """Ask for a key and print it."""
    arguments = _arguments()
    master = os.environ.get("LITELLM_MASTER_KEY") or fail("LITELLM_MASTER_KEY is not set: set -a; . ./.env; set +a")
    _check_output()
    models = arguments.models or [
        model["id"] for model in _ask(arguments.url, "/v1/models", master)["data"] if isinstance(model.get("id"), str)
    ]
    key = _ask(arguments.url, "/key/generate", master, wanted(models, arguments.alias)).get("key")
    if not isinstance(key, str) or not re.fullmatch(r"sk-[\w-]+", key):
        fail("the proxy answered without a key; is it a LiteLLM?")
    print(f"export LITELLM_API_KEY={shlex.quote(key)}")


def wanted(models: list[str], alias: str) -> dict[str, Any]:
    """What LiteLLM is asked for: a key for these models, and for talking to them alone."""
    return {"models": models, "allowed_routes": _ROUTES, "key_alias": alias}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make_key", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="what the key may ask (default: all there are)")
    parser.add_argument("--url", default="http://127.0.0.1:4000", help="address of the proxy (default: %(default)s)")
    parser.add_argument("--alias", default="coding-agents", help="name of the key, once only (default: %(default)s)")
    return parser.parse_args()


def _check_output() -> None:
    # Before anything is asked: a key that nobody may see would have to be revoked.
    status = os.fstat(sys.stdout.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
        fail("others could read the file that this is written to; run umask 077 first, and name a new file")


def _ask(url: str, path: str, master: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the proxy answers, a JSON object. The key goes to this address and nowhere else."""
    if not re.match(r"https://|http://(127\.0\.0\.1|\[::1\]|localhost)([:/]|$)", url):
        fail(f"{url}: the master key goes over https, or to this machine")
    headers = {"authorization": f"Bearer {master}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url.rstrip("/") + path, data, headers)  # noqa: S310  checked above
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            content = json.loads(answer.read(_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        fail(_reason(path, error))
    except OSError as error:
        fail(f"no answer from {url}: {getattr(error, 'reason', error)}; is the stack running?")
    except ValueError:
        fail(f"{url}{path} gave no JSON; is it a LiteLLM?")
    if not isinstance(content, dict):
        fail(f"{url}{path} gave no JSON object; is it a LiteLLM?")
    return content


def _reason(path: str, error: urllib.error.HTTPError) -> str:
    """What a refusal means. Its text is looked at and never shown: it may repeat a key."""
    text = error.read(10_000).decode("utf-8", "replace")
    if "DB not connected" in text or "no_db_connection" in text:
        return "this proxy has no database, and keeps no keys; use the master key, or start it with compose.yaml"
    if "already exists" in text:
        return "there is a key of that name; revoke it on the proxy's page, or choose another with --alias"
    if error.code in {401, 403}:
        return f"the proxy refuses LITELLM_MASTER_KEY for {path} ({error.code}); is it the one it was started with?"
    return f"the proxy answered {error.code} to {path}; its log says why"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the master key would go along."""

    def redirect_request(self, *_: object) -> None:
        """Refuse."""


if __name__ == "__main__":
    main()
