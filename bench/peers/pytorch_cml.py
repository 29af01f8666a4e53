"""CML in plain PyTorch: vectorized mini-batches with the same triplets, weights, covariance loss and optimizer."""

import torch
from harness import run
from torch.nn.functional import embedding
from torch_ranking import Ranking


class PyTorch(Ranking):
    def __init__(self, job, train):
        super().__init__(job, train)
        self.tables = [self.table(rows) for rows in train.shape]
        self.optimize(self.tables, self.tables)

    def train_epoch(self):
        options = self.options
        for rows in torch.randperm(len(self.pairs)).split(options.batchSize):
            users, items = self.pairs[rows].T
            negatives = self.negatives(users, options.negatives)
            u, v, k = embedding(users, self.tables[0]), embedding(items, self.tables[1]), embedding(negatives, self.tables[1])
            positive, negative = (u - v).square().sum(1), (u[:, None] - k).square().sum(2)
            impostors = (options.margin + positive[:, None] - negative.detach() > 0).sum(1)
            weights = torch.log1p(torch.div(self.shape[1] * impostors, options.negatives, rounding_mode="floor"))
            hardest, index = negative.min(1)
            loss = (weights.detach() * (options.margin + positive - hardest).clamp(min=0)).sum()
            if options.covarianceWeight:
                points = torch.cat([u, v, k[torch.arange(len(k)), index]])
                points = points - points.mean(0)
                covariance = points.T @ points / len(points)
                off = covariance - torch.diag(torch.diag(covariance))
                loss = loss + options.covarianceWeight * off.square().sum() / len(points)
            self.step(loss)

    @torch.no_grad()
    def scores(self, users):
        return -torch.cdist(self.tables[0][torch.from_numpy(users)], self.tables[1]).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
