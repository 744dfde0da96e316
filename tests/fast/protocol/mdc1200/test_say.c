/* SPDX-License-Identifier: Apache-2.0 */
/* MDC-1200 has one answer to an emergency; it stands for a person and for nothing less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"

static struct message message;

static enum atalaya_result say(enum say_what what, const char *from, const char *to, bool *asks)
{
    const struct protocol *protocol = protocol_find("mdc1200")->protocol;
    const struct protocol_say said = {what, from, to, "words that it cannot carry", "7"};
    message_reset(&message, "mdc1200", "mdc1200");
    enum atalaya_result result = protocol->say(&said, &message, asks);
    return result == ATALAYA_OK ? protocol->compose(&message) : result;
}

static void expect(enum say_what what, const char *hex, bool asked)
{
    char written[40];
    bool asks;
    assert_int_equal(say(what, "0001", "0A01", &asks), ATALAYA_OK);
    assert_int_equal(asks, asked);
    (void)protocol_find("mdc1200")->protocol->to_text(&message, written, sizeof written);
    assert_string_equal(written, hex);
}

static void a_person_is_said_and_nothing_less(void **state)
{
    bool asks;
    (void)state;
    expect(SAY_DISTRESS_ACKNOWLEDGED, "2000 0A01", false);
    assert_int_equal(say(SAY_DISTRESS_HEARD, "0001", "0A01", &asks), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(say(SAY_DISTRESS_RECEIVED, "0001", "0A01", &asks), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(say(SAY_TEXT, "0001", "0A01", &asks), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(say(SAY_ACKNOWLEDGE, "0001", "0A01", &asks), ATALAYA_E_UNSUPPORTED);
}

static void signals_ask_for_an_acknowledgement(void **state)
{
    bool asks;
    (void)state;
    expect(SAY_CALL_ALERT, "3589 0A01 830D 0001", true);
    expect(SAY_RADIO_CHECK, "6385 0A01", true);
    assert_int_equal(say(SAY_CALL_ALERT, "0001", "", &asks), ATALAYA_E_ARGUMENT);
    assert_int_equal(say(SAY_CALL_ALERT, "0001", "0a01", &asks), ATALAYA_E_ARGUMENT);
    assert_int_equal(say(SAY_CALL_ALERT, "N0CALL", "0A01", &asks), ATALAYA_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_is_said_and_nothing_less),
        cmocka_unit_test(signals_ask_for_an_acknowledgement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
