import pytest
from library import node
from pyspark.ml.recommendation import ALS

from tastespace_spark import TastespaceError, import_als, predict, recommend
from tastespace_spark.als import _collected

PREDICT = """
const model = await ts.loadModel(file)
return { kind: model.kind, values: Array.from(await model.predict(pairs)) }
"""


@pytest.fixture(scope="module")
def trained(spark):
    """A model of ALS, and its ratings by some users of some items with large and negative ids."""
    ratings = spark.range(1500).selectExpr(
        "cast(id % 40 * 100 - 7 as int) user",
        "cast(pmod(id * 37, 61) as int) item",
        "cast(1 + id * id % 5 as float) rating",
    )
    return ALS(rank=6, maxIter=3, numUserBlocks=2, numItemBlocks=2, seed=1, nonnegative=True).fit(ratings), ratings


def test_predictions_and_lists_are_those_of_als(spark, trained, tmp_path):
    als, ratings = trained
    model = import_als(als)
    pairs = ratings.select("user", "item").distinct()
    expected = {(row.user, row.item): row.prediction for row in als.transform(pairs).collect()}
    found = {(row.user, row.item): row.prediction for row in predict(pairs, model).collect()}
    assert found == pytest.approx(expected, rel=1e-5)

    users = pairs.select("user").where("user < 900").distinct()
    lists = {row.user: row.recommendations for row in als.recommendForUserSubset(users, 8).collect()}
    rows = recommend(users, model, 8, excludeSeen=False).collect()
    assert len(rows) == 10
    for row in rows:
        scores = [one.score for one in row.recommendations]
        assert scores == pytest.approx([one.rating for one in lists[row.user]], rel=1e-5)
        # Only items of equal scores may change places.
        items = {one.item: one.score for one in row.recommendations}
        assert all(items.get(str(one.item), scores[-1]) == pytest.approx(one.rating, rel=1e-5) for one in lists[row.user])

    model.save(str(tmp_path / "als.safetensors"))
    some = list(expected)[:20]
    in_node = node(PREDICT, file=str(tmp_path / "als.safetensors"), pairs=some)
    assert in_node["kind"] == "biased-mf"
    assert in_node["values"] == [found[pair] for pair in some]


def test_factors_that_are_no_numbers_are_refused(spark):
    factors = spark.createDataFrame([(1, [1.0, float("nan")])], "id int, features array<float>")
    with pytest.raises(TastespaceError, match="larger regParam"):
        _collected(factors, "users", 2)
    with pytest.raises(TastespaceError, match="the model has no items"):
        _collected(factors.limit(0), "items", 2)
