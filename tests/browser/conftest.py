"""A real Chromium against the live server; without one, tests are skipped, in CI they fail."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

# Playwright's own event loop makes Django believe that it runs in async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# Milliseconds. A click can wait for a whole file to be made, which takes long on a busy machine.
PATIENCE, PATIENCE_OF_ACTIONS = 10_000, 30_000

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        missing = "Chromium is missing. Debian and Ubuntu: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    # Chromium's sandbox refuses to run as root.
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


class Visitor:
    """A person at a browser: what they see, do, and what the browser complains of.

    A click returns before the next page is there. What follows one either waits by itself (`expect`, `sees`,
    another click) for what the page before did not show, or comes after one of these.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message: ConsoleMessage) -> None:
        # The browser reports every refusal of the content security policy here.
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def visit(self, path: str) -> None:
        self.page.goto(self.base + path)

    def sign_in(self, email: str, password: str) -> None:
        self.visit("/accounts/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=False).first.fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.finds(self.page.get_by_role("button", name="Sign out"))

    def press(self, name: str) -> None:
        """Send the form of this button; wait for the answer, which may look like the page before."""
        button = self.page.get_by_role("button", name=name, exact=True)
        button.wait_for()
        with self.page.expect_navigation():
            button.click()

    def lands_on(self, path: str) -> None:
        """Wait for the page of this path and query."""
        self.page.wait_for_url(self.base + path)

    def finds(self, part: Locator) -> None:
        """Wait for what only the page on its way shows, and for its styles and scripts."""
        part.wait_for()
        self.page.wait_for_load_state()

    def sees(self, text: str) -> bool:
        """Whether the text appears, now or when the page that is on its way has come."""
        self.finds(self.page.get_by_text(text).first)
        return True

    def barriers(self) -> list[str]:
        """What axe finds on the page, by WCAG 2.2 AA and its best practices."""
        self.page.wait_for_load_state()
        found = Axe().run(self.page).response["violations"]
        return [f"{item['id']}: {node['html'][:120]}" for item in found for node in item["nodes"]]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        self.page.wait_for_load_state()
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def new_visitor(browser, live_server) -> Iterator:
    """Opens a browser of its own for each call, at desktop width unless told."""
    contexts = []

    def open_browser(viewport: dict[str, int] = DESKTOP) -> Visitor:
        context = browser.new_context(viewport=viewport, locale="en-GB")
        context.set_default_timeout(PATIENCE_OF_ACTIONS)
        contexts.append(context)
        return Visitor(context.new_page(), live_server.url)

    yield open_browser
    for context in contexts:
        context.close()
