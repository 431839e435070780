from __future__ import annotations

import numpy as np
import pytest

from tests.training.test_export import shipped
from training.export import check
from training.mix import mix


def weights(seed: int) -> dict[str, np.ndarray]:
    """Weights of the shapes of the shipped ones."""
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(one.shape).astype(np.float32) for name, one in shipped().items()}


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_every_weight_lies_between(share: float) -> None:
    one, other = weights(1), weights(2)
    mixed = mix(one, share, other)
    check(mixed)
    for name, weight in mixed.items():
        np.testing.assert_allclose(
            weight, share * one[name] + (1 - share) * other[name], rtol=1e-5, atol=1e-6
        )


def test_networks_of_other_shapes_are_refused() -> None:
    one, other = weights(1), weights(2)
    other["bn"] = other["bn"][:-1]
    with pytest.raises(ValueError, match="shapes"):
        mix(one, 0.5, other)
