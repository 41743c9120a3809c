"""The catalogue: every error has a cause, a remedy and who can do it."""

from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from ..billing import errors
from ..billing.problem import Code, Missing, Place, Problem, Where
from ..models import salon_invoice_message as texts
from ..providers.szamlazz import errors as szamlazz_errors


@tagged("post_install", "-at_install")
class TestErrorCatalogue(TransactionCase):
    def explain(self, error, provider="billingo"):
        return self.env["salon.invoice.message"]._explain(error, provider)

    def test_every_shared_reason_has_its_sentences(self):
        for reason in errors.Reason:
            told = self.explain(errors.AccountProblem("?", reason=reason, code="x"))
            self.assertTrue(told.cause and told.remedy and told.who, reason)

    def test_every_explained_code_of_szamlazz_is_one_that_the_strategy_knows(self):
        known = szamlazz_errors._CODES.keys() | {szamlazz_errors.MAIL_FAILED}
        self.assertLessEqual(texts.CODES["szamlazz"].keys(), known)

    def test_the_services_own_words_follow_for_its_support(self):
        error = errors.AccountProblem("Hibás kulcs", code="3")
        told = self.explain(error, "szamlazz")
        self.assertIn("does not know this Agent key", told.sentence)
        self.assertTrue(told.sentence.endswith("[Hibás kulcs (3)]"))

    def test_a_field_that_the_service_complains_about_names_what_to_mend(self):
        error = errors.Rejected(
            "Validation Failed", code="422", fields={"address.post_code": "required"}
        )
        self.assertIn("postcode", self.explain(error).cause)
        self.assertIn("address", self.explain(error).remedy)

    def test_a_wrong_clock_is_told_from_a_wrong_key(self):
        error = errors.AccountProblem("Cannot handle token prior to ...", code="401")
        self.assertIn("clock", self.explain(error, "billingo_v2").cause)

    def test_a_certificate_that_cannot_be_trusted_is_told_from_a_broken_line(self):
        error = errors.NotProcessed("SSLError(...)", code="tls")
        self.assertIn("secure connection", self.explain(error).cause)

    def test_our_own_refusals_are_told_in_their_own_words(self):
        told = self.explain(errors.Rejected("The tip has no VAT code."))
        self.assertEqual(told.sentence, "The tip has no VAT code.")

    def test_sentences_come_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        self.env["ir.module.module"].search(
            [("name", "=", "salon_invoice_bridge")]
        )._update_translations(["hu_HU"])
        told = self.env["salon.invoice.message"].with_context(lang="hu_HU")
        error = errors.AccountProblem("?", code="401")
        self.assertIn("kulcs", told._explain(error, "billingo").cause)


#: One problem of each code, and a part of what a person reads.
PROBLEMS = {
    Code.TOTAL_DIFFERS: (
        {"total": Decimal(8990), "lines": Decimal("8900.5"), "currency": "HUF"},
        "total is 8 990 Ft, but its lines make 8 900.50 Ft",
    ),
    Code.PAID_DIFFERS: (
        {"gross": Decimal("22.4"), "taken": Decimal(20), "currency": "EUR"},
        "would be of 22.40 EUR, but 20 EUR was paid",
    ),
    Code.CAME_BACK: ({"line": "Sampon"}, "Sampon came back within a sale"),
    Code.DISCOUNT_TOO_LARGE: ({"line": "Kupon"}, "Kupon takes off more than was sold"),
    Code.VOUCHER_UNANSWERED: (
        {"line": "Utalvány"},
        "Utalvány is a voucher, and nobody",
    ),
    Code.VOUCHER_STOPPED: ({"line": "Utalvány"}, "Utalvány is a voucher of no kind"),
    Code.VOUCHER_OTHER_RATE: (
        {"line": "Utalvány", "vat": "27"},
        "single-purpose voucher at the VAT rate 27, and pays",
    ),
    Code.PREPAID_TOO_LARGE: (
        {"line": "Foglaló", "left": Decimal(4000), "currency": "HUF"},
        "more than is left of it: 4",
    ),
    Code.PREPAID_USED: ({"line": "Utalvány"}, "Part of Utalvány has been used"),
    Code.DEPOSIT_TOO_LARGE: ({"line": "Foglaló"}, "Foglaló takes off more than"),
    Code.DEPOSIT_NOT_INVOICED: (
        {"line": "Foglaló"},
        "no invoice of the deposit is known",
    ),
    Code.DEPOSIT_SETTLED: (
        {"document": "V-1"},
        "V-1 has taken off this deposit",
    ),
    Code.EXEMPT_CHARGES: (
        {"line": "Vágás", "tax": Place(Where.TAX, 0)},
        "but Vágás is sold with the tax #0",
    ),
    Code.NOT_EXEMPT: (
        {"line": "Vágás", "tax": Place(Where.TAX, 0)},
        "but Vágás was still sold with the exempt tax #0",
    ),
    Code.SEVERAL_TAXES: ({"line": "Vágás"}, "Vágás has several taxes at once"),
    Code.TAX_WITHOUT_CODE: (
        {"line": "Vágás", "tax": Place(Where.TAX, 0)},
        "The tax #0 on Vágás has no VAT code",
    ),
    Code.UNTAXED_BY_POSITION: (
        {"line": "Vágás", "position": Place(Where.FISCAL_POSITION, 0)},
        "The fiscal position #0 leaves Vágás without a tax",
    ),
    Code.NOTHING_SOLD: ({"line": "Jutalom"}, "Jutalom has no tax and is nothing"),
    Code.WALK_IN_ADDRESS: ({}, "walk-in customers is not complete"),
    Code.BUYER_INCOMPLETE: (
        {"buyer": "Béla", "what": (Missing.POSTCODE, Missing.STREET)},
        "The customer Béla needs a postcode, a street for an invoice",
    ),
    Code.TAX_NUMBER: (
        {"buyer": "Béla", "number": "1", "form": "12345678-1-42"},
        "1 is not the tax number of a company, which has the form 12345678-1-42",
    ),
    Code.BUSINESS_NOT_ACCEPTED: ({"buyer": "Bt."}, "Bt. is a company, and this salon"),
    Code.BUSINESS_WITHOUT_NUMBER: ({"buyer": "Bt."}, "Bt. is a company without a tax"),
    Code.FOREIGN_COMPANY: ({}, "This sale names something of another company"),
    Code.SEVERAL_COMPANIES: ({}, "An invoice is of one company"),
    Code.UNKNOWN_STORNO: ({"document": "S-1"}, "S-1 has been cancelled at the service"),
    Code.UNKNOWN_RATE: ({"document": "S-1"}, "tell the exchange rate of S-1."),
    Code.CHANGED_AT_SERVICE: (
        {"document": "D-1", "changes": "a; b"},
        "D-1 was changed at the service (a; b).",
    ),
    Code.DELETED_AT_SERVICE: (
        {"document": "D-1"},
        "D-1 is not at the service any more",
    ),
    Code.DISCARD_FAILED: (
        {"document": "D-1", "why": "It is used up."},
        "D-1 could not be discarded: It is used up.",
    ),
    Code.WAITS_FOR: ({"document": "S-1"}, "It waits for S-1."),
    Code.BEING_DISCARDED: ({"document": "D-1"}, "D-1 is being discarded"),
    Code.MADE_DIFFERENT: ({"differences": "a; b"}, "than was asked for: a; b."),
    Code.FOUND_DIFFERENT: ({"differences": "a; b"}, "it is not the same: a; b."),
    Code.UNPROVEN: ({}, "It is not known whether the service has issued"),
    Code.UNPROVEN_BESIDE_PAPER: ({}, "A paper receipt stands for this sale"),
    Code.NOT_AT_SERVICE: ({}, "The service does not have this document"),
    Code.TOO_MANY_SENDS: ({"count": 5}, "Sent 5 times without an answer"),
    Code.PROGRAM: ({}, "because of an error in the program"),
    Code.RETURNED_TOO_MUCH: ({"line": "Sampon"}, "More of Sampon came back"),
    Code.MADE_BY_HAND: ({"document": "S-1"}, "S-1 was made at the service by hand"),
    Code.RETURNED_WITHOUT_SALE: ({}, "Money was given back without naming the sale"),
}


@tagged("post_install", "-at_install")
class TestProblemCatalogue(TransactionCase):
    """Every problem of a sale has a sentence, and a record that a person opens."""

    def test_every_problem_has_its_sentence(self):
        messages = self.env["salon.invoice.message"]
        for code in Code:
            with self.subTest(code.value):
                params, part = PROBLEMS[code]
                sentence = messages._explain_problem(Problem(code, **params))
                self.assertIn(part, sentence)
                self.assertNotIn("%", sentence.replace("0% tax", ""))

    def test_what_a_buyer_lacks_has_a_word(self):
        self.assertEqual(texts.MISSING.keys(), set(Missing))

    def test_a_place_is_a_record(self):
        messages, order = self.env["salon.invoice.message"], self.env["pos.order"]
        self.assertEqual(texts.MODELS.keys(), set(Where))
        for kind, model in texts.MODELS.items():
            record = messages._record(Place(kind, 1), order)
            self.assertEqual(record._name, model)
        tax = self.env["account.tax"].search([], limit=1)
        self.assertEqual(messages._record(Place(Where.TAX, tax.id)), tax)

    def test_a_record_is_named_as_people_know_it(self):
        messages = self.env["salon.invoice.message"]
        position = self.env["account.fiscal.position"].create({"name": "Adómentes"})
        place = Place(Where.FISCAL_POSITION, position.id)
        problem = Problem(Code.UNTAXED_BY_POSITION, place, line="x", position=place)
        self.assertIn("position Adómentes", messages._explain_problem(problem))

    def test_amounts_are_written_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        messages = self.env["salon.invoice.message"].with_context(lang="hu_HU")
        params, _part = PROBLEMS[Code.PAID_DIFFERS]
        sentence = messages._explain_problem(Problem(Code.PAID_DIFFERS, **params))
        self.assertIn("22,40 EUR", sentence)

    def test_a_problem_in_any_call_is_told_in_its_sentence(self):
        """Not as a refusal of the service, which has never heard of it."""
        error = Problem(Code.SEVERAL_COMPANIES)
        told = self.env["salon.invoice.message"]._explain(error, "billingo")
        self.assertTrue(told.sentence.startswith("An invoice is of one company"))
        self.assertFalse(told.said)
