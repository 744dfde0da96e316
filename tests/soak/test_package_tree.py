# SPDX-License-Identifier: Apache-2.0
"""The package in a fresh Debian 12 (debootstrap; needs root, the network and some minutes, so by hand: ctest -R
soak.package_tree): install, a spool full of what waits, upgrade, refused downgrade, remove, purge."""
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["ATALAYA_SOURCE_DIR"])


def run(*words, **more):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, **more)


def must(*words, **more):
    result = run(*words, **more)
    assert result.returncode == 0, f"{words}\n{result.stdout}{result.stderr}"
    return result.stdout


def package(folder, version):
    """The project as it stands, with another version number."""
    shutil.copytree(SOURCE, folder, ignore=lambda path, names: {"build", ".git"} if path == str(SOURCE) else ())
    recipe = folder / "CMakeLists.txt"
    recipe.write_text(re.sub(r"project\(atalaya VERSION [0-9.]+", f"project(atalaya VERSION {version}", recipe.read_text()))
    return pathlib.Path(must(folder / "scripts/package", "--no-install", "--output", folder / "out").strip())


def schema(package_file):
    script = must("dpkg-deb", "--info", package_file, "preinst")
    return int(re.search(r"^schema=(\d+)$", script, re.M).group(1))


def fill_spool(tree):
    """What waits: a position heard by the installed program itself, for a broker that is not there."""
    (tree / "tmp/site.conf").write_text(
        'site { id = "baboquivari" allow_list = false latitude_deg = 31.77 longitude_deg = -111.59 }\n'
        'gpsd { enabled = false }\n'
        'source "one" { type = file path = "/tmp/heard.wav" channel "aprs" { protocols = {"ax25"} } }\n'
        'broker "hq" { host = "127.0.0.1" port = 1 }\n')
    must("chroot", tree, "atalaya", "encode", "-o", "/tmp/heard.wav", "--ebn0", "20",
         "N0CALL-7>APZATL:!3129.01N/11132.02W[on foot")
    run("chroot", tree, "timeout", "-s", "TERM", "4", "atalaya", "run", "--config", "/tmp/site.conf")


def waiting(tree):
    spool = sqlite3.connect(tree / "var/lib/atalaya/spool.db")
    try:
        return spool.execute("SELECT id, topic, payload FROM item ORDER BY id").fetchall()
    finally:
        spool.close()


def main():
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("skipped: needs root and debootstrap")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="atalaya-tree-") as name:
        work = pathlib.Path(name)
        old, new = package(work / "old", "0.1.0"), package(work / "new", "0.1.1")
        tree = work / "tree"
        must("debootstrap", "--variant=minbase", "bookworm", tree)
        for file in (old, new):
            shutil.copy(file, tree / "tmp")
        in_tree = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

        must("chroot", tree, "apt-get", "install", "-y", "-q", "--no-install-recommends", f"/tmp/{old.name}", env=in_tree)
        assert must("chroot", tree, "atalaya", "--version").split()[-1] == "0.1.0"
        conf = tree / "etc/atalaya/atalaya.conf"
        assert conf.stat().st_mode & 0o777 == 0o640 and (tree / "etc/atalaya").stat().st_mode & 0o777 == 0o750
        assert must("chroot", tree, "stat", "-c", "%G", "/etc/atalaya/atalaya.conf").strip() == "atalaya"
        print("installed", flush=True)

        fill_spool(tree)
        before = waiting(tree)
        assert before, "nothing waits"
        edited = conf.read_text() + "# edited by hand\n"
        conf.write_text(edited)
        must("chroot", tree, "dpkg", "-i", f"/tmp/{new.name}", env=in_tree)
        assert must("chroot", tree, "atalaya", "--version").split()[-1] == "0.1.1"
        assert waiting(tree) == before and conf.read_text() == edited
        assert len(before) <= len(must("chroot", tree, "atalaya", "spool", "list", "--path", "/var/lib/atalaya/spool.db").splitlines())
        print(f"upgraded; {len(before)} items still wait", flush=True)

        spool = sqlite3.connect(tree / "var/lib/atalaya/spool.db")
        spool.execute(f"PRAGMA user_version = {schema(old) + 1}")
        spool.commit()
        spool.close()
        refused = run("chroot", tree, "dpkg", "-i", f"/tmp/{old.name}", env=in_tree)
        assert refused.returncode != 0 and "written by a newer atalaya" in refused.stderr, refused.stderr
        assert must("chroot", tree, "atalaya", "--version").split()[-1] == "0.1.1"
        assert waiting(tree) == before
        print("a downgrade below the spool's schema is refused, the newer program stays", flush=True)

        must("chroot", tree, "dpkg", "--remove", "atalaya", env=in_tree)
        assert not (tree / "usr/bin/atalaya").exists() and conf.read_text() == edited and waiting(tree) == before
        must("chroot", tree, "dpkg", "--purge", "atalaya", env=in_tree)
        left = must("chroot", tree, "sh", "-c", "find / -xdev -path /proc -prune -o -path /tmp -prune -o -iname '*atalaya*' -print")
        assert not left.strip(), left
        print("removed with the spool kept, purged without a trace")


main()
