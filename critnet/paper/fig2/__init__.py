"""Fig. 2: how losses concentrate, and the phase diagram of convergence."""
