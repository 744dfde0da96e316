/* SPDX-License-Identifier: Apache-2.0 */
/* An incident is open, and the configuration changes, the program starts anew, or there is no room for it:
 * it stays one incident, its unit is followed, nobody who must know is left out, and no clock begins anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/gateway/clock.h"
#include "desk_rig.h"

static struct config_centre *add_centre(const char *name, unsigned priority, const char *broker)
{
    struct config *config = &desk_rig.fixture->config;
    struct config_centre *centre = &config->centre[config->centre_count++];
    *centre = (struct config_centre){
        .priority = priority, .deliver_s = 20, .receive_s = 60, .acknowledge_s = 300, .broker_count = 1};
    snprintf(centre->name, sizeof centre->name, "%s", name);
    snprintf(centre->brokers[0], sizeof centre->brokers[0], "%s", broker);
    return centre;
}

/* How many documents wait for that broker; *cleared: the last of site/S/distress/D is an empty one. */
static size_t waiting(const char *broker, bool *cleared)
{
    static struct seen seen;
    fixture_read(desk_rig.fixture, broker, &seen);
    *cleared = false;
    for (size_t i = 0; i < seen.count; i++)
        *cleared = seen.payload[i][0] == '\0';
    return seen.count;
}

static void hear_radio(const char *radio, const char *name, bool known, enum distress_kind kind)
{
    static struct reception reception;
    struct unit_identity who = {.known = known};
    struct words_verdict verdict = {.distress = kind, .reason = "ax25: emergency"};
    struct desk_call call = {&reception, &who, &verdict, desk_rig.utc_ns, NULL, NULL};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    strcpy(reception.message.unit, radio);
    snprintf(who.name, sizeof who.name, "%s", name);
    strcpy(reception.channel, "aprs");
    reception.mono_ns = desk_rig.mono_ns;
    reception.dedupe = 0xc0ffee00;
    desk_hear(desk_rig.desk, &call);
}

/* The same radio, under the name that the registry gives it now. */
static void hear_as(const char *name, bool known, enum distress_kind kind)
{
    hear_radio("N0CALL-7", name, known, kind);
}

static void a_radio_that_gets_another_name_keeps_its_incident(void **state)
{
    (void)state;
    hear_as("ax25.N0CALL-7", false, DISTRESS_RAISED);
    rig_pass(60);
    hear_as("patrol-7", true, DISTRESS_RAISED);
    assert_int_equal(rig_incidents(), 1);
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    rig_pass(60);
    hear_as("ax25.N0CALL-7", false, DISTRESS_RAISED);
    assert_int_equal(rig_incidents(), 1);
    rig_pass(60);
    hear_as("patrol-7", true, DISTRESS_CANCELLED);
    assert_int_equal(desk_open_count(desk_rig.desk), 0);
}

/* The document that was published last. */
static const json_t *latest(void)
{
    rig_read_documents();
    return desk_rig.documents[desk_rig.count - 1];
}

static const char *latest_text(const char *key)
{
    const char *text = json_string_value(json_object_get(latest(), key));
    return text ? text : "";
}

static void the_registry_names_an_open_incident_and_takes_no_name_away(void **state)
{
    (void)state;
    struct config *config = &desk_rig.fixture->config;
    struct units *none, *some;
    const struct whereabout where = {32, -112, 0, 0, 0, 0, desk_rig.utc_ns, false};
    assert_int_equal(units_create(config, &none), ATALAYA_OK);
    strcpy(config->unit[0].name, "patrol-7");
    strcpy(config->unit[0].crew, "Patrol 7");
    strcpy(config->unit[0].radios[0], "ax25.N0CALL-7");
    config->unit_count = config->unit[0].radio_count = 1;
    assert_int_equal(units_create(config, &some), ATALAYA_OK);

    hear_as("ax25.N0CALL-7", false, DISTRESS_RAISED);
    desk_configured(desk_rig.desk, some);
    assert_string_equal(latest_text("unit"), "patrol-7");
    assert_string_equal(latest_text("crew"), "Patrol 7");
    assert_true(json_is_true(json_object_get(latest(), "unit_known")));
    desk_configured(desk_rig.desk, some);
    desk_configured(desk_rig.desk,
                    none); /* the radio was taken out of the registry: its crew is looked for */
    assert_int_equal(desk_rig.count, 2);
    assert_string_equal(latest_text("unit"), "patrol-7");
    desk_position(desk_rig.desk, "ax25.N0CALL-7", "ax25.N0CALL-7", &where);
    assert_float_equal(json_number_value(json_object_get(json_object_get(latest(), "position"), "lat_deg")),
                       32, 1e-9);
    hear_as("ax25.N0CALL-7", false, DISTRESS_RAISED);
    assert_int_equal(rig_incidents(), 1);
    assert_string_equal(latest_text("unit"), "patrol-7");
    desk_configured(desk_rig.desk, NULL);
    units_destroy(none);
    units_destroy(some);
}

/* The radio that calls was lent: what the handheld of its former unit was told, its bearer was not. */
static void another_units_radio_keeps_no_answer(void **state)
{
    (void)state;
    struct config *config = &desk_rig.fixture->config;
    struct units *before, *after;
    const struct distress_answer told = {.level = ANSWER_ACKNOWLEDGED,
                                         .sent = true,
                                         .confirmed = true,
                                         .site = "dome",
                                         .radio = "ax25.N0CALL-8"};
    for (unsigned i = 0; i < 2; i++) {
        snprintf(config->unit[i].name, sizeof config->unit[i].name, "patrol-%u", i);
        config->unit[i].radio_count = 1;
    }
    config->unit_count = 2;
    config->unit[0].radio_count = 2;
    strcpy(config->unit[0].radios[0], "ax25.N0CALL-7");
    strcpy(config->unit[0].radios[1], "ax25.N0CALL-8");
    strcpy(config->unit[1].radios[0], "ax25.N0CALL-9");
    assert_int_equal(units_create(config, &before), ATALAYA_OK);
    config->unit[0].radio_count = 1;
    strcpy(config->unit[0].radios[0], "ax25.N0CALL-8");
    strcpy(config->unit[1].radios[0], "ax25.N0CALL-7");
    assert_int_equal(units_create(config, &after), ATALAYA_OK);

    hear_radio("N0CALL-7", "patrol-0", true, DISTRESS_RAISED);
    hear_radio("N0CALL-8", "patrol-0", true, DISTRESS_RAISED);
    desk_answer(desk_rig.desk, latest_text("distress"), &told, NULL, NULL);
    desk_configured(desk_rig.desk, before);
    assert_string_equal(latest_text("other_radio"), "ax25.N0CALL-8");
    assert_string_equal(json_string_value(json_object_get(json_object_get(latest(), "answer"), "radio")),
                        "ax25.N0CALL-8");
    desk_configured(desk_rig.desk, after);
    assert_string_equal(latest_text("unit"), "patrol-1");
    assert_string_equal(latest_text("other_radio"), "");
    assert_null(json_object_get(latest(), "answer"));
    desk_configured(desk_rig.desk, NULL);
    units_destroy(before);
    units_destroy(after);
}

static void who_was_shown_it_sees_its_end(void **state)
{
    (void)state;
    bool cleared;
    rig_call("patrol-1"); /* there are no centres: both brokers have it */
    assert_int_equal(waiting("b1", &cleared), 1);
    (void)add_centre("yuma", 1, "b0");
    (void)add_centre("ajo", 2, "b1");
    desk_configured(desk_rig.desk, NULL);
    assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "yuma"), DISTRESS_STEP_MOVED);
    (void)waiting("b1", &cleared);
    assert_true(cleared);
}

static void who_was_shown_it_sees_its_end_after_a_restart(void **state)
{
    (void)state;
    bool cleared;
    rig_call("patrol-1");
    rig_read_documents();
    desk_delivered(desk_rig.desk, 0, desk_rig.ids, desk_rig.count);
    rig_close();
    (void)add_centre("yuma", 1, "b0");
    (void)add_centre("ajo", 2, "b1");
    rig_open();
    assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "yuma"), DISTRESS_STEP_MOVED);
    (void)waiting("b1", &cleared);
    assert_true(cleared);
}

static void whoever_takes_the_place_of_a_removed_centre_is_told_at_once(void **state)
{
    (void)state;
    bool cleared;
    struct config *config = &desk_rig.fixture->config;
    (void)add_centre("yuma", 1, "b0");
    (void)add_centre("ajo", 2, "b1");
    rig_call("patrol-1");
    assert_int_equal(waiting("b1", &cleared), 0);
    config->centre[0] = config->centre[1];
    config->centre_count = 1;
    desk_configured(desk_rig.desk, NULL);
    assert_true(waiting("b1", &cleared) > 0);
}

static void sleep_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void neither_reload_nor_restart_puts_the_alarm_off(void **state)
{
    (void)state;
    add_centre("yuma", 1, "b0")->acknowledge_s = 0.3;
    rig_call("patrol-1");
    sleep_ms(160);
    desk_configured(desk_rig.desk, NULL);
    sleep_ms(160);
    (void)desk_tick(desk_rig.desk, clock_mono_ns());
    assert_int_equal(desk_rig.alarms, 1);
    sleep_ms(160);
    rig_close();
    rig_open();
    sleep_ms(160);
    (void)desk_tick(desk_rig.desk, clock_mono_ns());
    assert_int_equal(desk_rig.alarms, 2);
}

static void an_alarm_that_found_the_siren_busy_sounds_when_it_is_free(void **state)
{
    (void)state;
    int64_t now_ns = clock_mono_ns();
    (void)add_centre("yuma", 1, "b0");
    rig_call("patrol-1");
    rig_call("patrol-2");
    desk_rig.alarm_busy = true;
    (void)desk_tick(desk_rig.desk, now_ns + 301 * SECOND_NS);
    (void)desk_tick(desk_rig.desk, now_ns + 302 * SECOND_NS);
    assert_int_equal(rig_step(DISTRESS_STATE_ACKNOWLEDGED, "Ana"), DISTRESS_STEP_MOVED);
    desk_rig.alarm_busy = false;
    (void)desk_tick(desk_rig.desk, now_ns + 303 * SECOND_NS);
    (void)desk_tick(desk_rig.desk, now_ns + 304 * SECOND_NS);
    assert_int_equal(desk_rig.alarms, 1); /* of the one that nobody has answered */
}

static void what_found_no_room_is_stored_when_there_is_some(void **state)
{
    (void)state;
    static char filler[60000];
    int64_t ids[1024];
    size_t count = 0;
    bool cleared;
    memset(filler, ' ', sizeof filler - 1);
    while (count < 1024 && fixture_append(desk_rig.fixture, SPOOL_DISTRESS, "site/x/distress/1", filler,
                                          &ids[count]) == ATALAYA_OK)
        count++;
    assert_in_range(count, 300, 400); /* 20 MiB are full */
    filler[50000] = '\0';
    while (fixture_append(desk_rig.fixture, SPOOL_DISTRESS, "site/x/distress/1", filler, &ids[count]) ==
           ATALAYA_OK)
        count++;
    for (size_t length = strlen(filler); length > 100; length = length * 2 / 3) {
        filler[length] = '\0';
        if (fixture_append(desk_rig.fixture, SPOOL_DISTRESS, "site/x/distress/1", filler, &ids[count]) ==
            ATALAYA_OK)
            count++;
    }
    rig_call("patrol-1");
    assert_int_equal(desk_open_count(desk_rig.desk), 1);
    for (unsigned b = 0; b < 2; b++)
        assert_int_equal(spool_delivered(desk_rig.fixture->spool, b, ids, count), ATALAYA_OK);
    assert_int_equal(spool_commit(desk_rig.fixture->spool), ATALAYA_OK);
    assert_int_equal(waiting("b0", &cleared), 0);
    (void)desk_tick(desk_rig.desk, clock_mono_ns() + 60 * SECOND_NS);
    assert_int_equal(waiting("b0", &cleared), 1);
    assert_int_equal(waiting("b1", &cleared), 1);
}

/* What a broker took it may have lost when it is connected anew; what it did not take waits for it anyway. A
 * way that comes and goes is not filled with it. */
static void a_new_connection_is_told_what_its_broker_had(void **state)
{
    (void)state;
    bool cleared;
    int64_t now_ns = clock_mono_ns();
    desk_connected(desk_rig.desk, 0, false);
    rig_call("patrol-1");
    rig_read_documents();
    desk_delivered(desk_rig.desk, 0, desk_rig.ids, desk_rig.count); /* as "delivered" it waits for both */
    rig_read_documents();
    desk_delivered(desk_rig.desk, 0, &desk_rig.ids[1], 1);
    assert_int_equal(waiting("b0", &cleared), 2);
    desk_connected(desk_rig.desk, 1, false); /* what it has not taken waits */
    assert_int_equal(waiting("b1", &cleared), 2);
    desk_connected(desk_rig.desk, 0, true);
    assert_int_equal(waiting("b0", &cleared), 3);
    assert_int_equal(waiting("b1", &cleared), 3); /* documents are counted: it would miss one */
    rig_read_documents();
    assert_string_equal(rig_text(2, "state"), "delivered");
    desk_connected(desk_rig.desk, 0, false); /* it hangs up each time: that one waits still */
    assert_int_equal(waiting("b0", &cleared), 3);
    desk_delivered(desk_rig.desk, 0, &desk_rig.ids[2], 1);
    desk_connected(desk_rig.desk, 0, true);
    assert_int_equal(waiting("b0", &cleared), 3);
    assert_false(desk_tick(desk_rig.desk, now_ns + 590 * SECOND_NS));
    assert_true(desk_tick(desk_rig.desk, now_ns + 610 * SECOND_NS));
    assert_int_equal(waiting("b0", &cleared), 4);
    rig_read_documents();
    desk_delivered(desk_rig.desk, 0, &desk_rig.ids[3], 1);
    desk_connected(desk_rig.desk, 0, false);
    assert_int_equal(waiting("b0", &cleared), 5);
    assert_int_equal(rig_step(DISTRESS_STATE_CLEARED, "yuma"), DISTRESS_STEP_MOVED);
    rig_close();
    rig_open();
    desk_tidy(desk_rig.desk);
    size_t before = waiting("b0", &cleared);
    desk_connected(desk_rig.desk, 0, true);
    assert_int_equal(waiting("b0", &cleared), before + 1);
    assert_true(cleared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_radio_that_gets_another_name_keeps_its_incident,
                                        rig_set_up_two_brokers, rig_tear_down),
        cmocka_unit_test_setup_teardown(the_registry_names_an_open_incident_and_takes_no_name_away,
                                        rig_set_up_two_brokers, rig_tear_down),
        cmocka_unit_test_setup_teardown(another_units_radio_keeps_no_answer, rig_set_up_two_brokers,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(who_was_shown_it_sees_its_end, rig_set_up_two_brokers, rig_tear_down),
        cmocka_unit_test_setup_teardown(who_was_shown_it_sees_its_end_after_a_restart, rig_set_up_two_brokers,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(whoever_takes_the_place_of_a_removed_centre_is_told_at_once,
                                        rig_set_up_two_brokers, rig_tear_down),
        cmocka_unit_test_setup_teardown(neither_reload_nor_restart_puts_the_alarm_off, rig_set_up_two_brokers,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(an_alarm_that_found_the_siren_busy_sounds_when_it_is_free,
                                        rig_set_up_two_brokers, rig_tear_down),
        cmocka_unit_test_setup_teardown(a_new_connection_is_told_what_its_broker_had, rig_set_up_two_brokers,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(what_found_no_room_is_stored_when_there_is_some,
                                        rig_set_up_two_brokers, rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
