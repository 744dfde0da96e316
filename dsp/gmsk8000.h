/* SPDX-License-Identifier: Apache-2.0 */
/* GMSK at 8000 bit/s. Line bits are what the differential precoding was made from: the phase itself carries
 * them, up to a sense that the protocol finds (all inverted, or every other one). README.md has the
 * mathematics. */
#ifndef ATALAYA_DSP_GMSK8000_H
#define ATALAYA_DSP_GMSK8000_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#define GMSK8000_LEAST_RATE_HZ 16000.0
#define GMSK8000_MOST_RATE_HZ  192000.0

size_t gmsk8000_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max);
size_t gmsk8000_modulate_iq(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                            size_t max);
size_t gmsk8000_modulate_length(double rate_hz, size_t bit_count);

#endif
