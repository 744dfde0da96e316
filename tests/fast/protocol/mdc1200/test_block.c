/* SPDX-License-Identifier: Apache-2.0 */
/* A block is read in noise in which its likeliest word is often not the one that was sent, and what is no
 * block stays none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "../../../../protocol/mdc1200/block.h"

#define DISTURBED 1.0 /* deviation of a bit's noise, in units of the bit: Eb/N0 of -3 dB */

enum { BLOCKS = 400, SIZE = 16, NOISE_BLOCKS = 3000 };

static uint64_t seed;

static double draw_uniform(void)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

static double draw_normal(void)
{
    return sqrt(-2.0 * log(draw_uniform())) * cos(2.0 * M_PI * draw_uniform());
}

static int8_t soften(double value)
{
    return (int8_t)lrint(fmax(-127.0, fmin(127.0, SIZE * value)));
}

static void a_block_is_found_among_the_likeliest(void **state)
{
    (void)state;
    unsigned right = 0, guessed = 0;
    seed = 7;
    for (unsigned n = 0; n < BLOCKS; n++) {
        uint8_t octets[BLOCK_OCTETS], bits[BLOCK_BITS];
        int8_t soft[BLOCK_BITS];
        struct block block;
        for (unsigned i = 0; i < BLOCK_OCTETS; i++)
            octets[i] = (uint8_t)(256.0 * draw_uniform());
        block_encode(octets, bits);
        for (unsigned i = 0; i < BLOCK_BITS; i++)
            soft[i] = soften((bits[i] ? 1.0 : -1.0) + DISTURBED * draw_normal());
        if (!block_decode(soft, &block))
            continue;
        assert_memory_equal(block.octets, octets, BLOCK_OCTETS);
        right++;
        guessed += block.guessed;
    }
    print_message("%u of %d blocks, %u of them not the likeliest word\n", right, BLOCKS, guessed);
    assert_true(right - guessed >= 120 && guessed >= 70);
}

static void noise_is_no_block(void **state)
{
    (void)state;
    seed = 8;
    for (unsigned n = 0; n < NOISE_BLOCKS; n++) {
        int8_t soft[BLOCK_BITS];
        struct block block;
        for (unsigned i = 0; i < BLOCK_BITS; i++)
            soft[i] = soften(draw_normal());
        assert_false(block_decode(soft, &block));
    }
}

static void erased_bits_are_no_block(void **state)
{
    (void)state;
    const int8_t soft[BLOCK_BITS] = {0};
    struct block block;
    assert_false(block_decode(soft, &block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_found_among_the_likeliest),
        cmocka_unit_test(noise_is_no_block),
        cmocka_unit_test(erased_bits_are_no_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
