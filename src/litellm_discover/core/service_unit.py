"""What a service manager is told of the daemon: as text, and nothing of a key in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "litellm-discover"
UNIT = f"{NAME}.service"
LABEL = "io.github.litellm-discover"
PLIST = f"{LABEL}.plist"

MARK = "Written by `litellm-discover daemon install`"
"""What tells a file of ours from another one of that name."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Service:
    """How the daemon is started.

    ``variables`` are the settings from the environment, without keys; ``key_file`` is a file with more of them, the key
    among them; ``writable`` are the folders that it may write to.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str]
    key_file: str | None
    writable: tuple[str, ...]
    log: str = ""

    def unprintable(self) -> str | None:
        """A value that cannot stand in a file of lines; None when all can."""
        values = (*self.command, *self.variables.values(), self.key_file or "", *self.writable)
        return next((value for value in values if _CONTROL.search(value)), None)


def unit(service: Service) -> str:
    """The unit for a user's systemd. See systemd.exec(5) for each line."""
    lines = [
        f"# {MARK}; changes belong into: systemctl --user edit {UNIT}",
        "[Unit]",
        "Description=Keeps the models of the LiteLLM proxy in the configuration of coding agents",
        "After=network.target",
        "",
        "[Service]",
        f"ExecStart={' '.join(map(_word, service.command))}",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "Restart=on-failure",
        "RestartSec=5",
        "TimeoutStopSec=5",
        "KillMode=mixed",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in sorted(service.variables.items())),
        *([f"EnvironmentFile={_specifiers(service.key_file)}"] if service.key_file else []),
        *_HARDENING,
        *(f"ReadWritePaths={_quoted('-' + path)}" for path in service.writable),
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return "\n".join(lines)


# A user's manager can do most of this only in a user namespace. Not MemoryDenyWriteExecute: the command that prints the
# key is the person's, and may be a program that compiles while it runs.
_HARDENING = (
    "UMask=0077",
    "MemoryMax=256M",
    "TasksMax=32",
    "NoNewPrivileges=yes",
    "PrivateUsers=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "RemoveIPC=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "SystemCallErrorNumber=EPERM",
)


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    inner = _specifiers(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _word(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9_@/:.,+=-]+", text)
    return text if plain else _quoted(text).replace("$", "$$")


def plist(service: Service) -> str:
    """The agent for launchd. It knows no file of variables: the key is for the command in config.toml to print."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
            f"<!-- {MARK} -->",
            '<plist version="1.0">',
            "<dict>",
            *_entry("Label", f"<string>{LABEL}</string>"),
            *_entry("ProgramArguments", _array([*service.command, "--log", service.log])),
            *_entry("EnvironmentVariables", _dict(service.variables)),
            *_entry("RunAtLoad", "<true/>"),
            *_entry("KeepAlive", "<dict><key>SuccessfulExit</key><false/></dict>"),
            *_entry("ProcessType", "<string>Background</string>"),
            *_entry("Umask", "<integer>63</integer>"),
            "</dict>",
            "</plist>",
            "",
        ]
    )


def _entry(name: str, value: str) -> tuple[str, str]:
    return f"  <key>{name}</key>", f"  {value}"


def _array(words: Iterable[str]) -> str:
    return f"<array>{''.join(f'<string>{escape(word)}</string>' for word in words)}</array>"


def _dict(values: Mapping[str, str]) -> str:
    pairs = (f"<key>{escape(name)}</key><string>{escape(value)}</string>" for name, value in sorted(values.items()))
    return f"<dict>{''.join(pairs)}</dict>"
