/* SPDX-License-Identifier: Apache-2.0 */
/* Reed-Solomon: every mix of errors and erasures that the code can correct is corrected; beyond, the answer
 * is "failed" or a code word; and the words of a published example are code words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/protocol/reed_solomon.h"

enum { MAX = REED_SOLOMON_LENGTH_MAX };

static uint64_t seed = 1;

static unsigned random_below(unsigned limit)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (unsigned)(seed >> 33) % limit;
}

static uint8_t slow_multiply(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b; b >>= 1, a = a & 0x80 ? (a << 1) ^ 0x11d : a << 1)
        product ^= b & 1 ? a : 0;
    return (uint8_t)product;
}

/* By the definition: the word's polynomial is 0 at every root. Uses no table. */
static bool is_code_word(const struct reed_solomon *code, const uint8_t *word, size_t length)
{
    uint8_t root = 1;
    for (unsigned i = 0; i < code->first_root; i++)
        root = slow_multiply(root, 2);
    for (unsigned j = 0; j < code->roots; j++, root = slow_multiply(root, 2)) {
        uint8_t sum = 0;
        for (size_t i = 0; i < length; i++)
            sum = slow_multiply(sum, root) ^ word[i];
        if (sum)
            return false;
    }
    return true;
}

static void word_make(const struct reed_solomon *code, uint8_t *word, size_t length)
{
    for (size_t i = 0; i < length - code->roots; i++)
        word[i] = (uint8_t)random_below(256);
    reed_solomon_encode(code, word, length - code->roots, word + length - code->roots);
}

/* `count` different places of the word, in random order. */
static void places_draw(uint8_t *place, size_t count, size_t length)
{
    uint8_t all[MAX];
    for (size_t i = 0; i < length; i++)
        all[i] = (uint8_t)i;
    for (size_t i = 0; i < count; i++) {
        size_t other = i + random_below((unsigned)(length - i));
        uint8_t swap = all[i];
        all[i] = all[other];
        all[other] = swap;
        place[i] = all[i];
    }
}

/* Spoils `erasures` places at random (some by chance not at all), and `errors` others for certain. */
static void word_spoil(uint8_t *word, const uint8_t *place, size_t erasures, size_t errors)
{
    for (size_t i = 0; i < erasures; i++)
        word[place[i]] = (uint8_t)random_below(256);
    for (size_t i = erasures; i < erasures + errors; i++)
        word[place[i]] ^= (uint8_t)(1 + random_below(255));
}

static void every_code_word_is_one_by_the_definition(void **state)
{
    uint8_t word[MAX];
    (void)state;
    for (unsigned roots = 2; roots <= 64; roots++)
        for (unsigned first = 0; first < 3; first++) {
            const struct reed_solomon code = {.first_root = (uint8_t)first, .roots = (uint8_t)roots};
            size_t length = roots + 1 + random_below(MAX - roots);
            word_make(&code, word, length);
            assert_true(is_code_word(&code, word, length));
            word[random_below((unsigned)length)] ^= 1;
            assert_false(is_code_word(&code, word, length));
        }
}

/* The S frame header of the IL2P specification v0.6 (13 octets, scrambled, and 2 check octets). */
static void the_check_octets_of_a_published_header_are_ours(void **state)
{
    static const uint8_t header[] = {0x26, 0x57, 0x4d, 0x57, 0xf1, 0xd2, 0xa8, 0xf0,
                                     0x6a, 0xf2, 0x7b, 0xad, 0x23, 0xbd, 0xc0};
    const struct reed_solomon code = {.first_root = 0, .roots = 2};
    uint8_t check[2];
    (void)state;
    reed_solomon_encode(&code, header, 13, check);
    assert_memory_equal(check, header + 13, 2);
}

/* Zeros left out between data and check octets: the whole word is a code word. */
static void a_gap_is_zeros_that_are_not_sent(void **state)
{
    const struct reed_solomon code = {.first_root = 1, .roots = 16, .gap = 175}, whole = {1, 16, 0};
    uint8_t word[80], full[MAX] = {0};
    (void)state;
    word_make(&code, word, sizeof word);
    memcpy(full, word, 64);
    memcpy(full + 239, word + 64, 16);
    assert_true(is_code_word(&whole, full, MAX));
}

static void corrects(const struct reed_solomon *code, size_t length, size_t errors, size_t erasures)
{
    uint8_t sent[MAX], word[MAX], place[MAX];
    int wrong = 0;
    word_make(code, sent, length);
    memcpy(word, sent, length);
    places_draw(place, errors + erasures, length);
    word_spoil(word, place, erasures, errors);
    for (size_t i = 0; i < length; i++)
        wrong += word[i] != sent[i];
    assert_int_equal(reed_solomon_decode(code, word, length, place, erasures), wrong);
    assert_memory_equal(word, sent, length);
}

static void all_mixes_within_the_limit_are_corrected(void **state)
{
    static const struct {
        uint8_t first_root, roots;
        uint8_t length;
    } codes[] = {{0, 2, 15},  {0, 2, 61},  {0, 6, 100},  {0, 16, 80},  {0, 16, 255},
                 {1, 16, 48}, {1, 32, 64}, {1, 64, 128}, {1, 64, 255}, {3, 5, 20}};
    (void)state;
    for (size_t c = 0; c < sizeof codes / sizeof *codes; c++) {
        const struct reed_solomon code = {.first_root = codes[c].first_root,
                                          .roots = codes[c].roots,
                                          .gap = (uint8_t)(c % 2 ? MAX - codes[c].length : 0)};
        for (size_t errors = 0; 2 * errors <= code.roots; errors++)
            for (size_t erasures = 0; 2 * errors + erasures <= code.roots; erasures++)
                corrects(&code, codes[c].length, errors, erasures);
    }
}

/* A distance of roots + 1: a nearer code word than the one that was sent cannot be found by changing more. */
static void beyond_the_limit_it_fails_or_finds_a_code_word(void **state)
{
    uint8_t sent[MAX], word[MAX], before[MAX], place[MAX];
    unsigned failed = 0, other = 0;
    (void)state;
    for (unsigned n = 0; n < 4000; n++) {
        const struct reed_solomon code = {.first_root = n % 2, .roots = n % 3 ? 4 : 16};
        size_t length = 40, erasures = random_below(code.roots + 1U);
        size_t errors = (code.roots - erasures) / 2 + 1 + random_below(3);
        word_make(&code, sent, length);
        memcpy(word, sent, length);
        places_draw(place, errors + erasures, length);
        word_spoil(word, place, erasures, errors);
        memcpy(before, word, length);
        int changed = reed_solomon_decode(&code, word, length, place, erasures);
        if (changed == REED_SOLOMON_FAILED) {
            assert_memory_equal(word, before, length);
            failed++;
            continue;
        }
        int differ = 0;
        for (size_t i = 0; i < length; i++)
            differ += word[i] != before[i];
        assert_int_equal(changed, differ);
        assert_true(is_code_word(&code, word, length));
        assert_true(2 * ((size_t)changed - (size_t)(changed > (int)erasures ? (int)erasures : changed)) +
                        erasures <=
                    code.roots);
        other++;
    }
    assert_true(failed > 2000);
    assert_true(other > 0); /* four check octets are not enough to be sure: the test saw both */
}

static void what_is_no_code_or_no_word_fails(void **state)
{
    uint8_t word[MAX] = {1, 2, 3};
    const uint8_t erased[3] = {0, 1, 2};
    const struct reed_solomon good = {.roots = 2}, none = {.roots = 0}, huge = {.roots = 65};
    (void)state;
    assert_int_equal(reed_solomon_decode(&none, word, 10, NULL, 0), REED_SOLOMON_FAILED);
    assert_int_equal(reed_solomon_decode(&huge, word, 100, NULL, 0), REED_SOLOMON_FAILED);
    assert_int_equal(reed_solomon_decode(&good, word, 2, NULL, 0), REED_SOLOMON_FAILED);
    assert_int_equal(reed_solomon_decode(&good, word, 256, NULL, 0), REED_SOLOMON_FAILED);
    assert_int_equal(reed_solomon_decode(&good, word, 10, erased, 3), REED_SOLOMON_FAILED);
    memset(word, 0, sizeof word);
    assert_int_equal(reed_solomon_decode(&good, word, 10, erased, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_word_is_one_by_the_definition),
        cmocka_unit_test(the_check_octets_of_a_published_header_are_ours),
        cmocka_unit_test(a_gap_is_zeros_that_are_not_sent),
        cmocka_unit_test(all_mixes_within_the_limit_are_corrected),
        cmocka_unit_test(beyond_the_limit_it_fails_or_finds_a_code_word),
        cmocka_unit_test(what_is_no_code_or_no_word_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
