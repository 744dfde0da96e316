/* SPDX-License-Identifier: Apache-2.0 */
/* The spreading sequences of second generation beacons and the frame of a burst (C/S T.018 2.2). */
#ifndef ATALAYA_DSP_DSSS_CODE_H
#define ATALAYA_DSP_DSSS_CODE_H

#include <stdint.h>

#define DSSS_CHIP_RATE 38400.0

enum {
    DSSS_CHIPS = 38400,                         /* of a burst, on each component */
    DSSS_CHIPS_A_BIT = 256,                     /* on one component */
    DSSS_PAIRS = DSSS_CHIPS / DSSS_CHIPS_A_BIT, /* an odd bit on I and an even one on Q, at one time */
    DSSS_BITS = 2 * DSSS_PAIRS,
    DSSS_PREAMBLE_BITS = 50, /* zeros */
    DSSS_PREAMBLE_PAIRS = DSSS_PREAMBLE_BITS / 2,
    DSSS_PREAMBLE_CHIPS = DSSS_PREAMBLE_PAIRS * DSSS_CHIPS_A_BIT
};

enum dsss_sequence { DSSS_NORMAL, DSSS_SELF_TEST, DSSS_SEQUENCES };

struct dsss_code {
    int8_t i[DSSS_CHIPS], q[DSSS_CHIPS]; /* signal levels: +1 for logic 0, -1 for 1 (table 2.3) */
};

void dsss_code_init(struct dsss_code *code, enum dsss_sequence sequence);

#endif
