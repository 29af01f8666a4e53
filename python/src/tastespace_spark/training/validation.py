"""Early stopping as the library has it (``run/fit.rs``, ``train.ts``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from tastespace_spark.prepare import Interactions

    Floats = npt.NDArray[np.float32]

# Rows in a sum of squares, as in `evaluate/ratings.rs`.
_ROWS_PER_SUM = 4096

# Standard errors by which an epoch must beat the model before the first one.
_CERTAIN = 2.0


@dataclass(frozen=True)
class Ratings:
    """Validation by ratings: ``users``, ``items`` and ``ratings`` of the rows, in the order of the data."""

    users: npt.NDArray[np.int32]
    items: npt.NDArray[np.int32]
    ratings: Floats
    range: tuple[float, float]

    @classmethod
    def of(cls, held: Interactions) -> Ratings:
        """The rows of the validation part of a split."""
        table = held.rows.select("row", "user", "item", "rating").toArrow().sort_by("row")
        users, items, ratings = (table[name].to_numpy() for name in ("user", "item", "rating"))
        return cls(users, items, ratings, held.range)

    def error(self, predicted: Floats) -> tuple[float, Floats]:
        """The RMSE of predicted ratings, and the loss of each."""
        low, high = (np.float32(limit) for limit in self.range)
        clipped = np.clip(predicted, low, high)
        squares = np.square(self.ratings - clipped.astype(np.float64))
        sums = np.bincount(np.arange(len(squares)) // _ROWS_PER_SUM, squares)
        return float(np.sqrt(_sum(sums) / len(squares))), np.square(self.ratings - clipped)


@dataclass
class Choice:
    """The choice of the best epoch, and of the last."""

    epochs: int
    patience: int
    #: Training rows to process before patience can end training.
    rows_before_patience: int
    #: Rows of an epoch.
    rows: int
    #: Error and number of the best epoch. The error is the RMSE, or minus the NDCG@10.
    best: tuple[float, int] | None = None
    _start_losses: Floats | None = field(default=None, repr=False)
    _lowest: tuple[float, int] = (float("inf"), 0)

    def start(self, rmse: float, losses: Floats) -> None:
        """Takes the model before the first epoch."""
        self.best, self._start_losses = (rmse, 0), losses

    def epoch(self, epoch: int, error: float, losses: Floats | None) -> bool:
        """Takes an epoch, from 1, after a start with its losses. Returns whether it is the last."""
        is_certain = self._start_losses is None or losses is None or _is_beyond_chance(self._start_losses, losses)
        if (self.best is None or error < self.best[0]) and is_certain:
            self.best, self._start_losses = (error, epoch), None
        self._lowest = min(self._lowest, (error, epoch))
        self.rows_before_patience -= self.rows
        # While the start is still the best, a falling error goes on.
        best = (self.best[1] if self.best else 0) or self._lowest[1]
        return epoch == self.epochs or (epoch - best >= self.patience and self.rows_before_patience <= 0)


def _sum(values: npt.NDArray[Any]) -> float:
    """The sum of one value after the other; that of numpy adds pairs."""
    return float(np.cumsum(values)[-1])


def _is_beyond_chance(before: Floats, after: Floats) -> bool:
    """Whether losses on the same ratings are lower by more than chance."""
    differences = before.astype(np.float64) - after
    mean = _sum(differences) / len(before)
    variance = _sum(np.square(differences - mean)) / len(before)
    return mean > _CERTAIN * float(np.sqrt(variance / len(before)))
