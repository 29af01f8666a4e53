"""A model in the engine of this Python worker, which stays for the next task."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import SparkFiles

from tastespace_spark.errors import TastespaceError
from tastespace_spark.scoring.engine import Engine, from_texts

T = TypeVar("T")


class ServedModel:
    """A model file that an engine has loaded."""

    def __init__(self, file: Path) -> None:
        """Starts an engine and loads the file."""
        self.file = file
        self._start()

    def _start(self) -> None:
        self._restarted = False
        self._engine = Engine()
        self._handle: int = self._engine.call("load", self.file.name, self.file)

    def begin_task(self) -> None:
        """Makes it ready for a task, which may restart the engine once."""
        self._restarted = False
        if not self._engine.alive:
            self._start()

    def ask(self, question: Callable[[Engine, int], T]) -> T:
        """The answer to a question to the engine about the model. Where the engine crashes, it is asked once more.

        Raises ``TastespaceError``: ``engine/crashed`` after the second crash of a task.
        """
        try:
            return question(self._engine, self._handle)
        except TastespaceError as error:
            if error.code != "engine/crashed" or self._restarted:
                raise
        self._start()
        self._restarted = True
        return question(self._engine, self._handle)

    def names(self, of: str) -> pa.StringArray:
        """Texts of the catalogue, by index: ``users``, ``items`` or ``titles``."""
        return from_texts(self.ask(lambda engine, model: engine.call("names", model, of)))

    @cached_property
    def items(self) -> pa.StringArray:
        """Ids of the items, by index."""
        return self.names("items")

    @cached_property
    def titles(self) -> pa.StringArray:
        """Titles of the items, by index; null for an item without one."""
        titles = self.names("titles")
        return pc.if_else(pc.equal(titles, ""), None, titles)

    def close(self) -> None:
        """Ends the engine."""
        self._engine.close()


_last: ServedModel | None = None


def served(name: str) -> ServedModel:
    """The model that was sent under this name, on an executor: that of the last task, if it is the same."""
    global _last  # noqa: PLW0603 -- one model in each process, so that its memory is bounded
    file = Path(SparkFiles.get(name))
    if _last is None or _last.file != file:
        if _last is not None:
            _last.close()
        _last = ServedModel(file)
    _last.begin_task()
    return _last
