"""The course of the anchor runs: networks on the way, paths of single losses and weights, what each weight did."""
