"""A kind of import-linter contract that says what may be imported, not what may not.

A list of what is forbidden is never complete: a strategy that starts to import
`psycopg2`, or the next HTTP library, is a hole in the wall that nobody thought of.
Used by `.importlinter`; runs where import-linter is installed.
"""

import sys

from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """``source`` imports itself, the standard library and ``allowed``; nothing else.

    ``allowed`` are packages, each with all that is inside it. ``exempt`` modules inside
    ``source`` are free.
    """

    source = fields.ModuleField()
    allowed = fields.SetField(subfield=fields.StringField(), required=False)
    exempt = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph, verbose):
        package = self.source.name
        modules = {package} | graph.find_descendants(package)
        allowed = sys.stdlib_module_names | set(self.allowed or ())
        offences = [
            (importer, imported, detail["line_number"], detail["line_contents"])
            for importer in sorted(modules - set(self.exempt or ()))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported not in modules and not allowed & set(_with_parents(imported))
            for detail in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not offences, metadata={"offences": offences})

    def render_broken_contract(self, check):
        for importer, imported, number, line in check.metadata["offences"]:
            output.print_error(f"{importer}:{number} imports {imported}: {line}")


def _with_parents(module):
    """Yield the name of ``module`` and of each package that it is in."""
    while module:
        yield module
        module = module.rpartition(".")[0]
