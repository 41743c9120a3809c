"""python -m devtools.probes: the part of ./dev probe that needs the packages."""

import os
import sys

from .. import bare_addon
from ..console import say
from ..probe import KEY, READONLY_KEY, parser

bare_addon.install()

from salon_invoice_bridge.billing.errors import ProviderError  # noqa: E402

from .billingo import BillingoInterview  # noqa: E402
from .interview import RealAccount, Unclear  # noqa: E402
from .szamlazz import SzamlazzInterview  # noqa: E402

INTERVIEWS = {"billingo": BillingoInterview, "szamlazz": SzamlazzInterview}


def main(argv):
    """Print the report; return 0, or 1 if the account was not asked."""
    options = parser().parse_args(argv)
    interview = INTERVIEWS[options.service](
        os.environ[KEY],
        base_url=options.base_url,
        readonly_key=os.environ.get(READONLY_KEY, ""),
        say=say,
    )
    try:
        print(interview.run(mine=options.mine, only=options.only), end="")
    except RealAccount as refusal:
        say(f"dev: {refusal}")
        return 1
    except ProviderError as error:
        say(f"dev: {interview.title} cannot be asked: {error.message}")
        return 1
    except Unclear as error:  # before the first question
        say(f"dev: {interview.title} cannot be asked: {error}")
        return 1
    finally:
        interview.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
