"""PyPI's `openai`, `anthropic` and `ollama` against a server with API keys: who is let in, and what their errors are."""
import os
import subprocess

import anthropic
import ollama
import openai
import pytest

from checks import MODEL, raises

SWIFTLET = os.environ["SWIFTLET_BINARY"]
HELLO = [{"role": "user", "content": "Say hello."}]
WRONG = "sk-swl-" + "0" * 64


def swiftlet(home, *arguments):
    environment = os.environ | {"SWIFTLET_HOME": str(home)}
    return subprocess.run([SWIFTLET, *arguments], env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(address, keys by name) of a server with a library of its own."""
    home = tmp_path_factory.mktemp("home")
    swiftlet(home, "pull", os.environ["SWIFTLET_TEST_MODEL"], "--as", MODEL)
    swiftlet(home, "cp", MODEL, "secret")
    rights = {"user": [], "reader": ["--role", "read-only"], "admin": ["--role", "admin"], "slow": ["--requests-per-minute", "1"],
              "narrow": ["--models", MODEL], "spent": ["--tokens-per-day", "1"]}
    keys = {name: swiftlet(home, "key", "add", name, *options).strip() for name, options in rights.items()}
    with subprocess.Popen([SWIFTLET, "serve", "--port", "0"], env=os.environ | {"SWIFTLET_HOME": str(home)}, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split(" ")[3], keys
        finally:
            process.terminate()


def clients(server, key):
    """An answer's beginning through each client; the name of a key, or the key itself."""
    address, keys = server
    key = keys.get(key, key)
    chat = {"model": MODEL, "messages": HELLO}
    return {
        "openai": lambda: openai.OpenAI(base_url=address + "/v1", api_key=key, max_retries=0).chat.completions.create(**chat, max_tokens=2),
        "anthropic": lambda: anthropic.Anthropic(base_url=address, api_key=key, max_retries=0).messages.create(**chat, max_tokens=2),
        "bearer": lambda: anthropic.Anthropic(base_url=address, auth_token=key, max_retries=0).messages.create(**chat, max_tokens=2),
        "ollama": lambda: ollama.Client(host=address, headers={"Authorization": "Bearer " + key}).chat(**chat, options={"num_predict": 2}),
    }


def test_all_clients_are_let_in(server):
    for name in ("user", "admin", "narrow"):
        answers = {client: call() for client, call in clients(server, name).items()}
        assert answers["openai"].choices[0].message.content
        assert answers["anthropic"].content[0].text and answers["bearer"].content[0].text
        assert answers["ollama"].message.content


def test_unknown_keys_are_refused(server):
    calls = clients(server, WRONG)
    error = raises(openai.AuthenticationError, calls["openai"], status_code=401, code="invalid_api_key")
    assert error.response.headers["www-authenticate"].startswith("Bearer")
    for name in ("anthropic", "bearer"):
        error = raises(anthropic.AuthenticationError, calls[name], status_code=401)
        assert error.body["error"]["type"] == "authentication_error"
    error = raises(ollama.ResponseError, calls["ollama"], status_code=401)
    assert WRONG not in str(error)
    raises(ollama.ResponseError, ollama.Client(host=server[0]).list, status_code=401)


def test_readers_do_not_run_models(server):
    calls = clients(server, "reader")
    raises(openai.PermissionDeniedError, calls["openai"], status_code=403)
    raises(anthropic.PermissionDeniedError, calls["anthropic"], status_code=403)
    raises(ollama.ResponseError, calls["ollama"], status_code=403)
    address, keys = server
    assert len(openai.OpenAI(base_url=address + "/v1", api_key=keys["reader"]).models.list().data) == 2


def test_users_do_not_change_the_library(server):
    address, keys = server
    user, admin = (ollama.Client(host=address, headers={"x-api-key": keys[name]}) for name in ("user", "admin"))
    raises(ollama.ResponseError, lambda: user.delete("secret"), status_code=403)
    admin.copy("secret", "third")
    admin.delete("third")


def test_other_models_are_not_there(server):
    address, keys = server
    client = openai.OpenAI(base_url=address + "/v1", api_key=keys["narrow"], max_retries=0)
    assert [model.id for model in client.models.list().data] == [MODEL + ":latest"]
    raises(openai.NotFoundError, lambda: client.chat.completions.create(model="secret", messages=HELLO), code="model_not_found")
    listed = ollama.Client(host=address, headers={"Authorization": "Bearer " + keys["narrow"]}).list().models
    assert [model.model for model in listed] == [MODEL + ":latest"]


def test_limits(server):
    clients(server, "slow")["openai"]()
    clients(server, "spent")["openai"]()
    for name in ("slow", "spent"):
        calls = clients(server, name)
        error = raises(openai.RateLimitError, calls["openai"], status_code=429, code="rate_limit_exceeded")
        assert int(error.response.headers["retry-after"]) > 0
        error = raises(anthropic.RateLimitError, calls["anthropic"], status_code=429)
        assert error.body["error"]["type"] == "rate_limit_error"
        raises(ollama.ResponseError, calls["ollama"], status_code=429)
