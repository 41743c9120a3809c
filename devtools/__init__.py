"""What ./dev does: Odoo 19, PostgreSQL, databases, processes, tests.

Everything that runs before the private virtual environment exists (all of this
package but the scene, which runs inside Odoo) uses the standard library only.
"""
