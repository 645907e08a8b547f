"""The one choice of a browser for all tests and benchmarks; as a program, says which one or how to get one."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=20_000)  # of a state that a test waits for; a busy machine takes its time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def executable(playwright):
    """Path of a chromium or chrome on the PATH, else of the one that playwright has installed."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    installed = playwright.chromium.executable_path
    if on_path or Path(installed).exists():
        return on_path or installed
    install = f"{Path(sys.executable).with_name('playwright')} install chromium"
    raise FileNotFoundError(
        f"the tests drive a real browser, and there is none: put one on the PATH ({', '.join(NAMES)}), or install the "
        f"one that playwright brings, with a network, by: {install}"
    )


def launch(playwright):
    return playwright.chromium.launch(executable_path=executable(playwright), args=list(OPTIONS))


if __name__ == "__main__":
    with sync_playwright() as playwright:
        try:
            print(executable(playwright))
        except FileNotFoundError as error:
            sys.exit(str(error))
