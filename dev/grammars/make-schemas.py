#!/usr/bin/env python3
"""Writes random JSON schemas, an array of them, with all keywords that SwiftletGrammars supports.

usage: dev/grammars/make-schemas.py [--count N] [--seed S] > schemas.json

Tests/Fixtures/grammars/schemas.json is the output of `--count 60 --seed 1`.
"""
import argparse
import json
import random

NAMES = ["id", "name", "kind", "über", "a b", "x\"y", "items", "value", "path", "n_1", "date", "", "line\nend", "漢字", "é"]
PATTERNS = ["^[a-z]{2,5}$", "^\\d{3}-\\d{4}$", "^(foo|bar)+$", "^[A-Z][a-z]*( [A-Z][a-z]*){0,2}$", "[0-9]$", "^[^\\s\"\\\\]{1,4}$",
            "^\\w+@\\w+\\.(com|org)$", "^#[0-9a-fA-F]{6}$", "b", "^.{0,6}$", "^[äöü]+x?$", "^a|b$"]
FORMATS = ["date", "time", "date-time", "uuid", "email", "ipv4", "ipv6", "hostname", "uri"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.definitions = {}

    def chance(self, share):
        return self.random.random() < share

    def schema(self, depth):
        kinds = ["string", "string", "integer", "number", "boolean", "null", "enum", "const"]
        if depth > 0:
            kinds += ["object"] * 5 + ["array"] * 3 + ["anyOf", "oneOf", "allOf", "ref", "types", "any"]
        schema = getattr(self, "make_" + self.random.choice(kinds))(depth)
        if isinstance(schema, dict) and self.chance(0.2):
            schema["description"] = "Says nothing."
        return schema

    def make_string(self, depth):
        schema = {"type": "string"}
        choice = self.random.random()
        if choice < 0.25:
            schema["pattern"] = self.random.choice(PATTERNS)
            if self.chance(0.3):
                schema["minLength"] = self.random.randint(0, 3)
                schema["maxLength"] = self.random.randint(5, 9)
        elif choice < 0.45:
            schema["format"] = self.random.choice(FORMATS)
        elif choice < 0.8:
            low = self.random.randint(0, 6)
            if self.chance(0.5):
                schema["minLength"] = low
            if self.chance(0.8):
                schema["maxLength"] = low + self.random.choice([0, 1, 5, 40, 300])
        return schema

    def make_integer(self, depth):
        schema = {"type": "integer"}
        low = self.random.choice([-1000, -17, -1, 0, 1, 5, 99, 123456])
        if self.chance(0.6):
            schema[self.random.choice(["minimum", "exclusiveMinimum"])] = low
        if self.chance(0.6):
            schema[self.random.choice(["maximum", "exclusiveMaximum"])] = low + self.random.choice([3, 10, 99, 5000])
        if self.chance(0.2):
            schema["multipleOf"] = self.random.choice([1, 2, 3])
        return schema

    def make_number(self, depth):
        schema = {"type": "number"}
        low = self.random.choice([-1000.5, -1.25, 0, 0.001, 1, 99.75])
        if self.chance(0.6):
            schema[self.random.choice(["minimum", "exclusiveMinimum"])] = low
        if self.chance(0.6):
            schema[self.random.choice(["maximum", "exclusiveMaximum"])] = low + self.random.choice([0.5, 1, 12.125])
        return schema

    def make_boolean(self, depth):
        return {"type": "boolean"}

    def make_null(self, depth):
        return {"type": "null"}

    def make_any(self, depth):
        return self.random.choice([True, {}])

    def make_enum(self, depth):
        pool = ["red", "green", "grün", "a\"b", 1, 2.5, None, True, {"a": [1]}, [], "red wine", ""]
        return {"enum": self.random.sample(pool, self.random.randint(1, 6))}

    def make_const(self, depth):
        return {"const": self.random.choice(["x", 7, None, {"k": "v"}, "tab\there"])}

    def make_types(self, depth):
        return {"type": self.random.sample(["string", "integer", "null", "boolean", "array", "object", "number"], 2)}

    def make_object(self, depth):
        names = self.random.sample(NAMES, self.random.randint(0, 6))
        schema = {"type": "object", "properties": {name: self.schema(depth - 1) for name in names}}
        required = [name for name in names if self.chance(0.5)]
        if required:
            self.random.shuffle(required)
            schema["required"] = required
        choice = self.random.random()
        if choice < 0.3:
            schema["additionalProperties"] = False
        elif choice < 0.45:
            schema["additionalProperties"] = self.schema(depth - 1)
        elif choice < 0.5:
            schema["patternProperties"] = {"^[xy]_": self.schema(depth - 1)}
            schema["additionalProperties"] = False
        elif choice < 0.6:
            schema["maxProperties"] = len(required) + 1
        elif choice < 0.65 and len(names) > 1:
            schema["minProperties"] = 2
            schema["additionalProperties"] = False
        return schema

    def make_array(self, depth):
        schema = {"type": "array"}
        if self.chance(0.25):
            schema["prefixItems"] = [self.schema(depth - 1) for _ in range(self.random.randint(1, 3))]
            if self.chance(0.5):
                schema["items"] = self.random.choice([False, self.schema(depth - 1)])
        else:
            schema["items"] = self.schema(depth - 1)
        low = self.random.randint(0, 2)
        if self.chance(0.4):
            schema["minItems"] = low
        if self.chance(0.7):
            schema["maxItems"] = low + self.random.choice([1, 2, 4])
        if schema.get("items") is False:
            schema.pop("minItems", None)
        return schema

    def make_anyOf(self, depth):
        return {"anyOf": [self.schema(depth - 1) for _ in range(self.random.randint(1, 3))]}

    def make_oneOf(self, depth):
        tags = self.random.sample(["cat", "dog", "fish", "ant"], self.random.randint(2, 3))
        options = []
        for tag in tags:
            schema = self.make_object(depth - 1)
            schema["properties"] = {"tag": {"const": tag}, **schema["properties"]}
            schema["required"] = ["tag"] + schema.get("required", [])
            schema.pop("maxProperties", None)
            options.append(schema)
        return {"oneOf": options}

    def make_allOf(self, depth):
        parts = []
        for names in (["id", "name"], ["date", "value"]):
            parts.append({"type": "object", "properties": {name: self.schema(depth - 1) for name in names}, "required": names[:1]})
        return {"allOf": parts}

    def make_ref(self, depth):
        name = "d%d" % self.random.randint(0, 2)
        if name not in self.definitions:
            self.definitions[name] = None
            self.definitions[name] = {
                "type": "object",
                "properties": {"leaf": self.schema(0), "next": {"anyOf": [{"$ref": "#/$defs/" + name}, {"type": "null"}]}},
                "required": ["leaf"],
            }
        return {"$ref": "#/$defs/" + name}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    schemas = []
    for index in range(options.count):
        maker = Maker(options.seed * 1_000_003 + index)
        schema = maker.schema(3)
        if isinstance(schema, dict) and maker.definitions:
            schema["$defs"] = maker.definitions
        schemas.append(schema)
    print("[" + ",\n".join(json.dumps(schema, ensure_ascii=False) for schema in schemas) + "]")


if __name__ == "__main__":
    main()
