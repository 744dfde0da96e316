/* SPDX-License-Identifier: Apache-2.0 */
/* The transmitter's half of the Bell 202 class (bell202_transmit.c). */
#ifndef ATALAYA_DSP_BELL202_H
#define ATALAYA_DSP_BELL202_H

#include <stddef.h>
#include <stdint.h>

size_t bell202_modulate_length(double rate_hz, size_t bit_count);
size_t bell202_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max);

#endif
