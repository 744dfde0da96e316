/* SPDX-License-Identifier: Apache-2.0 */
/* MDC-1200: what is composed comes back over the air, in either polarity, with wrong bits; noise says
 * nothing. */
#include "line_rig.h"

enum { PREAMBLE = 56, FIRST = RIG_AFTER + PREAMBLE + 40 };

const struct line_rig line_rig = {.protocol = "mdc1200", .preamble_bits = PREAMBLE};

static const struct protocol *mdc(void)
{
    return line_protocol();
}

static const struct {
    const char *line, *meaning, *unit, *to;
    enum distress_kind distress;
} packets[] = {
    {"0080 0A01", "emergency", "0A01", "", DISTRESS_RAISED},
    {"0081 0A01", "emergency", "0A01", "", DISTRESS_RAISED},
    {"2000 0A01", "emergency_acknowledge", "", "0A01", DISTRESS_NONE},
    {"0180 0A01", "ptt_begin", "0A01", "", DISTRESS_NONE},
    {"0100 0A01", "ptt_end", "0A01", "", DISTRESS_NONE},
    {"6385 0A02", "radio_check", "", "0A02", DISTRESS_NONE},
    {"3000 0A02", "radio_check_acknowledge", "0A02", "", DISTRESS_NONE},
    {"4603 0A01", "status", "0A01", "", DISTRESS_NONE},
    {"4709 0A01", "message", "0A01", "", DISTRESS_NONE},
    {"2206 0A02", "status_request", "", "0A02", DISTRESS_NONE},
    {"2B0C 0A02", "enable", "", "0A02", DISTRESS_NONE},
    {"3589 0A02 830D 0A01", "call_alert", "0A01", "0A02", DISTRESS_NONE},
    {"3589 0A02 8015 0A01", "selective_call", "0A01", "0A02", DISTRESS_NONE},
    {"3589 0A01 A000 0A02", "call_alert_acknowledge", "0A02", "0A01", DISTRESS_NONE},
    {"7C11 0A01", NULL, "0A01", "", DISTRESS_NONE},
};
enum { PACKETS = sizeof packets / sizeof *packets };

static void every_packet_comes_back_with_its_meaning(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < PACKETS; i++) {
        uint8_t bits[RIG_LINE_MAX];
        char text[64];
        size_t count = transmit_line(packets[i].line, bits);
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        const char *meaning = message_text(&heard.last, "meaning", NULL);
        if (packets[i].meaning)
            assert_string_equal(meaning, packets[i].meaning);
        else
            assert_null(meaning);
        assert_string_equal(heard.last.unit, packets[i].unit);
        assert_string_equal(heard.last.to, packets[i].to);
        assert_int_equal(heard.last.distress, packets[i].distress);
        assert_int_equal(heard.last.bits_corrected, 0);
        mdc()->to_text(&heard.last, text, sizeof text);
        assert_string_equal(text, packets[i].line);
        assert_true(heard.last.first_bit >= RIG_AFTER && heard.last.end_bit <= count - RIG_AFTER);
    }
}

static void meaning_composes_to_the_same_packet(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < PACKETS; i++) {
        struct message from = read_line(packets[i].line), to = from;
        memset(to.raw, 0, sizeof to.raw);
        to.raw_length = 0;
        enum atalaya_result result = mdc()->compose(&to);
        assert_int_equal(result, packets[i].meaning ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED);
        if (!packets[i].meaning)
            continue;
        assert_int_equal(to.raw_length, from.raw_length);
        assert_memory_equal(to.raw, from.raw, from.raw_length);
    }
    struct message call;
    message_reset(&call, "mdc1200", "mdc1200");
    strcpy(call.unit, "0A01");
    call.distress = DISTRESS_RAISED;
    assert_int_equal(mdc()->compose(&call), ATALAYA_OK);
    assert_int_equal(call.raw[1], 0x80);
    strcpy(call.unit, "N0CALL"); /* no four hexadecimal digits */
    assert_int_equal(mdc()->compose(&call), ATALAYA_E_UNSUPPORTED);
}

static void either_polarity_of_the_message_bits_is_understood(void **unused)
{
    (void)unused;
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("0080 0A01", bits);
    bits[RIG_AFTER / 2] ^= 1; /* one line bit before the packet turns all message bits round */
    listen_anew();
    receive(bits, NULL, count);
    assert_int_equal(heard.count, 1);
}

/* A wrong message bit is two wrong line bits, and the detector says that it doubted both. */
static void doubtful_bits_are_corrected_and_counted(void **unused)
{
    (void)unused;
    enum { WRONG = 9 };
    static struct error_event events[RIG_LINE_MAX];
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("0080 0A01", bits);
    for (size_t i = 0; i < count; i++)
        events[i] = (struct error_event){.mask = 3, .reliability = 3000};
    for (unsigned k = 0; k < WRONG; k++) {
        size_t at = FIRST + 3 + 12 * k;
        bits[at] ^= 1;
        bits[at + 1] ^= 1;
        events[at + 1].reliability = 100;
    }
    listen_anew();
    receive(bits, events, count);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.last.bits_corrected, WRONG);
    assert_false(heard.last.guessed);
    assert_int_equal(output.counts.repaired, 1);
}

static void a_double_packet_cut_short_says_nothing(void **unused)
{
    (void)unused;
    uint8_t bits[RIG_LINE_MAX];
    size_t count = transmit_line("3589 0A02 830D 0A01", bits);
    for (size_t i = FIRST + 112; i < count; i++)
        bits[i] = random_bits() & 1;
    listen_anew();
    receive(bits, NULL, count);
    assert_int_equal(heard.count, 0);
    assert_int_equal(output.counts.check, 1);
}

static void random_bits_are_no_message(void **unused)
{
    (void)unused;
    check_random_bits(20);
}

static void text_that_is_no_packet_is_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {
        "", "0080", "0080 0A0", "0080 0A01 0000 0000", "3589 0A02", "00G0 0A01", "3589 0A02 830D 0A01 0000"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct message message;
        message_reset(&message, "mdc1200", "mdc1200");
        assert_int_not_equal(mdc()->from_text(&message, wrong[i], strlen(wrong[i])), ATALAYA_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_packet_comes_back_with_its_meaning),
        cmocka_unit_test(meaning_composes_to_the_same_packet),
        cmocka_unit_test(either_polarity_of_the_message_bits_is_understood),
        cmocka_unit_test(doubtful_bits_are_corrected_and_counted),
        cmocka_unit_test(a_double_packet_cut_short_says_nothing),
        cmocka_unit_test(random_bits_are_no_message),
        cmocka_unit_test(text_that_is_no_packet_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
