/* SPDX-License-Identifier: Apache-2.0 */
/* Low-pass and decimator of complex samples with real taps, at the output's rate: firdecim_crcf of liquid,
 * which Debian builds without vector instructions, takes three times as long. */
#ifndef ATALAYA_DSP_IQ_DECIMATOR_H
#define ATALAYA_DSP_IQ_DECIMATOR_H

#include <complex.h>

#include "atalaya/result.h"

enum { IQ_DECIMATOR_CHUNK_MAX = 256 /* inputs of one call */ };

struct iq_decimator;

/* taps [size: count], as convolution has it (the first one for the newest sample).
 * Errors: ATALAYA_E_ARGUMENT (no taps, no decimation), ATALAYA_E_MEMORY. */
enum atalaya_result iq_decimator_create(struct iq_decimator **decimator, const float *taps, unsigned count,
                                        unsigned decimation);
void iq_decimator_reset(struct iq_decimator *decimator);
void iq_decimator_destroy(struct iq_decimator *decimator); /* NULL is allowed */
/* Where the next samples are to be written, up to IQ_DECIMATOR_CHUNK_MAX; they must be finite. */
float complex *iq_decimator_place(struct iq_decimator *decimator);
/* Takes `count` samples from there; returns how many were written to out: one for every `decimation`, with
 * the last one of them as the newest. */
unsigned iq_decimator_execute(struct iq_decimator *decimator, unsigned count, float complex *out);
/* Inputs until the next output, that one included. */
unsigned iq_decimator_due(const struct iq_decimator *decimator);

#endif
