"""Sub-graphs of a trained network that carry one class: what they keep, what they answer, what they cost."""
