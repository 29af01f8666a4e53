"""The base of the PyTorch peers of ranking models: positives, sampled negatives, Adagrad, and the ball of the embeddings.

Negatives that are positives are sampled again, with a table of all pairs: the data is small enough.
"""

import math

import numpy as np
import torch


class Ranking:
    """A peer sets its tables with `optimize`, and calls `step` for each batch."""

    def __init__(self, job, train):
        torch.set_num_threads(job.threads)
        torch.manual_seed(job.seed)
        self.options, self.shape = job.options, train.shape
        self.pairs = torch.from_numpy(np.stack([train.users, train.items], 1))
        self.positives = torch.zeros(train.shape, dtype=torch.bool)
        self.positives[self.pairs[:, 0], self.pairs[:, 1]] = True

    def table(self, rows, norm=1):
        """A table of random rows with about this norm."""
        d = self.options.factors
        return (torch.randn(rows, d) * norm / math.sqrt(d)).requires_grad_()

    def optimize(self, tables, clipped):
        """Trains `tables`; the rows of `clipped` stay in the ball."""
        self.clipped = clipped
        options = {"lr": self.options.learningRate, "initial_accumulator_value": self.options.initialAccumulator}
        self.optimizer = torch.optim.Adagrad(tables, **options)

    def negatives(self, users, count):
        """Items that the users have not interacted with: (users, count)."""
        sampled = torch.randint(self.shape[1], (len(users), count))
        while (again := self.positives[users[:, None], sampled]).any():
            sampled[again] = torch.randint(self.shape[1], (int(again.sum()),))
        return sampled

    def step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.clip()

    @torch.no_grad()
    def clip(self):
        for table in self.clipped:
            table *= (self.options.radius / table.norm(dim=1, keepdim=True)).clamp(max=1)
