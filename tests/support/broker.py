# SPDX-License-Identifier: Apache-2.0
"""A private mosquitto on a free loopback port, and a subscriber that keeps what it hears.

    with Broker(user="tinajas", password="saguaro", tls=True) as broker:
        with Subscriber(broker, "atalaya/v1/#") as subscriber:
            ...
            broker.kill(); broker.start()
            subscriber.wait(lambda heard: len(heard) >= 3)
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from ports import free_port

SUPPORT = pathlib.Path(__file__).parent


class Broker:
    """tls: certificates made by certificates.sh in .folder, ca.pem the authority; `certificate` chooses the
    broker's ("server.pem", or "future.pem", which is not yet valid). persistence: sessions outlive a kill
    after .save(). start=False: nothing runs until start()."""

    def __init__(self, user=None, password=None, tls=False, certificate="server.pem", persistence=False,
                 extra="", start=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-broker-"))
        self.port = free_port()
        self.process = None
        self.user, self.password = user, password
        self.tls, self.certificate = tls, certificate
        self.persistence, self.extra = persistence, extra
        if tls:
            subprocess.run(["bash", SUPPORT / "certificates.sh", self.folder], check=True)
        if start:
            self.start()

    @property
    def ca_file(self):
        return self.folder / "ca.pem"

    def set_password(self, user, password):
        """Used from the next start on, or at once after reload()."""
        self.user, self.password = user, password
        subprocess.run(["mosquitto_passwd", "-c", "-b", self.folder / "users", user, password], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def save(self):
        """Writes the persistent state now."""
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(0.3)

    def _configuration(self):
        lines = [f"listener {self.port} 127.0.0.1", "max_queued_messages 0", "log_type all",
                 f"persistence {'true' if self.persistence else 'false'}",
                 f"persistence_location {self.folder}/",
                 f"allow_anonymous {'false' if self.user else 'true'}"]
        if os.geteuid() == 0:
            lines.append("user root")
        if self.user:
            lines.append(f"password_file {self.folder}/users")
        if self.tls:
            lines += [f"certfile {self.folder}/{self.certificate}", f"keyfile {self.folder}/key.pem"]
        return "\n".join(lines + [self.extra, ""])

    def start(self):
        assert self.process is None
        if self.user:
            self.set_password(self.user, self.password)
        (self.folder / "mosquitto.conf").write_text(self._configuration())
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(["mosquitto", "-c", self.folder / "mosquitto.conf"], stdout=log,
                                            stderr=log)
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("mosquitto did not start:\n" + (self.folder / "log").read_text())
                time.sleep(0.01)

    def kill(self):
        """Without warning."""
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)

    def _end(self, number):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def client_arguments(self):
        """For mosquitto_sub and mosquitto_pub."""
        arguments = ["-h", "127.0.0.1", "-p", str(self.port)]
        if self.user:
            arguments += ["-u", self.user, "-P", self.password]
        if self.tls:
            arguments += ["--cafile", str(self.ca_file)]
        return arguments

    def publish(self, topic, payload, retain=False, qos=1):
        subprocess.run(["mosquitto_pub", *self.client_arguments(), "-V", "5", "-t", topic, "-m",
                        payload if isinstance(payload, str) else json.dumps(payload), "-q", str(qos),
                        *(["-r"] if retain else [])], check=True, timeout=10)

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Heard:
    """One publication: topic, payload (text), retained, qos, properties (of MQTT 5)."""

    def __init__(self, line):
        fields = json.loads(line)
        self.topic = fields["topic"]
        self.payload = bytes.fromhex(fields["payload"]).decode(errors="replace")
        self.retained = bool(fields["retain"])
        self.qos = fields["qos"]
        self.properties = fields.get("properties", {})
        self.at = time.monotonic()

    def json(self):
        return json.loads(self.payload)


# %j would parse the payload; here it stays hex, so that any bytes come through.
FORMAT = '{"topic":"%t","qos":%q,"retain":%r,"payload":"%x","properties":{"expiry":"%E","type":"%C"}}'


class Subscriber:
    """Collects in .heard until closed; attach() again after its broker died. qos 0: the broker keeps nothing
    back that its death could take along."""

    def __init__(self, broker, *filters, qos=0):
        self.broker, self.filters, self.qos = broker, filters or ("#",), qos
        self.heard, self.lock = [], threading.Lock()
        self.process = self.thread = None
        self.attach()

    def attach(self):
        self.detach()
        marker = f"$test/{os.getpid()}/{time.monotonic_ns()}".replace("$", "")
        topics = [word for topic in (*self.filters, marker) for word in ("-t", topic)]
        self.process = subprocess.Popen(
            ["mosquitto_sub", *self.broker.client_arguments(), "-V", "5", "-q", str(self.qos), "-F", FORMAT,
             *topics], stdout=subprocess.PIPE, text=True)
        ready = threading.Event()
        self.thread = threading.Thread(target=self._collect, args=(marker, ready), daemon=True)
        self.thread.start()
        for _ in range(100):
            self.broker.publish(marker, "ready", qos=0)
            if ready.wait(0.05):
                return
        raise RuntimeError("the subscriber hears nothing")

    def _collect(self, marker, ready):
        for line in self.process.stdout:
            heard = Heard(line)
            if heard.topic == marker:
                ready.set()
                continue
            if heard.topic.startswith("test/"):
                continue
            with self.lock:
                self.heard.append(heard)

    def snapshot(self):
        with self.lock:
            return list(self.heard)

    def wait(self, condition, seconds=10):
        """Until condition(list of Heard) is true; says whether it became so."""
        deadline = time.monotonic() + seconds
        while not condition(self.snapshot()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def detach(self):
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.thread.join(10)
            self.process.stdout.close()
            self.process = None

    close = detach

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
