#!/usr/bin/env python3
"""Lets a model answer by many schemas through `swiftlet serve`, at a temperature at which it would write anything.

usage: dev/grammars/ask-server.py SCHEMAS OUTPUTS [--address http://127.0.0.1:11434] [--model NAME] [--seeds 1] [--tokens 400]

SCHEMAS is an array of schemas (dev/grammars/make-schemas.py). OUTPUTS gets a JSON array [schema's index, seed, text] a line for each
answer that the model finished; dev/grammars/validate.py checks them. Fails if the server refuses a schema or breaks off.
"""
import argparse
import collections
import concurrent.futures
import json
import sys
import urllib.error
import urllib.request


def ask(options, index, seed, schema):
    """The answer's text and why it ended."""
    body = {"model": options.model, "temperature": 1.5, "top_k": 0, "top_p": 1, "min_p": 0, "seed": seed, "max_tokens": options.tokens,
            "messages": [{"role": "user", "content": "Write an example, as JSON."}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}}
    request = urllib.request.Request(f"{options.address}/v1/chat/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=600) as response:
            choice = json.load(response)["choices"][0]
    except urllib.error.HTTPError as error:
        return f"error {error.code}: {error.read().decode()[:300]}", "refused"
    return choice["message"]["content"], choice["finish_reason"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schemas")
    parser.add_argument("outputs")
    parser.add_argument("--address", default="http://127.0.0.1:11434")
    parser.add_argument("--model", default="smollm2:135m")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    schemas = json.load(open(options.schemas, encoding="utf-8"))
    tasks = [(index, seed) for index in range(len(schemas)) for seed in range(1, options.seeds + 1)]
    counts = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.clients) as pool, open(options.outputs, "w", encoding="utf-8") as outputs:
        answers = pool.map(lambda task: ask(options, *task, schemas[task[0]]), tasks)
        for (index, seed), (text, end) in zip(tasks, answers):
            counts[end] += 1
            if end == "refused":
                print(f"schema {index}: {text}", file=sys.stderr)
            elif end == "stop":
                outputs.write(json.dumps([index, seed, text], ensure_ascii=False) + "\n")
    print(", ".join(f"{count} {end}" for end, count in sorted(counts.items())))
    sys.exit(counts["refused"] > 0)


if __name__ == "__main__":
    main()
