# SPDX-License-Identifier: Apache-2.0
"""The service as the package installs it, under a real systemd and its whole sandbox, with the drop-in of `atalaya
sandbox`: it starts, hears a recording, delivers to a broker, answers the watchdog, comes back after kill -9, and cannot do
what it need not. In a container (systemd-nspawn); needs root, the network and some minutes, so by hand: ctest -R
soak.unit_sandbox"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"])

SITE = """
site { id = "baboquivari" allow_list = false latitude_deg = 31.77 longitude_deg = -111.59 }
gpsd { enabled = false }
source "one" { type = file path = "/var/lib/atalaya/heard.wav" loop = true channel "aprs" { protocols = {"ax25"} } }
broker "hq" { host = "127.0.0.1" }
"""

# Runs inside, once the machine is up, and turns it off.
INSIDE = """#!/bin/bash
exec >/root/told 2>&1
show() { echo "$1 $(systemctl show -P "$2" atalaya)"; }
heard() { timeout 20 mosquitto_sub -h 127.0.0.1 -t 'atalaya/v1/site/+/position/#' -C 1 -F '%t'; }
systemctl start mosquitto
touch /var/lib/atalaya/spool.db /var/lib/atalaya/spool.db.audit  # as root, who ran it by hand
systemctl start atalaya; echo "started $?"
echo "owners $(stat -c %U /var/lib/atalaya/* | sort -u)"
echo "heard $(heard)"
show pid MainPID; grep -E 'Seccomp:|CapEff|NoNewPrivs' /proc/$(systemctl show -P MainPID atalaya)/status
kill -9 "$(systemctl show -P MainPID atalaya)"; sleep 6
show again ActiveState; show restarts NRestarts
echo "after $(heard)"
sleep 35; show watchdog ActiveState; show restarts NRestarts
systemd-analyze security --no-pager atalaya.service | tail -1
systemctl stop atalaya; show result Result
journalctl -u atalaya --no-pager | tail -60
poweroff
"""
UNIT = """[Unit]
After=multi-user.target
[Service]
ExecStart=/root/inside
[Install]
WantedBy=multi-user.target
"""


def must(*words, **more):
    run = subprocess.run([str(word) for word in words], text=True, capture_output=True, **more)
    assert run.returncode == 0, f"{words}\n{run.stdout}{run.stderr}"
    return run.stdout


def furnish(tree, package):
    must("debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus,mosquitto,mosquitto-clients", "bookworm", tree)
    shutil.copy(package, tree / "tmp/atalaya.deb")
    must("chroot", tree, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/tmp/atalaya.deb",
         env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    conf = tree / "etc/atalaya/atalaya.conf"
    conf.write_text(SITE)
    must("chroot", tree, "atalaya", "encode", "-o", "/var/lib/atalaya/heard.wav", "--ebn0", "20",
         "N0CALL-7>APZATL:!3129.01N/11132.02W[on foot")
    folder = tree / "etc/systemd/system/atalaya.service.d"
    folder.mkdir()
    (folder / "site.conf").write_text(must("chroot", tree, "atalaya", "sandbox", "--config", "/etc/atalaya/atalaya.conf"))
    (tree / "root/inside").write_text(INSIDE)
    (tree / "root/inside").chmod(0o755)
    (tree / "etc/systemd/system/inside.service").write_text(UNIT)
    must("chroot", tree, "systemctl", "enable", "inside.service")


def main():
    if os.geteuid() != 0 or not shutil.which("debootstrap") or not shutil.which("systemd-nspawn"):
        print("skipped: needs root, debootstrap and systemd-nspawn (package systemd-container)")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="atalaya-unit-") as name:
        package = must(SOURCE / "scripts/package", "--no-install", "--output", pathlib.Path(name) / "out").strip()
        tree = pathlib.Path(name) / "tree"
        furnish(tree, package)
        run = subprocess.run(["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--private-network", "-D", tree, "--boot"],
                             capture_output=True, text=True, timeout=240)
        told = (tree / "root/told").read_text() if (tree / "root/told").exists() else run.stdout + run.stderr
        print(told)
        for wanted in ("started 0", r"owners atalaya\n", r"heard atalaya/v1/site/baboquivari/position/ax25\.N0CALL-7", r"Seccomp:\s+2", r"CapEff:\s+0+\n",
                       r"NoNewPrivs:\s+1", "again active", "restarts 1", "after atalaya/v1/", "watchdog active", "result success"):
            assert re.search(wanted, told), f"not told: {wanted}"
        score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
        assert score and float(score.group(1)) <= 1.5, score


main()
