"""CML in plain PyTorch: vectorised mini-batches, `embedding` look-ups, the same triplets, weights, penalty and optimiser.

Negatives that are positives are drawn again by a table of all pairs, which small data affords.
"""

import math

import numpy as np
import torch
from harness import run
from torch.nn.functional import embedding


class PyTorch:
    def __init__(self, job, train):
        torch.set_num_threads(job.threads)
        torch.manual_seed(job.seed)
        self.options, self.shape = job.options, train.shape
        self.pairs = torch.from_numpy(np.stack([train.users, train.items], 1))
        self.had = torch.zeros(train.shape, dtype=torch.bool)
        self.had[self.pairs[:, 0], self.pairs[:, 1]] = True
        deviation = 1 / math.sqrt(job.options.factors)
        self.tables = [(torch.randn(rows, job.options.factors) * deviation).requires_grad_() for rows in train.shape]
        options = {"lr": job.options.learningRate, "initial_accumulator_value": job.options.initialAccumulator}
        self.optimizer = torch.optim.Adagrad(self.tables, **options)

    def draw(self, users):
        size = (len(users), self.options.negatives)
        drawn = torch.randint(self.shape[1], size)
        while (again := self.had[users[:, None], drawn]).any():
            drawn[again] = torch.randint(self.shape[1], (int(again.sum()),))
        return drawn

    def train_epoch(self):
        options = self.options
        for rows in torch.randperm(len(self.pairs)).split(options.batchSize):
            users, items = self.pairs[rows].T
            negatives = self.draw(users)
            u, v, k = embedding(users, self.tables[0]), embedding(items, self.tables[1]), embedding(negatives, self.tables[1])
            near, far = (u - v).square().sum(1), (u[:, None] - k).square().sum(2)
            impostors = (options.margin + near[:, None] - far.detach() > 0).sum(1)
            weights = torch.log1p(torch.div(self.shape[1] * impostors, options.negatives, rounding_mode="floor"))
            hardest, place = far.min(1)
            loss = (weights.detach() * (options.margin + near - hardest).clamp(min=0)).sum()
            if options.covarianceWeight:
                points = torch.cat([u, v, k[torch.arange(len(k)), place]])
                points = points - points.mean(0)
                covariance = points.T @ points / len(points)
                off = covariance - torch.diag(torch.diag(covariance))
                loss = loss + options.covarianceWeight * off.square().sum() / len(points)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            with torch.no_grad():
                for table in self.tables:
                    table *= (options.radius / table.norm(dim=1, keepdim=True)).clamp(max=1)

    @torch.no_grad()
    def scores(self, users):
        return -torch.cdist(self.tables[0][torch.from_numpy(users)], self.tables[1]).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
