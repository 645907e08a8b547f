"""Fig. 3: the marginal probability flux of losses and weights."""
