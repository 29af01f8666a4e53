"""Validation of rankings: each task ranks all items for users of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tastespace_spark.errors import TastespaceError
from tastespace_spark.training.plan import HELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt
    from pyspark.sql import DataFrame

    from tastespace_spark.module import Module
    from tastespace_spark.prepare import Interactions

    Numbers = npt.NDArray[Any]


def users_to_validate(module: Module, train: Interactions, held: Interactions, seed: int) -> DataFrame:
    """The rows of ``held`` of the users that the library validates on (``run/validation_users.rs``).

    Raises ``TastespaceError`` with ``dataset/no-known-users`` or ``dataset/no-known-items``.
    """
    table = held.rows.select("user", "item").toArrow()
    users, items = (table[name].to_numpy() for name in ("user", "item"))
    known = np.unique(users[train.totals.users[users] > 0]).astype("<u4")
    request = {"call": "validationUsers", "rows": train.count, "items": train.sizes[1], "seed": seed}
    drawn = module.call(request, [known]).parts[0].view("<u4")
    is_known = train.totals.items[items[np.isin(users, drawn)]] > 0
    for side, some in (("users", len(drawn) > 0), ("items", is_known.any())):
        if not some:
            message = (
                f"none of the {held.count} validation rows has {side} with training interactions: give epochs, with which"
                " fit trains on all rows without validation"
            )
            raise TastespaceError(f"dataset/no-known-{side}", message, {"rows": held.count})
    shared = held.rows.sparkSession.sparkContext.broadcast(drawn)

    def of_drawn(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return (batch.filter(pa.array(np.isin(batch["user"].to_numpy(), shared.value))) for batch in batches)

    return held.rows.mapInArrow(of_drawn, held.rows.schema)


@dataclass(frozen=True)
class Rankings:
    """Validation by rankings, in a module with the run."""

    module: Module

    def error(self, values: Numbers) -> tuple[float, None]:
        """Minus the mean of the NDCG@10 of all validation users, ascending, and no losses."""
        return -float(self.module.call({"call": "mean"}, [values]).parts[0].view("<f8")[0]), None


def ndcg(
    module: Module, columns: dict[str, Numbers], users: list[tuple[Numbers, Numbers]], items: list[Numbers]
) -> list[Numbers]:
    """The validation users among ``columns``, ascending, and the NDCG@10 of each.

    ``columns`` has the rows of a task, some of them for validation. ``users`` are those of its groups with their
    embeddings, and ``items`` the embeddings and biases of all items.
    """
    is_held = columns["part"] == HELD
    judged = np.unique(columns["user"][is_held])
    numbers, vectors = (np.concatenate(parts) for parts in zip(*users, strict=True))
    order = np.argsort(numbers)
    vectors = vectors[order[np.searchsorted(numbers, judged, sorter=order)]]
    lists: list[Numbers] = []
    for part in (is_held, ~is_held):
        user, item = columns["user"][part], columns["item"][part]
        is_judged = np.isin(user, judged)
        user, item = user[is_judged], item[is_judged]
        by_user = np.argsort(user, kind="stable")
        lists += [np.searchsorted(user[by_user], judged, side="right").astype("<u4"), item[by_user].astype("<u4")]
    return [judged.astype("<u4"), module.call({"call": "rank"}, [vectors, *lists, *items]).parts[0].view("<f8")]


def joined(pieces: Iterable[list[Numbers]], count: int, stride: int) -> list[Numbers]:
    """Embeddings and biases of all ``count`` rows by index, from pieces with the indices of theirs."""
    vectors, biases = np.zeros((count, stride), "<f4"), np.zeros(count, "<f4")
    for ids, piece, of_piece in pieces:
        vectors[ids], biases[ids] = piece, of_piece
    return [vectors, biases]
