/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on the line: the message with its synchronisation, bit by bit, and nothing that is no
 * transmission. */
#include "beacon_random.h"

#include "../../../../protocol/cospas_sarsat/sgb.h"

static struct message message;
static uint8_t bits[400];
static const struct protocol_transmit how;

static size_t transmit(const char *line, size_t max)
{
    const struct protocol *protocol = protocol_find("cospas_sarsat")->protocol;
    beacon_reset(&message);
    assert_int_equal(protocol->from_text(&message, line, strlen(line)), ATALAYA_OK);
    return protocol->transmit(&message, &how, bits, max);
}

static unsigned long value(unsigned first, unsigned count)
{
    unsigned long sum = 0;
    for (unsigned i = 0; i < count; i++) {
        assert_true(bits[first + i] <= 1);
        sum = sum << 1 | bits[first + i];
    }
    return sum;
}

/* T.001 2.2.4.1, 2.2.4.2 with the message of B1 */
static void first_generation(void **state)
{
    (void)state;
    assert_int_equal(transmit("FFFE2F56E6800402202009655250", sizeof bits), FGB_SHORT_BITS);
    assert_int_equal(value(0, 15), 0x7fff);
    assert_int_equal(value(15, 9), FGB_SYNC_NORMAL);
    assert_int_equal(value(24, 32), 0x56e68040);
    assert_int_equal(transmit("FFFED056E6800402202009655250", sizeof bits), FGB_SHORT_BITS);
    assert_int_equal(value(15, 9), FGB_SYNC_SELF_TEST);
    assert_int_equal(transmit("FFFED056E6800402202009655250", FGB_SHORT_BITS - 1), 0);
}

/* A wrong bit in what was noted is not sent again. */
static void corrected_bits_are_sent(void **state)
{
    (void)state;
    assert_int_equal(transmit("FFFE2E57E6800402202009655250", sizeof bits), FGB_SHORT_BITS);
    assert_int_equal(value(15, 9), FGB_SYNC_NORMAL);
    assert_int_equal(value(24, 32), 0x56e68040);
}

/* Whoever left the synchronisation out did not say whether it was a self-test: such a frame is not sent. */
static void what_is_no_transmission_is_not_sent(void **state)
{
    (void)state;
    assert_int_equal(transmit("56E6800402202009655250", sizeof bits), 0);
    assert_int_equal(transmit("ADCD00800440401", sizeof bits), 0);
    assert_int_equal(transmit("9934039823D000000000000", sizeof bits), 0);
    assert_int_equal(transmit("00E608F4C986196188A047C000000000000FFFC0100C1A00960", sizeof bits), 0);
}

/* T.018 2.2.4 and B.1 */
static void second_generation(void **state)
{
    (void)state;
    beacon_reset(&message);
    strcpy(message.unit, "9934039823D000000000000");
    message.test = true;
    const struct protocol *protocol = protocol_find("cospas_sarsat")->protocol;
    assert_int_equal(protocol->compose(&message), ATALAYA_OK);
    assert_int_equal(message.raw[SGB_OCTETS - 1] & 3, SGB_PRN_SELF_TEST);
    assert_int_equal(protocol->transmit(&message, &how, bits, sizeof bits), 301);
    assert_int_equal(bits[300], 1); /* not sent: the modem is told the sequences */
    for (unsigned i = 0; i < SGB_PREAMBLE_BITS; i++)
        assert_int_equal(bits[i], 0);
    assert_int_equal(value(SGB_PREAMBLE_BITS, 40), 0xe608f4c9);
    assert_int_equal(protocol->transmit(&message, &how, bits, 300), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_generation),
        cmocka_unit_test(corrected_bits_are_sent),
        cmocka_unit_test(what_is_no_transmission_is_not_sent),
        cmocka_unit_test(second_generation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
