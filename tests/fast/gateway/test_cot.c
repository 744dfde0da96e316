/* SPDX-License-Identifier: Apache-2.0 */
/* What a map of TAK gets: a unit is one marker whoever hears it, a call is an alert until every site has
 * closed it, a test is none, and nothing from the air leaves its place in the XML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../gateway/mqtt/cot.h"

#define AT   "\"time_ms\":1795473065120,\"time_source\":\"gps\""
#define HERE "\"lat_deg\":32.311824,\"lon_deg\":-114.04911,\"accuracy_m\":9.3,\"origin\":\"radio\""

static struct cot_book book;
static char text[COT_TEXT_MAX];

static const char *format(const char *topic, const char *payload)
{
    char whole[128];
    struct feed_options options = {.prefix = "atalaya/v1", .now_utc_ns = INT64_C(1795473665120000000)};
    snprintf(whole, sizeof whole, "atalaya/v1/site/%s", topic);
    return cot_format(&book, &options, whole, payload, strlen(payload), text) ? text : "";
}

static const char *call(const char *site, const char *distress, const char *incident, const char *state,
                        const char *more)
{
    char topic[64], payload[1024];
    snprintf(topic, sizeof topic, "%s/distress/%s", site, distress);
    snprintf(payload, sizeof payload,
             "{" AT ",\"site\":\"%s\",\"unit\":\"patrol-7\",\"unit_known\":true,\"incident\":\"%s\","
             "\"state\":\"%s\",\"reason\":\"emergency\",\"raised_time_ms\":1795473065120%s}",
             site, incident, state, more);
    return format(topic, payload);
}

static unsigned count(const char *haystack, const char *needle)
{
    unsigned found = 0;
    for (const char *at = strstr(haystack, needle); at; at = strstr(at + 1, needle))
        found++;
    return found;
}

static void a_unit_is_a_marker(void **state)
{
    (void)state;
    assert_string_equal(
        format("sasabe/position/patrol-1",
               "{" AT
               ",\"site\":\"sasabe\",\"unit\":\"patrol-1\",\"unit_known\":true,\"crew\":\"Patrol 1\"," HERE
               ",\"speed_m_s\":1.5,\"course_deg\":214,\"age_s\":5,\"comment\":\"all <well>\"}"),
        "<event version=\"2.0\" uid=\"atalaya.unit.patrol-1\" type=\"a-f-G-U-C\" "
        "time=\"2026-11-23T22:31:05.120Z\" start=\"2026-11-23T22:31:00.120Z\" "
        "stale=\"2026-11-23T22:46:05.120Z\" how=\"m-g\">"
        "<point lat=\"32.311824\" lon=\"-114.049110\" hae=\"9999999.0\" ce=\"9.3\" le=\"9999999.0\"/>"
        "<detail><contact callsign=\"patrol-1\"/><track speed=\"1.5\" course=\"214\"/>"
        "<remarks>5 s old, Patrol 1: all &lt;well&gt;, heard at sasabe</remarks></detail></event>\n");
    const char *object =
        format("sasabe/position/patrol-1",
               "{" AT ",\"unit\":\"patrol-1\",\"unit_known\":true,\"object\":\"tank\"," HERE "}");
    assert_non_null(strstr(object, "uid=\"atalaya.object.tank\" type=\"b-m-p-s-m\""));
    const char *stranger =
        format("sasabe/position/x", "{" AT ",\"unit\":\"x\",\"unit_known\":false," HERE "}");
    assert_non_null(strstr(stranger, "type=\"a-u-G\""));
}

static void what_is_nowhere_is_no_marker(void **state)
{
    (void)state;
    assert_string_equal(format("s/position/u", "{" AT ",\"unit\":\"u\"}"), "");
    assert_string_equal(format("s/position/u", "{" AT ",\"unit\":\"u\",\"lat_deg\":91,\"lon_deg\":0}"), "");
    assert_string_equal(
        format("s/position/u", "{" AT ",\"unit\":\"u\",\"lat_deg\":1,\"lon_deg\":2,\"origin\":\"site\"}"),
        "");
    assert_string_equal(format("s/position/u", "{" HERE "}"), "");
    assert_string_equal(format("s/position/u", "[1]"), "");
    assert_string_equal(format("s/status", "{\"state\":\"online\"}"), "");
    assert_string_equal(format("s/distress/d", ""), "");
}

static void a_call_is_an_alert_until_it_is_closed(void **state)
{
    (void)state;
    const char *raised =
        call("sasabe", "sasabe-1-2", "51c9", "raised", ",\"position\":{" HERE "},\"text\":\"hurt\"");
    assert_non_null(strstr(raised, "uid=\"atalaya.call.51c9-9-1-1\" type=\"b-a-o-tbl\" "
                                   "time=\"2026-11-23T22:41:05.120Z\" start=\"2026-11-23T22:31:05.120Z\" "
                                   "stale=\"2026-11-24T22:41:05.120Z\""));
    assert_non_null(strstr(raised, "<point lat=\"32.311824\" lon=\"-114.049110\""));
    assert_non_null(strstr(raised, "<emergency type=\"911 Alert\">patrol-7</emergency>"));
    assert_non_null(strstr(raised, "<link uid=\"atalaya.unit.patrol-7\""));
    assert_non_null(strstr(raised, "raised. emergency: hurt"));
    assert_non_null(strstr(call("sasabe", "sasabe-1-2", "51c9", "acknowledged", ""), "type=\"b-a-o-tbl\""));
    const char *cleared = call("sasabe", "sasabe-1-2", "51c9", "cleared", "");
    assert_int_equal(count(cleared, "<event "), 1);
    assert_non_null(strstr(cleared, "uid=\"atalaya.call.51c9-9-1-1\" type=\"b-a-o-can\""));
    assert_non_null(strstr(cleared, "<emergency cancel=\"true\">patrol-7</emergency>"));
}

static void a_call_without_a_place_says_so(void **state)
{
    (void)state;
    const char *raised = call("sasabe", "sasabe-1-2", "51c9", "raised", "");
    assert_non_null(strstr(raised, "POSITION UNKNOWN"));
    assert_non_null(strstr(raised, "ce=\"9999999.0\""));
    assert_non_null(strstr(raised, "how=\"h-e\""));
    const char *old =
        call("sasabe", "sasabe-1-2", "51c9", "raised",
             ",\"position\":{\"lat_deg\":1,\"lon_deg\":2,\"age_s\":121,\"origin\":\"last-known\"}");
    assert_non_null(strstr(old, "<remarks>LAST KNOWN, 121 s old, "));
}

static void an_alert_stays_while_another_site_has_it_open(void **state)
{
    (void)state;
    call("sasabe", "sasabe-1-2", "51c9", "raised", "");
    call("tubutama", "tubutama-4-9", "51c9", "raised", "");
    assert_string_equal(call("sasabe", "sasabe-1-2", "51c9", "cleared", ""), "");
    assert_non_null(strstr(call("tubutama", "tubutama-4-9", "51c9", "cleared", ""), "type=\"b-a-o-can\""));
}

static void an_alert_moves_to_the_name_that_its_site_learns(void **state)
{
    (void)state;
    call("sasabe", "sasabe-1-2", "aaaa", "raised", "");
    const char *moved = call("sasabe", "sasabe-1-2", "bbbb", "delivered", "");
    assert_int_equal(count(moved, "<event "), 2);
    assert_non_null(strstr(moved, "uid=\"atalaya.call.aaaa-9-1-1\" type=\"b-a-o-can\""));
    assert_non_null(strstr(moved, "uid=\"atalaya.call.bbbb-9-1-1\" type=\"b-a-o-tbl\""));
}

static void a_test_is_no_alert(void **state)
{
    (void)state;
    const char *test = call("sasabe", "sasabe-1-3", "7777", "raised", ",\"test\":true");
    assert_null(strstr(test, "b-a-o"));
    assert_null(strstr(test, "emergency type"));
    assert_non_null(strstr(test, "type=\"b-m-p-s-m\""));
    assert_non_null(strstr(test, "callsign=\"TEST, NOT REAL patrol-7\""));
    assert_string_equal(call("sasabe", "sasabe-1-3", "7777", "exercise", ",\"test\":true"), "");
}

static void what_cannot_be_read_is_an_alert_all_the_same(void **state)
{
    (void)state;
    const char *broken = format("sasabe/distress/sasabe-1-2", "{\"unit\":");
    assert_non_null(strstr(broken, "uid=\"atalaya.call.sasabe-1-2-9-1-1\" type=\"b-a-o-tbl\""));
    assert_non_null(strstr(broken, "It cannot be read."));
}

static void hostile_words_stay_in_their_place(void **state)
{
    (void)state;
    const char *raised =
        call("sasabe", "x\"><event y='&", "51c9", "raised",
             ",\"text\":\"</remarks></detail></event>\\u0000\\u001b[2J\\uffff\\u202e\\\"'&\"");
    assert_int_equal(count(raised, "<event "), 1);
    assert_int_equal(count(raised, "</event>"), 1);
    assert_non_null(strstr(raised, "&lt;/event&gt;??[2J??&quot;&apos;&amp;"));
    for (const char *byte = raised; byte[1]; byte++)
        assert_true((unsigned char)*byte >= 0x20);
}

static int fresh(void **state)
{
    (void)state;
    memset(&book, 0, sizeof book);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_unit_is_a_marker, fresh),
        cmocka_unit_test_setup(what_is_nowhere_is_no_marker, fresh),
        cmocka_unit_test_setup(a_call_is_an_alert_until_it_is_closed, fresh),
        cmocka_unit_test_setup(a_call_without_a_place_says_so, fresh),
        cmocka_unit_test_setup(an_alert_stays_while_another_site_has_it_open, fresh),
        cmocka_unit_test_setup(an_alert_moves_to_the_name_that_its_site_learns, fresh),
        cmocka_unit_test_setup(a_test_is_no_alert, fresh),
        cmocka_unit_test_setup(what_cannot_be_read_is_an_alert_all_the_same, fresh),
        cmocka_unit_test_setup(hostile_words_stay_in_their_place, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
