/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving filter at any instant: input of any rate goes in, and the filter's output between or at its
 * samples comes out where a lane wants it. */
#ifndef ATALAYA_DSP_NRZ_FILTER_H
#define ATALAYA_DSP_NRZ_FILTER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    NRZ_PHASES = 64,     /* instants told apart between two samples: -60 dB of jitter noise at 48 kHz */
    NRZ_TAPS_MAX = 168,  /* at 192 kHz */
    NRZ_CHUNK_MAX = 128, /* samples: less than BIT_TRAIN_RUN_MAX bits at any rate */
    NRZ_HISTORY = 64     /* samples more than the filter needs, for a lane that is behind */
};

struct nrz_filter {
    unsigned taps;        /* a multiple of 8 */
    double reach;         /* samples on either side of an instant that the output takes */
    double samples_a_bit; /* of input */
    uint64_t total;       /* samples so far */
    float table[NRZ_PHASES + 1][NRZ_TAPS_MAX];
    float input[NRZ_TAPS_MAX + NRZ_HISTORY + NRZ_CHUNK_MAX]; /* the last samples, newest last */
};

/* response: by time in bits, of which NRZ_SPAN on either side are used. rate_hz: up to 192000 */
void nrz_filter_init(struct nrz_filter *filter, double rate_hz, double (*response)(double t));
void nrz_filter_reset(struct nrz_filter *filter);
/* At most NRZ_CHUNK_MAX samples. */
void nrz_filter_push(struct nrz_filter *filter, const float *samples, unsigned count);
/* Latest instant for which there is an output, in samples since reset. */
double nrz_filter_newest(const struct nrz_filter *filter);
/* Output at the instant, which is in the last chunk or up to NRZ_HISTORY - 8 samples before. A steady input
 * comes out as it is. */
float nrz_filter_execute(const struct nrz_filter *filter, double instant);

#endif
