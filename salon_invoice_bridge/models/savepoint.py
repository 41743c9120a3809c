"""A savepoint for the till: it does not make Odoo write early."""

from contextlib import contextmanager


@contextmanager
def patient_savepoint(env):
    """Undo what the block did if it fails, and nothing else.

    ``cr.savepoint()`` flushes first.  In a payment that costs writing the order and its
    lines twice, and running the hooks of the commit (the bus's) twice.  Here what Odoo
    has still to write and to compute is remembered instead, and is still to be written
    and computed after a rollback, even where the block has flushed it.

    What the block changes must be flushed by the block, or may be written by anybody
    later on without fail.

    :param odoo.api.Environment env: of the running transaction
    """
    transaction = env.transaction
    dirty = {field: list(ids) for field, ids in transaction.field_dirty.items() if ids}
    to_compute = {
        field: list(ids) for field, ids in transaction.tocompute.items() if ids
    }
    # A field's values are by record, or by context and then by record.
    values = {
        field: {
            key: dict(value) if isinstance(value, dict) else value
            for key, value in transaction.field_data[field].items()
        }
        for field in dirty
    }
    with env.cr.savepoint(flush=False):
        try:
            yield
        except Exception:
            transaction.clear()
            transaction.field_data.update(values)
            for field, ids in dirty.items():
                transaction.field_dirty[field].update(ids)
            for field, ids in to_compute.items():
                transaction.tocompute[field].update(ids)
            raise
