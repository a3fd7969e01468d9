"""PyPI's `anthropic` against a running server: messages and count_tokens, streaming, errors, cancellation."""
import anthropic

from checks import BASE, MODEL, TOOL, raises, running, soon

client = anthropic.Anthropic(base_url=BASE, api_key="none", max_retries=0)
HELLO = [{"role": "user", "content": "Say hello."}]
TOOLS = [{"name": "weather", "description": "The weather of a city", "input_schema": TOOL}]


def create(temperature=0, **options):
    # The client itself has no temperature any more, the API has.
    return client.messages.create(**{"model": MODEL, "messages": HELLO, "max_tokens": 16, "extra_body": {"temperature": temperature}} | options)


def test_messages():
    message = create(system="Be brief.")
    assert message.type == "message" and message.role == "assistant" and message.model == MODEL
    assert message.content[0].type == "text" and message.content[0].text
    assert message.stop_reason in ("end_turn", "max_tokens")
    assert 0 < message.usage.output_tokens <= 16


def test_stop_sequence():
    word = create().content[0].text.split()[1]
    message = create(stop_sequences=[word])
    assert message.stop_reason == "stop_sequence" and message.stop_sequence == word


def test_stream():
    with client.messages.stream(model=MODEL, messages=HELLO, max_tokens=16, extra_body={"temperature": 0}) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == message.content[0].text == create().content[0].text
    names = [event.type for event in create(stream=True)]
    assert names[:2] == ["message_start", "content_block_start"] or names[:3] == ["message_start", "ping", "content_block_start"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_beginning_of_the_answer():
    messages = HELLO + [{"role": "assistant", "content": "1, 2, 3,"}]
    assert create(messages=messages).content[0].text


def test_tools():
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    message = create(messages=question, tools=TOOLS, tool_choice={"type": "tool", "name": "weather"}, max_tokens=80)
    assert message.stop_reason == "tool_use"
    call = next(block for block in message.content if block.type == "tool_use")
    assert call.name == "weather" and call.input["city"] in ("Paris", "Rome")
    with client.messages.stream(model=MODEL, messages=question, tools=TOOLS, tool_choice={"type": "any"}, max_tokens=80) as stream:
        streamed = next(block for block in stream.get_final_message().content if block.type == "tool_use")
    assert streamed.input["city"] in ("Paris", "Rome")
    answer = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "Sunny"}]}
    assert create(messages=question + [{"role": "assistant", "content": message.content}, answer], tools=TOOLS)


def test_count_tokens():
    few = client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens
    more = client.messages.count_tokens(model=MODEL, messages=HELLO, system="Be brief.", tools=TOOLS).input_tokens
    assert 0 < few < more
    usage = create().usage
    assert usage.input_tokens + usage.cache_read_input_tokens == few


def test_errors():
    error = raises(anthropic.BadRequestError, lambda: create(temperature=2))
    assert error.body["type"] == "error" and error.body["error"]["type"] == "invalid_request_error"
    raises(anthropic.BadRequestError, lambda: create(messages=[]))
    error = raises(anthropic.NotFoundError, lambda: create(model="no-such-model"))
    assert error.body["error"]["type"] == "not_found_error"
    raises(anthropic.BadRequestError, lambda: create(messages=[{"role": "user", "content": "word " * 20000}]))
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    raises(anthropic.BadRequestError, lambda: create(messages=[{"role": "user", "content": [image]}]))


def test_cancellation():
    stream = client.messages.create(model=MODEL, messages=[{"role": "user", "content": "Count to a thousand."}], max_tokens=3000, stream=True)
    for event in stream:
        if event.type == "content_block_delta":
            break
    stream.close()
    assert soon(lambda: running() == 0), "the model still works for a client that has gone"
