"""The error of this package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn


class TastespaceError(Exception):
    """An error with a stable code, such as ``config/out-of-range``. Programs distinguish errors by ``code``.

    ``details`` has the values in the message, by name.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        """Keeps the code, the message and the details."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})

    def __reduce__(self) -> tuple[type[TastespaceError], tuple[str, str, dict[str, Any]]]:
        """All parts, since errors travel between processes."""
        return type(self), (self.code, self.message, self.details)


_REMEDIES = dict.fromkeys(("model/unknown-user", "model/unknown-item"), "pass unknown='skip' to go on without it")


@contextmanager
def codes_in_messages() -> Iterator[None]:
    """Adds the code and a remedy to the messages of errors within: the driver gets only the message of an executor's error."""
    try:
        yield
    except TastespaceError as error:
        remedy = f"; {_REMEDIES[error.code]}" if error.code in _REMEDIES else ""
        raise TastespaceError(error.code, f"{error.message}{remedy} ({error.code})", error.details) from None


def out_of_range(key: str, value: object, expected: str) -> NoReturn:
    """Refuses the value of an argument."""
    message = f"{key} is {value!r}: expected {expected}"
    raise TastespaceError("config/out-of-range", message, {"key": key, "value": value})
