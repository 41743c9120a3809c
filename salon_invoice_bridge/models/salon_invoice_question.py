from contextlib import contextmanager
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..providers import registry

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: What a field that is ticked or not says, in words.
YES, NO = _lt("Yes"), _lt("No")
#: In the context of a setting that is written as the answer to its question, which is
#: noted then. No caller from outside can send this object.
_ANSWERED = object()


class Question(NamedTuple):
    """What is asked of the salon once, before it goes live.

    The answer is kept where it is acted upon, in ``field`` of ``model``: a selection,
    or a tick. Where another addon or version has no such field, nothing is asked.
    """

    code: str
    model: str
    field: str
    title: LazyGettext
    text: LazyGettext
    asked_of: (
        str  # method of salon.invoice.question: takes the account, returns records
    )
    until: LazyGettext | None = None  # what is done meanwhile, where the field is empty
    accountant: bool = False  # it is a question of law: with a text to send on
    dated: str = ""  # the field of ``model`` that says when, where there is one


#: Every question, in the order of the list. What is done until one is answered is
#: always lawful: see ``billing/choice.py``, ``billing/voucher.py``,
#: ``billing/deposit.py`` and ``billing/owed.py`` for the law behind each, and how sure
#: it is.
QUESTIONS = (
    Question(
        "sales",
        "res.company",
        "salon_which",
        _lt("What a sale gets"),
        _lt(
            "An invoice is always right. A receipt (nyugta) is enough for a private "
            "buyer who pays at once, under 900,000 Ft, and asks for no invoice. Which "
            "of them does a sale get by itself?"
        ),
        "_asked_company",
    ),
    Question(
        "cash_register",
        "pos.config",
        "salon_cash_register",
        _lt("Cash register"),
        _lt(
            "Is there an online cash register beside this shop? Then it gives the "
            "receipts, and the service none. Which activity must use one goes by a "
            "list: shops, massage and fitness are on it; hairdressing and beauty care "
            "are not, as far as we know. What is sold over the counter of a salon is a "
            "question of its own."
        ),
        "_asked_shops",
        accountant=True,
    ),
    Question(
        "nav_receipts",
        "salon.invoice.account",
        "receipts_reported",
        _lt("Receipts and NAV"),
        _lt(
            "Since 1 September 2026 NAV wants the totals of each day's receipts within "
            "three days; there is no penalty until 31 December 2026. The service "
            "reports them, this program never does. At Számlázz.hu NAV's technical "
            "user needs the right “Hozzáférés a nyugtaadat-szolgáltatási "
            "interfészhez”; of Billingo ask its customer service. Has it been seen "
            "that they arrive?"
        ),
        "_asked_reporting",
        _lt("it is asked about, and red from 1 January 2027"),
    ),
    Question(
        "paper_reports",
        "res.company",
        "salon_paper_reports",
        _lt("Handwritten receipts"),
        _lt(
            "Receipts that are written by hand while the service does not answer are "
            "known to no service. Their daily totals must be reported, too: the list "
            "of daily totals has them. Who reports them to NAV?"
        ),
        "_asked_receipts",
        _lt("the salon does"),
    ),
    Question(
        "receipt_layout",
        "res.company",
        "salon_receipt_layout",
        _lt("Receipts on paper"),
        _lt(
            "What does the customer get on paper of a receipt: the till's slip with "
            "the receipt's number, day, issuer and the gross of each VAT rate, or the "
            "receipt in the service's own layout?"
        ),
        "_asked_receipts",
        _lt("the till's slip"),
        accountant=True,
        dated="salon_receipt_layout_answered_on",
    ),
    Question(
        "tip",
        "res.company",
        "salon_tip",
        _lt("Tips"),
        _lt(
            "A tip that a customer gives freely is outside the scope of VAT; a service "
            "charge carries the VAT of the service. Where does it go on documents?"
        ),
        "_asked_tips",
        accountant=True,
    ),
    Question(
        "receipt_tip",
        "res.company",
        "salon_receipt_tip",
        _lt("Tips on receipts"),
        _lt(
            "Receipts of this service have no line outside the scope of VAT. What does "
            "a sale with a tip get?"
        ),
        "_asked_receipt_tips",
        _lt("the sale gets an invoice"),
        dated="salon_receipt_tip_answered_on",
    ),
    Question(
        "vouchers",
        "res.company",
        "salon_voucher_sale",
        _lt("Vouchers and gift cards"),
        _lt(
            "The till sells vouchers, gift cards or passes. One that can only be used "
            "for what carries one VAT rate is single-purpose: VAT is due when it is "
            "sold. In a salon that sells at one rate this is so of every card. Any "
            "other is multi-purpose: VAT is due when it is used. What are they, where "
            "the product does not say it?"
        ),
        "_asked_vouchers",
        _lt("their sales wait for a person"),
        accountant=True,
        dated="salon_voucher_answered_on",
    ),
    Question(
        "voucher_kind",
        "product.template",
        "salon_voucher_kind",
        _lt("Kind of a voucher"),
        _lt(
            "Is this voucher, gift card or pass single-purpose, because all that it "
            "buys carries one VAT rate, or multi-purpose? The rate of a single-purpose "
            "one is set on the product."
        ),
        "_asked_voucher_products",
        _lt("the company's answer about vouchers counts, or its sales wait"),
        accountant=True,
        dated="salon_voucher_said_on",
    ),
    Question(
        "no_show",
        "res.company",
        "salon_no_show",
        _lt("Deposits of who does not come"),
        _lt(
            "A customer has paid a deposit and does not come. Is what the salon keeps "
            "the price of the time that was kept free, which carries VAT, or damages, "
            "which do not? It depends on the terms that the customer has accepted."
        ),
        "_asked_deposits",
        _lt("it is a price, the advance invoice stands and its VAT stays paid"),
        accountant=True,
        dated="salon_no_show_answered_on",
    ),
    Question(
        "exemption",
        "res.company",
        "salon_vat_answer",
        _lt("Exempt from VAT (AAM)"),
        _lt(
            "The company is exempt from VAT (AAM), but products of the till have taxes "
            "that charge it. Which is right?"
        ),
        "_asked_exemption",
        _lt("their sales wait for a person"),
        accountant=True,
        dated="salon_vat_answered_on",
    ),
    Question(
        "walk_ins",
        "res.company",
        "salon_walk_in_answer",
        _lt("Invoices of walk-ins"),
        _lt(
            "An invoice names its buyer with an address. Who leaves no data gets one "
            "made out to “Magánszemély”, with the address of the settings. Is that "
            "enough, or is everybody asked for a name and an address? Where neither is "
            "wanted, a receipt needs no buyer at all."
        ),
        "_asked_walk_ins",
        _lt("they are issued like that"),
        accountant=True,
    ),
    Question(
        "transfer",
        "pos.payment.method",
        "salon_counts_as_paid",
        _lt("Transfers"),
        _lt(
            "Is the money there when this payment method is chosen (the customer "
            "shows the transfer of an instant payment), or is it still to come? What "
            "is still to come is owed on the invoice, and cannot have a receipt."
        ),
        "_asked_transfers",
        dated="salon_terms_answered_on",
    ),
    Question(
        "customer_account",
        "res.company",
        "salon_customer_account",
        _lt("On customers' accounts"),
        _lt(
            "What a customer will pay later is put on their account. The law wants its "
            "invoice within 8 days of the service, paid or not. When is it issued?"
        ),
        "_asked_customer_accounts",
        _lt("when somebody asks for it; it is reminded of from the 5th day on"),
        dated="salon_customer_account_answered_on",
    ),
)


class SalonInvoiceQuestion(models.Model):
    """A question to the salon, with its answer, the day of it, and who gave it.

    * The answer itself is a setting, see :data:`QUESTIONS`; this row says that, when
      and by whom it was given. So it is given here or in the settings: :meth:`_noting`
      notes what changes there. A setting that nobody has touched is no answer.
    * Whoever may change the setting may answer; nobody else writes anything here.
    * What was said before is in the chatter: who decided what, and when, is what an
      accountant asks.

    Start with :meth:`_asked`: which questions an account raises.
    """

    _name = "salon.invoice.question"
    _description = "Question to the Salon"
    _inherit = ["mail.thread"]
    _order = "company_id, sequence, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    code = fields.Selection(
        selection=lambda self: [
            (question.code, self.env._(question.title)) for question in self._known()
        ],
        string="Question",
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(readonly=True)
    res_id = fields.Integer(
        string="Asked Of", required=True, readonly=True, help="Whose setting it is."
    )
    about = fields.Char(compute="_compute_about", compute_sudo=True)
    text = fields.Text(string="What Is Asked", compute="_compute_text")
    until = fields.Text(
        string="Until It Is Answered", compute="_compute_until", compute_sudo=True
    )
    available = fields.Json(compute="_compute_text")
    answer = fields.Selection(selection="_answers", copy=False)
    answered_on = fields.Date(readonly=True, copy=False)
    answered_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    for_accountant = fields.Text(
        string="To Send to the Accountant",
        compute="_compute_for_accountant",
        compute_sudo=True,
    )

    _once = models.Constraint(
        "UNIQUE (company_id, code, res_id)", "This is asked once."
    )

    # === COMPUTES === #
    # What is read as superuser is read of the stored row: an onchange may say that it
    # is about any setting of any company.

    @api.depends("code", "company_id", "res_id")
    def _compute_about(self):
        for row in self:
            record = row._origin._record()
            is_company = record._name == "res.company"
            row.about = False if is_company else record.exists().display_name

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_text(self):
        for row in self:
            question = row._question()
            row.text = question and self.env._(question.text)
            row.available = [value for value, _label in self._options(question)]

    @api.depends("code", "res_id", "answer")
    @api.depends_context("lang")
    def _compute_until(self):
        for row in self:
            row.until = "" if row.answer else row._origin._format_until()

    @api.depends("code", "answer")
    @api.depends_context("lang")
    def _compute_for_accountant(self):
        for row in self:
            row.for_accountant = row._origin._format_for_accountant()

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        titles = dict(self._fields["code"]._description_selection(self.env))
        for row in self:
            row.display_name = titles.get(row.code, "")

    def _format_until(self):
        """Return what is done while there is no answer, "" once there is one."""
        question, record = self._question(), self._record().exists()
        if self.answer or not question or not record:
            return ""
        label = self._label(question, record)
        return label or (self.env._(question.until) if question.until else "")

    def _format_for_accountant(self):
        """Return the question as a letter to the accountant, "" if it is not theirs."""
        question = self._question()
        if not question or not question.accountant:
            return ""
        account = self.company_id.salon_account_id
        lines = [
            self.env._(
                "The till of %(company)s (Odoo) has its invoices and receipts made at "
                "%(service)s by itself. Before that we have a question:",
                company=self.company_id.name,
                service=account
                and registry.get(account.provider).name
                or self.env._("our invoicing service"),
            ),
            ": ".join(filter(None, (self.display_name, self.about))),
            self.env._(question.text),
            *(f"- {label}" for _value, label in self._options(question)),
        ]
        if self.until:
            lines.append(self.env._("Until we know: %(until)s.", until=self.until))
        return "\n".join(lines)

    # === WHAT IS ASKED === #

    @api.model
    def _known(self):
        """Return the questions whose answers can be kept here."""
        return [
            question
            for question in QUESTIONS
            if question.model in self.env
            and question.field in self.env[question.model]._fields
        ]

    def _question(self):
        """Return this row's :class:`Question`, None where it is asked no more."""
        return next((one for one in self._known() if one.code == self.code), None)

    def _record(self):
        """Return the record whose setting this row is about, if it is still there."""
        question = self._question()
        return self.env[question.model if question else "res.company"].browse(
            self.res_id
        )

    @api.model
    def _options(self, question):
        """Return ``(value of answer, label)`` of what can be said to a question."""
        if not question:
            return []
        field = self.env[question.model]._fields[question.field]
        if field.type == "boolean":
            options = [("yes", self.env._(YES)), ("no", self.env._(NO))]
        else:
            options = field._description_selection(self.env)
        return [(f"{question.code}:{value}", label) for value, label in options]

    @api.model
    def _answers(self):
        return [
            option for question in self._known() for option in self._options(question)
        ]

    @api.model
    def _said(self, question, record):
        """Return what ``record`` says to ``question``, as a value of ``answer``."""
        value = record[question.field]
        if record._fields[question.field].type == "boolean":
            value = "yes" if value else "no"
        return value and f"{question.code}:{value}"

    @api.model
    def _label(self, question, record):
        """Return the words of what ``record`` says to ``question``, "" for nothing."""
        return dict(self._options(question)).get(self._said(question, record), "")

    @api.model
    def _asked(self, account):
        """Return ``[(Question, record)]``: what the salon is asked for ``account``."""
        return [
            (question, record)
            for question in self._known()
            for record in getattr(self, question.asked_of)(account)
        ]

    @api.model
    def _open(self, account):
        """Return ``[(Question, record)]`` of what has not been answered yet."""
        answered = self.search(
            [("company_id", "=", account.company_id.id), ("answer", "!=", False)]
        )
        known = {(row.code, row.res_id) for row in answered}
        return [
            (question, record)
            for question, record in self._asked(account)
            if (question.code, record.id) not in known
            and not self._is_said(question, record)
        ]

    @api.model
    def _is_said(self, question, record):
        """Return True if ``record`` says more than a default, so that somebody said it.

        A setting that may be empty has none.
        """
        field = record._fields[question.field]
        has_default = field.type == "boolean" or field.required
        if question.dated in record._fields:
            return bool(record[question.dated])
        return not has_default and bool(record[question.field])

    @api.model
    def _ask(self, account):
        """Make the rows of what the salon is asked, and drop those of what is gone.

        An answer that was given where it was not noted (by an import, in a former
        version) is noted without a name.
        """
        company = account.company_id
        rows = self.search([("company_id", "=", company.id)])
        gone = rows.filtered(lambda row: not row.answer and not row._record().exists())
        gone.unlink()
        for question, record in self._asked(account):
            row = self._row(company, question, record)
            said = self._said(question, record)
            if row.answer != said and (row.answer or self._is_said(question, record)):
                day = question.dated in record._fields and record[question.dated]
                row._note(said, self.env["res.users"], day)

    @api.model
    def action_open(self):
        """Show the questions of the company, with those that have come up since.

        :return: a window action
        """
        self.browse().check_access("read")
        account = self.env.company.sudo().salon_account_id
        if account:
            self.sudo()._ask(account)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "salon_invoice_bridge.salon_invoice_question_action"
        )

    @api.model
    def _row(self, company, question, record):
        """Return the row of a question, a new one if it has not been asked yet."""
        domain = [
            ("company_id", "=", company.id),
            ("code", "=", question.code),
            ("res_id", "=", record.id),
        ]
        # Its chatter has what was said, and nothing else.
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        return self.search(domain, limit=1) or quiet.create(
            {
                "company_id": company.id,
                "code": question.code,
                "res_id": record.id,
                "sequence": QUESTIONS.index(question),
            }
        )

    # === WHOM IT IS ASKED OF === #

    def _asked_company(self, account):
        return account.company_id

    def _asked_shops(self, account):
        return account._shops().filtered("active")

    def _asked_reporting(self, account):
        return account if self._asked_receipts(account) else account.browse()

    def _asked_receipts(self, account):
        """Return the company if it gives receipts by itself, or has given one."""
        gives = self.env["salon.invoice.readiness"]._gives_receipts(account)
        return account.company_id if gives else account.company_id.browse()

    def _asked_tips(self, account):
        takes = self._asked_shops(account).tip_product_id
        return account.company_id if takes else account.company_id.browse()

    def _asked_receipt_tips(self, account):
        company = self._asked_receipts(account) & self._asked_tips(account)
        holds = account._capabilities().receipt_tip
        return company.filtered(lambda one: one.salon_tip == "outside" and not holds)

    def _asked_vouchers(self, account):
        """Return the company if the till sells vouchers that do not say their kind."""
        company = self._asked_by(account, "_check_vouchers")
        kinds = [
            product.salon_voucher_kind for product in self._voucher_products(account)
        ]
        return company.browse() if kinds and all(kinds) else company

    def _asked_voucher_products(self, account):
        """Return the vouchers of the till, where the company's answer is not enough."""
        answered = account.company_id.salon_voucher_sale in ("skip", "sale")
        return self._voucher_products(account).filtered(
            lambda product: product.salon_voucher_kind or not answered
        )

    def _voucher_products(self, account):
        """Return the till's products that are vouchers and can say of which kind."""
        products = self._till_products(account)
        if "salon_voucher_kind" not in products._fields:
            return products.browse()
        return products.filtered("salon_is_voucher")

    def _till_products(self, account):
        """Return the ``product.template`` s that the tills of the account sell."""
        companies = [False, *account.company_id.parent_ids.ids]
        return self.env["product.template"].search(
            [("available_in_pos", "=", True), ("company_id", "in", companies)]
        )

    def _asked_deposits(self, account):
        sold = self._till_products(account).filtered(
            lambda product: product.salon_role == "deposit"
        )
        return account.company_id if sold else account.company_id.browse()

    def _asked_customer_accounts(self, account):
        methods = self._asked_shops(account).payment_method_ids
        later = methods.filtered(lambda method: method.type == "pay_later")
        return account.company_id if later else account.company_id.browse()

    def _asked_exemption(self, account):
        return self._asked_by(account, "_check_exemption")

    def _asked_walk_ins(self, account):
        return self._asked_by(account, "_check_walk_in_invoices")

    def _asked_by(self, account, check):
        """Return the company where a check of readiness applies."""
        found = getattr(self.env["salon.invoice.readiness"], check)(account)
        return account.company_id if found else account.company_id.browse()

    def _asked_transfers(self, account):
        return (
            self._asked_shops(account)
            .payment_method_ids.filtered(
                lambda method: method.salon_payment_kind == "bank_transfer"
            )
            .filtered(lambda method: method.type != "pay_later")
        )

    # === THE ANSWER === #

    def write(self, vals):
        """Answer; what people may write here is nothing else.

        :raises AccessError: if the user may not change the setting
        :raises UserError: if this cannot be said to that question
        """
        if self.env.su:
            return super().write(vals)
        if set(vals) != {"answer"}:
            raise AccessError(self.env._("Only the answer can be changed here."))
        self.check_access("write")
        for row in self:
            row._answer(vals["answer"])
        return True

    def _answer(self, answer):
        """Keep an answer where it is acted upon, and note who has given it.

        :param answer: a value of ``answer``, or False to take it back
        """
        question, record = self._question(), self._record()
        if answer and answer not in (self.available or ()):
            raise UserError(self.env._("This is no answer to that question."))
        record.check_access("write")
        field = record._fields[question.field]
        value = (answer or "").partition(":")[2] or False
        if field.type == "boolean":
            value = value == "yes"
        if answer or not (field.type == "boolean" or field.required):
            record = record.with_context(salon_answer=_ANSWERED)
            record.write({question.field: value})
        self.sudo()._note(answer, self.env.user)

    def _note(self, answer, user, day=None):
        """Note what was answered, by whom, and when: by default today in Hungary.

        :param user: ``res.users``, none where nobody knows
        """
        labels = dict(self._answers())
        day = day or self.env["salon.invoice.document"]._today()
        for row in self:
            said = labels.get(answer) if answer else self.env._("not answered")
            row._message_log(
                body=self.env._(
                    "%(user)s: %(answer)s", user=user.name or "?", answer=said
                )
            )
            row.write(
                {
                    "answer": answer or False,
                    "answered_on": answer and day,
                    "answered_by_id": answer and user.id,
                }
            )

    @api.model
    @contextmanager
    def _noting(self, records, vals):
        """Note the answers that a write of ``vals`` on ``records`` gives inside.

        A form writes all that it shows: only what changes is an answer.
        """
        noted = self.env.context.get("salon_answer") is _ANSWERED
        asked = [
            question
            for question in self._known()
            if question.model == records._name and question.field in vals and not noted
        ]
        # A list: a question has lazy texts, which cannot be hashed.
        before = [
            (question, record, record.sudo()[question.field])
            for question in asked
            for record in records
        ]
        yield
        for question, record, value in before:
            if record.sudo()[question.field] != value:
                self.sudo()._note_change(question, record.sudo(), self.env.user)

    def _note_change(self, question, record, user):
        """Note what has been said in a setting."""
        company = record if record._name == "res.company" else record.company_id
        if company:
            rows = self._row(company, question, record)
        else:
            domain = [("code", "=", question.code), ("res_id", "=", record.id)]
            rows = self.search(domain)
        rows._note(self._said(question, record), user)
