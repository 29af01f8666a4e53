"""AttRec in plain PyTorch: vectorized mini-batches with the same windows, projections, mask, hinge, ball and optimizer."""

import math

import numpy as np
import torch
from harness import run
from torch.nn.functional import embedding
from torch_ranking import Ranking


class PyTorch(Ranking):
    def __init__(self, job, train):
        super().__init__(job, train)
        inputs, targets, d = job.options.inputs, job.options.targets, job.options.factors
        order = np.lexsort((np.arange(len(train.users)), train.times, train.users))
        users, items = train.users[order], train.items[order]
        starts = np.searchsorted(users, np.arange(train.shape[0] + 1))
        self.sequences = [items[start:end] for start, end in zip(starts, starts[1:])]
        windows = [(u, k) for u, s in enumerate(self.sequences) for k in range(inputs, len(s) - targets + 1)]
        self.users = torch.tensor([u for u, _ in windows])
        self.inputs = torch.tensor(np.array([self.sequences[u][k - inputs : k] for u, k in windows]))
        self.targets = torch.tensor(np.array([self.sequences[u][k : k + targets] for u, k in windows]))
        tables = [self.table(rows) for rows in [train.shape[0], train.shape[1], train.shape[1], d, d]]
        self.users_table, self.long, self.short, self.query, self.key = tables
        self.optimize(tables, tables[:3])
        angles = torch.arange(inputs)[:, None] / 10000 ** (torch.arange(d) // 2 * 2 / d)
        self.signal = torch.where(torch.arange(d) % 2 == 0, angles.sin(), angles.cos())
        self.diagonal = torch.eye(inputs, dtype=torch.bool)

    def points(self, items):
        x = embedding(items, self.short)
        timed = x + self.signal
        query, key = torch.relu(timed @ self.query), torch.relu(timed @ self.key)
        scores = query @ key.transpose(1, 2) / math.sqrt(x.shape[2])
        return (torch.softmax(scores.masked_fill(self.diagonal, -torch.inf), 2) @ x).mean(1)

    def train_epoch(self):
        options = self.options
        for rows in torch.randperm(len(self.users)).split(options.batchSize):
            users, points = self.users[rows], self.points(self.inputs[rows])[:, None]
            vectors = embedding(users, self.users_table)[:, None]

            def distance(items):
                long = (vectors - embedding(items, self.long)).square().sum(2)
                short = (points - embedding(items, self.short)).square().sum(2)
                return options.longTerm * long + (1 - options.longTerm) * short

            negatives = self.negatives(users, options.targets)
            self.step((options.margin + distance(self.targets[rows]) - distance(negatives)).clamp(min=0).sum())

    @torch.no_grad()
    def scores(self, users):
        last = [self.sequences[user][-self.options.inputs :] for user in users]
        # Users with fewer items have no windows; here they are padded by their last item.
        last = np.array([np.pad(items, (self.options.inputs - len(items), 0), mode="edge") for items in last])
        long = torch.cdist(self.users_table[torch.from_numpy(users)], self.long).square()
        short = torch.cdist(self.points(torch.from_numpy(last)), self.short).square()
        return -(self.options.longTerm * long + (1 - self.options.longTerm) * short).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
