/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents: one for a call however often it is heard, on disk, across restarts and steps of the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "desk_rig.h"

static json_int_t heard(size_t document)
{
    return json_integer_value(json_object_get(desk_rig.documents[document], "heard"));
}

static void repeats_are_one_incident(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++, rig_pass(500)) /* each within the window of the last */
        rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 1);
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    assert_int_equal(desk_rig.count, 20);
    assert_int_equal(heard(19), 20);
    assert_string_equal(rig_text(0, "state"), "raised");
    assert_string_equal(rig_text(0, "priority"), "distress");
    assert_string_equal(rig_text(0, "unit"), "patrol-1");
    assert_string_equal(rig_text(19, "channel"), "aprs"); /* what a centre joins the sites' reports by */
    assert_string_equal(rig_text(19, "dedupe"), "00000000c0ffee00");
    assert_null(json_object_get(desk_rig.documents[19], "snr_db")); /* unknown is absent */
}

static void the_window_ends(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_pass(599);
    rig_call("patrol-1");
    rig_pass(602);
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 2);
}

static void units_and_tests_are_kept_apart(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_call("patrol-2");
    rig_hear("patrol-1", DISTRESS_RAISED, true, NULL, NULL);
    rig_call("patrol-1");
    rig_hear("patrol-1", DISTRESS_RAISED, true, NULL, NULL);
    assert_int_equal(rig_incidents(), 3);
    for (size_t i = 0; i < desk_rig.count; i++)
        assert_int_equal(json_is_true(json_object_get(desk_rig.documents[i], "test")), i == 2 || i == 4);
    assert_int_equal(heard(3), 2);
    assert_int_equal(heard(4), 2);
}

/* A site that boots without time learns it: the wall clock jumps by years, and back again for good measure.
 */
static void steps_of_the_clock_split_nothing(void **state)
{
    (void)state;
    desk_rig.utc_ns = 86400 * SECOND_NS;
    rig_call("patrol-1");
    rig_pass(30);
    desk_rig.utc_ns = clock_utc_ns();
    rig_call("patrol-1");
    rig_pass(30);
    desk_rig.utc_ns -= 7200 * SECOND_NS;
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 1);
    assert_int_equal(heard(2), 3);
    desk_rig.mono_ns += 601 * SECOND_NS; /* and hide nothing: by the monotonic clock the window is over */
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 2);
}

/* Nor does a restart between them. */
static void a_step_of_the_clock_after_a_restart_splits_nothing(void **state)
{
    const int64_t years_ns = 20 * INT64_C(31536000) * SECOND_NS;
    (void)state;
    rig_call("patrol-1");
    rig_call("patrol-2");
    rig_step(DISTRESS_STATE_CLEARED, "yuma");
    rig_close();
    rig_open();
    desk_tidy(desk_rig.desk);
    rig_pass(30);
    desk_rig.utc_ns += years_ns;
    rig_call("patrol-1");
    rig_call("patrol-2"); /* swallowed */
    assert_int_equal(rig_incidents(), 2);
    desk_rig.utc_ns -= 2 * years_ns;
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), 2);
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
}

static void a_cancel_closes_and_takes_the_retained_copy_away(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_pass(3000); /* longer than the window */
    rig_hear("patrol-1", DISTRESS_CANCELLED, false, NULL, NULL);
    assert_int_equal(rig_incidents(), 1);
    assert_int_equal(desk_rig.count, 3);
    assert_string_equal(rig_text(1, "state"), "cancelled");
    assert_int_equal(json_array_size(json_object_get(desk_rig.documents[1], "history")), 2);
    assert_null(desk_rig.documents[2]);
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
}

static void a_cancel_touches_nobody_else(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_hear("patrol-2", DISTRESS_CANCELLED, false, NULL, NULL);
    rig_hear("patrol-1", DISTRESS_CANCELLED, true, NULL, NULL); /* a drill's */
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    assert_int_equal(rig_incidents(), 1);
}

static void tidying_forgets_only_what_is_closed_and_over(void **state)
{
    (void)state;
    desk_rig.utc_ns -= 1000 * SECOND_NS;
    desk_rig.mono_ns -= 1000 * SECOND_NS;
    rig_call("patrol-1");
    rig_call("patrol-2");
    rig_step(DISTRESS_STATE_CLEARED, "yuma");
    desk_rig.utc_ns = clock_utc_ns();
    desk_rig.mono_ns = clock_mono_ns();
    rig_hear("patrol-3", DISTRESS_RAISED, false, NULL, NULL);
    rig_hear("patrol-3", DISTRESS_CANCELLED, false, NULL, NULL);
    desk_tidy(desk_rig.desk);
    rig_close();
    rig_open();
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    unsigned before = rig_incidents();
    rig_call("patrol-3"); /* swallowed: its window is not over */
    assert_int_equal(rig_incidents(), before);
    rig_call("patrol-2");
    assert_int_equal(rig_incidents(), before + 1);
}

static void a_restart_keeps_the_incident(void **state)
{
    struct whereabout here = {31.5, -111.5, 1200, 10, NAN, NAN, desk_rig.utc_ns, true};
    (void)state;
    rig_hear("patrol-1", DISTRESS_RAISED, false, &here, NULL);
    rig_read_documents();
    char topic[SPOOL_TOPIC_MAX];
    strcpy(topic, desk_rig.topics[0]);
    spool_delivered(desk_rig.fixture->spool, 0, desk_rig.ids, desk_rig.count);
    desk_delivered(desk_rig.desk, 0, desk_rig.ids, desk_rig.count);
    rig_read_documents();
    assert_int_equal(desk_rig.count, 1);
    assert_string_equal(rig_text(0, "state"), "delivered");
    rig_close();
    rig_open();
    rig_pass(30);
    rig_call("patrol-1");
    rig_read_documents();
    assert_string_equal(desk_rig.topics[desk_rig.count - 1], topic);
    assert_int_equal(heard(desk_rig.count - 1), 2);
    assert_string_equal(rig_text(desk_rig.count - 1, "state"), "delivered");
    const json_t *position = json_object_get(desk_rig.documents[desk_rig.count - 1], "position");
    assert_float_equal(json_number_value(json_object_get(position, "lat_deg")), 31.5, 1e-9);
    assert_string_equal(json_string_value(json_object_get(position, "origin")), "radio");
}

static void what_no_broker_took_is_said_again_after_a_restart(void **state)
{
    (void)state;
    rig_call("patrol-1");
    rig_close();
    rig_open();
    assert_int_equal(rig_incidents(), 1);
    desk_delivered(desk_rig.desk, 0, &desk_rig.ids[desk_rig.count - 1], 1);
    rig_read_documents();
    assert_string_equal(rig_text(desk_rig.count - 1, "state"), "delivered");
    size_t count = desk_rig.count;
    desk_delivered(desk_rig.desk, 0, desk_rig.ids, desk_rig.count); /* the second broker says nothing new */
    rig_read_documents();
    assert_int_equal(desk_rig.count, count);
}

static void positions_are_marked_for_what_they_are(void **state)
{
    struct whereabout before = {31, -111, NAN, NAN, NAN, NAN, desk_rig.utc_ns - 900 * SECOND_NS, false};
    struct whereabout now = {32, -112, NAN, NAN, NAN, NAN, desk_rig.utc_ns, false};
    (void)state;
    rig_hear("patrol-1", DISTRESS_RAISED, false, NULL, &before);
    desk_position(desk_rig.desk, "patrol-2", "ax25.patrol-2", &now);
    rig_read_documents();
    assert_int_equal(desk_rig.count, 1);
    const json_t *position = json_object_get(desk_rig.documents[0], "position");
    assert_string_equal(json_string_value(json_object_get(position, "origin")), "last-known");
    assert_true(json_number_value(json_object_get(position, "age_s")) >= 899.9);
    rig_pass(7200); /* long after the last call: open is open */
    desk_position(desk_rig.desk, "patrol-1", "ax25.patrol-1", &now);
    rig_pass(-7200);
    rig_read_documents();
    position = json_object_get(desk_rig.documents[1], "position");
    assert_string_equal(json_string_value(json_object_get(position, "origin")), "radio");
    assert_float_equal(json_number_value(json_object_get(position, "lat_deg")), 32, 1e-9);
    rig_hear("patrol-1", DISTRESS_RAISED, false, NULL,
             &before); /* a repeat without a place takes none away */
    rig_read_documents();
    position = json_object_get(desk_rig.documents[2], "position");
    assert_float_equal(json_number_value(json_object_get(position, "lat_deg")), 32, 1e-9);
}

static void a_full_desk_lets_go_of_what_matters_least(void **state)
{
    char unit[32];
    (void)state;
    rig_hear("drill", DISTRESS_RAISED, true, NULL, NULL);
    for (int i = 1; i < DISTRESS_OPEN_MAX; i++, rig_pass(1)) {
        snprintf(unit, sizeof unit, "patrol-%d", i);
        rig_call(unit);
    }
    rig_call("late-1"); /* in the drill's place */
    unsigned all = rig_incidents();
    assert_int_equal(all, DISTRESS_OPEN_MAX + 1);
    rig_call("patrol-1");
    rig_hear("drill", DISTRESS_RAISED, true, NULL, NULL); /* a test pushes nobody out */
    assert_int_equal(rig_incidents(), all);
    assert_int_equal(desk_open_count(desk_rig.desk), DISTRESS_OPEN_MAX);
    rig_call("late-2"); /* in the place of the one heard longest ago: patrol-2 */
    rig_call("patrol-1");
    assert_int_equal(rig_incidents(), all + 1);
    rig_call("patrol-2");
    assert_int_equal(rig_incidents(), all + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(repeats_are_one_incident, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(the_window_ends, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(units_and_tests_are_kept_apart, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(steps_of_the_clock_split_nothing, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_step_of_the_clock_after_a_restart_splits_nothing, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_closes_and_takes_the_retained_copy_away, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_touches_nobody_else, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(tidying_forgets_only_what_is_closed_and_over, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_restart_keeps_the_incident, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(what_no_broker_took_is_said_again_after_a_restart, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(positions_are_marked_for_what_they_are, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_full_desk_lets_go_of_what_matters_least, rig_set_up, rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
