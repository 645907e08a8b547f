"""Fig. 4: heavy tails of correlations, weights, gradients and curvature, and the directions that are critical."""
