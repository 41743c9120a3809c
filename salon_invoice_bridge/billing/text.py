"""Text that every store can hold, and digits as a language writes them."""


def clean(text):
    """Return ``text`` as every database and log can hold it: no NUL, only UTF-8."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def decimals(text, language):
    """Return the digits in ``text`` with the decimal sign of ``language``."""
    return text.replace(".", ",") if language[:2] in ("hu", "de") else text
