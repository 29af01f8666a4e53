"""Biased MF in plain PyTorch: vectorised mini-batches, sparse gradients, the same formula, step and penalties.

The loss is summed over a batch, so a rating moves its rows as far as in per-rating SGD. Of batch sizes that keep its
error, the fastest was taken.
"""

import torch
from harness import initial, run
from torch.nn.functional import embedding

BATCH = 4096


class PyTorch:
    def __init__(self, job, train):
        torch.set_num_threads(job.threads)
        torch.manual_seed(job.seed)
        self.options = job.options
        self.users, self.items = torch.from_numpy(train.users), torch.from_numpy(train.items)
        self.mean = float(train.ratings.mean())
        self.targets = torch.from_numpy(train.ratings) - self.mean
        vectors = [torch.from_numpy(table) for table in initial(train, job.options, job.seed)]
        biases = [torch.zeros(rows, 1) for rows in train.shape]
        self.tables = [table.requires_grad_() for table in vectors + biases]
        self.optimizer = torch.optim.SGD(self.tables, lr=job.options.learningRate)

    def train_epoch(self):
        options = self.options
        for rows in torch.randperm(len(self.targets)).split(BATCH):
            users, items = self.users[rows], self.items[rows]
            p, q, b, c = self.look_up(users, items)
            errors = self.targets[rows] - self.formula(p, q, b, c)
            squares = [part.square().sum() for part in (errors, p, q, b, c)]
            penalties = options.penalty * (squares[1] + squares[2]) + options.biasPenalty * (squares[3] + squares[4])
            loss = 0.5 * (squares[0] + penalties)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    def look_up(self, users, items):
        return [embedding(ids, table, sparse=True) for ids, table in zip((users, items) * 2, self.tables)]

    @staticmethod
    def formula(p, q, b, c):
        return (p * q).sum(1) + (b + c).squeeze(1)

    @torch.no_grad()
    def predict(self, users, items):
        parts = self.look_up(torch.from_numpy(users), torch.from_numpy(items))
        return (self.mean + self.formula(*parts)).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
