"""Billingo v3: files for accounting programs, made in the background.

Of what is in them, nothing is published: here it is a list of the documents, in XML, in
CSV or as lines, whatever program it is for. Nor is what a call gets that comes before
the file is there: here a 404, as for a file that nobody asked for.
"""

import csv
import io
import zipfile
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from .billingo_documents import Papers
from .billingo_paper import UNREPORTED, buyer_name, pick
from .billingo_tables import EXPORT
from .billingo_wire import Refusal, answer, body, invalid

_DATES = {
    "due_date": "due_date",
    "fulfillment_date": "fulfillment_date",
    "invoice_date": "invoice_date",
    "paid_date": "paid_date",
}
#: What the file is, by the beginning of its type; others are lines of text.
_SORTS = (("nav_xml", "xml"), ("simple_csv", "csv"), ("simple_excel", "zip"))
_TYPES = {
    "xml": "application/xml",
    "csv": "application/csv",
    "zip": "application/zip",
    "txt": "application/octet-stream",
}


class Exports(Papers):
    """Operations on files."""

    @property
    def files(self):
        """What was asked for, by id."""
        return self.emulator.state.setdefault("exports", {})

    def create(self, account, request):
        """POST /document-export: the id of a job."""
        data = body(request, EXPORT)
        if data["end_date"] < data["start_date"]:
            raise invalid("end_date", "The end date must not be before the start date.")
        block = data.get("document_block_id")
        if block is not None and not pick(account["blocks"], block):
            raise invalid(
                "document_block_id", "The selected document block id is invalid."
            )
        export_id = f"exp-{self.emulator.next_id()}"
        self.files[export_id] = {
            "account": account["id"],
            "created_at": self.emulator.world.now(),
            "request": data,
            "result": account["export_result"],
            "message": account["export_message"],
        }
        return answer({"id": export_id}, 201)

    def poll(self, account, _request, export_id):
        """GET /document-export/{id}/poll"""
        file = self._file(account, export_id)
        state = self._state(account, file)
        message = file["message"] if state in ("fail", "success", "warning") else ""
        return answer({"id": export_id, "state": state, "message": message})

    def download(self, account, _request, export_id):
        """GET /document-export/{id}/download"""
        file = self._file(account, export_id)
        if self._state(account, file) not in ("success", "warning"):
            raise Refusal(404, "Non-existent resource is requested.")
        wanted = file["request"]["export_type"]
        sort = next((s for start, s in _SORTS if wanted.startswith(start)), "txt")
        content = _WRITERS[sort](wanted, self._rows(account, file["request"]))
        return Response(content, content_type=_TYPES[sort])

    def _file(self, account, export_id):
        file = self.files.get(export_id)
        if file is None or file["account"] != account["id"]:
            raise Refusal(404, "Non-existent resource is requested.")
        return file

    def _state(self, account, file):
        """Return DocumentExportStatusState: half of the time it has not begun."""
        age = self.emulator.world.now() - file["created_at"]
        if age >= account["export_seconds"]:
            return file["result"]
        return "pending" if age < account["export_seconds"] / 2 else "processing"

    def _rows(self, account, wanted):
        """Return number, date, buyer and gross of the documents that are asked for."""
        by = _DATES[wanted["query_type"]]
        return [
            (
                document["invoice_number"],
                document[by],
                buyer_name(document),
                str(document["gross_total"]),
            )
            for paper in reversed(self.of(account))
            for document in [paper["document"]]
            if document["type"] not in UNREPORTED
            and wanted["start_date"] <= document[by] <= wanted["end_date"]
            and wanted.get("document_block_id", document["block_id"])
            == document["block_id"]
        ]


def _xml(kind, rows):
    lines = "".join(f"<row>{escape(' | '.join(row))}</row>" for row in rows)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<export type={kind!r}>{lines}</export>".encode()


def _csv(_kind, rows):
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    return file.getvalue().encode() or b"\r\n;"


def _zip(kind, rows):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("rows.csv", _csv(kind, rows))
    return file.getvalue()


def _lines(kind, rows):
    return "\r\n".join([kind, *(" | ".join(row) for row in rows)]).encode()


_WRITERS = {"xml": _xml, "csv": _csv, "zip": _zip, "txt": _lines}
