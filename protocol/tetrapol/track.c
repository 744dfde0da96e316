/* SPDX-License-Identifier: Apache-2.0 */
#include "track.h"

#include <string.h>

#include "atalaya/protocol/ones.h"
#include "turned.h"

enum {
    FRAME = TETRAPOL_FRAME_BITS,
    SYNC = TETRAPOL_SYNC_BITS,
    RING_MASK = TETRAPOL_TRACK_RING - 1,
    SYNC_WRONG_MAX = 1,
    MOVED_BITS = 20,     /* ... that the one being followed is now here */
    CANDIDATE_BITS = 16, /* evidence that makes a frame worth waiting for the next */
    BELIEVED_BITS = 48,
    FOLLOWED_BITS = 8,  /* of a frame where one is expected; noise gathers them once in 256 frames */
    OVERRULE_BITS = 40, /* evidence of a frame elsewhere that ends the one being followed */
    DOUBT_MISSES = 3,
    LOST_MISSES = 12,  /* 240 ms: a fade */
    LAGS = 40,         /* bits after which a frame is compared with itself; */
    SAME_PERCENT = 60, /* so far the same, or the contrary, are none that are sent: they come to 40 */
    ALTERNATE = 0xaa   /* what a turned carrier sense adds to the sync word, or its inverse */
};

/* Senses of a sync word: bit 0 says that it is there, bit 1 inverted, bit 2 alternating from its first bit.
 */
enum { SENSE_FOUND = 1, SENSE_INVERTED = 2, SENSE_ALTERNATING = 4 };

static uint8_t sense_of(uint8_t word)
{
    for (unsigned sense = 0; sense < 4; sense++) {
        unsigned wanted = TETRAPOL_SYNC ^ (sense & 1 ? 0xffU : 0U) ^ (sense & 2 ? (unsigned)ALTERNATE : 0U);
        if (ones_count(word ^ wanted) <= SYNC_WRONG_MAX)
            return (uint8_t)(SENSE_FOUND | (sense & 1 ? SENSE_INVERTED : 0) |
                             (sense & 2 ? SENSE_ALTERNATING : 0));
    }
    return 0;
}

void tetrapol_track_reset(struct tetrapol_track *track)
{
    memset(track, 0, sizeof *track);
    for (unsigned word = 0; word < sizeof track->sense_of; word++)
        track->sense_of[word] = sense_of((uint8_t)word);
    tetrapol_search_reset(&track->search);
}

/* Line bits of the frame at `at` as they were sent. */
static void frame_take(const struct tetrapol_track *track, uint64_t at, bool inverted, bool alternating,
                       int8_t line[FRAME])
{
    for (unsigned i = 0; i < FRAME; i++) {
        int8_t soft = track->soft[(at + i) & RING_MASK];
        bool turn = inverted != (alternating && i % 2 == 0);
        line[i] = (int8_t)(turn ? -soft : soft);
    }
}

/* The pauses of a voice on a carrier, and its tones, repeat themselves; repeated bits are code words of
 * everything that is linear, if no scrambling hides it. Data has a second block, which they hardly ever fit.
 */
static bool is_monotonous(const struct tetrapol_channel *channel, const struct tetrapol_frame *frame,
                          const int8_t line[FRAME])
{
    for (unsigned lag = 1; lag <= LAGS && channel->scr == 0 && !frame->is_data; lag++) {
        int sum = 0;
        for (unsigned i = 0; i + lag < FRAME; i++)
            sum += (line[i] > 0) == (line[i + lag] > 0) ? 1 : -1;
        if (100 * (sum < 0 ? -sum : sum) > SAME_PERCENT * (int)(FRAME - lag))
            return true;
    }
    return false;
}

static int sync_sum(const int8_t *line)
{
    int sum = 0;
    for (unsigned i = 0; i < SYNC; i++)
        sum += TETRAPOL_SYNC >> (SYNC - 1 - i) & 1 ? line[i] : -line[i];
    return sum;
}

/* The frame whose place is known. Its bits may have turned over since the last one: a slip of the carrier's
 * phase costs a frame, not the transmission. */
static enum tetrapol_track_event follow(struct tetrapol_track *track)
{
    int8_t line[FRAME];
    frame_take(track, track->frame_at, false, track->alternation, line);
    if (sync_sum(line) < 0)
        frame_take(track, track->frame_at, true, track->alternation, line);
    tetrapol_frame_read(line + SYNC, &track->channel, &track->frame);
    if (track->frame.evidence_bits < FOLLOWED_BITS)
        track->frame.good =
            track->believed && tetrapol_turned_read(line + SYNC, &track->channel, &track->frame);
    else if (!track->believed &&
             is_monotonous(&track->channel, &track->frame, line)) /* later it is a pause */
        track->frame.good = false;
    track->frame_first_bit = track->frame_at;
    track->frame_at += FRAME;
    if (track->frame.good) {
        track->misses = 0;
        tetrapol_track_support(track, track->frame.evidence_bits);
        return TETRAPOL_TRACK_FRAME;
    }
    unsigned most = track->believed ? track->misses_most : DOUBT_MISSES;
    if (++track->misses < most)
        return TETRAPOL_TRACK_FRAME;
    track->locked = false;
    return TETRAPOL_TRACK_LOST;
}

/* A frame that begins at `at`, anywhere. */
static enum tetrapol_track_event hunt(struct tetrapol_track *track, uint64_t at, uint8_t sense)
{
    int8_t line[FRAME];
    struct tetrapol_channel channel = {TETRAPOL_UHF, 0};
    struct tetrapol_frame frame;
    frame_take(track, at, sense & SENSE_INVERTED, sense & SENSE_ALTERNATING, line);
    unsigned evidence = tetrapol_search_execute(&track->search, line + SYNC, &channel, &frame);
    bool moved = track->locked && track->believed && channel.band == track->channel.band &&
                 channel.scr == track->channel.scr; /* the same, after a slip of the clock */
    unsigned wanted = !track->locked    ? CANDIDATE_BITS
                      : moved           ? MOVED_BITS
                      : track->believed ? OVERRULE_BITS
                                        : track->evidence_bits + 1;
    if (evidence == 0 || evidence < wanted || is_monotonous(&channel, &frame, line))
        return TETRAPOL_TRACK_NONE;
    track->locked = true;
    track->misses = 0;
    if (!moved) {
        track->believed = false;
        track->misses_most = LOST_MISSES;
        track->evidence_bits = 0;
    }
    track->channel = channel;
    track->alternation = (sense & SENSE_ALTERNATING) != 0;
    track->frame = frame;
    track->frame_first_bit = at;
    track->frame_at = at + FRAME;
    tetrapol_track_support(track, evidence);
    return moved ? TETRAPOL_TRACK_FRAME : TETRAPOL_TRACK_FIRST;
}

enum tetrapol_track_event tetrapol_track_push(struct tetrapol_track *track, int8_t soft)
{
    track->soft[track->count & RING_MASK] = soft;
    track->latest = (uint8_t)(track->latest << 1 | (soft > 0));
    track->count++;
    if (track->count >= SYNC)
        track->sense[(track->count - SYNC) & RING_MASK] = track->sense_of[track->latest];
    if (track->count < FRAME)
        return TETRAPOL_TRACK_NONE;
    uint64_t at = track->count - FRAME;
    if (track->locked && at == track->frame_at)
        return follow(track);
    uint8_t sense = track->sense[at & RING_MASK];
    if (sense && (!track->locked || track->misses > 0 || !track->believed))
        return hunt(track, at, sense);
    return TETRAPOL_TRACK_NONE;
}

void tetrapol_track_support(struct tetrapol_track *track, unsigned evidence_bits)
{
    track->evidence_bits += evidence_bits;
    if (track->evidence_bits > 4 * BELIEVED_BITS)
        track->evidence_bits = 4 * BELIEVED_BITS;
    track->believed = track->believed || track->evidence_bits >= BELIEVED_BITS;
}

void tetrapol_track_expect_end(struct tetrapol_track *track)
{
    track->misses_most = 1;
}
