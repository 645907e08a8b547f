"""Connections of a network: which are critical, how their values are distributed, how they move."""
