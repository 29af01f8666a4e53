"""tastespace's recommenders on Apache Spark, with the bits of one machine."""

from tastespace_spark.errors import TastespaceError
from tastespace_spark.model import Model
from tastespace_spark.recommend import predict, recommend

__all__ = ["Model", "TastespaceError", "predict", "recommend"]
