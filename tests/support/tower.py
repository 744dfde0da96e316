# SPDX-License-Identifier: Apache-2.0
"""A whole gateway under test: private broker, subscriber, generated recordings. Loopback only."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ports import free_port

PROGRAM = os.environ["ATALAYA_PROGRAM"]
os.environ["PATH"] += ":/usr/sbin:/sbin"


def wait_until(condition, seconds, what):
    """Waits for condition() to be true; the time is a bound, not a measurement."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


@contextlib.contextmanager
def workplace():
    """A folder with a space in its name, that any user may read."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="atalaya test "))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ending(*ends):
    """Calls all of these in the end, whatever happens; if it went wrong, shows what the gateways among them said."""
    try:
        yield
    except BaseException:
        for end in ends:
            if isinstance(getattr(end, "__self__", None), Tower):
                print(end.__self__.log()[-8000:])
        raise
    finally:
        for end in ends:
            end()


class Broker:
    """mosquitto on a free loopback port. extra: lines for its configuration."""

    def __init__(self, folder, extra="allow_anonymous true\n", port=None):
        self.folder, self.port = folder, port or free_port()
        self.config = folder / "mosquitto.conf"
        self.configure(extra)
        self.process = None

    def configure(self, extra):
        self.config.write_text(f"listener {self.port} 127.0.0.1\npersistence false\nmax_queued_messages 0\n"
                               f"log_type error\nlog_type warning\nlog_type notice\nlog_type information\nlog_type subscribe\n{extra}",
                               encoding="utf-8")

    def start(self):
        with open(self.folder / "mosquitto.log", "ab") as log:
            self.process = subprocess.Popen(["mosquitto", "-c", str(self.config)], stdout=log, stderr=log)

        def answers():
            assert self.process.poll() is None, self.log()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        wait_until(answers, 10, "mosquitto listens")
        return self

    def log(self):
        return (self.folder / "mosquitto.log").read_text(encoding="utf-8", errors="replace")

    def publish(self, topic, payload, *options):
        """payload: bytes, text, or what becomes JSON. options: of mosquitto_pub."""
        text = payload if isinstance(payload, (bytes, str)) else json.dumps(payload, ensure_ascii=False)
        data = text.encode() if isinstance(text, str) else text
        subprocess.run(["mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-s" if data else "-n",
                        "-t", topic, *options], input=data, check=True, timeout=30)

    def kill(self, how=signal.SIGKILL):
        if self.process:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None


class Subscriber:
    """Everything below the prefix, in the order of arrival: (seconds, topic, retained, payload or None). Returns when
    the broker has the subscription: what is published from then on arrives."""
    made = 0

    def __init__(self, broker, *options):
        Subscriber.made += 1
        self.broker = broker
        name = f"dispatcher-{Subscriber.made}"
        self.process = subprocess.Popen(
            ["mosquitto_sub", "-V", "5", "-i", name, "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", "atalaya/v1/#",
             "-F", "%U %r %t %p", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest, self.seen = b"", []
        wait_until(lambda: f": {name} 1 atalaya/" in broker.log(), 20, f"{name} subscribed")

    def poll(self):
        data = self.process.stdout.read() or b""
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            when, retained, topic, payload = line.decode("utf-8").split(" ", 3)
            self.seen.append((float(when), topic.removeprefix("atalaya/v1/"), retained == "1",
                              json.loads(payload) if payload else None))
        return self.seen

    def documents(self, kind):
        """Payloads of site/<S>/<kind>[/...], retained copies included, clearings left out."""
        return [p for _, topic, _, p in self.poll() if topic.split("/")[2] == kind and p is not None]

    def wait_for(self, kind, count, seconds=20):
        wait_until(lambda: len(self.documents(kind)) >= count, seconds, f"{count} {kind} documents")
        return self.documents(kind)

    def stop(self):
        self.process.kill()
        self.process.wait()


def encode(path, lines, *options):
    """Writes a recording of TNC2 lines or JSON objects."""
    words = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    subprocess.run([PROGRAM, "encode", "-o", str(path), *options, *words], check=True)


def position(number, unit="N0CALL-1"):
    """A position whose comment tells which one it is."""
    return f"{unit}>APZATL,WIDE1-1:!3129.{number % 100:02d}N/11132.{number // 100 % 100:02d}W[number {number}"


def text(number, unit="N0CALL-1"):
    return f"{unit}>APZATL::DISPATCH :number {number}"


EMERGENCY = "N0CALL-7>234U6T:`(_fn\"Oj/hurt"


class Tower:
    """The gateway with one file source and any brokers ({name: text of its section})."""

    def __init__(self, folder, recording, brokers, pace=False, extra=""):
        self.folder, self.process, self.program = folder, None, PROGRAM
        self.config = folder / "site.conf"
        self.spool = folder / "spool.db"
        self.log_path = folder / "gateway.log"
        sections = "".join(f'broker "{name}" {{\n host = "127.0.0.1"\n{body}\n}}\n' for name, body in brokers.items())
        # A section given in `extra` replaces the default.
        defaults = {"site": 'site { id = "test" allow_list = false }\n', "gpsd": "gpsd { enabled = false }\n",
                    "report": "report { health_s = 1 }\n", "spool": f'spool {{ path = "{self.spool}" batch_s = 0.2 }}\n'}
        text = "".join(body for name, body in defaults.items() if f"{name} {{" not in extra)
        source = (f'source "tape" {{\n type = file\n path = "{recording}"\n pace = {str(pace).lower()}\n'
                  ' channel "aprs" { protocols = {"ax25"} frequency_hz = 144390000 }\n}\n') if recording else ""
        self.config.write_text(text + source + sections + extra, encoding="utf-8")

    def start(self, environment=None, stdin=None, **who):
        """who: user and the like, of subprocess.Popen."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "run", "--config", str(self.config)], stdin=stdin, stdout=log, stderr=log,
                                            env={**os.environ, **(environment or {})}, **who)
        return self

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

    def wait_for_log(self, words, seconds=20):
        wait_until(lambda: words in self.log() or self.process.poll() is not None, seconds, f"log says '{words}'")
        assert words in self.log(), self.log()

    def waiting(self):
        """Items in the spool, as `atalaya spool list --json` gives them."""
        out = subprocess.run([PROGRAM, "spool", "list", "--json", "--path", str(self.spool)], check=True,
                             capture_output=True, text=True).stdout
        return [json.loads(line) for line in out.split("\n") if line]  # other signs that end a line may stand in a text

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0])

    def stop(self, how=signal.SIGTERM):
        """Ends it; returns the exit status."""
        if not self.process:
            return None
        self.process.send_signal(how)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the gateway did not end within 20 s\n" + self.log()) from None
        self.process = None
        return status

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def at_work(folder, extra, recording=None, ends=(), **options):
    """A gateway that has started, with one broker, and who listens to all of it there. All end, and `ends` with them."""
    broker = Broker(folder).start()
    subscriber = Subscriber(broker)
    tower = Tower(folder, recording, {"hq": f"port = {broker.port}"}, extra=extra, **options)
    with ending(tower.kill, *ends, subscriber.stop, broker.kill):
        yield subscriber, tower.start()
