/* SPDX-License-Identifier: Apache-2.0 */
#include "repair.h"

#include <string.h>

#include "atalaya/protocol/crc.h"
#include "plausible.h"

enum {
    FLAG = 0x7e,
    STUFF_AFTER = 5,
    ABORT_AFTER = 6,
    GATE_OCTETS = 2 * AX25_ADDRESS_SIZE,
    GATE_LIKELY = 10, /* of the twelve characters of two addresses */
    LEAST_BITS = (AX25_FRAME_MIN + HDLC_FCS_SIZE) * 8
};

/* 16 x 200 ln(1 + exp(-r / 200)) in the middle of steps of 32; nothing beyond. */
enum { DOUBT_STEP = 32, DOUBT_UNITS = 16 };
static const uint16_t doubts[] = {2093, 1857, 1642, 1446, 1269, 1110, 969, 843, 731, 633, 547, 472, 406, 349,
                                  300,  257,  221,  189,  162,  138,  118, 101, 86,  74,  63,  54,  46,  39,
                                  33,   28,   24,   21,   18,   15,   13,  11,  9,   8,   7,   6,   5,   4,
                                  4,    3,    3,    2,    2,    2,    1,   1,   1,   1,   1,   1,   1,   0};

enum { DOUBT_END = DOUBT_STEP * (sizeof doubts / sizeof *doubts) };
_Static_assert((int)DOUBT_END > (int)REPAIR_REACH, "what is no doubt is no repair either");

/* What is tried: from an opening to a flag. */
struct candidate {
    const struct repair *repair;
    const struct repair_opening *opening;
    size_t count;                     /* line bits */
    uint8_t level[REPAIR_MEMORY + 1]; /* of them, and of the bit before */
    int stuffed, aborts;              /* zeros to be taken from it; runs of ones that no frame has */
    unsigned trials;
    unsigned left; /* of what another error may cost */
};

void repair_reset(struct repair *repair)
{
    /* Nothing before bit 0 is looked at. */
    repair->next = 0;
    repair->scrambled = false;
    repair->last = false;
    repair->opening_count = 0;
    repair->recent = 0;
    repair->first_bit = 0;
    repair->flipped = repair->cost = 0;
    memset(repair->waiting, 0, sizeof repair->waiting);
}

static bool level_at(const struct repair *repair, uint64_t index)
{
    return (repair->level[index % REPAIR_MEMORY / 8] >> index % 8 & 1) != 0;
}

/* Counts a doubt, and keeps it if it is among the likeliest since the opening; of equals the first. */
static void offer(struct repair_opening *opening, struct error_event event, uint64_t index)
{
    unsigned place = opening->events, step = event.reliability / DOUBT_STEP;
    if (index < opening->first || index - opening->first >= REPAIR_MEMORY)
        return;
    opening->doubt += doubts[step];
    if (place == REPAIR_EVENTS && event.reliability >= opening->event[--place].reliability)
        return;
    opening->events = place + 1;
    for (; place > 0 && opening->event[place - 1].reliability > event.reliability; place--)
        opening->event[place] = opening->event[place - 1];
    opening->event[place] =
        (struct repair_event){event.mask, event.reliability, (uint16_t)(index - opening->first)};
}

bool repair_push(struct repair *repair, bool level, struct error_event event)
{
    const uint64_t index = repair->next++;
    const bool same = index > 0 && repair->last == level; /* NRZI */
    uint8_t *octet = &repair->level[index % REPAIR_MEMORY / 8];
    const uint8_t bit = (uint8_t)(1U << index % 8);
    *octet = level ? *octet | bit : *octet & (uint8_t)~bit;
    repair->last = level;
    struct error_event *waiting = &repair->waiting[index % HDLC_FLAG_BITS];
    const bool doubtful = waiting->mask != 0 && waiting->reliability < DOUBT_END;
    for (unsigned i = 0; doubtful && i < repair->opening_count; i++)
        offer(&repair->opening[i], *waiting, index - HDLC_FLAG_BITS);
    *waiting = event;
    repair->recent = (uint8_t)(repair->recent >> 1 | (same ? 0x80 : 0));
    return repair->recent == FLAG;
}

/* Line levels to octets: level[0] is the bit before. At most `max` octets; 0 = no frame can look like this.
 */
static size_t unstuff(const uint8_t *level, size_t count, uint8_t *octets, size_t max)
{
    unsigned ones = 0, filled = 0, octet = 0;
    size_t length = 0;
    for (size_t i = 1; i <= count; i++) {
        bool bit = level[i] == level[i - 1];
        if (!bit && ones == STUFF_AFTER) {
            ones = 0;
            continue;
        }
        ones = bit ? ones + 1 : 0;
        if (ones > STUFF_AFTER)
            return 0;
        octet = octet >> 1 | (bit ? 0x80U : 0);
        if (++filled < 8)
            continue;
        if (length == max)
            return 0;
        octets[length++] = (uint8_t)octet;
        filled = octet = 0;
    }
    return filled == 0 ? length : 0;
}

/* Worth the trials: most of the first two addresses can be read as they stand. Errors in them may have
 * shifted what follows, but few do. */
static bool looks_like_frame(const struct repair *repair, uint64_t from, size_t count)
{
    unsigned likely = 0, octet = 0, filled = 0, ones = 0, octets = 0;
    bool before = level_at(repair, from - 1);
    for (size_t i = 0; i < count && octets < GATE_OCTETS; i++) {
        bool level = level_at(repair, from + i), bit = level == before;
        bool stuffed = !bit && ones == STUFF_AFTER;
        before = level;
        ones = bit ? ones + 1 : 0;
        if (stuffed)
            continue;
        octet = octet >> 1 | (bit ? 0x80U : 0);
        if (++filled < 8)
            continue;
        likely += octets % AX25_ADDRESS_SIZE < AX25_ADDRESS_SIZE - 1 && plausible_call_octet((uint8_t)octet);
        octets++;
        filled = octet = 0;
    }
    return likely >= GATE_LIKELY;
}

/* Adds to the candidate's tallies, or takes from them, what its data bits first .. last make: zeros that are
 * stuffed, and runs of ones that no frame has. Which they are depends on the six bits before each. */
static void tally(struct candidate *candidate, size_t first, size_t last, int sign)
{
    const uint8_t *level = candidate->level;
    unsigned ones = 0;
    for (size_t i = first > ABORT_AFTER ? first - ABORT_AFTER : 1; i <= last; i++) {
        bool bit = level[i] == level[i - 1];
        ones = bit ? ones + 1 : ones;
        if (i >= first) {
            candidate->stuffed += !bit && ones == STUFF_AFTER ? sign : 0;
            candidate->aborts += bit && ones == ABORT_AFTER ? sign : 0;
        }
        ones = bit ? ones : 0;
    }
}

/* Turns the pattern of the event at `at` over, or back; bits outside the candidate stay. The descrambler adds
 * the line bits of now, 12 and 17 bits ago (scrambler.h), so that each wrong one comes out three times. */
static void flip(struct candidate *candidate, const struct repair_event *event)
{
    static const uint8_t later[] = {0, 12, 17};
    const unsigned times = candidate->repair->scrambled ? sizeof later : 1;
    const size_t at = event->at, count = candidate->count;
    const size_t reach = 31U - (unsigned)__builtin_clz(event->mask), first = at > reach ? at - reach + 1 : 1;
    size_t last = at + later[times - 1] + 2 + ABORT_AFTER; /* a level makes its own data bit and the next */
    last = last < count ? last : count;
    tally(candidate, first, last, -1);
    for (uint32_t rest = event->mask; rest != 0; rest &= rest - 1) {
        size_t back = (size_t)__builtin_ctz(rest);
        for (unsigned i = 0; i < times; i++)
            if (back <= at + later[i] && at + later[i] - back < count)
                candidate->level[1 + at + later[i] - back] ^= 1;
    }
    tally(candidate, first, last, 1);
}

/* Bits in which the candidate differs now from what was decided. */
static unsigned count_flipped(const struct candidate *candidate)
{
    unsigned flipped = 0;
    for (size_t i = 0; i < candidate->count; i++)
        flipped += candidate->level[1 + i] != level_at(candidate->repair, candidate->opening->first + i);
    return flipped;
}

/* Most trials end at the tallies: the octets must be whole. */
static size_t read_frame(const struct candidate *candidate, uint8_t frame[REPAIR_FRAME_MAX])
{
    const size_t count = candidate->count;
    if (candidate->aborts != 0 || (count - (size_t)candidate->stuffed) % 8 != 0)
        return 0;
    size_t length = unstuff(candidate->level, count, frame, REPAIR_FRAME_MAX);
    bool good = length >= AX25_FRAME_MIN + HDLC_FCS_SIZE && crc16_x25(frame, length) == CRC16_X25_GOOD &&
                plausible_addresses(frame, length);
    if (good && candidate->left < REPAIR_SPOILT && plausible_spoilt_text(frame, length))
        return 0;
    return good ? length : 0;
}

/* Errors from the `next` likeliest on, at most `depth` of them at once. */
static size_t try_events(struct candidate *candidate, unsigned next, unsigned depth,
                         uint8_t frame[REPAIR_FRAME_MAX])
{
    const struct repair_opening *opening = candidate->opening;
    size_t length = 0;
    for (; length == 0 && next < opening->events && candidate->trials < REPAIR_TRIALS_MAX; next++) {
        const struct repair_event *event = &opening->event[next];
        if (event->reliability > candidate->left)
            break;
        candidate->trials++;
        candidate->left -= event->reliability;
        flip(candidate, event);
        length = read_frame(candidate, frame);
        if (length == 0 && depth > 1)
            length = try_events(candidate, next + 1, depth - 1, frame);
        if (length > 0)
            break;
        flip(candidate, event);
        candidate->left += event->reliability;
    }
    return length;
}

/* From one opening to the flag that was just heard. */
static size_t try_opening(struct repair *repair, struct repair_opening *opening)
{
    uint64_t from = opening->first, end = repair->next - HDLC_FLAG_BITS;
    if (opening->tries >= REPAIR_CLOSINGS || end < from + LEAST_BITS ||
        repair->next - from >= REPAIR_MEMORY - HDLC_FLAG_BITS)
        return 0;
    size_t count = (size_t)(end - from);
    if (!looks_like_frame(repair, from, count)) {
        opening->tries = REPAIR_CLOSINGS;
        return 0;
    }
    opening->tries++;
    const unsigned doubt = opening->doubt / DOUBT_UNITS;
    if (doubt >= REPAIR_REACH)
        return 0;
    struct candidate candidate = {.left = REPAIR_REACH - doubt};
    candidate.repair = repair;
    candidate.opening = opening;
    candidate.count = count;
    for (size_t k = 0; k <= count; k++)
        candidate.level[k] = level_at(repair, from - 1 + k);
    tally(&candidate, 1, count, 1);
    size_t length = try_events(&candidate, 0, REPAIR_AT_ONCE, repair->frame);
    repair->cost = REPAIR_REACH - candidate.left;
    repair->first_bit = from - HDLC_FLAG_BITS;
    repair->flipped = count_flipped(&candidate);
    return length;
}

size_t repair_try(struct repair *repair)
{
    size_t length = 0;
    for (unsigned i = repair->opening_count; i-- > 0 && length == 0;)
        length = try_opening(repair, &repair->opening[i]);
    return length;
}

void repair_flag(struct repair *repair, bool found)
{
    unsigned *count = &repair->opening_count;
    if (found)
        *count = 0;
    if (*count > 0 && repair->next - repair->opening[*count - 1].first < LEAST_BITS)
        --*count; /* too near to have been a frame: this flag opens instead */
    if (*count == REPAIR_OPENINGS) {
        memmove(repair->opening, repair->opening + 1, sizeof repair->opening - sizeof repair->opening[0]);
        --*count;
    }
    repair->opening[(*count)++] = (struct repair_opening){.first = repair->next};
}
