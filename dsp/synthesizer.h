/* SPDX-License-Identifier: Apache-2.0 */
/* The channelizer's mirror: narrow signals into one wide stream. Not used in reception.
 *
 * A block at a time: any number of times place and add, then execute. */
#ifndef ATALAYA_DSP_SYNTHESIZER_H
#define ATALAYA_DSP_SYNTHESIZER_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

struct synthesizer;

/* Errors: ATALAYA_E_ARGUMENT (rate), ATALAYA_E_MEMORY. */
enum atalaya_result synthesizer_create(struct synthesizer **synthesizer, double rate_hz);
/* The width of a signal that comes at about rate_hz, and its exact rate. */
unsigned synthesizer_width(const struct synthesizer *synthesizer, double rate_hz);
double synthesizer_rate_hz(const struct synthesizer *synthesizer, unsigned width);
/* Index (fractional) of a signal's sample that lies at sample `sample` of the band. */
double synthesizer_index(const struct synthesizer *synthesizer, unsigned width, double sample);
/* The middle of the bin nearest to a frequency: a signal is moved there, in whole bins. */
double synthesizer_bin_hz(const struct synthesizer *synthesizer, double offset_hz);

/* Room for the samples of a signal that the block under way takes [size: *count], the first of them with
 * index *first. */
float complex *synthesizer_place(struct synthesizer *synthesizer, unsigned width, int64_t *first,
                                 size_t *count);
/* What was placed goes to the bin nearest to offset_hz. */
void synthesizer_add(struct synthesizer *synthesizer, unsigned width, double offset_hz);
/* The block [size: *count]; lasts until the next one is executed. */
const float complex *synthesizer_execute(struct synthesizer *synthesizer, size_t *count);
void synthesizer_destroy(struct synthesizer *synthesizer); /* NULL is allowed */

#endif
