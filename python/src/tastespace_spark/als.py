"""Models of Spark MLlib's ALS as model files."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tastespace_spark.errors import TastespaceError
from tastespace_spark.model import Model
from tastespace_spark.model_file import id_tensors, model_bytes

if TYPE_CHECKING:
    from pyspark.ml.recommendation import ALSModel
    from pyspark.sql import DataFrame

# The format of the files, and their kind: inner products of embeddings, with the mean and all biases 0.
_FORMAT = 1
_KIND = "biased-mf"


def import_als(als_model: ALSModel) -> Model:
    """A model of Spark MLlib's ALS as a model file of the kind ``biased-mf``, for Spark, Node and pages.

    Its mean and its biases are 0, so that predictions are those of ``ALSModel.transform`` but for rounding. They are
    not clipped, as ALS does not clip either: the range of the file is that of all possible products. Lists are ordered
    by the prediction, as those of ``ALSModel.recommendForUserSubset``: the file has no spread of the ratings, from
    which a lower bound would follow. It has no training interactions either, so that ``recommend`` needs
    ``excludeSeen=False``.

    Factors are collected on the driver, which needs three times their ``4 · rank · (users + items)`` bytes.

    Raises ``TastespaceError`` with ``model/not-finite`` for factors that are no finite numbers, ``dataset/empty``
    without users or items.

    Example::

        model = import_als(ALS(rank=64).fit(ratings))
        lists = recommend(users, model, k=20, excludeSeen=False)
    """
    users, user_factors = _collected(als_model.userFactors, "users", als_model.rank)
    items, item_factors = _collected(als_model.itemFactors, "items", als_model.rank)
    tensors: dict[str, npt.NDArray[Any]] = {
        "mean": np.zeros(1, np.float32),
        "user_biases": np.zeros(len(users), np.float32),
        "item_biases": np.zeros(len(items), np.float32),
        "user_factors": user_factors,
        "item_factors": item_factors,
        **id_tensors("users", users),
        **id_tensors("items", items),
        # Each was in the training data, no matter how often.
        "catalogue.users.rows": np.ones(len(users), np.uint32),
        "catalogue.items.rows": np.ones(len(items), np.uint32),
    }
    bound = float(ceil(_largest_norm(user_factors) * _largest_norm(item_factors)) + 1)
    metadata = {
        "format": _FORMAT,
        "kind": _KIND,
        "options": {"factors": als_model.rank, "mean": False, "optimizer": "als"},
        "range": [-bound, bound],
        "training": {"epochs": 0, "seed": 0, "rows": 0},
    }
    return Model(model_bytes(metadata, tensors), "the imported model")


def _collected(factors: DataFrame, side: str, rank: int) -> tuple[pa.Array, npt.NDArray[np.float32]]:
    """Ids as texts, ascending as integers, and the factors of each: ``(ids, rank)``."""
    parts = factors.select("id", "features").mapInArrow(_packed, "ids binary, values binary").collect()
    ids = np.concatenate([np.frombuffer(part.ids, np.int64) for part in parts] or [np.empty(0, np.int64)])
    if not len(ids):
        raise TastespaceError("dataset/empty", f"the model has no {side}: expected one at least")
    values = np.concatenate([np.frombuffer(part.values, np.float32).reshape(-1, rank) for part in parts])
    if not np.isfinite(values).all():
        message = f"the factors of the {side} have values that are no finite numbers: train with a larger regParam"
        raise TastespaceError("model/not-finite", message)
    order = np.argsort(ids)
    return pa.array(ids[order]).cast(pa.string()), values[order]


def _packed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Ids and factors as bytes, which are collected faster than rows."""
    for batch in batches:
        ids, values = batch.column("id").to_numpy().astype(np.int64), batch.column("features").flatten().to_numpy()
        yield pa.RecordBatch.from_pydict({"ids": [ids.tobytes()], "values": [values.astype(np.float32).tobytes()]})


def _largest_norm(factors: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.einsum("nd,nd->n", factors, factors, dtype=np.float64).max()))
