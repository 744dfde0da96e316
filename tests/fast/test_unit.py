#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service never gives up, is watched, and waits for nothing that a tower may not have: no network, no clock, no gpsd."""
import os
import pathlib
import re
import unittest

UNIT = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"]) / "scripts/systemd/atalaya.service"


def keys(section):
    text = re.search(rf"\[{section}\]\n(.*?)(?=\n\[|\Z)", UNIT.read_text(encoding="utf-8"), re.S).group(1)
    found = {}
    for line in text.splitlines():
        if "=" in line and not line.startswith("#"):
            found.setdefault(line.split("=", 1)[0], []).append(line.split("=", 1)[1])
    return found


class Unit(unittest.TestCase):
    def test_it_is_started_again_for_ever(self):
        self.assertEqual(keys("Unit")["StartLimitIntervalSec"], ["0"])
        service = keys("Service")
        self.assertEqual(service["Restart"], ["always"])
        self.assertTrue(1 <= int(service["RestartSec"][0]) <= 10)
        self.assertNotIn("RuntimeMaxSec", service)
        self.assertNotIn("SuccessExitStatus", service)
        self.assertFalse({key for key in service if key.startswith("RestartPrevent")})

    def test_it_is_watched(self):
        service = keys("Service")
        self.assertEqual(service["Type"], ["notify"])
        self.assertTrue(10 <= int(service["WatchdogSec"][0]) <= 60)
        self.assertGreaterEqual(int(service["TimeoutStartSec"][0]), 16 * 5 + 60)  # every source hangs, and a full spool

    def test_it_waits_for_nothing_that_may_be_away(self):
        unit = keys("Unit")
        for key in ("Requires", "Requisite", "BindsTo", "PartOf"):
            self.assertNotIn(key, unit)
        named = " ".join(word for key in ("Wants", "After") for line in unit.get(key, []) for word in line.split())
        for target in ("network-online", "time-sync", "time-set", "nss-lookup"):
            self.assertNotIn(target, named)
        self.assertFalse({key for key in unit if key.startswith(("Condition", "Assert"))})

    def test_its_user_may_open_by_hand_what_the_service_may(self):
        """Else `sudo -u atalaya atalaya check` finds fault with a sound card that the service hears."""
        groups = keys("Service")["SupplementaryGroups"][0].split()
        scripts = UNIT.parents[1]
        self.assertIn(f"usermod --append --groups {','.join(groups)} atalaya\n", (scripts / "install").read_text(encoding="utf-8"))
        self.assertIn(f"for group in {' '.join(groups)}; do adduser --quiet atalaya \"$group\"; done\n",
                      (scripts / "debian/postinst").read_text(encoding="utf-8"))

    def test_what_root_left_in_its_folder_becomes_its_own(self):
        service = keys("Service")
        folder = "/var/lib/" + service["StateDirectory"][0]
        self.assertEqual(service["ExecStartPre"], [f"-+/bin/chown -hR --from=root {service['User'][0]}:{service['Group'][0]} {folder}"])


if __name__ == "__main__":
    unittest.main()
