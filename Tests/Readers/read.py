# SPDX-License-Identifier: Apache-2.0
"""Reads a form of a manifest as Python programs do, and prints what it found as JSON.

usage: read.py csv FILE | html FILE | schema SCHEMA FILE | lines SCHEMA FILE
"""

import base64
import csv
import html.parser
import json
import sys


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


class Page(html.parser.HTMLParser):
    """What a page is made of: its links with their texts, and everything that could be live."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.links, self.tags, self.live, self.open = [], set(), [], None

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "style", "srcdoc", "action", "formaction"):
                self.live.append([tag, name, value])
        if tag == "a":
            self.open = [dict(attributes), ""]

    def handle_data(self, data):
        if self.open:
            self.open[1] += data

    def handle_endtag(self, tag):
        if tag == "a" and self.open:
            self.links.append({"url": self.open[0]["href"], "rel": self.open[0]["rel"], "text": self.open[1]})
            self.open = None


def read_html(path):
    page = Page()
    with open(path, encoding="utf-8") as file:
        page.feed(file.read())
    page.close()
    return {"links": page.links, "tags": sorted(page.tags), "live": page.live}


def check_schema(schema, path):
    import jsonschema

    with open(schema, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    with open(path, encoding="utf-8") as file:
        validator = jsonschema.Draft202012Validator(schema)
        return [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(json.load(file))]


def read_lines(schema, path):
    """Every line of a manifest: its event, the exact bytes of its path, and what the schema says against it."""
    import jsonschema

    with open(schema, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/line", "$defs": schema["$defs"]})
    found = []
    with open(path, encoding="utf-8", newline="\n") as file:
        for text in file:
            line = json.loads(text)
            exact = base64.b64decode(line["path_b64"]) if "path_b64" in line else line.get("path", "").encode()
            errors = [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(line)]
            found.append({"event": line["event"], "path": exact.hex(), "errors": errors})
    return found


command, *arguments = sys.argv[1:]
commands = {"csv": read_csv, "html": read_html, "schema": check_schema, "lines": read_lines}
answer = commands[command](*arguments)
json.dump(answer, sys.stdout)
