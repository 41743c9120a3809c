from urllib.parse import quote

from odoo import http
from odoo.http import content_disposition, request

from ..billing.guest_page import LOOKS, Pdf
from ..models.salon_invoice_request import ADDRESS, TYPED

#: Languages that the page is translated to; another one is read in English.
LANGUAGES = ("hu", "en", "de")
#: How all routes are open: to anybody, in the visitor's language, listed nowhere.
OPEN = {
    "type": "http",
    "auth": "public",
    "website": True,
    "multilang": False,
    "sitemap": False,
}
#: No script, nothing of anybody else's, in nobody's frame.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class SalonGuestController(http.Controller):
    """The page behind the slip's QR code, for whoever holds the slip.

    The token in the address is all that a visitor has, and all that is believed: it is
    no log-in, and a visitor who is logged in is shown the same.  A token that shows
    nothing is answered alike, whatever the reason, see
    ``pos.order._salon_open_for_guest``.  To read the page costs a fixed number of
    look-ups by index, writes nothing and calls nobody; what does is limited in
    ``salon.invoice.request``.
    """

    @http.route(
        # Whatever stands there: a malformed token is answered as any other.
        "/salon/invoice/<path:token>",
        **OPEN,
        methods=["GET"],
        readonly=True,
    )
    def guest_page(self, token, **values):
        """Show what has become of the invoice of a sale."""
        looks = _number(values.get("looks", "0"))
        order, shown = self._open(token, looks, values.get("lang"))
        if order and shown["is_odoos"]:
            return _private(request.redirect(odoos_path(order)))
        return self._show(order, shown, looks)

    @http.route(
        "/salon/invoice/<string:token>/pdf",
        **OPEN,
        methods=["GET"],
    )
    def guest_pdf(self, token, **values):
        """Send the PDF of the sale's document, where the page has it.

        Where the page will have it, it is fetched now, not in the night: a page that
        waits for it looks again by way of this address, with ``looks``, and is shown
        again.  So the page itself costs the same for all tokens, and writes nothing.
        """
        order, shown = self._open(token)
        document, pdf = shown.get("document"), order and shown["page"].pdf
        if pdf is Pdf.SOON:
            document._fetch("pdf")
        if pdf is not Pdf.HERE or "looks" in values:
            return self._back(token, _number(values.get("looks", "0")))
        name = content_disposition(document.pdf_id.name, disposition_type="inline")
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", name),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return _private(request.make_response(document.pdf_id.raw, headers))

    @http.route(
        "/salon/invoice/<string:token>/request",
        **OPEN,
        methods=["GET", "POST"],
    )
    def guest_request(self, token, **values):
        """Ask for an invoice with company data: the tax number first, then the rest."""
        order, shown = self._open(token)
        if not order or not shown["page"].can_request:
            return self._back(token)
        requests = request.env["salon.invoice.request"].sudo()
        typed = requests._clean(values)
        post = request.httprequest.method == "POST"
        step = values.get("step") if post else ""
        if step == "send":
            return self._send(order, shown, typed)
        if step != "ask":
            return self._ask(order, shown, typed, "number")
        draft, problem = requests._ask_for_guest(order, typed)
        if problem in ("number", "unknown"):
            return self._ask(order, shown, typed, "number", problem)
        return self._ask(order, shown, typed, "company", draft=draft)

    # === THE SALE === #

    def _open(self, token, looks=0, language=""):
        """Return the sale of a token and what is shown of it, or two empty values.

        :param str language: that the visitor has chosen, if any
        """
        if language and (code := request.env["ir.http"].get_nearest_lang(language)):
            request.update_context(lang=code)
            request.future_response.set_cookie("frontend_lang", code)
        return request.env["pos.order"]._salon_open_for_guest(token, looks)

    def _send(self, order, shown, typed):
        """Make the request, and show the page; or the form again, and what is wrong."""
        requests = request.env["salon.invoice.request"].sudo()
        wrong = requests._submit(order, typed)
        if not wrong:
            return self._back(order.access_token)
        if "tax_number" in wrong:
            return self._ask(order, shown, typed, "number", "number")
        problem = "many" if "many" in wrong else "incomplete"
        draft = order.salon_request_ids
        return self._ask(order, shown, typed, "company", problem, draft, wrong)

    # === WHAT IS SHOWN === #

    def _back(self, token, looks=0):
        """Lead to the page, which says what there is."""
        query = f"?looks={looks}" if looks else ""
        return _private(request.redirect(guest_path(token) + query))

    def _show(self, order, shown, looks=0):
        """Render the page of a sale, or the one for every token that shows nothing."""
        if not order:
            again = LOOKS[looks] if looks < len(LOOKS) else 0
            return self._render("guest_unknown", look_again=again, looks=looks)
        return self._render(
            "guest_page",
            **shown,
            token=order.access_token,
            look_again=shown["page"].look_again,
            looks=looks,
        )

    def _ask(self, order, shown, typed, step, problem="", draft=None, wrong=()):
        """Render the form of a request.

        :param str step: *number* or *company*
        :param draft: the row of the request, where one is there already
        """
        known = draft._known(typed) if draft else {}
        asked = [name for name in TYPED if name != "tax_number"]
        if known:
            asked.remove("buyer_name")
            if all(map(known.get, ADDRESS)):
                asked = [name for name in asked if name not in ADDRESS]
        return self._render(
            "guest_request",
            **shown,
            token=order.access_token,
            step=step,
            problem=problem,
            typed=typed,
            known=known,
            asked=asked,
            wrong=wrong,
            lengths=TYPED,
        )

    def _render(self, template, **values):
        current = request.env.lang or ""
        languages = [
            {
                "code": code,
                "short": code.partition("_")[0],
                "name": language.name.split("/")[-1].strip(),
                "current": code == current,
            }
            for code, language in request.env["res.lang"]._get_frontend().items()
            if code.partition("_")[0] in LANGUAGES
        ]
        values = {"look_again": 0, "looks": 0, **values}
        response = request.render(
            f"salon_invoice_bridge.{template}",
            {**values, "languages": languages, "reading": current.replace("_", "-")},
        )
        response.headers["Content-Security-Policy"] = POLICY
        return _private(response)


def _private(response):
    """Return a response that nobody keeps, lists, or tells the address of."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def guest_path(token):
    """Return the path of a token's page, whatever the token is."""
    return f"/salon/invoice/{quote(token, safe='')}"


def odoos_path(order):
    """Return the path of Odoo's own page about a sale that is Odoo's to invoice."""
    return f"/pos/ticket/validate?access_token={order.access_token}"


def _number(text):
    """Return how often a page has looked again, as its address says.

    Anything else but a small number counts as often enough.
    """
    return int(text) if text in map(str, range(len(LOOKS))) else len(LOOKS)
