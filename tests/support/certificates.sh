#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes in folder $1: ca.pem, other-ca.pem, and for 127.0.0.1 server.pem, future.pem (valid from 2090 on), both
# with key.pem. Invented names; for tests on loopback only.
set -eu
cd "$1"
quiet() { "$@" >openssl.log 2>&1 || { cat openssl.log >&2; exit 1; }; }
authority() {
    quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$2" \
        -keyout "$1-key.pem" -out "$1.pem"
}
authority ca "Invented Test Authority"
authority other-ca "Another Invented Authority"
quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=127.0.0.1" \
    -keyout key.pem -out request.pem
cat >ca.conf <<'CONF'
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index.txt
serial = serial
default_md = sha256
policy = any
x509_extensions = names
unique_subject = no
[any]
commonName = supplied
[names]
subjectAltName = IP:127.0.0.1, DNS:localhost
CONF
sign() {
    quiet openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca-key.pem -in request.pem -out "$1" \
        -startdate "$2" -enddate "$3"
}
: >index.txt
echo 01 >serial
sign server.pem "$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)" "$(date -u -d '+90 days' +%Y%m%d%H%M%SZ)"
sign future.pem 20900101000000Z 20950101000000Z
chmod 644 ./*.pem
