/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration is understood as written, and what is wrong with one is told with its line and its remedy.
 */
#include "config_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITE   "site { id = sasabe }\n"
#define SOURCE "source \"vhf\" { type = alsa channel \"aprs\" { protocols = {\"ax25\"} } }\n"
#define BROKER "broker \"hq\" { host = localhost }\n"

static void test_every_kind_of_value_arrives(void **state)
{
    (void)state;
    struct config *config = config_read(
        "site { id = \"sasabe\" title = \"Cerro \\\"A\\\" \xc3\xb1\" latitude_deg = 31.5 longitude_deg "
        "= -111.25 "
        "allow_list = yes }\n"
        "gpsd { enabled = off port = 3000 jump_m = 1e3 }\n"
        "source \"vhf\" { type = alsa device = \"hw:1,0\" rate_hz = 44100 lanes = 2 # comment\n"
        "  channel \"left\" { frequency_hz = 144390000 protocols = {ax25} }\n"
        "  channel \"right\" { lane = 1 protocols = {\"ax25\"} } }\n"
        "source \"tnc\" { type = kiss device = /dev/ttyUSB0 }\n"
        "broker \"hq\" { host = localhost tls = true version = 3.1.1 ca_file = ca.pem }\n"
        "unit \"patrol-1\" { crew = \"A, B\" radios = {\"ax25.N0CALL-9\", \"ax25.N0CALL\"} }\n"
        "spool { limit = \"2 GiB\" reserve = 128K path = \"s.db\" }\n"
        "distress { texts = {} }\n");
    assert_string_equal(said.text, "");
    assert_string_equal(config->site.title, "Cerro \"A\" \xc3\xb1");
    assert_true(config->site.has_position && config->site.allow_list);
    assert_true(config->site.lat_deg == 31.5 && config->site.lon_deg == -111.25);
    assert_true(isnan(config->site.alt_m));
    assert_false(config->gpsd.enabled);
    assert_int_equal(config->gpsd.port, 3000);
    assert_true(config->gpsd.jump_m == 1000 && config->gpsd.stale_after_s == 15);
    assert_int_equal(config->source_count, 2);
    assert_int_equal(config->source[0].type, SOURCE_ALSA);
    assert_int_equal(config->source[1].type, SOURCE_KISS);
    assert_int_equal(config->source[0].line, 3);
    assert_int_equal(config->source[1].line, 6);
    assert_int_equal(config->source[1].speed_bit_s, 9600);
    assert_int_equal(config->channel_count, 3);
    assert_string_equal(config->channel[1].name, "right");
    assert_int_equal(config->channel[1].lane, 1);
    assert_int_equal(config->channel[1].source, 0);
    assert_true(isnan(config->channel[1].frequency_hz));
    assert_string_equal(config->channel[2].name, "tnc");
    assert_string_equal(config->channel[2].protocols[0], "ax25");
    assert_int_equal(config->channel[2].source, 1);
    assert_int_equal(config->broker[0].version, MQTT_311);
    assert_int_equal(config->broker[0].port, 8883);
    assert_string_equal(config->broker[0].prefix, "atalaya/v1");
    assert_string_equal(config->broker[0].ca_file, "/etc/a/ca.pem");
    assert_int_equal(config->unit[0].radio_count, 2);
    assert_true(config->spool.limit_bytes == 2147483648 && config->spool.reserve_bytes == 131072);
    assert_string_equal(config->spool.path, "/etc/a/s.db");
    assert_int_equal(config->distress.text_count, 0);
    assert_int_equal(config->distress.test_text_count, 3);
    assert_string_equal(config->distress.test_texts[2], "SIMULACRO");
    config_free(config);
}

static void test_unknown_names_are_all_told_with_the_nearest(void **state)
{
    (void)state;
    config_refuse(SITE "source \"vhf\" {\n type = alsa\n rate = 48000\n devise = \"x\"\n"
                       " channel \"aprs\" {\n  protocls = {\"ax25\"}\n port = 3\n }\n}\n"
                       "brokr \"hq\" { host = a }\n",
                  "t.conf:7: no key 'protocls' in channel; did you mean 'protocols'?");
    assert_said("t.conf:4: no key 'rate' in source; did you mean 'rate_hz'?");
    assert_said("t.conf:5: no key 'devise' in source; did you mean 'device'?");
    assert_said("t.conf:8: no key 'port' in channel; it belongs into ");
    assert_said("t.conf:11: no section 'brokr' in the file; did you mean 'broker'?");
}

static void test_wrong_values_are_all_told_with_their_line(void **state)
{
    (void)state;
    config_refuse("site {\n id = \"a b\"\n latitude_deg = 91\n}\n"
                  "gpsd {\n port = 70000\n jump_m = nan\n enabled = perhaps\n}\n"
                  "spool {\n limit = \"64 MiP\"\n batch_s = 0x3\n}\n" SOURCE
                  "report { health_s = \"\" rx = 1 }\n",
                  ":2: id = \"a b\" in site may hold");
    assert_said(":3: latitude_deg = \"91\" in site is out of range; give -90 to 90 degrees");
    assert_said(":6: port = \"70000\" in gpsd is out of range; give 1 to 65535");
    assert_said(":7: jump_m = \"nan\"");
    assert_said(":8: enabled = \"perhaps\" in gpsd is neither");
    assert_said(":11: limit = \"64 MiP\" in spool is not such a number; give 64 KiB to 1 TiB");
    assert_said(":12: batch_s");
    assert_said(":15: health_s");
    assert_said(":15: rx");
}

static void test_frequencies_may_be_written_as_people_say_them(void **state)
{
    (void)state;
    struct config *config =
        config_read("site { id = a }\ngpsd { }\n" BROKER "unit u { radios = {\"ax25.N0CALL\"} }\n"
                    "source \"vhf\" { type = alsa rate_hz = 48k channel \"a\" { protocols = {ax25} "
                    "frequency_hz = 144.39M } }\n");
    assert_string_equal(said.text, "");
    assert_true(config->source[0].rate_hz == 48000);
    assert_true(config->channel[0].frequency_hz == 144390000);
    config_free(config);
#define TUNED(frequency)                                                                                     \
    SITE "source \"vhf\" { type = alsa\n channel \"a\" { protocols = {ax25} frequency_hz = " frequency       \
         " } }\n"
    config_refuse(TUNED("144.39MHz"), ":3: frequency_hz = \"144.39MHz\" in channel is not such a number");
    assert_said("as 144.39M or 144.39e6, without Hz");
    config_refuse(TUNED("144.39"), ":3: frequency_hz = \"144.39\" in channel is out of range");
    assert_said("MHz are written with an M, as 144.39M");
    config_free(config_read(TUNED("144390"))); /* kHz: a number that is in range, and deaf */
    assert_said(":3: warning: channel 'a': frequency_hz = 144390 is 0.14439 MHz; is 144.39M meant?");
#undef TUNED
}

static void test_what_would_be_deaf_or_gone_for_ever_is_told(void **state)
{
    (void)state;
#define CHANNEL(name) " channel \"" name "\" { protocols = {ax25} } }\n"
    config_warn(SITE "source \"a\" { type = kiss device = /dev/t }\nsource \"b\" { type = serial device = "
                     "/dev/t channel \"c\" { protocols = {kenwood} } }\n",
                ":3: warning: source 'b' has the device of source 'a', which only one can open");
    config_free(config_read(SITE "source \"a\" { type = alsa device = \"hw:1,0\"" CHANNEL(
        "x") "source \"b\" { type = alsa device = \"hw:1,0\"" CHANNEL("y")));
    assert_said(":3: warning: source 'b' has the sound card of source 'a'");
    config_free(
        config_read(SITE "source \"a\" { type = alsa channel \"x\" { protocols = {ax25} }\n" CHANNEL("y")));
    assert_said(":3: warning: channel 'y' is what channel 'x' is, by source and lane");
    config_free(config_read(SITE "source \"a\" { type = alsa gain_db = 30" CHANNEL("x")));
    assert_said(":2: warning: source 'a' is no software radio: its gain means nothing");
    config_warn(SITE SOURCE "broker \"b\" { host = \"localhost:1883\" }",
                ":3: warning: broker 'b': host \"localhost:1883\" is no name");
    config_warn(SITE SOURCE "broker \"b\" { host = \"mqtt://hq\" }",
                ":3: warning: broker 'b': host \"mqtt://hq\" is no name");
#undef CHANNEL
}

static void test_an_example_in_a_complaint_can_be_pasted(void **state)
{
    (void)state;
    config_refuse(SITE "source \"a\" { type = alsa channel \"x\" { } }",
                  "for example protocols = {\"ax25\"}");
    config_refuse(SITE "source \"a\" { type = alsa device = hw:1,0"
                       " channel \"x\" { protocols = {ax25} } }",
                  ":2: ',' is out of place here; a text that has one stands in \"quotes\"");
    config_refuse("site { id = \"a\"; }", ":1: ';' has no meaning here: a setting ends by itself");
}

static void test_syntax_errors_name_their_line(void **state)
{
    (void)state;
    config_refuse("site {\n id = \"a\n}\n", ":2: the text that begins in this line has no end");
    config_refuse("site {\n id = a\n", ":1: the brace that opens here is never closed");
    config_refuse("site { id = a } }", ":1: a closing brace without");
    config_refuse("\n/* site { id = a }", ":2: the comment that begins here");
    config_refuse("site { id = \"${HOME}\" }", "${...} has no meaning");
    config_refuse("include(\"/etc/passwd\")", "'(' has no meaning here");
    config_refuse("site { id 'a' }", "double quotes");
    config_refuse("site { id a }", ":1: 'id' needs an equal sign");
    config_refuse("site {\n id =\n}", ":3: '}' is out of place here");
    config_refuse("site {\n latitude_deg = -31,5\n}", ":2: numbers have a point");
    config_refuse("report {\n health_s = 1 min\n}",
                  ":2: 'min' is out of place here; a number stands without its unit");
    config_refuse("site {\nid = s\nsource \"a\" {\n channel \"b\" {\n protocols = {",
                  "one of those of lines 1 to 4");
    config_refuse("source { type = alsa }", ":1: section 'source' needs a name of its own");
    config_refuse(SITE SOURCE SOURCE, ":3: a section named 'vhf' exists already");
    config_refuse(SITE SOURCE "spool {\n path = \"a\"\n path = \"b\"\n}",
                  ":4: what is set here is set again");
    config_refuse("id =", "the file ends in the middle");
    config_refuse("\x80", "outside of ASCII");
    config_refuse("site { id = a title = \"\x80\" }", "title = \"?\" in site is not valid UTF-8");
}

static void test_a_zero_byte_and_a_huge_file_are_refused(void **state)
{
    (void)state;
    struct config *config;
    said_reset();
    assert_int_equal(config_parse("site {\0}", 8, "z.conf", &config, said_note, NULL), ATALAYA_E_FORMAT);
    assert_said("zero byte");
    char *huge = malloc(1 << 21);
    assert_non_null(huge);
    memset(huge, ' ', 1 << 21);
    assert_int_equal(config_parse(huge, 1 << 21, "z.conf", &config, said_note, NULL), ATALAYA_E_LENGTH);
    free(huge);
}

static void test_what_belongs_together_is_checked_together(void **state)
{
    (void)state;
    config_refuse(SOURCE, "site needs a key 'id'");
    config_refuse(SITE BROKER, "nothing to listen to");
    config_refuse(SITE "source \"v\" { type = alsa }", "source 'v' has no channel");
    config_refuse(SITE "source \"v\" { type = file channel \"a\" { protocols = {ax25} } }", "without a path");
    config_refuse(SITE "source \"v\" { type = kiss }", "without a device");
    config_refuse(SITE "source \"v\" { type = alsa\nchannel \"a\" { lane = 1 protocols = {ax25} } }",
                  ":3: channel 'a' wants lane 1, but source 'v' has lanes 0 to 0");
    config_refuse(SITE "source \"v\" { type = alsa channel \"a\" { protocols = {ax26} } }",
                  "protocol 'ax26'");
    config_refuse(SITE SOURCE "source \"w\" { type = stdin channel \"aprs\" { protocols = {ax25} } }",
                  ":3: a channel 'aprs' exists already in line 2");
    config_refuse(SITE SOURCE "broker \"hq\" { host = a tls = true certificate_file = c }",
                  "without key_file");
    config_refuse(SITE SOURCE "broker \"hq\" { host = a ca_file = c }", "tls = false");
    config_refuse(SITE SOURCE "broker \"hq\" { host = a prefix = \"a/#\" }", "is no topic");
    config_refuse(SITE SOURCE "broker \"hq\" { host = a retry_min_s = 9 retry_max_s = 3 }", "exchange them");
    config_refuse(SITE SOURCE BROKER
                  "unit \"a\" { radios = {ax25.N0CALL-9} }\nunit \"b\" { radios = {ax25.n0call-9} }",
                  ":5: radio \"ax25.n0call-9\" belongs to unit 'b' and, in line 4, to unit 'a'");
    config_refuse(SITE SOURCE BROKER "unit \"a\" { radios = {N0CALL-9} }", "must read protocol.id");
    config_refuse(SITE SOURCE BROKER "unit \"a\" { radios = {dmr.123} }", "belongs to no protocol");
    config_refuse("site { id = a latitude_deg = 3 }" SOURCE, "latitude_deg without longitude_deg");
}

static void test_doubtful_settings_warn_and_load(void **state)
{
    (void)state;
    config_warn(SITE SOURCE, "no broker");
    config_warn(SITE SOURCE "broker \"hq\" { host = a tls = true port = 1883 }", "is it 8883?");
    config_warn(SITE SOURCE "broker \"hq\" { host = a user = u password_file = p }", "unencrypted");
    config_warn("site { id = a } gpsd { enabled = false }" SOURCE BROKER, "will not know where it is");
}

static void test_more_than_the_caps_is_refused_not_cut(void **state)
{
    (void)state;
    char *text = malloc(1 << 19);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "%s%s", SITE, SOURCE);
    for (unsigned i = 0; i < CONFIG_BROKERS_MAX + 1; i++)
        used += (size_t)sprintf(text + used, "broker \"b%u\" { host = localhost }\n", i);
    config_refuse(text, "too many sections 'broker'; at most 8");
    used = (size_t)sprintf(text, "%s%sdistress { texts = {a", SITE, SOURCE);
    for (unsigned i = 0; i < 10000; i++)
        used += (size_t)sprintf(text + used, ", a");
    sprintf(text + used, "} }");
    config_refuse(text, ":3: this list is too long");
    for (used = 0; used < 6000 * 2;)
        used += (size_t)sprintf(text + used, "{}");
    config_refuse(text, "too many sections; at most 5120");
    used = (size_t)sprintf(text, "%s%s%s", SITE, SOURCE, BROKER);
    for (unsigned i = 0; i < CONFIG_UNITS_MAX; i++)
        used += (size_t)sprintf(text + used, "unit \"u%u\" { radios = {ax25.T%u} }\n", i, i);
    struct config *config = config_accept(text);
    assert_int_equal(config->unit_count, CONFIG_UNITS_MAX);
    config_free(config);
    free(text);
}

static void test_a_missing_file_says_where_to_get_one(void **state)
{
    (void)state;
    struct config *config;
    said_reset();
    assert_int_equal(config_load("/nonexistent/a.conf", &config, said_note, NULL), ATALAYA_E_IO);
    assert_null(config);
    assert_said("sample-config");
}

static void test_loading_again_gives_the_same(void **state)
{
    (void)state;
    char name[] = "/tmp/atalaya-config-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    static const char text[] = SITE SOURCE BROKER;
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    for (unsigned i = 0; i < 20; i++) {
        struct config *config;
        assert_int_equal(config_load(name, &config, said_note, NULL), ATALAYA_OK);
        assert_string_equal(config->site.id, "sasabe");
        assert_string_equal(config->file, name);
        config_free(config);
    }
    unlink(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_value_arrives),
        cmocka_unit_test(test_unknown_names_are_all_told_with_the_nearest),
        cmocka_unit_test(test_wrong_values_are_all_told_with_their_line),
        cmocka_unit_test(test_frequencies_may_be_written_as_people_say_them),
        cmocka_unit_test(test_what_would_be_deaf_or_gone_for_ever_is_told),
        cmocka_unit_test(test_an_example_in_a_complaint_can_be_pasted),
        cmocka_unit_test(test_syntax_errors_name_their_line),
        cmocka_unit_test(test_a_zero_byte_and_a_huge_file_are_refused),
        cmocka_unit_test(test_what_belongs_together_is_checked_together),
        cmocka_unit_test(test_doubtful_settings_warn_and_load),
        cmocka_unit_test(test_more_than_the_caps_is_refused_not_cut),
        cmocka_unit_test(test_a_missing_file_says_where_to_get_one),
        cmocka_unit_test(test_loading_again_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
