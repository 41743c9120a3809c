"""``.ci/run`` tells the truth: its exit code, and the closing line of the tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devtools.processes import is_process

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_ci(tmp_path):
    """Return a function that runs ``.ci/run`` where bash ``body`` plays ``./dev``."""

    def run(body):
        script = tmp_path / "checkout/.ci/run"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / ".ci/run", script)
        dev = tmp_path / "checkout/dev"
        dev.write_text(f"#!/bin/bash\n{body}\n")
        dev.chmod(0o755)
        work = tmp_path / "tmp"
        work.mkdir()
        done = subprocess.run(
            ["bash", script],
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(work),
                "SALON_CHROMIUM": "/usr/bin/chromium",  # installs nothing in a test
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert not list(work.iterdir()), "the cache was left behind"
        return done

    return run


def test_a_green_run_ends_with_the_closing_line(run_ci):
    done = run_ci('[ "$1" = test ] && echo "12 passed, 0 failed, 1 skipped"; exit 0')
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "12 passed, 0 failed, 1 skipped"


def test_a_red_run_shows_the_logs_and_still_ends_with_the_closing_line(run_ci):
    done = run_ci(
        '[ "$1" = test ] || exit 0\n'
        "mkdir -p .dev/logs; echo 'Odoo: no such field' > .dev/logs/odoo.log\n"
        'echo "11 passed, 1 failed, 1 skipped"; exit 1'
    )
    assert done.returncode == 1
    assert "Odoo: no such field" in done.stdout
    assert done.stdout.splitlines()[-1] == "11 passed, 1 failed, 1 skipped"


def test_the_plain_stage_is_run_forty_days_ahead_as_well(run_ci):
    done = run_ci(
        '[ "$1" = lint ] && exit 0\n'
        'case " $* " in *" --also-at=+40-days "*) ;; *) exit 2 ;; esac\n'
        'echo "20 passed, 0 failed, 1 skipped"'
    )
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "20 passed, 0 failed, 1 skipped"


def test_a_finding_of_the_linters_is_shown_and_makes_the_run_red(run_ci):
    done = run_ci(
        '[ "$1" = lint ] && { sleep 1; echo "an unused import"; exit 1; }\n'
        'echo "12 passed, 0 failed, 0 skipped"'
    )
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "an unused import" in lines
    assert lines[-1] == "12 passed, 0 failed, 0 skipped"


def test_the_linters_do_not_outlive_the_run(run_ci, tmp_path):
    """A run that is cut short stops them, and waits for them."""
    done = run_ci(
        f'echo $$ > "{tmp_path}/$1"\n'
        '[ "$1" = lint ] && exec sleep 60\n'
        f'while [ ! -s "{tmp_path}/lint" ]; do sleep 0.05; done\n'
        "kill -TERM $PPID\n"
        'echo "3 passed, 0 failed, 0 skipped"'
    )
    assert done.returncode != 0
    assert not is_process(int((tmp_path / "lint").read_text()), "sleep")


def test_every_run_starts_from_an_empty_cache(run_ci):
    done = run_ci(
        '[ "$1" = lint ] && exit 0; [ ! -e "$SALON_CACHE" ] && mkdir "$SALON_CACHE"'
    )
    assert done.returncode == 0
