/* SPDX-License-Identifier: Apache-2.0 */
/* Where units were last: who is in the registry is not forgotten for strangers, however many pass by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/whereabouts.h"
#include "spool_fixture.h"

static struct whereabouts *places;

static void say(const char *unit, bool known, int64_t second)
{
    const struct whereabout where = {.lat_deg = 31, .lon_deg = -111, .utc_ns = second * INT64_C(1000000000)};
    whereabouts_update(places, unit, known, &where);
}

static void strangers_push_out_strangers(void **state)
{
    struct spool_fixture *fixture = *state;
    char unit[32];
    assert_int_equal(whereabouts_create(fixture->spool, &places), ATALAYA_OK);
    say("patrol-1", true, 1000);
    for (int i = 0; i < WHEREABOUTS_UNITS_MAX + 200; i++) {
        (void)snprintf(unit, sizeof unit, "ax25.N%dCAL", i);
        say(unit, false, 2000 + i);
    }
    assert_non_null(whereabouts_find(places, "patrol-1"));
    assert_null(whereabouts_find(places, "ax25.N0CAL"));
    assert_non_null(whereabouts_find(places, unit));
    whereabouts_destroy(places);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(whereabouts_create(fixture->spool, &places), ATALAYA_OK);
    say("ax25.N0CALL-9", false, 9000);
    say("patrol-2", true, 9001);
    assert_non_null(whereabouts_find(places, "patrol-1"));
    assert_non_null(whereabouts_find(places, "patrol-2"));
    whereabouts_destroy(places);
}

/* A volunteer's radio gets a name while it is out: the button beside it has no place of its own. */
static void a_stranger_that_gets_a_name_was_somewhere(void **state)
{
    static struct config config;
    struct spool_fixture *fixture = *state;
    struct units *units;
    assert_int_equal(whereabouts_create(fixture->spool, &places), ATALAYA_OK);
    say("ax25.N0CALL-3", false, 1000);
    say("patrol-1", true, 1000);
    config.unit_count = 1;
    strcpy(config.unit[0].name, "vol-3");
    config.unit[0].radio_count = 2;
    strcpy(config.unit[0].radios[0], "mdc1200.0A33");
    strcpy(config.unit[0].radios[1], "ax25.N0CALL");
    assert_int_equal(units_create(&config, &units), ATALAYA_OK);
    assert_null(whereabouts_find(places, "vol-3"));
    whereabouts_configured(places, units);
    assert_non_null(whereabouts_find(places, "vol-3"));
    assert_int_equal(whereabouts_find(places, "vol-3")->utc_ns, 1000 * INT64_C(1000000000));
    say("vol-3", true, 2000);
    whereabouts_configured(places, units); /* what is newer stays */
    assert_int_equal(whereabouts_find(places, "vol-3")->utc_ns, 2000 * INT64_C(1000000000));
    whereabouts_rename(places, "patrol-1", "patrol-9");
    assert_non_null(whereabouts_find(places, "patrol-9"));
    units_destroy(units);
    whereabouts_destroy(places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stranger_that_gets_a_name_was_somewhere, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(strangers_push_out_strangers, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
