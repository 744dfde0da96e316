/* SPDX-License-Identifier: Apache-2.0 */
/* Where a burst's bits were is known afterwards, whatever the sender's clock, and even where a lane jumped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../../dsp/baseband.h"
#include "../../../dsp/bit_train.h"

enum { BITS = 3 * BIT_TRAIN_PROMISE, BURST = 1000 };

static struct bit_train train;
static uint64_t handed;

static void take(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->first_bit, handed);
    handed += run->count;
}

/* Bits of that length; after bit `jump_at` the lane is `jump` samples later. Returns the present. */
static double fill(double length, uint64_t jump_at, double jump)
{
    double end = 3.3;
    handed = 0;
    bit_train_reset(&train, BIT_TRAIN_HELD);
    for (uint64_t bit = 0; bit < BITS; bit++) {
        end += length + (bit == jump_at ? jump : 0.0);
        bit_train_push(&train, bit % 3 == 0, (struct error_event){0}, end);
        bit_train_flush(&train, 0, take, NULL);
    }
    return ceil(end);
}

static void expect_burst(uint64_t first, double length, double start, double now, double tolerance)
{
    double got, clock;
    assert_true(bit_train_holds(&train, first, first + BURST));
    for (uint64_t bit = first; bit < first + BURST; bit++)
        assert_int_equal(bit_train_decision(&train, bit), bit % 3 == 0);
    bit_train_clock(&train, first, first + BURST, (uint64_t)now, &got, &clock);
    assert_true(fabs(got - start) < tolerance);
    assert_true(fabs(clock - length) < tolerance / 100.0);
}

static void bits_of_any_clock_are_found_again(void **state)
{
    (void)state;
    static const double lengths[] = {BASEBAND_PER_BIT, BASEBAND_PER_BIT * 1.03, BASEBAND_PER_BIT * 0.97};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        double now = fill(lengths[i], 0, 0.0);
        uint64_t oldest = handed - BIT_TRAIN_PROMISE;
        for (uint64_t first = oldest; first + BURST <= handed; first += 3001)
            expect_burst(first, lengths[i], 3.3 + (double)first * lengths[i], now, 0.02);
        assert_false(bit_train_holds(&train, oldest - 1, oldest + 1));
        assert_false(bit_train_holds(&train, handed - 1, handed + 1));
    }
}

static void a_jump_is_made_good(void **state)
{
    (void)state;
    static const double jumps[] = {-30.0, -3.0, 3.0, 4000.0};
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        const uint64_t jump_at = BITS - 2 * BURST;
        double now = fill(BASEBAND_PER_BIT, jump_at, jumps[i]);
        uint64_t before = jump_at - BURST - 5, after = jump_at + BIT_TRAIN_ANCHOR;
        expect_burst(before, BASEBAND_PER_BIT, 3.3 + (double)before * BASEBAND_PER_BIT, now, 0.02);
        expect_burst(after, BASEBAND_PER_BIT, 3.3 + (double)after * BASEBAND_PER_BIT + jumps[i], now, 0.02);
    }
}

/* A detector that begins anew reads bits again: their times are known from the first of them on, and those of
 * the bits before; of what lies across no line says anything, but it has a beginning and an end. */
static void bits_that_are_read_again_have_their_times(void **state)
{
    (void)state;
    static const double jumps[] = {-300.0 * BASEBAND_PER_BIT, -50.0 * BASEBAND_PER_BIT,
                                   50.0 * BASEBAND_PER_BIT};
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        const uint64_t jump_at = BITS - BURST - BIT_TRAIN_HELD; /* that is no anchor */
        double now = fill(BASEBAND_PER_BIT, jump_at, jumps[i]), start, length;
        const uint64_t before = jump_at - BURST;
        expect_burst(before, BASEBAND_PER_BIT, 3.3 + (double)before * BASEBAND_PER_BIT, now, 0.02);
        expect_burst(jump_at, BASEBAND_PER_BIT, 3.3 + (double)jump_at * BASEBAND_PER_BIT + jumps[i], now,
                     0.02);
        for (uint64_t first = before; first < jump_at; first += 7) {
            bit_train_clock(&train, first, handed, (uint64_t)now, &start, &length);
            assert_true(length > 0.0 && start > 0.0 && start < now + BASEBAND_PER_BIT * BURST);
        }
    }
}
_Static_assert((BITS - BURST - BIT_TRAIN_HELD) % BIT_TRAIN_ANCHOR != 0, "the jump is between anchors");

/* The last bits were read where a detector was a moment before: by its own clock they end after the present.
 */
static void a_bit_may_end_after_the_present(void **state)
{
    (void)state;
    double start, length, now = fill(BASEBAND_PER_BIT, 0, 0.0);
    bit_train_clock(&train, handed - BURST, handed, (uint64_t)now - 40, &start, &length);
    assert_true(fabs(length - BASEBAND_PER_BIT) < 0.001);
    assert_true(fabs(start - (3.3 + (double)(handed - BURST) * BASEBAND_PER_BIT)) < 0.1);
}

static int8_t softest;

static void keep_softest(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count; i++)
        softest = run->soft[i] < softest ? run->soft[i] : softest;
}

/* 0 is an erased bit: who counts changes of tone would take it for the other tone from there on. */
static void the_most_doubtful_mark_is_still_a_mark(void **state)
{
    (void)state;
    softest = 127;
    bit_train_reset(&train, BIT_TRAIN_HELD);
    for (unsigned bit = 0; bit < 3 * BIT_TRAIN_HELD; bit++)
        bit_train_push(&train, true, (struct error_event){.mask = 1, .reliability = (uint16_t)bit}, bit);
    bit_train_flush(&train, 0, keep_softest, NULL);
    assert_int_equal(softest, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_of_any_clock_are_found_again),
        cmocka_unit_test(a_jump_is_made_good),
        cmocka_unit_test(bits_that_are_read_again_have_their_times),
        cmocka_unit_test(a_bit_may_end_after_the_present),
        cmocka_unit_test(the_most_doubtful_mark_is_still_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
