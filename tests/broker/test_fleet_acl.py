# SPDX-License-Identifier: Apache-2.0
"""The broker of scripts/broker keeps a fleet apart: whoever is of it may do what his work needs and nothing else, whoever is
not gets no connection. Every attempt is watched by an observer who may read everything, which he proves after each round.
The gateway works under it from distress to signed acknowledgement."""
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time
import warnings

from centre import Key
from intruder import Client, Refused, context
from tower import EMERGENCY, PROGRAM, Broker, Tower, encode, ending, wait_until, workplace

SOURCE = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"])
FLEET = SOURCE / "scripts/broker/fleet"
TOP = "atalaya/v1/site"
SITE_KINDS = ("status", "info", "health", "stats", "rx", "activity/aprs", "position/u", "message/u", "unit/u", "distress/d",
              "call/d", "response/r")
warnings.filterwarnings("ignore", category=DeprecationWarning)  # of TLS 1.1, which is the point


class FleetBroker(Broker):
    """mosquitto with what scripts/broker/fleet wrote, its state aside, and one more user: the observer."""

    def __init__(self, folder):
        self.fleet = folder / "fleet"
        super().__init__(folder)

    def run(self, *arguments, good=True):
        done = subprocess.run([FLEET, *map(str, arguments)], capture_output=True, text=True, timeout=60)
        assert (done.returncode == 0) == good, (arguments, done)
        return done

    def configure(self, extra):
        # mosquitto reads no path with a space in it.
        self.home = pathlib.Path(f"/tmp/atalaya-fleet-{os.getpid()}")
        self.run("make", self.fleet, "--host", "127.0.0.1", "--port", self.port, "--address", "127.0.0.1", "--path", self.home)
        self.run("site", self.fleet, "sasabe", "arivaca", "test")
        self.run("centre", self.fleet, "yuma", "ajo", "observer", "yuma-watch")
        access = self.fleet / "broker/acl"
        whole = access.read_text()
        access.write_text(whole + "user observer\ntopic readwrite #\ntopic read $SYS/#\n")
        self.home.symlink_to(self.fleet / "broker")
        written = (self.fleet / "broker/mosquitto.conf").read_text()
        self.config.write_text(("user root\n" if os.geteuid() == 0 else "") + "persistence false\n" + written)

    def tls(self, name, version=None):
        own = self.fleet / "clients" / name
        return context(own / "ca.pem", own / f"{name}.pem", own / f"{name}.key", version)

    def client(self, certificate, **more):
        return Client(self.port, self.tls(certificate), **{"name": certificate, **more})

    def forge(self, name, folder, signer=None, extensions="client"):
        """A certificate for any name, signed by the fleet's authority (whoever got hold of it) or by another of the same name."""
        request, certificate, key = (folder / f"forged.{end}" for end in ("csr", "pem", "key"))
        authority = signer or self.fleet / "authority"
        escaped = re.sub(r"([/+\\])", r"\\\1", name)
        for words in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                       f"/CN={escaped}", "-keyout", key, "-out", request],
                      ["ca", "-batch", "-notext", "-config", "authority.conf", "-extensions", extensions, "-in", request, "-out",
                       certificate]):
            subprocess.run(["openssl", *words], cwd=authority, check=True, capture_output=True)
        return context(self.fleet / "broker/ca.pem", certificate, key)


class Watch:
    """Sees all. quiet(): nothing came but what is told, proven by a marker that came after it."""

    def __init__(self, broker):
        self.client, self.count, self.taken = broker.client("observer"), 0, 0
        assert self.client.subscribe("#")

    def settle(self):
        self.count += 1
        self.client.publish("marker", str(self.count))
        wait_until(lambda: ("marker", str(self.count), False) in self.client.heard, 10, "the observer hears")

    def fresh(self):
        self.settle()
        heard, self.taken = self.client.heard[self.taken:], len(self.client.heard)
        return [one for one in heard if one[0] != "marker"]

    def quiet(self, what):
        fresh = self.fresh()
        assert not fresh, (what, fresh)


def refused(what, attempt):
    try:
        attempt().leave()
    except Refused:
        return
    raise AssertionError(f"{what}: let in")


def strangers_stay_out(broker, folder):
    authority = broker.fleet / "broker/ca.pem"
    refused("without TLS", lambda: Client(broker.port, None, "sasabe", user="sasabe"))
    refused("without a certificate", lambda: Client(broker.port, context(authority), "sasabe"))
    refused("a name is no certificate", lambda: Client(broker.port, context(authority), "sasabe", user="sasabe"))
    other = folder / "other fleet"
    broker.run("make", other, "--host", "127.0.0.1")
    broker.run("site", other, "sasabe")
    theirs = other / "clients/sasabe"
    refused("of another authority of the same name", lambda: Client(
        broker.port, context(authority, theirs / "sasabe.pem", theirs / "sasabe.key"), "sasabe"))
    # Nor is a site's or the broker's certificate an authority, or the other's.
    server = broker.fleet / "broker"
    refused("the broker's own certificate", lambda: Client(
        broker.port, context(authority, server / "server.pem", server / "server.key"), "127.0.0.1"))
    own = broker.fleet / "clients/sasabe"
    purposes = subprocess.run(["openssl", "verify", "-CAfile", authority, "-purpose", "sslserver", own / "sasabe.pem"],
                              capture_output=True, text=True)
    assert purposes.returncode != 0 and "purpose" in purposes.stderr, purposes
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                    "/CN=arivaca", "-keyout", folder / "below.key", "-out", folder / "below.csr"], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", folder / "below.csr", "-CA", own / "sasabe.pem", "-CAkey",
                            own / "sasabe.key", "-out", folder / "below.pem", "-days", "1", "-CAcreateserial"],
                   check=True, capture_output=True)
    (folder / "chain.pem").write_text((folder / "below.pem").read_text() + (own / "sasabe.pem").read_text())
    refused("signed by a site", lambda: Client(
        broker.port, context(authority, folder / "chain.pem", folder / "below.key"), "arivaca"))


def old_tls_is_refused(broker, folder):
    """The same client with the same certificate: 1.3 and 1.2 get in, 1.1 and 1.0 do not, though it can speak them."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        Client(broker.port, broker.tls("sasabe", version), "sasabe").leave()
    for version in (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1):
        refused(version.name, lambda: Client(broker.port, broker.tls("sasabe", version), "sasabe"))
    # That it can: against itself, without the network.
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = ssl.TLSVersion.TLSv1_1
    server.load_cert_chain(broker.fleet / "broker/server.pem", broker.fleet / "broker/server.key")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [broker.tls("sasabe", ssl.TLSVersion.TLSv1_1).wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
            server.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
    assert ends[0].version() == "TLSv1.1", ends[0].version()


def everybody_does_his_work(broker, watch):
    """What the refusals below mean rests on this: the same words in the right place arrive."""
    sasabe, arivaca, yuma = broker.client("sasabe"), broker.client("arivaca"), broker.client("yuma")
    for kind in SITE_KINDS:
        assert yuma.subscribe(f"{TOP}/+/{kind}") and arivaca.subscribe(f"{TOP}/+/{kind}")
    assert sasabe.subscribe(f"{TOP}/sasabe/command/#")
    for kind in SITE_KINDS:
        sasabe.publish(f"{TOP}/sasabe/{kind}", kind, retain=kind in ("distress/d", "status"))
    yuma.publish(f"{TOP}/sasabe/command/ping", "ping")
    assert {payload for _, payload, _ in watch.fresh()} == {*SITE_KINDS, "ping"}
    wait_until(lambda: len(yuma.heard) >= len(SITE_KINDS) - 1 and len(sasabe.heard) == 1 and len(arivaca.heard) == 2, 5, "all hear")
    watch.settle()
    assert [one[1] for one in yuma.heard] == [kind for kind in SITE_KINDS if kind != "call/d"], yuma.heard
    assert sasabe.heard == [(f"{TOP}/sasabe/command/ping", "ping", False)], sasabe.heard
    assert [one[1] for one in arivaca.heard] == ["status", "call/d"], arivaca.heard  # and no position, no message
    for client in (sasabe, arivaca, yuma):
        client.leave()


def nobody_speaks_for_another(broker, watch):
    sasabe, yuma = broker.client("sasabe"), broker.client("yuma")
    elsewhere = [f"{TOP}/arivaca/{kind}" for kind in SITE_KINDS] + [f"{TOP}/arivaca/command/ping", f"{TOP}/arivaca",
                 f"{TOP}/yuma/status", f"{TOP}/sasabe2/status", f"{TOP}/Sasabe/status", f"{TOP}//status", f"{TOP}/sasabe ",
                 f"{TOP}x/sasabe/status", f"/{TOP}/sasabe/status", f"atalaya/v2/site/sasabe/status",
                 "atalaya/v1/centre/yuma/x", "command/ping", "$SYS/broker/uptime", "$share/a/b", f"$share/g/{TOP}/arivaca/status"]
    for topic in elsewhere:
        for retain in (False, True):
            if not sasabe.publish(topic, "forged", retain):
                sasabe.leave()
                sasabe = broker.client("sasabe")
    watch.quiet("a site elsewhere")
    sasabe.publish(f"{TOP}/sasabe/../arivaca/status", "dots")  # a level like any other, and its own
    assert [one[0] for one in watch.fresh()] == [f"{TOP}/sasabe/../arivaca/status"]

    for topic in [f"{TOP}/{name}/{kind}" for name in ("sasabe", "yuma", "new") for kind in SITE_KINDS] + [
            f"{TOP}/sasabe/command", f"{TOP}/sasabe/command/a/b", f"{TOP}/sasabe/distress/command/x", f"{TOP}/a/b/command/x",
            "atalaya/v1/command/ping", "atalaya/v1/yuma/command/ping", "yuma", "$SYS/broker/uptime"]:
        for retain in (False, True):
            if not yuma.publish(topic, "forged", retain):
                yuma.leave()
                yuma = broker.client("yuma")
    # An empty retained message would take a distress away from the centres that come later.
    for client in (sasabe, yuma):
        client.publish(f"{TOP}/arivaca/distress/d", "", retain=True)
    yuma.publish(f"{TOP}/sasabe/distress/d", "", retain=True)
    watch.quiet("a centre elsewhere")

    # Wildcards in a topic that is published: the broker hangs up.
    for client, topics in (("sasabe", (f"{TOP}/+/status", f"{TOP}/#", f"{TOP}/sasabe/#", "#", f"{TOP}/sasabe/+/x", "", "a\0b")),
                           ("yuma", (f"{TOP}/+/command/ping", f"{TOP}/+/command/+", f"{TOP}/#/command/ping"))):
        for topic in topics:
            one = broker.client(client)
            one.publish(topic, "forged", retain=True)
            one.leave()
    watch.quiet("wildcards")
    sasabe.leave()
    yuma.leave()


def retained_are_those_of_their_owners(broker):
    """An observer who comes now; one name is one connection, so the first one ends."""
    late = Watch(broker)
    kept = {(topic, payload) for topic, payload, retained in late.fresh() if retained}
    assert kept == {(f"{TOP}/sasabe/distress/d", "distress/d"), (f"{TOP}/sasabe/status", "status")}, kept
    return late


def wills_reach_no_further(broker, watch):
    for name, topic in (("sasabe", f"{TOP}/arivaca/status"), ("sasabe", f"{TOP}/arivaca/distress/d"), ("sasabe", f"{TOP}/+/status"),
                        ("sasabe", f"{TOP}/arivaca/command/ping"), ("yuma", f"{TOP}/sasabe/status"), ("yuma", f"{TOP}/sasabe/distress/d")):
        try:
            broker.client(name, will=(topic, "forged")).die()
        except Refused:
            pass  # good as well
    broker.client("sasabe", will=(f"{TOP}/sasabe/status", "gone")).die()
    wait_until(lambda: (f"{TOP}/sasabe/status", "gone", False) in watch.client.heard, 5, "the site's own will")
    assert [one[1] for one in watch.fresh()] == ["gone"]


def nobody_reads_what_is_not_his(broker, watch):
    """Filters of every shape; mosquitto grants any and keeps back what may not be read, so only what arrives counts."""
    shapes = ("#", "+/#", f"{TOP}/#", f"{TOP}/+/#", f"{TOP}/+/+/+", f"{TOP}/+/distress/#", f"{TOP}/arivaca/position/u",
              f"{TOP}/+/command/#", f"{TOP}/arivaca/command/+", f"$share/g/{TOP}/+/distress/#", "$share/h/#", "$SYS/#", "/#",
              "+/+/+/+/+/+", f"{TOP}/arivaca/#")
    sasabe, ajo = broker.client("sasabe"), broker.client("ajo")
    for shape in shapes:
        assert sasabe.subscribe(shape) and ajo.subscribe(shape)
    arivaca, yuma = broker.client("arivaca"), broker.client("yuma")
    secret = [f"{TOP}/arivaca/{kind}" for kind in SITE_KINDS if kind not in ("status", "call/d")]
    for topic in secret:
        arivaca.publish(topic, "secret")
    yuma.publish(f"{TOP}/arivaca/command/message", "secret order")
    assert len(watch.fresh()) == len(secret) + 1
    arivaca.publish(f"{TOP}/arivaca/status", "last")  # what both may read, and after everything
    for one in (sasabe, ajo):
        wait_until(lambda one=one: any(payload == "last" for _, payload, _ in one.heard), 5, "the end of the round")
    told = [one for one in sasabe.heard if one[0] not in (f"{TOP}/arivaca/status", f"{TOP}/sasabe/status")]
    assert not told, told
    told = {topic for topic, _, _ in ajo.heard}
    assert not {topic for topic in told if "/command/" in topic or "/call/" in topic or topic.startswith("$SYS")}, told
    assert set(secret) <= told, told
    watch.fresh()
    for client in (sasabe, ajo, arivaca, yuma):
        client.leave()


def nobody_takes_anothers_connection(broker, watch):
    arivaca = broker.client("arivaca", clean=False)
    arivaca.subscribe(f"{TOP}/arivaca/command/#")
    for name in ("arivaca", "atalaya-arivaca", "observer"):
        thief = broker.client("sasabe", name=name, clean=False, user="arivaca")
        thief.publish(f"{TOP}/arivaca/status", "forged")
        thief.leave()
    watch.quiet("under another's client id")
    assert arivaca.alive and watch.client.alive
    # Nor the messages that wait for who is away.
    arivaca.die()
    yuma = broker.client("yuma")
    yuma.publish(f"{TOP}/arivaca/command/ping", "waits")
    thief = broker.client("sasabe", name="arivaca", clean=False)
    thief.subscribe(f"{TOP}/sasabe/command/#")
    yuma.publish(f"{TOP}/sasabe/command/ping", "own")
    wait_until(lambda: thief.heard, 5, "its own command")
    assert [one[1] for one in thief.heard] == ["own"], thief.heard
    back = broker.client("arivaca", clean=False)
    wait_until(lambda: [one[1] for one in back.heard] == ["waits"], 5, "what waited")
    for client in (yuma, thief, back):
        client.leave()
    watch.fresh()


def names_are_no_patterns(broker, watch, folder):
    """The script refuses them; and were one signed all the same, it could do nothing."""
    acl = (broker.fleet / "broker/acl").read_text()
    for name in ("+", "#", "a/b", "sasabe/#", "../sasabe", "$SYS", "", ".", "-x", "a b", "x\nuser sasabe", "x" * 33, "ñ", "sasabe"):
        for kind in ("site", "centre"):
            broker.run(kind, broker.fleet, name, good=False)
    assert (broker.fleet / "broker/acl").read_text() == acl
    for name in ("+", "#", "a/b", "+/distress", "nobody", "sasabe\\"):
        try:
            one = Client(broker.port, broker.forge(name, folder), name)
        except Refused:
            continue
        for topic in (f"{TOP}/{name}/status", f"{TOP}/sasabe/status", f"{TOP}/sasabe/command/ping", f"{TOP}/a/b/status"):
            if not one.publish(topic, "forged", retain=True):
                one.leave()
                one = Client(broker.port, broker.forge(name + "2", folder), name)
        one.subscribe("#")
        one.subscribe(f"{TOP}/+/status")
        site = broker.client("sasabe")
        site.publish(f"{TOP}/sasabe/status", "after")
        site.leave()
        assert [heard[1] for heard in watch.fresh()] == ["after"], name
        one.publish("fence", "")  # its answer comes behind whatever it was sent
        assert not one.heard, (name, one.heard)
        one.leave()


def a_stolen_key_ends(broker, watch):
    """Also for a new one of the same name; what is open is thrown out by the restart that the script's help asks for."""
    stolen = broker.tls("arivaca")
    Client(broker.port, stolen, "arivaca").leave()
    broker.run("revoke", broker.fleet, "arivaca")
    assert "arivaca" not in (broker.fleet / "broker/acl").read_text() and not (broker.fleet / "clients/arivaca").exists()
    broker.run("revoke", broker.fleet, "arivaca", good=False)
    broker.run("site", broker.fleet, "arivaca")
    watch.client.leave()
    broker.kill(signal.SIGTERM)
    broker.start()
    refused("revoked", lambda: Client(broker.port, stolen, "arivaca"))
    fresh = Watch(broker)
    new = broker.client("arivaca")
    new.publish(f"{TOP}/arivaca/status", "new")
    assert [one[1] for one in fresh.fresh()] == ["new"]
    new.leave()
    return fresh


def a_key_is_changed_without_losing_the_site(broker, watch):
    """Old and new get in until the old one is retired; whoever is revoked in between is out with both."""
    def restart(watch):
        watch.client.leave()
        broker.kill(signal.SIGTERM)
        broker.start()
        return Watch(broker)

    old, others = broker.tls("arivaca"), broker.tls("ajo")
    broker.run("retire", broker.fleet, "arivaca", good=False)
    broker.run("renew", broker.fleet, "arivaca", "ajo")
    broker.run("renew", broker.fleet, "arivaca", good=False)  # the first one would be forgotten, and get in for ever
    new = broker.tls("arivaca")
    assert (broker.fleet / "clients/arivaca/arivaca.key").stat().st_mode & 0o077 == 0
    assert not list((broker.fleet / "authority").glob("**/arivaca.key"))
    watch = restart(watch)
    for certificate in (old, new):
        one = Client(broker.port, certificate, "arivaca")
        one.publish(f"{TOP}/arivaca/status", "here")
        assert [heard[1] for heard in watch.fresh()] == ["here"]
        one.leave()
    broker.run("retire", broker.fleet, "arivaca")
    renewed = broker.tls("ajo")
    broker.run("revoke", broker.fleet, "ajo")
    watch = restart(watch)
    refused("retired", lambda: Client(broker.port, old, "arivaca"))
    Client(broker.port, new, "arivaca").leave()
    for certificate in (others, renewed):
        refused("revoked, and what it had replaced", lambda certificate=certificate: Client(broker.port, certificate, "ajo"))
    broker.run("centre", broker.fleet, "ajo")
    broker.run("renew", broker.fleet, "arivaca")  # and again
    return restart(watch)


def a_centre_works_with_our_programs(broker, key, told):
    """`atalaya watch --receive` and `atalaya command`, each with a certificate of its own: one name is one connection."""
    def centre(name, *words):
        own = broker.fleet / "clients" / name
        return [PROGRAM, *words, "--host", "127.0.0.1", "--port", str(broker.port), "--ca-file", own / "ca.pem",
                "--certificate-file", own / f"{name}.pem", "--key-file", own / f"{name}.key"]

    def acknowledge(words, **more):
        return subprocess.run([*words, "--key", key.path, "--site", "test", "--distress", told("distress")[0]["distress"],
                               "--person", "Ana Ruiz", "--wait", "10"], capture_output=True, text=True, **more)

    stranger = acknowledge([PROGRAM, "command", "acknowledge", "--port", str(broker.port), "--ca-file",
                            broker.fleet / "broker/ca.pem"])
    assert stranger.returncode == 1 and not told("response"), stranger
    half = acknowledge(centre("ajo", "command", "acknowledge")[:-2])
    assert half.returncode == 2 and "go together" in half.stderr, half
    screen = broker.folder / "screen"
    with open(screen, "wb") as out:
        watching = subprocess.Popen(centre("yuma-watch", "watch", "--receive", key.path), stdout=out)
    try:
        wait_until(lambda: told("distress")[-1]["state"] == "received", 10, "received")
        done = acknowledge(centre("ajo", "command", "acknowledge"))
        assert done.returncode == 0 and json.loads(done.stdout)["accepted"], done
        wait_until(lambda: told("distress")[-1]["state"] == "acknowledged", 10, "acknowledged")
        assert {answer["accepted"] for answer in told("response")} == {True}, told("response")
        wait_until(lambda: "DISTRESS acknowledged by Ana Ruiz" in screen.read_text(), 10, "seen on the centre's screen")
    finally:
        watching.terminate()
        watching.wait(10)


def the_gateway_works_under_it(broker, watch, folder):
    """From a call on the radio to a signed acknowledgement and its answer; not with a key that everybody may read."""
    encode(folder / "tape.wav", [EMERGENCY])
    key, own = Key(PROGRAM, folder, "yuma-1"), broker.fleet / "clients/test"
    section = (f'port = {broker.port}\ntls = true\nca_file = "{own}/ca.pem"\ncertificate_file = "{own}/test.pem"\n'
               f'key_file = "{own}/test.key"\nretry_min_s = 0.2\nretry_max_s = 0.5\n')
    tower = Tower(folder, folder / "tape.wav", {"hq": section},
                  extra='centre "yuma" {\n' + key.section(["received", "acknowledge"]) + "}\n")
    yuma = broker.client("yuma")
    yuma.subscribe(f"{TOP}/+/distress/#")
    yuma.subscribe(f"{TOP}/+/response/#")

    def told(kind):
        return [json.loads(payload) for topic, payload, _ in yuma.heard if f"/{kind}/" in topic and payload]

    (own / "test.key").chmod(0o644)
    with ending(tower.kill, yuma.leave):
        tower.start()
        tower.wait_for_log("everybody may read or write key_file")
        time.sleep(0.7)
        watch.quiet("with a key that everybody may read")
        (own / "test.key").chmod(0o600)
        wait_until(lambda: told("distress"), 20, "the distress")
        a_centre_works_with_our_programs(broker, key, told)
        assert "may not" not in tower.log(), tower.log()  # each of its subscriptions was granted
        kinds = {topic.split("/")[4] for topic, _, _ in watch.fresh() if topic.startswith(f"{TOP}/test/")}
        assert {"status", "info", "health", "distress", "call", "response", "command", "position", "unit"} <= kinds, kinds
        assert tower.stop() == 0


def check_tells_whose_certificate_it_is(broker, folder):
    """`atalaya check` is believed at a tower: let in under another site's name is not well."""
    clients = broker.fleet / "clients"
    own, other = clients / "test", clients / "sasabe"

    def check(certificate, key):
        config = folder / "check.conf"
        files = f'certificate_file = "{certificate}" key_file = "{key}"' if certificate else ""
        config.write_text(f'site {{ id = "test" }}\ngpsd {{ enabled = false }}\nspool {{ path = "{folder}/check.db" }}\nsource "tnc" {{ type = kiss device = "{folder}/tnc" }}\n'
                          f'broker "hq" {{ host = "127.0.0.1" port = {broker.port} tls = true ca_file = "{own}/ca.pem" {files} }}\n')
        done = subprocess.run([PROGRAM, "check", "--config", config], capture_output=True, text=True, timeout=60)
        return next(line for line in done.stdout.splitlines() if "broker hq: " in line and "private" not in line)

    assert check(own / "test.pem", own / "test.key").startswith("ok"), check(own / "test.pem", own / "test.key")
    for words, arguments in (("are user or certificate another site's?", (other / "sasabe.pem", other / "sasabe.key")),
                             ("is not the key of certificate_file", (own / "test.pem", other / "sasabe.key")),
                             ("a certificate of the site", (None, None))):
        said = check(*arguments)
        assert said.startswith("FAIL") and words in said, (words, said)


def main():
    with workplace() as folder:
        broker = FleetBroker(folder)
        try:
            broker.start()
            strangers_stay_out(broker, folder)
            old_tls_is_refused(broker, folder)
            watch = Watch(broker)
            everybody_does_his_work(broker, watch)
            nobody_speaks_for_another(broker, watch)
            watch = retained_are_those_of_their_owners(broker)
            wills_reach_no_further(broker, watch)
            nobody_reads_what_is_not_his(broker, watch)
            nobody_takes_anothers_connection(broker, watch)
            names_are_no_patterns(broker, watch, folder)
            watch = a_stolen_key_ends(broker, watch)
            watch = a_key_is_changed_without_losing_the_site(broker, watch)
            the_gateway_works_under_it(broker, watch, folder)
            check_tells_whose_certificate_it_is(broker, folder)
        finally:
            broker.kill()
            broker.home.unlink(missing_ok=True)
    print("a fleet keeps to itself")


main()
