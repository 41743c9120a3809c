"""A receptionist sells to a company by typing eleven digits, in the real till.

She has no right to create customers, nor any to accounting.
"""

import pytest
from playwright.sync_api import expect

from devtools import arena
from devtools.selling import wait

from .counter import Counter
from .test_till_invoice import documents, last_sale

NUMBER, NAME = "11112222-2-41", "PRÓBA SZÉPSÉG KFT."
HEADQUARTERS = "Bajcsy-Zsilinszky út 12. B ép. 2. lph. 3. em. 14. ajtó"
UNKNOWN = "99999999-2-42"
#: In the demo's salon.
COMPANY, PERSON = "Árvíztűrő & Tükörfúró Kft.", "Őrségi Zsófia"
TABLET = {"width": 820, "height": 1180}


class Buyer(Counter):
    """A receptionist in front of the dialog that asks for the buyer."""

    def company_invoice(self):
        self.click(".payment-screen .salon-buyer-button:visible")
        self.page.locator(".salon-buyer-dialog").wait_for()

    def type_number(self, number):
        """Type a number into the field that has the focus, and leave it by Enter."""
        self.page.keyboard.type(number)
        self.page.keyboard.press("Enter")

    def fill(self, **values):
        for name, value in values.items():
            self.page.locator(f".salon-buyer-dialog [name={name}]").fill(value)

    def see(self, **values):
        """Wait until the fields have these values."""
        for name, value in values.items():
            field = self.page.locator(f".salon-buyer-dialog [name={name}]")
            expect(field).to_have_value(value)

    def choose_option(self, name, label):
        """Choose in a list what is written there."""
        box = self.page.locator(f".salon-buyer-dialog [name={name}]")
        option = box.locator("option", has_text=label).get_attribute("value")
        box.select_option(option)

    def use(self):
        self.click(".salon-use")
        self.page.locator(".salon-buyer-dialog").wait_for(state="detached")

    def see_buyer(self, name):
        """Wait until the payment screen shows the buyer's name."""
        expect(self.page.locator(".payment-screen .salon-buyer-name")).to_have_text(
            name
        )

    def see_customer(self, name):
        """Wait until the payment screen shows the customer's name."""
        expect(self.page.locator(".payment-screen .partner-name")).to_have_text(name)

    def partners(self, **values):
        """Return the customers with these values."""
        domain = [[name, "=", value] for name, value in values.items()]
        names = ["name", "vat", "zip", "city", "street", "is_company", "country_id"]
        return self.rpc().call(
            "res.partner", "search_read", domain, [*names, "salon_is_unverified"]
        )


@pytest.fixture
def screens(browser, odoo_server, database, scene):
    """Return the receptionist's :class:`Buyer`."""
    return Buyer(browser, odoo_server(database))


def sold(screens, buyer):
    """Pay, wait for the invoice and return its sale; it is made out to ``buyer``."""
    screens.pay()
    sale = last_sale(screens)
    (settled,) = wait(screens.rpc("manager"), [sale["id"]])
    assert settled.state == "issued"
    (document,) = documents(screens, sale)
    assert document["buyer_name"] == buyer
    return sale


def test_eleven_digits_and_enter_sell_to_a_company(screens, scene):
    screens.open_till(scene, "en_US")
    screens.choose_product("Női hajvágás")
    screens.picture("payment")
    screens.company_invoice()
    screens.picture("empty")
    page = screens.page
    page.keyboard.type("1111222")
    screens.settle()
    assert not page.locator(".salon-wrong").count()
    page.keyboard.type("3")
    page.locator(".salon-wrong").wait_for()
    screens.picture("wrong-digit")
    page.keyboard.press("Backspace")
    screens.type_number("2241")
    page.locator(".salon-known").wait_for()
    screens.picture("known")
    screens.see(number=NUMBER, name=NAME, zip="1065", street=HEADQUARTERS)
    expect(page.locator(".salon-use")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".salon-buyer-dialog").wait_for(state="detached")
    screens.see_buyer(NAME)
    screens.see_customer(NAME)
    screens.picture("chosen")
    sale = sold(screens, NAME)
    (company,) = screens.partners(vat=NUMBER)
    assert sale["partner_id"][0] == company["id"]
    assert not company["salon_is_unverified"]
    assert not sale["account_move"]


def test_a_private_customer_stays_and_the_company_is_billed(screens, scene):
    screens.open_till(scene, "en_US")
    screens.choose_product("Női hajvágás")
    screens.choose_customer(PERSON)
    screens.company_invoice()
    screens.type_number("11112222241")
    screens.page.locator(".salon-known").wait_for()
    screens.choose_option("place", "Győr")
    screens.see(city="Győr")
    screens.picture("another-place")
    screens.choose_option("place", "Budapest")
    screens.see(city="Budapest", street=HEADQUARTERS)
    screens.use()
    screens.see_buyer(NAME)
    screens.see_customer(PERSON)
    screens.picture("beside-a-person")
    screens.click(".salon-buyer-remove")
    screens.page.locator(".salon-buyer-name").wait_for(state="detached")
    screens.see_customer(PERSON)
    # Now she is a customer, and is found.
    screens.company_invoice()
    screens.type_number(NUMBER)
    screens.page.locator(".salon-partner").wait_for()
    screens.picture("found")
    screens.use()
    sale = sold(screens, NAME)
    assert sale["partner_id"][1] == PERSON
    assert len(screens.partners(vat=NUMBER)) == 1


def test_an_unknown_number_is_said_before_anything_is_saved(screens, scene):
    screens.open_till(scene, "en_US")
    screens.choose_product("Manikűr")
    screens.company_invoice()
    screens.type_number(UNKNOWN)
    screens.page.locator(".salon-unknown").wait_for()
    screens.fill(name="Ismeretlen Bt.", zip="8060", city="Mór", street="Fő u. 1.")
    screens.click(".salon-use")
    screens.page.locator("[name=sure].is-invalid").wait_for()
    screens.picture("unknown")
    assert not screens.partners(vat=UNKNOWN)
    screens.page.locator("[name=sure]").check()
    screens.use()
    screens.see_buyer("Ismeretlen Bt.")
    (company,) = screens.partners(vat=UNKNOWN)
    assert company["salon_is_unverified"]


def test_where_nobody_can_be_asked_it_is_typed_and_the_sale_goes_on(
    screens, scene, sandbox
):
    control = arena.Control(sandbox)
    control.fault("status_before", path="check-tax-number", status=502, times=None)
    screens.open_till(scene, "en_US")
    screens.choose_product("Manikűr")
    screens.company_invoice()
    screens.type_number(NUMBER)
    screens.page.locator(".salon-silent").wait_for()
    screens.page.locator(".salon-unverified").wait_for()
    screens.click(".salon-use")
    screens.page.locator(".salon-missing").wait_for()
    screens.picture("silent")
    screens.fill(name="Kézzel Kft.", zip="8060", city="Mór", street="Fő u. 1.")
    screens.use()
    sold(screens, "Kézzel Kft.")
    (company,) = screens.partners(vat=NUMBER)
    assert company["salon_is_unverified"]


def test_a_person_and_a_company_of_another_country(screens, scene):
    screens.open_till(scene, "en_US")
    screens.choose_product("Manikűr")
    screens.company_invoice()
    screens.page.locator("label[for=salon-kind-person]").click()
    screens.fill(name="Szabó Éva", zip="8060", city="Mór", street="Fő u. 2.")
    screens.picture("person")
    screens.use()
    sold(screens, "Szabó Éva")
    screens.next()

    screens.choose_product("Manikűr")
    screens.company_invoice()
    screens.page.locator("label[for=salon-kind-foreign]").click()
    screens.choose_option("country", "Germany")
    screens.fill(
        number="DE136695975",
        name="Muster GmbH",
        zip="10115",
        city="Berlin",
        street="X 1",
    )
    screens.click(".salon-use")
    screens.page.locator(".salon-error").wait_for()
    screens.picture("foreign")
    screens.fill(number="136 695 976")
    screens.use()
    sold(screens, "Muster GmbH")
    (company,) = screens.partners(vat="DE136695976")
    assert company["country_id"][1] == "Germany"
    assert company["salon_is_unverified"]


def test_without_a_connection_an_existing_customer_is_chosen(screens, scene):
    screens.open_till(scene, "en_US")
    screens.choose_product("Manikűr")
    page = screens.page
    (company,) = screens.partners(name=COMPANY)
    page.route("**/*salon_till*", lambda route: route.abort())
    screens.company_invoice()
    screens.type_number(NUMBER)
    page.locator(".salon-silent").wait_for()
    screens.fill(name="Kézzel Kft.", zip="8060", city="Mór", street="Fő u. 1.")
    screens.click(".salon-use")
    page.locator(".salon-error").wait_for()
    screens.picture("offline")
    screens.see(name="Kézzel Kft.")
    screens.fill(number=company["vat"])
    page.locator("[name=number]").press("Enter")
    page.locator(".salon-partner", has_text=COMPANY).wait_for()
    screens.picture("offline-found")
    screens.use()
    screens.see_buyer(COMPANY)


def test_on_a_tablet_everything_is_within_reach(screens, scene):
    screens.open_till(scene, "hu_HU")
    screens.choose_product("Női hajvágás")
    page = screens.page
    page.set_viewport_size(TABLET)
    screens.company_invoice()
    screens.type_number(NUMBER)
    page.locator(".salon-known").wait_for()
    screens.settle()
    box = page.locator(".salon-use").bounding_box()
    assert box["y"] + box["height"] <= TABLET["height"]
    # A screen reader names every field.
    unnamed = page.eval_on_selector_all(
        ".salon-buyer-dialog input, .salon-buyer-dialog select",
        "fields => fields.filter(field => !field.labels.length).map(f => f.name)",
    )
    assert not unnamed
    page.set_viewport_size({"width": 1366, "height": 768})
    screens.picture("hungarian")
    page.set_viewport_size(TABLET)
    screens.use()
    screens.see_buyer(NAME)


def test_at_the_products_it_is_among_the_actions(screens, scene):
    screens.open_till(scene, "en_US")
    screens.click("article.product", has_text="Manikűr")
    screens.click(".more-btn:visible")
    screens.picture("actions")
    screens.click(".control-buttons-modal .salon-buyer-button")
    screens.page.locator(".salon-buyer-dialog").wait_for()
    screens.type_number(NUMBER)
    screens.page.locator(".salon-known").wait_for()
    screens.use()
    screens.page.locator(".set-partner", has_text=NAME).wait_for()
