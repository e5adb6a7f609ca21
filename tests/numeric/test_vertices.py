"""Tokens that a linear head can be sure of: a polygon whose vertices are known."""

import math

import pytest
import torch

from numeric.vertices import exposing_directions, multiplicities

ANGLES = torch.arange(7, dtype=torch.float64) * 2 * math.pi / 7
POLYGON = torch.stack([ANGLES.cos(), ANGLES.sin()], dim=-1)
INSIDE = torch.tensor([[0.3, 0.1], [0.0, 0.0]], dtype=torch.float64)


def test_vertices_are_certified_and_inner_points_are_not():
    rows = torch.cat([POLYGON, INSIDE])
    states, found = exposing_directions(rows, torch.arange(9), rounds=200)
    assert found.tolist() == [True] * 7 + [False] * 2
    assert (states[:7] @ rows.T).argmax(-1).tolist() == list(range(7))


def test_flat_polygons_take_more_than_the_first_direction():
    rows = POLYGON * torch.tensor([100.0, 1.0], dtype=torch.float64)
    once, found = (exposing_directions(rows, torch.arange(7), rounds=n)[1] for n in (1, 5000))
    assert not once.all() and found.all()


def test_a_repeated_row_is_never_alone():
    rows = torch.cat([POLYGON, POLYGON[:1]])
    assert multiplicities(rows).tolist() == [2, *[1] * 6, 2]
    assert not exposing_directions(rows, torch.tensor([0, 7]), rounds=50)[1].any()
    assert exposing_directions(rows, torch.tensor([1]))[1].all()


@pytest.mark.parametrize(
    ("rows", "tokens", "says"),
    [
        (POLYGON[0], [0], r"expected a finite table \(V, d\)"),
        (POLYGON * math.nan, [0], "finite"),
        (POLYGON, [7], "tokens: expected numbers from 0 to 6"),
    ],
)
def test_bad_input_is_refused_in_words(rows, tokens, says):
    with pytest.raises(ValueError, match=says):
        exposing_directions(rows, torch.tensor(tokens))
