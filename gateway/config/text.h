/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and figures as people write them. Pure. */
#ifndef ATALAYA_CONFIG_TEXT_H
#define ATALAYA_CONFIG_TEXT_H

#include <stdbool.h>

bool text_is_name(const char *text); /* all of it [A-Za-z0-9._-]; "" is no name */
bool text_is_utf8(const char *text); /* RFC 3629, no control characters */

/* Decimal notation, an exponent allowed; no hexadecimal, no infinity, nothing behind. */
bool parse_number(const char *text, double *value);
/* The same, in Hz, with k, M or G behind it if need be: 144.39M. */
bool parse_frequency(const char *text, double *hz);
/* A name, an IPv4 address or an IPv6 one, perhaps with its interface ("fe80::1%eth0"); not "host:port". */
bool text_is_host(const char *host);
/* "512", "64 MiB", "64M" (1024 based), "64 MB" (1000 based). */
bool parse_bytes(const char *text, double *bytes);
/* The shortest exact form in 1024 based units: "64 MiB". text [size: 32]. */
void format_bytes(double bytes, char text[static 32]);

#endif
