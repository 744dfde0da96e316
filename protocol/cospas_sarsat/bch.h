/* SPDX-License-Identifier: Apache-2.0 */
/* The binary BCH codes of 406 MHz beacons, all shortened and systematic, check bits last. A word is an array
 * of bits (0 or 1), in the order they are sent [size: code->length]. Pure, reentrant, any thread. */
#ifndef ATALAYA_COSPAS_SARSAT_BCH_H
#define ATALAYA_COSPAS_SARSAT_BCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BCH_LENGTH_MAX = 250,
    BCH_ERRORS_MAX = 6,
    BCH_WEAK_MAX = 10, /* least reliable bits that the soft decoder may try */
    BCH_FAILED = -1
};

struct bch_code {
    uint8_t length, data; /* bits of a word; of these before the check bits */
    uint8_t errors;       /* t: corrected whatever their pattern */
    uint8_t degree;       /* of the field GF(2^degree) */
    uint16_t field;       /* its primitive polynomial, m1 of the standard */
    uint64_t generator;
    uint8_t weak;       /* bits that bch_correct_soft had best try */
    uint8_t believable; /* cost that bch_believable takes, in thousandths of the total */
};

extern const struct bch_code bch_fgb_1; /* (82,61): bits 25-106 of a first generation message; T.001 B1 */
extern const struct bch_code bch_fgb_2; /* (38,26): bits 107-144; T.001 B2 */
extern const struct bch_code bch_sgb;   /* (250,202): the whole second generation message; T.018 B.1 */

/* Writes word[data .. length - 1]. */
void bch_encode(const struct bch_code *code, uint8_t *word);

/* Corrects up to t errors in place and returns their number, or BCH_FAILED with word untouched. What it
 * leaves is a code word, always; with more than t errors it may be another one than was sent. Random bits
 * become a code word with the probability sum(C(length, 0..t)) / 2^(length - data): 0.0440 for bch_fgb_1,
 * 0.181 for bch_fgb_2, 1.2e-3 for bch_sgb. */
int bch_correct(const struct bch_code *code, uint8_t *word);

/* What a soft decision cost. Distances are sums of |soft| over the bits that the answer changes. */
struct bch_cost {
    uint32_t distance; /* of the answer */
    uint32_t total;    /* of all bits: random bits cost a large part of it, a weak signal a small one */
    unsigned erased;   /* bits of which nothing was known */
};

/* Chase's second algorithm (D. Chase, A Class of Algorithms for Decoding Block Codes, 1972): all patterns
 * over the code->weak least reliable bits, t errors more beyond each. soft [size: length] as in a soft_run; 0
 * = erased. Writes the likeliest word to word and returns the number of bits in which it differs from the
 * decisions, or BCH_FAILED. It nearly always finds some word: whether to believe it, ask bch_believable. */
int bch_correct_soft(const struct bch_code *code, const int8_t *soft, uint8_t *word, struct bch_cost *cost);

/* Is the answer likely to be what was sent? Of noise it takes so much (measured by tests/fast/protocol/
 * cospas_sarsat/test_bch.c, which also bounds it): 0.9 % for bch_fgb_1, 9 % for bch_fgb_2, 0.2 % for bch_sgb;
 * the decisions alone take 4.4 %, 18 % and 0.12 %. At 3 dB of Eb/N0 it is right 0.90, 0.97 and 0.95 times;
 * the decisions alone 0.88, 0.94 and 0.65 times. */
bool bch_believable(const struct bch_code *code, const struct bch_cost *cost);
/* Half as much again: noise as often as the decisions alone take it (bch_fgb_1: 5 %). Of use only where the
 * contents can be checked, too. */
bool bch_thinkable(const struct bch_code *code, const struct bch_cost *cost);

#endif
