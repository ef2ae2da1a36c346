"""Understanding our own configuration file, ``config.toml``: whatever is not known or not of its type is an error."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, get_args

from litellm_discover.core.display import template_problem
from litellm_discover.core.ids import PROTOTYPE_NAMES
from litellm_discover.core.located import At, dotted, list_of, mapping_of, number, one_of, table, text
from litellm_discover.core.located import flag as true_or_false
from litellm_discover.core.manifest import DAY, CatalogSetting
from litellm_discover.core.model import PROXY_ID
from litellm_discover.core.options import ResponsesStyle, TransportOption
from litellm_discover.core.own import Command, KeyFile, OwnConfig, OwnProxy, Secret, Variable
from litellm_discover.core.providers import SIBLING
from litellm_discover.core.taken_ids import TAKEN_IDS
from litellm_discover.core.toml_lines import lines
from litellm_discover.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_discover.core.located import Path

MIN_TIMEOUT, MAX_TIMEOUT = 0.1, 60.0

# It is a key in the tools' files, the name of a folder, and a part of the name of a variable.
_PROXY_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?")
# A folder of our own beside those of the proxies.
_RESERVED = frozenset({"catalogs"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DURATION = re.compile(r"([1-9]\d{0,5})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def understand(source: str, file: str, targets: Iterable[str]) -> OwnConfig:
    """What the text ``source`` of the file says. Raises ConfigError with file, line and key.

    ``targets`` are the names that ``write`` can hold, beside ``all``.
    """
    try:
        document = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(
            f"{file} is no TOML: {problem}", code="config_syntax", hint="Correct the file there."
        ) from None
    found: dict[Path, int] = {}

    def line(path: Path) -> int:
        found.update(found or lines(source))
        return next((found[path[:end]] for end in range(len(path), 0, -1) if path[:end] in found), 1)

    fields = table(
        {
            "write": list_of(one_of(*targets, "all")),
            "notify": list_of(text),
            "timeout": number(MIN_TIMEOUT, MAX_TIMEOUT, f"a number of seconds from {MIN_TIMEOUT} to {MAX_TIMEOUT:g}"),
            "name_template": _template,
            "responses_style": one_of(*get_args(ResponsesStyle)),
            "proxy": list_of(_proxy),
            "catalog": list_of(_catalog),
        }
    )(document, At(file, line))
    proxies = fields.pop("proxy", ())
    _refuse_alike(proxies, At(file, line) / "proxy")
    return OwnConfig(**fields_as(fields, catalog="catalogs"), proxies=proxies)


def _refuse_alike(proxies: tuple[OwnProxy, ...], at: At) -> None:
    """Two that could not be told apart: by their ids, or because both would be looked for."""
    ids: set[str] = set()
    searched: OwnProxy | None = None
    for place, proxy in enumerate(proxies):
        name = proxy.id.replace("-", "_")
        if name in ids:
            raise (at / place).error(
                f"has the id {proxy.id}, which another [[proxy]] has, too; - and _ count as one",
                hint="Give each an id of its own: it is the name of its provider in the agents.",
            )
        if proxy.url is None and searched:
            raise (at / place).error(
                f"has no url, and neither has {searched.id}", hint="Only one proxy can be looked for: add url to one."
            )
        ids.add(name)
        searched = proxy if proxy.url is None else searched


def fields_as(fields: dict[str, Any], **names: str) -> dict[str, Any]:
    """The fields, some under another name."""
    return {names.get(name, name): value for name, value in fields.items()}


def _proxy(value: object, at: At) -> OwnProxy:
    fields = table(
        {
            "id": _proxy_id,
            "url": text,
            "key": _key,
            "headers": mapping_of(_header),
            "include": list_of(text),
            "exclude": list_of(text),
            "transport": one_of(*get_args(TransportOption)),
            "responses_models": list_of(text),
            "chat_models": list_of(text),
            "names": mapping_of(text),
        }
    )(value, at)
    both = set(fields.get("responses_models", ())) & set(fields.get("chat_models", ()))
    if both:
        raise (at / "chat_models").error(f"has what responses_models has, too: {', '.join(sorted(both))}")
    return OwnProxy(**{"id": PROXY_ID, **fields}, where=at.where)


def _proxy_id(value: object, at: At) -> str:
    if not isinstance(value, str) or not _PROXY_ID.fullmatch(value):
        raise at.error("must be a short name of lower-case letters, digits, - and _", hint='For example id = "work".')
    if value.endswith(SIBLING):
        raise at.error(f"must not end in {SIBLING}: providers of that name are made for what needs one")
    if value in TAKEN_IDS or value in PROTOTYPE_NAMES or value in _RESERVED:
        raise at.error(f"cannot be {value}: that is taken already", hint=f'For example id = "{value}-proxy".')
    return value


def _key(value: object, at: At) -> Variable | Secret:
    if isinstance(value, str):  # which is not quoted: it may be the key
        raise at.error(
            "must say where the key is, not what it is",
            hint='For example { env = "LITELLM_API_KEY" }, { command = ["pass", "litellm"] } or { file = "~/key" }. '
            "If it was a real key, replace it: it is in a file now.",
        )
    fields = table({"env": _variable_name, "command": list_of(text), "file": text})(value, at)
    if len(fields) != 1:
        raise at.error("must have exactly one of: env, command, file")
    ((kind, content),) = fields.items()
    where = (at / kind).where
    if kind == "env":
        return Variable(content, where)
    if kind == "file":
        return KeyFile(content, where)
    if not content:
        raise (at / kind).error("must be a program and its arguments", hint='For example ["pass", "litellm"].')
    return Command(content, where)


def _header(value: object, at: At) -> Variable:
    if not _HEADER_NAME.fullmatch(str(at.path[-1])):
        raise at.error("cannot be the name of a header")
    if isinstance(value, str):
        raise at.error(
            "must say in which variable its value is, not what it is",
            hint=f'For example {dotted(at.path[-1:])} = {{ env = "MY_HEADER" }}.',
        )
    fields = table({"env": _variable_name}, "env")(value, at)
    return Variable(fields["env"], at.where)


def _variable_name(value: object, at: At) -> str:
    if not isinstance(value, str) or not _VARIABLE_NAME.fullmatch(value):
        raise at.error("must be the name of an environment variable")
    return value


def _template(value: object, at: At) -> str:
    template = value if isinstance(value, str) else text(value, at)
    if problem := template_problem(template):
        raise at.error(problem, hint="For example: '{name} {reasoning} {cost} {suffix}'.")
    return template


def _catalog(value: object, at: At) -> CatalogSetting:
    fields = table({"url": text, "every": _duration, "send_model": true_or_false}, "url")(value, at)
    setting = CatalogSetting(
        url=fields["url"], every_seconds=fields.get("every", DAY), send_model=fields.get("send_model", False)
    )
    try:
        _ = setting.folder
    except UsageError as error:
        raise (at / "url").error(f"cannot be used: {error.message}", hint=error.hint) from None
    return setting


def _duration(value: object, at: At) -> float:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise at.error('must be a time such as "24h": a whole number with s, m, h or d')
    return float(int(match[1]) * _SECONDS[match[2]])
