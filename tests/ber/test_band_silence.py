# SPDX-License-Identifier: Apache-2.0
"""A band of noise says nothing, whether modems rest or never do: of eight voice channels with all that voice channels carry only the one
message is heard that was sent, at the end, to prove that they listen."""
import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM = os.environ["ATALAYA_PROGRAM"]
RATE, CENTRE, SECONDS = 250e3, 144.8e6, 25
CHANNELS = [CENTRE + (i - 3.5) * 25e3 for i in range(8)]
SENT = {"line": "N0CALL-7>APZATL:>all well", "frequency_hz": CHANNELS[5], "time_s": SECONDS, "cnr_db": 10}
PROTOCOLS = "ax25,fx25,il2p,mdc1200,fleetsync,mpt1327,select5,dtmf,ctcss,dcs"
MODEMS = "bell202,ffsk1200,ffsk2400,tones,ctcss,dcs"

with tempfile.TemporaryDirectory(prefix="atalaya test ") as name:
    folder = pathlib.Path(name)
    (folder / "sent.jsonl").write_text(json.dumps(SENT) + "\n")
    subprocess.run([PROGRAM, "encode", "--iq", "cu8", "-r", str(RATE), "--centre", str(CENTRE), "--noise", "-30", "-i", folder / "sent.jsonl",
                    "-o", folder / "band.cu8"], check=True)
    for never_resting in ([], ["--always-on"]):
        heard = subprocess.run([PROGRAM, "decode", "-q", "-f", "cu8", "-r", str(RATE), "--centre", str(CENTRE), "-p", PROTOCOLS, "-m", MODEMS,
                                "--channel", ",".join(f"{hz:.0f}" for hz in CHANNELS), *never_resting, folder / "band.cu8"],
                               check=True, capture_output=True).stdout
        messages = [json.loads(line) for line in heard.splitlines()]
        assert [(m["unit"], m["frequency_hz"]) for m in messages] == [("N0CALL-7", CHANNELS[5])], messages
