# SPDX-License-Identifier: Apache-2.0
"""A trunked system's control channel does not flood the centre: its own words are told once and counted, while a
radio's call for help, its status and its text come through; the controller's acknowledgement is the same incident."""
import schema
from tower import at_work, encode, wait_until, workplace

SYSTEM = "1234 4221 AAAA "  # system 4660
BUSY = [SYSTEM + "AAAA AC02 1804", SYSTEM + "9119 4471 0805"] * 12  # aloha, neighbour site
CALLS = ["A425 8450 2100",            # 036-0264: emergency
         SYSTEM + "A425 8434 2100",   # the controller has taken it
         "A4FF F458 2111",            # 036-0264: status 17
         "SYNT A408 4465 2000"]       # 036-0264 begins to talk
TEXT = {"protocol": "mpt1327", "unit": "036-0264", "to": "036-1200", "kind": "text", "text": "two walkers, both well"}

with workplace() as folder:
    encode(folder / "tape.wav", BUSY + CALLS, "--protocol", "mpt1327", "--ebn0", "14", "--gap", "0.01")
    encode(folder / "text.wav", [TEXT], "--ebn0", "14", "--gap", "4")
    extra = ("".join(f'source "{name}" {{ type = file path = "{folder / name}.wav" pace = true\n'
                     f' channel "{name}" {{ protocols = {{"mpt1327"}} }} }}\n' for name in ("tape", "text"))
             + 'unit "patrol-7" { radios = {"mpt1327.036-0264"} }\n')
    with at_work(folder, extra) as (subscriber, tower):
        wait_until(lambda: any(d.get("status") == 17 for d in subscriber.documents("message")), 40, "the status")
        wait_until(lambda: any(d.get("text") == TEXT["text"] for d in subscriber.documents("message")), 20, "the text")
        wait_until(lambda: any(d.get("meaning") == "ptt_begin" for d in subscriber.documents("rx")), 20, "who talks")
        wait_until(lambda: subscriber.documents("health")[-1]["counters"]["repeats"] >= len(BUSY) - 4, 10, "the repeats are counted")

        distress = subscriber.documents("distress")
        schema.check("distress", distress)
        assert len({d["distress"] for d in distress}) == 1 and {d["unit"] for d in distress} == {"patrol-7"}, distress
        assert distress[-1]["heard"] == 2, distress[-1]
        words = [d for d in subscriber.documents("rx") if d.get("mnemonic") in ("ALH", "BCAST")]
        assert len(words) == 2 and {d["system"] for d in words} == {4660}, words
        assert not any(d.get("mnemonic") in ("ALH", "BCAST") for d in subscriber.documents("message"))
        assert tower.stop() == 0
