/* SPDX-License-Identifier: Apache-2.0 */
/* Discriminator audio: changes of the line are its two levels, which nrz_bank.h reads; a line bit is the sum
 * of the changes so far. What a wrong change does to the bits after it is why the radio channel itself is so
 * much better a source. */
#ifndef ATALAYA_DSP_GMSK_AUDIO_H
#define ATALAYA_DSP_GMSK_AUDIO_H

#include "bit_train.h"
#include "nrz_bank.h"
#include "nrz_filter.h"

#define GMSK_AUDIO_MOST_RATE_HZ 160000.0

struct gmsk_audio {
    double samples_a_bit;
    uint64_t total; /* samples */
    struct nrz_filter filter;
    struct nrz_bank bank;
    struct bit_train trains[NRZ_LANES];
    bool line[NRZ_LANES]; /* sum of the changes */
};

/* rate_hz up to GMSK_AUDIO_MOST_RATE_HZ */
void gmsk_audio_init(struct gmsk_audio *audio, double rate_hz);
void gmsk_audio_reset(struct gmsk_audio *audio);
/* At most NRZ_CHUNK_MAX samples. */
void gmsk_audio_execute(struct gmsk_audio *audio, const float *samples, unsigned count, modem_sink *sink,
                        void *context);
enum atalaya_result gmsk_audio_measure(const struct gmsk_audio *audio, unsigned branch, uint64_t first_bit,
                                       uint64_t end_bit, struct burst_figures *figures);

#endif
