/* SPDX-License-Identifier: Apache-2.0 */
#include "keys.h"

#include <math.h>
#include <string.h>

#include "atalaya/tones.h"

/* Q.24 asks for tones of 40 ms and pauses of 40 ms, 1.5 to 1.8 % of deviation and 8 dB of twist; the frames'
 * window is 30 ms long. */
enum {
    DOUBT_LEAST = 3, /* fewer frames than this are no key that was missed */
    HELD_LEAST = 6,  /* frames with the key; a tone of 40 ms gives 8 or more */
    GONE = 3,        /* frames without it after which it was let go, when they hold none of its tones */
    GONE_NOISY = 6   /* ... when something of them is left: a disturbance */
};
#define PAIR_LEAST        0.35F /* part of both tones together in the band's power */
#define PAIR_GONE         0.12F /* less is a pause */
#define TWIST_MOST        10.0F /* ratio of powers, either way */
#define OTHERS_MOST       0.5F  /* any other tone, as a part of the weaker one */
#define DEVIATION_PERCENT 2.1F
#define DIFFERENCE_PERCENT                                                                                   \
    1.6F /* of the two deviations: a sender's errors are 0.75 % at most, voices' are any */
/* A sender's tones stand still, a voice's glide: how far the mean deviation of four frames may move within a
 * key, of tones that are all there is, and of such as are buried. At 0 dB in 2500 Hz one key of 300 moves
 * farther. */
#define MOVES_PERCENT       0.8F
#define MOVES_NOISY_PERCENT 0.5F
#define APART_PERCENT       4.0F /* nearer ones are the same peak of the spectrum */

const uint8_t dtmf_row[DTMF_ROWS] = {TONE_697, TONE_770, TONE_852, TONE_941};
const uint8_t dtmf_column[DTMF_COLUMNS] = {TONE_1209, TONE_1336, TONE_1477, TONE_1633};

static unsigned strongest(const struct tone_frame *frame, const uint8_t *tones, unsigned count)
{
    unsigned best = 0;
    for (unsigned i = 1; i < count; i++)
        if (frame->power[tones[i]] > frame->power[tones[best]])
            best = i;
    return best;
}

static bool is_near(unsigned a, unsigned b)
{
    return 100.0F * fabsf((float)tone_hz(a) - (float)tone_hz(b)) < APART_PERCENT * (float)tone_hz(b);
}

static bool stands_alone(const struct tone_frame *frame, unsigned row, unsigned column)
{
    float most = OTHERS_MOST * fminf(frame->power[row], frame->power[column]);
    for (unsigned t = 0; t < TONE_COUNT; t++)
        if (frame->power[t] > most && !is_near(t, row) && !is_near(t, column))
            return false;
    return true;
}

/* The key whose tones the frame holds, or DTMF_KEYS. */
static unsigned read_key(const struct tone_frame *frame)
{
    unsigned r = strongest(frame, dtmf_row, DTMF_ROWS), c = strongest(frame, dtmf_column, DTMF_COLUMNS);
    unsigned row = dtmf_row[r], column = dtmf_column[c];
    float low = frame->power[row], high = frame->power[column];
    if (low + high < PAIR_LEAST || low > TWIST_MOST * high || high > TWIST_MOST * low)
        return DTMF_KEYS;
    float row_off = tone_frame_deviation(frame, row), column_off = tone_frame_deviation(frame, column);
    if (fabsf(row_off) > DEVIATION_PERCENT || fabsf(column_off) > DEVIATION_PERCENT ||
        fabsf(row_off - column_off) > DIFFERENCE_PERCENT)
        return DTMF_KEYS;
    return stands_alone(frame, row, column) ? r * DTMF_COLUMNS + c : DTMF_KEYS;
}

static float left_of(const struct tone_frame *frame, unsigned key)
{
    return frame->power[dtmf_row[key / DTMF_COLUMNS]] + frame->power[dtmf_column[key % DTMF_COLUMNS]];
}

/* Follows the deviation of the key that is held. */
static void watch_deviation(struct dtmf_keys *keys, const struct tone_frame *frame)
{
    unsigned row = dtmf_row[keys->key / DTMF_COLUMNS], column = dtmf_column[keys->key % DTMF_COLUMNS];
    float sum = 0.0F;
    keys->recent[keys->held % DTMF_RECENT] =
        0.5F * (tone_frame_deviation(frame, row) + tone_frame_deviation(frame, column));
    keys->share += left_of(frame, keys->key);
    if (keys->held + 1U < DTMF_RECENT)
        return;
    for (unsigned i = 0; i < DTMF_RECENT; i++)
        sum += keys->recent[i] / DTMF_RECENT;
    keys->lowest = fminf(keys->lowest, sum);
    keys->highest = fmaxf(keys->highest, sum);
}

bool dtmf_keys_glides(const struct dtmf_keys *keys)
{
    float noise = 1.0F - keys->share / (float)keys->held;
    return keys->key < DTMF_KEYS && keys->told &&
           keys->highest - keys->lowest > MOVES_PERCENT + MOVES_NOISY_PERCENT * noise;
}

void dtmf_keys_reset(struct dtmf_keys *keys)
{
    memset(keys, 0, sizeof *keys);
    keys->key = DTMF_KEYS;
}

bool dtmf_keys_take(struct dtmf_keys *keys, const struct tone_frame *frame, unsigned *key)
{
    unsigned seen = read_key(frame);
    uint64_t now = keys->now++;
    if (keys->key < DTMF_KEYS && seen != keys->key) {
        unsigned patience = left_of(frame, keys->key) < PAIR_GONE ? GONE : GONE_NOISY;
        if (++keys->absent >= patience || (seen < DTMF_KEYS && !keys->told)) {
            if (!keys->told && keys->held >= DOUBT_LEAST)
                keys->doubt = now;
            keys->key = DTMF_KEYS;
        }
    }
    if (seen == DTMF_KEYS || (keys->key < DTMF_KEYS && seen != keys->key))
        return false;
    if (keys->key == DTMF_KEYS) {
        keys->key = (uint8_t)seen;
        keys->told = false;
        keys->held = 0;
        keys->begin = now;
        keys->share = 0.0F;
        keys->lowest = INFINITY;
        keys->highest = -INFINITY;
    }
    watch_deviation(keys, frame);
    keys->absent = 0;
    keys->last = now;
    if (++keys->held < HELD_LEAST || keys->told)
        return false;
    keys->told = true;
    *key = seen;
    return true;
}
