/* SPDX-License-Identifier: Apache-2.0 */
/* A list of handhelds to poll: what is taken, and what is refused with words that help. */
#include "config_text.h"

#include <stdio.h>

static const char *with(const char *source)
{
    static char text[2000];
    (void)snprintf(text, sizeof text,
                   "site { id = sasabe }\nbroker \"hq\" { host = localhost }\nsource \"base\" { %s }\n",
                   source);
    return text;
}

static void a_list_arrives(void **state)
{
    (void)state;
    struct config *config =
        config_accept(with("type = serial device = /dev/ttyUSB0 poll_units = {\"100-1001\", \"U01001\"} "
                           "poll_interval_s = 60 answer_s = 20"));
    assert_int_equal(config->source[0].poll_unit_count, 2);
    assert_string_equal(config->source[0].poll_units[1], "U01001");
    assert_true(config->source[0].poll_interval_s > 59.0 && config->source[0].answer_s < 21.0);
    config_free(config);
    config = config_accept(with("type = serial device = /dev/ttyUSB0"));
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
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        config_refuse(with(wrong[i].source), wrong[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_arrives),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
