"""The month as ZIP files: the PDFs in parts, and in the first one all that sums up.

Names are safe on every system and lead into no folder but those of the file; no two are
the same, in all parts together, so that all can be extracted into one folder. The same
content gives the same bytes: no name, order or date depends on when it is written.
"""

import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from ..billing.text import clean, safe_name
from . import workbook

#: Findings that the page of text lists.
_FINDINGS = 50
_PDF = b"%PDF-"


class MissingPdf(Exception):
    """There is no PDF of a document of which the month says that there is one.

    :param document: the :class:`.billing.month.DocumentRow`
    """

    def __init__(self, document):
        super().__init__(f"There is no PDF of {document.number or document.ref}")
        self.document = document


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A file that a service made for an accounting program: name with its ending."""

    name: str
    content: bytes


def part_name(part, month, cover):
    """Return the file name of a part, such as ``2026-11_Minta-Szalon_1-3.zip``."""
    name = f"{month.start:%Y-%m}_{safe_name(cover.company, 'salon')[:40]}"
    return f"{name}_{part.number}-{part.of}.zip" if part.of > 1 else f"{name}.zip"


def write_part(file, part, month, cover, open_pdf, extras=()):
    """Write one part as ZIP to a binary file object, which stays open.

    PDFs are copied one by one, so that one of them is in memory at most.

    :param open_pdf: ``open_pdf(document)`` returns its PDF, as bytes or as a binary
        file object, which is closed
    :param extras: :class:`Extra` s, for the first part
    :raises MissingPdf: nothing is to be handed over then: the month is to be built
        anew, so that its first page names the document
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        box = _Box(archive, month)
        box.add(_page_name(part, cover), _encode(page(part, month, cover, extras)))
        if part.number == 1:
            with tempfile.TemporaryFile() as book:
                workbook.write(book, month, cover)
                book.seek(0)
                name = safe_name(cover.word("file.workbook"), "summary")
                box.add(f"{name}.xlsx", book)
            for name, extra in zip(extra_names(extras, cover), extras, strict=True):
                box.add(name, extra.content)
        for document in part.documents:
            if name := month.file_name(document):
                with _opened(open_pdf, document) as content:
                    box.add(f"{cover.folder(document)}/{name}", content, packed=True)


class _Box:
    """A ZIP file that takes each name once, with the date of the month's end."""

    def __init__(self, archive, month):
        self.archive = archive
        self.date = (month.end.year, month.end.month, month.end.day, 0, 0, 0)

    def add(self, name, content, packed=False):
        """Add bytes, or a binary file object that is read to its end.

        :param bool packed: True for what does not get smaller
        """
        info = zipfile.ZipInfo(name, self.date)
        info.create_system, info.external_attr = 3, 0o644 << 16
        if not packed:
            info.compress_type = zipfile.ZIP_DEFLATED
        with self.archive.open(info, "w") as target:
            shutil.copyfileobj(_stream(content), target)


def _stream(content):
    return BytesIO(content) if isinstance(content, bytes) else content


@contextmanager
def _opened(open_pdf, document):
    """Give the PDF of a document, from its first byte; close it afterwards.

    :raises MissingPdf: there is none, or it is none
    """
    content = open_pdf(document)
    if content is None:
        raise MissingPdf(document)
    with _stream(content) as stream:
        if stream.read(len(_PDF)) != _PDF:
            raise MissingPdf(document)
        stream.seek(0)
        yield stream


def extra_names(extras, cover):
    """Return where each of the services' files is, no two at one place."""
    folder = safe_name(cover.word("folder.exports"), "accounting")
    names, taken = [], set()
    for extra in extras:
        stem, _dot, ending = extra.name.rpartition(".")
        stem, ending = safe_name(stem or ending, "export"), safe_name(ending, "dat")
        name, copy = f"{stem}.{ending}", 1
        while name.lower() in taken:
            copy += 1
            name = f"{stem}-{copy}.{ending}"
        taken.add(name.lower())
        names.append(f"{folder}/{name}")
    return names


# === THE PAGE OF TEXT === #


def page(part, month, cover, extras=()):
    """Return the lines of the page of text that is in each part."""
    word = cover.word
    lines = [
        workbook.title(month, cover),
        f"{word('company')}: {cover.company}",
        f"{word('tax_number')}: {cover.tax_number}",
        f"{word('accounts')}: {cover.accounts}",
        f"{word('made_at')}: {cover.made_at:%Y.%m.%d. %H:%M}",
        f"{word('part')}: {word('part.of', number=part.number, of=part.of)}",
        "",
        workbook.verdict(month, cover)[1],
        *_finding_lines(month, cover),
        "",
        word("page.contents"),
        *_content_lines(part, month, cover, extras),
    ]
    if part.of > 1:
        lines += ["", word("page.first"), word("page.keep")]
    return [workbook.one_line(line) for line in lines]


def _finding_lines(month, cover):
    """Yield the findings without the names of people: the file may be passed on."""
    for finding in month.findings[:_FINDINGS]:
        about = filter(None, (finding.number, finding.sale_name, finding.detail))
        yield f"- {cover.word(f'gap.{finding.gap.value}')}: {', '.join(about)}"
    if len(month.findings) > _FINDINGS:
        yield "- ..."


def _content_lines(part, month, cover, extras):
    if part.number == 1:
        yield f"- {safe_name(cover.word('file.workbook'), 'summary')}.xlsx"
        for name in extra_names(extras, cover):
            yield f"- {name}"
    names = [month.file_name(row) for row in part.documents]
    there = list(filter(None, names))
    if there:
        said = {"count": len(there), "first": there[0], "last": there[-1]}
        yield f"- {cover.word('page.pdfs', **said)}"
    else:
        yield f"- {cover.word('page.no_pdfs')}"
    if len(there) < len(names):
        missing = cover.word("page.missing", count=len(names) - len(there))
        yield f"- {missing}"


def _page_name(part, cover):
    name = safe_name(cover.word("file.page"), "readme")
    return f"{name}-{part.number}.txt" if part.of > 1 else f"{name}.txt"


def _encode(lines):
    """Return text as the editors of Windows read it: with a mark, and its line ends."""
    return clean("\r\n".join([*lines, ""])).encode("utf-8-sig")
