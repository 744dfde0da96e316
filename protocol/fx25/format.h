/* SPDX-License-Identifier: Apache-2.0 */
/* The code words of FX.25 (Stensat Group, FX.25 Forward Error Correction Extension to AX.25 Link Protocol for
 * Amateur Packet Radio, draft 0.01 of 2006): a correlation tag of 64 bits says which one follows. */
#ifndef ATALAYA_PROTOCOL_FX25_FORMAT_H
#define ATALAYA_PROTOCOL_FX25_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/reed_solomon.h"

enum {
    FX25_TAG_BITS = 64,      /* sent least significant bit first, not stuffed */
    FX25_TAG_ERRORS_MAX = 8, /* chance in random bits: 11 tags, 3e-9 a bit */
    FX25_DATA_MAX = 239
};

struct fx25_format {
    uint64_t tag;
    uint8_t data, check; /* octets */
};

/* The format whose tag these 64 bits resemble, or NULL. */
const struct fx25_format *fx25_format_find(uint64_t bits);
/* Its code: one of 255 octets whose last data octets are zeros and left out. */
struct reed_solomon fx25_format_code(const struct fx25_format *format);
/* The format for so many octets of flags and stuffed frame, or NULL when there are too many. */
const struct fx25_format *fx25_format_choose(size_t octets);

#endif
