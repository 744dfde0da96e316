/* SPDX-License-Identifier: Apache-2.0 */
/* What a tower says in APRS is what other stations read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/protocol.h"

static struct message message;

static enum atalaya_result say(enum say_what what, const char *from, const char *to, const char *text,
                               const char *number, bool *asks)
{
    const struct protocol_say said = {what, from, to, text, number};
    message_reset(&message, "ax25", "ax25");
    enum atalaya_result result = ax25_say(&said, &message, asks);
    return result == ATALAYA_OK ? ax25_compose(&message) : result;
}

static void expect(enum say_what what, const char *to, const char *text, const char *number, const char *line,
                   bool asked)
{
    static struct message heard;
    char written[200];
    bool asks;
    assert_int_equal(say(what, "N0CALL-10", to, text, number, &asks), ATALAYA_OK);
    assert_int_equal(asks, asked);
    message_reset(&heard, "ax25", "ax25");
    memcpy(heard.raw, message.raw, message.raw_length);
    heard.raw_length = message.raw_length;
    assert_int_equal(ax25_parse(&heard), ATALAYA_OK);
    (void)protocol_find("ax25")->protocol->to_text(&heard, written, sizeof written);
    assert_string_equal(written, line);
}

static void messages_and_their_acknowledgements_are_in_the_customary_form(void **state)
{
    (void)state;
    expect(SAY_TEXT, "N0CALL-7", "Come home", "12", "N0CALL-10>APZATL::N0CALL-7 :Come home{12", true);
    expect(SAY_DISTRESS_ACKNOWLEDGED, "N0CALL", "A PERSON HAS YOUR CALL", "9",
           "N0CALL-10>APZATL::N0CALL   :A PERSON HAS YOUR CALL{9", true);
    expect(SAY_TEXT, "", "To all", "13", "N0CALL-10>APZATL::BLN0     :To all", false);
    expect(SAY_ACKNOWLEDGE, "N0CALL-7", "", "41", "N0CALL-10>APZATL::N0CALL-7 :ack41", false);
    expect(SAY_REJECT, "N0CALL-7", "", "41", "N0CALL-10>APZATL::N0CALL-7 :rej41", false);
}

static void what_no_station_would_read_is_refused(void **state)
{
    static const struct {
        enum say_what what;
        const char *from, *to, *text, *number;
    } wrong[] = {
        {SAY_TEXT, "N0CALL-10", "N0CALL-7", "", "1"},
        {SAY_TEXT, "N0CALL-10", "N0CALL-7", "a{b", "1"},
        {SAY_TEXT, "N0CALL-10", "N0CALL-7", "?APRS", "1"},
        {SAY_TEXT, "N0CALL-10", "N0CALL-7", "line\nline", "1"},
        {SAY_TEXT, "N0CALL-10", "N0CALL-7", "x", "123456"},
        {SAY_TEXT, "N0CALL-10", "N0CALL-7", "x", "1}2"},
        {SAY_TEXT, "N0CALL-99", "N0CALL-7", "x", "1"},
        {SAY_TEXT, "N0CALL-10", "not a call", "x", "1"},
        {SAY_TEXT, "N0CALL-10", "N0CALL-7",
         "one more than 67 characters, which is what a message in APRS can hold.", "1"},
        {SAY_ACKNOWLEDGE, "N0CALL-10", "N0CALL-7", "", ""},
        {SAY_ACKNOWLEDGE, "N0CALL-10", "", "", "1"},
        {SAY_CALL_ALERT, "N0CALL-10", "N0CALL-7", "", ""},
    };
    bool asks;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_not_equal(
            say(wrong[i].what, wrong[i].from, wrong[i].to, wrong[i].text, wrong[i].number, &asks),
            ATALAYA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_and_their_acknowledgements_are_in_the_customary_form),
        cmocka_unit_test(what_no_station_would_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
