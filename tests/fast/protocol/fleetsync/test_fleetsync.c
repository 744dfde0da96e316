/* SPDX-License-Identifier: Apache-2.0 */
/* FleetSync: what is composed comes back over the air, of both generations, and means what it should. */
#include "fleetsync_rig.h"

static const struct {
    const char *line, *meaning, *unit, *to;
    enum message_kind kind;
    enum distress_kind distress;
} packets[] = {
    {"FE80 0100 2002", "ptt_begin", "100-1001", "", MESSAGE_OTHER, DISTRESS_NONE},
    {"FC80 0100 2002", "ptt_end", "100-1001", "", MESSAGE_OTHER, DISTRESS_NONE},
    {"BE00 0100 2000", "emergency", "100-1001", "", MESSAGE_STATUS, DISTRESS_RAISED},
    {"AE00 0100 2003", "lone_worker_emergency", "100-1001", "100-1002", MESSAGE_STATUS, DISTRESS_RAISED},
    {"BE80 0100 2002", "emergency", "100-1001", "", MESSAGE_STATUS, DISTRESS_RAISED},
    {"BC80 0100 2002", "emergency", "100-1001", "", MESSAGE_STATUS, DISTRESS_RAISED},
    {"FA00 0100 2003", "paging", "100-1001", "100-1002", MESSAGE_QUERY, DISTRESS_NONE},
    {"0240 0100 2003", "status", "100-1001", "100-1002", MESSAGE_STATUS, DISTRESS_NONE},
    {"B440 0100 2003", "status", "100-1001", "100-1002", MESSAGE_STATUS, DISTRESS_NONE},
    {"FE24 0100 2003", "acknowledge", "100-1001", "100-1002", MESSAGE_ACKNOWLEDGE, DISTRESS_NONE},
    {"FE41 0100 2003 0200 0000 0000", "status", "100-1001", "101-1002", MESSAGE_STATUS, DISTRESS_NONE},
    {"FE42 0100 2003 0000 0000 0300 0000 0066 6F6F", "text", "100-1001", "100-1002", MESSAGE_TEXT,
     DISTRESS_NONE},
    {"F442 0100 2003 0000 0000 0200 0000 0000 0102", "location", "100-1001", "100-1002", MESSAGE_OTHER,
     DISTRESS_NONE},
    {"FE82 0100 2003 0000 0000 0200", "", "100-1001", "100-1002", MESSAGE_OTHER, DISTRESS_NONE},
};
enum { PACKETS = sizeof packets / sizeof *packets };

static void every_packet_comes_back_with_its_meaning_in_both_generations(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 2 * PACKETS; i++) {
        uint8_t bits[RIG_LINE_MAX];
        char line[200] = "II ", text[200];
        strcpy(line + (i % 2 ? 3 : 0), packets[i / 2].line);
        size_t count = transmit_line(line, bits);
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        const char *meaning = message_text(&heard.last, "meaning", NULL);
        assert_string_equal(meaning ? meaning : "", packets[i / 2].meaning);
        assert_string_equal(heard.last.unit, packets[i / 2].unit);
        assert_string_equal(heard.last.to, packets[i / 2].to);
        assert_int_equal(heard.last.kind, packets[i / 2].kind);
        assert_int_equal(heard.last.distress, packets[i / 2].distress);
        assert_int_equal((int)message_number(&heard.last, "generation", 0.0), i % 2 + 1);
        assert_int_equal(heard.last.bits_corrected, 0);
        assert_false(heard.last.guessed);
        assert_true(heard.last.well_formed && !heard.last.has_position);
        assert_int_equal(heard.last.first_bit, RIG_FIRST - 32);
        fleetsync()->to_text(&heard.last, text, sizeof text);
        assert_string_equal(text, line);
    }
}

static void meaning_composes_to_a_message_of_the_same_meaning(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < PACKETS; i++) {
        struct message from = read_line(packets[i].line), to = from;
        bool can = strcmp(packets[i].meaning, "location") != 0 && *packets[i].meaning;
        to.raw_length = 0;
        assert_int_equal(fleetsync()->compose(&to), can ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED);
        if (!can)
            continue;
        struct message again = to;
        message_reset(&again, "fleetsync", fleetsync()->address_space);
        again.raw_length = to.raw_length;
        assert_int_equal(fleetsync()->parse(&again), ATALAYA_OK);
        assert_string_equal(message_text(&again, "meaning", NULL), packets[i].meaning);
        assert_string_equal(again.unit, packets[i].unit);
        assert_string_equal(again.to, packets[i].to);
        assert_int_equal(again.distress, packets[i].distress);
        assert_true(again.field_count + 1 == from.field_count); /* which does not know its generation */
    }
}

static void ids_that_cannot_be_sent_are_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"099-1001", "355-1001", "100-0999", "100-5095", "1001001", "N0CALL"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct message call;
        message_reset(&call, "fleetsync", fleetsync()->address_space);
        call.distress = DISTRESS_RAISED;
        strcpy(call.unit, "100-1001");
        assert_int_equal(fleetsync()->compose(&call), ATALAYA_OK);
        assert_int_equal(call.raw[0], 0xbe);
        strcpy(call.unit, wrong[i]);
        assert_int_equal(fleetsync()->compose(&call), ATALAYA_E_UNSUPPORTED);
    }
}

/* Radios raise flags by zeros. Id bursts of senders that leave the octet empty are no call for help. */
static void an_empty_flag_octet_beside_an_id_is_no_emergency(void **unused)
{
    (void)unused;
    static const char *const quiet[] = {"0080 0100 2000", "0280 0100 2000",
                                        "FE80 0100 2000", "4080 0100 2000",
                                        "3E80 0100 2000", "BA80 0100 2000",
                                        "BE40 0100 2000", "BE20 0100 2000",
                                        "BE02 0100 2000", "BE42 0100 2000 0000 0000 0000"};
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        struct message message = read_line(quiet[i]);
        assert_int_equal(message.distress, DISTRESS_NONE);
    }
}

static void status_numbers_are_those_that_radios_show(void **unused)
{
    (void)unused;
    struct message message = read_line("0240 0100 2003");
    assert_int_equal((int)message_number(&message, "status", -1.0), 10);
    message = read_line("B440 0100 2003");
    assert_int_equal((int)message_number(&message, "status", -1.0), 99);
}

static void a_location_is_handed_on_raw_and_marked_unproven(void **unused)
{
    (void)unused;
    struct message message = read_line("F442 0100 2003 0000 0000 0700 0605 0403 0201 0000 0000 0007");
    assert_false(message.has_position);
    assert_true(message_flag(&message, "unproven"));
    assert_string_equal(message_text(&message, "payload", NULL), "01020304050607");
}

static void text_of_any_length_comes_back(void **unused)
{
    (void)unused;
    static const char words[] = "two walkers at the wash, giving water, both well; ";
    char said[600];
    for (size_t i = 0; i < sizeof said; i++)
        said[i] = words[i % (sizeof words - 1)];
    for (size_t length = 1; length < sizeof said; length = length * 3 / 2 + 1) {
        static uint8_t bits[RIG_LINE_MAX];
        struct message message;
        size_t back;
        message_reset(&message, "fleetsync", fleetsync()->address_space);
        message.kind = MESSAGE_TEXT;
        strcpy(message.unit, "100-1001");
        strcpy(message.to, "101-1002");
        (void)message_add_text(&message, "text", said, length);
        assert_int_equal(fleetsync()->compose(&message), ATALAYA_OK);
        size_t count = transmit(&message, bits);
        listen_anew();
        receive(bits, NULL, count);
        assert_int_equal(heard.count, 1);
        const char *text = message_text(&heard.last, "text", &back);
        assert_int_equal(back, length);
        assert_memory_equal(text, said, length);
        assert_string_equal(heard.last.to, "101-1002");
    }
}

static void text_that_is_no_message_is_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"",
                                        "FE80",
                                        "FE80 0100 20",
                                        "FE80 0100 200",
                                        "FE80 0100 2G02",
                                        "III",
                                        "0000 0000 0000",
                                        "BE00 0000 0FFF",
                                        "FE80 0100 2002 0000 0000 0000"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct message message;
        message_reset(&message, "fleetsync", fleetsync()->address_space);
        assert_int_not_equal(fleetsync()->from_text(&message, wrong[i], strlen(wrong[i])), ATALAYA_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_packet_comes_back_with_its_meaning_in_both_generations),
        cmocka_unit_test(meaning_composes_to_a_message_of_the_same_meaning),
        cmocka_unit_test(ids_that_cannot_be_sent_are_refused),
        cmocka_unit_test(an_empty_flag_octet_beside_an_id_is_no_emergency),
        cmocka_unit_test(status_numbers_are_those_that_radios_show),
        cmocka_unit_test(a_location_is_handed_on_raw_and_marked_unproven),
        cmocka_unit_test(text_of_any_length_comes_back),
        cmocka_unit_test(text_that_is_no_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
