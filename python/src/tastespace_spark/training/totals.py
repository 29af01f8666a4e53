"""What all machines know of the interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import functions as F

from tastespace_spark.training.sums import in_row_order, sums_by

if TYPE_CHECKING:
    from tastespace_spark.module import Module
    from tastespace_spark.prepare import Interactions

# Ratings that are summed on their own before the sums are added, as in `rating_unit.rs`.
_RATINGS_PER_SUM = 1 << 16


@dataclass(frozen=True)
class Totals:
    """Number of rows, counts of interactions, and facts about the ratings."""

    rows: int
    #: Interactions of each user: (users).
    users: npt.NDArray[np.uint32]
    #: Interactions of each item: (items).
    items: npt.NDArray[np.uint32]
    #: Mean, lowest and highest rating; 0 without ratings.
    scale: tuple[float, float, float]

    @classmethod
    def of(cls, data: Interactions) -> Totals:
        """The totals of a training set."""
        users, items = (_counts(data, side, size) for side, size in zip(("user", "item"), data.sizes, strict=True))
        return cls(data.count, users, items, _scale(data) if data.has_ratings else (0, 0, 0))

    def begin(self, module: Module, kind: str, options: dict[str, Any], seed: int) -> Any:
        """Starts a run in a module. Returns its description."""
        request = {"call": "begin", "kind": kind, "options": options, "seed": seed}
        return module.call(request, [self.users, self.items, np.array(self.scale, "<f8")]).json


def _counts(data: Interactions, side: str, size: int) -> npt.NDArray[np.uint32]:
    table = data.rows.groupBy(side).count().toArrow()
    counts = np.zeros(size, np.uint32)
    counts[table[side].to_numpy()] = table["count"].to_numpy()
    return counts


def _scale(data: Interactions) -> tuple[float, float, float]:
    lowest, highest = data.rows.agg(F.min("rating"), F.max("rating")).first() or (0, 0)
    chunk = F.col("row").bitwiseAND(F.lit(-_RATINGS_PER_SUM)).alias("chunk")
    sums = sums_by(
        in_row_order(data.rows.select(chunk, "row", "rating"), "chunk"),
        "chunk",
        lambda columns: [columns["rating"].astype(np.float64)],
    ).sort_by("chunk")
    # One after the other; `sum` of numpy would add pairs.
    total = np.cumsum(sums["sum0"].to_numpy())[-1]
    return float(total / data.count), lowest, highest
