"""Cornac's MF: per-rating SGD in Cython, over the rows in the order given. Racy with more than one thread."""

import cornac
import numpy as np
from cornac.models import MF
from harness import initial, run


class Cornac:
    def __init__(self, job, train):
        self.job, self.train = job, train
        # The data set as Dataset.from_uir would make it, without a loop over millions of tuples in Python.
        ids = [{str(key): key for key in range(count)} for count in train.shape]
        columns = (train.users.astype(np.int64), train.items.astype(np.int64), train.ratings.astype(np.float64))
        self.data = cornac.data.Dataset(*train.shape, *ids, columns, seed=job.seed)

    def fit(self, epochs):
        options = self.job.options
        users, items = initial(self.train, options, self.job.seed)
        self.model = MF(
            k=options.factors,
            max_iter=epochs,
            learning_rate=options.learningRate,
            lambda_reg=options.penalty,
            num_threads=self.job.threads,
            init_params={"U": users, "V": items},
        ).fit(self.data)

    def predict(self, users, items):
        model = self.model
        products = np.einsum("nd,nd->n", model.u_factors[users], model.i_factors[items])
        return model.global_mean + model.u_biases[users] + model.i_biases[items] + products


run(Cornac, f"Cornac {cornac.__version__}")
