/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of tones.h to audio, as struct modem_class wants it. */
#ifndef ATALAYA_DSP_TONES_TRANSMIT_H
#define ATALAYA_DSP_TONES_TRANSMIT_H

#include <stddef.h>
#include <stdint.h>

/* 0 when a frame has more than TONES_AT_ONCE tones, or the last one is not whole. */
size_t tones_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max);
size_t tones_modulate_length(double rate_hz, size_t bit_count);

#endif
