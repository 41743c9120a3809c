"""Builds the wheel ``odoo-addon-salon_invoice_bridge``.

The wheel installs the addon as ``odoo.addons.salon_invoice_bridge``, where Odoo 19
finds it without an addons path. Odoo itself is no requirement: it is usually installed
from a package or from its sources.
"""

import ast
from pathlib import Path

from setuptools import find_packages, setup

ADDON = "salon_invoice_bridge"
ROOT = Path(__file__).resolve().parent

manifest = ast.literal_eval((ROOT / ADDON / "__manifest__.py").read_text("utf-8"))


def shipped(path):
    """Tell whether ``path``, inside the addon, belongs to what a salon installs."""
    parts = path.relative_to(ROOT / ADDON).parts
    return path.is_file() and not {"tests", "__pycache__"} & set(parts)


packages = ["", *find_packages(ADDON, exclude=["tests", "tests.*"])]
data = [
    str(path.relative_to(ROOT / ADDON))
    for path in (ROOT / ADDON).rglob("*")
    if shipped(path)  # with the scripts in migrations/, which are in no package
]

setup(
    name=f"odoo-addon-{ADDON}",
    version=manifest["version"],
    description=manifest["summary"],
    long_description=(ROOT / ADDON / "README.rst").read_text("utf-8"),
    long_description_content_type="text/x-rst",
    author=manifest["author"],
    license="LGPL-3.0-only",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    install_requires=manifest["external_dependencies"]["python"],
    packages=[f"odoo.addons.{ADDON}.{name}".rstrip(".") for name in packages],
    package_dir={f"odoo.addons.{ADDON}": ADDON},
    package_data={f"odoo.addons.{ADDON}": data},
    zip_safe=False,
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Intended Audience :: Financial and Insurance Industry",
        "Natural Language :: Hungarian",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Topic :: Office/Business :: Financial :: Point-Of-Sale",
    ],
)
