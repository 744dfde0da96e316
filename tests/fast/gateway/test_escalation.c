/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told of what: filters, priorities and times, without a clock or a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/lifecycle/centres.h"
#include "../../../gateway/lifecycle/escalation.h"

#define SECOND_NS INT64_C(1000000000)

static struct config *config;
static struct distress distress;
static struct escalation escalation;
static char why[ESCALATION_WHY_MAX];

static int set_up(void **state)
{
    (void)state;
    config = calloc(1, sizeof *config);
    assert_non_null(config);
    config->broker_count = 4;
    for (unsigned b = 0; b < 4; b++)
        snprintf(config->broker[b].name, sizeof config->broker[b].name, "b%u", b);
    memset(&distress, 0, sizeof distress);
    strcpy(distress.unit, "patrol-1");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(config);
    return 0;
}

/* A centre with its brokers as a text of digits. */
static struct config_centre *centre(const char *name, unsigned priority, const char *brokers)
{
    struct config_centre *made = &config->centre[config->centre_count++];
    *made = (struct config_centre){.priority = priority,
                                   .deliver_s = 20,
                                   .receive_s = 60,
                                   .acknowledge_s = 300,
                                   .area_lat_deg = (double)NAN,
                                   .area_lon_deg = (double)NAN,
                                   .area_km = (double)NAN};
    snprintf(made->name, sizeof made->name, "%s", name);
    for (; *brokers; brokers++)
        snprintf(made->brokers[made->broker_count++], CONFIG_NAME_MAX, "b%c", *brokers);
    return made;
}

static void begin(void)
{
    escalation_begin(&escalation, config, &distress, 0);
}

static unsigned tick(int64_t second)
{
    return escalation_tick(&escalation, config, &distress, second * SECOND_NS, why);
}

static uint32_t brokers(void)
{
    return escalation_brokers(&escalation, config, &distress);
}

static void without_centres_everybody_is_told_and_nothing_rises(void **state)
{
    (void)state;
    begin();
    assert_int_equal(brokers(), 15);
    assert_int_equal(tick(100000), 0);
    assert_int_equal(distress.level, 0);
    strcpy(config->distress.alarm_command, "/bin/siren");
    assert_int_equal(tick(100001), ESCALATION_TELL | ESCALATION_ALARM);
}

static void filters_choose_by_unit_kind_and_drill(void **state)
{
    (void)state;
    struct config_centre *air = centre("air", 1, "0"), *school = centre("school", 1, "1"),
                         *hq = centre("hq", 1, "2");
    air->unit_count = 2;
    strcpy(air->units[0], "air-*");
    strcpy(air->units[1], "patrol-9");
    school->tests = TESTS_ONLY;
    hq->tests = TESTS_NEVER;
    hq->kind_count = 2;
    strcpy(hq->kinds[0], "distress");
    strcpy(hq->kinds[1], "message");
    static const struct {
        struct centre_subject subject;
        uint32_t brokers; /* b3 is nobody's and gets all */
    } rows[] = {
#define SUBJECT(a, b, c) {.kind = a, .unit = b, .test = c}
        {SUBJECT("distress", "air-7", false), 1 | 4 | 8}, {SUBJECT("distress", "air-7", true), 1 | 2 | 8},
        {SUBJECT("distress", "patrol-1", false), 4 | 8},  {SUBJECT("distress", "patrol-9", false), 1 | 4 | 8},
        {SUBJECT("position", "patrol-9", false), 1 | 8},  {SUBJECT("position", "patrol-99", false), 8},
        {SUBJECT("message", "patrol-1", false), 4 | 8},   {SUBJECT("message", "patrol-1", true), 2 | 8},
        {SUBJECT("rx", "air-7", false), 1 | 8},           {SUBJECT("unit", "", false), 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(centres_route(config, &rows[i].subject), rows[i].brokers);
    /* What is of no unit: who wants the kind, whatever units they are told of. */
    assert_int_equal(centres_of_kind(config, "activity"), 1 | 2 | 8);
    assert_int_equal(centres_of_kind(config, "message"), 15);
    assert_true(centre_kind_exists("activity"));
}

static void an_area_keeps_what_is_elsewhere_away(void **state)
{
    (void)state;
    struct config_centre *west = centre("west", 1, "0"), *east = centre("east", 1, "1");
    west->area_lat_deg = east->area_lat_deg = 32;
    west->area_lon_deg = -114;
    east->area_lon_deg = -110;
    west->area_km = east->area_km = 150;
    struct centre_subject subject = {
        .kind = "position", .unit = "patrol-1", .has_place = true, .lat_deg = 32, .lon_deg = -113.5};
    assert_int_equal(centres_route(config, &subject), 1 | 4 | 8);
    subject.lon_deg = -110.5;
    assert_int_equal(centres_route(config, &subject), 2 | 4 | 8);
    subject.lon_deg = -112; /* 189 km from either: a position there is nobody's */
    assert_int_equal(centres_route(config, &subject), 4 | 8);
    subject.has_place = false;
    assert_int_equal(centres_route(config, &subject), 15);
    distress.has_position = true;
    distress.position.lat_deg = 32;
    distress.position.lon_deg = -113.5;
    begin();
    assert_int_equal(escalation.told, 1);
    distress.told_count = 0;
    distress.position.lon_deg = -112; /* a distress there is everybody's */
    begin();
    assert_int_equal(escalation.told, 3);
}

static void a_real_distress_is_never_filtered_away(void **state)
{
    (void)state;
    struct config_centre *air = centre("air", 1, "01"), *school = centre("school", 1, "23");
    air->unit_count = 1;
    strcpy(air->units[0], "air-*");
    school->tests = TESTS_ONLY;
    begin(); /* patrol-1: no filter lets it through */
    assert_int_equal(escalation.told, 1);
    assert_int_equal(brokers(), 1);
    memset(&distress.told_count, 0, sizeof distress.told_count);
    distress.test = true;
    begin(); /* a drill: the school's alone, and nobody else's business */
    assert_int_equal(escalation.told, 2);
    assert_int_equal(brokers(), 4);
    distress.told_count = 0;
    strcpy(distress.unit, "air-1");
    air->tests = TESTS_NEVER;
    school->kind_count = 1;
    strcpy(school->kinds[0], "rx");
    begin();
    assert_int_equal(brokers(), 0); /* nobody drills this */
    assert_int_equal(tick(1000) & ESCALATION_ALARM, 0);
}

static void centres_of_one_priority_are_told_together(void **state)
{
    (void)state;
    (void)centre("a", 2, "0");
    (void)centre("b", 1, "1");
    (void)centre("c", 1, "2");
    (void)centre("d", 3, "3");
    begin();
    assert_int_equal(brokers(), 2 | 4);
    escalation_delivered(&escalation, 1);
    escalation_delivered(&escalation, 2);
    assert_int_equal(tick(59), 0);
    assert_int_equal(tick(60), ESCALATION_TELL);
    assert_int_equal(brokers(), 1 | 2 | 4);
    assert_int_equal(distress.level, 1);
    distress.state = DISTRESS_STATE_RECEIVED; /* the fourth need not know */
    assert_int_equal(tick(200), 0);
    assert_int_equal(tick(300), ESCALATION_TELL | ESCALATION_ALARM); /* but a machine is no person */
    assert_int_equal(brokers(), 15);
    assert_int_equal(tick(599), 0);
    assert_int_equal(tick(600), ESCALATION_TELL | ESCALATION_ALARM);
    distress.state = DISTRESS_STATE_ACKNOWLEDGED;
    assert_int_equal(tick(10000), 0);
}

static void dead_brokers_are_passed_over_without_waiting_for_the_centre(void **state)
{
    (void)state;
    (void)centre("yuma", 1, "10");
    (void)centre("ajo", 2, "2");
    begin();
    assert_int_equal(brokers(), 2 | 8);
    assert_int_equal(tick(20), ESCALATION_TELL);
    assert_int_equal(brokers(), 3 | 8);
    assert_int_equal(distress.level, 0); /* the same people, another road */
    assert_int_equal(tick(39), 0);
    assert_int_equal(tick(40),
                     ESCALATION_TELL); /* all its roads are dead: the next centre, before receive_s */
    assert_int_equal(brokers(), 15);
    assert_string_equal(distress.told[1], "ajo");
}

static void a_restart_keeps_who_was_told(void **state)
{
    (void)state;
    (void)centre("yuma", 1, "0");
    (void)centre("ajo", 2, "1");
    (void)centre("far", 3, "2");
    begin();
    assert_int_equal(tick(61) & ESCALATION_TELL, ESCALATION_TELL);
    struct escalation after;
    escalation_begin(&after, config, &distress, 0);
    assert_int_equal(after.told, 3);
    assert_int_equal(escalation_brokers(&after, config, &distress), 1 | 2 | 8);
    assert_int_equal(distress.told_count, 2);
    strcpy(config->centre[1].name, "renamed"); /* its brokers are not known any more: all get the end of it */
    escalation_begin(&after, config, &distress, 0);
    assert_int_equal(escalation_brokers(&after, config, &distress), 15);
}

static void a_drill_falls_silent_and_a_real_call_never_does(void **state)
{
    (void)state;
    (void)centre("yuma", 1, "0");
    distress.test = true;
    begin();
    for (int second = 300; second < 100000; second += 300)
        assert_int_equal(tick(second) != 0, second <= 900);
    distress.test = false;
    distress.told_count = distress.level = 0;
    begin();
    for (int second = 300; second < 100000; second += 300)
        assert_int_equal(tick(second), ESCALATION_TELL | ESCALATION_ALARM);
}

static void a_centre_without_a_list_has_every_broker(void **state)
{
    (void)state;
    (void)centre("yuma", 1, "");
    begin();
    assert_int_equal(brokers(), 1);
    assert_int_equal(centres_free_brokers(config), 0);
    assert_int_equal(tick(20), ESCALATION_TELL);
    assert_int_equal(brokers(), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_centres_everybody_is_told_and_nothing_rises, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(filters_choose_by_unit_kind_and_drill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_area_keeps_what_is_elsewhere_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_real_distress_is_never_filtered_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(centres_of_one_priority_are_told_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dead_brokers_are_passed_over_without_waiting_for_the_centre, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_restart_keeps_who_was_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_drill_falls_silent_and_a_real_call_never_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_centre_without_a_list_has_every_broker, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
