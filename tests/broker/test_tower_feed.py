# SPDX-License-Identifier: Apache-2.0
"""From a recording to a subscriber: every document of the contract, valid by its schema, through a real mosquitto."""
import json
import signal

import schema
from tower import EMERGENCY, Subscriber, at_work, encode, position, text, wait_until, workplace

UNITS = 'unit "patrol-1" { crew = "Crew one" radios = {"ax25.N0CALL-1"} }\nunit "patrol-7" { radios = {"ax25.N0CALL-7"} }\n'
HEARD = [position(1), text(2), EMERGENCY, "N0CALL-3>APZATL:>stranger", text(3, "N0CALL-9"), EMERGENCY,
         "N0CALL-1>APZATL:>SOS drill", position(4)]

with workplace() as folder:
    encode(folder / "tape.wav", HEARD)
    extra = UNITS + 'site { id = "test" allow_list = true latitude_deg = 31.5 longitude_deg = -111.5 }\n'
    with at_work(folder, extra, folder / "tape.wav") as (subscriber, tower):
        subscriber.wait_for("health", 2)
        subscriber.wait_for("distress", 4)
        subscriber.wait_for("message", 2)
        subscriber.wait_for("position", 4)
        wait_until(lambda: tower.waiting() == [], 10, "an empty spool")

        for kind in ("status", "info", "health", "rx", "position", "unit", "message", "distress"):
            documents = subscriber.documents(kind)
            assert documents, f"no {kind} document came"
            schema.check(kind, documents)

        positions = subscriber.documents("position")
        assert [p["comment"] for p in positions if p["unit"] == "patrol-1"] == ["number 1", "number 4"], positions
        assert positions[0]["crew"] == "Crew one" and positions[0]["radio"] == "ax25.N0CALL-1"
        assert abs(positions[0]["lat_deg"] - (31 + 29.01 / 60)) < 1e-6, positions[0]

        # Not on the allow-list: no trace of the strangers anywhere.
        everything = json.dumps([p for *_, p in subscriber.seen])
        assert "N0CALL-3" not in everything and "N0CALL-9" not in everything
        assert subscriber.documents("health")[-1]["well"] is True, subscriber.documents("health")[-1]

        # One incident for both bursts of the emergency; the drill is another one, and never looks real.
        distress = subscriber.documents("distress")
        real = [d for d in distress if not d["test"]]
        assert len({d["distress"] for d in real}) == 1 and {d["unit"] for d in real} == {"patrol-7"}, real
        assert max(d["heard"] for d in real) == 2 and real[-1]["position"]["origin"] == "radio", real[-1]
        assert "delivered" in [d["state"] for d in real], [d["state"] for d in real]
        drills = [d for d in distress if d["test"]]
        assert {d["unit"] for d in drills} == {"patrol-1"} and drills[0]["reason"] == "text: SOS", drills
        # It carries where the unit was last known to be, and says that this is not where it is.
        assert drills[0]["position"]["origin"] == "last-known" and drills[0]["position"]["age_s"] >= 0, drills[0]
        assert all(d["priority"] == "distress" for d in distress)

        # Who comes late finds the present: retained status, info, health, units, open distress.
        late = Subscriber(subscriber.broker)
        late.wait_for("distress", 2)
        kinds = {topic.split("/")[2] for _, topic, retained, _ in late.seen if retained}
        assert kinds >= {"status", "info", "health", "unit", "distress"} and not kinds & {"position", "message", "rx"}, kinds
        late.stop()

        # An orderly end and a sudden one both show.
        assert tower.stop() == 0, tower.log()
        wait_until(lambda: subscriber.documents("status")[-1]["state"] == "offline", 10, "offline after the end")
        tower.start()
        wait_until(lambda: subscriber.documents("status")[-1]["state"] == "online", 10, "online again")
        tower.stop(signal.SIGKILL)
        wait_until(lambda: subscriber.documents("status")[-1]["state"] == "offline", 30, "the will")
