"""The page of models."""
from actions import send, wait_for_answer
from playwright.sync_api import expect


def test_models_are_listed_with_what_is_loaded(open_page):
    page = open_page()
    send(page, "Hi")
    wait_for_answer(page)
    page.get_by_role("link", name="Models").click()
    card = page.locator("#models .card").filter(has_text="smol:latest")
    expect(card).to_contain_text("134.52M parameters · Q4_1 · 98.4 MB")
    expect(card.locator(".badge")).to_have_text("loaded")
    expect(card).to_contain_text("context of 4,096 tokens")
    card.get_by_text("Details").click()
    expect(card.locator("dl")).to_contain_text("llama")
    expect(card.locator("dl")).to_contain_text("134,515,008")
    card.get_by_role("button", name="Unload").click()
    expect(card.locator(".badge")).to_have_count(0)
    # What is open stays open.
    expect(card.locator("dl")).to_be_visible()


def test_a_wrong_name_is_told_in_words(open_page, watch):
    page = open_page("/#/models")
    watch.allowed = ["Failed to load resource"]
    for name in ["no-such-model:1b", "/etc/passwd"]:
        page.get_by_label("Get a model").fill(name)
        page.get_by_role("button", name="Pull").click()
        card = page.locator("#pulls .card").filter(has_text=name)
        expect(card.get_by_role("alert")).not_to_be_empty()
        expect(card.get_by_role("button", name="Try again")).to_be_visible()
        card.get_by_role("button", name="Dismiss").click()
        expect(card).to_have_count(0)


def test_a_pull_shows_how_far_it_is(open_page):
    page = open_page("/#/models")
    lines = ['{"status":"pulling manifest"}', '{"status":"pulling a.gguf","digest":"a.gguf","total":2000000,"completed":500000}']
    page.route("**/api/pull", lambda route: route.fulfill(content_type="application/x-ndjson", body="\n".join(lines)))
    page.get_by_label("Get a model").fill("some:1b")
    page.get_by_role("button", name="Pull").click()
    card = page.locator("#pulls .card")
    expect(card.locator(".bar-row")).to_have_text("a.gguf: 500 KB of 2.0 MB (25%)")
    # A stream that only ends is no success.
    expect(card.get_by_role("alert")).to_have_text("The connection ended before the model was here.")
    lines.append('{"status":"success"}')
    card.get_by_role("button", name="Try again").click()
    expect(card).to_contain_text("It is here.")


def test_deleting_asks_first(open_page):
    page = open_page("/#/models")
    deleted = []
    page.route("**/api/delete", lambda route: (deleted.append(route.request.post_data_json), route.fulfill(status=200)))
    button = page.get_by_role("button", name="Delete twin:latest")
    button.click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert deleted == []
    button.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".toast")).to_have_text("twin:latest is deleted")
    assert deleted == [{"model": "twin:latest"}]
