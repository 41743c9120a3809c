"""A service that does not exist, added as another addon would add a real one.

``strategy`` is all that such an addon brings for the worker, ``emulator`` is what its
tests run against; docs/adding-a-service.md walks through both.
"""
