/* SPDX-License-Identifier: Apache-2.0 */
/* Health that is too long for a broker says what is wrong there all the same, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#include "../../../gateway/mqtt/shorten.h"

static const char sick[] =
    "{\"v\":1,\"faults\":[{\"kind\":\"gps\",\"text\":\"gpsd does not "
    "answer\"}],\"well\":false,\"uptime_s\":5,"
    "\"sources\":[{\"name\":\"a\",\"state\":\"running\",\"bursts\":9},"
    "{\"name\":\"b\",\"state\":\"gone\",\"error\":\"no such card\",\"bursts\":9}],"
    "\"transmitters\":[{\"name\":\"t\",\"key_present\":false,\"sound_present\":true,\"sent\":3,\"well\":"
    "false,"
    "\"error\":\"no key\"},{\"name\":\"u\",\"key_present\":true,\"sound_present\":true,\"well\":true}],"
    "\"spool\":{\"waiting\":{},\"dropped\":{},\"bytes\":7,\"damaged\":false,\"failing\":true,\"error\":\"/s: "
    "full\"},"
    "\"links\":[{\"name\":\"hq\",\"state\":\"up\",\"connects\":3,\"set_aside\":1}],\"counters\":{}}";
static const char well[] =
    "{\"v\":1,\"faults\":[],\"well\":true,\"sources\":[{\"name\":\"a\",\"state\":\"running\"}],"
    "\"transmitters\":[],"
    "\"spool\":{\"waiting\":{},\"dropped\":{},\"damaged\":false,\"failing\":false},\"links\":[]}";

static void assert_shortened(const char *text, unsigned level, const char *expected)
{
    char *shorter = shorten_health(text, level);
    json_t *is = json_loads(shorter, 0, NULL), *should = json_loads(expected, 0, NULL);
    assert_non_null(should);
    if (!json_equal(is, should))
        print_message("%s\n", shorter);
    assert_true(json_equal(is, should));
    json_decref(is);
    json_decref(should);
    free(shorter);
}

#define HEAD                                                                                                 \
    "{\"v\":1,\"faults\":[{\"kind\":\"gps\",\"text\":\"gpsd does not answer\"}],\"well\":false,"             \
    "\"links\":[{\"name\":\"hq\",\"state\":\"up\",\"set_aside\":1}],"                                        \
    "\"left_out\":[\"sources\",\"transmitters\",\"spool\",\"counters\",\"uptime_s\"]"

static void what_is_wrong_stays(void **state)
{
    (void)state;
    assert_shortened(sick, 1,
                     HEAD ",\"sources\":[{\"name\":\"b\",\"state\":\"gone\",\"error\":\"no such card\"}],"
                          "\"transmitters\":[{\"name\":\"t\",\"key_present\":false,\"sound_present\":true,"
                          "\"well\":false,\"error\":\"no key\"}],"
                          "\"spool\":{\"damaged\":false,\"failing\":true,\"error\":\"/s: full\"}}");
    assert_shortened(sick, 2, HEAD "}");
}

static void of_what_is_well_nothing_is_said(void **state)
{
    (void)state;
    for (unsigned level = 1; level <= SHORTEN_HEALTH_LEVELS; level++)
        assert_shortened(well, level,
                         "{\"v\":1,\"faults\":[],\"well\":true,\"links\":[],"
                         "\"left_out\":[\"sources\",\"transmitters\",\"spool\"]}");
}

static void what_is_no_object_has_no_shorter_form(void **state)
{
    (void)state;
    assert_null(shorten_health("[", 1));
    assert_null(shorten_document("[]", 2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_stays),
        cmocka_unit_test(of_what_is_well_nothing_is_said),
        cmocka_unit_test(what_is_no_object_has_no_shorter_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
