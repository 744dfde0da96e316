/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

#include <math.h>
#include <string.h>

#define HITS_LEAST     0.75F /* of a slot's frames must have its tone on top */
#define HITS_ALL_LEAST 0.85F /* of all slots' */
#define POWER_LEAST    0.12F /* mean of the tones' part in the band, in each slot */
#define SCORE_LEAST    0.12F /* see below; of standards with short tones, which are more easily imitated, */
#define SCORE_SHORT    0.20F /* this */
#define SPREAD_PERCENT 0.7F  /* of one tone's deviation from the others', */
#define SPREAD_TURNS   0.15F /* and so many turns over a tone's length: what noise does to short ones */
#define GLIDE_PERCENT  1.1F  /* by which the tones rise within their slots, on average: a siren's do by 3 */
#define DRIFT_PERCENT  2.2F  /* of all of them */
#define NEAR_PERCENT   3.3F  /* of a tone: a frame counts for it */
#define FIT_COST       0.05F /* in the score, for each per cent of spread and half of it for drift */
#define SCALE_COST     0.5F  /* for a length that is not the standard's */
#define HEAD_HITS      0.5F  /* of the slot before the first: more, and a tone stood there */
#define HEAD_POWER     0.2F  /* and so strong */

#define FOLLOW_POWER   0.4F /* of a sixth tone and more, against the first five's: noise has tones, too */
#define PREAMBLE_LEAST 3.0F /* hops that a first tone sounds before its own */

enum {
    SHORT_MS = 40,
    GATHER = 10,   /* frames in which a better fit may still come: half the longest tone */
    SHIFT = 2,     /* frames by which a followed tone may be early or late */
    STEADY = 6,    /* frames */
    SLOT_MOST = 22 /* frames: 100 ms, 6 % long */
};

struct rhythm {
    enum select5_family family;
    uint8_t tone_ms;
    float scale;
};

/* Senders keep their lengths to 10 % or so; five slots absorb half of that themselves. */
static const struct rhythm rhythms[] = {
    {FAMILY_ZVEI, 70, 1.0F},   {FAMILY_ZVEI, 70, 0.94F},  {FAMILY_ZVEI, 70, 1.06F}, {FAMILY_CCIR, 100, 1.0F},
    {FAMILY_CCIR, 100, 0.94F}, {FAMILY_CCIR, 100, 1.06F}, {FAMILY_CCIR, 70, 1.0F},  {FAMILY_CCIR, 70, 0.94F},
    {FAMILY_CCIR, 70, 1.06F},  {FAMILY_CCIR, 40, 1.0F},   {FAMILY_CCIR, 40, 0.94F}, {FAMILY_CCIR, 40, 1.06F},
    {FAMILY_EIA, 33, 1.0F},    {FAMILY_EIA, 33, 0.94F},   {FAMILY_EIA, 33, 1.06F},
};

struct slot {
    uint8_t tone;
    float hits;             /* part of its frames */
    float power, deviation; /* means over the hits, the latter mostly of frames without another tone */
    float glide;            /* deviation of the second half less that of the first */
};

static const struct select5_moment *moment_at(const struct select5_search *search, int64_t frame)
{
    return &search->moments[(uint64_t)frame % SELECT5_REMEMBERED];
}

static bool is_member(enum select5_family family, unsigned tone)
{
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++)
        if (select5_standards[s].family == family &&
            select5_letter(&select5_standards[s], tone) < SELECT5_LETTERS)
            return true;
    return false;
}

void select5_search_reset(struct select5_search *search)
{
    const float far = 1.1F * (NEAR_PERCENT + (float)TONES_REACH_PERCENT) / 100.0F;
    memset(search, 0, sizeof *search);
    memset(search->near, TONE_COUNT, sizeof search->near);
    for (unsigned f = 0; f < SELECT5_FAMILIES; f++)
        for (unsigned top = 0; top < TONE_COUNT; top++)
            for (unsigned t = 0, count = 0; t < TONE_COUNT && count < SELECT5_NEAR; t++)
                if (is_member((enum select5_family)f, t) &&
                    fabsf((float)tone_hz(t) - (float)tone_hz(top)) <= far * (float)tone_hz(top))
                    search->near[top][f][count++] = (uint8_t)t;
}

/* The member of the family next to the strongest tone. While one tone gives way to the next, the peak of the
 * spectrum lies between both: the limit is half the least distance of two tones, not the senders' error. */
static void read_moment(const struct select5_search *search, const struct tone_frame *frame,
                        struct select5_moment *moment)
{
    unsigned top = 0;
    for (unsigned t = 1; t < TONE_COUNT; t++)
        if (frame->power[t] > frame->power[top])
            top = t;
    float hz = (float)tone_hz(top) * (1.0F + tone_frame_deviation(frame, top) / 100.0F);
    moment->power = frame->power[top];
    memset(moment->tone, TONE_COUNT, sizeof moment->tone);
    for (unsigned f = 0; f < SELECT5_FAMILIES && moment->power > 0.0F; f++) {
        float nearest = NEAR_PERCENT;
        for (unsigned i = 0; i < SELECT5_NEAR && search->near[top][f][i] < TONE_COUNT; i++) {
            const uint8_t tone = search->near[top][f][i];
            float nominal = (float)tone_hz(tone), away = 100.0F * (hz - nominal);
            if (fabsf(away) >= fabsf(nearest) * nominal)
                continue;
            nearest = away / nominal;
            moment->tone[f] = tone;
        }
        moment->deviation[f] = nearest;
    }
}

/* What prevails from frame `from` up to `to`. */
static struct slot read_slot(const struct select5_search *search, enum select5_family family, int64_t from,
                             int64_t to)
{
    uint8_t count[TONE_COUNT + 1] = {0};
    struct slot slot = {.tone = TONE_COUNT};
    if (from < 0 || from >= to || to > (int64_t)search->now)
        return slot;
    for (int64_t i = from; i < to; i++) {
        uint8_t tone = moment_at(search, i)->tone[family];
        if (++count[tone] > count[slot.tone] || slot.tone == TONE_COUNT)
            slot.tone = tone;
    }
    if (slot.tone == TONE_COUNT)
        return slot;
    float weights = 0.0F, half[2] = {0.0F}, half_weights[2] = {1e-6F, 1e-6F};
    for (int64_t i = from; i < to; i++) {
        const struct select5_moment *moment = moment_at(search, i);
        if (moment->tone[family] != slot.tone)
            continue;
        float weight = moment->power * moment->power * moment->power * moment->power;
        slot.power += moment->power / (float)count[slot.tone];
        slot.deviation += weight * moment->deviation[family];
        weights += weight;
        half[2 * i >= from + to] += weight * moment->deviation[family];
        half_weights[2 * i >= from + to] += weight;
    }
    slot.glide = half[1] / half_weights[1] - half[0] / half_weights[0];
    slot.deviation /= weights;
    slot.hits = (float)count[slot.tone] / (float)(to - from);
    return slot;
}

/* With a part p of n frames at least, one tone is (2 p - 1) n ahead of all others together. */
static bool lead_suffices(unsigned lead, int64_t frames)
{
    return (float)lead >= (2.0F * HITS_LEAST - 1.0F) * (float)frames - 0.01F;
}

/* Can one tone have so many of the frames? If so it outlives all others that are struck out against it (R. S.
 * Boyer, J. S. Moore, MJRTY, 1991). Cheaper than counting them all, and mostly the answer is no. From frame
 * `to` back to `from`; leads, unless NULL: what each number of frames from 1 on comes to [size: to - from +
 * 1]. */
static unsigned find_lead(const struct select5_search *search, enum select5_family family, int64_t from,
                          int64_t to, uint8_t *leads)
{
    unsigned lead = 0, tone = TONE_COUNT;
    for (int64_t i = to; i-- > from;) {
        unsigned here = search->moments[(uint64_t)i % SELECT5_REMEMBERED].tone[family];
        tone = lead == 0 ? here : tone;
        lead = here == tone ? lead + 1 : lead - 1;
        if (leads)
            leads[to - i] = (uint8_t)(tone < TONE_COUNT ? lead : 0);
    }
    return tone < TONE_COUNT ? lead : 0;
}

static bool may_be_tone(const struct select5_search *search, enum select5_family family, int64_t from,
                        int64_t to)
{
    return from >= 0 && from < to && to <= (int64_t)search->now &&
           lead_suffices(find_lead(search, family, from, to, NULL), to - from);
}

static bool slot_is_tone(const struct slot *slot)
{
    return slot->tone < TONE_COUNT && slot->hits >= HITS_LEAST && slot->power >= POWER_LEAST;
}

/* Is the tone off as much as the others are? */
static bool is_in_tune(const struct slot *slot, float deviation, float hop)
{
    float turns_percent = 100.0F * SPREAD_TURNS * 1000.0F / (hop * TONES_HOP_MS * (float)tone_hz(slot->tone));
    return fabsf(slot->deviation - deviation) <= SPREAD_PERCENT + turns_percent;
}

/* Frames from tone to tone. */
static float rhythm_hop(const struct rhythm *rhythm)
{
    return (float)rhythm->tone_ms / TONES_HOP_MS * rhythm->scale;
}

/* Five slots up to now as a telegram, if they are one. */
static bool try_rhythm(const struct select5_search *search, const struct rhythm *rhythm,
                       struct select5_telegram *telegram)
{
    const float hop = rhythm_hop(rhythm);
    const int64_t now = (int64_t)search->now;
    struct slot slots[SELECT5_TONES];
    float hits = 0.0F, mean = 0.0F, spread = 0.0F, score = 0.0F, power = 0.0F, glide = 0.0F;
    for (int i = SELECT5_TONES - 1; i >= 0; i--) {
        struct slot *slot = &slots[i];
        const int64_t from = now - lrintf(hop * (float)(SELECT5_TONES - i)),
                      to = now - lrintf(hop * (float)(SELECT5_TONES - 1 - i));
        if (!may_be_tone(search, rhythm->family, from, to))
            return false;
        *slot = read_slot(search, rhythm->family, from, to);
        if (!slot_is_tone(slot) || (i + 1 < SELECT5_TONES && slot->tone == slots[i + 1].tone))
            return false;
        hits += slot->hits / SELECT5_TONES;
        mean += slot->deviation / SELECT5_TONES;
        power += slot->power / SELECT5_TONES;
        score += slot->hits * slot->power / SELECT5_TONES;
        glide += slot->glide / SELECT5_TONES;
    }
    if (hits < HITS_ALL_LEAST || fabsf(mean) > DRIFT_PERCENT || fabsf(glide) > GLIDE_PERCENT)
        return false;
    for (unsigned i = 0; i < SELECT5_TONES; i++) {
        if (!is_in_tune(&slots[i], mean, hop))
            return false;
        spread = fmaxf(spread, fabsf(slots[i].deviation - mean));
    }
    *telegram = (struct select5_telegram){.family = rhythm->family,
                                          .tone_ms = rhythm->tone_ms,
                                          .count = SELECT5_TONES,
                                          .start = (float)now - hop * SELECT5_TONES,
                                          .end = (float)now,
                                          .hop = hop,
                                          .deviation = mean,
                                          .power = power,
                                          .score = score - FIT_COST * (spread + 0.5F * fabsf(mean)) -
                                                   SCALE_COST * fabsf(rhythm->scale - 1.0F)};
    for (unsigned i = 0; i < SELECT5_TONES; i++)
        telegram->tone[i] = slots[i].tone;
    return telegram->score >= (rhythm->tone_ms > SHORT_MS ? SCORE_LEAST : SCORE_SHORT);
}

/* A tone that is neither the first one's beginning nor silence, one slot long. */
static bool is_headless(const struct select5_search *search, const struct select5_telegram *telegram)
{
    int64_t start = lrintf(telegram->start), before = lrintf(telegram->start - telegram->hop);
    struct slot slot = read_slot(search, telegram->family, before, start);
    struct slot earlier = read_slot(search, telegram->family, before - lrintf(telegram->hop), before);
    return slot.tone < TONE_COUNT && slot.tone != telegram->tone[0] && slot.hits >= HEAD_HITS &&
           slot.power >= HEAD_POWER && is_in_tune(&slot, telegram->deviation, telegram->hop) &&
           earlier.tone != slot.tone;
}

/* How long the first tone has been sounding: to wake sleeping receivers it may last a second. */
static float measure_lead(const struct select5_search *search, const struct select5_telegram *telegram)
{
    int64_t start = lrintf(telegram->start), frame = start;
    int64_t oldest = (int64_t)search->now - SELECT5_REMEMBERED;
    while (frame > 0 && frame > oldest &&
           moment_at(search, frame - 1)->tone[telegram->family] == telegram->tone[0])
        frame--;
    return (float)(start - frame);
}

/* Before an address there may be a long tone of another frequency, as a preamble or to open a repeater;
 * behind it the last tone may sound on. */
static void drop_ends(struct select5_telegram *telegram)
{
    if (telegram->count == SELECT5_TONES + 1 &&
        telegram->tone[SELECT5_TONES] == telegram->tone[SELECT5_TONES - 1]) {
        telegram->count--;
        telegram->end -= telegram->hop;
    }
    if (telegram->lead < PREAMBLE_LEAST * telegram->hop ||
        (telegram->count != SELECT5_TONES + 1 && telegram->count != 2 * SELECT5_TONES + 2))
        return;
    telegram->count--;
    memmove(telegram->tone, telegram->tone + 1, telegram->count);
    telegram->start += telegram->hop;
    telegram->lead = 0.0F;
}

static void gather(struct select5_search *search)
{
    struct select5_telegram found;
    uint8_t
        leads[SLOT_MOST + 1]; /* of the newest frames: mostly they are no tone, and nothing else is asked */
    for (unsigned r = 0; r < sizeof rhythms / sizeof *rhythms; r++) {
        const int64_t now = (int64_t)search->now, slot = lrintf(rhythm_hop(&rhythms[r]));
        if (r == 0 || rhythms[r].family != rhythms[r - 1].family)
            (void)find_lead(search, rhythms[r].family, now > SLOT_MOST ? now - SLOT_MOST : 0, now, leads);
        if (search->silent >> r & 1 || slot > now || !lead_suffices(leads[slot], slot) ||
            !try_rhythm(search, &rhythms[r], &found) || found.start < (float)search->settled - SHIFT)
            continue;
        if (search->phase == PHASE_GATHER && found.score <= search->telegram.score)
            continue;
        search->phase = PHASE_GATHER;
        search->telegram = found;
        search->best_at = search->now;
    }
    if (search->phase != PHASE_GATHER || search->now < search->best_at + GATHER)
        return;
    search->telegram.headless = is_headless(search, &search->telegram);
    search->telegram.lead = measure_lead(search, &search->telegram);
    search->phase = PHASE_FOLLOW;
}

/* The repeat tone at the end of the first address and again as what stands between two addresses sounds
 * through; else a tone that goes on is a long last one. */
static bool may_go_on(const struct select5_telegram *telegram)
{
    unsigned last = telegram->tone[telegram->count - 1];
    if (telegram->count != SELECT5_TONES)
        return false;
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++)
        if (select5_standards[s].family == telegram->family &&
            select5_standards[s].tone[SELECT5_REPEAT] == last)
            return true;
    return false;
}

/* True: the telegram has ended. */
static bool follow(struct select5_search *search)
{
    struct select5_telegram *telegram = &search->telegram;
    struct slot best = {.tone = TONE_COUNT};
    float best_end = telegram->end, best_score = 0.0F;
    if ((float)search->now < telegram->end + telegram->hop + SHIFT)
        return false;
    for (int shift = -SHIFT; shift <= SHIFT; shift++) {
        float from = telegram->end + (float)shift, to = from + telegram->hop;
        struct slot slot = read_slot(search, telegram->family, lrintf(from), lrintf(to));
        float score = slot.hits * slot.power - 0.002F * fabsf((float)shift);
        if (!slot_is_tone(&slot) || slot.hits < HITS_ALL_LEAST ||
            slot.power < FOLLOW_POWER * telegram->power || score <= best_score ||
            !is_in_tune(&slot, telegram->deviation, telegram->hop))
            continue;
        best = slot;
        best_score = score;
        best_end = to;
    }
    if (best.tone == TONE_COUNT || telegram->count == SELECT5_TONES_MOST ||
        (best.tone == telegram->tone[telegram->count - 1] && !may_go_on(telegram)))
        return true;
    telegram->tone[telegram->count++] = best.tone;
    telegram->end = best_end;
    return false;
}

void select5_search_allow(struct select5_search *search, uint32_t allowed)
{
    search->silent = 0;
    for (unsigned r = 0; r < sizeof rhythms / sizeof *rhythms; r++) {
        bool wanted = false;
        for (unsigned s = 0; s < SELECT5_STANDARDS; s++)
            wanted = wanted || ((allowed >> s & 1) && select5_standards[s].family == rhythms[r].family &&
                                select5_standards[s].tone_ms == rhythms[r].tone_ms);
        search->silent |= wanted ? 0 : UINT32_C(1) << r;
    }
}

bool select5_search_take(struct select5_search *search, const struct tone_frame *frame)
{
    read_moment(search, frame, &search->moments[search->now % SELECT5_REMEMBERED]);
    search->now++;
    if (search->phase != PHASE_FOLLOW)
        gather(search);
    if (search->phase != PHASE_FOLLOW || !follow(search))
        return false;
    search->phase = PHASE_SEARCH;
    search->settled = (uint64_t)search->telegram.end;
    drop_ends(&search->telegram);
    return true;
}

bool select5_search_sounds(const struct select5_search *search, enum select5_family family)
{
    struct slot slot = read_slot(search, family, (int64_t)search->now - STEADY, (int64_t)search->now);
    return slot_is_tone(&slot);
}
