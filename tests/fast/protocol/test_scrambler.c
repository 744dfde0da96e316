/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "atalaya/protocol/scrambler.h"

enum { BITS = 400, IN_STEP = 17 };

static bool data[BITS], line[BITS];

static void fill(void)
{
    struct scrambler scrambler = {0};
    for (unsigned i = 0; i < BITS; i++) {
        data[i] = i * i % 7 < 3;
        line[i] = scrambler_execute(&scrambler, data[i]);
    }
}

/* The polynomial, written down as it stands: data 1, then zeros. A line bit is 1 where it is the sum of those
 * 12 and 17 before. */
static void one_bit_answers_as_the_polynomial_says(void **state)
{
    struct scrambler scrambler = {0};
    bool out[100];
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        out[i] = scrambler_execute(&scrambler, i == 0);
    for (unsigned i = 1; i < 100; i++)
        assert_int_equal(out[i], (i >= 12 && out[i - 12]) != (i >= 17 && out[i - 17]));
    assert_true(out[0] && out[12] && out[17] && out[24] && !out[1]);
    assert_true(out[29] == false); /* 12 + 17 and 17 + 12 */
}

static void it_undoes_itself_whatever_came_before(void **state)
{
    struct scrambler undo = {.line = 0xabcdef};
    (void)state;
    fill();
    for (unsigned i = 0; i < BITS; i++) {
        bool bit = scrambler_undo(&undo, line[i]);
        if (i >= IN_STEP)
            assert_int_equal(bit, data[i]);
    }
}

static void a_wrong_line_bit_makes_bits_0_12_and_17_later_wrong(void **state)
{
    struct scrambler undo = {0};
    (void)state;
    fill();
    line[100] = !line[100];
    for (unsigned i = 0; i < BITS; i++)
        assert_int_equal(scrambler_undo(&undo, line[i]) != data[i], i == 100 || i == 112 || i == 117);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bit_answers_as_the_polynomial_says),
        cmocka_unit_test(it_undoes_itself_whatever_came_before),
        cmocka_unit_test(a_wrong_line_bit_makes_bits_0_12_and_17_later_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
