/* SPDX-License-Identifier: Apache-2.0 */
/* A list of handhelds to poll: what is taken, and what is refused with words that help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/config.h"

static char said[4000];

static void complain(void *context, bool is_error, const char *place, const char *text)
{
    (void)context;
    (void)place;
    size_t at = strlen(said);
    if (is_error)
        (void)snprintf(said + at, sizeof said - at, "%s\n", text);
}

static struct config *parse(const char *source)
{
    static char text[2000];
    struct config *config = NULL;
    said[0] = '\0';
    (void)snprintf(text, sizeof text, "site { id = sasabe }\nbroker \"hq\" { host = localhost }\n%s\n",
                   source);
    (void)config_parse(text, strlen(text), "test", &config, complain, NULL);
    return config;
}

static void a_list_arrives(void **state)
{
    (void)state;
    struct config *config =
        parse("source \"base\" { type = serial device = /dev/ttyUSB0 poll_units = {\"100-1001\", \"U01001\"} "
              "poll_interval_s = 60 answer_s = 20 }");
    if (!config)
        fail_msg("refused: %s", said);
    assert_int_equal(config->source[0].poll_unit_count, 2);
    assert_string_equal(config->source[0].poll_units[1], "U01001");
    assert_true(config->source[0].poll_interval_s > 59.0 && config->source[0].answer_s < 21.0);
    config_free(config);
    config = parse("source \"base\" { type = serial device = /dev/ttyUSB0 }");
    if (!config)
        fail_msg("refused: %s", said);
    assert_int_equal(config->source[0].poll_unit_count, 0); /* nobody is asked unless somebody wants it */
    config_free(config);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *source, *words;
    } wrong[] = {
        {"type = serial device = /dev/ttyUSB0 poll_units = {\"N0CALL\"}", "which is no unit"},
        {"type = serial device = /dev/ttyUSB0 poll_units = {\"000-0000\"}", "which is no unit"},
        {"type = serial device = /dev/ttyUSB0 poll_units = "
         "{\"100-1001\",\"100-1002\",\"100-1003\",\"100-1004\"} "
         "poll_interval_s = 30",
         "40 or more"},
        {"type = serial device = /dev/ttyUSB0 poll_interval_s = 5", "poll_interval_s"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char source[400];
        (void)snprintf(source, sizeof source, "source \"base\" { %s }", wrong[i].source);
        assert_null(parse(source));
        if (!strstr(said, wrong[i].words))
            fail_msg("%s: %s", source, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_arrives),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
