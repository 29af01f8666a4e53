"""AttRec in plain PyTorch: vectorised mini-batches, `embedding` look-ups, the same windows, projections, mask, hinge, ball and
optimiser.

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
        inputs, targets, d = job.options.inputs, job.options.targets, job.options.factors
        order = np.lexsort((np.arange(len(train.users)), train.times, train.users))
        users, items = train.users[order], train.items[order]
        starts = np.searchsorted(users, np.arange(train.shape[0] + 1))
        self.sequences = [items[start:end] for start, end in zip(starts, starts[1:])]
        places = [(u, k) for u, s in enumerate(self.sequences) for k in range(inputs, len(s) - targets + 1)]
        self.users = torch.tensor([u for u, _ in places])
        self.inputs = torch.tensor(np.array([self.sequences[u][k - inputs : k] for u, k in places]))
        self.targets = torch.tensor(np.array([self.sequences[u][k : k + targets] for u, k in places]))
        self.had = torch.zeros(train.shape, dtype=torch.bool)
        self.had[torch.from_numpy(train.users), torch.from_numpy(train.items)] = True
        drawn = lambda rows: (torch.randn(rows, d) / math.sqrt(d)).requires_grad_()
        sizes = [train.shape[0], train.shape[1], train.shape[1], d, d]
        self.users_table, self.long, self.short, self.query, self.key = self.tables = [drawn(rows) for rows in sizes]
        angles = torch.arange(inputs)[:, None] / 10000 ** (torch.arange(d) // 2 * 2 / d)
        self.signal = torch.where(torch.arange(d) % 2 == 0, angles.sin(), angles.cos())
        self.diagonal = torch.eye(inputs, dtype=torch.bool)
        options = {"lr": job.options.learningRate, "initial_accumulator_value": job.options.initialAccumulator}
        self.optimizer = torch.optim.Adagrad(self.tables, **options)

    def points(self, items):
        x = embedding(items, self.short)
        timed = x + self.signal
        query, key = torch.relu(timed @ self.query), torch.relu(timed @ self.key)
        scores = query @ key.transpose(1, 2) / math.sqrt(x.shape[2])
        return (torch.softmax(scores.masked_fill(self.diagonal, -torch.inf), 2) @ x).mean(1)

    def draw(self, users):
        drawn = torch.randint(self.shape[1], (len(users), self.options.targets))
        while (again := self.had[users[:, None], drawn]).any():
            drawn[again] = torch.randint(self.shape[1], (int(again.sum()),))
        return drawn

    def train_epoch(self):
        options = self.options
        for rows in torch.randperm(len(self.users)).split(options.batchSize):
            users, points = self.users[rows], self.points(self.inputs[rows])[:, None]
            people = embedding(users, self.users_table)[:, None]

            def far(items):
                long = (people - embedding(items, self.long)).square().sum(2)
                short = (points - embedding(items, self.short)).square().sum(2)
                return options.longTerm * long + (1 - options.longTerm) * short

            negatives = self.draw(users)
            loss = (options.margin + far(self.targets[rows]) - far(negatives)).clamp(min=0).sum()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            with torch.no_grad():
                for table in self.tables[:3]:
                    table *= (options.radius / table.norm(dim=1, keepdim=True)).clamp(max=1)

    @torch.no_grad()
    def scores(self, users):
        last = [self.sequences[user][-self.options.inputs :] for user in users]
        # Whoever has fewer items is not in the windows either; here they are padded by their last.
        last = np.array([np.pad(items, (self.options.inputs - len(items), 0), mode="edge") for items in last])
        long = torch.cdist(self.users_table[torch.from_numpy(users)], self.long).square()
        short = torch.cdist(self.points(torch.from_numpy(last)), self.short).square()
        return -(self.options.longTerm * long + (1 - self.options.longTerm) * short).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
