# SPDX-License-Identifier: Apache-2.0
"""A dispatch centre that signs for itself: the definition in inbound.h, written a second time and with OpenSSL."""
import base64
import datetime
import json
import pathlib
import subprocess
import tempfile

# RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8.
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def stamp(seconds=0.0):
    """Now, and that many seconds later, as the contract writes times."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def signed_bytes(site, name, command):
    bare = {key: value for key, value in command.items() if key != "signature"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"atalaya-command-1\n{site}\n{name}\n{text}".encode()


class Key:
    """A key file of `atalaya key make`."""

    def __init__(self, program, folder, name):
        self.name, self.path, self.serial = name, pathlib.Path(folder) / f"{name}.key", 0
        made = subprocess.run([program, "key", "make", name, str(self.path)], check=True, capture_output=True, text=True)
        self.public = made.stdout.split('public_key = "')[1].split('"')[0]
        seed = base64.b64decode(self.path.read_text().split("private ")[1].split()[0])
        self.der = PKCS8 + seed

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as message, tempfile.NamedTemporaryFile() as key:
            message.write(data)
            message.flush()
            key.write(self.der)
            key.flush()
            return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key.name, "-in",
                                   message.name], check=True, capture_output=True).stdout

    def command(self, site, name, arguments=None, after=0.0, life=60.0, identity=None, **more):
        self.serial += 1
        command = {"v": 1, "id": identity or f"{self.name}-{self.serial}", "time": stamp(after), "expires": stamp(after + life),
                   "arguments": arguments or {}, **more}
        value = base64.b64encode(self.sign(signed_bytes(site, name, command))).decode()
        command["signature"] = {"key": self.name, "algorithm": "ed25519", "value": value}
        return command

    def section(self, may):
        return 'signer "%s" { public_key = "%s" may = {%s} }\n' % (self.name, self.public, ", ".join(f'"{m}"' for m in may))
