/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that air interfaces share give the answers that others publish for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/protocol/crc.h"

/* "123456789" under the names CRC-16/IBM-SDLC and CRC-15/MPT1327 of the catalogue of parametrised CRC
 * algorithms (G. Cook). */
static void catalogue_answers_are_given(void **state)
{
    (void)state;
    static const uint8_t digits[] = "123456789";
    assert_int_equal(crc16_x25(digits, 9), 0x906e);
    assert_int_equal(crc15_mpt(digits, 9), 0x2566);
    assert_int_equal(crc15_mpt(digits, 0), 1);
}

/* Long division of the 48 bits, an independent way to the same word. */
static unsigned divide(uint64_t information)
{
    uint64_t rest = information << 15;
    for (int bit = 62; bit >= 15; bit--)
        if (rest >> bit & 1)
            rest ^= UINT64_C(0xe815) << (bit - 15);
    unsigned crc = (unsigned)rest ^ 1, ones = 0;
    for (uint64_t all = information << 15 | crc; all; all &= all - 1)
        ones++;
    return crc << 1 | (ones & 1);
}

static void check_word_is_the_remainder_and_even_parity(void **state)
{
    (void)state;
    uint64_t information = 0;
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t octets[CRC15_OCTETS], inverted[CRC15_OCTETS];
        for (unsigned k = 0; k < CRC15_OCTETS; k++) {
            octets[k] = (uint8_t)(information >> (40 - 8 * k));
            inverted[k] = (uint8_t)~octets[k];
        }
        assert_int_equal(crc15_check_word(octets), divide(information));
        assert_int_equal(crc15_check_word(inverted), crc15_check_word(octets) ^ 0xffff);
        information = (information * 6364136223846793005U + 1442695040888963407U) & 0xffffffffffffU;
    }
}

/* MPT1327 clause 3.2.3: every error of up to three bits, and every burst of up to 16, is seen. */
static void up_to_three_wrong_bits_are_seen(void **state)
{
    (void)state;
    uint16_t of_bit[64];
    static const uint8_t none[CRC15_OCTETS];
    uint16_t of_none = crc15_check_word(none);
    for (unsigned i = 0; i < 64; i++) {
        uint8_t octets[CRC15_OCTETS] = {0};
        if (i < 48)
            octets[i / 8] = (uint8_t)(0x80 >> i % 8);
        of_bit[i] = i < 48 ? crc15_check_word(octets) ^ of_none : (uint16_t)(1U << (63 - i));
    }
    for (unsigned i = 0; i < 64; i++)
        for (unsigned j = i + 1; j < 64; j++)
            for (unsigned k = j + 1; k < 64; k++)
                assert_true(of_bit[i] && of_bit[i] != of_bit[j] && (of_bit[i] ^ of_bit[j] ^ of_bit[k]));
    for (unsigned first = 0; first < 64; first++)
        for (unsigned pattern = 1; pattern < 0x10000; pattern += 2) {
            unsigned sum = 0;
            for (unsigned k = 0; k < 16 && first + k < 64; k++)
                sum ^= pattern >> k & 1 ? of_bit[first + k] : 0U;
            assert_true(sum != 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue_answers_are_given),
        cmocka_unit_test(check_word_is_the_remainder_and_even_parity),
        cmocka_unit_test(up_to_three_wrong_bits_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
