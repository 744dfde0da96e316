/* SPDX-License-Identifier: Apache-2.0 */
/* Direct-sequence spread OQPSK of second generation 406 MHz beacons. A burst is heard as a whole, once it is
 * over: DSSS_GAP_BITS of which nothing is known, then its 300 bits, on the branch of its sequences. */
#ifndef ATALAYA_DSP_OQPSK_DSSS_H
#define ATALAYA_DSP_OQPSK_DSSS_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#define OQPSK_DSSS_RATE_HZ       153600.0 /* 4 samples a chip; a filter may take what lies beyond 60 kHz */
#define OQPSK_DSSS_LEAST_RATE_HZ 76800.0
#define OQPSK_DSSS_MOST_RATE_HZ  614400.0

enum { DSSS_GAP_BITS = 8 };

/* 300 bits from the first of the preamble on, odd ones on I; a 301st is not sent and chooses the sequences: 1
 * those of the self-test. Half-sine chips. */
size_t oqpsk_dsss_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                           size_t max);
size_t oqpsk_dsss_modulate_length(double rate_hz, size_t bit_count);

#endif
