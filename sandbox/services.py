"""Which services the sandbox plays."""


def emulators():
    """Return the classes of all emulators, in the order in which paths are tried."""
    from .billingo import BillingoEmulator
    from .billingo_v2 import BillingoV2Emulator
    from .szamlazz import SzamlazzEmulator

    return (BillingoEmulator, BillingoV2Emulator, SzamlazzEmulator)
