/* SPDX-License-Identifier: Apache-2.0 */
/* The BCH codes of beacons: every pattern of up to t errors is undone, what more errors do is counted, and
 * what the soft decoder makes of noise and of weak signals is bounded. */
#include "beacon_random.h"

#include <stdio.h>

#include "../../../../protocol/cospas_sarsat/bch.h"

enum { LENGTH_MAX = BCH_LENGTH_MAX };

static uint8_t sent[LENGTH_MAX], word[LENGTH_MAX];

static void make_word(const struct bch_code *code)
{
    for (unsigned i = 0; i < code->data; i++)
        sent[i] = random_next() >> 33 & 1;
    bch_encode(code, sent);
}

static void check_pattern(const struct bch_code *code, const unsigned *wrong, unsigned count)
{
    memcpy(word, sent, sizeof word);
    for (unsigned i = 0; i < count; i++)
        word[wrong[i]] ^= 1;
    assert_int_equal(bch_correct(code, word), (int)count);
    assert_memory_equal(word, sent, code->length);
}

/* All patterns of exactly `count` errors. */
static void check_all(const struct bch_code *code, unsigned count)
{
    unsigned wrong[3] = {0, 1, 2};
    make_word(code);
    for (;;) {
        check_pattern(code, wrong, count);
        unsigned at = count;
        while (at > 0 && wrong[at - 1] == code->length - count + at - 1)
            at--;
        if (at == 0)
            return;
        wrong[at - 1]++;
        for (unsigned i = at; i < count; i++)
            wrong[i] = wrong[i - 1] + 1;
    }
}

static void flip_random(const struct bch_code *code, unsigned count)
{
    memcpy(word, sent, sizeof word);
    for (unsigned n = 0; n < count;) {
        unsigned i = (unsigned)(random_next() % code->length);
        if (word[i] == sent[i]) {
            word[i] ^= 1;
            n++;
        }
    }
}

static void all_patterns_up_to_t_are_undone(void **state)
{
    (void)state;
    for (unsigned count = 0; count <= 3; count++)
        check_all(&bch_fgb_1, count);
    for (unsigned count = 0; count <= 2; count++) {
        check_all(&bch_fgb_2, count);
        check_all(&bch_sgb, count);
    }
    for (unsigned n = 0; n < 8000; n++) {
        unsigned count = 3 + n % 4;
        make_word(&bch_sgb);
        flip_random(&bch_sgb, count);
        assert_int_equal(bch_correct(&bch_sgb, word), (int)count);
        assert_memory_equal(word, sent, bch_sgb.length);
    }
}

/* Beyond t the answer is another code word or none. The share of wrong answers is near that of random bits.
 */
static void count_wrong(const char *name, const struct bch_code *code, double random_share)
{
    unsigned wrong = 0, tries = code->length > 100 ? 6000 : 20000;
    for (unsigned n = 0; n < tries; n++) {
        make_word(code);
        flip_random(code, code->errors + 1U + n % 6);
        uint8_t heard[LENGTH_MAX];
        memcpy(heard, word, sizeof heard);
        int errors = bch_correct(code, word);
        if (errors < 0) {
            assert_memory_equal(word, heard, code->length);
            continue;
        }
        uint8_t again[LENGTH_MAX];
        memcpy(again, word, sizeof again);
        bch_encode(code, again);
        assert_memory_equal(again, word, code->length); /* always a code word */
        assert_memory_not_equal(word, sent, code->length);
        assert_true(errors <= code->errors);
        wrong++;
    }
    double share = (double)wrong / tries;
    print_message("%s: %.4f of the words with t+1 to t+6 errors corrected wrongly; of random bits %.4f\n",
                  name, share, random_share);
    assert_true(share < 2 * random_share + 0.001);
}

static void wrong_corrections_are_counted(void **state)
{
    (void)state;
    count_wrong("BCH(82,61)", &bch_fgb_1, 0.0439);
    count_wrong("BCH(38,26)", &bch_fgb_2, 0.1812);
    count_wrong("BCH(250,202)", &bch_sgb, 0.0012);
}

static double gauss(void)
{
    double u = ((double)(random_next() >> 11) + 1) / 9007199254740993.0;
    double v = (double)(random_next() >> 11) / 9007199254740992.0;
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* amplitude 0: noise alone */
static void make_soft(const struct bch_code *code, double amplitude, double sigma, int8_t *soft)
{
    for (unsigned i = 0; i < code->length; i++) {
        double value = 40 * ((sent[i] ? amplitude : -amplitude) + sigma * gauss());
        soft[i] = (int8_t)lrint(fmax(-127, fmin(127, value)));
    }
}

struct shares {
    double right, wrong, hard;
};

static struct shares measure(const struct bch_code *code, double amplitude, double ebn0_db, unsigned tries)
{
    unsigned right = 0, wrong = 0, hard = 0;
    double sigma = sqrt(0.5 * pow(10, -ebn0_db / 10));
    for (unsigned n = 0; n < tries; n++) {
        int8_t soft[LENGTH_MAX];
        struct bch_cost cost;
        make_word(code);
        make_soft(code, amplitude, sigma, soft);
        for (unsigned i = 0; i < code->length; i++)
            word[i] = soft[i] > 0;
        hard += bch_correct(code, word) >= 0 && memcmp(word, sent, code->length) == 0;
        if (bch_correct_soft(code, soft, word, &cost) < 0 || !bch_believable(code, &cost))
            continue;
        bool same = memcmp(word, sent, code->length) == 0;
        right += same;
        wrong += !same;
    }
    return (struct shares){(double)right / tries, (double)wrong / tries, (double)hard / tries};
}

static void check_soft(const char *name, const struct bch_code *code, double noise_max, double right_min,
                       unsigned tries)
{
    struct shares noise = measure(code, 0, 0, tries), weak = measure(code, 1, 3, tries);
    print_message(
        "%s, soft: %.4f of noise believed; at 3 dB %.3f right, %.4f wrong (decisions alone %.3f right)\n",
        name, noise.right + noise.wrong, weak.right, weak.wrong, weak.hard);
    assert_true(noise.right + noise.wrong <= noise_max);
    assert_true(weak.right >= right_min && weak.wrong <= 0.003);
}

static void soft_decisions_are_better_and_bounded(void **state)
{
    (void)state;
    check_soft("BCH(82,61)", &bch_fgb_1, 0.016, 0.86, 3000);
    check_soft("BCH(38,26)", &bch_fgb_2, 0.11, 0.94, 3000);
    check_soft("BCH(250,202)", &bch_sgb, 0.03, 0.86, 200);
}

static void erasures_prove_nothing(void **state)
{
    int8_t soft[LENGTH_MAX] = {0};
    struct bch_cost cost;
    (void)state;
    if (bch_correct_soft(&bch_fgb_1, soft, word, &cost) >= 0)
        assert_false(bch_believable(&bch_fgb_1, &cost));
    make_word(&bch_fgb_1);
    for (unsigned i = 0; i < 82; i++)
        soft[i] = sent[i] ? 100 : -100;
    for (unsigned i = 0; i < 6; i++) /* d - 1 = 6 erasures leave one word only */
        soft[11 * i + 3] = 0;
    assert_true(bch_correct_soft(&bch_fgb_1, soft, word, &cost) >= 0 && bch_believable(&bch_fgb_1, &cost));
    assert_memory_equal(word, sent, 82);
    soft[80] = 0;
    (void)bch_correct_soft(&bch_fgb_1, soft, word, &cost);
    assert_false(bch_believable(&bch_fgb_1, &cost));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_patterns_up_to_t_are_undone),
        cmocka_unit_test(wrong_corrections_are_counted),
        cmocka_unit_test(soft_decisions_are_better_and_bounded),
        cmocka_unit_test(erasures_prove_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
