/* SPDX-License-Identifier: Apache-2.0 */
/* MPT1327: code words keep their meaning over the air and back, on either channel, in either polarity; a
 * controller's words are told from a radio's. */
#include "mpt1327_rig.h"

static const struct {
    const char *line, *meaning, *unit, *to;
    enum distress_kind distress;
    enum message_kind kind;
} lines[] = {
    {"A425 8450 2100", "emergency", "036-0264", "036-1200", DISTRESS_RAISED, MESSAGE_STATUS},
    {"A400 0450 2100", "emergency", "036-0264", "", DISTRESS_RAISED, MESSAGE_STATUS},
    {"A425 8434 2100", "emergency_acknowledge", "036-0264", "036-1200", DISTRESS_RAISED, MESSAGE_ACKNOWLEDGE},
    {"A4FF F458 2111", "status", "036-0264", "", DISTRESS_NONE, MESSAGE_STATUS},
    {"A425 8440 2100", "call_request", "036-0264", "036-1200", DISTRESS_NONE, MESSAGE_QUERY},
    {"A425 8440 2102", "call_request", "036-0264", "036-1200", DISTRESS_NONE, MESSAGE_QUERY},
    {"A425 8420 2100", "acknowledge", "036-1200", "036-0264", DISTRESS_NONE, MESSAGE_ACKNOWLEDGE},
    {"A425 8090 0420", "go_to_channel", "036-0264", "036-1200", DISTRESS_NONE, MESSAGE_QUERY},
    {"A425 8540 2102", "data_request", "036-0264", "036-1200", DISTRESS_RAISED, MESSAGE_OTHER},
    {"A408 4454 0268", "register", "036-0264", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"SYNT A408 4465 2000", "ptt_begin", "036-0264", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"SYNT A408 4465 2020", "ptt_end", "036-0264", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"SYNT A408 4468 0AAA", "clear_channel", "", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"AAAA AC02 1804", "aloha", "", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"AAAA AC0E 1804", "aloha_emergency_only", "", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"9119 4471 0805", "neighbour_site", "", "", DISTRESS_NONE, MESSAGE_OTHER},
    {"A925 84C4 8108 2D87 1634 0800", "short_data", "036-0264", "041-1200", DISTRESS_NONE, MESSAGE_TEXT},
    {"A925 84C4 8108 0123 4567 89AB", "short_data", "036-0264", "041-1200", DISTRESS_NONE, MESSAGE_TELEMETRY},
    {"A408 4444 0000", NULL, "", "", DISTRESS_NONE, MESSAGE_OTHER}, /* 273 is left to makers */
};
enum { LINES = sizeof lines / sizeof *lines };

static void check(const struct message *message, unsigned i)
{
    const char *meaning = message_text(message, "meaning", NULL);
    if (lines[i].meaning)
        assert_string_equal(meaning, lines[i].meaning);
    else
        assert_null(meaning);
    assert_string_equal(message->unit, lines[i].unit);
    assert_string_equal(message->to, lines[i].to);
    assert_int_equal(message->distress, lines[i].distress);
    assert_int_equal(message->kind, lines[i].kind);
    assert_true(message->well_formed);
}

static void every_line_comes_back_with_its_meaning(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < LINES; i++) {
        uint8_t bits[RIG_LINE_MAX];
        char text[128];
        size_t count = transmit_line(lines[i].line, bits);
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        check(&heard.last, i);
        assert_int_equal(heard.last.bits_corrected, 0);
        assert_int_equal(message_flag(&heard.last, "traffic"), lines[i].line[0] == 'S');
        mpt1327()->to_text(&heard.last, text, sizeof text);
        assert_string_equal(text, lines[i].line);
        assert_int_equal(heard.last.first_bit, RIG_FIRST - 32);
        assert_int_equal(heard.last.end_bit, RIG_FIRST + heard.last.raw_length / 6 * 64);
    }
}

/* Inverted, SYNC is SYNT, and inverted code words pass the check: preamble and first bit tell. */
static void an_inverted_stream_says_the_same(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < LINES; i++) {
        uint8_t bits[RIG_LINE_MAX];
        size_t count = transmit_line(lines[i].line, bits);
        for (size_t k = 0; k < count; k++)
            bits[k] ^= 1;
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        check(&heard.last, i);
        assert_int_equal(message_flag(&heard.last, "traffic"), lines[i].line[0] == 'S');
    }
}

static void meaning_composes_to_the_same_code_words(void **unused)
{
    (void)unused;
    unsigned composed = 0;
    for (unsigned i = 0; i < LINES; i++) {
        struct message from = read_line(lines[i].line), to = from;
        memset(to.raw, 0, sizeof to.raw);
        to.raw_length = 0;
        if (mpt1327()->compose(&to) != ATALAYA_OK)
            continue;
        composed++;
        struct message again;
        message_reset(&again, "mpt1327", "mpt1327");
        again.raw_length = to.raw_length;
        memcpy(again.raw, to.raw, to.raw_length);
        assert_int_equal(mpt1327()->parse(&again), ATALAYA_OK);
        check(&again, i);
    }
    assert_int_equal(composed, LINES - 4); /* not what controllers say: two alohas and a broadcast; not 273 */

    struct message call;
    message_reset(&call, "mpt1327", "mpt1327");
    strcpy(call.unit, "036-0264");
    call.distress = DISTRESS_RAISED;
    assert_int_equal(mpt1327()->compose(&call), ATALAYA_OK);
    assert_memory_equal(call.raw, ((uint8_t[]){0xa4, 0x00, 0x04, 0x50, 0x21, 0x00}), 6);
    strcpy(call.unit, "036-8191"); /* that is everybody */
    assert_int_equal(mpt1327()->compose(&call), ATALAYA_E_UNSUPPORTED);
    strcpy(call.unit, "N0CALL");
    assert_int_equal(mpt1327()->compose(&call), ATALAYA_E_UNSUPPORTED);
}

static void texts_of_every_length_come_back(void **unused)
{
    (void)unused;
    static const char text[] = "Two walkers at the wash, w";
    for (unsigned length = 0; length < sizeof text; length++) {
        struct message sent, again;
        size_t said_length = 0;
        message_reset(&sent, "mpt1327", "mpt1327");
        strcpy(sent.unit, "036-0264");
        strcpy(sent.to, "036-1200");
        sent.kind = MESSAGE_TEXT;
        (void)message_add_text(&sent, "text", text, length);
        bool fits = length > 0 && length <= 25;
        assert_int_equal(mpt1327()->compose(&sent), fits ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED);
        if (!fits || text[length - 1] == ' ')
            continue;
        message_reset(&again, "mpt1327", "mpt1327");
        memcpy(again.raw, sent.raw, again.raw_length = sent.raw_length);
        assert_int_equal(mpt1327()->parse(&again), ATALAYA_OK);
        const char *said = message_text(&again, "text", &said_length);
        assert_int_equal(said_length, length);
        assert_memory_equal(said, text, length);
        assert_true(message_flag(&again, "unproven"));
    }
}

static void text_that_is_no_message_is_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"",
                                        "SYNT",
                                        "A408",
                                        "2408 4468 0AAA",
                                        "A408 4468 0AA",
                                        "A408 4468 0AAG",
                                        "A408 4465 2000 0000 0000 0000", /* nothing follows MAINT */
                                        "A408 4465 2000 A408 4465 2000",
                                        "FFFF FFFF FFFF"}; /* never heard either: a steady tone */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct message message;
        message_reset(&message, "mpt1327", "mpt1327");
        assert_int_not_equal(mpt1327()->from_text(&message, wrong[i], strlen(wrong[i])), ATALAYA_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_comes_back_with_its_meaning),
        cmocka_unit_test(an_inverted_stream_says_the_same),
        cmocka_unit_test(meaning_composes_to_the_same_code_words),
        cmocka_unit_test(texts_of_every_length_come_back),
        cmocka_unit_test(text_that_is_no_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
