#!/usr/bin/env python3
"""Checks outputs of grammars against their schemas with PyPI's `jsonschema`, an independent validator.

usage: dev/grammars/validate.py SCHEMAS OUTPUTS

SCHEMAS is an array of schemas (dev/grammars/make-schemas.py). OUTPUTS holds a JSON array [schema's index, seed, text] a
line: what Tests/SwiftletGrammarsTests/WalkTests.swift writes when SWIFTLET_GRAMMAR_SCHEMAS and SWIFTLET_GRAMMAR_OUTPUT
name the two files:

    dev/grammars/make-schemas.py --count 500 --seed 2 > /tmp/schemas.json
    SWIFTLET_GRAMMAR_SCHEMAS=/tmp/schemas.json SWIFTLET_GRAMMAR_OUTPUT=/tmp/outputs.jsonl \\
        swift test -c release --filter '^SwiftletGrammarsTests.WalkTests'
    dev/grammars/validate.py /tmp/schemas.json /tmp/outputs.jsonl
"""
import collections
import json
import sys

import jsonschema




def main():
    schemas = json.load(open(sys.argv[1], encoding="utf-8"))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validators = [jsonschema.Draft202012Validator(schema, format_checker=checker) for schema in schemas]
    counts = collections.Counter()
    used = set()
    for line in open(sys.argv[2], encoding="utf-8"):
        index, seed, text = json.loads(line)
        used.add(index)
        counts["outputs"] += 1
        try:
            value = json.loads(text)
        except ValueError as error:
            counts["no JSON"] += 1
            print(index, seed, "no JSON:", error, text[:200])
            continue
        error = next(validators[index].iter_errors(value), None)
        if error:
            counts["invalid"] += 1
            if counts["invalid"] <= 20:
                print(index, seed, error.message[:200], "|", json.dumps(error.schema)[:200])
        else:
            counts["valid"] += 1
    print(f"{len(used)} schemas of {len(schemas)}:", dict(counts))
    sys.exit(counts["invalid"] + counts["no JSON"] > 0)


if __name__ == "__main__":
    main()
