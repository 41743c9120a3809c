"""Text that every store can hold."""


def clean(text):
    """Return ``text`` as every database and log can hold it: no NUL, only UTF-8."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
