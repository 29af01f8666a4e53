"""Sends files to the executors."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.utils import is_remote

from tastespace_spark.errors import TastespaceError
from tastespace_spark.model import Model

# The engine counts the bits of a tensor in 32 bits.
_LARGEST_TENSOR = 2**29 - 1


@cache
def _folder() -> str:
    """The driver's folder of files. Executors fetch from it, so that it stays until the program ends."""
    folder = tempfile.mkdtemp(prefix="tastespace-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def send(spark: SparkSession, content: bytes, ending: str) -> str:
    """Sends a file once to each executor of the application, and returns its name there, which ends so.

    Raises ``TastespaceError`` with ``spark/connect`` for a session of Spark Connect.
    """
    if is_remote():
        message = "this needs a classic Spark session: files travel to the executors by SparkContext.addFile"
        raise TastespaceError("spark/connect", message)
    context = spark.sparkContext
    name = f"tastespace-{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
    if any(file.endswith(f"/{name}") for file in context.listFiles):
        return name
    file = Path(_folder()) / name
    file.write_bytes(content)
    context.addFile(str(file))
    return name


def send_model(spark: SparkSession, model: Model) -> str:
    """Sends a model to the executors, as :func:`send`.

    Raises ``TastespaceError`` with ``memory/too-large`` for a model that an engine cannot load.
    """
    name, size = model.largest_tensor()
    if size > _LARGEST_TENSOR:
        message = (
            f"tensor '{name}' of {model.name} has {size:,} bytes, and the engine reads at most {_LARGEST_TENSOR:,}:"
            " train with fewer factors, or leave out users with few interactions"
        )
        raise TastespaceError("memory/too-large", message, {"tensor": name, "bytes": size})
    return send(spark, model.content, "safetensors")
