"""tastespace's recommenders on Apache Spark, with the bits of one machine."""

from tastespace_spark.errors import TastespaceError
from tastespace_spark.fit import EpochReport, fit
from tastespace_spark.model import Model
from tastespace_spark.prepare import Interactions, prepare

__all__ = ["EpochReport", "Interactions", "Model", "TastespaceError", "fit", "prepare"]
