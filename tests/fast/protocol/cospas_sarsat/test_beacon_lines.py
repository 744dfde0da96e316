#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`atalaya decode --frames cospas-sarsat`: an offline decoder of lines of 15, 22, 23, 28, 30, 36, 51 and 63 digits."""
import json
import os
import subprocess
import tempfile
import unittest

from beacon_fields import BCH1, BCH2, check_bits

SHORT = "56E6800402202009655250"  # C/S T.001 B1, bits 25-112


def decode(*lines, form="cospas-sarsat"):
    done = subprocess.run([os.environ["ATALAYA_PROGRAM"], "decode", "--frames", form, "-"], text=True,
                          input="".join(line + "\n" for line in lines), capture_output=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()], done


def long_message():
    first = "1" + f"{int('ADCD00800440401', 16):060b}"
    second = "10010101110000000000010111"  # T.001 B2
    bits = first + check_bits(first, BCH1) + second + check_bits(second, BCH2)
    return f"{int(bits, 2):030X}"


class Lines(unittest.TestCase):
    def test_both_spellings_of_the_protocol(self):
        for form in ("cospas-sarsat", "cospas_sarsat"):
            found, _ = decode(SHORT, form=form)
            self.assertEqual(found[0]["hex_id"], "ADCD00800440401")

    def test_with_and_without_synchronisation(self):
        long = long_message()
        lines = [SHORT, "FFFE2F" + SHORT, "FFFED0" + SHORT, long, "fffe2f" + long.lower(), "FFFED0" + long,
                 "FFFE2F" + SHORT + "A5A5A5A5", SHORT + "00000000"]
        found, done = decode(*lines)
        self.assertEqual(len(found), len(lines), done.stderr)
        self.assertEqual({one["hex_id"] for one in found}, {"ADCD00800440401"})
        self.assertEqual([one.get("sync") for one in found],
                         [None, "normal", "self-test", None, "normal", "self-test", "normal", None])
        self.assertEqual([one["test"] for one in found], [False, False, True, False, False, True, False, False])
        self.assertEqual([one.get("distress") for one in found],
                         ["raised", "raised", None, "raised", "raised", None, "raised", "raised"])
        for one in found[3:6]:
            self.assertAlmostEqual(one["lat_deg"], 43 + 32 / 60, 5)
            self.assertAlmostEqual(one["lon_deg"], 1 + 28 / 60, 5)

    def test_identities_raise_nothing(self):
        found, _ = decode("ADCD00800440401", "9934039823D000000000000", "9934039823D0000")
        self.assertEqual([one["country"] for one in found], [366, 201, 201])
        self.assertEqual([one["country_name"] for one in found], ["United States", "Albania", "Albania"])
        self.assertFalse([one for one in found if "distress" in one])

    def test_what_is_no_frame_is_refused_and_said(self):
        for line in (SHORT[:-1], SHORT + "0", "X" * 22, "0" * 70, long_message()[:22]):
            found, done = decode(line)
            self.assertEqual(found, [])
            self.assertIn(":1: no cospas_sarsat frame", done.stderr)

    def test_wrong_bits_are_corrected_and_counted(self):
        bits = int(long_message(), 16)
        for first, second in ((1, 0), (3, 2), (0, 1)):
            wrong = bits
            for i in range(first):
                wrong ^= 1 << (119 - 17 * i - 5)
            for i in range(second):
                wrong ^= 1 << (36 - 19 * i)
            found, _ = decode(f"{wrong:030X}")
            self.assertEqual((found[0].get("bch1_errors", 0), found[0].get("bch2_errors", 0)), (first, second))
            self.assertEqual(found[0]["raw"].upper(), long_message())
        found, _ = decode(f"{bits ^ (0b101010101 << 70):030X}")  # five: another word, or none
        self.assertNotIn(long_message(), [one["raw"].upper() for one in found])

    def test_another_synchronisation_raises_nothing(self):
        found, _ = decode("FFFE55" + long_message(), "FFFE2E" + long_message())
        self.assertEqual([one["sync"] for one in found], ["unknown", "normal"])
        self.assertNotIn("distress", found[0])

    def test_a_configuration_may_spell_it_either_way(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "atalaya.conf")
            for word, known in (("cospas-sarsat", True), ("cospas_sarsat", True), ("cospas.sarsat", False)):
                with open(path, "w", encoding="utf-8") as file:
                    file.write('site { id = sasabe }\nsource "v" { type = alsa channel "a" { protocols = {"%s"} } }\n' % word)
                done = subprocess.run([os.environ["ATALAYA_PROGRAM"], "check", "--offline", "--config", path], text=True,
                                      capture_output=True, check=False)
                self.assertEqual("not built in" not in done.stdout + done.stderr, known, done.stderr)


unittest.main()
