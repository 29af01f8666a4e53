"""LRML in plain PyTorch: vectorised mini-batches, `embedding` look-ups, the same relations, hinge, ball and optimiser.

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
        d, slots = job.options.factors, job.options.slots
        lengths = [1, 1, job.options.initialKeyLength, job.options.initialMemoryLength]
        drawn = lambda rows, length: (torch.randn(rows, d) * length / math.sqrt(d)).requires_grad_()
        tables = [drawn(rows, length) for rows, length in zip([*train.shape, slots, slots], lengths)]
        self.users, self.items, self.keys, self.memory = self.tables = tables
        self.clip()
        options = {"lr": job.options.learningRate, "initial_accumulator_value": job.options.initialAccumulator}
        self.optimizer = torch.optim.Adagrad(self.tables, **options)

    @torch.no_grad()
    def clip(self):
        for table in self.tables[:2]:
            table *= (self.options.radius / table.norm(dim=1, keepdim=True)).clamp(max=1)

    def draw(self, users):
        drawn = torch.randint(self.shape[1], users.shape)
        while (again := self.had[users, drawn]).any():
            drawn[again] = torch.randint(self.shape[1], (int(again.sum()),))
        return drawn

    def relation(self, products):
        return torch.softmax(products @ self.keys.T, -1) @ self.memory

    def train_epoch(self):
        for rows in torch.randperm(len(self.pairs)).split(self.options.batchSize):
            users, items = self.pairs[rows].T
            p, q, other = embedding(users, self.users), embedding(items, self.items), embedding(self.draw(users), self.items)
            moved = p + self.relation(p * q)
            near, far = ((moved - v).square().sum(1).add(1e-3).sqrt() for v in (q, other))
            loss = (self.options.margin + near - far).clamp(min=0).sum()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.clip()

    @torch.no_grad()
    def scores(self, users):
        people = self.users[torch.from_numpy(users)]
        scores = [-(p + self.relation(p * self.items) - self.items).square().sum(1).add(1e-3).sqrt() for p in people]
        return torch.stack(scores).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
