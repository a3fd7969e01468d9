"""A browser for each test, which must end with no request to elsewhere, no breach of the content policy and no error in the console."""
import os
import pathlib

import pytest
from playwright.sync_api import expect, sync_playwright

BASE = os.environ["SWIFTLET_ADDRESS"]
SHOTS = pathlib.Path(os.environ["SWIFTLET_SCREENSHOTS"])
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 320, "height": 640}}

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # Without a sandbox of its own: tests often run as root, where Chromium has none.
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        yield browser
        browser.close()


class Watch:
    """What a page did that it must not do. `allowed` are beginnings of console errors that a test makes on purpose."""

    def __init__(self):
        self.outside, self.errors, self.allowed = [], [], []

    def request(self, request):
        if not request.url.startswith((BASE + "/", "data:", f"blob:{BASE}/")):
            self.outside.append(request.url)

    def console(self, message):
        if message.type in ("error", "warning") and not message.text.startswith(tuple(self.allowed)):
            self.errors.append(f"{message.type}: {message.text}")

    def attach(self, page):
        page.on("request", self.request)
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.errors.append(f"thrown: {error}"))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))")


@pytest.fixture
def watch():
    watch = Watch()
    yield watch
    assert watch.outside == []
    assert watch.errors == []


@pytest.fixture
def open_page(browser, watch):
    """Opens the page in a browser of its own: `open_page(size=, theme=)`."""
    contexts = []

    def open_page(path="/", size="desktop", theme="light", wait=True, **options):
        context = browser.new_context(
            viewport=SIZES[size], color_scheme=theme, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        page = context.new_page()
        watch.attach(page)
        page.goto(BASE + path)
        if wait:
            expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    yield open_page
    for context in contexts:
        context.close()
