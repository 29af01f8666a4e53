"""Sends a model to the executors."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pyspark.sql import SparkSession

from tastespace_spark.errors import TastespaceError
from tastespace_spark.model import Model


@cache
def _folder() -> str:
    """The driver's folder of models. Executors fetch from it, so that it stays until the program ends."""
    folder = tempfile.mkdtemp(prefix="tastespace-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def send(spark: SparkSession, model: Model) -> str:
    """Sends a model once to each executor of the application, as a file, and returns its name there.

    Raises ``TastespaceError`` with ``spark/no-context`` for a session of Spark Connect.
    """
    try:
        context = spark.sparkContext
    except Exception as error:
        message = "this session has no SparkContext, as those of Spark Connect; models travel by SparkContext.addFile"
        raise TastespaceError("spark/no-context", message) from error
    name = f"tastespace-{hashlib.sha256(model.content).hexdigest()[:32]}.safetensors"
    if any(file.endswith(f"/{name}") for file in context.listFiles):
        return name
    file = Path(_folder()) / name
    file.write_bytes(model.content)
    context.addFile(str(file))
    return name
