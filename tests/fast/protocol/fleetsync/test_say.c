/* SPDX-License-Identifier: Apache-2.0 */
/* What a tower says in FleetSync is read back as it was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"

static struct message message, read_back;

static enum atalaya_result say(enum say_what what, const char *from, const char *to, const char *text,
                               bool *asks)
{
    const struct protocol *protocol = protocol_find("fleetsync")->protocol;
    const struct protocol_say said = {what, from, to, text, "7"};
    message_reset(&message, "fleetsync", protocol->address_space);
    enum atalaya_result result = protocol->say(&said, &message, asks);
    if (result == ATALAYA_OK)
        result = protocol->compose(&message);
    if (result != ATALAYA_OK)
        return result;
    message_reset(&read_back, "fleetsync", protocol->address_space);
    memcpy(read_back.raw, message.raw, message.raw_length);
    read_back.raw_length = message.raw_length;
    return protocol->parse(&read_back);
}

static void texts_pages_and_acknowledgements_are_read_back(void **state)
{
    bool asks;
    (void)state;
    assert_int_equal(say(SAY_DISTRESS_RECEIVED, "100-1000", "101-1001", "CENTER HAS YOUR CALL", &asks),
                     ATALAYA_OK);
    assert_true(asks);
    assert_int_equal(read_back.kind, MESSAGE_TEXT);
    assert_string_equal(message_text(&read_back, "text", NULL), "CENTER HAS YOUR CALL");
    assert_string_equal(read_back.unit, "100-1000");
    assert_string_equal(read_back.to, "101-1001");
    assert_int_equal(read_back.distress, DISTRESS_NONE);
    assert_int_equal(say(SAY_ACKNOWLEDGE, "100-1000", "100-1001", "", &asks), ATALAYA_OK);
    assert_false(asks);
    assert_int_equal(read_back.kind, MESSAGE_ACKNOWLEDGE);
    assert_int_equal(say(SAY_CALL_ALERT, "100-1000", "100-1001", "", &asks), ATALAYA_OK);
    assert_true(asks);
    assert_string_equal(message_text(&read_back, "meaning", NULL), "paging");
    assert_int_equal(say(SAY_TEXT, "100-1000", "", "to all", &asks), ATALAYA_OK);
    assert_false(asks);
    assert_string_equal(read_back.to, "");
}

static void what_it_cannot_carry_is_refused(void **state)
{
    bool asks;
    (void)state;
    assert_int_equal(say(SAY_RADIO_CHECK, "100-1000", "100-1001", "", &asks), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(say(SAY_REJECT, "100-1000", "100-1001", "", &asks), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(say(SAY_TEXT, "100-1000", "1001", "x", &asks), ATALAYA_E_ARGUMENT);
    assert_int_equal(say(SAY_ACKNOWLEDGE, "100-1000", "", "", &asks), ATALAYA_E_ARGUMENT);
    assert_int_not_equal(say(SAY_TEXT, "100-1000", "100-1001", "", &asks), ATALAYA_OK);
    assert_int_not_equal(say(SAY_TEXT, "100-1000", "100-1001", "caf\xc3\xa9", &asks), ATALAYA_OK);
    assert_int_not_equal(say(SAY_TEXT, "999-1000", "100-1001", "x", &asks), ATALAYA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_pages_and_acknowledgements_are_read_back),
        cmocka_unit_test(what_it_cannot_carry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
