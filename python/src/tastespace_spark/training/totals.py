"""What all machines know of the interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyspark.sql import functions as F

from tastespace_spark.training.sums import in_row_order, sums_by

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tastespace_spark.module import Module
    from tastespace_spark.training.sums import Columns

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

    def begin(self, module: Module, kind: str, options: dict[str, Any], seed: int) -> Any:
        """Starts a run in a module. Returns its description."""
        request = {"call": "begin", "kind": kind, "options": options, "seed": seed}
        return module.call(request, [self.users, self.items, np.array(self.scale, "<f8")]).json


def rating_scale(rows: DataFrame, count: int) -> tuple[float, float, float]:
    """Mean, lowest and highest rating of ``count`` rows."""
    lowest, highest = rows.agg(F.min("rating"), F.max("rating")).first() or (0, 0)
    chunk = F.col("row").bitwiseAND(F.lit(-_RATINGS_PER_SUM)).alias("chunk")
    sums = sums_by(in_row_order(rows.select(chunk, "row", "rating"), "chunk"), "chunk", _ratings).sort_by("chunk")
    # One after the other; `sum` of numpy would add pairs.
    total = np.cumsum(sums["sum0"].to_numpy())[-1]
    return float(total / count), lowest, highest


def _ratings(columns: Columns) -> list[npt.NDArray[np.float64]]:
    return [columns["rating"].astype(np.float64)]
