"""How the losses of single samples concentrate: exceedance, large deviations, entropy change."""
