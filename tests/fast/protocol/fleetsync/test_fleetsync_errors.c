/* SPDX-License-Identifier: Apache-2.0 */
/* FleetSync with wrong bits, turned round, cut short, in noise, and beside MPT1327, which has its preamble
 * and its check. */
#include "fleetsync_rig.h"

#include "atalaya/protocol/code_word.h"

/* The errors of the detector come in pairs, and it says which pairs it doubts. */
static void make_doubts(struct error_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        events[i] = (struct error_event){.mask = 3, .reliability = 3000};
}

static void spoil(uint8_t *bits, struct error_event *events, size_t at)
{
    bits[at] ^= 1;
    bits[at + 1] ^= 1;
    events[at + 1].reliability = 100;
}

static void a_turned_stream_is_understood(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 2; i++) {
        uint8_t bits[RIG_LINE_MAX];
        size_t count = transmit_line(i ? "II BE00 0100 2000" : "BE00 0100 2000", bits);
        for (size_t k = 0; k < count; k++)
            bits[k] ^= 1;
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        assert_int_equal(heard.last.distress, DISTRESS_RAISED);
    }
}

/* Five of 32 bits against it, all of them clear: a squelch that opens late leaves as little. */
static void half_a_synchronisation_does_not_turn_a_block_round(void **unused)
{
    (void)unused;
    for (unsigned turned = 0; turned < 2; turned++) {
        uint8_t bits[RIG_LINE_MAX];
        size_t count = transmit_line("II B440 0101 2004", bits);
        for (unsigned k = 0; k < 32; k++)
            bits[RIG_FIRST - 32 + k] ^= turned ^ (k % 7 == 3);
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1 - turned);
        assert_true(turned || heard.last.raw[0] == 0xb4);
    }
}

static void all_three_synchronisation_words_are_understood(void **unused)
{
    (void)unused;
    static const uint16_t syncs[] = {0x23eb, 0x052b, 0x7650};
    for (unsigned i = 0; i < 3; i++) {
        uint8_t bits[RIG_LINE_MAX];
        size_t count = transmit_line("FE80 0100 2002", bits);
        for (unsigned k = 0; k < 16; k++)
            bits[RIG_FIRST - 16 + k] = syncs[i] >> (15 - k) & 1;
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
    }
}

static void a_block_of_the_first_generation_is_repaired_and_says_so(void **unused)
{
    (void)unused;
    for (unsigned wrong = 1; wrong <= 3; wrong++) {
        static struct error_event events[RIG_LINE_MAX];
        uint8_t bits[RIG_LINE_MAX];
        size_t count = transmit_line("BE00 0100 2000", bits);
        make_doubts(events, count);
        for (unsigned k = 0; k < wrong; k++)
            spoil(bits, events, RIG_FIRST + 5 + 17 * k);
        listen_anew();
        receive(bits, events, count);
        assert_int_equal(heard.count, wrong <= 2);
        if (wrong > 2)
            continue;
        assert_int_equal(heard.last.bits_corrected, 2 * wrong);
        assert_true(heard.last.guessed); /* a call for help waits until it is heard again */
    }
}

static void a_block_of_the_second_generation_bears_two_wrong_bits_in_a_word(void **unused)
{
    (void)unused;
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("II BE00 0100 2000", bits);
    for (unsigned word = 0; word < 16; word++) {
        if (word % 4 == 1) {
            bits[RIG_FIRST + 16 * word + 1 + word % 7] ^= 1;
            bits[RIG_FIRST + 16 * word + 9 + word % 7] ^= 1;
        }
        bits[RIG_FIRST + 16 * word] ^= 1; /* nobody knows what this one means */
    }
    listen_anew();
    receive(bits, NULL, count);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.last.bits_corrected, 8);
    assert_false(heard.last.guessed);
}

/* Doubted pairs in three words of four, some across the border of two words. */
static void a_block_of_the_second_generation_bears_lost_stretches(void **unused)
{
    (void)unused;
    static struct error_event events[RIG_LINE_MAX];
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("II BE00 0100 2000", bits);
    make_doubts(events, count);
    for (unsigned word = 0; word < 16; word++)
        if (word % 4)
            for (unsigned k = 0; k < 3; k++)
                spoil(bits, events, RIG_FIRST + 16 * word + 3 + 5 * k + word % 3);
    listen_anew();
    receive(bits, events, count);
    assert_int_equal(heard.count, 1);
    assert_in_range(heard.last.bits_corrected, 60, 72); /* the first of each word is not looked at */
    assert_false(heard.last.guessed);
}

/* The first block has a check of its own: a call for help that says in a second one whom it is for counts. */
static void what_is_cut_short_is_dropped_unless_it_calls_for_help(void **unused)
{
    (void)unused;
    static const char *const lines[] = {"FE42 0100 2003 0000 0000 0900 6867 6665 6463 0000 0000 0069",
                                        "BE01 0100 2003 0200 0000 0000"};
    for (unsigned i = 0; i < 4; i++) {
        uint8_t bits[RIG_LINE_MAX];
        char line[200] = "II ";
        const size_t width = i % 2 ? 256 : 64, whole = i / 2 ? 1 : 3;
        strcpy(line + (i % 2 ? 3 : 0), lines[i / 2]);
        size_t count = transmit_line(line, bits);
        for (size_t k = RIG_FIRST + whole * width; k < count; k++)
            bits[k] = random_bits() & 1;
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, i / 2);
        assert_int_equal(output.counts.length, 1 - i / 2);
        if (i / 2 == 0)
            continue;
        assert_int_equal(heard.last.distress, DISTRESS_RAISED);
        assert_string_equal(heard.last.unit, "100-1001");
        assert_string_equal(heard.last.to, "");
        assert_string_equal(message_text(&heard.last, "fault", NULL), "cut_short");
        assert_false(heard.last.well_formed);
    }
}

/* Any code word after SYNC or SYNT of MPT1327, either way round, a wrong bit in it or none. */
static void code_words_of_mpt1327_are_nobodys(void **unused)
{
    (void)unused;
    static const uint16_t syncs[] = {0xc4d7, 0x3b28};
    listen_anew();
    for (unsigned n = 0; n < 400; n++) {
        uint8_t octets[CODE_WORD_OCTETS], bits[200];
        for (unsigned i = 0; i < CODE_WORD_OCTETS; i++)
            octets[i] = (uint8_t)random_bits();
        uint64_t word = code_word_write(octets), sync = 0xaaaa0000U | syncs[n % 2];
        for (unsigned i = 0; i < 200; i++) {
            bool bit = i < 40    ? i % 2 == 0
                       : i < 72  ? sync >> (71 - i) & 1
                       : i < 136 ? word >> (135 - i) & 1
                                 : i % 2;
            bits[i] = bit != (n % 4 > 1);
        }
        bits[40 + random_bits() % 32] ^= n % 8 > 3;
        receive(bits, NULL, 200);
        listen_anew();
        receive(bits, NULL, 200);
        assert_int_equal(heard.count, 0);
    }
}

/* One bit on and turned round it is a block of ours in all but one or two bits of the check, and at the end
 * of a burst detectors doubt. These would be calls for help. */
static void a_code_word_of_mpt1327_with_a_doubted_end_is_nobodys(void **unused)
{
    (void)unused;
    enum { WORD_AT = 72, END = WORD_AT + CODE_WORD_BITS, COUNT = 200, DOUBTED = 4 };
    static struct error_event events[COUNT];
    for (unsigned n = 0; n < 100; n++) {
        uint8_t octets[CODE_WORD_OCTETS], bits[COUNT];
        for (unsigned i = 0; i < CODE_WORD_OCTETS; i++)
            octets[i] = (uint8_t)random_bits();
        octets[0] |= 0xc0;
        octets[1] |= 0x7f;
        octets[2] |= 0x80;
        uint64_t word = code_word_write(octets), sync = 0xaaaac4d7U;
        for (unsigned i = 0; i < COUNT; i++)
            bits[i] = i < 40        ? i % 2 == 0
                      : i < WORD_AT ? sync >> (WORD_AT - 1 - i) & 1
                      : i < END     ? word >> (END - 1 - i) & 1
                                    : n % 2;
        make_doubts(events, COUNT);
        for (unsigned k = 0; k < DOUBTED; k++)
            events[END + 1 - DOUBTED + k] = (struct error_event){.mask = 1, .reliability = 300};
        listen_anew();
        receive(bits, events, COUNT);
        assert_int_equal(heard.count, 0);
    }
}

static void random_bits_are_no_message(void **unused)
{
    (void)unused;
    check_random_bits(60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turned_stream_is_understood),
        cmocka_unit_test(half_a_synchronisation_does_not_turn_a_block_round),
        cmocka_unit_test(all_three_synchronisation_words_are_understood),
        cmocka_unit_test(a_block_of_the_first_generation_is_repaired_and_says_so),
        cmocka_unit_test(a_block_of_the_second_generation_bears_two_wrong_bits_in_a_word),
        cmocka_unit_test(a_block_of_the_second_generation_bears_lost_stretches),
        cmocka_unit_test(what_is_cut_short_is_dropped_unless_it_calls_for_help),
        cmocka_unit_test(code_words_of_mpt1327_are_nobodys),
        cmocka_unit_test(a_code_word_of_mpt1327_with_a_doubted_end_is_nobodys),
        cmocka_unit_test(random_bits_are_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
