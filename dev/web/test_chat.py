"""The chat with a real model behind it."""
import json
import re

from actions import answers, send, set_parameter, wait_for_answer
from conftest import BASE
from playwright.sync_api import expect


def test_an_answer_comes_in_pieces(open_page):
    page = open_page()
    page.evaluate("""() => {
        window.lengths = new Set();
        new MutationObserver(() => lengths.add(document.querySelector('article.assistant .content')?.textContent.length ?? 0))
            .observe(document.getElementById('messages'), { subtree: true, childList: true, characterData: true });
    }""")
    set_parameter(page, "Max tokens", 40)
    send(page, "Tell me about the sea.")
    answer = wait_for_answer(page)
    assert len(answer.locator(".content").inner_text()) > 20
    assert page.evaluate("lengths.size") > 5
    stats = answer.locator(".stats").inner_text()
    assert re.search(r"[\d.]+ tokens/s · first token after \d+\.\d\d s · \d+ tokens · prompt of \d+, \d+ from cache", stats)
    # Screen readers hear it once, when it is whole.
    expect(page.locator("#status")).to_contain_text("Answer: ")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_escape_stops_and_the_answer_goes_on(open_page):
    page = open_page()
    send(page, "Write a very long story about a dragon, a castle and a river, in twenty chapters.")
    answer = answers(page).first
    expect(answer.locator(".content")).to_contain_text(re.compile(r"\w+ \w+"))
    page.keyboard.press("Escape")
    expect(answer).to_have_attribute("aria-busy", "false")
    expect(answer.locator(".stats")).to_contain_text("stopped")
    before = answer.locator(".content").inner_text()
    # The server has stopped, too.
    page.wait_for_timeout(500)
    slots = page.request.get(f"{BASE}/slots?model=smol").json()
    assert not any(slot["is_processing"] for slot in slots)
    set_parameter(page, "Max tokens", 8)
    answer.get_by_role("button", name="Go on with the answer").click()
    expect(answer.locator(".stats")).to_contain_text("ended at its limit")
    after = answer.locator(".content").inner_text()
    assert len(after) > len(before) and after.startswith(before)
    assert answers(page).count() == 1


def test_editing_and_answering_again_make_versions(open_page):
    page = open_page()
    set_parameter(page, "Max tokens", 12)
    send(page, "Name a colour.")
    wait_for_answer(page)
    answers(page).first.get_by_role("button", name="Answer again").click()
    expect(answers(page).first.locator(".versions")).to_contain_text("2 of 2")
    wait_for_answer(page)
    question = page.locator("article.user").first
    question.get_by_role("button", name="Edit and send again").click()
    page.get_by_role("textbox", name="Edit your message").fill("Name a fruit.")
    page.keyboard.press("Enter")
    wait_for_answer(page)
    expect(question).to_contain_text("Name a fruit.")
    expect(question.locator(".versions")).to_contain_text("2 of 2")
    # The new branch has an answer of its own; the old one has both of its.
    expect(answers(page).first.locator(".versions")).to_have_count(0)
    question.get_by_role("button", name="Version before").click()
    expect(question).to_contain_text("Name a colour.")
    expect(answers(page).first.locator(".versions")).to_contain_text("2 of 2")
    answers(page).first.get_by_role("button", name="Version before").click()
    expect(answers(page).first.locator(".versions")).to_contain_text("1 of 2")
    answers(page).first.get_by_role("button", name="Edit the answer").click()
    page.get_by_role("textbox", name="Edit the answer").fill("Blue, *of course*.")
    page.get_by_role("button", name="Save").click()
    expect(answers(page).first.locator(".content em")).to_have_text("of course")
    expect(answers(page).first.locator(".versions")).to_contain_text("3 of 3")
    expect(answers(page).first.locator(".stats")).to_contain_text("edited by you")


def test_history_outlives_the_page_and_stays_in_the_browser(open_page):
    page = open_page()
    set_parameter(page, "Max tokens", 8)
    send(page, "First chat")
    first = wait_for_answer(page).locator(".content").inner_text()
    page.keyboard.press("Control+k")
    expect(answers(page)).to_have_count(0)
    send(page, "Second chat")
    wait_for_answer(page)
    expect(page.locator("#chats a")).to_have_count(2)
    page.reload()
    expect(page.locator("#chats a")).to_have_text(["Second chat", "First chat"])
    expect(page.locator("article.user")).to_contain_text("Second chat")
    page.get_by_role("link", name="First chat").click()
    assert wait_for_answer(page).locator(".content").inner_text() == first
    # Another browser has none of it.
    other = open_page()
    expect(other.locator("#chats a")).to_have_count(0)
    page.get_by_label("More for this chat").click()
    page.get_by_role("button", name="Delete this chat").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#chats a")).to_have_count(2)
    page.get_by_label("More for this chat").click()
    page.get_by_role("button", name="Delete this chat").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#chats a")).to_have_text(["Second chat"])
    page.reload()
    expect(page.locator("#chats a")).to_have_text(["Second chat"])


def test_exports_can_be_imported(open_page, tmp_path):
    page = open_page()
    set_parameter(page, "Max tokens", 8)
    set_parameter(page, "System prompt", "Be brief.")
    send(page, "Say hello")
    answer = wait_for_answer(page).locator(".content").inner_text()

    def export(name):
        page.get_by_label("More for this chat").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path

    markdown = export("Export as Markdown")
    assert markdown.name == "Say-hello.md"
    text = markdown.read_text()
    assert text.startswith("# Say hello\n\n## System\n\nBe brief.\n\n## You\n\nSay hello\n\n## smol:latest\n\n")
    path = export("Export as JSON")
    assert json.loads(path.read_text())["format"] == "swiftlet-chats"
    other = open_page()
    other.locator("#import-file").set_input_files(path)
    expect(other.locator("#chats a")).to_have_text(["Say hello"])
    assert answers(other).first.locator(".content").inner_text() == answer
    expect(other.locator("#setting-system")).to_have_value("Be brief.")
    # What is no export is told in words, and nothing of it is kept.
    hostile = {"format": "swiftlet-chats", "version": 1, "conversations": [{"nodes": {"root": {"children": ["a", "a"]}, "a": {"role": "user"}}}]}
    for number, content in enumerate(["{", "{}", json.dumps(hostile)]):
        bad = tmp_path / f"bad{number}.json"
        bad.write_text(content)
        other.locator("#import-file").set_input_files(bad)
        expect(other.locator(".toast.problem").filter(has_text=bad.name)).to_be_visible()
    expect(other.locator("#chats a")).to_have_count(1)


def test_seeds_and_files_and_the_model_reach_the_server(open_page, tmp_path):
    page = open_page()
    requests = []
    page.on("request", lambda request: requests.append(json.loads(request.post_data)) if request.url.endswith("/api/chat") else None)
    page.get_by_label("Model", exact=True).select_option("twin:latest")
    for name, value in [("Temperature", 0.7), ("Top p", 0.8), ("Max tokens", 6), ("Seed", 7), ("Context", 1024), ("System prompt", "Be kind.")]:
        set_parameter(page, name, value)
    file = tmp_path / "birds.txt"
    file.write_text("swift\n```\nswallow\n")
    image = tmp_path / "image.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    page.locator("#files").set_input_files([file, image])
    expect(page.locator(".toast.problem")).to_contain_text("image.png is no text")
    expect(page.locator("#attachments li")).to_have_count(1)
    send(page, "Which birds?")
    first = wait_for_answer(page).locator(".content").inner_text()
    answers(page).first.get_by_role("button", name="Answer again").click()
    expect(answers(page).first.locator(".versions")).to_contain_text("2 of 2")
    # The same seed, the same answer; and the whole prompt but its last token is known.
    answer = wait_for_answer(page)
    assert answer.locator(".content").inner_text() == first
    assert int(re.search(r"(\d+) from cache", answer.locator(".stats").inner_text())[1]) > 0
    body = requests[0]
    assert body["model"] == "twin:latest"
    assert body["options"] == {"temperature": 0.7, "top_p": 0.8, "num_predict": 6, "seed": 7, "num_ctx": 1024}
    assert body["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Which birds?\n\nFile birds.txt:\n````\nswift\n```\nswallow\n````"},
    ]
    # What makes no sense is told at the field and not sent.
    page.get_by_role("button", name="Parameters", exact=True).click()
    page.locator("#settings").get_by_label("Top p").fill("2")
    expect(page.locator("#setting-top_p-problem")).to_have_text("A number from 0 to 1")


def test_a_chat_that_is_deleted_while_it_is_answered_stays_away(open_page):
    page = open_page()
    send(page, "Write a very long story about a dragon, a castle and a river, in twenty chapters.")
    expect(answers(page).first.locator(".content")).to_contain_text(re.compile(r"\w+ \w+"))
    page.get_by_label("More for this chat").click()
    page.get_by_role("button", name="Delete this chat").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("article")).to_have_count(0)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("body[data-ready]")).to_be_attached()
    expect(page.locator("#chats a")).to_have_count(0)


def test_answers_go_on_while_another_chat_is_shown(open_page):
    page = open_page()
    set_parameter(page, "Max tokens", 60)
    send(page, "Tell me about the first day of spring.")
    expect(answers(page).first.locator(".content")).to_contain_text(re.compile(r"\w+ \w+"))
    page.keyboard.press("Control+k")
    send(page, "Say hello.")
    wait_for_answer(page)
    expect(page.locator("#chats .pulse")).to_have_count(0)
    page.get_by_role("link", name="Tell me about the first day").click()
    expect(answers(page)).to_have_count(1)
    assert len(wait_for_answer(page).locator(".content").inner_text()) > 60
    page.go_back()
    expect(page.locator("article.user")).to_contain_text("Say hello.")


def test_a_reload_keeps_what_had_come(open_page):
    page = open_page()
    send(page, "Write a very long story about a dragon, a castle and a river, in twenty chapters.")
    page.wait_for_timeout(2500)
    expect(answers(page).first.locator(".content")).to_contain_text(re.compile(r"\w+ \w+"))
    page.reload()
    answer = answers(page).first
    expect(answer).to_have_attribute("aria-busy", "false")
    expect(answer.locator(".content")).to_contain_text(re.compile(r"\w+ \w+"))
    expect(answer.locator(".stats")).to_contain_text("stopped")
