"""A small PDF, so that what is downloaded can be opened and read."""

_FONT = (
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
)


def make(lines):
    """Return a one-page PDF with ``lines`` of text (bytes, PDF 1.4)."""
    text = "".join(f"({_escape(line)}) Tj T*\n" for line in lines)
    stream = b"BT /F1 11 Tf 50 790 Td 16 TL\n" + _encode(text) + b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        _FONT.encode(),
    ]
    content, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        content += b"%010d 00000 n \n" % offset
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(content)


def _escape(line):
    for character in "\\()":
        line = line.replace(character, "\\" + character)
    return " ".join(line.split())


def _encode(text):
    # The standard fonts lack the two Hungarian long umlauts.
    text = text.translate(str.maketrans("őűŐŰ", "öüÖÜ"))
    return text.encode("cp1252", "replace")
