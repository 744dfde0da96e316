/* SPDX-License-Identifier: Apache-2.0 */
#include "biphase_burst.h"

#include <math.h>
#include <string.h>

#include "biphase_phase.h"

#define MOST_OF_KNOWN 1.5F
#define LEVEL_LEAST   0.15F /* of the mean one: no level control does more within a burst */
#define LAST_PART     0.35 /* of a bit, on either side of its middle: what is heard of the last one in audio */

enum {
    COMMON_BITS = 16,
    LEVEL_REACH = 14, /* bits on either side whose level is a bit's: 35 ms */
    LAST_BEFORE = 16, /* bits that the loudness of what comes after the last one is compared with, */
    LAST_AFTER = 2    /* and of that */
};

static float size_of(float complex z)
{
    return sqrtf(crealf(z) * crealf(z) + cimagf(z) * cimagf(z)); /* cabsf takes care of overflow, slowly */
}

/* Mixes the carrier to 0 and sums up, so that the sum over any stretch is a difference. */
static void sums_make(struct biphase_reader *reader, const struct biphase_window *window,
                      const struct biphase_find *find)
{
    const double oldest = (double)(window->total - window->count);
    double from = floor(find->start - BIPHASE_BEFORE_BITS * find->bit);
    double complex mixer = 1.0, sum = 0.0;
    const double complex step = cos(find->turn) - sin(find->turn) * (double complex)_Complex_I;
    from = from > oldest ? from : oldest;
    unsigned first = (unsigned)(from - oldest);
    reader->from = from;
    reader->count = window->count - first;
    if (reader->count > BIPHASE_BURST_SAMPLES)
        reader->count = BIPHASE_BURST_SAMPLES;
    for (unsigned i = 0; i < reader->count; i++) {
        reader->sum[i] = (float complex)sum;
        sum += (double complex)window->z[first + i] * mixer;
        mixer *= step;
    }
    reader->sum[reader->count] = (float complex)sum;
}

/* The sum of all before instant `at`. Outside of what there is nothing adds up. */
static float complex sum_at(const struct biphase_reader *reader, double at)
{
    double into = at - reader->from;
    if (!(into > 0.0))
        return reader->sum[0];
    unsigned i = (unsigned)into;
    if (i >= reader->count)
        return reader->sum[reader->count];
    float part = (float)(into - (double)i);
    return reader->sum[i] + part * (reader->sum[i + 1] - reader->sum[i]);
}

float complex biphase_sum(const struct biphase_reader *reader, double from, double to)
{
    return sum_at(reader, to) - sum_at(reader, from);
}

static void bits_sum(struct biphase_reader *reader, double start, double bit, unsigned count)
{
    float complex before = sum_at(reader, start);
    for (unsigned k = 0; k < count; k++) {
        float complex middle = sum_at(reader, start + (k + 0.5) * bit);
        float complex end = sum_at(reader, start + (k + 1.0) * bit);
        reader->c[k] = end - before;
        reader->d[k] = 2.0F * middle - before - end;
        before = end;
    }
}

/* How well that clock fits: transitions lie in the middles of the bits, and those that are known agree. After
 * a short message comes what it may, in audio loud noise: no bit counts for much more than a known one. */
static float clock_fit(struct biphase_reader *reader, double start, double bit)
{
    float complex common = 0.0F, last = 0.0F;
    bits_sum(reader, start, bit, BIPHASE_BITS);
    for (unsigned k = 0; k < COMMON_BITS; k++)
        common += biphase_known(k) * reader->d[k];
    for (unsigned k = COMMON_BITS; k < BIPHASE_KNOWN_BITS; k++)
        last += biphase_known(k) * reader->d[k];
    float sum = fmaxf(size_of(common + last), size_of(common - last));
    const float most = MOST_OF_KNOWN * sum / BIPHASE_KNOWN_BITS;
    for (unsigned k = BIPHASE_KNOWN_BITS; k < BIPHASE_BITS; k++)
        sum += fminf(size_of(reader->d[k]), most);
    return sum;
}

/* The best of a grid of (2 * reach + 1)^2 clocks around the burst's. */
static void clock_search(struct biphase_reader *reader, struct biphase_burst *burst, double start_step,
                         double bit_step, int starts, int bits)
{
    const double start = burst->start, bit = burst->bit;
    float best = -1.0F;
    for (int i = -starts; i <= starts; i++)
        for (int k = -bits; k <= bits; k++) {
            double new_start = start + i * start_step, new_bit = bit + k * bit_step;
            float fit = clock_fit(reader, new_start, new_bit);
            if (fit <= best)
                continue;
            best = fit;
            burst->start = new_start;
            burst->bit = new_bit;
        }
}

/* Coarse, then fine, at last 1/64 of a bit and 0.012 %. */
static void clock_find(struct biphase_reader *reader, struct biphase_burst *burst)
{
    const double bit = burst->bit;
    clock_search(reader, burst, bit / 16, 0.002 * bit, 8, 5);
    clock_search(reader, burst, burst->bit, 0.0, 2, 0);
    clock_search(reader, burst, bit / 32, 0.0007 * bit, 2, 3);
    clock_search(reader, burst, bit / 64, 0.00025 * bit, 2, 2);
    clock_search(reader, burst, bit / 128, 0.00012 * bit, 1, 2);
    bits_sum(reader, burst->start, burst->bit, BIPHASE_BITS);
}

float complex biphase_bit(const struct biphase_reader *reader, const struct biphase_burst *burst, int k)
{
    double at = burst->start + k * burst->bit, middle = at + 0.5 * burst->bit;
    return biphase_sum(reader, at, middle) - biphase_sum(reader, middle, at + burst->bit);
}

/* Mean power in the bits' shape of `count` bits from bit `first` on, which may be negative. */
static float power_in_shape(const struct biphase_reader *reader, const struct biphase_burst *burst, int first,
                            int count)
{
    float sum = 0.0F;
    for (int k = first; k < first + count; k++) {
        float complex d = biphase_bit(reader, burst, k);
        sum += crealf(d) * crealf(d) + cimagf(d) * cimagf(d);
    }
    return sum / (float)count;
}

static float mean_square(const struct biphase_burst *burst)
{
    float square = 1e-30F;
    for (unsigned k = 0; k < BIPHASE_SHORT_BITS; k++)
        square += burst->value[k] * burst->value[k] / BIPHASE_SHORT_BITS;
    return square;
}

static void judge(struct biphase_burst *burst)
{
    float mean = 0.0F;
    for (unsigned k = 0; k < BIPHASE_SHORT_BITS; k++)
        mean += fabsf(burst->value[k]) / BIPHASE_SHORT_BITS;
    burst->open = mean * mean / mean_square(burst);
}

/* How loud bits first .. first + count - 1 are. */
static float loudness(const struct biphase_reader *reader, const struct biphase_burst *burst, int first,
                      int count)
{
    float sum = 1e-30F;
    for (int k = first; k < first + count; k++)
        sum += fabsf(cimagf(biphase_bit(reader, burst, k)));
    return sum / (float)count;
}

/* The last bit of a message of `bits` bits. Filters delay bits more than the beginning of the noise that a
 * discriminator makes when the carrier has gone: its end is not trusted, and the rest of it the less, the
 * louder that noise is. */
static float last_bit(const struct biphase_reader *reader, const struct biphase_burst *burst, int bits)
{
    const double middle = burst->start + (bits - 0.5) * burst->bit, part = LAST_PART * burst->bit;
    const float complex d =
        biphase_sum(reader, middle - part, middle) - biphase_sum(reader, middle, middle + part);
    const float before = loudness(reader, burst, bits - 1 - LAST_BEFORE, LAST_BEFORE);
    const float sure = fminf(1.0F, before / loudness(reader, burst, bits, LAST_AFTER));
    return cimagf(d) * (float)(0.5 / LAST_PART) * sure * sure;
}

static void audio_read(const struct biphase_reader *reader, struct biphase_burst *burst)
{
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        burst->value[k] = cimagf(reader->d[k]);
    burst->value[BIPHASE_SHORT_BITS - 1] = last_bit(reader, burst, BIPHASE_SHORT_BITS);
    burst->value[BIPHASE_BITS - 1] = last_bit(reader, burst, BIPHASE_BITS);
    for (int k = 0; k < BIPHASE_MARGIN; k++) {
        burst->margin[k] = cimagf(biphase_bit(reader, burst, k - BIPHASE_MARGIN));
        burst->margin[BIPHASE_MARGIN + k] = cimagf(biphase_bit(reader, burst, BIPHASE_BITS + k));
    }
}

/* Makes all bits equally large, whatever a receiver's level control has made of them: noise it turns up and
 * down with them. What follows a short message does not count for its last bits; and what is next to nothing
 * stays so: there the audio was cut off. */
static void level_out(struct biphase_burst *burst)
{
    float sum[BIPHASE_BITS + 1] = {0.0F}, level[BIPHASE_BITS];
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        sum[k + 1] = sum[k] + fabsf(burst->value[k]);
    const float least = LEVEL_LEAST * sum[BIPHASE_SHORT_BITS] / BIPHASE_SHORT_BITS + 1e-30F;
    for (unsigned k = 0; k < BIPHASE_BITS; k++) {
        const unsigned most = k < BIPHASE_SHORT_BITS ? BIPHASE_SHORT_BITS : BIPHASE_BITS;
        const unsigned from = k > LEVEL_REACH ? k - LEVEL_REACH : 0;
        const unsigned end = k + LEVEL_REACH + 1 < most ? k + LEVEL_REACH + 1 : most;
        level[k] = fmaxf((sum[end] - sum[from]) / (float)(end - from), least);
        burst->value[k] /= level[k];
    }
    for (unsigned k = 0; k < BIPHASE_MARGIN; k++) {
        burst->margin[k] /= level[0];
        burst->margin[BIPHASE_MARGIN + k] /= level[BIPHASE_BITS - 1];
    }
}

void biphase_burst_read(struct biphase_reader *reader, const struct biphase_window *window,
                        const struct biphase_find *find, bool coherent, struct biphase_burst *burst)
{
    memset(burst, 0, sizeof *burst);
    burst->start = find->start;
    burst->bit = find->bit;
    burst->turn = find->turn;
    sums_make(reader, window, find);
    clock_find(reader, burst);
    if (coherent) {
        biphase_phase_read(reader, burst);
        judge(burst);
        return;
    }
    audio_read(reader, burst);
    float power = mean_square(burst);
    level_out(burst);
    judge(burst);
    burst->amplitude = NAN;
    burst->before = power_in_shape(reader, burst, -60, 58) / power;
    burst->ebn0 = burst->open / (2.0F * fmaxf(1.0F - burst->open, 0.001F));
}
