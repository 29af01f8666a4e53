"""Computes with other libraries what `../cross-check.mjs` wrote to a folder, and prints a line of JSON for each check."""

import json
import os
import sys

# Many threads make the small products here slow.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd
from implicit.cpu.als import AlternatingLeastSquares
from ranx import Qrels, Run, evaluate
from rectools import metrics as rectools
from safetensors import safe_open
from scipy.sparse import csr_matrix
from scipy.stats import bootstrap, mannwhitneyu, permutation_test
from surprise import BaselineOnly, Dataset, Reader, accuracy
from surprise.prediction_algorithms.predictions import Prediction

folder = sys.argv[1]
out = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
answers = json.load(open(f"{folder}/answers.json"))
train, test = (pd.read_csv(f"{folder}/{part}.csv", dtype={"user": str, "item": str}) for part in ("train", "test"))
k, users, items, models = answers["k"], answers["users"], answers["items"], answers["models"]
user_of, item_of = ({id: index for index, id in enumerate(ids)} for ids in (users, items))
pairs = [(user_of[user], item_of[item]) for user, item in answers["pairs"]]

# A double has 16 digits, a float 7; the values of the models are floats.
DOUBLE, FLOAT = 1e-12, 1e-5


def check(name, library, ours, theirs, tolerance):
    """Prints the largest difference of two lists of numbers."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    difference = float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape and ours.size else float("inf")
    print(json.dumps({"name": name, "library": library, "difference": difference, "tolerance": tolerance}), file=out)


def sampling_error(p):
    """Five standard errors of the difference of two estimates of p. SciPy doubles the smaller side, which has the variance 2p − p²."""
    return 5 * float(np.sqrt((3 * p - 2 * p * p) / answers["resamples"]))


def ranking(name):
    model = models[name]
    of_user = dict(zip(users, model["lists"]))
    theirs = test.groupby("user")["item"].apply(set)
    ids, ours = model["users"], model["perUser"]

    qrels = Qrels({user: {item: 1 for item in theirs[user]} for user in ids})
    run = Run({user: {item: score for item, score in of_user[user]} for user in ids})
    for metric, other in [("ndcg", "ndcg"), ("hr", "hit_rate"), ("recall", "recall"), ("precision", "precision")]:
        found = evaluate(qrels, run, f"{other}@{k}", return_mean=False)
        check(f"{metric}@{k} of {name}, each user", "ranx", ours[f"{metric}@{k}"], in_order(found, run, ids), DOUBLE)
    # ranx divides by the number of test items, ours by that of places.
    sizes = np.array([len(theirs[user]) for user in ids])
    found = in_order(evaluate(qrels, run, f"map@{k}", return_mean=False), run, ids)
    check(f"map@{k} of {name}, each user", "ranx", ours[f"map@{k}"], found * sizes / np.minimum(sizes, k), DOUBLE)
    check(f"mrr of {name}, each user", "ranx", ours["mrr"], in_order(evaluate(qrels, run, "mrr", return_mean=False), run, ids), DOUBLE)

    lists = pd.DataFrame(
        [(user, item, rank) for user in ids for rank, (item, _) in enumerate(of_user[user], 1)],
        columns=["user_id", "item_id", "rank"],
    )
    held, known = (rows.rename(columns={"user": "user_id", "item": "item_id"}) for rows in (test, train))
    of_users = {
        f"ndcg@{k}": rectools.NDCG(k=k, divide_by_achievable=True),
        f"hr@{k}": rectools.HitRate(k=k),
        f"recall@{k}": rectools.Recall(k=k),
        f"precision@{k}": rectools.Precision(k=k),
        "mrr": rectools.MRR(k=len(items)),
    }
    for metric, other in of_users.items():
        found = other.calc_per_user(reco=lists, interactions=held).reindex(ids)
        check(f"{metric} of {name}, each user", "RecTools", ours[metric], found, DOUBLE)
    short = lists[lists["rank"] <= k]
    coverage = rectools.CatalogCoverage(k=k, normalize=True).calc(reco=short, catalog=items)
    check(f"coverage@{k} of {name}", "RecTools", model["values"][f"coverage@{k}"], coverage, DOUBLE)
    novelty = rectools.MeanInvUserFreq(k=k).calc(reco=short, prev_interactions=known)
    check(f"novelty@{k} of {name}", "RecTools", model["values"][f"novelty@{k}"], novelty, DOUBLE)
    listed = np.sort(np.bincount(short["item_id"].map(item_of), minlength=len(items)))
    gini = ((2 * np.arange(1, len(items) + 1) - len(items) - 1) * listed).sum() / (len(items) * listed.sum())
    check(f"gini@{k} of {name}", "NumPy", model["values"][f"gini@{k}"], gini, DOUBLE)

    areas = []
    for user in ids:
        scores = np.array([score for _, score in of_user[user]])
        wanted = np.array([item in theirs[user] for item, _ in of_user[user]])
        areas.append(mannwhitneyu(scores[wanted], scores[~wanted]).statistic / (wanted.sum() * (~wanted).sum()))
    check(f"auc of {name}, each user", "SciPy", ours["auc"], areas, DOUBLE)
    for metric in ours:
        check(f"{metric} of {name}, mean", "NumPy", model["values"][metric], np.mean(ours[metric]), DOUBLE)


def in_order(values, run, ids):
    """ranx returns the values of users in the order of its run."""
    place = {user: index for index, user in enumerate(run.keys())}
    return np.array([values[place[user]] for user in ids])


def ratings():
    reader = Reader(rating_scale=(train["rating"].min(), train["rating"].max()))
    rows = Dataset.load_from_df(train[["user", "item", "rating"]], reader).build_full_trainset()
    damping = models["bias"]["options"]["damping"]
    options = {"method": "als", "n_epochs": 10, "reg_i": damping, "reg_u": damping}
    baseline = BaselineOnly(bsl_options=options, verbose=False).fit(rows)
    found = [baseline.predict(user, item).est for user, item in answers["pairs"]]
    check("predictions of bias", "Surprise", models["bias"]["predictions"], found, FLOAT)
    predictions = baseline.test(list(test[["user", "item", "rating"]].itertuples(index=False, name=None)))
    for metric in ("rmse", "mae"):
        theirs = getattr(accuracy, metric)(predictions, verbose=False)
        check(f"{metric} of bias", "Surprise", models["bias"]["values"][metric], theirs, FLOAT)
    known = {pair: value for pair, value in zip(map(tuple, answers["pairs"]), models["biased-mf"]["predictions"])}
    of_pairs = [
        Prediction(user, item, rating, known[user, item], {})
        for user, item, rating in test[["user", "item", "rating"]].itertuples(index=False, name=None)
        if (user, item) in known
    ]
    rmse = np.sqrt(np.mean([(row.r_ui - row.est) ** 2 for row in of_pairs]))
    check("rmse of predictions of biased-mf", "Surprise", rmse, accuracy.rmse(of_pairs, verbose=False), DOUBLE)
    weights = np.array(models["biased-mf"]["rows"])
    for metric, power in [("rmse", 2), ("mae", 1)]:
        values = np.array(models["biased-mf"]["perUser"][metric]) ** power
        mean = np.average(values, weights=weights) ** (1 / power)
        check(f"{metric} of biased-mf from those of users", "NumPy", models["biased-mf"]["values"][metric], mean, DOUBLE)


def resampling():
    for name, metric in [("ials", f"ndcg@{k}"), ("ease", f"recall@{k}"), ("ials", "mrr")]:
        values = np.array(models[name]["perUser"][metric])
        ours = models[name]["intervals"][metric]
        found = bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", random_state=0, batch=1000)
        spread = values.std() / np.sqrt(len(values))
        theirs = found.confidence_interval
        # Ends of intervals differ by some hundredths of a standard error between resamples.
        check(f"interval of {metric} of {name}", "SciPy", [ours["low"], ours["high"]], [theirs.low, theirs.high], 0.1 * spread)
    weights, squares = np.array(models["bias"]["rows"]), np.array(models["bias"]["perUser"]["rmse"]) ** 2
    rng, ends = np.random.default_rng(0), models["bias"]["intervals"]["rmse"]
    drawn = rng.integers(0, len(weights), (20_000, len(weights)))
    resampled = np.sqrt((weights * squares)[drawn].sum(1) / weights[drawn].sum(1))
    check("interval of rmse of bias", "NumPy", [ends["low"], ends["high"]], np.quantile(resampled, [0.025, 0.975]), 0.1 * resampled.std())

    for metric in (f"ndcg@{k}", f"recall@{k}", "mrr", "auc"):
        differences = np.subtract(*(models[name]["perUser"][metric] for name in ("ials", "ease")))
        permutation_check(f"p of {metric}, ials and ease", differences, answers["tests"]["ranking"][metric])
    for metric, power in [("rmse", 2), ("mae", 1)]:
        pair = [np.array(models[name]["perUser"][metric]) ** power for name in ("bias", "biased-mf")]
        permutation_check(f"p of {metric}, bias and biased-mf", weights * (pair[0] - pair[1]), answers["tests"]["rating"][metric])


def permutation_check(name, differences, ours):
    found = permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=answers["resamples"], random_state=0, batch=1000
    )
    check(name, "SciPy", ours["p"], found.pvalue, sampling_error(ours["p"]))


def tensors(name):
    with safe_open(f"{folder}/{name}.safetensors", framework="np") as file:
        return {tensor: file.get_tensor(tensor) for tensor in file.keys()}


def files():
    u, i = np.array(pairs).T
    of = tensors("ials")
    found = (of["user_vectors"][u] * of["item_vectors"][i]).sum(1)
    check("scores of ials from its file", "safetensors", models["ials"]["predictions"], found, FLOAT)

    model = AlternatingLeastSquares(factors=of["user_vectors"].shape[1])
    model.user_factors, model.item_factors = of["user_vectors"], of["item_vectors"]
    ones = np.ones(len(train), dtype=np.float32)
    rows = (train["user"].map(user_of), train["item"].map(item_of))
    seen = csr_matrix((ones, rows), shape=(len(users), len(items)))
    lists, _ = model.recommend(np.arange(len(users)), seen, N=k)
    ours = [[item_of[item] for item, _ in some[:k]] for some in models["ials"]["lists"]]
    check("lists of ials from its file", "implicit", ours, lists, 0)

    options, q = models["ials"]["options"], of["item_vectors"].astype(float)
    indices = [item_of[row["item"]] for row in answers["folded"]["history"]]
    given = np.array([row["rating"] for row in answers["folded"]["history"]])
    weights = (1 + options["confidence"] * np.log1p(given)) * float(of["weight_scale"][0])
    trained = int((q != 0).any(1).sum())
    penalty = options["penalty"] * (len(given) + options["unobservedWeight"] * trained) ** options["penaltyExponent"]
    own = q[indices]
    a = own.T @ (weights[:, None] * own) + options["unobservedWeight"] * q.T @ q + penalty * np.eye(q.shape[1])
    scores = q @ np.linalg.solve(a, own.T @ weights)
    ours = {item: score for item, score in answers["folded"]["scores"]}
    check("scores of a new user of ials", "NumPy", [ours[item] for item in items if item in ours], scores[[item_of[item] for item in items if item in ours]], FLOAT)

    x = np.asarray(seen.todense(), dtype=float)
    p = np.linalg.inv(x.T @ x + models["ease"]["options"]["penalty"] * np.eye(len(items)))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    check("weights of ease", "NumPy", tensors("ease")["item_weights"], b, FLOAT)
    check("scores of ease", "NumPy", models["ease"]["predictions"], (x @ b)[u, i], 1e-4)

    of = tensors("biased-mf")
    found = of["mean"][0] + of["user_biases"][u] + of["item_biases"][i] + (of["user_factors"][u] * of["item_factors"][i]).sum(1)
    clipped = np.clip(found, train["rating"].min(), train["rating"].max())
    check("predictions of biased-mf from its file", "safetensors", models["biased-mf"]["predictions"], clipped, FLOAT)

    counts = np.bincount(train["item"].map(item_of), minlength=len(items))
    check("counts of pop", "NumPy", tensors("pop")["item_counts"], counts, 0)
    age = (train["timestamp"].max() - train["timestamp"]) / 86400
    sums = np.bincount(train["item"].map(item_of), 2 ** (-age / answers["halfLife"]), minlength=len(items))
    check("counts of pop with halfLife", "NumPy", tensors("pop-decay")["item_counts"], sums, FLOAT)


for name in ("ials", "ease"):
    ranking(name)
ratings()
resampling()
files()
