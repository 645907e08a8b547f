"""The recording windows of the anchor runs, for Figs 3 and 4: steps of one iteration, and motion about a place."""
