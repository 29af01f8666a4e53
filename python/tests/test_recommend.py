from pathlib import Path

import pytest
from library import node
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from tastespace_spark import Model, TastespaceError, predict, recommend

KINDS = ["biased-mf", "glocal-k", "cml", "lrml", "attrec", "sasrec", "bpr", "ials", "ease", "item-knn", "pop", "bias"]

TRAIN = """
const data = await ts.Dataset.synthetic({ users: 120, items: 60, ratings: 2500, seed: 1 })
for (const kind of kinds) {
  const model = await ts.createModelByName(kind, {})
  await model.fit(data, { epochs: 1 })
  await model.save(`${folder}/${kind}.safetensors`)
}
return null
"""

LISTS = """
const model = await ts.loadModel(file)
const users = await model.userIds()
const lists = await model.recommend(users, { k: 7 })
return { users, lists: lists.map((list) => list.map(({ item, score, title }) => [item, score, title ?? null])) }
"""

PREDICTIONS = """
const model = await ts.loadModel(file)
return Array.from(await model.predict(pairs))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    node(TRAIN, kinds=KINDS, folder=str(folder))
    return folder


def model_of(folder: Path, kind: str) -> Model:
    return Model.load(str(folder / f"{kind}.safetensors"))


@pytest.mark.parametrize("kind", KINDS)
def test_lists_are_those_of_the_library(spark, folder, kind):
    expected = node(LISTS, file=str(folder / f"{kind}.safetensors"))
    users = spark.createDataFrame([(user,) for user in expected["users"]], "user string").repartition(3)
    rows = recommend(users, model_of(folder, kind), 7).collect()
    found = {row.user: [tuple(item) for item in row.recommendations] for row in rows}
    assert len(rows) == 120
    assert found == {
        user: [tuple(item) for item in items] for user, items in zip(expected["users"], expected["lists"], strict=True)
    }


def test_integers_titles_and_other_columns_are_kept(spark, tmp_path):
    program = """
    const data = await ts.Dataset.fromRows([
      { user: 7, item: 1 }, { user: 7, item: 2 }, { user: 8, item: 2 }, { user: 8, item: 3 },
    ], { items: await new Blob(['item,title\\n1,One\\n3,Three\\n']) })
    const model = await ts.createModelByName('pop', {})
    await model.fit(data)
    await model.save(file)
    return null
    """
    file = str(tmp_path / "pop.safetensors")
    node(program, file=file)
    users = spark.createDataFrame([(8, "b"), (7, "a"), (8, "c")], "who int, other string")
    rows = recommend(users, Model.load(file), userCol="who").orderBy("other").collect()
    lists = [(row.who, row.other, [(one.item, one.title) for one in row.recommendations]) for row in rows]
    assert lists == [(7, "a", [("3", "Three")]), (8, "b", [("1", "One")]), (8, "c", [("1", "One")])]
    seen = recommend(users.limit(1), Model.load(file), 2, userCol="who", excludeSeen=False, exclude=["2"]).first()
    assert [one.item for one in seen.recommendations] == ["1", "3"]


def test_predictions_are_those_of_the_library(spark, folder):
    pairs = [["1", "3"], ["2", "5"], ["9", "1"]]
    for kind in ["biased-mf", "cml"]:
        expected = node(PREDICTIONS, file=str(folder / f"{kind}.safetensors"), pairs=pairs)
        df = spark.createDataFrame(pairs, "user string, item string").coalesce(1)
        assert [row.prediction for row in predict(df, model_of(folder, kind)).collect()] == expected


def test_unknown_ids_are_refused_or_skipped(spark, folder):
    model = model_of(folder, "biased-mf")
    users = spark.createDataFrame([("1",), ("nobody",)], "user string")
    with pytest.raises(PySparkException, match=r"unknown user 'nobody'.*unknown='skip'.*\(model/unknown-user\)"):
        recommend(users, model).collect()
    sizes = recommend(users, model, unknown="skip").select("user", F.size("recommendations")).collect()
    assert {tuple(row) for row in sizes} == {("1", 10), ("nobody", 0)}
    pairs = spark.createDataFrame([("1", "nothing")], "user string, item string")
    with pytest.raises(PySparkException, match=r"unknown item 'nothing'.*\(model/unknown-item\)"):
        predict(pairs, model).collect()
    assert predict(pairs, model, unknown="skip").where("isnan(prediction)").count() == 1


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        (lambda df, model: recommend(df, model, 0), "config/out-of-range", "k is 0: expected an integer from 1"),
        (lambda df, model: recommend(df, model, unknown="drop"), "config/out-of-range", "'error' or 'skip'"),
        (
            lambda df, model: recommend(df, model, userCol="u"),
            "data/missing-column",
            "for userCol; the columns are user, score",
        ),
        (lambda df, model: recommend(df, model, userCol="score"), "data/wrong-type", "of type double"),
        (
            lambda df, model: predict(df, model, itemCol="user", predictionCol="score"),
            "data/column-exists",
            "a column 'score' already",
        ),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(spark, folder, call, code, words):
    df = spark.createDataFrame([("1", 1.0)], "user string, score double")
    with pytest.raises(TastespaceError, match=words) as refused:
        call(df, model_of(folder, "pop"))
    assert refused.value.code == code


def test_null_ids_are_refused(spark, folder):
    df = spark.createDataFrame([("1",), (None,)], "user string")
    with pytest.raises(PySparkException, match="column 'user' has a null value"):
        recommend(df, model_of(folder, "pop"), unknown="skip").collect()
