# SPDX-License-Identifier: Apache-2.0
"""A traffic channel of a trunked system as others recorded it: every code word of their truth at its time."""
import csv

from recordings import RECORDINGS, decode

FOLDER = RECORDINGS / "mpt1327"
NEAR_S = 0.06   # an MP3 coder delays; a code word is 53 ms long
APART_S = 0.04  # two of one content cannot be nearer: the truth has one row twice, found by two of its decoders

with open(FOLDER / "TRUTH_codewords_1.tsv", newline="", encoding="utf-8") as rows:
    truth = [(float(row["t_s"]), row) for row in csv.DictReader(rows, delimiter="\t")]
heard = decode(FOLDER / "MPT1327_423.6_1.mp3")
assert {m["protocol"] for m in heard} == {"mpt1327"}, {m["protocol"] for m in heard}
print(f"{len(heard)} code words; {len(truth)} in the truth")
assert len(heard) >= len(truth) >= 174

left, before = list(heard), None
for t_s, row in truth:
    if before and before[1]["codeword48"] == row["codeword48"] and t_s - before[0] < APART_S:
        continue
    before = (t_s, row)
    same = [m for m in left if m["raw"] == row["codeword48"] and abs(m["time_s"] - t_s) < NEAR_S]
    assert same, row
    found = min(same, key=lambda m: abs(m["time_s"] - t_s))
    left.remove(found)
    assert found["traffic"] and found["mnemonic"] == row["name"] and found["message_number"] == int(row["msgnum"]), found
    if row["name"] == "MAINT":
        assert found["unit"] == f'{int(row["prefix"]):03}-{int(row["ident1"]):04}', found

# What else is there must be of the same system: its channel, and radios that the truth names.
units = {m["unit"] for m in heard if m not in left and "unit" in m}
for message in left:
    assert message["unit"] in units and message["channel_number"] in (288, 336), message
assert not [m for m in heard if m.get("distress")]
