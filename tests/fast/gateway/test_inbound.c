/* SPDX-License-Identifier: Apache-2.0 */
/* Every command is refused, for the right reason, and its answer goes to a safe topic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/gateway/inbound.h"

#include "../../../gateway/mqtt/rfc3339.h"

#define GOOD                                                                                                 \
    "\"v\":1,\"id\":\"c-7\",\"time\":\"2026-11-23T22:40:00.000Z\",\"expires\":\"2026-11-23T22:45:00.000Z\""

static const int64_t at_22_42_ns = INT64_C(1795473720) * 1000000000;

#define ACKNOWLEDGE "site/tinajas/command/acknowledge"
#define PING        "site/tinajas/command/ping"
#define FOR_ONE     ",\"arguments\":{\"distress\":\"tinajas-7-12\",\"person\":\"Ana Ruiz\"}"

static struct inbound_command judge(const char *topic, const char *payload, bool retained, int64_t now_ns)
{
    static struct inbound_command command;
    inbound_judge("tinajas", topic, payload, strlen(payload), retained, &command);
    if (command.refusal == INBOUND_ACCEPTED)
        inbound_judge_time(&command, now_ns, 120);
    return command;
}

static void assert_judged(const char *topic, const char *payload, const char *reason)
{
    struct inbound_command command = judge(topic, payload, false, at_22_42_ns);
    if (strcmp(inbound_refusal_text(command.refusal), reason) != 0)
        fail_msg("%s: %s (%s), not %s", payload, inbound_refusal_text(command.refusal), command.detail,
                 reason);
}

static void assert_refused(const char *payload, const char *reason)
{
    assert_judged(PING, payload, reason);
}

#define SIGNATURE_86 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void well_formed_commands_pass_with_all_they_say(void **state)
{
    (void)state;
    assert_refused("{" GOOD "}", "accepted");
    assert_refused("{" GOOD ",\"time_ms\":1795473600000,\"expires_ms\":1795473900000}", "accepted");
    struct inbound_command command =
        judge(ACKNOWLEDGE,
              "{" GOOD FOR_ONE ",\"test\":true,\"centre\":\"yuma\",\"signature\":{\"key\":\"yuma-1\","
              "\"algorithm\":\"ed25519\",\"value\":\"" SIGNATURE_86 "==\"}}",
              false, at_22_42_ns);
    assert_string_equal(inbound_refusal_text(command.refusal), "accepted");
    assert_int_equal(command.what, INBOUND_ACKNOWLEDGE);
    assert_string_equal(command.name, "acknowledge");
    assert_string_equal(command.id, "c-7");
    assert_string_equal(command.centre, "yuma");
    assert_string_equal(command.key, "yuma-1");
    assert_string_equal(command.distress, "tinajas-7-12");
    assert_string_equal(command.person, "Ana Ruiz");
    assert_true(command.test);
    assert_true(command.time_utc_ns == INT64_C(1795473600000000000));
    assert_true(command.expires_utc_ns == INT64_C(1795473900000000000));
}

/* The definition at the top of inbound.h, byte by byte. */
static void what_is_signed_is_defined_to_the_byte(void **state)
{
    (void)state;
    static const char expected[] =
        "atalaya-command-1\ntinajas\nacknowledge\n"
        "{\"arguments\":{\"distress\":\"d\",\"person\":\"Mu\xc3\xb1oz \\\"\\\\/\"},"
        "\"expires\":\"2026-11-23T22:45:00.000Z\",\"expires_ms\":1795473900000,\"id\":\"c-7\","
        "\"test\":false,\"time\":\"2026-11-23T22:40:00.000Z\",\"v\":1}";
    struct inbound_command command = judge(ACKNOWLEDGE,
                                           "{ \"test\": false," GOOD ",\n\"expires_ms\":1795473900000,"
                                           "\"signature\":{\"key\":\"k\",\"algorithm\":\"ed25519\",\"value\":"
                                           "\"" SIGNATURE_86 "==\"},\"arguments\":{"
                                           "\"person\":\"Mu\\u00f1oz \\\"\\\\\\/\",\"distress\":\"d\"}}",
                                           false, at_22_42_ns);
    assert_int_equal(command.refusal, INBOUND_ACCEPTED);
    assert_int_equal(command.signed_length, sizeof expected - 1);
    assert_memory_equal(command.signed_bytes, expected, sizeof expected - 1);
}

static void each_command_has_its_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *name, *arguments, *verdict;
    } rows[] = {
        {"received", "\"distress\":\"d\"", "accepted"},
        {"received", "", "malformed"},
        {"received", "\"distress\":\"d\",\"person\":\"Ana\"", "malformed"},
        {"received", "\"distress\":\"a/b\"", "malformed"},
        {"received", "\"distress\":7", "malformed"},
        {"acknowledge", "\"distress\":\"d\"", "malformed"}, /* only a person acknowledges */
        {"acknowledge", "\"distress\":\"d\",\"person\":\"\"", "malformed"},
        {"acknowledge", "\"distress\":\"d\",\"person\":\"A\\nB\"", "malformed"},
        {"clear", "\"distress\":\"d\",\"person\":\"Ana\",\"outcome\":\"false_alarm\"", "accepted"},
        {"clear", "\"distress\":\"d\",\"person\":\"Ana\",\"outcome\":\"raised\"", "malformed"},
        {"message", "\"unit\":\"patrol-1\",\"text\":\"on our way\"", "accepted"},
        {"transmit", "\"channel\":\"aprs\",\"text\":\"x\"", "accepted"},
        {"ping", "", "accepted"},
        {"ping", "\"saguaro\":\"x\"", "malformed"},
        {"reload", "", "accepted"},
        {"reboot", "", "unknown_command"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char topic[64], payload[512];
        snprintf(topic, sizeof topic, "site/tinajas/command/%s", rows[i].name);
        snprintf(payload, sizeof payload, "{" GOOD ",\"arguments\":{%s}}", rows[i].arguments);
        assert_judged(topic, payload, rows[i].verdict);
    }
}

static void what_breaks_the_envelope_is_malformed(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "null",
        "[]",
        "{}",
        "{" GOOD,
        "{" GOOD "}}",
        "{" GOOD ",\"v\":1}",
        "{" GOOD ",\"more\":1}",
        "{" GOOD ",\"test\":0}",
        "{" GOOD ",\"arguments\":[]}",
        "{" GOOD ",\"signature\":\"x\"}",
        "{" GOOD ",\"signature\":{\"key\":\"k\",\"algorithm\":\"a\"}}",
        "{" GOOD ",\"centre\":\"\"}",
        "{" GOOD ",\"signature\":{\"key\":\"k\",\"algorithm\":\"none\",\"value\":\"" SIGNATURE_86 "==\"}}",
        "{" GOOD ",\"signature\":{\"key\":\"k\",\"algorithm\":\"ed25519\",\"value\":\"AA==\"}}",
        "{" GOOD ",\"signature\":{\"key\":\"k\",\"algorithm\":\"ed25519\",\"value\":\"" SIGNATURE_86 "AA\"}}",
        "{\"v\":1,\"id\":\"c\",\"time\":\"2026-11-23T22:40:00Z\",\"expires\":\"2026-11-24T22:40:01Z\"}",
        "{" GOOD ",\"time_ms\":1795473600000.0}",
        "{" GOOD ",\"time_ms\":1795473600001}",
        "{" GOOD ",\"expires_ms\":\"1795473900000\"}",
        "{\"v\":2,\"id\":\"c\",\"time\":\"2026-11-23T22:40:00Z\",\"expires\":\"2026-11-23T22:45:00Z\"}",
        "{\"v\":1,\"id\":\"a/b\",\"time\":\"2026-11-23T22:40:00Z\",\"expires\":\"2026-11-23T22:45:00Z\"}",
        "{\"v\":1,\"id\":7,\"time\":\"2026-11-23T22:40:00Z\",\"expires\":\"2026-11-23T22:45:00Z\"}",
        "{\"v\":1,\"id\":\"c\",\"time\":\"2026-11-23T22:40:00+00:00\",\"expires\":\"2026-11-23T22:45:00Z\"}",
        "{\"v\":1,\"id\":\"c\",\"time\":\"2026-11-23T22:50:00Z\",\"expires\":\"2026-11-23T22:45:00Z\"}",
        "{\"v\":1,\"id\":\"c\",\"time\":\"2026-11-23T22:40:00Z\"}",
        "{" GOOD ",\"arguments\":{\"a\":[[[[[[1]]]]]]}}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_refused(broken[i], "malformed");
}

static void brackets_in_text_are_not_depth(void **state)
{
    (void)state;
    assert_judged("site/tinajas/command/transmit",
                  "{" GOOD ",\"arguments\":{\"channel\":\"a\",\"text\":\"[[[[[[[[\\\"[[[[{{{{\"}}",
                  "accepted");
}

static void time_is_judged_by_the_clock_there_is(void **state)
{
    (void)state;
    int64_t begins_ns = INT64_C(1795473600000000000), expires_ns = INT64_C(1795473900000000000);
    int64_t skew_ns = INT64_C(120000000000);
    assert_int_equal(judge(PING, "{" GOOD "}", false, expires_ns - 1).refusal, INBOUND_ACCEPTED);
    assert_int_equal(judge(PING, "{" GOOD "}", false, expires_ns).refusal, INBOUND_EXPIRED);
    assert_int_equal(judge(PING, "{" GOOD "}", false, begins_ns - skew_ns).refusal, INBOUND_ACCEPTED);
    assert_int_equal(judge(PING, "{" GOOD "}", false, begins_ns - skew_ns - 1000000).refusal,
                     INBOUND_CLOCK_SKEW);
}

static void retained_commands_are_refused_first(void **state)
{
    (void)state;
    struct inbound_command command = judge(PING, "{" GOOD "}", true, at_22_42_ns);
    assert_int_equal(command.refusal, INBOUND_RETAINED);
    assert_string_equal(command.id, "c-7");
    assert_int_equal(judge("site/tinajas/command/transmit", "x", true, 0).refusal, INBOUND_RETAINED);
}

static void too_large_is_not_parsed(void **state)
{
    (void)state;
    static char large[INBOUND_PAYLOAD_MAX + 2];
    memset(large, ' ', sizeof large);
    memcpy(large, "{" GOOD, strlen("{" GOOD));
    memcpy(large + INBOUND_PAYLOAD_MAX - 1, "}", 2);
    assert_refused(large, "accepted"); /* exactly the limit */
    memcpy(large + INBOUND_PAYLOAD_MAX - 1, " }", 3);
    assert_refused(large, "oversized");
}

static void the_topic_must_name_a_command_of_this_site(void **state)
{
    (void)state;
    static const char *const topics[] = {"site/other/command/transmit",
                                         "site/tinajas/command/",
                                         "site/tinajas/command/a/b",
                                         "site/tinajas/command/a b",
                                         "site/tinajas/command/123456789012345678901234567890123",
                                         ""};
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        assert_int_equal(judge(topics[i], "{" GOOD "}", false, at_22_42_ns).refusal, INBOUND_MALFORMED);
}

static void answers_go_to_safe_topics(void **state)
{
    (void)state;
    char topic[INBOUND_TOPIC_MAX];
    struct inbound_command command =
        judge("site/tinajas/command/x", "{\"v\":1,\"id\":\"../+/#\\u0000\\u001b\"}", false, at_22_42_ns);
    assert_string_equal(inbound_response_topic("tinajas", &command, topic), "site/tinajas/response/..------");
    command = judge("site/tinajas/command/x", "{\"id\":\"\"}", false, at_22_42_ns);
    assert_string_equal(inbound_response_topic("tinajas", &command, topic), "site/tinajas/response/unknown");
    json_t *answer = inbound_answer(&command);
    assert_string_equal(json_string_value(json_object_get(answer, "reason")), "malformed");
    assert_true(json_is_false(json_object_get(answer, "accepted")));
    json_decref(answer);
}

static void times_are_read_exactly(void **state)
{
    (void)state;
    int64_t ns;
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"1970-01-01T00:00:00Z", 0},
                {"2024-02-29T23:59:59.999Z", INT64_C(1709251199999000000)},
                {"2100-02-28T00:00:00.5Z", INT64_C(4107456000500000000)},
                {"2026-11-23T22:31:05.123456789Z", INT64_C(1795473065123456789)}};
    static const char *const bad[] = {"2026-02-29T00:00:00Z",
                                      "2100-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01 00:00:00Z",
                                      "2026-01-01T00:00:00.1x3Z",
                                      "1969-12-31T23:59:59Z",
                                      "2200-01-01T00:00:00Z",
                                      "2026-01-01T00:00:00.0000000001Z",
                                      ""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(rfc3339_read(good[i].text, strlen(good[i].text), &ns));
        assert_true(ns == good[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(rfc3339_read(bad[i], strlen(bad[i]), &ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_commands_pass_with_all_they_say),
        cmocka_unit_test(what_is_signed_is_defined_to_the_byte),
        cmocka_unit_test(each_command_has_its_arguments),
        cmocka_unit_test(what_breaks_the_envelope_is_malformed),
        cmocka_unit_test(brackets_in_text_are_not_depth),
        cmocka_unit_test(time_is_judged_by_the_clock_there_is),
        cmocka_unit_test(retained_commands_are_refused_first),
        cmocka_unit_test(too_large_is_not_parsed),
        cmocka_unit_test(the_topic_must_name_a_command_of_this_site),
        cmocka_unit_test(answers_go_to_safe_topics),
        cmocka_unit_test(times_are_read_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
