# SPDX-License-Identifier: Apache-2.0
"""A private gpsd on free loopback ports, fed with NMEA 0183 that the test makes up."""
import datetime
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

from nmea import sentence
from ports import free_port


def find_gpsd():
    """Path of gpsd, or None: Debian keeps it in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("gpsd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def _angle(value_deg, digits, positive, negative):
    """ddmm.mmmmm,H as NMEA writes angles; 1e-5 minutes, about 2 cm."""
    units = round(abs(value_deg) * 60 * 100000)
    degrees, rest = divmod(units, 60 * 100000)
    return f"{degrees:0{digits}d}{rest // 100000:02d}.{rest % 100000:05d},{positive if value_deg >= 0 else negative}"


def _satellites_in_view(count):
    """GSV, four satellites a sentence; gpsd counts satellites only when it has seen them in view."""
    total = (count + 3) // 4
    for part in range(total):
        seen = range(part * 4 + 1, min(part * 4 + 4, count) + 1)
        each = "".join(f",{n:02d},45,{n * 25 % 360:03d},40" for n in seen)
        yield sentence(f"$GPGSV,{total},{part + 1},{count:02d}{each}")


def nmea_fix(lat_deg, lon_deg, when=None, mode=3, alt_m=700.0, satellites=9, speed_knots=0.0):
    """The sentences of one epoch: RMC, GGA, GSA. mode 1 = no fix, 2 = 2D, 3 = 3D."""
    when = when or datetime.datetime.now(datetime.timezone.utc)
    clock = when.strftime("%H%M%S.") + f"{when.microsecond // 10000:02d}"
    lat, lon = _angle(lat_deg, 2, "N", "S"), _angle(lon_deg, 3, "E", "W")
    valid = mode >= 2
    place = f"{lat},{lon}" if valid else ",,,"
    used = satellites if valid else 0
    altitude = f"{alt_m:.1f},M,-28.0,M" if mode == 3 else ",M,,M"
    slots = ",".join(f"{n + 1:02d}" if n < used else "" for n in range(12))
    speed = f"{speed_knots:.1f},0.0" if valid else ","
    return b"".join((
        sentence(f"$GPRMC,{clock},{'A' if valid else 'V'},{place},{speed},{when:%d%m%y},,,{'A' if valid else 'N'}"),
        sentence(f"$GPGGA,{clock},{place},{int(valid)},{used:02d},1.1,{altitude},,"),
        sentence(f"$GPGSA,A,{mode},{slots},2.0,1.1,1.7"),
        *_satellites_in_view(max(satellites, 4)),
    ))


class Gpsd:
    """Start with start(), kill with stop(); the ports stay the same over restarts."""

    def __init__(self):
        self.program = find_gpsd()
        self.port = free_port()
        self.feed_port = free_port(socket.SOCK_DGRAM)
        self.process = None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def start(self, with_device=True, timeout_s=10.0):
        # -n: do not wait for a client before listening to the device; -N: stay in the foreground.
        command = [self.program, "-N", "-n", "-S", str(self.port)]
        if with_device:
            command.append(f"udp://127.0.0.1:{self.feed_port}")
        else:
            # gpsd refuses to start with nothing to do at all, unless it may be told later where to look.
            command += ["-F", f"/tmp/atalaya-gpsd-{os.getpid()}-{self.port}.sock"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        limit = time.monotonic() + timeout_s
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise RuntimeError(f"gpsd ended with status {self.process.returncode}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("gpsd did not listen in time")

    def send(self, data):
        try:
            self.socket.sendto(data, ("127.0.0.1", self.feed_port))
        except ConnectionRefusedError:
            pass  # nobody listens while gpsd is down; a real receiver goes on talking too
        except OSError:
            if self.socket.fileno() >= 0:
                raise  # else it was closed meanwhile

    def send_fix(self, lat_deg, lon_deg, **more):
        self.send(nmea_fix(lat_deg, lon_deg, **more))

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
        try:
            os.unlink(f"/tmp/atalaya-gpsd-{os.getpid()}-{self.port}.sock")
        except FileNotFoundError:
            pass

    def close(self):
        self.stop()
        self.socket.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


class Feed:
    """A receiver that goes on talking: an epoch each 200 ms until told otherwise."""

    def __init__(self, gpsd, period_s=0.2):
        self.gpsd, self.period_s = gpsd, period_s
        self.place = None  # (lat_deg, lon_deg, mode, jitter_deg) or bytes, sent as they are
        self.count = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            place = self.place
            if isinstance(place, bytes):
                self.gpsd.send(place)
            elif place:
                self.count += 1
                lat_deg, lon_deg, mode, jitter_deg = place
                wander_deg = jitter_deg * (self.count % 7 - 3)
                self.gpsd.send_fix(lat_deg + wander_deg, lon_deg - wander_deg, mode=mode)
            time.sleep(self.period_s)


def serve():
    """For tests in C: a command a line on standard input, "done" for each on standard output.
    start [no-device] | stop | feed LAT LON MODE JITTER | garbage | silence; ends with its input."""
    if not find_gpsd():
        print("no gpsd", flush=True)
        return
    gpsd = Gpsd()
    feed = Feed(gpsd)
    try:
        print(gpsd.port, flush=True)
        for line in sys.stdin:
            words = line.split()
            if words[0] == "start":
                gpsd.start(with_device="no-device" not in words)
            elif words[0] == "stop":
                gpsd.stop()
            elif words[0] == "feed":
                feed.place = float(words[1]), float(words[2]), int(words[3]), float(words[4])
            elif words[0] == "garbage":
                feed.place = b"$GPRMC,999999.99,A,9999.99,Q,,,,,,,*00\r\n\xff\xfe{\"class\":\"TPV\",\"mode\":3}\r\n$GPGGA,\x00\r\n"
            elif words[0] == "silence":
                feed.place = None
            print("done", flush=True)
    finally:
        gpsd.close()


if __name__ == "__main__":
    serve()
