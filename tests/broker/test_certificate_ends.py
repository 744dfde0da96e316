# SPDX-License-Identifier: Apache-2.0
"""A certificate that ends within a month is told while the link still stands: the site's own and its authority's in health and by check, the
broker's by check. A new file is enough to be well again."""
import datetime
import pathlib
import subprocess

import schema
from pseudo_terminal import PluggedPort
from tower import PROGRAM, Broker, Subscriber, Tower, ending, wait_until, workplace

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"


def sign(folder, name, days):
    """Another certificate of the key that is there."""
    first, last = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=d, hours=1) for d in (-2, days))
    subprocess.run(["openssl", "ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca-key.pem", "-in", "request.pem", "-out",
                    name, "-startdate", f"{first:%Y%m%d%H%M%SZ}", "-enddate", f"{last:%Y%m%d%H%M%SZ}"], cwd=folder, check=True,
                   capture_output=True)
    (folder / name).chmod(0o644)


with workplace() as folder:
    broker = Broker(folder)
    subprocess.run(["bash", SUPPORT / "certificates.sh", folder], check=True)
    (folder / "key.pem").chmod(0o600)
    (folder / "broker-key.pem").write_bytes((folder / "key.pem").read_bytes())
    (folder / "broker-key.pem").chmod(0o644)  # mosquitto reads it as another user
    sign(folder, "own.pem", 12)
    (folder / "shown.pem").write_bytes((folder / "server.pem").read_bytes())
    plain = broker.config.read_text().replace("listener", f"listener {broker.port + 1} 127.0.0.1\nallow_anonymous true\n"
                                              f"cafile {folder}/ca.pem\ncertfile {folder}/shown.pem\nkeyfile {folder}/broker-key.pem\nlistener", 1)
    broker.config.write_text("per_listener_settings true\n" + plain)
    broker.start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, None, {"hq": f'port = {broker.port + 1}\ntls = true\nca_file = "{folder}/ca.pem"\ncertificate_file = "{folder}/own.pem"\n'
                                       f'key_file = "{folder}/key.pem"'},
                  extra=f'source "tnc" {{ type = kiss device = "{folder}/tnc" }}\n')
    PluggedPort(folder / "tnc").plug()

    def told():
        faults = (subscriber.documents("health") or [{}])[-1].get("faults")
        return None if faults is None else [fault["text"] for fault in faults if fault["kind"] == "certificate"]

    def checked():
        return subprocess.run([PROGRAM, "check", "--config", str(tower.config)], capture_output=True, text=True, timeout=60).stdout

    with ending(tower.kill, subscriber.stop, broker.kill):
        tower.start()
        wait_until(lambda: told() and subscriber.documents("health")[-1]["links"][0]["state"] == "up", 20, "health through the link")
        assert len(told()) == 1 and "own.pem ends on " in told()[0] and ", in 12 days: " in told()[0], told()
        document = subscriber.documents("health")[-1]
        schema.validator("health").validate(document)
        assert not document["well"], document
        text = checked()
        assert f"warn broker hq: {told()[0].split(': ', 1)[1]}" in text and "accepted by 127.0.0.1" in text, text
        assert "proves itself" not in text, text

        sign(folder, "own.new", 400)
        (folder / "own.new").rename(folder / "own.pem")
        wait_until(lambda: told() == [], 10, "it is well with a new file")
        assert subscriber.documents("health")[-1]["well"], subscriber.documents("health")[-1]

        sign(folder, "shown.pem", 3)
        broker.kill()
        broker.start()
        text = checked()
        assert "warn broker hq: what the broker proves itself with ends on " in text and ", in 3 days: " in text, text
        assert "own.pem" not in text, text
