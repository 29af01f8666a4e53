"""LRML in plain PyTorch: vectorized mini-batches with the same relations, hinge, ball and optimizer."""

import torch
from harness import run
from torch.nn.functional import embedding
from torch_ranking import Ranking


class PyTorch(Ranking):
    def __init__(self, job, train):
        super().__init__(job, train)
        slots, norms = job.options.slots, [1, 1, job.options.initialKeyLength, job.options.initialMemoryLength]
        tables = [self.table(rows, norm) for rows, norm in zip([*train.shape, slots, slots], norms)]
        self.users, self.items, self.keys, self.memory = tables
        self.optimize(tables, tables[:2])
        self.clip()

    def relation(self, products):
        return torch.softmax(products @ self.keys.T, -1) @ self.memory

    def train_epoch(self):
        for rows in torch.randperm(len(self.pairs)).split(self.options.batchSize):
            users, items = self.pairs[rows].T
            negatives = self.negatives(users, 1)[:, 0]
            p, q, other = embedding(users, self.users), embedding(items, self.items), embedding(negatives, self.items)
            translated = p + self.relation(p * q)
            positive, negative = ((translated - v).square().sum(1).add(1e-3).sqrt() for v in (q, other))
            self.step((self.options.margin + positive - negative).clamp(min=0).sum())

    @torch.no_grad()
    def scores(self, users):
        users = self.users[torch.from_numpy(users)]
        scores = [-(p + self.relation(p * self.items) - self.items).square().sum(1).add(1e-3).sqrt() for p in users]
        return torch.stack(scores).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
