/* SPDX-License-Identifier: Apache-2.0 */
/* A dispatcher's line says what happened, distress cannot be missed or faked, and nothing from the air steers
 * the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../../../gateway/mqtt/feed.h"
#include "../../../gateway/mqtt/feed_health.h"

#define AT "\"time_ms\":1795473065120,\"time_source\":\"gps\",\"delayed\":false"
#define STEPPED(ms)                                                                                          \
    "{" AT ",\"state\":\"acknowledged\",\"history\":[{\"time_ms\":1795473065900},{\"time_ms\":" ms "}]}"

static char line[FEED_LINE_MAX];

static const char *format(bool colour, const char *topic, const char *payload)
{
    struct feed_options options = {
        .prefix = "atalaya/v1", .colour = colour, .now_utc_ns = INT64_C(1795473665120000000)};
    return feed_format(&options, topic, payload, strlen(payload), line) ? line : NULL;
}

static void positions_say_where_how_fast_and_how_old(void **state)
{
    (void)state;
    assert_string_equal(
        format(
            false, "atalaya/v1/site/tinajas/position/ocotillo-2",
            "{" AT ",\"unit\":\"ocotillo-2\",\"crew\":\"Ocotillo patrol\",\"lat_deg\":32.311824,"
            "\"lon_deg\":-114.04911,\"speed_m_s\":5,\"course_deg\":214,\"age_s\":130,\"origin\":\"radio\"}"),
        "22:31:05  tinajas      ocotillo-2 (Ocotillo patrol)  32.31182 -114.04911  18 km/h to 214  2 min "
        "old");
    assert_non_null(strstr(format(false, "atalaya/v1/site/t/position/u",
                                  "{\"lat_deg\":1,\"lon_deg\":2,"
                                  "\"origin\":\"last-known\"}"),
                           "LAST KNOWN"));
    assert_non_null(strstr(format(false, "atalaya/v1/site/t/position/u", "{\"lat_deg\":91,\"lon_deg\":2}"),
                           "no position"));
}

#define ANSWERED(state, members)                                                                             \
    "{" AT ",\"state\":\"" state "\",\"answer\":{\"able\":true,\"level\":\"acknowledged\"," members "}}"

static void nobody_reads_that_a_radio_has_its_answer_before_it_has(void **state)
{
    static const char topic[] = "atalaya/v1/site/t/distress/t-1-1";
    (void)state;
    format(false, topic,
           ANSWERED("radio_acked", "\"sent\":true,\"radio_confirmed\":false,\"result\":\"sent\""));
    assert_null(strstr(line, "radio_acked"));
    assert_non_null(strstr(line, "DISTRESS acknowledged, answer keyed"));
    assert_non_null(strstr(line, "radio told: acknowledged, not confirmed"));
    format(false, topic,
           ANSWERED("radio_acked", "\"sent\":true,\"radio_confirmed\":true,\"result\":\"sent\""));
    assert_non_null(strstr(line, "radio told: acknowledged, and has it"));
    format(false, topic,
           ANSWERED("acknowledged", "\"queued\":false,\"sent\":false,\"result\":\"channel_busy\""));
    assert_non_null(strstr(line, "RADIO NOT TOLD: channel_busy"));
    format(false, topic, ANSWERED("acknowledged", "\"queued\":true,\"sent\":false"));
    assert_null(strstr(line, "TOLD"));
    format(false, topic,
           "{" AT ",\"state\":\"raised\",\"answer\":{\"able\":true,\"level\":\"heard\",\"sent\":false,"
           "\"result\":\"refused\"}}");
    assert_null(strstr(line, "TOLD"));
}

static void messages_say_what_and_whether_they_waited(void **state)
{
    (void)state;
    const char *text = format(false, "atalaya/v1/site/t/message/u",
                              "{\"time_ms\":1795473065120,\"time_source\":\"gps\",\"delayed\":true,"
                              "\"unit\":\"u\",\"unit_known\":false,\"kind\":\"text\",\"to\":\"N0CALL\","
                              "\"text\":\"agua en el tanque, señor\"}");
    assert_non_null(strstr(text, " u? "));
    assert_non_null(strstr(text, "text to N0CALL: agua en el tanque, señor"));
    assert_non_null(strstr(text, "(delayed 10 min)"));
    assert_non_null(strstr(format(false, "atalaya/v1/site/t/message/u", "{" AT ",\"test\":true}"), "[test]"));
    assert_non_null(strstr(format(false, "atalaya/v1/site/t/message/u", "{" AT ",\"guessed\":true}"),
                           "[perhaps misread]"));
}

static void objects_and_weather_say_what_they_are(void **state)
{
    (void)state;
    assert_non_null(
        strstr(format(false, "atalaya/v1/site/t/message/u",
                      "{" AT ",\"unit\":\"u\",\"kind\":\"object\",\"object\":\"CAMP\",\"alive\":false,"
                      "\"lat_deg\":31.5,\"lon_deg\":-111.5,\"comment\":\"searched\"}"),
               "object CAMP (gone)   31.50000 -111.50000: searched"));
    assert_non_null(
        strstr(format(false, "atalaya/v1/site/t/message/u",
                      "{" AT ",\"kind\":\"weather\",\"weather\":{\"temperature_c\":41.2,"
                      "\"wind_speed_m_s\":10,\"wind_direction_deg\":240,\"humidity_percent\":1e300}}"),
               "weather  41 C  wind 36 km/h from 240"));
}

static void numbers_are_shown_with_what_they_mean(void **state)
{
    (void)state;
    assert_non_null(strstr(format(false, "atalaya/v1/site/t/message/u",
                                  "{" AT ",\"kind\":\"status\",\"meaning\":\"status\",\"status\":3,"
                                  "\"code_text\":\"On scene\"}"),
                           "status: On scene 3"));
    assert_non_null(strstr(format(false, "atalaya/v1/site/t/message/u",
                                  "{" AT ",\"kind\":\"query\",\"to\":\"0A02\",\"meaning\":\"call_alert\"}"),
                           "query to 0A02: call_alert"));
}

static void who_is_on_the_air_is_told_at_both_ends(void **state)
{
    (void)state;
    const char *topic = "atalaya/v1/site/t/activity/patrol";
    assert_non_null(
        strstr(format(false, topic, "{" AT ",\"channel\":\"patrol\",\"state\":\"began\",\"duration_s\":0.1}"),
               "channel patrol is on the air"));
    assert_null(
        format(false, topic, "{" AT ",\"channel\":\"patrol\",\"state\":\"goes_on\",\"duration_s\":10}"));
    assert_non_null(strstr(format(false, topic,
                                  "{" AT ",\"channel\":\"patrol\",\"state\":\"ended\",\"duration_s\":12.3,"
                                  "\"rssi_dbfs\":-31.2,\"units\":[\"ocotillo-2\",7,\"u\\u001b[2J\"]}"),
                           "channel patrol was on the air for 12 s, -31 dBFS: ocotillo-2, , u?[2J"));
    assert_non_null(strstr(format(false, topic,
                                  "{" AT ",\"channel\":\"patrol\",\"state\":\"ended\",\"duration_s\":0.5,"
                                  "\"rssi_dbfs\":-31.2,\"suspect\":true}"),
                           "channel patrol was on the air, -31 dBFS, MAY HAVE BEEN A CALL FOR HELP"));
    assert_non_null(format(false, topic, "{\"units\":{}}"));
}

static void a_clock_that_is_not_believed_is_not_shown(void **state)
{
    (void)state;
    const char *text =
        format(false, "atalaya/v1/site/t/message/u", "{\"time_ms\":1795473065120,\"time_source\":\"none\"}");
    assert_true(strncmp(text, "--:--:--", 8) == 0);
}

static void distress_is_unmistakable_and_a_drill_is_not_one(void **state)
{
    (void)state;
    const char *topic = "atalaya/v1/site/t/distress/d";
    const char *call =
        "{" AT ",\"test\":false,\"unit\":\"u\",\"state\":\"raised\",\"reason\":\"mic-e emergency\","
        "\"heard\":3,\"position\":{\"lat_deg\":32.3,\"lon_deg\":-114,\"age_s\":700,"
        "\"origin\":\"last-known\"}}";
    assert_true(strncmp(format(true, topic, call), "\033[1;7;31m", 9) == 0);
    assert_non_null(strstr(line, "DISTRESS raised   32.30000 -114.00000  LAST KNOWN  12 min old"));
    assert_non_null(strstr(line, "mic-e emergency  heard 3 times\033[0m"));
    assert_null(strchr(format(false, topic, call), '\033'));
    assert_non_null(strstr(line, "DISTRESS raised"));
    format(true, topic, "{" AT ",\"test\":true,\"unit\":\"u\",\"state\":\"raised\"}");
    assert_non_null(strstr(line, "TEST, NOT REAL"));
    assert_null(strstr(line, "DISTRESS"));
    assert_null(strstr(line, ";31m"));
    assert_non_null(strstr(format(false, topic, "{" AT ",\"state\":\"raised\"}"), "POSITION UNKNOWN"));
    assert_null(strchr(format(true, topic, "{" AT ",\"state\":\"cleared\"}"), '\033'));
    /* Who has it, and that nobody had it in time. */
    const char *waiting =
        "{" AT ",\"unit\":\"u\",\"state\":\"received\",\"escalation\":{\"level\":2,\"told\":[\"yuma\"]},"
        "\"history\":[{\"state\":\"raised\",\"by\":\"u\"},{\"state\":\"received\",\"by\":\"ajo\"}]}";
    assert_non_null(strstr(format(false, topic, waiting),
                           "DISTRESS received by ajo  UNANSWERED, CALL 3  POSITION UNKNOWN"));
    /* The time is that of the step, and of the hearing where the radio was heard again since. */
    assert_int_equal(strncmp(format(false, topic, STEPPED("1795473126120")), "22:32:06", 8), 0);
    assert_int_equal(strncmp(format(false, topic, STEPPED("1795473005120")), "22:31:05", 8), 0);
    /* What cannot be read is still a distress. */
    assert_non_null(strstr(format(true, topic, "{\"state\":"), "DISTRESS"));
    /* And a message cannot pretend to be one. */
    assert_null(
        strstr(format(true, "atalaya/v1/site/t/message/u", "{\"text\":\"\\u001b[7mDISTRESS\"}"), "\033"));
}

static bool is_news(struct feed_health_book *book, const char *topic, const char *health)
{
    return feed_health_is_news(book, topic, health, strlen(health));
}

#define DEAF(seconds)                                                                                        \
    "{" AT ",\"well\":false,\"faults\":[{\"kind\":\"quiet\",\"text\":\"nothing for " seconds " s\"}],"       \
    "\"sources\":[{\"name\":\"a\",\"state\":\"gone\"},{\"name\":\"b\",\"state\":\"running\"}],"              \
    "\"spool\":{\"failing\":true}}"

static void of_health_what_changed_is_told(void **state)
{
    (void)state;
    static struct feed_health_book book;
    const char *here = "atalaya/v1/site/t/health", *there = "atalaya/v1/site/s/health";
    const char *well = "{" AT ",\"well\":true,\"faults\":[]}";
    assert_false(is_news(&book, here, well));
    assert_true(is_news(&book, there, DEAF("90")));
    assert_true(is_news(&book, here, DEAF("90")));
    assert_false(is_news(&book, here, DEAF("99")));
    assert_true(is_news(&book, here, well));
    assert_false(is_news(&book, here, well));
    assert_true(is_news(&book, "atalaya/v1/site/t/status", well));
    /* More sites than it remembers: the first of them is told again. */
    char name[] = "atalaya/v1/site/u00/health";
    for (unsigned i = 0; i < 10u * 32u; i++) {
        name[17] = (char)('A' + i / 10u);
        name[18] = (char)('0' + i % 10u);
        assert_true(is_news(&book, name, DEAF("90")));
        assert_false(is_news(&book, name, DEAF("91")));
    }
    assert_true(is_news(&book, there, DEAF("90")));
    assert_non_null(strstr(format(false, here, DEAF("90")),
                           "SITE NOT WELL  nothing for 90 s  source a gone  its disk fails"));
    assert_non_null(strstr(format(false, here, well), "site well"));
    /* What it says of a link comes through that link when it is the only one. */
    assert_non_null(strstr(
        format(false, here, "{" AT ",\"well\":false,\"links\":[{\"name\":\"hq\",\"state\":\"down\"}]}"),
        "site well"));
    assert_non_null(strstr(format(false, here,
                                  "{" AT ",\"well\":false,\"links\":[{\"name\":\"hq\",\"state\":\"up\"},"
                                  "{\"name\":\"ajo\",\"state\":\"down\"}]}"),
                           "SITE NOT WELL  broker ajo not reached"));
    /* One that refuses something is up, and says so itself. */
    assert_non_null(strstr(format(false, here,
                                  "{" AT ",\"well\":false,\"links\":[{\"name\":\"hq\",\"state\":\"up\","
                                  "\"set_aside\":2}]}"),
                           "SITE NOT WELL  broker hq refuses what it is sent"));
}

#define UP "{\"name\":\"hq\",\"state\":\"up\"}"

/* Whatever makes a site unwell is told with its reason: as much as the schema of health has rows that can. */
static void of_health_each_cause_is_told_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *members, *told;
    } causes[] = {
        {"\"sources\":[{\"name\":\"a\",\"state\":\"gone\",\"error\":\"no such card\"}]",
         "source a gone: no such card"},
        {"\"sources\":[{\"name\":\"a\",\"state\":\"hangs\",\"error\":\"its driver does not return\"}]",
         "source a hangs: its driver does not return"},
        {"\"sources\":[{\"name\":\"a\",\"state\":\"ended\",\"error\":\"of a bad format\"}]",
         "source a ended: of a bad format"},
        {"\"transmitters\":[{\"name\":\"t\",\"well\":false,\"error\":\"/dev/ttyUSB0 is not there\"}]",
         "transmitter t cannot send: /dev/ttyUSB0 is not there"},
        {"\"transmitters\":[{\"name\":\"t\",\"well\":false}]", "transmitter t cannot send"},
        {"\"spool\":{\"failing\":true,\"error\":\"/s: Permission denied\"}",
         "its disk fails: /s: Permission denied"},
        {"\"spool\":{\"failing\":false,\"damaged\":true,\"error\":\"kept as /s.damaged\"}",
         "its spool was damaged: kept as /s.damaged"},
        {"\"spool\":{\"failing\":false,\"error\":\"/s-lock: Permission denied\"}",
         "its spool: /s-lock: Permission denied"},
        {"\"links\":[" UP ",{\"name\":\"ajo\",\"state\":\"down\",\"error\":\"wrong password\"}]",
         "broker ajo not reached: wrong password"},
        {"\"links\":[" UP ",{\"name\":\"ajo\",\"state\":\"connecting\"}]", "broker ajo not reached"},
        {"\"links\":[" UP ",{\"name\":\"ajo\",\"state\":\"up\",\"set_aside\":1,\"error\":\"too long\"}]",
         "broker ajo refuses what it is sent: too long"},
        {"\"links\":[{\"name\":\"hq\",\"state\":\"up\",\"error\":\"takes no QoS 1\"}]",
         "broker hq: takes no QoS 1"},
        {"\"links\":[" UP "],\"faults\":[{\"kind\":\"gps\",\"text\":\"gpsd does not answer\"}]",
         "gpsd does not answer"},
        {"\"links\":[" UP "]", "it does not say why"}, /* one of a later version */
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        char health[400], expected[200];
        snprintf(health, sizeof health, "{" AT ",\"well\":false,%s}", causes[i].members);
        snprintf(expected, sizeof expected, "SITE NOT WELL  %s", causes[i].told);
        format(false, "atalaya/v1/site/t/health", health);
        assert_non_null(strstr(line, expected));
        assert_string_equal(strstr(line, "SITE"), expected);
    }
}

static void nothing_from_the_air_steers_the_terminal(void **state)
{
    (void)state;
    static const char *const evil[] = {"\\u001b]0;x\\u0007",
                                       "\\n2",
                                       "\\u0000",
                                       "\\u007f",
                                       "\\u009b31m",
                                       "\\u202e",
                                       "\\u2066",
                                       "\\u200b",
                                       "\\ufeff",
                                       "\\u2028"};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        char payload[128] = "{\"unit\":\"";
        strcat(payload, evil[i]);
        strcat(payload, "\",\"kind\":\"text\",\"text\":\"");
        strcat(payload, evil[i]);
        strcat(payload, "end\"}");
        const char *text = format(true, "atalaya/v1/site/t/message/u", payload);
        assert_non_null(strstr(text, "?"));
        assert_non_null(strstr(text, "end"));
        for (const char *byte = text; *byte; byte++)
            assert_true((unsigned char)*byte >= 0x20 && (unsigned char)*byte < 0x7f);
    }
    format(false, "atalaya/v1/site/\033[2J\xff\xc0/status", "{\"state\":\"online\"}");
    assert_non_null(strstr(line, "?[2J??"));
}

static void any_shape_of_json_is_shown_or_left_out(void **state)
{
    (void)state;
    static const char *const shapes[] = {"null",
                                         "[]",
                                         "{}",
                                         "{\"unit\":{}}",
                                         "{\"time_ms\":1e300}",
                                         "{\"time_ms\":-1}",
                                         "{\"age_s\":1e300,\"lat_deg\":0,\"lon_deg\":0}",
                                         "{\"position\":7,\"state\":[],\"heard\":\"x\"}"};
    static const char *const topics[] = {"atalaya/v1/site/t/position/u", "atalaya/v1/site/t/message/u",
                                         "atalaya/v1/site/t/distress/u", "atalaya/v1/site/t/status"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t j = 0; j < sizeof topics / sizeof *topics; j++)
            assert_non_null(format(true, topics[j], shapes[i]));
    assert_null(format(true, "atalaya/v1/site/t/distress/d", ""));
    assert_null(format(true, "atalaya/v1/site/t/rx", "{}"));
    assert_null(format(true, "other/site/t/status", "{}"));
    assert_null(format(true, "atalaya/v1/site/t/statuses", "{}"));
    assert_null(format(true, "", "{}"));
}

int main(void)
{
    if (setenv("TZ", "UTC0", 1) != 0)
        return 1;
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_say_where_how_fast_and_how_old),
        cmocka_unit_test(nobody_reads_that_a_radio_has_its_answer_before_it_has),
        cmocka_unit_test(numbers_are_shown_with_what_they_mean),
        cmocka_unit_test(messages_say_what_and_whether_they_waited),
        cmocka_unit_test(objects_and_weather_say_what_they_are),
        cmocka_unit_test(who_is_on_the_air_is_told_at_both_ends),
        cmocka_unit_test(a_clock_that_is_not_believed_is_not_shown),
        cmocka_unit_test(distress_is_unmistakable_and_a_drill_is_not_one),
        cmocka_unit_test(of_health_what_changed_is_told),
        cmocka_unit_test(of_health_each_cause_is_told_with_its_reason),
        cmocka_unit_test(nothing_from_the_air_steers_the_terminal),
        cmocka_unit_test(any_shape_of_json_is_shown_or_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
