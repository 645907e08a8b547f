"""How values move from one iteration to the next."""
