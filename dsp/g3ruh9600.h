/* SPDX-License-Identifier: Apache-2.0 */
/* The G3RUH class: when its receiver works, and the transmitter's half (g3ruh9600_transmit.c). */
#ifndef ATALAYA_DSP_G3RUH9600_H
#define ATALAYA_DSP_G3RUH9600_H

#include <stddef.h>
#include <stdint.h>

#include "gate.h"

#define G3RUH_LEAST_RATE_HZ    16000.0 /* the signal reaches up to 7200 Hz */
#define G3RUH_LEAST_IQ_RATE_HZ 19200.0 /* and a carrier so modulated up to 9 kHz either way */

extern const struct gate_settings g3ruh9600_gate; /* for tests of the gate too */

size_t g3ruh9600_modulate_length(double rate_hz, size_t bit_count);
/* A steady bit has amplitude 1, as the deviation is set on it; changes overshoot it by up to a third. */
size_t g3ruh9600_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max);

#endif
