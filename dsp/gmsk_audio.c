/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_audio.h"

#include <math.h>

#include "gmsk_pulse.h"
#include "nrz_pulse.h"

#define STAY 1.05 /* how much surer another lane must be */

enum {
    BEHIND = 8, /* bits beyond a block that a lane must have read */
    SPAN = GMSK_BLOCK + BEHIND + 2
};

/* The filter and bank are those of G3RUH, with time counted in bits of 8000 a second. */
void gmsk_audio_init(struct gmsk_audio *audio, double rate_hz)
{
    audio->samples_a_bit = rate_hz / GMSK_BIT_RATE;
    nrz_filter_init(&audio->filter, audio->samples_a_bit * NRZ_BIT_RATE, nrz_pulse_root);
    gmsk_audio_reset(audio);
}

void gmsk_audio_reset(struct gmsk_audio *audio)
{
    audio->total = 0;
    audio->chosen = 0;
    audio->next = 2.0 * audio->samples_a_bit; /* every lane has begun */
    audio->line = false;
    nrz_filter_reset(&audio->filter);
    nrz_bank_reset(&audio->bank, audio->samples_a_bit);
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        bit_train_reset(&audio->trains[i], BIT_TRAIN_HELD);
        audio->trains[i].scrambler = SCRAMBLER_NONE;
        audio->count[i] = 0;
    }
}

static void remember(void *context, const struct soft_run *run)
{
    struct gmsk_audio *audio = context;
    for (size_t i = 0; i < run->count; i++)
        audio->changes[run->branch][audio->count[run->branch]++ % GMSK_AUDIO_RING] = run->soft[i];
}

void gmsk_audio_push(struct gmsk_audio *audio, const float *samples, unsigned count)
{
    audio->total += count;
    nrz_filter_push(&audio->filter, samples, count);
    nrz_bank_execute(&audio->bank, &audio->filter, audio->trains);
    for (unsigned i = 0; i < NRZ_LANES; i++)
        bit_train_flush(&audio->trains[i], i, remember, audio);
}

static int size_of(int8_t soft)
{
    return soft < 0 ? -soft : soft;
}

/* Where lane i has the block that begins at `next`: the first bit's number, and in *at its beginning in input
 * samples. False when the block is not whole yet. */
static bool block_find(const struct gmsk_audio *audio, unsigned i, uint64_t *first, double *at)
{
    const double scale = audio->samples_a_bit / NRZ_PER_BIT;
    uint64_t end = audio->count[i], from = end > SPAN ? end - SPAN : 0;
    double start, length;
    if (end < SPAN)
        return false;
    bit_train_clock(&audio->trains[i], from, end, (uint64_t)((double)audio->total / scale), &start, &length);
    double bits = floor((audio->next / scale - start) / length + 0.5);
    if (bits < -(double)from || bits + GMSK_BLOCK + BEHIND > SPAN)
        return false;
    *first = (uint64_t)((double)from + bits);
    *at = (start + bits * length) * scale;
    return true;
}

static void block_give(struct gmsk_audio *audio, unsigned i, uint64_t first, int8_t soft[GMSK_BLOCK])
{
    for (unsigned k = 0; k < GMSK_BLOCK; k++) {
        int8_t change = audio->changes[i][(first + k) % GMSK_AUDIO_RING];
        audio->line = audio->line != (change > 0);
        soft[k] = (int8_t)(audio->line ? size_of(change) : -size_of(change));
    }
}

bool gmsk_audio_take(struct gmsk_audio *audio, int8_t soft[GMSK_BLOCK], double *first_sample)
{
    double most = -1.0;
    uint64_t first[NRZ_LANES] = {0};
    double at[NRZ_LANES];
    unsigned best = 0;
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        double sum = 0.0;
        if (!block_find(audio, i, &first[i], &at[i]))
            return false;
        for (unsigned k = 0; k < GMSK_BLOCK; k++)
            sum += size_of(audio->changes[i][(first[i] + k) % GMSK_AUDIO_RING]);
        sum *= i == audio->chosen ? STAY : 1.0;
        if (sum > most) {
            most = sum;
            best = i;
        }
    }
    block_give(audio, best, first[best], soft);
    audio->chosen = best;
    audio->next = at[best] + GMSK_BLOCK * audio->samples_a_bit;
    *first_sample = at[best];
    return true;
}
