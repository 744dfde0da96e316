# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas of the MQTT contract as validators: schema.validator("rx").validate(document)."""
import json
import os
import pathlib

import jsonschema

FOLDER = pathlib.Path(os.environ.get("ATALAYA_SOURCE_DIR", ".")) / "gateway/mqtt/schema"


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def names():
    return sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "common")


def validator(name):
    """One document with the shared definitions inside: no version of jsonschema has to look for a file."""
    text = json.dumps(load(name)).replace("common.json#/", "#/")
    return jsonschema.Draft202012Validator(dict(json.loads(text), **{"$defs": load("common")["$defs"]}))


def check(name, documents):
    rules = validator(name)
    for document in documents:
        rules.validate(document)


def name_of_topic(topic, prefix="atalaya/v1"):
    """The schema that a topic's payload must follow: "atalaya/v1/site/S/position/U" -> "position"."""
    levels = topic[len(prefix) + 1:].split("/")
    return levels[2] if levels[0] == "site" and len(levels) > 2 else None
