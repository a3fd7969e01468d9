"""What models, files and servers say never becomes markup; keys stay in the tab; errors are words."""
import json

from actions import answer_with, answers, send, wait_for_answer
from conftest import BASE
from playwright.sync_api import expect

HOSTILE = """# <img src=x onerror=alert(1)> heading

<script>alert(1)</script> and <b>bold</b> and [bad](javascript:alert(1)) [also](data:text/html,x) [good](https://example.org/a_(b)?c=1 "t")
![picture](https://example.org/x.png) <https://example.org/> https://example.org/bare, <javascript:alert(1)> mail <a@example.org>

- one **two *three* four**
  - inner `code <i>`
- [x] done

3. third
4. fourth

> quoted ~~old~~
> > twice

| a | b |
|:--|--:|
| `x|y` | 1 \\| 2 |

```html
<script>alert("in code")</script>
```

a_b_c 2 * 3 * 4 \\*no\\* &lt;tag&gt; \\(x^2\\)
"""


def test_markdown_becomes_nodes_and_nothing_else(open_page):
    page = open_page()
    page.on("dialog", lambda dialog: (_ for _ in ()).throw(AssertionError("an alert")))
    answer_with(page, HOSTILE, reasoning="First <b>think</b>.")
    send(page, "<img src=x onerror=alert(1)>")
    content = wait_for_answer(page).locator(".content")
    assert page.locator("#messages img, #messages script, #messages b, #messages i, #messages iframe").count() == 0
    links = content.locator("a").evaluate_all("list => list.map((a) => [a.textContent, a.href, a.rel, a.target])")
    safe = ["noopener noreferrer", "_blank"]
    assert links == [
        ["good", "https://example.org/a_(b)?c=1", *safe], ["Image: picture", "https://example.org/x.png", *safe],
        ["https://example.org/", "https://example.org/", *safe], ["https://example.org/bare", "https://example.org/bare", *safe],
        ["a@example.org", "mailto:a@example.org", *safe],
    ]
    expect(content.locator("h3")).to_have_text("<img src=x onerror=alert(1)> heading")
    expect(content.locator("strong")).to_have_text("two three four")
    expect(content.locator("strong em")).to_have_text("three")
    expect(content.locator("li li code")).to_have_text("code <i>")
    expect(content.locator("ol")).to_have_attribute("start", "3")
    expect(content.locator("input[type=checkbox]")).to_be_checked()
    expect(content.locator("blockquote blockquote")).to_have_text("twice")
    assert content.locator("td").all_inner_texts() == ["x|y", "1 | 2"]
    expect(content.locator("pre")).to_have_text('<script>alert("in code")</script>')
    expect(content.locator("p").last).to_have_text("a_b_c 2 * 3 * 4 *no* <tag> x^2")
    content.get_by_role("button", name="Copy this code").click()
    expect(content.get_by_role("button", name="Copy this code")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == '<script>alert("in code")</script>'
    # Reasoning is apart, folded, and plain.
    reasoning = answers(page).first.locator(".reasoning")
    expect(reasoning.locator(".plain")).to_be_hidden()
    reasoning.locator("summary").click()
    expect(reasoning.locator(".plain")).to_have_text("First <b>think</b>.")


def test_a_stream_draws_what_the_whole_text_draws(open_page):
    page = open_page()
    texts = [HOSTILE, "1. a\n\n   ```sh\n   x\n   ```\n2. b\n\n* * *\n***both*** **open\n", "|a|\n|-|\n|b|\n\ntext | no\n"]
    same = page.evaluate("""async (texts) => {
        const { drawMarkdown } = await import('/ui/markdown.js');
        return texts.map((text) => {
            const [slow, quick] = [document.createElement('div'), document.createElement('div')];
            for (let end = 1; end <= text.length; end += 1) drawMarkdown(slow, text.slice(0, end));
            drawMarkdown(quick, text);
            return slow.isEqualNode(quick) && quick.childNodes.length > 0;
        });
    }""", texts)
    assert same == [True, True, True]


def test_hostile_markdown_costs_little(open_page):
    page = open_page()
    size = 50_000
    texts = ["*" * size, "*a " * size, "a*_" * size, "[" * size, "[a](" * size, "`" * 100 + "` " * size, "> " * size, "- " * size, "|" * size + "\n" + "|-" * size,
             "\\(" * size, "<" * size, "&" * size, "1. " * size, "\n" * size, "* a\n" * size, "https://" * size, "~" * size, "-" + " " * size + "x", "![" * size,
             "\n".join("`" * number for number in range(1, 400)), " " * size + "#" * size, "- a\n" + "\n" * size + "b"]
    slow = page.evaluate("""async (texts) => {
        const { drawMarkdown } = await import('/ui/markdown.js');
        const slow = [];
        for (const text of texts) {
            const start = performance.now();
            drawMarkdown(document.createElement('div'), text);
            const time = performance.now() - start;
            if (time > 2000) slow.push([text.slice(0, 10), time]);
        }
        return slow;
    }""", texts)
    assert slow == []


def test_errors_are_words_with_a_way_to_try_again(open_page, watch):
    watch.allowed = ["Failed to load resource"]
    page = open_page()
    answer = answers(page).first
    page.route("**/api/chat", lambda route: route.fulfill(status=503, headers={"Retry-After": "5"}, json={"error": "all memory is in use"}))
    send(page, "Hello")
    expect(answer.get_by_role("alert")).to_contain_text("all memory is in use (try again in 5 s)")
    page.unroute("**/api/chat")
    page.route("**/api/chat", lambda route: route.abort())
    answer.get_by_role("button", name="Try again").click()
    expect(answer.get_by_role("alert")).to_contain_text("The server does not answer")
    page.unroute("**/api/chat")
    page.route("**/api/chat", lambda route: route.fulfill(
        content_type="application/x-ndjson", body='{"message":{"content":"Half"}}\n{"error":"the context is full"}\n'))
    answer.get_by_role("button", name="Try again").click()
    expect(answer.get_by_role("alert")).to_contain_text("the context is full")
    expect(answer.locator(".content")).to_have_text("Half")
    page.unroute("**/api/chat")
    answer_with(page, "Whole")
    answer.get_by_role("button", name="Try again").click()
    expect(answers(page).first.locator(".content")).to_have_text("Whole")
    expect(answers(page)).to_have_count(1)


def test_an_answer_that_never_began_is_not_sent(open_page, watch):
    watch.allowed = ["Failed to load resource"]
    page = open_page()
    page.route("**/api/chat", lambda route: route.fulfill(status=503, json={"error": "busy"}))
    send(page, "One")
    expect(answers(page).first.get_by_role("alert")).to_contain_text("busy")
    page.unroute("**/api/chat")
    bodies = answer_with(page, "Both.")
    send(page, "Two")
    wait_for_answer(page, 2)
    send(page, "Three")
    wait_for_answer(page, 3)
    one = {"role": "user", "content": "One\n\nTwo"}
    assert [body["messages"] for body in bodies] == [[one], [one, {"role": "assistant", "content": "Both."}, {"role": "user", "content": "Three"}]]


def test_a_key_is_asked_for_and_kept_in_the_tab(open_page, watch):
    watch.allowed = ["Failed to load resource"]
    page = open_page("/", wait=False)
    expect(page.locator("body[data-ready]")).to_be_attached()
    seen = []

    def guard(route):
        key = route.request.headers.get("authorization")
        seen.append(key)
        if key == "Bearer sk-right":
            route.continue_()
        else:
            route.fulfill(status=401, json={"error": "a key is needed"})

    page.route("**/api/**", guard)
    page.reload()
    dialog = page.get_by_role("dialog", name="This server asks for a key")
    dialog.get_by_label("Key").fill("sk-wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("The server did not accept that key.")
    dialog.get_by_label("Key").fill("sk-right")
    page.keyboard.press("Enter")
    expect(page.locator("#model option")).to_have_text(["smol:latest", "twin:latest"])
    page.reload()
    expect(page.locator("body[data-ready]")).to_be_attached()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert "Bearer sk-right" in seen
    # Another key can be given.
    page.get_by_role("button", name="Forget the key").click()
    dialog.get_by_label("Key").fill("sk-right")
    page.keyboard.press("Enter")
    expect(page.locator("#model option")).to_have_count(2)
    kept = page.evaluate("[JSON.stringify(localStorage), document.cookie, JSON.stringify(sessionStorage)]")
    assert "sk-right" not in kept[0] + kept[1] and "sk-right" in kept[2]


def test_the_policy_holds(open_page, watch):
    watch.allowed = ["policy: ", "Loading the image", "Loading the script", "Refused", "This document requires", "Connecting to", "Fetch API", "Failed to"]
    page = open_page()
    outcome = page.evaluate("""async () => {
        const tries = {};
        try { document.body.innerHTML = '<b>x</b>'; tries.markup = true; } catch { tries.markup = false; }
        try { setTimeout('window.wasRun = true', 0); } catch { /* Refused at once is as good. */ }
        tries.image = await new Promise((resolve) => {
            const image = new Image();
            image.onload = () => resolve(true);
            image.onerror = () => resolve(false);
            image.src = 'http://127.0.0.1:9/x.png';
        });
        tries.text = window.wasRun === true;
        return tries;
    }""")
    assert outcome == {"markup": False, "text": False, "image": False}
    watch.outside = [url for url in watch.outside if url != "http://127.0.0.1:9/x.png"]
    assert page.request.get(f"{BASE}/ui/%2e%2e/README.md").status == 404


def test_no_text_is_left_in_the_log_of_requests(open_page):
    page = open_page()
    bodies = answer_with(page, "Fine.")
    send(page, "A secret")
    wait_for_answer(page)
    assert [message["content"] for message in bodies[0]["messages"]] == ["A secret"]
    assert "secret" not in page.url
    assert json.dumps(bodies[0]).count("A secret") == 1
