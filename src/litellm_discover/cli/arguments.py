"""What is made of a command line before it is parsed."""

from __future__ import annotations

CONFIGURED = "configured"
"""What ``--write`` means when no target is named: those of ``write`` in config.toml."""


def with_target(arguments: list[str]) -> list[str]:
    """The arguments with CONFIGURED where ``--write`` has no value: typer knows no option whose value can be left out.

    What belongs to a command, which comes first, or stands behind ``--`` is left alone.
    """
    if not arguments or not arguments[0].startswith("-"):
        return arguments
    end = arguments.index("--") if "--" in arguments else len(arguments)
    completed: list[str] = []
    for position, argument in enumerate(arguments[:end]):
        completed.append(argument)
        if argument == "--write" and (position + 1 == end or arguments[position + 1].startswith("-")):
            completed.append(CONFIGURED)
    return completed + arguments[end:]
