"""Surprise's SVD: per-rating SGD in Cython on 64-bit floats, over the rows user by user. Uses one thread."""

import numpy as np
import surprise
from harness import run
from surprise.trainset import Trainset


class Surprise:
    def __init__(self, job, train):
        self.job = job
        # The training set as Dataset.construct_trainset would make it.
        by_user, by_item = ([[] for _ in range(count)] for count in train.shape)
        for user, item, rating in zip(train.users.tolist(), train.items.tolist(), train.ratings.tolist()):
            by_user[user].append((item, rating))
            by_item[item].append((user, rating))
        ids = [{key: key for key in range(count)} for count in train.shape]
        users, items = dict(enumerate(by_user)), dict(enumerate(by_item))
        self.data = Trainset(users, items, *train.shape, len(train.ratings), (1, 5), *ids)

    def fit(self, epochs):
        options = self.job.options
        self.model = surprise.SVD(
            n_factors=options.factors,
            n_epochs=epochs,
            init_std_dev=options.initialDeviation,
            lr_all=options.learningRate,
            reg_all=options.penalty,
            random_state=self.job.seed,
        ).fit(self.data)

    def predict(self, users, items):
        model = self.model
        products = np.einsum("nd,nd->n", model.pu[users], model.qi[items])
        return self.data.global_mean + model.bu[users] + model.bi[items] + products


run(Surprise, f"Surprise {surprise.__version__}")
