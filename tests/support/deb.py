# SPDX-License-Identifier: Apache-2.0
"""What holds of a package of ours for whatever processor: the same to the byte when built twice from different paths, lintian
content, everything a tower needs inside."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"])
WANTED = ("./usr/bin/atalaya", "./lib/systemd/system/atalaya.service", "./lib/udev/rules.d/60-atalaya.rules",
          "./etc/atalaya/atalaya.conf", "./usr/share/man/man8/atalaya.8.gz", "./usr/share/man/man5/atalaya.conf.5.gz",
          "./usr/share/bash-completion/completions/atalaya", "./usr/share/doc/atalaya/schema/distress.json",
          "./usr/share/atalaya/broker/fleet", "./usr/share/doc/atalaya/atalaya.spdx.json")


def text(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def build(folder, *options):
    shutil.copytree(SOURCE, folder, ignore=lambda path, names: {"build", ".git"} if path == str(SOURCE) else ())
    run = subprocess.run([folder / "scripts/package", "--no-install", "--output", folder / "out", *options],
                         env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    package = pathlib.Path(run.stdout.strip())
    assert package.is_file() and package.parent == folder / "out", run.stdout
    return package


def depends(package):
    """Names of the libraries it wants, without versions."""
    return {word.split()[0] for word in text("dpkg-deb", "--field", package, "Depends").split(",")}


def check_installed(library, program, named):
    """What is said of it is what is installed here."""
    path = re.search(rf"{re.escape(library)} => (\S+)|(\S+/{re.escape(library)}) ", text("ldd", program))
    owners = text("dpkg-query", "-S", f"*/{pathlib.Path(path.group(1) or path.group(2)).name}").splitlines()
    one = next(named[owner.split(":")[0]] for owner in owners if owner.split(":")[0] in named)
    assert one["versionInfo"] == text("dpkg-query", "-W", "-f", "${Version}", one["name"]), one


def check_materials(package, folder):
    """The bill of materials names every library that the program inside is linked with, by package, version and licence."""
    subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    bill = json.loads((folder / "usr/share/doc/atalaya/atalaya.spdx.json").read_text())
    assert bill["spdxVersion"] == "SPDX-2.3" and bill["creationInfo"]["created"] == "2026-01-01T00:00:00Z", bill
    program = folder / "usr/bin/atalaya"
    named = {one["name"]: one for one in bill["packages"]}
    assert named["atalaya"]["checksums"][0]["checksumValue"] == hashlib.sha256(program.read_bytes()).hexdigest()
    libraries = re.findall(r"\(NEEDED\).*\[(.+)\]", text("readelf", "-d", program))
    assert len(libraries) > 10, libraries
    native = text("dpkg-deb", "--field", package, "Architecture") == text("dpkg", "--print-architecture")
    for library in libraries:
        assert f"{library} (" in named["atalaya"]["comment"], library
        if native:
            check_installed(library, program, named)
    linked = {one["relatedSpdxElement"] for one in bill["relationships"] if one["relationshipType"] == "DYNAMIC_LINK"}
    assert linked == {one["SPDXID"] for one in bill["packages"] if one["name"] != "atalaya"}
    assert all(one["licenseDeclared"] not in ("", "NOASSERTION") and one["versionInfo"] for one in bill["packages"])
    # What the package depends on is in it too: nothing that dpkg-shlibdeps found is left out.
    assert depends(package) - named.keys() <= {"adduser", "init-system-helpers", "ca-certificates"}, depends(package)


def check(*options):
    """Builds twice, with these options of scripts/package. Returns Architecture and what it depends on."""
    if not shutil.which("lintian"):
        print("skipped: lintian is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="atalaya package ") as name:
        first = build(pathlib.Path(name) / "a", *options)
        second = build(pathlib.Path(name) / "another path, longer", *options)
        digests = {hashlib.sha256(package.read_bytes()).hexdigest() for package in (first, second)}
        assert len(digests) == 1, f"two builds differ: {first} {second}"

        contents = text("dpkg-deb", "--contents", first)
        for path in WANTED:
            assert path in contents, f"{path} is missing:\n{contents}"
        assert "libmosquitto1" in depends(first)
        assert text("dpkg-deb", "--info", first, "conffiles").split() == ["/etc/atalaya/atalaya.conf"]

        check_materials(first, pathlib.Path(name) / "tree")
        checked = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", first], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        return text("dpkg-deb", "--field", first, "Architecture").strip(), depends(first)
