"""implicit's ALS (Hu, Koren, Volinsky 2008) on the same positives: in C++ with OpenBLAS, with its exact solver or its conjugate gradient.

Where it differs: a positive has the weight c toward 1 in place of the other pairs' weight, rather than added to it; L2
regularization is the same for all users and items. With `unobservedWeight` α, `c` is 1 + 1/α and the L2 regularization λ/α times
the mean of our weights of a row, so that both minimize nearly the same objective. Conjugate gradient takes implicit's three steps.
"""

import os

# One thread is one thread: implicit's own loops are limited by its option, those of OpenBLAS only here.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import implicit
import numpy as np
from harness import run
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix


class ALS:
    def __init__(self, job, train):
        self.job, self.shape = job, train.shape
        weights = confidence(job.options, train.ratings)
        self.positives = csr_matrix((weights, (train.users, train.items)), shape=train.shape, dtype=np.float32)

    def fit(self, epochs, after_epoch=None):
        options = self.job.options
        self.model = AlternatingLeastSquares(
            factors=options.factors,
            regularization=regularization(options, self.positives),
            alpha=1 / options.unobservedWeight,
            iterations=epochs,
            use_cg=getattr(self.job, "cg", False),
            num_threads=self.job.threads,
            random_state=self.job.seed,
        )
        self.model.fit(self.positives, show_progress=False, callback=after_epoch)

    def scores(self, users):
        return self.model.user_factors[users] @ self.model.item_factors.T


def confidence(options, ratings):
    """The weights of the positives, with the mean 1."""
    weighting = getattr(options, "weighting", "none")
    factor = getattr(options, "confidence", 1)
    weights = {
        "none": np.ones_like(ratings),
        "linear": 1 + factor * ratings,
        "log": 1 + factor * np.log1p(ratings),
    }[weighting]
    return weights / weights.mean()


def regularization(options, positives):
    """λ (pairs of a row)^ν / α, averaged over users and items."""
    alpha, exponent = options.unobservedWeight, options.penaltyExponent
    counts = [np.diff(side.indptr) + alpha * side.shape[1] for side in (positives, positives.T.tocsr())]
    return float(options.penalty * np.mean(np.concatenate(counts) ** exponent) / alpha)


if __name__ == "__main__":
    run(ALS, f"implicit {implicit.__version__}")
