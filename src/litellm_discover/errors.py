"""Every failure that a person is told about.

::

    DiscoverError                what a person can act on: code, message, hint, exit status 1
    ├── UsageError               the command line or a setting is wrong; exit status 2
    ├── ProxyError               about the proxy
    │   ├── ProxyNotFoundError   nothing answers as LiteLLM
    │   ├── TrustError           LiteLLM answers, but not from an origin that is trusted with a key
    │   ├── CredentialError      the proxy refuses the key, or needs one
    │   ├── AnswerError          the proxy's answer cannot be used
    │   ├── DeadlineError        time was up before the answer was complete
    │   └── SeveralError         several proxies, and each has failed
    └── ConfigError              about a file of the person; nothing was written
        └── JsoncError           the file's text cannot be read or edited; has line and column

Anything else that escapes is a bug (exit status 3).
"""

from __future__ import annotations


class DiscoverError(Exception):
    """An expected failure.

    ``code`` is stable and for machines, ``message`` says the cause in one line, ``hint`` what to do about it.
    None of them ever holds a key, a header or a raw answer of the proxy.
    """

    code = "error"
    exit_status = 1

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class UsageError(DiscoverError):
    """The command line or a setting is wrong."""

    code = "usage"
    exit_status = 2


class ProxyError(DiscoverError):
    """The proxy is the cause."""

    code = "proxy"


class ProxyNotFoundError(ProxyError):
    """Nothing answers as LiteLLM where we looked."""

    code = "proxy_not_found"


class TrustError(ProxyError):
    """LiteLLM answers where nobody vouches for it: it was sent nothing, and nothing of it is used.

    ``origin`` is the one that comes first, ``owner`` the user id of whoever listens there, if that is known.
    """

    code = "untrusted_origin"

    def __init__(self, message: str, *, origin: str, owner: int | None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.origin = origin
        self.owner = owner


class CredentialError(ProxyError):
    """The proxy refuses the key, or wants one that we do not have."""

    code = "credential_refused"


class AnswerError(ProxyError):
    """The proxy answered something that cannot be used."""

    code = "bad_answer"


class DeadlineError(ProxyError):
    """Time was up before the answer was complete."""

    code = "deadline"


class SeveralError(ProxyError):
    """There are several proxies, and none of them gave anything: ``causes`` has why, each with the proxy's id."""

    code = "all_failed"

    def __init__(self, causes: tuple[DiscoverError, ...]) -> None:
        super().__init__("; ".join(cause.message for cause in causes), hint=causes[0].hint)
        self.causes = causes
        self.exit_status = max(cause.exit_status for cause in causes)


class ConfigError(DiscoverError):
    """A file of the person cannot be read or changed; it was left as it is."""

    code = "config"


class JsoncError(ConfigError):
    """A text that cannot be read as JSONC, or an edit that the text does not allow.

    ``line`` and ``column`` count from 1, in characters of the text; a line ends with CRLF, LF or CR.
    """

    code = "config_syntax"

    def __init__(self, message: str, *, line: int, column: int, hint: str = "") -> None:
        super().__init__(f"line {line}, column {column}: {message}", hint=hint)
        self.line = line
        self.column = column


def named(name: str, error: DiscoverError) -> DiscoverError:
    """The same failure of one of several, with the name of that one."""
    again = type(error).__new__(type(error), *error.args)  # each kind is made with other words
    again.__dict__ |= error.__dict__
    again.message = f"{name}: {error.message}"
    return again
