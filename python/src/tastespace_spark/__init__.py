"""tastespace's recommenders on Apache Spark, with the bits of one machine."""

from tastespace_spark.als import import_als
from tastespace_spark.errors import TastespaceError
from tastespace_spark.evaluate import Metrics, evaluate
from tastespace_spark.fit import EpochReport, fit
from tastespace_spark.model import Model
from tastespace_spark.prepare import Interactions, prepare
from tastespace_spark.recommend import predict, recommend
from tastespace_spark.split import Parts, split
from tastespace_spark.tune import TuneReport, tune

__all__ = [
    "EpochReport",
    "Interactions",
    "Metrics",
    "Model",
    "Parts",
    "TastespaceError",
    "TuneReport",
    "evaluate",
    "fit",
    "import_als",
    "predict",
    "prepare",
    "recommend",
    "split",
    "tune",
]
