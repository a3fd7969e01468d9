"""What all clients' tests share: where the server is, and whether it still works for somebody."""
import json
import os
import time
import urllib.request

import pytest

MODEL = "smol"


@pytest.fixture(scope="session")
def address():
    return os.environ["SWIFTLET_ADDRESS"]


@pytest.fixture
def becomes_idle(address):
    """Waits until the server works on no request: what a client that went away leaves behind is cancelled."""

    def wait(seconds=5.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            # A request of one token is answered at once only when nobody else computes a long answer.
            start = time.monotonic()
            body = {"model": MODEL, "prompt": "Hi", "stream": False, "options": {"num_predict": 1}}
            request = urllib.request.Request(
                address + "/api/generate", json.dumps(body).encode(), {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=30).read()
            if time.monotonic() - start < 1:
                return True
            time.sleep(0.05)
        return False

    return wait


def pytest_configure(config):
    config.addinivalue_line("markers", "memory(megabytes): by how much the server's own memory may grow meanwhile")
