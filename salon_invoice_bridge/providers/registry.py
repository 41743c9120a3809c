"""Which strategies there are: the extension point.

Another addon adds a service with one class decorated by :func:`register` and one value
in the selection of ``salon.invoice.account``.
"""

_PROVIDERS = {}


def register(provider):
    """Class decorator: make ``provider`` available under its ``code``."""
    _PROVIDERS[provider.code] = provider
    return provider


def get(code):
    """Return the strategy class for ``code``.

    :raises KeyError: if no such strategy is installed
    """
    return _PROVIDERS[code]


def codes():
    """Return the codes of all strategies, in the order of their registration."""
    return tuple(_PROVIDERS)
