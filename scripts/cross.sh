# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Building for a board on this machine. The board's libraries are unpacked into build/sysroot/ARCHITECTURE, never installed:
# this machine's own packages stay as they are, and no step but installing the compiler needs root.

# The compiler's name for an architecture of Debian.
cross_triplet() {
    case $1 in
    arm64) echo aarch64-linux-gnu ;;
    armhf) echo arm-linux-gnueabihf ;;
    *) say "No architecture '$1' here: arm64, armhf."; return 2 ;;
    esac
}

# What runs the architecture's programs here.
cross_emulator() {
    case $1 in
    arm64) echo qemu-aarch64-static ;;
    armhf) echo qemu-arm-static ;;
    esac
}

cross_install() { # architecture
    local triplet
    triplet=$(cross_triplet "$1")
    install_missing "${packages_cross[@]}" "gcc-$triplet" "g++-$triplet" "binutils-$triplet"
}

# Called by mmdebstrap with the tree while the packages are at hand: keeps which package has which symbols (dpkg-shlibdeps
# looks for them in DEBIAN/) and which libraries (scripts/sbom).
cross_keep_symbols='mkdir -p "$1/DEBIAN"
for package in "$1"/var/cache/apt/archives/*.deb; do
    for file in symbols shlibs; do
        dpkg-deb --ctrl-tarfile "$package" | tar -xO "./$file" 2>/dev/null >>"$1/DEBIAN/$file" || true
    done
    dpkg-deb --show --showformat "\${Package}\t\${Version}\t\${source:Package}\t\${source:Version}" "$package"
    dpkg-deb --contents "$package" | sed -n "s/ -> .*//; s,.*/\([^/]*[.]so[^/]*\)$,\t\1,p" | tr -d "\n"
    echo
done >"$1/DEBIAN/libraries"'

# Makes the tree unless it is there with all that is wanted; says where it is.
cross_sysroot() { # architecture
    local tree=${ATALAYA_SYSROOT:-$project/build/sysroot/$1} wanted package
    wanted=libubsan1,libstdc++-12-dev
    for package in "${packages_build[@]}"; do
        [[ $package != lib*-dev ]] || wanted+=,$package
    done
    if [[ $(cat -- "$tree/wanted" 2>/dev/null) != "$wanted" ]]; then
        say "Unpacking Debian 12's libraries for $1"
        rm -rf -- "$tree"
        mkdir -p -- "$(dirname -- "$tree")"
        # "|| return": bash forgets errexit inside of $(...).
        mmdebstrap --quiet --mode=chrootless --variant=extract --architectures="$1" --include="$wanted" \
            --setup-hook='cd "$1" && mkdir -p usr/bin usr/sbin usr/lib && ln -s usr/bin usr/sbin usr/lib .' \
            --extract-hook="$cross_keep_symbols" bookworm "$tree" >&2 || return
        # An emulated program sees the tree in front of this machine's folders; of these it shall see the machine's.
        rm -rf -- "${tree:?}"/{dev,etc,tmp,var}
        echo "$wanted" >"$tree/wanted"
    fi
    echo "$tree"
}
