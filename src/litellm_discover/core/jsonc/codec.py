"""Between the bytes of a file and its text, without loss in either direction."""

from __future__ import annotations

from litellm_discover.core.jsonc.position import error_at
from litellm_discover.errors import JsoncError

_UTF16_OR_32_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SAVE_AS_UTF8 = "Save the file as UTF-8."


def decode(data: bytes) -> str:
    """The text of a file; a byte order mark stays, as the first character, and so does every line end.

    Raises :class:`JsoncError` for anything but UTF-8: other text could not be written back as it was.
    """
    if data.startswith(_UTF16_OR_32_MARKS):
        raise JsoncError("the file is UTF-16 or UTF-32, not UTF-8", line=1, column=1, hint=_SAVE_AS_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"the byte 0x{data[error.start]:02X} is not valid UTF-8"
        raise error_at(before, len(before), message, _SAVE_AS_UTF8) from None
    if (nul := text.find("\0")) >= 0:
        raise error_at(text, nul, "a NUL byte: the file is UTF-16, UTF-32 or no text", _SAVE_AS_UTF8)
    return text


def encode(text: str) -> bytes:
    """The bytes of a text that :func:`decode` gave, or that an edit made of it."""
    return text.encode("utf-8")
