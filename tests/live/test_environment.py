"""The newcomer's Odoo works: what ./dev puts together renders and survives."""

from devtools.rpc import Session


def test_odoo_speaks_hungarian_and_has_the_addon(database, odoo_server):
    admin = Session(odoo_server(database).url, database, "admin", "admin")
    domain = [("name", "in", ["point_of_sale", "l10n_hu", "salon_invoice_bridge"])]
    modules = admin.call("ir.module.module", "search_read", domain, ["state"])
    assert [module["state"] for module in modules] == ["installed"] * 3
    assert ["hu_HU"] in [
        [language["code"]]
        for language in admin.call("res.lang", "search_read", [], ["code"])
    ]


def test_odoo_comes_back_after_it_was_killed(database, odoo_server):
    server = odoo_server(database)
    server.kill()
    server.start()
    assert Session(server.url, database, "admin", "admin").info["uid"]


def test_odoo_runs_with_worker_processes(database, odoo_server):
    server = odoo_server(database, workers=2)
    assert Session(server.url, database, "admin", "admin").info["uid"]


def test_the_web_client_renders(database, odoo_server, browser):
    server = odoo_server(database)
    browser.goto(f"{server.url}/web/login")
    browser.fill("input[name=login]", "admin")
    browser.fill("input[name=password]", "admin")
    browser.click("button[type=submit]")
    browser.wait_for_selector(".o_navbar_apps_menu, .o_menu_toggle")
    icons = browser.evaluate(
        "() => document.fonts.load('16px FontAwesome').then(found => found.length)"
    )
    assert icons, "Font Awesome, which all of Odoo's icons are, does not load"
