"""Text that every store can hold, digits, serial numbers, file names."""

import re
import unicodedata

#: Names that Windows keeps for devices, whatever comes after a dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
#: Characters of a file name without its ending.
_LONGEST = 80


def clean(text):
    """Return ``text`` as every database and log can hold it: no NUL, only UTF-8."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def decimals(text, language):
    """Return the digits in ``text`` with the decimal sign of ``language``."""
    return text.replace(".", ",") if language[:2] in ("hu", "de") else text


def serial_key(number):
    """Return what document numbers are sorted by: 9 comes before 10.

    Digits, every second part, are compared by their length and then as text: Python
    refuses to make a number of thousands of them.
    """
    parts = re.split(r"([0-9]+)", number)
    return [
        (len(part.lstrip("0")), part.lstrip("0")) if place % 2 else part
        for place, part in enumerate(parts)
    ]


def safe_name(text, fallback="-"):
    """Return ``text`` as a file name that every system takes, without an ending.

    Letters lose their accents; what is neither a letter, a digit, nor one of ``-_.`` is
    a dash. It leads into no folder: it has no slash, and neither starts nor ends with a
    dot.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain)[:_LONGEST].strip("-.")
    if _DEVICES.match(name):
        name = f"_{name}"
    return name or fallback
