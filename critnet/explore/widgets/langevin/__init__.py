"""The Langevin picture: two weights in noise, whose stationary state may still flow (METHODS D30)."""

from critnet.explore.widgets.base import Explorer


class LangevinExplorer(Explorer, scripts=("base/random", "core", "langevin")):
    """Drag the antisymmetric part of a linear drift and the noise; the stationary flux, analytic and simulated.

    dw = -A w dt + noise of diffusion D in two dimensions: Sigma from A Sigma + Sigma A^T = 2 D, flux
    J = (-A + D Sigma^-1) w p(w), zero where A D is symmetric.

    Parameters
    ----------
    name : str
        Its id in the page.
    caption, words, picture
        As for `Explorer`.
    """

    def __init__(self, *, name, caption="", words="", picture=None):
        super().__init__({"name": name, "caption": caption}, words=words, picture=picture)
