"""Writes the addon's README.rst, which the Apps page shows, from its readme/ folder.

The fragments are what OCA has (`readme/*.md`); OCA's generator comes from no package
registry, and its badges are OCA's. Runs in the linters' environment: it needs pandoc.
"""

import ast
import sys

import pypandoc

from .paths import ADDON

README = ADDON / "README.rst"
# File -> title, in the order of the page; the description has none.
SECTIONS = {
    "DESCRIPTION": "",
    "CONTEXT": "Use Cases / Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "HISTORY": "Changelog",
    "DEVELOP": "Development",
    "CONTRIBUTORS": "Contributors",
    "CREDITS": "Credits",
}
# Without labels for links: the page has none.
MARKDOWN = "gfm-gfm_auto_identifiers"
NOTE = ".. Written by ./dev lint --fix from readme/*.md: edit those.\n\n"


def rendered(name):
    """Return the README of the addon called ``name``, as reStructuredText."""
    parts = [f"# {name}"]
    for fragment, title in SECTIONS.items():
        path = ADDON / "readme" / f"{fragment}.md"
        if path.exists():
            parts += [f"## {title}"] if title else []
            parts.append(path.read_text("utf-8").replace("## ", "### "))
    markdown = "\n\n".join(parts)
    options = ["--wrap=preserve"]
    return NOTE + pypandoc.convert_text(markdown, "rst", MARKDOWN, extra_args=options)


def main(argv):
    """Write the README, or with ``--check`` return 1 where it is out of date."""
    name = ast.literal_eval((ADDON / "__manifest__.py").read_text("utf-8"))["name"]
    text = rendered(name)
    if "--check" not in argv:
        README.write_text(text, "utf-8")
        return 0
    if README.exists() and README.read_text("utf-8") == text:
        return 0
    print(f"{README.name} is not what readme/ says: run ./dev lint --fix")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
