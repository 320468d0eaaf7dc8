"""Nearest images: what subtracting pixel by pixel finds, by matrix products."""

import numpy as np
import pytest

from draw_core.measure import neighbours
from draw_core.measure.neighbours import nearest


def _images(count: int, seed: int, most: int = 256, shape=(2, 3, 4)) -> np.ndarray:
    return np.random.default_rng(seed).integers(most, size=(count, *shape), dtype=np.uint8)


def _brute_force(queries: np.ndarray, images: np.ndarray, k: int):
    indices, distances = [], []
    for query in queries.astype(np.int64):
        squares = [int(((query - image) ** 2).sum()) for image in images.astype(np.int64)]
        order = sorted(range(len(images)), key=lambda i: (squares[i], i))[:k]
        indices.append(order)
        distances.append([squares[i] ** 0.5 / 255 for i in order])
    return np.array(indices), np.array(distances)


# One chunk for all; chunks with a short last one; chunks no larger than k.
@pytest.mark.parametrize("chunk_bytes", [64 << 20, 8 * 24 * 7, 1])
def test_it_finds_what_subtraction_finds(monkeypatch, chunk_bytes):
    monkeypatch.setattr(neighbours, "_CHUNK_BYTES", chunk_bytes)
    queries, images = _images(5, 0), _images(50, 1)
    found = nearest(queries, images, 4)
    indices, distances = _brute_force(queries, images, 4)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-14)


@pytest.mark.parametrize("chunk_bytes", [64 << 20, 8 * 24 * 7])
def test_of_equals_the_first_counts(monkeypatch, chunk_bytes):
    monkeypatch.setattr(neighbours, "_CHUNK_BYTES", chunk_bytes)
    queries, images = _images(6, 2, most=2, shape=(1, 2, 2)), _images(60, 3, 2, (1, 2, 2))
    found = nearest(queries, images, 5)
    np.testing.assert_array_equal(found.indices, _brute_force(queries, images, 5)[0])


def test_an_image_of_the_set_is_its_own_neighbour_at_distance_0():
    images = _images(30, 4)
    found = nearest(images[[7, 21]], images, 2)
    assert found.indices[:, 0].tolist() == [7, 21]
    assert found.distances[:, 0].tolist() == [0, 0]
    assert (found.distances[:, 1] > 0).all()


def test_black_and_white_are_the_root_of_the_number_of_pixels_apart():
    black, white = np.zeros((1, 1, 28, 28), np.uint8), np.full((1, 1, 28, 28), 255, np.uint8)
    assert nearest(black, white, 1).distances.item() == 28


def test_a_pixel_of_one_level_counts_in_a_large_image():
    image = np.full((1, 3, 64, 64), 255, np.uint8)
    query = image.copy()
    query[0, 0, 0, 0] = 254
    assert nearest(query, image, 1).distances.item() == pytest.approx(1 / 255, rel=1e-12)


def test_progress_ends_with_all(monkeypatch):
    monkeypatch.setattr(neighbours, "_CHUNK_BYTES", 8 * 24 * 20)
    told = []
    nearest(_images(2, 0), _images(50, 1), 3, lambda *done: told.append(done))
    assert told == [(20, 50), (40, 50), (50, 50)]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="channels, height, width"):
        nearest(_images(1, 0), _images(5, 1, shape=(2, 4, 3)), 1)
    with pytest.raises(ValueError, match="k is 6"):
        nearest(_images(1, 0), _images(5, 1), 6)
    with pytest.raises(ValueError, match="k is 0"):
        nearest(_images(1, 0), _images(5, 1), 0)
