"""The demo salon, built inside Odoo: a company, a till, people, things to sell.

Runs in an Odoo shell, on a database that has the addon and nothing else.  Everything is
invented; the sandbox is the only service that it is connected to.
"""

SALON = "Tündér Szépségszalon Kft."

#: Sold with prices that include 27% VAT, in forints.
PRODUCTS = {
    "Női hajvágás": 8900,
    "Férfi hajvágás": 4990,
    "Hajfestés": 16500,
    "Manikűr": 6500,
    "Sampon, 250 ml": 3490,
    "Argánolaj, 100 ml": 5990,
}

#: What is paid for before it is used -> its role; sold at 27%, too.
PREPAID = {
    "Ajándékkártya, 10 000 Ft": ("voucher", 10000),
    "Foglaló": ("deposit", 5000),
}

#: The number prefix of receipts at Számlázz.hu, whose interface lists none.
RECEIPT_PREFIX = "NYGT"


def build(env, *, address, key, service="billingo"):
    """Make the salon and connect it; return the ids that a seller needs.

    :param env: an ``odoo.api.Environment`` of the superuser
    :param str address: of the service's interface in the sandbox
    :param str key: opens the sandbox's account; "" leaves the salon unconnected
    :param str service: code of the service, see :func:`connect`
    :return: ``{"config": id, "products": {name: id}, ...}``, JSON-ready
    """
    company = _company(env)
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    products = _products(env)
    config = _till(env, products)
    people = _people(env, company)
    if key:
        connect(env, address, key, service)
    methods = {
        method.salon_payment_kind: method for method in config.payment_method_ids
    }
    return {
        "config": config.id,
        "login": people["receptionist"].login,
        "tip_product": config.tip_product_id.id,
        "products": {name: product.id for name, product in products.items()},
        "methods": {kind: method.id for kind, method in methods.items()},
        "customers": _customers(env),
    }


def _company(env):
    company = env.ref("base.main_company")
    company.write(
        {
            "name": SALON,
            "country_id": env.ref("base.hu").id,
            "currency_id": _activated(env.ref("base.HUF")).id,
            "vat": "12345676-2-42",
            "zip": "1061",
            "city": "Budapest",
            "street": "Andrássy út 1.",
            # It sells at one rate, so what its gift cards buy is known.
            "salon_voucher_sale": "sale",
        }
    )
    env["account.chart.template"].try_loading("hu", company=company)
    # Hungary's chart of accounts leaves this to the accountant; without it no session
    # of a till can be closed.
    company.account_default_pos_receivable_account_id = env["account.account"].search(
        [
            ("company_ids", "in", company.ids),
            ("account_type", "=", "asset_receivable"),
        ],
        limit=1,
    )
    company.partner_id.lang = "hu_HU"
    company.partner_id.tz = "Europe/Budapest"
    return company


def _activated(record):
    record.active = True
    return record


def _products(env):
    tax = env["account.tax"].search(
        [
            ("type_tax_use", "=", "sale"),
            ("amount", "=", 27),
            ("amount_type", "=", "percent"),
            ("company_id", "=", env.company.id),
        ],
        limit=1,
    )
    included = tax.copy(
        {"name": "27% (az árban)", "price_include_override": "tax_included"}
    )
    category = env["pos.category"].create({"name": "Szalon"})
    sold = {
        "available_in_pos": True,
        "pos_categ_ids": category.ids,
        "taxes_id": included.ids,
    }
    roles = dict(env["product.template"]._fields["salon_role"].selection)
    products = env["product.product"].create(
        [
            {
                "name": name,
                "list_price": price,
                "type": "service" if "ml" not in name else "consu",
                **sold,
            }
            for name, price in PRODUCTS.items()
        ]
        + [
            {
                "name": name,
                "list_price": price,
                "type": "service",
                "salon_role": role,
                **sold,
            }
            for name, (role, price) in PREPAID.items()
            if role in roles
        ]
    )
    return {product.name: product for product in products}


def _till(env, products):
    journals = env["account.journal"]
    cash = journals.create({"name": "Pénztár", "type": "cash", "code": "PENZT"})
    bank = journals.search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    methods = env["pos.payment.method"].create(
        [
            {"name": "Készpénz", "journal_id": cash.id},
            {"name": "Bankkártya", "journal_id": bank.id},
        ]
    )
    tip = env["product.product"].create(
        {
            "name": "Borravaló",
            "type": "service",
            "available_in_pos": True,
            "taxes_id": False,
            "list_price": 0,
            "default_code": "BORRAVALO",
        }
    )
    return env["pos.config"].create(
        {
            "name": "Szalon",
            "payment_method_ids": methods.ids,
            "iface_tipproduct": True,
            "tip_product_id": tip.id,
        }
    )


def _people(env, company):
    """Make the logins; each password is the login itself."""
    # Odoo lets nobody make a customer, at the till neither, but who may make contacts.
    contacts = "base.group_partner_manager"
    groups = {
        "receptionist": ("Recepciós Réka", "point_of_sale.group_pos_user", contacts),
        "manager": ("Vezető Vera", "point_of_sale.group_pos_manager", contacts),
        "accountant": ("Könyvelő Klára", "account.group_account_invoice"),
    }
    people = {
        login: env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": name,
                "login": login,
                "password": login,
                "lang": "hu_HU",
                "tz": "Europe/Budapest",
                "company_id": company.id,
                "company_ids": company.ids,
                "group_ids": [
                    (4, env.ref(group).id) for group in ("base.group_user", *wanted)
                ],
            }
        )
        for login, (name, *wanted) in groups.items()
    }
    env.ref("base.user_admin").tz = "Europe/Budapest"
    return people


def _customers(env):
    hungary = env.ref("base.hu").id
    people = env["res.partner"].create(
        [
            {
                "name": "Őrségi Zsófia",
                "email": "zsofia.orsegi@example.com",
                "phone": "+36 1 555 0101",
                "zip": "8060",
                "city": "Mór",
                "street": "Kodály Zoltán utca 12.",
                "country_id": hungary,
                "lang": "hu_HU",
            },
            {
                "name": "Árvíztűrő & Tükörfúró Kft.",
                "is_company": True,
                "vat": "13572464-2-07",
                "email": "penzugy@example.com",
                "zip": "9400",
                "city": "Sopron",
                "street": "Fő tér 3.",
                "country_id": hungary,
                "lang": "hu_HU",
            },
            {
                # No street: the invoice waits until somebody asks for it.
                "name": "Csiga-Biga Bt.",
                "is_company": True,
                "vat": "23456787-2-06",
                "zip": "6720",
                "city": "Szeged",
                "country_id": hungary,
                "lang": "hu_HU",
            },
        ]
    )
    names = ("person", "company", "incomplete")
    return {name: partner.id for name, partner in zip(names, people, strict=True)}


def connect(env, address, key, service="billingo"):
    """Connect the salon to a service, as its owner would.

    :param str address: of the service's interface in the sandbox
    :param str key: opens the sandbox's account
    :param str service: "billingo" or "szamlazz"
    """
    company = env.ref("base.main_company")
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    company.write(
        {
            "salon_walk_in_postcode": company.zip,
            "salon_walk_in_city": company.city,
            "salon_walk_in_street": company.street,
        }
    )
    account = env["salon.invoice.account"].create(
        {"provider": service, "api_key": key, "base_url": address}
    )
    info = account._verify()
    account.block = info.blocks[0].id if info.blocks else False
    account.receipt_block = (
        info.receipt_blocks[0].id if info.receipt_blocks else RECEIPT_PREFIX
    )
    account._connect()
