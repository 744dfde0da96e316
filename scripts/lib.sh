# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Shared by scripts/run, scripts/test and scripts/install: where the project is, and how to get what is missing.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages_build=(build-essential cmake ninja-build pkg-config git ca-certificates libliquid-dev libfftw3-dev libmosquitto-dev libgps-dev
    libserialport-dev libconfuse-dev libjansson-dev libsqlite3-dev libsndfile1-dev libasound2-dev
    libsystemd-dev libsodium-dev libssl-dev libsoapysdr-dev libgpiod-dev libcmocka-dev python3)
packages_demo=(mosquitto gpsd)
packages_test=(mosquitto mosquitto-clients gpsd python3-jsonschema python3-yaml openssl direwolf multimon-ng sox espeak-ng
    binutils python3-nacl universal-ctags mandoc lintian clang libclang-rt-14-dev)
packages_cross=(mmdebstrap qemu-user-static)

say() {
    printf '%s\n' "$*" >&2
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "This needs root: run it as root, or install sudo. Wanted: $*"
        return 1
    fi
}

# Installs what is missing of the packages named. Services that come with a package stay off: the gateway's own broker
# and gpsd are private ones, and a laptop must not find itself serving.
install_missing() {
    local package missing=() policy=/usr/sbin/policy-rc.d policy_made=no status=0
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing: ${missing[*]}"
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        policy_made=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' sh "${missing[@]}" >&2 || status=$?
    [ "$policy_made" = no ] || as_root rm -f "$policy"
    if [ "$status" -eq 0 ] && [ -d /run/systemd/system ]; then
        for package in "${missing[@]}"; do
            case $package in
                mosquitto) as_root systemctl disable --now mosquitto.service >/dev/null 2>&1 || true ;;
                gpsd) as_root systemctl disable --now gpsd.socket gpsd.service >/dev/null 2>&1 || true ;;
            esac
        done
    fi
    return "$status"
}

# Builds a preset, quietly unless it fails. Words after its name go to the build: --target NAME.
build_preset() {
    local preset=$1 log
    shift
    log=$(mktemp)
    if ! (cd "$project" && cmake --preset "$preset" && cmake --build --preset "$preset" "$@") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        say "The $preset build failed."
        return 1
    fi
    rm -f "$log"
}
