/* SPDX-License-Identifier: Apache-2.0 */
#include "search.h"

#include <string.h>

enum {
    FIRST_CODED = 2 * TETRAPOL_FIRST_BITS,
    HALF = TETRAPOL_SECOND_BITS / 2,
    FIRST_MASK = (1 << TETRAPOL_FIRST_BITS) - 1,
    EVEN_ERROR = 5,       /* syndrome of a wrong first bit of a pair, */
    ODD_ERROR = 7,        /* and of a wrong second one */
    DATA_WEIGHT_MAX = 25, /* of 76 syndrome bits; noise has 38 +- 4.4. One wrong bit makes two or three */
    VOICE_WEIGHT_MAX = 6  /* of 26; noise has 13 +- 2.5 */
};

/* The check of code (7, 5): c0 (1 + D^2) + c1 (1 + D + D^2) = 0. */
static uint64_t block_syndrome(const uint8_t *coded, unsigned bits, bool tail_biting)
{
    uint64_t syndrome = 0;
    for (unsigned i = 0; i < bits; i++) {
        unsigned sum = coded[2 * i] ^ coded[2 * i + 1];
        if (i >= 1 || tail_biting)
            sum ^= coded[2 * ((i + bits - 1) % bits) + 1];
        if (i >= 2 || tail_biting) {
            unsigned at = 2 * ((i + bits - 2) % bits);
            sum ^= coded[at] ^ coded[at + 1];
        }
        syndrome |= (uint64_t)sum << i;
    }
    return syndrome;
}

static struct tetrapol_syndrome syndrome_of(const uint8_t *body, enum tetrapol_band band)
{
    uint8_t x[TETRAPOL_BODY_BITS], coded[TETRAPOL_BODY_BITS];
    for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++) {
        unsigned back = tetrapol_precoding(band, j);
        x[j] = body[j] ^ (back ? body[j - back] : 0);
    }
    for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++)
        coded[j] = x[tetrapol_position(band, true, j)];
    return (struct tetrapol_syndrome){block_syndrome(coded, TETRAPOL_FIRST_BITS, true),
                                      block_syndrome(coded + FIRST_CODED, TETRAPOL_SECOND_BITS, false)};
}

static uint32_t low_half(uint64_t second)
{
    return (uint32_t)second & ((UINT32_C(1) << HALF) - 1);
}

/* Every scrambling's sequence follows from its first seven bits, linearly: seven syndromes make them all. */
static void scramblings_make(struct tetrapol_columns *scrambler, enum tetrapol_band band)
{
    enum { ORDER = 7 };
    for (unsigned j = 0; j < ORDER; j++) {
        uint8_t body[TETRAPOL_BODY_BITS] = {0};
        body[j] = 1;
        for (unsigned k = ORDER; k < TETRAPOL_BODY_BITS; k++)
            body[k] = body[k - 1] ^ body[k - ORDER];
        const struct tetrapol_syndrome base = syndrome_of(body, band);
        for (unsigned scr = 1; scr < TETRAPOL_SCR_COUNT; scr++) {
            if (!tetrapol_scrambler(scr, j))
                continue;
            scrambler->first[scr] ^= (uint32_t)base.first;
            scrambler->low[scr] ^= low_half(base.second);
            scrambler->high[scr] ^= (uint32_t)(base.second >> HALF);
        }
    }
}

/* Moves the bits of the first block's syndrome round, as a tail-biting code does it. */
static inline uint32_t turned(uint32_t syndrome, unsigned places)
{
    return (syndrome << places | syndrome >> (TETRAPOL_FIRST_BITS - places)) & FIRST_MASK;
}

void tetrapol_search_reset(struct tetrapol_search *search)
{
    memset(search, 0, sizeof *search);
    for (unsigned i = 0; i < TETRAPOL_FIRST_BITS; i++) {
        search->single[2 * i] = turned(EVEN_ERROR, i);
        search->single[2 * i + 1] = turned(ODD_ERROR, i);
    }
    for (unsigned band = 0; band < TETRAPOL_BAND_COUNT; band++) {
        scramblings_make(&search->scrambler[band], (enum tetrapol_band)band);
        for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++) {
            uint8_t body[TETRAPOL_BODY_BITS] = {0};
            body[j] = 1;
            search->bit[band][j] = syndrome_of(body, (enum tetrapol_band)band);
        }
    }
}

/* The code is linear: a body's syndrome is the sum of its bits'. */
static struct tetrapol_syndrome syndrome_sum(const struct tetrapol_syndrome *bit, const int8_t *body)
{
    struct tetrapol_syndrome sum = {0, 0};
    for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++) {
        uint64_t taken = body[j] > 0 ? UINT64_MAX : 0;
        sum.first ^= bit[j].first & taken;
        sum.second ^= bit[j].second & taken;
    }
    return sum;
}

/* Scramblings that leave the least of a data frame's and of a voice frame's syndrome. */
struct choice {
    unsigned weight, scr;
};

/* Ones of a word in fours, and of fours together. */
static inline uint32_t fours(uint32_t bits)
{
    bits -= bits >> 1 & 0x55555555U;
    return (bits & 0x33333333U) + (bits >> 2 & 0x33333333U);
}

static inline uint32_t fours_sum(uint32_t counts)
{
    counts = (counts & 0x0f0f0f0fU) + (counts >> 4 & 0x0f0f0f0fU);
    counts += counts >> 8;
    return (counts + (counts >> 16)) & 0xffU;
}

/* Without a branch for each scrambling, so that compilers find vectors: weight above, number below. */
static void choices_make(const struct tetrapol_syndrome *heard, const struct tetrapol_columns *scrambler,
                         struct choice *data, struct choice *voice)
{
    enum { WEIGHT = 256 };
    const uint32_t first = (uint32_t)heard->first, low = low_half(heard->second),
                   high = (uint32_t)(heard->second >> HALF);
    int32_t least_data = (DATA_WEIGHT_MAX + 1) * WEIGHT, least_voice = (VOICE_WEIGHT_MAX + 1) * WEIGHT;
    for (int32_t scr = 0; scr < TETRAPOL_SCR_COUNT; scr++) {
        uint32_t one = fours(first ^ scrambler->first[scr]);
        uint32_t all = one + fours(low ^ scrambler->low[scr]) + fours(high ^ scrambler->high[scr]);
        int32_t by_data = (int32_t)fours_sum(all) * WEIGHT + scr;
        int32_t by_voice = (int32_t)fours_sum(one) * WEIGHT + scr;
        least_data = by_data < least_data ? by_data : least_data;
        least_voice = by_voice < least_voice ? by_voice : least_voice;
    }
    *data = (struct choice){(unsigned)least_data / WEIGHT, (unsigned)least_data % WEIGHT};
    *voice = (struct choice){(unsigned)least_voice / WEIGHT, (unsigned)least_voice % WEIGHT};
}
_Static_assert(TETRAPOL_FIRST_BITS <= 32 && HALF <= 32 && TETRAPOL_SECOND_BITS % 2 == 0,
               "columns of 32 bits");

/* One of single[]? Two ones with one place between, or three side by side. Without branches, as below. */
static inline bool is_single(uint32_t syndrome)
{
    uint32_t beyond = syndrome & turned(syndrome, 2), beside = beyond & turned(syndrome, 1);
    uint32_t one = syndrome & (syndrome - 1), two = one & (one - 1), three = two & (two - 1);
    return ((one != 0) & (two == 0) & (beyond != 0)) | ((two != 0) & (three == 0) & (beside != 0));
}

/* A voice frame with more than two wrong bits is no evidence worth the search (CANDIDATE_BITS in track.c):
 * those that leave such a syndrome are one in 50,000 of noise, where of the weights that they have there are
 * one in 200. */
static bool may_be_voice(const struct tetrapol_search *search, uint32_t syndrome)
{
    uint32_t found = (syndrome == 0) | is_single(syndrome);
    for (unsigned i = 0; i < TETRAPOL_SINGLES; i++)
        found |= is_single(syndrome ^ search->single[i]);
    return found != 0;
}

unsigned tetrapol_search_execute(const struct tetrapol_search *search, const int8_t *body,
                                 struct tetrapol_channel *channel, struct tetrapol_frame *frame)
{
    unsigned best = 0;
    for (unsigned band = 0; band < TETRAPOL_BAND_COUNT; band++) {
        const struct tetrapol_syndrome heard = syndrome_sum(search->bit[band], body);
        struct choice choice[2];
        choices_make(&heard, &search->scrambler[band], &choice[0], &choice[1]);
        for (unsigned kind = 0; kind < 2; kind++) {
            const struct tetrapol_channel tried = {(enum tetrapol_band)band, choice[kind].scr};
            struct tetrapol_frame found;
            if (choice[kind].weight > (kind ? VOICE_WEIGHT_MAX : DATA_WEIGHT_MAX))
                continue;
            if (kind && !may_be_voice(search, (uint32_t)heard.first ^
                                                  search->scrambler[band].first[choice[kind].scr]))
                continue;
            if (!tetrapol_frame_is(body, &tried, kind == 0, &found) || found.evidence_bits <= best)
                continue;
            best = found.evidence_bits;
            *channel = tried;
            *frame = found;
        }
    }
    return best;
}
