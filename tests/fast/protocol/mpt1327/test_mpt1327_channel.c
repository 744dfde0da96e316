/* SPDX-License-Identifier: Apache-2.0 */
/* MPT1327 as it stands on the air: a control channel's endless stream, words with wrong bits, words cut off,
 * FleetSync beside it, and noise. */
#include <stdio.h>

#include "mpt1327_rig.h"

/* System 4660: its completion is such that the word's check is the next synchronisation (clause 3.3.1). */
static const char system_word[] = "1234 4221 AAAA ";
static const uint64_t sync = 0xaaaac4d7;

static size_t put(uint64_t value, unsigned count, uint8_t *bits, size_t at)
{
    while (count-- > 0)
        bits[at++] = value >> count & 1;
    return at;
}

static size_t put_word(const char *line, uint8_t *bits, size_t at)
{
    uint8_t octets[CODE_WORD_OCTETS] = {0};
    unsigned digits = 0;
    for (; *line; line++)
        if (*line != ' ') {
            octets[digits / 2] =
                (uint8_t)(octets[digits / 2] << 4 | (*line <= '9' ? *line - '0' : *line - 'A' + 10));
            digits++;
        }
    assert_int_equal(digits, 12);
    return put(code_word_write(octets), CODE_WORD_BITS, bits, at);
}

static void a_system_word_ends_with_the_synchronisation(void **unused)
{
    (void)unused;
    uint8_t bits[CODE_WORD_BITS];
    uint64_t end = 0;
    put_word(system_word, bits, 0);
    for (unsigned i = 32; i < CODE_WORD_BITS; i++)
        end = end << 1 | bits[i];
    assert_int_equal(end, sync);

    char line[64], text[64];
    snprintf(line, sizeof line, "%sAAAA AC02 1804", system_word);
    struct message message = read_line(line);
    assert_true(message_flag(&message, "from_system"));
    assert_int_equal((int)message_number(&message, "system", -1.0), 4660);
    mpt1327()->to_text(&message, text, sizeof text);
    assert_string_equal(text, line);
    for (unsigned system = 0; system < 1 << 15; system += 97) { /* for every system there is one */
        struct message other = message;
        other.field_count = 0;
        (void)message_add_boolean(&other, "from_system", true);
        (void)message_add_integer(&other, "system", system);
        mpt1327()->to_text(&other, text, sizeof text);
        message_reset(&other, "mpt1327", "mpt1327");
        assert_int_equal(mpt1327()->from_text(&other, text, strlen(text)), ATALAYA_OK);
        assert_int_equal((int)message_number(&other, "system", -1.0), (int)system);
    }
}

/* The same number is a request of a radio and an ahoy of the controller: with bit 47 a call for help. */
static void a_controllers_ahoy_is_told_from_a_radios_request(void **unused)
{
    (void)unused;
    static uint8_t bits[RIG_LINE_MAX];
    size_t at = put_noise(bits, 0);
    at = put(sync, 32, bits, at);
    at = put_word(system_word, bits, at);
    at = put_word("A425 8440 2102", bits, at); /* 036-0264 calls 036-1200, emergency */
    size_t damaged = at + 20;
    at = put_word(system_word, bits, at);
    at = put_word("A425 8440 2102", bits, at);
    bits[damaged] ^= 1; /* the stream goes on without its system word */
    at = put_noise(bits, at);
    listen_anew();
    receive(bits, NULL, at);
    assert_int_equal(heard.count, 2);
    assert_string_equal(message_text(&heard.last, "meaning", NULL), "call");
    assert_int_equal(heard.last.distress, DISTRESS_RAISED);
    assert_string_equal(heard.last.unit, "036-0264");
    assert_false(heard.last.guessed);
    assert_int_equal((int)message_number(&heard.last, "system", -1.0), 4660);
}

static void a_caller_of_another_prefix_is_in_the_word_that_follows(void **unused)
{
    (void)unused;
    uint8_t bits[RIG_LINE_MAX];
    char line[64];
    snprintf(line, sizeof line, "%sA425 8443 FFA3 0000 0005 204D", system_word);
    size_t count = transmit_line(line, bits);
    listen_anew();
    receive(bits, NULL, count);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last.unit, "041-0077");
    assert_string_equal(heard.last.to, "036-1200");
    assert_int_equal(heard.last.distress, DISTRESS_RAISED);

    for (unsigned i = 0; i < 40; i++) /* the word is lost: the call for help is not */
        bits[RIG_FIRST + 2 * 64 + i] ^= random_bits() & 1;
    listen_anew();
    receive(bits, NULL, count);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last.unit, "");
    assert_int_equal(heard.last.distress, DISTRESS_RAISED);
    assert_false(heard.last.well_formed);
}

/* As a control channel is: 9 code words a second. Each is heard once. */
static void an_endless_stream_is_heard_word_by_word(void **unused)
{
    (void)unused;
    enum { SLOTS_SENT = 20 };
    static uint8_t bits[RIG_LINE_MAX];
    size_t at = put(sync, 32, bits, put_noise(bits, 0));
    for (unsigned i = 0; i < SLOTS_SENT; i++)
        at = put_word(i % 2 ? "9119 4471 0805" : "AAAA AC02 1804", bits, put_word(system_word, bits, at));
    listen_anew();
    receive(bits, NULL, put_noise(bits, at));
    assert_int_equal(heard.count, SLOTS_SENT);
}

/* One doubtful pair of bits is put right; the message says so, and that it is a guess. */
static void doubtful_bits_are_corrected_and_counted(void **unused)
{
    (void)unused;
    static struct error_event events[RIG_LINE_MAX];
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("A425 8450 2100", bits);
    for (size_t i = 0; i < count; i++)
        events[i] = (struct error_event){.mask = 3, .reliability = 3000};
    for (unsigned k = 0; k < 2; k++) {
        bits[RIG_FIRST + 20 + 21 * k] ^= 1;
        bits[RIG_FIRST + 21 + 21 * k] ^= 1;
        events[RIG_FIRST + 21 + 21 * k].reliability = 150;
    }
    listen_anew();
    receive(bits, events, count);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.last.bits_corrected, 4);
    assert_true(heard.last.guessed);
    assert_int_equal(heard.last.distress, DISTRESS_RAISED);
    assert_int_equal(output.counts.repaired, 1);
}

/* A squelch that opens late eats the preamble; in either polarity, on either channel. */
static void a_message_without_its_preamble_is_heard(void **unused)
{
    (void)unused;
    static const char *const lines[] = {"SYNT A408 4465 2000", "A425 8450 2100"};
    for (unsigned n = 0; n < 4; n++) {
        uint8_t bits[RIG_LINE_MAX];
        size_t count = transmit_line(lines[n / 2], bits);
        for (size_t i = 0; i < count; i++)
            bits[i] = (i < RIG_FIRST - 16 ? 1 : bits[i]) ^ (n & 1);
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        assert_string_equal(heard.last.unit, "036-0264");
        assert_int_equal(message_flag(&heard.last, "traffic"), n < 2);
    }
}

/* A voice's 1200 Hz behind what sounded like a synchronisation, and a check that holds by chance. */
/* Its first bit is a zero, as that of an address turned round, which its complement is, check and all. */
static void a_system_word_behind_a_bare_synchronisation_is_no_address(void **unused)
{
    (void)unused;
    static uint8_t bits[RIG_LINE_MAX];
    size_t at = put(sync & 0xffff, 16, bits, put_noise(bits, 0));
    at = put_word(system_word, bits, at);
    at = put_word("AAAA AC02 1804", bits, at);
    listen_anew();
    receive(bits, NULL, put_noise(bits, at));
    assert_int_equal(heard.count, 1);
    assert_string_equal(message_text(&heard.last, "meaning", NULL), "aloha");
}

static void nothing_but_ones_is_no_message(void **unused)
{
    (void)unused;
    for (unsigned n = 0; n < 2; n++) {
        uint8_t bits[400];
        size_t count = put(0, 60, bits, 0);
        count = put(sync, 32, bits, count);
        count = put_word("FFFF FFFF FFFF", bits, count);
        count = put(0, 50, bits, put(0, 50, bits, count));
        for (size_t i = 0; i < count && n; i++)
            bits[i] ^= 1;
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 0);
    }
}

static void short_data_cut_off_says_nothing(void **unused)
{
    (void)unused;
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("A925 84D4 8108 2DA3 2ECD 9BD0 1DF7 F2D9 9108", bits);
    for (size_t i = RIG_FIRST + 2 * 64; i < count; i++)
        bits[i] = random_bits() & 1;
    listen_anew();
    receive(bits, NULL, count);
    assert_int_equal(heard.count, 0);
    assert_int_equal(output.counts.length, 1);
}

static void fleetsync_is_not_taken_for_it(void **unused)
{
    (void)unused;
    static const char *const lines[] = {"FE80 0100 2002", "BE00 0100 2000", "B440 0100 2003"};
    const struct protocol *fleetsync = protocol_find("fleetsync")->protocol;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct protocol_transmit how = {0};
        struct message message;
        uint8_t bits[RIG_LINE_MAX];
        message_reset(&message, "fleetsync", "kenwood");
        assert_int_equal(fleetsync->from_text(&message, lines[i], strlen(lines[i])), ATALAYA_OK);
        size_t at = put_noise(bits, 0);
        at = put_noise(bits, at + fleetsync->transmit(&message, &how, bits + at, 1000));
        listen_anew();
        receive(bits, NULL, at);
        assert_int_equal(heard.count, 0);
    }
}

static void random_bits_are_no_message(void **unused)
{
    (void)unused;
    check_random_bits(100); /* two synchronisations of sixteen bits, all as sure as can be */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_word_ends_with_the_synchronisation),
        cmocka_unit_test(a_controllers_ahoy_is_told_from_a_radios_request),
        cmocka_unit_test(a_caller_of_another_prefix_is_in_the_word_that_follows),
        cmocka_unit_test(an_endless_stream_is_heard_word_by_word),
        cmocka_unit_test(doubtful_bits_are_corrected_and_counted),
        cmocka_unit_test(a_message_without_its_preamble_is_heard),
        cmocka_unit_test(a_system_word_behind_a_bare_synchronisation_is_no_address),
        cmocka_unit_test(nothing_but_ones_is_no_message),
        cmocka_unit_test(short_data_cut_off_says_nothing),
        cmocka_unit_test(fleetsync_is_not_taken_for_it),
        cmocka_unit_test(random_bits_are_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
