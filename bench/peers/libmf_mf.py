"""LIBMF: per-rating AdaGrad on vectors alone, without biases or a mean, in blocks on several threads.

Its method is another, so are its step and penalty: .1 each. Built with the flags of its own Makefile (see setup.mjs);
without them it computes without SIMD.
"""

import importlib.metadata

import numpy as np
from harness import run
from libmf import mf


class Libmf:
    def __init__(self, job, train):
        self.job, self.mean = job, float(train.ratings.mean())
        self.rows = np.column_stack([train.users, train.items, train.ratings]).astype(np.float32)

    def fit(self, epochs):
        self.model = mf.MF(
            k=self.job.options.factors,
            nr_threads=self.job.threads,
            # At least twice the threads and one, says LIBMF; its own default for twelve is 26.
            nr_bins=max(20, 2 * self.job.threads + 1),
            nr_iters=epochs,
            lambda_p1=0.0,
            lambda_p2=0.1,
            lambda_q1=0.0,
            lambda_q2=0.1,
            eta=0.1,
            quiet=True,
        )
        self.model.fit(self.rows)

    def predict(self, users, items):
        # Its own predict takes columns for rows. A user or item without ratings has no vector: the mean is all there is.
        tables = self.model.p_factors(), self.model.q_factors()
        known = (users < len(tables[0])) & (items < len(tables[1]))
        predictions = np.full(len(users), np.nan, np.float32)
        predictions[known] = np.einsum("nd,nd->n", tables[0][users[known]], tables[1][items[known]])
        return np.nan_to_num(predictions, nan=self.mean)


run(Libmf, f"LIBMF {importlib.metadata.version('libmf')}")
