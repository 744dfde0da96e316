/* SPDX-License-Identifier: Apache-2.0 */
/* While nobody is there modems rest; who comes is heard from before the beginning, and dated right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../../gateway/quiet_gate.h"

enum { BLOCK = 320 };
#define RATE_HZ 19200.0
#define BLOCK_S (BLOCK / RATE_HZ)
#define HOLD_S  0.3

static struct quiet_gate gate;
static uint64_t at;                       /* index of the next sample: samples are their own index */
static uint64_t heard_first, heard_count; /* of the last call */
static bool heard_fresh;

static void feed(float power, float floor)
{
    float complex iq[BLOCK];
    struct quiet_piece pieces[QUIET_PIECES_MAX];
    for (unsigned i = 0; i < BLOCK; i++)
        iq[i] = (float)(at + i);
    unsigned made = quiet_gate_execute(&gate, power, floor, iq, BLOCK, pieces, &heard_fresh);
    assert_in_range(made, 0, QUIET_PIECES_MAX);
    heard_count = 0;
    for (unsigned p = 0; p < made; p++)
        for (size_t i = 0; i < pieces[p].count; i++) {
            uint64_t index = (uint64_t)crealf(pieces[p].iq[i]);
            if (heard_count == 0)
                heard_first = index;
            assert_int_equal(index, heard_first + heard_count); /* in order, without a gap */
            heard_count++;
        }
    at += BLOCK;
}

static int set_up(void **state)
{
    (void)state;
    at = 0;
    return quiet_gate_create(&gate, RATE_HZ, BLOCK_S, HOLD_S, false) == ATALAYA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    quiet_gate_destroy(&gate);
    return 0;
}

static unsigned blocks_until_it_rests(void)
{
    unsigned blocks = 0;
    do {
        feed(1.0F, 1.0F);
        blocks++;
    } while (heard_count > 0 && blocks < 1000);
    return blocks;
}

static void what_came_just_before_is_heard_too(void **state)
{
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        assert_in_range(blocks_until_it_rests(), (unsigned)(HOLD_S / BLOCK_S),
                        (unsigned)(HOLD_S / BLOCK_S) + 2);
        for (int i = 0; i < 40 + turn; i++) {
            feed(1.3F, 1.0F); /* noise strays */
            assert_int_equal(heard_count, 0);
        }
        uint64_t rise = at;
        feed(2.2F, 1.0F); /* the weakest that is ever decoded */
        assert_true(heard_fresh);
        assert_int_equal(heard_first + heard_count, at);
        assert_in_range(rise - heard_first, (uint64_t)(0.2 * RATE_HZ), (uint64_t)(0.3 * RATE_HZ));
        assert_true(fabs(quiet_gate_sample(&gate, 0.0) - (double)heard_first) < 1e-9);
        assert_true(fabs(quiet_gate_sample(&gate, 100.5) - (double)heard_first - 100.5) < 1e-9);
        feed(2.2F, 1.0F);
        assert_false(heard_fresh);
        assert_int_equal(heard_count, BLOCK);
    }
}

static void a_short_pause_is_no_pause(void **state)
{
    (void)state;
    (void)blocks_until_it_rests();
    feed(9.0F, 1.0F);
    for (double s = BLOCK_S; s < HOLD_S - BLOCK_S; s += BLOCK_S) {
        feed(1.0F, 1.0F);
        assert_int_equal(heard_count, BLOCK);
    }
    feed(9.0F, 1.0F);
    assert_int_equal(heard_count, BLOCK);
    assert_false(heard_fresh);
}

/* Whatever cannot be judged is heard. */
static void where_the_noise_is_not_known_nothing_is_spared(void **state)
{
    static const float powers[] = {0.0F, 1.0F, 1e30F, NAN, INFINITY}, floors[] = {0.0F, -1.0F, NAN};
    (void)state;
    for (int i = 0; i < 200; i++) {
        feed(powers[i % 5], floors[i % 3]);
        assert_int_equal(heard_count, BLOCK);
        assert_false(heard_fresh);
    }
    (void)blocks_until_it_rests();
    feed(NAN, 1.0F);
    assert_true(heard_count > BLOCK);
}

static void counts_begin_anew_after_a_loss(void **state)
{
    (void)state;
    (void)blocks_until_it_rests();
    at = 0;
    quiet_gate_reset(&gate);
    feed(1.0F, 1.0F);
    assert_int_equal(heard_count, BLOCK);
    assert_int_equal(heard_first, 0);
    assert_true(fabs(quiet_gate_sample(&gate, 7.0) - 7.0) < 1e-9);
}

static void one_that_is_always_on_never_rests(void **state)
{
    (void)state;
    quiet_gate_destroy(&gate);
    assert_int_equal(quiet_gate_create(&gate, RATE_HZ, BLOCK_S, HOLD_S, true), ATALAYA_OK);
    for (int i = 0; i < 1000; i++) {
        feed(0.5F, 1.0F);
        assert_int_equal(heard_count, BLOCK);
        assert_false(heard_fresh);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_came_just_before_is_heard_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_short_pause_is_no_pause, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_the_noise_is_not_known_nothing_is_spared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_begin_anew_after_a_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_is_always_on_never_rests, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
