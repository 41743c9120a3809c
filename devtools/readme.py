"""Writes what presents the addon, from its readme/ folder.

README.rst for those who read sources, static/description/index.html for the Apps page;
beside it docs/konyvelonek.md as a page, to which readiness leads, and
docs/adatvedelem.md, to which the settings lead.

The fragments are what OCA has (`readme/*.md`); OCA's generator comes from no package
registry, and its badges are OCA's. Runs in the linters' environment: it needs pandoc.
"""

import ast
import re
import sys

import pypandoc

from .paths import ADDON, ROOT

README = ADDON / "README.rst"
PAGE = ADDON / "static" / "description" / "index.html"
# In Hungarian, for the salon's accountant, and on privacy: read without Odoo's rights,
# and printed.
GUIDES = ("konyvelonek", "adatvedelem")
GUIDE_NOTE = "Written by ./dev lint --fix from docs/%s.md: edit that."
STYLE = """body {
  font: 16px/1.5 sans-serif; max-width: 48em; margin: 2em auto; padding: 0 1em;
}
table { border-collapse: collapse; margin: 1em 0; }
th, td { border: 1px solid #bbb; padding: 0.3em 0.6em; text-align: left;
  vertical-align: top; }
th:empty { border: 0; }"""
# Beside the page; the manifest names them, too.
PICTURES = {
    "order-invoiced.png": "A sale with its invoice",
    "readiness.png": "The readiness panel",
    "connect-settings.png": "Connecting Billingo",
}
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
NOTE = "Written by ./dev lint --fix from readme/*.md: edit those."


def markdown(name, pictures=""):
    """Return the fragments as one page about the addon called ``name``.

    :param str pictures: Markdown that follows the description
    """
    parts = [f"# {name}"]
    for fragment, title in SECTIONS.items():
        path = ADDON / "readme" / f"{fragment}.md"
        if path.exists():
            parts += [f"## {title}"] if title else []
            parts.append(path.read_text("utf-8").replace("## ", "### "))
            parts += [pictures] if not title else []
    return "\n\n".join(parts)


def rendered(name):
    """Return ``{path: text}`` of what is written for the addon called ``name``."""
    options = ["--wrap=preserve"]
    rst = pypandoc.convert_text(markdown(name), "rst", MARKDOWN, extra_args=options)
    pictures = "\n\n".join(f"![{text}]({file})" for file, text in PICTURES.items())
    html = pypandoc.convert_text(
        markdown(name, pictures), "html", MARKDOWN, extra_args=options
    )
    html = html.replace("<img ", '<img class="img img-fluid border" ')
    page = f'<section class="oe_container">\n<div class="oe_row">\n{html}</div>\n'
    return {
        README: f".. {NOTE}\n\n{rst}",
        PAGE: f"<!-- {NOTE} -->\n{page}</section>\n",
        **{PAGE.with_name(f"{guide}.html"): guide_page(guide) for guide in GUIDES},
    }


def guide_page(guide):
    """Return a page of docs/ as one that a browser shows by itself."""
    text = (ROOT / "docs" / f"{guide}.md").read_text("utf-8")
    for other in GUIDES:
        text = text.replace(f"({other}.md)", f"({other}.html)")
    # What lies beside it only in the project is named, and not linked.
    text = re.sub(r"\[([^]]+)\]\([\w/.-]+\.md\)", r"\1", text)
    body = pypandoc.convert_text(text, "html", MARKDOWN, extra_args=["--wrap=preserve"])
    title = text.splitlines()[0].removeprefix("# ")
    return (
        f"<!DOCTYPE html>\n<!-- {GUIDE_NOTE % guide} -->\n"
        '<html lang="hu">\n<head>\n<meta charset="utf-8" />\n'
        f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )


def main(argv):
    """Write the files, or with ``--check`` return 1 where one is out of date."""
    name = ast.literal_eval((ADDON / "__manifest__.py").read_text("utf-8"))["name"]
    wrong = 0
    for path, text in rendered(name).items():
        if "--check" not in argv:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            print(f"{path.name} is not what readme/ says: run ./dev lint --fix")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
