"""What ``bench_others`` runs inside Odoo's shell, as the superuser."""

import gc
import io
import json
from contextlib import contextmanager
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo.api import SUPERUSER_ID, Environment

from .bench_inside import Local
from .meter import Meter
from .till import Till

#: Rounds that are not counted: caches, plans, the connection.
WARM_UP = 3


def compare_sales(env, other, rounds):
    """Sell in turn with the addon and in ``other``, which lacks it.

    :return: counts of ``sync_from_ui`` and its commit, by variant
    """
    ours = env.registry
    bare = type(ours)(other)
    scenes = {each.db_name: _scene(each) for each in (ours, bare)}
    variants = {
        "plain": (bare, False, {}),
        "addon": (ours, False, {}),
        "pressed": (ours, True, {}),
        "move": (bare, True, {"generate_pdf": False}),
        "own": (bare, True, {}),
    }
    result = {name: [] for name in variants}
    with _drawing_nothing(bare):
        for number in range(-WARM_UP, rounds):
            names = list(variants) if number % 2 else list(variants)[::-1]
            for name in names:
                registry, pressed, context = variants[name]
                counts = _sell(registry, scenes[registry.db_name], pressed, context)
                if number >= 0:
                    result[name].append(counts)
    return result


@contextmanager
def _request(registry, login=None, **context):
    """Yield an environment as a request has it, with a cursor and cache of its own."""
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, context)
        if login:
            env = env(user=env["res.users"].search([("login", "=", login)]))
        gc.collect()
        yield env


def _scene(registry):
    """Return the scene of a salon, whose invoices of Odoo need no network."""
    with _request(registry) as env:
        company = env.ref("base.main_company")
        if "l10n_hu_edi_server_mode" in company._fields:  # a module that comes along
            company.l10n_hu_edi_server_mode = "demo"
        return json.loads(env["ir.config_parameter"].get_param("devtools.scene"))


def _sell(registry, scene, pressed, context):
    """Sell to a person; return the counts of the till's request."""
    with _request(registry, "receptionist") as env:
        person = scene["customers"]["person"]
        order = Till(Local(env), scene).order(
            [("Manikűr",)], customer=person, to_invoice=pressed
        )
    with _request(registry, "receptionist", **context) as env:
        with Meter(env) as meter:
            (sold,) = env["pos.order"].sync_from_ui([order])["pos.order"]
            env.cr.commit()
        meter.keep(f"sale-{registry.db_name}-{pressed}")
        _check(env(user=SUPERUSER_ID), sold["id"], pressed, context)
    return meter.counts()


def _check(env, sold, pressed, context):
    """Let nothing be compared that is not what it says.

    :raises RuntimeError: when it is not
    """
    order = env["pos.order"].browse(sold)
    if "salon_document_id" in order._fields:
        fine = order.salon_document_id.state == "waiting" and not order.account_move
    else:
        drawn = bool(order.account_move.invoice_pdf_report_id)
        posted = order.account_move.state == "posted"
        fine = (posted, drawn) == (pressed, pressed and not context)
    if not fine:
        raise RuntimeError(f"{order.account_move}: not what was to be measured")


def _drawing_nothing(registry):
    """Let wkhtmltopdf, a process of its own, be left out of Odoo's PDF, only that."""
    page = io.BytesIO()
    canvas = Canvas(page)
    canvas.showPage()
    canvas.save()
    return patch.multiple(
        registry["ir.actions.report"],
        get_wkhtmltopdf_state=lambda _self: "ok",
        _run_wkhtmltopdf=lambda _self, *_args, **_options: page.getvalue(),
    )


def count_jobs(env, rounds):
    """Count what an empty job of OCA's queue costs: asked for, and run by its worker.

    The runner's own part, which hands the job to the worker over HTTP, is not counted.
    """
    from odoo.addons.queue_job.controllers.main import RunJobController
    from odoo.addons.queue_job.job import Job

    registry = env.registry
    module = env["ir.module.module"].search([("name", "=", "queue_job")])
    result = {"version": module.installed_version, "delayed": [], "run": []}
    for number in range(-WARM_UP, rounds):
        with _request(registry) as env:
            with Meter(env) as meter:
                uuid = env["queue.job"].with_delay()._test_job().uuid
                env.cr.commit()
            delayed = meter.counts()
        with _request(registry) as env:  # the runner does so with SQL of its own
            job = Job.load(env, uuid)
            job.set_enqueued()
            job.store()
        with _request(registry) as env:
            with Meter(env) as meter:
                job = RunJobController._acquire_job(env, uuid)
                RunJobController._runjob(env, job)
                env.cr.commit()  # as Odoo does at the end of the request
            # Before the cursor's own commit, which the queue left under the meter.
            run = meter.counts()
        with _request(registry) as env:
            if Job.load(env, uuid).state != "done":
                raise RuntimeError(f"job {uuid} was not done")
        if number >= 0:
            result["delayed"].append(delayed)
            result["run"].append(run)
    meter.keep("queue-job-run")
    return result
