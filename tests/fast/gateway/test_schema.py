#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The contract's schemas are schemas, every example follows its own, and what breaks the contract is refused."""
import copy
import json
import os
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

import schema

TOPICS = {"call", "status", "info", "health", "stats", "rx", "activity", "position", "unit", "message", "distress",
          "command", "response", "sealed", "echo"}
OPEN = {"rx", "position", "message"}  # protocols add their own fields there


def example(name):
    return json.loads((schema.FOLDER / "examples" / f"{name}.json").read_text())


class Contract(unittest.TestCase):
    def test_every_topic_has_a_valid_schema(self):
        self.assertEqual(set(schema.names()), TOPICS)
        for name in TOPICS | {"common"}:
            jsonschema.Draft202012Validator.check_schema(schema.load(name))

    def test_every_example_follows_its_schema(self):
        self.assertEqual({path.stem for path in (schema.FOLDER / "examples").glob("*.json")}, TOPICS)
        for name in TOPICS:
            with self.subTest(name):
                schema.validator(name).validate(example(name))

    def test_every_required_member_is_missed(self):
        for name in TOPICS:
            document = example(name)
            required = set(schema.load(name)["required"])
            if name not in ("command", "sealed", "echo"):
                required |= set(schema.load("common")["$defs"]["envelope"]["required"])
            for member in required:
                with self.subTest(name, member=member):
                    broken = copy.deepcopy(document)
                    del broken[member]
                    self.assertFalse(schema.validator(name).is_valid(broken))

    def test_unknown_members_are_for_protocols_only(self):
        for name in TOPICS:
            with self.subTest(name):
                document = dict(example(name), saguaro_count=3)
                self.assertEqual(schema.validator(name).is_valid(document), name in OPEN)

    def test_wrong_values_are_refused(self):
        for name, member, value in [
                ("rx", "v", 2), ("rx", "time", "2026-11-23 22:31:05"), ("rx", "site", "two words"),
                ("rx", "time_source", "guess"), ("rx", "snr_db", None), ("rx", "raw", "8"),
                ("position", "lat_deg", 91), ("position", "lon_deg", -181), ("position", "origin", "guess"),
                ("position", "age_s", -1), ("distress", "state", "ignored"), ("distress", "history", []),
                ("distress", "heard", 0), ("health", "gpsd", "maybe"), ("response", "reason", "mood"),
                ("status", "state", "fine"), ("activity", "state", "begun"), ("activity", "units", []), ("sealed", "to", {}),
                ("sealed", "to", {"yuma": "AAAA"}), ("sealed", "sealed", "in clear: 31.48"), ("command", "id", "a/b")]:
            with self.subTest(name, member=member):
                self.assertFalse(schema.validator(name).is_valid(dict(example(name), **{member: value})))

    def test_what_decode_prints_is_a_reception_of_rx(self):
        """Without the site's envelope, and for frames without where they were heard: who reads the one reads the other."""
        program = os.environ.get("ATALAYA_PROGRAM", "build/dev/atalaya")
        lines = ("N0CALL-7>APZATL:!3129.01N/11132.02W[on foot", "N0CALL-7>APZATL::DISPATCH :well{12", "N0CALL-7>APZATL:>EMERGENCY",
                 "N0CALL-7>APZATL:T#005,199,000,255,073,123,01101001", "N0CALL-7>APZATL:;TANK     *092345z3129.01N/11132.02W-water")
        rules = schema.load("common")
        validator = jsonschema.Draft202012Validator(rules["$defs"]["reception"] | {"$defs": rules["$defs"]})
        with tempfile.TemporaryDirectory() as folder:
            tape = f"{folder}/tape.wav"
            subprocess.run([program, "encode", "-o", tape, *lines], check=True, timeout=60)
            sound = subprocess.run([program, "decode", "-q", "-p", "ax25", tape], check=True, capture_output=True, text=True, timeout=60)
        frames = subprocess.run([program, "decode", "-q", "--frames", "tnc2", "-"], input="\n".join(lines) + "\n", check=True,
                                capture_output=True, text=True, timeout=60)
        heard = {"input", "channel", "raw", "time_s", "rssi_dbfs", "snr_db", "peak"}
        for output, more in ((sound.stdout, heard), (frames.stdout, {"raw"})):
            documents = [json.loads(line) for line in output.splitlines()]
            self.assertEqual(len(documents), len(lines))
            for document in documents:
                validator.validate(document)
                self.assertLessEqual(more, set(document))

    def test_asyncapi_refers_to_every_schema_and_nothing_else(self):
        document = yaml.safe_load((schema.FOLDER.parent / "asyncapi.yaml").read_text())
        self.assertTrue(document["asyncapi"].startswith("2."))
        used = {message["payload"]["$ref"] for message in document["components"]["messages"].values()}
        for reference in used:
            self.assertTrue((schema.FOLDER.parent / reference).is_file(), reference)
        self.assertEqual({reference.split("/")[-1][:-len(".json")] for reference in used}, TOPICS)
        for address, channel in document["channels"].items():
            with self.subTest(address):
                names = {part[1:-1] for part in address.split("/") if part.startswith("{")}
                self.assertEqual(names, set(channel.get("parameters", {})))
                operation = channel.get("publish") or channel["subscribe"]
                message = operation["message"]["$ref"].rsplit("/", 1)[-1]
                self.assertIn(message, document["components"]["messages"])
                self.assertEqual(set(operation["bindings"]["mqtt"]), {"qos", "retain", "bindingVersion"})


if __name__ == "__main__":
    unittest.main()
