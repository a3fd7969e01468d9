"""PyPI's `openai` against a running server: every endpoint's happy path, streaming, error and cancellation."""
import asyncio
import json

import openai

from checks import BASE, MODEL, PERSON, TOOL, embedder, raises, running, soon

client = openai.OpenAI(base_url=BASE + "/v1", api_key="none", max_retries=0)
HELLO = [{"role": "user", "content": "Say hello."}]
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "The weather of a city", "parameters": TOOL}},
         {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}, "additionalProperties": False}}}]


def chat(**options):
    return client.chat.completions.create(**{"model": MODEL, "messages": HELLO, "temperature": 0, "max_tokens": 16} | options)


def test_chat():
    answer = chat()
    assert answer.object == "chat.completion" and answer.model == MODEL
    choice = answer.choices[0]
    assert choice.message.role == "assistant" and choice.message.content
    assert choice.finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert 0 < answer.usage.completion_tokens <= 16


def test_chat_is_the_same_streamed():
    whole = chat().choices[0].message.content
    chunks = list(chat(stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] in ("stop", "length")
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_chat_prefix_is_cached():
    messages = [{"role": "system", "content": "You are kind. " * 60}] + HELLO
    chat(messages=messages)
    usage = chat(messages=messages).usage
    assert usage.prompt_tokens_details.cached_tokens > usage.prompt_tokens / 2, usage


def test_chat_limits():
    assert chat(max_tokens=3).choices[0].finish_reason == "length"
    assert chat(max_completion_tokens=3).usage.completion_tokens == 3
    text = chat().choices[0].message.content
    word = text.split()[1]
    stopped = chat(stop=[word])
    assert word not in stopped.choices[0].message.content and stopped.choices[0].finish_reason == "stop"


def test_chat_seed_and_choices():
    options = {"temperature": 1.5, "seed": 4, "n": 3}
    first, second = (chat(**options) for _ in range(2))
    texts = [choice.message.content for choice in first.choices]
    assert texts == [choice.message.content for choice in second.choices]
    assert len(set(texts)) == 3 and [choice.index for choice in first.choices] == [0, 1, 2]
    streamed = ["", "", ""]
    for chunk in chat(stream=True, **options):
        streamed[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert streamed == texts


def test_chat_log_probabilities():
    choice = chat(logprobs=True, top_logprobs=3).choices[0]
    tokens = choice.logprobs.content
    assert b"".join(bytes(token.bytes) for token in tokens).decode() == choice.message.content
    assert all(len(token.top_logprobs) == 3 and token.logprob <= 0 for token in tokens)
    # Greedy: what came is what was likeliest.
    assert all(token.token == token.top_logprobs[0].token for token in tokens)


def test_chat_logit_bias():
    first = chat(logprobs=True, max_tokens=1).choices[0]
    token = first.logprobs.content[0]
    # The tokenizer's own numbers are told by llama-server's endpoint.
    from checks import http
    number = http("POST", "/tokenize", {"model": MODEL, "content": token.token})[2]["tokens"][0]
    other = chat(logit_bias={str(number): -100}, max_tokens=1).choices[0].message.content
    assert other != first.message.content


def test_chat_json():
    answer = chat(messages=[{"role": "user", "content": "A person as JSON."}], max_tokens=80,
                  response_format={"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": PERSON}})
    person = json.loads(answer.choices[0].message.content)
    assert set(person) == {"name", "age"} and isinstance(person["age"], int)
    answer = chat(messages=[{"role": "user", "content": "A short JSON object."}], max_tokens=100, response_format={"type": "json_object"})
    if answer.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_chat_grammar():
    answer = chat(extra_body={"grammar": 'root ::= "yes" | "no"'})
    assert answer.choices[0].message.content in ("yes", "no")
    answer = chat(extra_body={"guided_choice": ["left", "right"]})
    assert answer.choices[0].message.content in ("left", "right")
    answer = chat(extra_body={"guided_regex": "[0-9]{4}"})
    assert len(answer.choices[0].message.content) == 4 and answer.choices[0].message.content.isdigit()


def test_tools():
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    named = {"type": "function", "function": {"name": "weather"}}
    answer = chat(messages=question, tools=TOOLS, tool_choice=named, max_tokens=80)
    assert answer.choices[0].finish_reason == "tool_calls"
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "weather" and json.loads(call.function.arguments)["city"] in ("Paris", "Rome")
    # The same as a stream.
    name, arguments = "", ""
    for chunk in chat(messages=question, tools=TOOLS, tool_choice=named, max_tokens=80, stream=True):
        for part in chunk.choices[0].delta.tool_calls or []:
            name += part.function.name or ""
            arguments += part.function.arguments or ""
    assert name == "weather" and json.loads(arguments) == json.loads(call.function.arguments)
    # And on with the tool's answer.
    messages = question + [answer.choices[0].message.model_dump(exclude_none=True),
                           {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 21 degrees"}]
    assert chat(messages=messages, tools=TOOLS).choices[0].message is not None
    answer = chat(messages=question, tools=TOOLS, tool_choice="required", max_tokens=80)
    assert answer.choices[0].message.tool_calls
    answer = chat(messages=question, tools=TOOLS, tool_choice="none")
    assert not answer.choices[0].message.tool_calls


def test_chat_errors():
    error = raises(openai.BadRequestError, lambda: chat(temperature=3), code="decimal_above_max_value", param="temperature")
    assert error.type == "invalid_request_error"
    raises(openai.BadRequestError, lambda: chat(messages=[]), param="messages")
    raises(openai.BadRequestError, lambda: chat(messages=[{"role": "user", "content": "word " * 20000}]), code="context_length_exceeded")
    raises(openai.NotFoundError, lambda: chat(model="no-such-model"), code="model_not_found")
    raises(openai.BadRequestError, lambda: chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nonsense"}}}))
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]
    raises(openai.BadRequestError, lambda: chat(messages=image))
    raises(openai.BadRequestError, lambda: list(chat(stream=True, top_p=7)), param="top_p")


def test_chat_cancellation():
    stream = chat(stream=True, max_tokens=3000, extra_body={"ignore_eos": True})
    next(iter(stream))
    assert running() >= 1
    stream.close()
    assert soon(lambda: running() == 0), "the model still works for a client that has gone"


def test_chat_cancellation_without_stream():
    async def go():
        async with openai.AsyncOpenAI(base_url=BASE + "/v1", api_key="none", max_retries=0) as other:
            task = asyncio.create_task(other.chat.completions.create(
                model=MODEL, messages=HELLO, max_tokens=3000, extra_body={"ignore_eos": True}))
            await asyncio.sleep(0.5)
            assert await asyncio.to_thread(running) >= 1
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
    asyncio.run(go())
    assert soon(lambda: running() == 0), "the model still works for a client that has gone"


def test_many_at_once():
    async def go():
        async with openai.AsyncOpenAI(base_url=BASE + "/v1", api_key="none") as other:
            answers = await asyncio.gather(*(other.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": f"Count to {number}."}], temperature=0, max_tokens=12) for number in range(20)))
        return [answer.choices[0].message.content for answer in answers]
    together = asyncio.run(go())
    alone = [chat(messages=[{"role": "user", "content": f"Count to {number}."}], max_tokens=12).choices[0].message.content for number in (0, 7, 19)]
    assert [together[0], together[7], together[19]] == alone


def complete(**options):
    return client.completions.create(**{"model": MODEL, "prompt": "The capital of France is", "temperature": 0, "max_tokens": 8} | options)


def test_completions():
    answer = complete()
    assert answer.object == "text_completion" and answer.choices[0].text
    assert "".join(chunk.choices[0].text for chunk in complete(stream=True)) == answer.choices[0].text
    assert complete(echo=True).choices[0].text == "The capital of France is" + answer.choices[0].text
    assert [choice.index for choice in complete(prompt=["a", "b"]).choices] == [0, 1]
    numbers = complete(logprobs=2).choices[0].logprobs
    assert "".join(numbers.tokens) == answer.choices[0].text and len(numbers.top_logprobs[0]) == 2
    assert len(complete(temperature=1, n=1, best_of=3, seed=1).choices) == 1


def test_completions_errors():
    raises(openai.BadRequestError, lambda: complete(prompt=[]), param="prompt")
    raises(openai.BadRequestError, lambda: complete(prompt=[10 ** 9]))
    raises(openai.NotFoundError, lambda: complete(model="no-such-model"))


def test_completions_cancellation():
    stream = complete(stream=True, max_tokens=3000, extra_body={"ignore_eos": True})
    next(iter(stream))
    stream.close()
    assert soon(lambda: running() == 0)


def test_models():
    names = [model.id for model in client.models.list()]
    assert any(name.split(":")[0] == MODEL.split(":")[0] for name in names), names
    assert client.models.retrieve(names[0]).id == names[0]
    raises(openai.NotFoundError, lambda: client.models.retrieve("no-such-model"), code="model_not_found")


def test_embeddings():
    name = embedder()
    texts = ["The cat sits outside", "A man is playing guitar"]
    answer = client.embeddings.create(model=name, input=texts)  # the client asks for base64 and decodes it
    plain = client.embeddings.create(model=name, input=texts, encoding_format="float")
    assert [data.index for data in answer.data] == [0, 1] and answer.usage.prompt_tokens > 4
    assert all(abs(a - b) < 1e-6 for a, b in zip(answer.data[0].embedding, plain.data[0].embedding))
    short = client.embeddings.create(model=name, input=texts[0], dimensions=16).data[0].embedding
    assert len(short) == 16 and abs(sum(number * number for number in short) - 1) < 1e-5


def test_embeddings_errors():
    raises(openai.BadRequestError, lambda: client.embeddings.create(model=MODEL, input="a"))
    raises(openai.BadRequestError, lambda: client.embeddings.create(model=MODEL, input=""))
    raises(openai.NotFoundError, lambda: client.embeddings.create(model="no-such-model", input="a"))


def respond(**options):
    return client.responses.create(**{"model": MODEL, "input": "Say hello.", "temperature": 0, "max_output_tokens": 16} | options)


def test_responses():
    answer = respond(instructions="Be brief.")
    assert answer.object == "response" and answer.output_text and answer.status in ("completed", "incomplete")
    assert answer.usage.output_tokens > 0 and answer.instructions == "Be brief."
    text = respond(text={"format": {"type": "json_schema", "name": "person", "schema": PERSON}}, max_output_tokens=80).output_text
    assert set(json.loads(text)) == {"name", "age"}


def test_responses_stream():
    events = list(respond(stream=True))
    names = [event.type for event in events]
    assert names[:3] == ["response.created", "response.in_progress", "response.output_item.added"]
    assert names[-1] in ("response.completed", "response.incomplete")
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text == respond().output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    with client.responses.stream(model=MODEL, input="Say hello.", temperature=0, max_output_tokens=400) as stream:
        assert stream.get_final_response().output_text.startswith(text[:10])


def test_responses_tools():
    tools = [{"type": "function", "name": "weather", "parameters": TOOL}]
    question = [{"role": "user", "content": "What is the weather in Rome?"}]
    answer = respond(input=question, tools=tools, tool_choice="required", max_output_tokens=80)
    call = next(item for item in answer.output if item.type == "function_call")
    assert call.name == "weather" and json.loads(call.arguments)["city"] in ("Paris", "Rome")
    items = question + [item.model_dump(exclude_none=True) for item in answer.output]
    items.append({"type": "function_call_output", "call_id": call.call_id, "output": "Sunny"})
    assert respond(input=items, tools=tools).status in ("completed", "incomplete")


def test_responses_errors():
    raises(openai.BadRequestError, lambda: respond(previous_response_id="resp_1"), param="previous_response_id")
    raises(openai.BadRequestError, lambda: respond(input=[]))
    raises(openai.NotFoundError, lambda: respond(model="no-such-model"))


def test_responses_cancellation():
    stream = respond(stream=True, max_output_tokens=3000, extra_body={"ignore_eos": True})
    iterator = iter(stream)
    for _ in range(6):
        next(iterator)
    stream.close()
    assert soon(lambda: running() == 0)
