# SPDX-License-Identifier: Apache-2.0
"""The service's exposure, as `systemd-analyze security` scores it, is at most 1.5; `atalaya sandbox` opens just what a
configuration names."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
UNIT = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"]) / "scripts/systemd/atalaya.service"
CHANNEL = 'channel "c" { protocols = {"ax25"} }'


def drop_in(folder, *sections):
    conf = pathlib.Path(folder) / "site.conf"
    conf.write_text("\n".join(['site { id = "sasabe" latitude_deg = 31.5 longitude_deg = -111.5 }', *sections]))
    run = subprocess.run([PROGRAM, "sandbox", "--config", conf], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[1] == "[Service]"
    return [line for line in run.stdout.splitlines() if not line.startswith("#")][1:]


def only_what_is_named(folder):
    near = 'broker "hq" { host = "192.0.2.7" }'
    lines = drop_in(folder, "gpsd { enabled = false }", f'source "a" {{ type = alsa {CHANNEL} }}', near)
    assert lines == ["DeviceAllow=", "DeviceAllow=char-alsa rw", "SupplementaryGroups=", "SupplementaryGroups=audio",
                     "IPAddressDeny=any", "IPAddressAllow=localhost", "IPAddressAllow=192.0.2.7"], lines

    lines = drop_in(folder, f'source "b" {{ type = serial device = "/dev/ttyUSB0" {CHANNEL.replace("ax25", "kenwood")} }}', near)
    assert "DeviceAllow=char-ttyUSB rw" in lines and "SupplementaryGroups=dialout" in lines
    assert not any("alsa" in line or "usb_device" in line for line in lines), lines

    lines = drop_in(folder, f'source "d" {{ type = rtl_tcp device = "[2001:db8::5]:1234" rate_hz = 240000 centre_hz = 144.5e6 {CHANNEL} }}', near)
    assert "IPAddressAllow=2001:db8::5" in lines and lines[1] == "SupplementaryGroups=", lines

    lines = drop_in(folder, 'source "tnc" { type = kiss host = "192.0.2.9" }', near)
    assert "IPAddressAllow=192.0.2.9" in lines and lines[:2] == ["DeviceAllow=", "SupplementaryGroups="], lines
    assert not any(line.startswith("IPAddress") for line in drop_in(folder, 'source "tnc" { type = kiss host = "ridge" }', near))

    lines = drop_in(folder, f'source "e" {{ type = soapy device = "driver=rtlsdr" rate_hz = 240000 centre_hz = 144.5e6 {CHANNEL} }}',
                    'broker "hq" { host = "hq.example.org" }')
    assert "DeviceAllow=char-usb_device rw" in lines and not any(line.startswith("IPAddress") for line in lines), lines


def exposure(folder):
    if not shutil.which("systemd-analyze"):
        print("exposure not scored: systemd-analyze is not installed")
        return
    shutil.copy(UNIT, folder)
    run = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager",
                          pathlib.Path(folder) / UNIT.name], capture_output=True, text=True)
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", run.stdout)
    assert score, run.stdout + run.stderr
    print("exposure", score.group(1))
    assert float(score.group(1)) <= 1.5, run.stdout


with tempfile.TemporaryDirectory() as name:
    only_what_is_named(name)
    exposure(name)
