"""Both themes, both sizes: nothing is cut off, everything has a name, texts can be read; with screenshots to look at."""
import pytest
from actions import answer_with, send, set_parameter, wait_for_answer
from conftest import SHOTS
from playwright.sync_api import expect

ANSWER = """Here are **three birds** that spend most of their lives in the air:

1. The *common swift*, `Apus apus`, which sleeps on the wing.
2. The **barn swallow**, known by its long tail.
3. The [alpine swift](https://en.wikipedia.org/wiki/Alpine_swift).

| Bird | Length | Speed |
|:-----|-------:|------:|
| Common swift | 17 cm | 111 km/h |
| Barn swallow | 18 cm | 74 km/h |

```swift
let birds = ["swift", "swallow", "martin"].sorted { $0.count < $1.count }.map { $0.uppercased() }
print(birds.joined(separator: ", "))
```

> They drink in flight, too.
"""

# Texts against the nearest opaque colour behind them, by WCAG's formula; large text may have 3:1.
CONTRAST = """() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const parse = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (walker.currentNode.textContent.trim() === '' || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        if (element.closest(':disabled, .hidden-text, noscript')) continue;
        const style = getComputedStyle(element);
        const layers = [];
        for (let node = element; node; node = node.parentElement) {
            const color = parse(getComputedStyle(node).backgroundColor);
            layers.push(color);
            if (color[3] === 255) break;
        }
        const back = layers.reverse().reduce((under, over) => under.map((v, i) => v + (over[i] - v) * over[3] / 255), [255, 255, 255]);
        const [one, other] = [light(parse(style.color)), light(back)].sort((a, b) => b - a);
        const ratio = (one + 0.05) / (other + 0.05);
        const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
        if (ratio < (isLarge ? 3 : 4.5)) bad.push([walker.currentNode.textContent.trim().slice(0, 30), ratio.toFixed(2)]);
    }
    return bad;
}"""

NAMELESS = """() => [...document.querySelectorAll('button, input, select, textarea, a, [role=region], summary')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => !(element.ariaLabel || element.textContent.trim() || element.labels?.length)).map((element) => element.outerHTML.slice(0, 80))"""

SMALL = """() => [...document.querySelectorAll('button, select, summary, input:not([type=checkbox])')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => { const { width, height } = element.getBoundingClientRect(); return width < 24 || height < 24; })
    .map((element) => element.outerHTML.slice(0, 80))"""


def look(page, name):
    """Takes a screenshot and checks what can be checked of any view."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")
    width = page.viewport_size["width"]
    wide = page.evaluate("""() => ['html', '#main', '#scroller', '.models-body', '.settings', '.sidebar'].map((name) => document.querySelector(name))
        .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.tagName + '.' + element.className)""")
    assert wide == [], f"{name}: scrolls sideways"
    outside = page.evaluate("""(width) => [...document.querySelectorAll('#main *')].filter((element) => element.checkVisibility({ visibilityProperty: true })
        && !element.closest('pre, .table, .hidden-text') && element.getBoundingClientRect().right > width + 1).map((element) => element.outerHTML.slice(0, 80))""", width)
    assert outside == [], f"{name}: lies outside"
    assert page.evaluate(CONTRAST) == [], name
    assert page.evaluate(NAMELESS) == [], name
    assert page.evaluate(SMALL) == [], name


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_looks(open_page, watch, size, theme, tmp_path):
    watch.allowed = ["Failed to load resource"]
    page = open_page(size=size, theme=theme)
    look(page, f"empty-{size}-{theme}")
    answer_with(page, ANSWER, reasoning="The person asks about birds that fly a lot.\nSwifts come first.")
    file = tmp_path / "observations-of-the-summer.csv"
    file.write_text("bird,count\nswift,12\n" * 20)
    page.locator("#files").set_input_files(file)
    page.get_by_label("Message", exact=True).fill("Which birds live in the air?\nPlease compare three of them.")
    look(page, f"writing-{size}-{theme}")
    page.get_by_label("Message", exact=True).press("Enter")
    wait_for_answer(page)
    page.locator("#scroller").evaluate("element => element.scrollTo(0, 0)")
    look(page, f"chat-top-{size}-{theme}")
    page.locator("#scroller").evaluate("element => element.scrollTo(0, element.scrollHeight)")
    look(page, f"chat-{size}-{theme}")
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".versions")).to_contain_text("2 of 2")
    page.unroute("**/api/chat")
    page.route("**/api/chat", lambda route: route.fulfill(status=503, json={"error": "all memory is in use; another model must go first"}))
    send(page, "And a fourth one?")
    expect(page.locator(".message .problem:visible")).to_be_visible()
    look(page, f"problem-{size}-{theme}")
    page.get_by_role("button", name="Parameters", exact=True).click()
    look(page, f"parameters-{size}-{theme}")
    page.keyboard.press("Escape")
    expect(page.locator("#settings")).to_be_hidden()
    page.get_by_label("More for this chat").click()
    look(page, f"menu-{size}-{theme}")
    page.get_by_role("button", name="Delete this chat").click()
    look(page, f"question-{size}-{theme}")
    page.get_by_role("button", name="Cancel").click()
    if size == "phone":
        page.get_by_label("Show the list of chats").locator("visible=true").click()
        look(page, f"chats-{size}-{theme}")
    page.get_by_role("link", name="Models").click()
    expect(page.locator("#models .card")).to_have_count(2)
    page.locator("#models").get_by_text("Details").first.click()
    expect(page.locator("#models dl").first).to_contain_text("llama")
    lines = ['{"status":"pulling manifest"}', '{"status":"pulling","digest":"qwen2.5-0.5b-instruct-q4_k_m.gguf","total":397808192,"completed":123456789}']
    page.route("**/api/pull", lambda route: route.fulfill(content_type="application/x-ndjson", body="\n".join(lines)))
    page.get_by_label("Get a model").fill("qwen2.5:0.5b")
    page.get_by_role("button", name="Pull").click()
    expect(page.locator("#pulls .problem-text")).to_be_visible()
    look(page, f"models-{size}-{theme}")


def test_the_theme_can_be_chosen_and_is_kept(open_page):
    page = open_page(theme="light")
    color = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = color()
    button = page.get_by_role("button", name="Theme:")
    button.click()
    expect(button).to_have_text("Theme: light")
    button.click()
    expect(button).to_have_text("Theme: dark")
    assert color() != light
    page.reload()
    expect(page.locator("body[data-ready]")).to_be_attached()
    assert color() != light
    button.click()
    expect(button).to_have_text("Theme: system")
    assert color() == light


def test_all_of_it_by_keyboard(open_page):
    page = open_page()
    answer_with(page, "Good.")
    set_parameter(page, "Max tokens", 5)
    field = page.get_by_label("Message", exact=True)
    field.focus()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(field).to_have_value("one\ntwo")
    page.keyboard.press("Enter")
    wait_for_answer(page)
    expect(page.locator("article.user .content")).to_have_text("one\ntwo")
    # Every stop of the Tab key can be seen: it has an outline.
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        name, outline, frame = page.evaluate("""() => { const element = document.activeElement; const style = getComputedStyle(element);
            const frame = element.closest('.composer-line'); return [element.ariaLabel || element.textContent.trim(), style.outlineStyle, frame ? getComputedStyle(frame).outlineStyle : 'none']; }""")
        if name == "" or page.evaluate("document.activeElement === document.body"):
            continue
        assert "none" not in outline or frame != "none", name
        seen.add(name)
    assert {"Skip to the conversation", "Models", "Message", "Send", "Parameters", "Edit and send again", "Answer again"} <= seen
    page.keyboard.press("Control+k")
    expect(page.locator("article")).to_have_count(0)
    expect(field).to_be_focused()


def test_a_phone_opens_and_closes_the_list(open_page):
    page = open_page(size="phone")
    button = page.get_by_label("Show the list of chats").locator("visible=true")
    sidebar = page.locator("#sidebar")
    expect(sidebar).to_be_hidden()
    button.click()
    expect(sidebar).to_be_visible()
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    expect(button).to_be_focused()
