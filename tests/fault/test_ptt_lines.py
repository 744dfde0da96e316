# SPDX-License-Identifier: Apache-2.0
"""Keys by RTS, DTR and rigctld go down for a transmission and up at its end and at kill -9; CTS forbids; ptt-off lets go. A pseudo-terminal has
no control lines: a library put before the C library plays them for this test (not for the program), so that what the kernel does at
the last close of a real port (HUPCL) is not proven here."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time

from centre import Key
from pseudo_terminal import PluggedPort
from sounder import RATE_HZ, Sounder
from tower import PROGRAM, Broker, Tower, free_port, wait_until, workplace

if os.environ.get("ATALAYA_SANITIZE"):
    print("a sanitizer wants to be the first library: skipped")
    sys.exit(77)
COMPILER = shutil.which("cc") or shutil.which("gcc")
if not COMPILER:
    print("no C compiler: skipped")
    sys.exit(77)

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (request == TIOCMBIS || request == TIOCMBIC) {
        int bits = *(int *)argument;
        FILE *log = fopen(getenv("LINES_LOG"), "a");
        if (bits & TIOCM_RTS) fprintf(log, "rts %d\n", request == TIOCMBIS);
        if (bits & TIOCM_DTR) fprintf(log, "dtr %d\n", request == TIOCMBIS);
        fclose(log);
        return 0;
    }
    if (request == TIOCMGET) {
        *(int *)argument = access(getenv("LINES_CTS"), F_OK) == 0 ? TIOCM_CTS : 0;
        return 0;
    }
    int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}
"""
SITE = ('site { id = "north" allow_list = false }\nsource "radio" { type = stdin rate_hz = 48000\n'
        'channel "aprs" { protocols = {"ax25"} frequency_hz = 144390000 } }\n')


class Rigctld:
    """Says RPRT 0 to T 1 and T 0, and remembers them."""

    def __init__(self):
        self.server, self.orders = socket.create_server(("127.0.0.1", 0)), []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            line, _ = self.server.accept()
            threading.Thread(target=self.obey, args=(line,), daemon=True).start()

    def obey(self, line):
        rest = b""
        while data := line.recv(64):
            rest += data
            while b"\n" in rest:
                order, rest = rest.split(b"\n", 1)
                self.orders.append(order.decode())
                line.sendall(b"RPRT 0\n")


def run(folder, name, ptt, environment, is_down, was_down, forbid=None):
    place = folder / name
    place.mkdir()
    out = Sounder(place)
    words = (f'transmitter "out" {{ channel = "aprs" radios = {{"ax25.N0CALL-10"}} device = "out" rate_hz = {RATE_HZ} persistence = 1\n'
             f"carrier = none txdelay_s = 0.6 {ptt} }}\n")
    tower = Tower(place, None, {"hq": f"port = {broker.port}"},
                  extra=SITE + 'centre "yuma" {\n' + signer.section(["transmit"]) + "}\n" + words)
    ends = os.pipe()
    environment = {**out.environment, **environment}

    def transmit(life=10):
        done = subprocess.run([PROGRAM, "command", "transmit", "--key", str(signer.path), "--site", "north", "--port", str(broker.port),
                               "--wait", "20", "--expires", str(life), "--channel", "aprs", "--text", "hello"],
                              capture_output=True, text=True, check=False)
        return done.stdout

    try:
        tower.start(environment, ends[0])
        wait_until(lambda: "is up" in tower.log(), 20, "it is up")
        assert not is_down() and was_down() == 0
        said = transmit()
        assert '"result":"sent"' in said, (said, tower.log())
        assert not is_down() and was_down() == 1, name
        if forbid:
            forbid.touch()
            assert '"result":"inhibited"' in transmit(1)
            assert was_down() == 1
            forbid.unlink()
        threading.Thread(target=transmit, daemon=True).start()
        wait_until(is_down, 10, f"{name} goes down")
        tower.process.kill()
        tower.process.wait()
        tower.process = None
        wait_until(lambda: not is_down(), 2, f"{name} goes up after kill -9")
        time.sleep(0.1)
        off = subprocess.run([PROGRAM, "ptt-off", "--config", str(tower.config)], capture_output=True, text=True, check=False,
                             env={**os.environ, **environment})
        assert off.returncode == 0 and "the key is up" in off.stdout, off
    except BaseException:
        print(name, tower.log())
        raise
    finally:
        if tower.process:
            tower.process.kill()
            tower.process.wait()
        os.close(ends[0])
        os.close(ends[1])


with workplace() as folder:
    (folder / "shim.c").write_text(SHIM)
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", str(folder / "shim.so"), str(folder / "shim.c"), "-ldl"], check=True)
    (shim_folder := pathlib.Path("/tmp") / f"atalaya-shim-{os.getpid()}").mkdir()  # the loader takes no path with a space
    shutil.copy(folder / "shim.so", shim_folder / "shim.so")
    signer = Key(PROGRAM, folder, "yuma-ana")
    broker = Broker(folder).start()
    try:
        for line in ("rts", "dtr"):
            port = PluggedPort(folder / f"port-{line}")
            port.plug()
            log, cts = folder / f"lines-{line}", folder / f"cts-{line}"

            def changes(log=log, line=line):
                return [w for w in (log.read_text().splitlines() if log.exists() else []) if w.startswith(line)]

            def was_down(changes=changes):
                states = [w.endswith("1") for w in changes()]
                return sum(b and not a for a, b in zip([False] + states, states))

            run(folder, line, f'ptt = {line} ptt_device = "{port.path}" inhibit = cts',
                {"LD_PRELOAD": str(shim_folder / "shim.so"), "LINES_LOG": str(log), "LINES_CTS": str(cts)},
                lambda: changes()[-1:] == [f"{line} 1"], was_down, cts)
            other = "dtr" if line == "rts" else "rts"
            assert f"{other} 1" not in log.read_text(), "the other line was raised"
            port.unplug()
        rig = Rigctld()
        run(folder, "rigctld", f'ptt = rigctld ptt_device = "127.0.0.1:{rig.server.getsockname()[1]}"', {},
            lambda: rig.orders[-1:] == ["T 1"], lambda: rig.orders.count("T 1"))
        # Without a server there is no key, and that is said.
        config = folder / "rigctld" / "site.conf"
        config.write_text(config.read_text().replace(str(rig.server.getsockname()[1]), str(free_port())))
        off = subprocess.run([PROGRAM, "ptt-off", "--config", str(config)], capture_output=True, text=True, check=False)
        assert off.returncode == 1 and "FAIL" in off.stdout, off
    finally:
        broker.kill()
        shutil.rmtree(shim_folder)
