"""What a person does on the page."""
import json
import re

from playwright.sync_api import expect


def send(page, text):
    """Writes a message and sends it."""
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def answers(page):
    return page.locator("article.assistant")


def wait_for_answer(page, number=1):
    """The answer with this number, once it is whole."""
    answer = answers(page).nth(number - 1)
    expect(answer).to_have_attribute("aria-busy", "false")
    expect(answer.locator(".stats")).to_contain_text("tokens/s")
    return answer


def set_parameter(page, name, value):
    """Changes a parameter and closes the panel again."""
    page.get_by_role("button", name="Parameters", exact=True).click()
    page.locator("#settings").get_by_label(name, exact=True).fill(str(value))
    page.get_by_role("button", name="Close the parameters").click()


def answer_with(page, text, reasoning=None, gone=None):
    """Lets the server answer the next messages with this text; returns the requests' bodies."""
    bodies = []

    def fulfill(route):
        bodies.append(json.loads(route.request.post_data))
        records = [{"message": {"role": "assistant", "content": "", "thinking": reasoning}}] if reasoning else []
        records += [{"message": {"role": "assistant", "content": part}} for part in re.findall(r"(?s).{1,7}", text)]
        records.append({"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", "eval_count": 10,
                        "eval_duration": 10**9, "prompt_eval_count": 20, "prompt_cached_count": 5})
        route.fulfill(content_type="application/x-ndjson", body="".join(json.dumps(record) + "\n" for record in records))

    page.route("**/api/chat", fulfill)
    return bodies
