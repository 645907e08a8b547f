"""Fig. 6: self-organised assembly as a whole."""
