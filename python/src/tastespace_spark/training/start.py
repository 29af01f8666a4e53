"""The model before the first epoch: damped biases, with the bits of the kind ``bias`` (``baselines/bias.rs``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tastespace_spark.cached import persisted
from tastespace_spark.training.sums import in_row_order, sums_by

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyspark import Broadcast

    from tastespace_spark.prepare import Interactions
    from tastespace_spark.training.totals import Totals

    Floats = npt.NDArray[np.float32]

_DAMPING = 5.0
_SWEEPS = 10


@dataclass(frozen=True)
class Biases:
    """Mean and damped biases."""

    mean: np.float32
    users: Floats
    items: Floats

    @classmethod
    def of(cls, data: Interactions, totals: Totals) -> Biases:
        """The biases of training ratings. Each sweep is a Spark job for the items and one for the users."""
        context = data.rows.sparkSession.sparkContext
        mean = totals.scale[0]
        sides = {"item": "user", "user": "item"}
        grouped = {side: persisted(in_row_order(data.rows.select("row", "user", "item", "rating"), side)) for side in sides}
        biases = {side: np.zeros(size, np.float32) for side, size in zip(("user", "item"), data.sizes, strict=True)}
        for _ in range(_SWEEPS):
            for side, other in sides.items():
                known = context.broadcast(biases[other])
                terms = partial(_residuals, mean=mean, other=other, known=known)
                sums = sums_by(grouped[side], side, terms)
                biases[side] = np.zeros_like(biases[side])
                damped = sums["sum0"].to_numpy() / (_DAMPING + sums["count"].to_numpy())
                biases[side][sums[side].to_numpy()] = damped
                known.destroy()
        for rows in grouped.values():
            rows.unpersist()
        return cls(np.float32(mean), biases["user"], biases["item"])

    def predict(self, users: npt.NDArray[np.int32], items: npt.NDArray[np.int32]) -> Floats:
        """Predicted ratings, not clipped."""
        predicted: Floats = self.mean + self.users[users] + self.items[items]
        return predicted


def _residuals(
    columns: dict[str, npt.NDArray[Any]], mean: float, other: str, known: Broadcast[Floats]
) -> list[npt.NDArray[np.float64]]:
    """What mean and the biases of the other side leave of the ratings."""
    return [columns["rating"].astype(np.float64) - mean - known.value[columns[other]].astype(np.float64)]
