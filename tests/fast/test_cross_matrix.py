# SPDX-License-Identifier: Apache-2.0
"""One tape with the signals of every protocol that can transmit, each on each of its waveforms, in some noise: every
message is heard, by its own protocol alone. A row without a line here is not finished."""
import collections
import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
AX25 = "N0CALL-7>APZATL:!3129.01N/11132.02W[on foot"
# What to say, as `atalaya encode` takes it; how often it may be heard (a transmission of TETRAPOL is several messages).
SAID = {
    "ax25": [AX25], "fx25": [AX25], "il2p": [AX25],
    "mdc1200": ["0080 0A01", "3589 0A02 830D 0A01"],
    "fleetsync": ["FE80 0100 2002", "II B440 0100 2003"],
    "mpt1327": ["A425 8450 2100", "SYNT A408 4465 2000", "1234 4221 AAAA A425 8440 2102"],
    "select5": ["ccir1 12345", "zvei1 10100 10107"], "dtmf": ["9876*1"], "ctcss": ["123.0"], "dcs": ["023"],
    "tetrapol": [json.dumps({"protocol": "tetrapol", "event": "transmission", "unit": "012-3-45-678", "transmission_s": 0.8, "scr": 4})],
}
SELDOM = {"cospas_sarsat"}  # their beacons come by another road
SAME = {"fx25": {"ax25", "fx25"}}  # the frame inside of a block is AX.25 too


def rows():
    """(protocol, modem) of each that transmits."""
    table = subprocess.run([PROGRAM, "protocols"], check=True, capture_output=True, text=True).stdout.split("\n\n")[0]
    heading, *lines = table.splitlines()
    at, end = heading.index("MODEMS"), heading.index("TRANSMITS")
    for line in lines:
        if line[end:].strip() == "yes":
            yield from ((line.split()[0], modem) for modem in line[at:end].split() if modem != "-")


with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    tape = pathlib.Path(name) / "tape.wav"
    tried = 0
    table = list(rows())
    everything = ",".join(sorted({protocol for protocol, modem in table}))
    for protocol, modem in table:
        if protocol in SELDOM:
            continue
        lines = SAID[protocol]
        subprocess.run([PROGRAM, "encode", "-p", protocol, "-m", modem, "-o", tape, "--ebn0", "18", *lines], check=True)
        out = subprocess.run([PROGRAM, "decode", "-q", "-p", everything, tape], check=True, capture_output=True, text=True).stdout
        heard = collections.Counter(json.loads(line)["protocol"] for line in out.splitlines())
        assert heard and set(heard) <= SAME.get(protocol, {protocol}), (protocol, modem, heard)
        assert sum(heard.values()) >= len(lines), (protocol, modem, heard)
        tried += 1
    assert tried >= 10, tried
