"""The recipe of *Dive into Deep Learning* 16.3 in PyTorch: biased MF without a mean, Adam on mini-batches.

All its settings are its own: 30 factors, learning rate .002, weight decay 1e-5, batches of 512, Normal(0, .01).
"""

import torch
from harness import run
from torch.nn import Embedding, Module
from torch.nn.functional import mse_loss


class Factors(Module):
    def __init__(self, users, items, factors=30):
        super().__init__()
        self.tables = torch.nn.ModuleList(
            [Embedding(users, factors), Embedding(items, factors), Embedding(users, 1), Embedding(items, 1)]
        )
        for table in self.tables:
            torch.nn.init.normal_(table.weight, std=0.01)

    def forward(self, users, items):
        p, q, b, c = (table(ids) for table, ids in zip(self.tables, (users, items) * 2))
        return (p * q).sum(1) + (b + c).squeeze(1)


class PyTorch:
    def __init__(self, job, train):
        torch.set_num_threads(job.threads)
        torch.manual_seed(job.seed)
        self.columns = [torch.from_numpy(column) for column in (train.users, train.items, train.ratings)]
        self.model = Factors(*train.shape)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.002, weight_decay=1e-5)

    def train_epoch(self):
        for rows in torch.randperm(len(self.columns[2])).split(512):
            users, items, ratings = (column[rows] for column in self.columns)
            loss = mse_loss(self.model(users, items), ratings)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def predict(self, users, items):
        return self.model(torch.from_numpy(users), torch.from_numpy(items)).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
