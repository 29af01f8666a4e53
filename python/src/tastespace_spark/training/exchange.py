"""The files by which tasks exchange rows, and the driver follows them.

The folder of a run has a folder for each epoch, whose number is that of the epochs before it. It has

- ``passed-GROUP-STEP``: the rows of an item group before a step of the epoch, from the task that trained it last;
- ``SIDE-FROM-TO``: the rows at the end of the epoch before, of members of a group who are now in another;
- ``data-TASK-GROUP``: the interactions of the users whom a task passes on, where every epoch has other groups;
- ``validation-TASK``: numbers and predicted ratings of validation rows, or validation users and the NDCG@10 of each;
- ``report-TASK``: the losses of the epoch before, the last file of a task;
- ``decision``: the driver's word whether to go on.

So the folder is a checkpoint once it has all reports.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tastespace_spark.errors import TastespaceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from tastespace_spark.storage import Folder

    Found = TypeVar("Found")

GO, STOP = b"go", b"stop"
DECISION = "decision"

# Seconds between looks for a file: at first, and at most.
_PAUSES = (0.001, 0.1)


def pack(*arrays: npt.NDArray[Any]) -> memoryview:
    """Arrays as the content of a file."""
    content = io.BytesIO()
    for array in arrays:
        np.save(content, array, allow_pickle=False)
    return content.getbuffer()


def unpack(content: bytes) -> list[npt.NDArray[Any]]:
    """The arrays of ``pack``."""
    stream, arrays = io.BytesIO(content), []
    while stream.tell() < len(content):
        arrays.append(np.load(stream, allow_pickle=False))
    return arrays


def wait(look: Callable[[], Found | None], timeout: float, what: str) -> Found:
    """Looks again and again, with growing pauses.

    Raises ``TastespaceError`` with ``storage/timeout`` after ``timeout`` seconds.
    """
    pause, longest = _PAUSES
    began = time.monotonic()
    while (found := look()) is None:
        if time.monotonic() - began > timeout:
            message = (
                f"{what} did not come within {timeout:g} s: check that all machines share the storage, and raise timeout"
                " if a task may take longer than that for a block"
            )
            raise TastespaceError("storage/timeout", message, {"seconds": timeout})
        time.sleep(pause)
        pause = min(pause * 1.5, longest)
    return found


def wait_for(folder: Folder, name: str, timeout: float) -> bytes:
    """The content of a file, once it is there."""
    return wait(lambda: folder.read(name), timeout, f"the file {folder.shown}/{name}")


def reports(folder: Folder, tasks: int) -> list[str] | None:
    """The names of all reports in the folder of an epoch, or ``None`` while some are missing."""
    names = [f"report-{task}" for task in range(tasks)]
    return names if set(names) <= set(folder.names()) else None
