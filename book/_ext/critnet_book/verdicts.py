"""Placeholder until claims are there."""


def setup(app):
    pass
