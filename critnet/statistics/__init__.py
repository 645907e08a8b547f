"""Tails against their rivals, lines through bins, intervals."""
