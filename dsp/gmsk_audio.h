/* SPDX-License-Identifier: Apache-2.0 */
/* Discriminator audio: changes of the line are its two levels, which nrz_bank.h reads in several lanes. Of
 * every block the lane that is surest of it is taken; a line bit is the sum of the changes so far. What a
 * wrong change does to the bits after it is why the radio channel itself is so much better a source. */
#ifndef ATALAYA_DSP_GMSK_AUDIO_H
#define ATALAYA_DSP_GMSK_AUDIO_H

#include "bit_train.h"
#include "gmsk_detect.h"
#include "nrz_bank.h"
#include "nrz_filter.h"

#define GMSK_AUDIO_MOST_RATE_HZ 160000.0

enum { GMSK_AUDIO_RING = 1024 }; /* bits remembered of a lane: a power of two */

struct gmsk_audio {
    double samples_a_bit;
    uint64_t total; /* samples */
    struct nrz_filter filter;
    struct nrz_bank bank;
    struct bit_train trains[NRZ_LANES];
    uint64_t count[NRZ_LANES]; /* changes read by each lane */
    int8_t changes[NRZ_LANES][GMSK_AUDIO_RING];
    unsigned chosen;
    double next; /* where the next block begins, input samples */
    bool line;   /* sum of the changes */
};

/* rate_hz up to GMSK_AUDIO_MOST_RATE_HZ */
void gmsk_audio_init(struct gmsk_audio *audio, double rate_hz);
void gmsk_audio_reset(struct gmsk_audio *audio);
/* At most NRZ_CHUNK_MAX samples. */
void gmsk_audio_push(struct gmsk_audio *audio, const float *samples, unsigned count);
/* The next block of line bits and where its first bit begins, in input samples; false when it is not complete
 * yet. */
bool gmsk_audio_take(struct gmsk_audio *audio, int8_t soft[GMSK_BLOCK], double *first_sample);

#endif
