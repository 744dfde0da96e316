# SPDX-License-Identifier: Apache-2.0
"""Two towers that hear the same handheld, two centres with a broker each, and somebody at the handheld."""
import json
import subprocess
import time

from centre import Key
from sounder import Ear, Sounder, samples
from tower import PROGRAM, Broker, Subscriber, Tower, wait_until

SITES = {"north": ("N0CALL-10", 14), "south": ("N0CALL-11", 20)}  # what it calls itself; how well it hears (Eb/N0, dB)
BETTER, WORSE = "south", "north"
RADIO = "N0CALL-7"


class Scene:
    def __init__(self, folder, centres="", extra="", brokers=("yuma", "ajo"), silence_s=3):
        self.folder, self.brokers, self.at = folder, {}, {}
        for label in brokers:
            (folder / label).mkdir()
            self.brokers[label] = Broker(folder / label).start()
            self.at[label] = Subscriber(self.brokers[label], "-T", "atalaya/v1/site/+/command/#")
        self.keys = {label: (Key(PROGRAM, folder, f"{label}-system"), Key(PROGRAM, folder, f"{label}-person")) for label in brokers}
        sections = "".join(f'centre "{label}" {{\nbrokers = {{"{label}"}}\n{centres.get(label, "") if centres else ""}\n' +
                           system.section(["received"]) + person.section(["acknowledge", "clear", "message"]) + "}\n"
                           for label, (system, person) in self.keys.items())
        self.towers, self.ears, self.sounders, self.systems = {}, {}, {}, []
        for site, (call, _) in SITES.items():
            (folder / site).mkdir()
            self.sounders[site], self.ears[site] = Sounder(folder / site), Ear()
            self.towers[site] = Tower(
                folder / site, None, {label: f"port = {broker.port}\nretry_min_s = 0.2\nretry_max_s = 0.5" for label, broker in self.brokers.items()},
                extra=f'site {{ id = "{site}" allow_list = false }}\n'
                'source "radio" { type = stdin rate_hz = 48000 channel "aprs" { protocols = {"ax25"} frequency_hz = 144390000 } }\n' +
                sections + self.sounders[site].section("aprs", [f"ax25.{call}"], f'inhibit = file inhibit_device = "{folder}/silence-{site}"') +
                f"answer {{ silence_s = {silence_s} repeat_s = 2 }}\n" + extra)
            self.start(site)
        for site in SITES:
            wait_until(lambda s=site: "is up" in self.towers[s].log(), 20, "it is up")

    def start(self, site):
        self.towers[site].start(self.sounders[site].environment, self.ears[site].read_end)
        if not self.ears[site].thread.is_alive():
            self.ears[site].start()

    def system(self, label):
        """A centre's own system says `received` from now on."""
        self.systems.append(subprocess.Popen([PROGRAM, "watch", "--port", str(self.brokers[label].port), "--receive",
                                              str(self.keys[label][0].path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def say(self, line, sites=SITES):
        """The handheld speaks; each site hears it as well as it does."""
        for number, site in enumerate(sites):
            sound = samples(self.folder, line, options=("--ebn0", str(SITES[site][1]), "--seed", str(number + 1)))
            self.ears[site].say(sound)

    def objects(self, label, test=False):
        """{site: last document} of the sites' real (or drilled) calls, as seen at that centre."""
        return {d["site"]: d for d in self.at[label].documents("distress") if d["test"] == test}

    def are(self, label, state, sites=SITES, test=False):
        seen = self.objects(label, test)
        return all(seen.get(site, {}).get("state") == state for site in sites)

    def wait_for(self, label, state, sites=SITES, test=False, seconds=30):
        wait_until(lambda: self.are(label, state, sites, test), seconds, f"{state} at {list(sites)}, seen at {label}")

    def order(self, label, name, site, *arguments):
        done = subprocess.run([PROGRAM, "command", name, "--key", str(self.keys[label][1].path), "--site", site, "--port",
                               str(self.brokers[label].port), "--wait", "30", *arguments], capture_output=True, text=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout

    def step(self, label, name, sites, *arguments, test=False):
        """A person's signed command to the objects of those sites."""
        wait_until(lambda: all(site in self.objects(label, test) for site in sites), 20, f"{label} knows of the call")
        seen = self.objects(label, test)
        for site in sites:
            status, said = self.order(label, name, site, "--distress", seen[site]["distress"], "--person", "Ana Ruiz", *arguments)
            assert status == 0, (site, said)

    def sent(self, site):
        """What that site has keyed to the handheld."""
        return [d for d in self.sounders[site].heard("-p", "ax25") if d.get("to") == RADIO]

    def answers(self, text):
        return [(site, d) for site in SITES for d in self.sent(site) if d.get("text") == text]

    def events(self, site, distress):
        story = subprocess.run([PROGRAM, "incident", distress, "--json", "--path", str(self.towers[site].spool)], capture_output=True,
                               text=True, check=True).stdout
        return [json.loads(line)["event"] for line in story.splitlines()]

    def print_logs(self):
        for site, tower in self.towers.items():
            print(f"---- {site}\n{tower.log()}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.print_logs()
        self.close()

    def close(self):
        for system in self.systems:
            system.kill()
            system.wait()
        for tower in self.towers.values():
            if tower.process:
                tower.process.kill()
                tower.process.wait()
        for ear in self.ears.values():
            ear.close()
        for subscriber in self.at.values():
            subscriber.stop()
        for broker in self.brokers.values():
            broker.kill()
        time.sleep(0.1)
