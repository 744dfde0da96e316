# SPDX-License-Identifier: Apache-2.0
"""A five-tone emergency code of the fleet, heard from a tape, becomes a distress of the unit that its last digits name; a drill
code, a status and calls to others do not. One fleet's standard is meant and no other."""
import schema
from tower import at_work, encode, wait_until, workplace

LINES = ["dzvei 99107", "dzvei 98108", "dzvei 20107", "dzvei 10100 10107"]
CODES = """
code "own" { match = {"select5.code=##UUU"} }
code "call" { match = {"select5.code=10TTT-10UUU"} }
code "man-down" { match = {"select5.code=99UUU"} distress = raise text = "Man down" }
code "drill" { match = {"select5.code=98UUU"} distress = drill }
code "at-scene" { match = {"select5.code=20UUU"} text = "At the scene" }
unit "patrol-7" { radios = {"select5.107"} }
unit "patrol-8" { radios = {"select5.108"} }
"""

with workplace() as folder:
    encode(folder / "tape.wav", LINES, "--protocol", "select5", "--ebn0", "0", "--gap", "1")
    extra = (f'source "tape" {{ type = file path = "{folder / "tape.wav"}" pace = true\n'
             ' channel "voice" { protocols = {select5, dtmf} variants = {dzvei} } }\n' + CODES)
    with at_work(folder, extra) as (subscriber, tower):
        wait_until(lambda: any(d.get("to") == "100" for d in subscriber.documents("message")), 20, "the last call")
        distress = subscriber.documents("distress")
        schema.check("distress", distress)
        assert len({d["distress"] for d in distress if not d["test"]}) == 1, distress
        real = [d for d in distress if not d["test"]]
        assert {d["unit"] for d in real} == {"patrol-7"} and real[0]["reason"] == "code: man-down", real
        assert any(d["test"] for d in distress), distress

        messages = [d for d in subscriber.documents("message") if not d.get("test")]
        schema.check("message", messages)
        assert {d["unit"] for d in messages} == {"patrol-7"}, messages
        assert {d["standard"] for d in messages} == {"dzvei"}
        assert [d.get("code_text") for d in messages] == ["Man down", "At the scene", None], messages
        assert messages[-1]["to"] == "100" and messages[-1]["code_name"] == "call", messages
        assert tower.stop() == 0
