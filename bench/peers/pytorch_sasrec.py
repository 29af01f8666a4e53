"""SASRec in plain PyTorch: padded mini-batches with the same segments, layers, full cross-entropy and Adam.

Where it differs: embeddings of items are updated in every mini-batch, with moments that decay, and the mask of attention is PyTorch's own.
"""

import math

import numpy as np
import torch
from harness import run
from torch.nn import functional as F


class PyTorch:
    def __init__(self, job, train):
        torch.set_num_threads(job.threads)
        torch.manual_seed(job.seed)
        self.options, (users, self.count) = job.options, train.shape
        order = np.lexsort((np.arange(len(train.users)), train.times, train.users))
        items, starts = train.items[order], np.searchsorted(train.users[order], np.arange(users + 1))
        # The start of a history is the item after the last, and padding the one after it.
        self.sequences = [[self.count, *items[start:end].tolist()] for start, end in zip(starts, starts[1:])]
        length, segments = self.options.length, []
        for sequence in self.sequences:
            end = len(sequence)
            while end > 1:
                begin = max(1, end - length)
                segments.append((sequence[begin - 1 : end - 1], sequence[begin:end]))
                end = begin
        self.lengths = torch.tensor([len(inputs) for inputs, _ in segments])
        self.inputs = torch.stack([self.padded(inputs, self.count + 1) for inputs, _ in segments])
        self.targets = torch.stack([self.padded(targets, -1) for _, targets in segments])
        d = self.options.factors

        def normal(*shape):
            return (torch.randn(*shape) / math.sqrt(d)).requires_grad_()

        def filled(value):
            return torch.full((d,), value).requires_grad_()

        self.items, self.start, self.positions = normal(self.count, d), normal(1, d), torch.zeros(length, d, requires_grad=True)
        self.blocks = [
            [normal(3 * d, d), *(normal(d, d) for _ in range(3)), *(filled(x) for x in (0.0, 0.0, 1.0, 0.0, 1.0, 0.0))]
            for _ in range(self.options.blocks)
        ]
        self.last = [filled(1.0), filled(0.0)]
        parameters = [self.items, self.start, self.positions, *self.last, *(w for block in self.blocks for w in block)]
        self.optimizer = torch.optim.Adam(parameters, lr=self.options.learningRate)

    def padded(self, values, padding):
        return torch.tensor(values + [padding] * (self.options.length - len(values)))

    def outputs(self, inputs, training):
        options, (count, t) = self.options, inputs.shape
        d, heads = options.factors, options.heads
        vectors = torch.cat([self.items, self.start, torch.zeros(1, d)])
        x = F.dropout(F.embedding(inputs, vectors) + self.positions[:t], options.dropout, training)
        for qkv, output, w1, w2, b1, b2, gain1, bias1, gain2, bias2 in self.blocks:
            parts = F.linear(F.layer_norm(x, (d,), gain1, bias1), qkv).chunk(3, 2)
            query, key, value = (part.view(count, t, heads, -1).transpose(1, 2) for part in parts)
            attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
            attended = attended.transpose(1, 2).reshape(count, t, d)
            x = x + F.dropout(F.linear(attended, output), options.dropout, training)
            hidden = F.relu(F.linear(F.layer_norm(x, (d,), gain2, bias2), w1, b1))
            x = x + F.dropout(F.linear(hidden, w2, b2), options.dropout, training)
        return F.layer_norm(x, (d,), *self.last)

    def train_epoch(self):
        for rows in torch.randperm(len(self.inputs)).split(self.options.batchSize):
            longest = int(self.lengths[rows].max())
            targets = self.targets[rows, :longest]
            outputs = self.outputs(self.inputs[rows, :longest], True)[targets >= 0]
            loss = F.cross_entropy(outputs @ self.items.T, targets[targets >= 0])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def scores(self, users):
        last = [self.sequences[user][-self.options.length :] for user in users]
        inputs = torch.stack([self.padded(items, self.count + 1) for items in last])
        ends = torch.tensor([len(items) - 1 for items in last])
        return (self.outputs(inputs, False)[torch.arange(len(last)), ends] @ self.items.T).numpy()


run(PyTorch, f"PyTorch {torch.__version__}")
