"""What the real till says of a sale's invoice: on its screen, and on the slip."""

import base64
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from devtools import templates
from devtools.selling import wait
from devtools.till import Till

from .counter import CARD, QUESTION, TEXT, Counter, hold, settings, untaxed
from .screens import DESKTOP

SLIP = ".receipt-screen .pos-receipt .o_salon_slip"
WATCH = "@salon_invoice_bridge/app/utils/invoice_watch"
#: Milliseconds before and after the moment at which a print waits no longer.
MARKS = [2_400, 2_900]
#: Milliseconds: a print of a till that waits so long has the number.
PATIENT = {"print": 60_000, "askToPrint": 60_000}
#: The dots in a line of a printer, by the width of its paper in millimetres, and the
#: size of the letters there when a browser prints: 14 of its pixels.
PAPERS = {58: (384, 30), 80: (576, 30)}
SCANNER = """
window.scan = (image) => {
    const hints = new Map([[ZXing.DecodeHintType.TRY_HARDER, true]]);
    const {HybridBinarizer, GlobalHistogramBinarizer} = ZXing;
    for (const scale of [1, 0.75, 0.5, 1.5]) {
        const [width, height] = [image.width * scale, image.height * scale];
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [width + 80, height + 80];
        const paper = canvas.getContext("2d");
        paper.fillStyle = "white";
        paper.fillRect(0, 0, canvas.width, canvas.height);
        paper.drawImage(image, 40, 40, width, height);
        const light = new ZXing.HTMLCanvasElementLuminanceSource(canvas);
        for (const Binarizer of [HybridBinarizer, GlobalHistogramBinarizer]) {
            const bits = new ZXing.BinaryBitmap(new Binarizer(light));
            try {
                return new ZXing.QRCodeReader().decode(bits, hints).getText();
            } catch {
                continue;
            }
        }
    }
    return null;
}
"""


class Desk(Counter):
    """A receptionist at a till that can be hurried, and whose slips are scanned."""

    def __init__(self, page, server):
        super().__init__(page, server)
        page.add_init_script(SCANNER)

    def open(self, scene, language="en_US", **delays):
        """Open the till; ``delays`` (milliseconds) replace its own."""
        till = self.open_till(scene, language)
        self.hurry(**delays)
        return till

    def hurry(self, **delays):
        """Have the till wait otherwise; return how long it waited before."""
        return self.page.evaluate(
            """([path, delays]) => {
                const {DELAYS} = odoo.loader.modules.get(path);
                const before = {...DELAYS};
                Object.assign(DELAYS, delays);
                return before;
            }""",
            [WATCH, delays],
        )

    def sell(self, product):
        """Sell to a walk-in, and come to the receipt."""
        self.choose_product(product)
        self.give()
        self.validate()
        self.page.locator(".receipt-screen").wait_for()

    def cut(self):
        """Cut the till off, and press away what Odoo says of it."""
        warning = self.page.locator(".modal .btn-primary")
        self.page.add_locator_handler(warning, lambda button: button.click())
        self.page.context.set_offline(True)
        self.page.wait_for_function("posmodel.data.network.offline")

    def mend(self):
        """Connect the till again."""
        self.page.context.set_offline(False)

    def see_slip(self, text):
        """Wait until our part of the slip says ``text``."""
        expect(self.page.locator(SLIP)).to_contain_text(text)

    def pass_time(self, milliseconds):
        """Let time pass, by the till's own clock."""
        self.page.evaluate(
            "ms => new Promise((end) => setTimeout(end, ms))", milliseconds
        )

    def address(self):
        """Return the customer's page of the sale on the screen."""
        token = self.page.evaluate(
            """posmodel.models["pos.order"].getBy("uuid",
                posmodel.router.state.params.orderUuid).access_token"""
        )
        return f"{self.server.url}/salon/invoice/{token}"

    def scan(self, picture, kind="png"):
        """Return what the code on a picture says, or None.

        As a phone does, on white paper and at several distances: the library finds one
        perfect code in twelve only at another size.
        """
        return self.page.evaluate(
            """async (picture) => {
                const image = new Image();
                image.src = picture;
                await image.decode();
                return window.scan(image);
            }""",
            f"data:image/{kind};base64,{base64.b64encode(picture).decode()}",
        )

    def sale(self):
        """Return the sale on the screen, as the server has it."""
        (sale,) = self.rpc("manager").call(
            "pos.order",
            "search_read",
            [["uuid", "=", self.page.url.rpartition("/")[2].partition("?")[0]]],
            ["pos_reference", "salon_invoice_number", "salon_invoice_state"],
        )
        return sale

    def waits(self):
        """Have the till keep how long its prints wait for a number.

        By timers beside its own: however busy the machine is, they end in their order.
        """
        self.page.evaluate(
            """(marks) => {
                const watch = posmodel.salonWatch;
                const wait = watch.waitToPrint.bind(watch);
                window.waited = [];
                watch.waitToPrint = async (order) => {
                    const passed = [];
                    const timers = marks.map(
                        (mark) => setTimeout(() => passed.push(mark), mark)
                    );
                    await wait(order);
                    timers.forEach((timer) => clearTimeout(timer));
                    window.waited.push(passed);
                };
            }""",
            MARKS,
        )

    def waited(self):
        """Return which of ``MARKS`` had passed when each print waited no longer."""
        return self.page.evaluate("window.waited")

    def papers(self, name, scan=True):
        """Print on each paper: nothing of ours is cut off, and the code can be read.

        :param bool scan: False where the slip has no code
        """
        slip = self.page.locator(".receipt-screen .pos-receipt")
        for millimetres, (dots, letters) in PAPERS.items():
            slip.evaluate(
                """(slip, [dots, letters]) => {
                    slip.style.cssText = `width: ${dots}px; font-size: ${letters}px;
                        position: fixed; top: 0; left: 0; z-index: 9999;
                        background: white; color: black;`;
                }""",
                [dots, letters],
            )
            self.page.set_viewport_size({"width": 1366, "height": 1600})
            drawn(slip.locator("img"))
            assert self.page.locator(SLIP).evaluate(
                "block => [block, ...block.querySelectorAll('*')].every("
                "part => part.scrollWidth <= block.clientWidth)"
            ), f"{name} does not fit on {millimetres} mm"
            picture = slip.screenshot()
            keep(f"slip-{name}-{millimetres}mm.png", picture)
            if scan:
                assert self.scan(picture) == self.address()
        slip.evaluate("slip => slip.removeAttribute('style')")
        self.page.set_viewport_size(DESKTOP)


def drawn(images):
    """Wait until the browser can draw these images."""
    images.evaluate_all("images => Promise.all(images.map((image) => image.decode()))")


def keep(name, picture):
    """Keep a picture, if they are kept."""
    if folder := os.environ.get("SALON_SCREENS"):
        (Path(folder) / name).write_bytes(picture)


@pytest.fixture
def desk(browser, odoo_server, database, scene):
    """Return the receptionist's :class:`Desk`."""
    return Desk(browser, odoo_server(database))


@pytest.fixture
def silent(browser, odoo_server, database, scene):
    """Return a :class:`Desk` at a server whose websockets nobody passes on."""
    desk = Desk(browser, odoo_server(database, workers=2))
    desk.hears = False
    return desk


def test_the_card_and_the_slip_get_the_number_by_one_question(desk, scene):
    desk.open(scene, "hu_HU")
    before = desk.hurry(ask=[60_000, 90_000])
    assert before["ask"] == [5_000, 30_000]
    assert before["print"] == 2_500
    desk.sell("Női hajvágás")
    card = desk.card("issued")
    sale = desk.sale()
    assert sale["salon_invoice_number"] in card
    desk.see_slip(sale["salon_invoice_number"])
    status = desk.page.locator(f"{CARD} [role=status][aria-live=polite]")
    expect(status).to_contain_text(sale["salon_invoice_number"])
    desk.picture("issued")
    desk.papers("issued")
    desk.settle()
    assert desk.asked == [[sale["id"]]]
    assert desk.page.evaluate("posmodel.salonWatch.followed.size") == 0


def test_a_slow_service_is_waited_for_and_nothing_is_promised_wrongly(
    desk, scene, sandbox
):
    desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    go_on = hold(sandbox)
    desk.sell("Manikűr")
    desk.card("pending")
    desk.settle()
    assert not desk.page.locator(f"{CARD} button").count()
    desk.picture("pending")
    desk.papers("pending")
    go_on()
    desk.card("issued")
    desk.settle()
    assert len(desk.asked) == 1


def test_where_no_message_comes_the_till_asks_twice_and_then_a_person(
    silent, scene, sandbox
):
    silent.open(scene, ask=[500, 2_000])
    go_on = hold(sandbox)
    silent.sell("Manikűr")
    button = silent.page.locator(f"{CARD} .o_salon_ask")
    button.wait_for()
    assert len(silent.asked) == 2
    silent.card("pending")
    silent.picture("ask-again")
    sale = silent.sale()
    go_on()
    (settled,) = wait(silent.rpc("manager"), [sale["id"]])
    silent.card("pending")
    button.focus()
    silent.page.keyboard.press("Enter")
    assert settled.number in silent.card("issued")
    silent.settle()
    assert not button.count()
    assert silent.asked == [[sale["id"]]] * 3


def test_where_no_message_comes_one_question_is_usually_enough(silent, scene):
    silent.open(scene, ask=[500, 90_000])
    # It comes when the invoice is there: usually that takes less than the first delay.
    let_arrive = silent.hold_back(QUESTION)
    with silent.page.expect_request(QUESTION):
        silent.sell("Manikűr")
    wait(silent.rpc("manager"), [silent.sale()["id"]])
    let_arrive()
    silent.card("issued")
    silent.settle()
    assert len(silent.asked) == 1


def test_what_needs_attention_says_why_and_is_tried_again(desk, scene):
    mend = untaxed(desk, scene, "Manikűr")
    desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    desk.sell("Manikűr")
    desk.card("attention")
    expect(desk.page.locator(f"{CARD} .o_salon_reason")).to_have_text(TEXT)
    expect(desk.page.locator(f"{SLIP} .o_salon_slip_title")).to_have_text(TEXT)
    desk.picture("attention")
    desk.papers("attention")
    mend()
    button = desk.page.locator(f"{CARD} .o_salon_retry")
    button.focus()
    desk.page.keyboard.press("Enter")
    desk.card("issued")
    desk.settle()
    assert not button.count()
    assert len(desk.asked) <= 3, "a question for each message"


def test_a_sale_without_an_invoice_says_so_at_once(desk, scene):
    settings(desk, "res.company", salon_automatic=False)
    desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    desk.sell("Manikűr")
    desk.card("skipped")
    expect(desk.page.locator(f"{CARD} .o_salon_reason")).to_have_text(TEXT)
    expect(desk.page.locator(f"{SLIP} .o_salon_slip_title")).to_have_text(TEXT)
    desk.settle()
    assert not desk.page.locator(f"{SLIP} img").count()
    assert len(desk.asked) == 1
    desk.picture("skipped")
    desk.papers("skipped", scan=False)


def test_a_sale_without_an_invoice_offers_the_page_where_it_can_be_asked_for(
    desk, scene
):
    settings(desk, "res.company", salon_automatic=False, salon_guest_may_request=True)
    desk.open(scene, "hu_HU")
    desk.sell("Manikűr")
    desk.card("skipped")
    desk.papers("can-be-asked-for")


def test_a_refund_shows_its_storno(desk, scene):
    till = Till(desk.rpc("receptionist"), scene)
    sold = till.sell([("Manikűr",)])
    wait(desk.rpc("manager"), [sold])
    (sale,) = till.session.call("pos.order", "read", [sold], ["pos_reference"])
    desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    desk.start_refund(sale["pos_reference"])
    desk.give()
    desk.validate()
    card = desk.card("issued")
    number = desk.sale()["salon_invoice_number"]
    assert number
    assert number in card
    desk.see_slip(number)
    expect(desk.page.locator(SLIP)).to_have_text(re.compile(r"^\s*Sztornó"))
    desk.picture("refund")
    desk.papers("refund")


# === PRINTING === #


PRINTS = {"iface_print_auto": True, "iface_print_skip_screen": False}


def test_an_automatic_print_has_the_number(desk, scene):
    settings(desk, "pos.config", **PRINTS)
    desk.open(scene, ask=[60_000, 90_000], **PATIENT)
    desk.waits()
    desk.sell("Manikűr")
    sale = desk.sale()
    assert sale["salon_invoice_number"]
    (slip,) = desk.printed(1)
    assert sale["salon_invoice_number"] in slip
    desk.card("issued")
    desk.settle()
    assert len(desk.waited()) == 1
    assert len(desk.asked) == 1
    assert not desk.page.locator(f"{CARD} .o_salon_reprint").count()


def test_an_automatic_print_waits_no_longer_and_is_made_again_with_the_number(
    desk, scene, sandbox
):
    settings(desk, "pos.config", **PRINTS)
    desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    desk.waits()
    go_on = hold(sandbox)
    desk.sell("Manikűr")
    assert desk.waited() == [MARKS[:1]]  # 2,500
    (slip,) = desk.printed(1)
    go_on()
    desk.card("issued")
    sale = desk.sale()
    assert sale["salon_invoice_number"]
    assert sale["salon_invoice_number"] not in slip
    desk.picture("reprint")
    desk.click(f"{CARD} .o_salon_reprint")
    assert sale["salon_invoice_number"] in desk.printed(2)[1]
    desk.page.locator(f"{CARD} .o_salon_reprint").wait_for(state="detached")


def test_a_till_that_prints_and_goes_on_shows_the_number_meanwhile(desk, scene):
    settings(desk, "pos.config", iface_print_auto=True, iface_print_skip_screen=True)
    desk.open(scene, "hu_HU", ask=[60_000, 90_000], **PATIENT)
    desk.choose_product("Manikűr")
    desk.give()
    desk.validate()
    # It goes on five seconds later: what it says is read as soon as it says it.
    card = desk.page.locator(f".feedback-screen {CARD}[data-state=issued]:visible")
    number = card.inner_text().partition(": ")[2].strip()
    assert number
    assert number in desk.printed(1)[0]
    desk.picture("feedback")
    assert len(desk.asked) == 1
    desk.page.locator(".product-screen").wait_for()


def test_an_automatic_print_asks_itself_where_no_message_comes(silent, scene):
    settings(silent, "pos.config", **PRINTS)
    silent.open(scene, ask=[60_000, 90_000])
    silent.waits()
    # The answer comes when the invoice is there: later than this print.
    let_arrive = silent.hold_back(QUESTION)
    with silent.page.expect_request(QUESTION):
        silent.sell("Manikűr")
    assert silent.waited() == [MARKS[:1]]
    assert len(silent.asked) == 1
    wait(silent.rpc("manager"), [silent.sale()["id"]])
    let_arrive()
    silent.card("issued")
    silent.settle()
    assert len(silent.asked) == 1


def test_without_automatic_printing_nothing_waits(desk, scene):
    desk.open(scene, ask=[60_000, 90_000])
    desk.waits()
    desk.sell("Manikűr")
    assert desk.waited() == []
    desk.card("issued")
    desk.settle()
    assert desk.printed(0) == []
    desk.click(".receipt-screen .button.print")
    assert desk.sale()["salon_invoice_number"] in desk.printed(1)[0]
    desk.settle()
    assert not desk.page.locator(f"{CARD} .o_salon_reprint").count()


def test_the_picture_that_is_mailed_has_number_and_code(desk, scene):
    desk.open(scene, "hu_HU")
    desk.sell("Női hajvágás")
    desk.card("issued")
    picture = desk.page.evaluate(
        """async () => {
            const folder = "@point_of_sale/app/screens/receipt_screen/receipt";
            const {OrderReceipt} = odoo.loader.modules.get(`${folder}/order_receipt`);
            const uuid = posmodel.router.state.params.orderUuid;
            const order = posmodel.models["pos.order"].getBy("uuid", uuid);
            const renderer = posmodel.env.services.renderer;
            const element = await renderer.toHtml(OrderReceipt, {order});
            window.mailed = element.innerText || element.textContent;
            window.codes = element.querySelectorAll("img.o_salon_qr").length;
            await new Promise((resolve) => setTimeout(resolve, 300));
            return await renderer.toJpeg(
                OrderReceipt, {order}, {addClass: "pos-receipt-print p-3"}
            );
        }"""
    )
    assert desk.sale()["salon_invoice_number"] in desk.page.evaluate("window.mailed")
    assert desk.page.evaluate("window.codes") == 1
    picture = base64.b64decode(picture)
    keep("slip-mailed.jpg", picture)
    assert desk.scan(picture, "jpeg") == desk.address()


def test_a_slip_without_prices_is_no_invoice_and_shows_no_sum(desk, scene):
    settings(desk, "pos.config", basic_receipt=True)
    desk.open(scene)
    desk.sell("Női hajvágás")
    desk.card("issued")
    desk.click(".receipt-screen .button.print >> nth=1")
    (slip,) = desk.printed(1)
    number = desk.sale()["salon_invoice_number"]
    assert number
    assert "This slip is neither an invoice nor a receipt." in slip
    assert number not in slip
    desk.settle()
    assert not desk.page.locator(f"{CARD} .o_salon_reprint").count()


def test_there_is_one_code_on_a_slip(desk, scene):
    settings(desk, "res.company", point_of_sale_use_ticket_qr_code=True)
    desk.open(scene)
    desk.sell("Női hajvágás")
    desk.card("issued")
    code = desk.page.locator(".receipt-screen .pos-receipt img.o_salon_qr")
    expect(code).to_have_count(1)
    desk.settle()
    assert not desk.page.locator(".receipt-screen .pos-receipt #posqrcode").count()
    assert not desk.page.locator(".receipt-screen .unique-code").count()


def test_the_customers_display_shows_the_code_and_costs_no_request_more(
    desk, scene, sandbox
):
    desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    sent = []
    desk.page.on(
        "request",
        lambda request: sent.append(request.url.rpartition("/")[2].partition("#")[0]),
    )
    display = desk.page.context.new_page()
    display.goto(f"{desk.server.url}/pos_customer_display/{scene['config']}/a-display")
    display.locator(".o_customer_display").wait_for()
    desk.page.bring_to_front()
    go_on = hold(sandbox)
    desk.sell("Manikűr")
    code = display.locator(".o_salon_display img")
    code.wait_for()
    drawn(code)
    keep("customer-display.png", display.screenshot())
    assert desk.scan(code.screenshot()) == desk.address()
    desk.card("pending")
    desk.settle()
    before = sent.count("update_customer_display")
    go_on()
    desk.card("issued")
    desk.pass_time(500)
    desk.settle()
    assert sent.count("update_customer_display") == before
    display.close()


# === OFFLINE === #


def test_what_is_sold_offline_is_invoiced_afterwards_in_order_and_once(desk, scene):
    till = desk.open(scene, "hu_HU", ask=[60_000, 90_000])
    desk.cut()
    for product in ("Manikűr", "Női hajvágás", "Hajfestés"):
        if desk.page.locator(".receipt-screen").count():
            desk.next()
        desk.sell(product)
        desk.card("offline")
    desk.picture("offline")
    desk.papers("offline")
    assert not desk.asked
    desk.mend()
    desk.card("issued")
    rpc = desk.rpc("manager")
    sales = rpc.call(
        "pos.order",
        "search_read",
        [["session_id", "=", till.session_id]],
        ["date_order", "amount_total"],
        order="date_order, id",
    )
    assert [sale["amount_total"] for sale in sales] == [6500, 8900, 16500]
    settled = wait(rpc, [sale["id"] for sale in sales])
    numbers = [sale.number for sale in settled]
    assert all(numbers)
    assert numbers == sorted(set(numbers)), "in the order of the sales"
    count = rpc.call(
        "salon.invoice.document",
        "search_count",
        [["order_id", "in", [sale["id"] for sale in sales]]],
    )
    assert count == 3
    desk.page.wait_for_function("posmodel.salonWatch.followed.size === 0")


def test_what_was_issued_while_the_till_was_offline_is_asked_for(desk, scene, sandbox):
    desk.open(scene, ask=[60_000, 90_000])
    go_on = hold(sandbox)
    desk.sell("Manikűr")
    desk.card("pending")
    # No message comes: its connection is only cut where the worker sees it, too.
    desk.page.evaluate("posmodel.salonWatch.hear = () => {}")
    desk.cut()
    go_on()
    (settled,) = wait(desk.rpc("manager"), [desk.sale()["id"]])
    assert settled.state == "issued"
    assert not desk.asked
    desk.mend()
    assert settled.number in desk.card("issued")
    desk.settle()
    assert len(desk.asked) == 1


class TestNotConnected:
    """A till without a service is as Odoo made it."""

    @pytest.fixture
    def template(self):
        """Return the salon that has no service yet."""
        return templates.unconnected

    def test_nothing_is_said_and_nothing_is_asked(self, desk, scene):
        settings(desk, "pos.config", **PRINTS)
        desk.open(scene, ask=[100, 200])
        desk.waits()
        desk.sell("Női hajvágás")
        desk.pass_time(500)
        desk.settle()
        assert not desk.page.locator(CARD).count()
        assert not desk.page.locator(SLIP).count()
        assert desk.asked == []
        assert desk.waited() == []
        assert len(desk.printed(1)) == 1
