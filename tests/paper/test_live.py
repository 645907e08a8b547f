"""The training cell of chapter 1.1: it trains for real and says on which data."""

import pytest

from critnet.paper import live, style


@pytest.fixture(autouse=True)
def _fresh():
    live._digits.cache_clear()
    live._first_iterations.cache_clear()


@pytest.mark.mnist
def test_it_learns_mnist_and_the_correlations_rise(mnist_folder, monkeypatch):
    monkeypatch.setenv("CRITNET_DATA", str(mnist_folder))
    with style.theme("light"):
        drawing = live.first_iterations(steps=100)
    assert "Trained on MNIST" in drawing.alt
    assert drawing.table["test_accuracy"].iloc[-1] > 0.8
    assert drawing.table["strength"].max() > 1.5 * drawing.table["strength"].iloc[0]


def test_without_mnist_it_says_that_it_used_the_small_digits(tmp_path, monkeypatch):
    monkeypatch.setenv("CRITNET_DATA", str(tmp_path))
    monkeypatch.setenv("CRITNET_CACHE", str(tmp_path))
    monkeypatch.setenv("CRITNET_STATIC", "1")  # a build asks no network
    monkeypatch.chdir(tmp_path)
    with style.theme("dark"):
        drawing = live.first_iterations(hidden=20, steps=60)
    assert "not MNIST" in drawing.alt
    assert drawing.table["test_accuracy"].iloc[-1] > drawing.table["test_accuracy"].iloc[0]


def test_a_diverging_choice_is_drawn_as_diverged(tmp_path, monkeypatch):
    monkeypatch.setenv("CRITNET_DATA", str(tmp_path))
    monkeypatch.setenv("CRITNET_STATIC", "1")
    monkeypatch.setenv("CRITNET_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with style.theme("light"):
        drawing = live.first_iterations(hidden=20, learning_rate=1e6, steps=40)
    assert drawing.table["strength"].isna().any()
