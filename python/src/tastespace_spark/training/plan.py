"""The groups of an epoch, and which task has which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tastespace_spark.module import Module

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyspark import Broadcast

    from tastespace_spark.storage import Folder
    from tastespace_spark.training.totals import Totals

Side = Literal["users", "items"]


@dataclass(frozen=True)
class Cut:
    """The groups of an epoch."""

    #: From 0.
    epoch: int
    #: Number of groups on each side.
    count: int
    #: Step after step, the stratum: user group g meets item group (g + stratum) mod count.
    strata: list[int]
    #: The group of each user and each item; 0 without interactions.
    groups: dict[Side, npt.NDArray[np.uint8]]
    #: The position of each in its group.
    positions: dict[Side, npt.NDArray[np.uint32]]

    @classmethod
    def of(cls, module: Module, epoch: int) -> Cut:
        """Makes the groups of an epoch, from 0, the current ones of the module."""
        answer = module.call({"call": "cut", "epoch": epoch})
        user_groups, users, item_groups, items = answer.parts
        return cls(
            epoch,
            answer.json["count"],
            answer.json["strata"],
            {"users": user_groups, "items": item_groups},
            {"users": users.view("<u4"), "items": items.view("<u4")},
        )


#: Parts of the interactions of a run: those to train on, those for validation, and those that are for neither, but whose
#: items are not ranked for their users either.
TRAINED, HELD, LEFT_OUT = range(3)


@dataclass(frozen=True)
class Plan:
    """A training run, as all its tasks get it."""

    kind: str
    options: dict[str, Any]
    seed: int
    epochs: int
    #: Number of tasks.
    tasks: int
    #: The folder of the run.
    storage: Folder
    #: Seconds to wait for a file.
    timeout: float
    #: Whether the kind predicts ratings.
    is_rating: bool
    #: Whether the model is validated after each epoch.
    is_validated: bool
    totals: Broadcast[Totals]

    def begin(self) -> tuple[Module, Any]:
        """An instance of the module with this run, and its description."""
        module = Module()
        return module, self.totals.value.begin(module, self.kind, self.options, self.seed)

    def owner(self, group: int, count: int) -> int:
        """The task of a user group, of ``count``."""
        return group * self.tasks // count

    def folder(self, epoch: int) -> Folder:
        """The folder of an epoch, from 0; that after the last has the result."""
        return self.storage.folder(str(epoch))


def members(module: Module, side: Side, group: int) -> npt.NDArray[np.uint32]:
    """Users or items of a group of the current cut, by position."""
    return module.call({"call": "members", "side": side, "group": group}).parts[0].view("<u4")
