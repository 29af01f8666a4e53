import os
import random
import signal

import numpy as np
import pytest
from library import fit_in_node

from tastespace_spark import TastespaceError, fit, prepare
from tastespace_spark.training.file import check_finite

OPTIONS = {"factors": 12, "learningRate": 0.05}


def interactions():
    """Ratings of 300 users and 90 items with some structure. Some pairs come twice."""
    sampled = random.Random(5)
    rows = []
    for _ in range(6000):
        user, item = sampled.randrange(300), int(90 * sampled.random() ** 2)
        liked = (user % 3 == item % 3) + sampled.random()
        rows.append((user * 7, f"item {item}", 1 + round(8 * liked / 2) / 2))
    return rows


ROWS = interactions()


def shuffled(spark, rows):
    """The rows in another order and in other partitions."""
    numbered = [(*row, at) for at, row in enumerate(rows)]
    random.Random(1).shuffle(numbered)
    df = spark.createDataFrame(numbered, "user long, item string, rating double, at long")
    return prepare(df.repartition(5), orderCol="at")


@pytest.fixture(scope="module")
def data(spark):
    return shuffled(spark, ROWS)


def fit_on_spark(data, kind, options, folder, **arguments):
    """The bytes of the model file, and of each epoch what `fit_in_node` has."""
    epochs = []

    def follow(report):
        metric = report.ndcg if report.rmse is None else report.rmse
        epochs.append([report.phase, report.epoch, report.loss, metric, report.best_epoch])

    model = fit(data, kind, options, storage=str(folder / "storage"), seed=7, on_epoch=follow, **arguments)
    assert list((folder / "storage").iterdir()) == []
    return model.content, epochs


@pytest.mark.parametrize("kind", ["biased-mf", "bpr"])
def test_any_number_of_tasks_has_the_file_of_one_machine(data, tmp_path, kind):
    fitted = {"epochs": 3, "seed": 7}
    expected = fit_in_node(tmp_path, ROWS, "user,item,rating", kind=kind, options=OPTIONS, fit=fitted)
    for tasks in (1, 2, 4, 8):
        assert fit_on_spark(data, kind, OPTIONS, tmp_path, epochs=3, tasks=tasks) == expected


def test_early_stopping_and_refit_are_those_of_one_machine(data, tmp_path):
    fitted = {"patience": 3, "seed": 7}
    file, epochs = fit_in_node(tmp_path, ROWS, "user,item,rating", kind="biased-mf", options=OPTIONS, fit=fitted)
    # The model before the first epoch is the best one at first, and epochs after it are better by more than chance.
    assert epochs[0][4] == 0 < epochs[-1][4] < len(epochs) - epochs[-1][4]
    assert fit_on_spark(data, "biased-mf", OPTIONS, tmp_path, patience=3, tasks=2) == (file, epochs)


def test_of_ratings_without_structure_the_damped_biases_are_kept(spark, tmp_path):
    sampled = random.Random(3)
    rows = [(sampled.randrange(300), sampled.randrange(90), sampled.randrange(1, 6)) for _ in range(6000)]
    fitted = {"patience": 2, "seed": 7}
    expected = fit_in_node(tmp_path, rows, "user,item,rating", kind="biased-mf", options=OPTIONS, fit=fitted)
    assert expected[1][-1][4] == 0
    data = shuffled(spark, [(user, str(item), float(rating)) for user, item, rating in rows])
    assert fit_on_spark(data, "biased-mf", OPTIONS, tmp_path, patience=2, tasks=2) == expected


def test_early_stopping_of_rankings_is_that_of_one_machine(data, tmp_path):
    fitted = {"patience": 3, "seed": 7}
    file, epochs = fit_in_node(tmp_path, ROWS, "user,item,rating", kind="bpr", options=OPTIONS, fit=fitted)
    assert 1 < epochs[-1][4] < len(epochs) - epochs[-1][4]
    assert fit_on_spark(data, "bpr", OPTIONS, tmp_path, patience=3, tasks=2) == (file, epochs)


def test_more_tasks_than_groups_of_users(spark, tmp_path):
    rows = [(user, f"i{item}", 1.0) for user in range(3) for item in range(user, user + 12)]
    fitted = {"epochs": 3, "seed": 7}
    expected = fit_in_node(tmp_path, rows, "user,item,rating", kind="bpr", options={"factors": 4}, fit=fitted)
    assert fit_on_spark(shuffled(spark, rows), "bpr", {"factors": 4}, tmp_path, epochs=3, tasks=8) == expected


def test_rankings_are_validated_on_a_sample_of_many_users_without_what_they_dislike(spark, tmp_path):
    sampled = random.Random(4)
    pairs = {(sampled.randrange(3000), sampled.randrange(900)): sampled.choice((-1, 1, 1)) for _ in range(21000)}
    rows = [(user, str(item), float(rating)) for (user, item), rating in pairs.items()]
    fitted = {"patience": 1, "seed": 7}
    expected = fit_in_node(tmp_path, rows, "user,item,rating", kind="bpr", options={"factors": 4}, fit=fitted)
    assert fit_on_spark(shuffled(spark, rows), "bpr", {"factors": 4}, tmp_path, patience=1, tasks=2) == expected


def test_dislikes_and_the_history_without_them(spark, tmp_path):
    rows = [(user, item, rating - 2.5) for user, item, rating in ROWS[:2000]]
    fitted = {"epochs": 2, "seed": 7}
    file, epochs = fit_in_node(tmp_path, rows, "user,item,rating", kind="bpr", options={"factors": 8}, fit=fitted)
    data = shuffled(spark, rows)
    assert fit_on_spark(data, "bpr", {"factors": 8}, tmp_path, epochs=2, tasks=2) == (file, epochs)


def test_without_storage_the_driver_has_the_files(data, tmp_path):
    for kind in ("biased-mf", "bpr"):
        shared = fit(data, kind, OPTIONS, storage=str(tmp_path), epochs=2, tasks=4, on_epoch=lambda _: None)
        own = fit(data, kind, OPTIONS, epochs=2, tasks=4, on_epoch=lambda _: None)
        assert own.content == shared.content


def executors(spark):
    """Process ids of the executors: of the parents of the daemons that start Python workers."""

    def pid(_):
        with open(f"/proc/{os.getppid()}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])

    return sorted(set(spark.sparkContext.parallelize(range(16), 16).map(pid).collect()))


def test_a_killed_executor_costs_one_epoch_and_changes_nothing(spark, data, tmp_path):
    expected = fit(data, options=OPTIONS, storage=str(tmp_path / "calm"), epochs=20, tasks=2, on_epoch=lambda _: None)
    killed, first = executors(spark)[0], []

    def follow(report):
        if report.epoch == 5:
            os.kill(killed, signal.SIGKILL)
        folder = next((tmp_path / "storage").iterdir()) / "fit"
        first.append((report.epoch, min(int(epoch.name) for epoch in folder.iterdir())))

    model = fit(data, options=OPTIONS, storage=str(tmp_path / "storage"), epochs=20, on_epoch=follow)
    assert model.content == expected.content
    # A task that went back further than to the last whole epoch would make an older folder again.
    assert all(oldest >= epoch - 1 for epoch, oldest in first)
    assert killed not in executors(spark)


def test_without_history_the_file_has_none(data, tmp_path):
    model = fit(data, options={"factors": 4}, storage=str(tmp_path), epochs=1, history=False, on_epoch=lambda _: None)
    with pytest.raises(TastespaceError, match=r"no tensor 'history\.items'"):
        model.tensor("history.items")
    assert model.tensor("item_factors").shape == (90, 4)
    assert np.abs(model.tensor("item_factors")).min() > 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ({"model": "cml"}, "config/unknown-kind", "expected one of biased-mf, bpr"),
        ({"epochs": 0}, "config/out-of-range", "epochs is 0: expected an integer from 1"),
        ({"seed": -1}, "config/out-of-range", "seed is -1: expected an integer from 0"),
        ({"tasks": 9}, "config/out-of-range", "tasks is 9: expected at most 8"),
        ({"options": {"optimizer": "als"}, "epochs": 1}, "model/unsupported", "the optimizer has to be sgd"),
        ({"userCol": "u"}, "config/unknown-key", "userCol"),
        ({"options": {"implicit": True}}, "model/unsupported", "with implicit"),
        ({"factrs": 8}, "config/unknown-key", "fit has no argument 'factrs'"),
        ({"storage": "moon://a"}, "storage/not-usable", "moon://a"),
        ({"storage": "/proc/a"}, "storage/not-usable", "no folder can be made in the storage '/proc/a'"),
    ],
)
def test_wrong_arguments_are_refused(data, tmp_path, arguments, code, message):
    with pytest.raises(TastespaceError, match=message) as refused:
        fit(data, **{"storage": str(tmp_path), **arguments})
    assert refused.value.code == code


def test_a_run_that_diverges_says_what_to_lower(data, tmp_path):
    with pytest.raises(TastespaceError, match="diverged in epoch 1: lower the option learningRate"):
        fit(data, options={"learningRate": 1, "penalty": 10}, storage=str(tmp_path), epochs=5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_parameters_that_diverged_are_no_model(value):
    rows = np.ones((2, 3), np.float32)
    check_finite("bpr", 2, [rows])
    rows[1, 2] = value
    with pytest.raises(TastespaceError, match="bpr diverged in epoch 2: lower the option learningRate") as refused:
        check_finite("bpr", 2, [np.ones(4, np.float32), rows])
    assert refused.value.code == "model/diverged"


def test_counts_are_no_ratings(spark, tmp_path):
    rows = [(user, "a", float(1 + 100 * (user == 7))) for user in range(10)]
    with pytest.raises(TastespaceError, match="from 1 to 101 with a heavy tail") as refused:
        fit(shuffled(spark, rows), storage=str(tmp_path), epochs=1)
    assert refused.value.code == "dataset/counts"
