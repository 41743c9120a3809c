"""What a service writes to whoever it e-mails a document: the salon's own words.

They are frozen with the document and sent with it. So the document's number is none of
the names in braces: a service that e-mails as it issues (Számlázz.hu) gives the number
after it has got these words. What the salon does not say is the service's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .invoice import Kind, Mail
from .notes import PLACEHOLDER, one_line

#: What subject and text may name in braces.
PLACEHOLDERS = ("company", "shop", "reference", "document")
#: Longest subject and text, in characters. The vendor's schema has no limit of its own:
#: these are what a person reads of an e-mail.
LONGEST_SUBJECT, LONGEST_TEXT = 200, 4000


@dataclass(frozen=True, kw_only=True)
class MailTemplate:
    """What the e-mails of one till say in one language, with names in braces.

    ``words`` is what each kind of document is called in this language.
    """

    subject: str = ""
    text: str = ""
    reply_to: str = ""  # an address
    company: str = ""
    shop: str = ""
    words: Mapping[Kind, str] = field(default_factory=dict)


def write_mail(template, kind, reference):
    """Return the ``invoice.Mail`` of a document, None if all of it is the service's.

    :param MailTemplate template: of the till, None where a service takes no words
    :param Kind kind: of the document
    :param str reference: the till's number of the sale
    """
    if not template:
        return None
    values = {
        "company": template.company,
        "shop": template.shop,
        "reference": reference,
        "document": template.words.get(kind, ""),
    }
    mail = Mail(
        subject=one_line(_fill(template.subject, values)),
        text=_fill(template.text, values),
        reply_to=template.reply_to,
    )
    return None if mail == Mail() else mail


def unknown_name(text):
    """Return the first name in braces that is none of :data:`PLACEHOLDERS`, or None."""
    names = PLACEHOLDER.findall(text)
    return next((name for name in names if name not in PLACEHOLDERS), None)


def _fill(text, values):
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text).strip()
