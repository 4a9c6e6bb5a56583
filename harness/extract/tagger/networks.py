"""Networks that label, by PyTorch: linear and BiLSTM, over hashed features."""

from __future__ import annotations

import pickle  # only for the name of what PyTorch raises
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from harness.errors import HarnessError, Problem
from harness.extract.tagger.tagger_model import Chances, ModelKind
from harness.extract.tagger.text_features import Features

BUCKETS: Final = 1 << 17
"""Features are hashed to so many numbers; a network that was trained with others is refused."""
WIDTH: Final = 64
"""Of what a BiLSTM sees of a line, and of its state in each direction."""

Layers: TypeAlias = dict[str, Any]
"""PyTorch's modules by name: `bag`, and for a BiLSTM `lstm` and `out`."""


def require_torch() -> Any:  # noqa: ANN401  # a module, and not always there
    """Return PyTorch, on one thread. Raises HarnessError where it is not installed."""
    try:
        import torch  # noqa: PLC0415  # optional, and slow to import
    except ImportError:
        hint = "install torch, the CPU build is enough; perceptron and crf need none"
        raise HarnessError(Problem("a network needs PyTorch", "no-torch", hint=hint)) from None
    torch.set_num_threads(1)
    return torch


@dataclass(frozen=True, slots=True)
class Network:
    """A network of PyTorch; its layers are plain, so that weights load without code."""

    kind: ModelKind
    layers: Layers
    is_set: bool

    def chances(self, positions: Sequence[Features]) -> list[Chances]:
        """Return the probabilities at each position."""
        if not positions:
            return []
        torch = require_torch()
        with torch.no_grad():
            return [tuple(row) for row in self.forward([hashed(positions)]).tolist()]

    def forward(self, texts: Sequence[Sequence[Sequence[int]]], drop: Any = None) -> Any:  # noqa: ANN401
        """Return probabilities of texts, one below the other: a tensor (positions, labels).

        The features of all go through one call: each has a gradient as large as the table.
        """
        torch = require_torch()
        bags = [bag for text in texts for bag in text]
        flat = torch.tensor([number for bag in bags for number in bag])
        sizes = torch.tensor([0, *(len(bag) for bag in bags[:-1])])
        embedded = self.layers["bag"](flat, sizes.cumsum(0))
        if "lstm" in self.layers:
            embedded = torch.tanh(embedded)
            embedded = drop(embedded) if drop is not None else embedded
            parts = embedded.split([len(text) for text in texts])
            state = torch.cat([self.layers["lstm"](part.unsqueeze(0))[0][0] for part in parts])
            state = drop(state) if drop is not None else state
            embedded = self.layers["out"](state)
        return torch.sigmoid(embedded) if self.is_set else torch.softmax(embedded, 1)

    def parameters(self) -> list[Any]:
        """Return everything that training changes."""
        return [one for layer in self.layers.values() for one in layer.parameters()]

    def state(self) -> dict[str, Any]:
        """Return the weights by layer and name."""
        return {
            f"{name}.{key}": value.detach().clone()
            for name, layer in self.layers.items()
            for key, value in layer.state_dict().items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take weights over. Raises KeyError or RuntimeError if they are not of such a network."""
        for name, layer in self.layers.items():
            layer.load_state_dict({key: state[f"{name}.{key}"] for key in layer.state_dict()})


def new_network(kind: ModelKind, labels: int, *, is_set: bool) -> Network:
    """Return a network that has learnt nothing; its first weights are by PyTorch's seed."""
    nn = require_torch().nn
    if kind == "linear":
        bag = nn.EmbeddingBag(BUCKETS, labels, mode="sum")
        nn.init.zeros_(bag.weight)
        return Network(kind, {"bag": bag}, is_set)
    bag = nn.EmbeddingBag(BUCKETS, WIDTH, mode="sum")
    nn.init.normal_(bag.weight, std=0.1)
    lstm = nn.LSTM(WIDTH, WIDTH, bidirectional=True, batch_first=True)
    return Network(kind, {"bag": bag, "lstm": lstm, "out": nn.Linear(2 * WIDTH, labels)}, is_set)


def hashed(positions: Sequence[Features]) -> list[list[int]]:
    """Return features as numbers, the same on every machine."""
    return [[zlib.crc32(one.encode()) % BUCKETS for one in features] for features in positions]


def save_network(network: Network, file: Path) -> None:
    """Write the weights."""
    require_torch().save(network.state(), file)


def load_network(file: Path, kind: ModelKind, labels: int, *, is_set: bool) -> Network:
    """Return a stored network: tensors alone are read, never code.

    Raises ValueError if the file holds none, or one of other sizes.
    """
    torch = require_torch()
    network = new_network(kind, labels, is_set=is_set)
    try:
        network.restore(torch.load(file, weights_only=True, map_location="cpu"))
    except (RuntimeError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise ValueError(str(error).splitlines()[0]) from None
    return network
