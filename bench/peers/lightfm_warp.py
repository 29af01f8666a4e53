"""LightFM's WARP: per-pair SGD with AdaGrad in Cython, negatives drawn until one is ranked above the pair.

Another algorithm than CML: inner products and biases, and up to `negatives` draws a pair. Racy with more than one thread.
"""

import lightfm
import numpy as np
from harness import run
from lightfm import LightFM
from scipy.sparse import coo_matrix


class WARP:
    def __init__(self, job, train):
        options = job.options
        self.threads = job.threads
        ones = np.ones(len(train.users), dtype=np.float32)
        self.rows = coo_matrix((ones, (train.users, train.items)), shape=train.shape, dtype=np.float32)
        self.model = LightFM(
            no_components=options.factors,
            loss="warp",
            max_sampled=options.negatives,
            random_state=job.seed,
        )

    def train_epoch(self):
        self.model.fit_partial(self.rows, epochs=1, num_threads=self.threads)

    def scores(self, users):
        (user_biases, user_vectors), (item_biases, item_vectors) = [
            self.model.get_user_representations(),
            self.model.get_item_representations(),
        ]
        return user_vectors[users] @ item_vectors.T + user_biases[users, None] + item_biases


run(WARP, f"LightFM {lightfm.__version__}")
