/* SPDX-License-Identifier: Apache-2.0 */
/* Where an incident's unit is: the newest place, but not a coarse one in the stead of a fine one that says
 * the same; the track of it; details and text; all of it survives a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/distress_details.h"
#include "atalaya/gateway/distress.h"
#include "atalaya/protocol/protocol.h"

static struct distress distress;
static struct reception reception;

static void place(double lat_deg, double lon_deg, double accuracy_m, double at_s, bool last_known)
{
    const struct whereabout where = {.lat_deg = lat_deg,
                                     .lon_deg = lon_deg,
                                     .alt_m = NAN,
                                     .accuracy_m = (float)accuracy_m,
                                     .speed_m_s = NAN,
                                     .course_deg = NAN,
                                     .utc_ns = (int64_t)(at_s * 1e9)};
    distress_place(&distress, &where, last_known);
}

static int fresh(void **state)
{
    (void)state;
    memset(&distress, 0, sizeof distress);
    return 0;
}

static void the_newest_place_is_shown(void **state)
{
    (void)state;
    place(31.4, -111.5, 60, 100, true);
    assert_true(distress.position_is_last_known);
    assert_int_equal(distress.track_count, 0); /* nobody told it with this call */
    place(31.5, -111.5, 60, 200, false);
    assert_false(distress.position_is_last_known);
    place(31.6, -111.5, 60, 300, false);
    assert_true(distress.position.lat_deg == 31.6);
    assert_int_equal(distress.track_count, 2);
}

static void a_coarse_place_hides_no_fine_one(void **state)
{
    (void)state;
    place(31.4922, -111.5311, 60, 100, false);
    place(31.5, -111.5, 13900, 150, false); /* the same, in quarters of a degree */
    assert_true(distress.position.lat_deg == 31.4922);
    assert_int_equal(distress.track_count, 1);
    place(32.5, -111.5, 13900, 200, false); /* elsewhere: it has moved, if only that is known */
    assert_true(distress.position.lat_deg == 32.5);
    place(32.45, -111.45, 60, 250, false);
    assert_true(distress.position.lat_deg == 32.45);
    place(32.5, -111.5, 13900, 250 + 3600, false); /* the fine one has grown old */
    assert_true(distress.position.lat_deg == 32.5);
}

static void any_live_place_goes_before_one_of_the_past(void **state)
{
    (void)state;
    place(31.49, -111.53, 10, 100, true);
    place(31.5, -111.5, 13900, 200, false);
    assert_true(distress.position.lat_deg == 31.5);
    assert_false(distress.position_is_last_known);
}

static void the_track_keeps_where_it_began(void **state)
{
    (void)state;
    for (int i = 0; i < 3 * DISTRESS_TRACK_MAX; i++) {
        place(31 + 0.01 * i, -111.5, 60, 50 * i, false);
        place(31 + 0.01 * i, -111.5, 60, 50 * i + 25, false); /* lies still */
    }
    assert_int_equal(distress.track_count, DISTRESS_TRACK_MAX);
    assert_true(distress.track[0].lat_deg == 31);
    for (unsigned i = 1; i < DISTRESS_TRACK_MAX; i++)
        assert_true(fabs(distress.track[i].lat_deg - 31 - 0.01 * (2 * DISTRESS_TRACK_MAX + i)) < 1e-9);
}

/* The example of T.001 B1, as a distress. */
static void hear(const char *line)
{
    const struct protocol_row *row = protocol_find("cospas_sarsat");
    reception_reset(&reception);
    message_reset(&reception.message, row->id, row->protocol->address_space);
    assert_int_equal(row->protocol->from_text(&reception.message, line, strlen(line)), ATALAYA_OK);
    reception.frequency_hz = 406.025e6;
    reception.offset_hz = 1500;
    distress.heard++;
    distress_details_note(&distress, &reception, "sasabe");
}

static void details_and_text_stay_with_it(void **state)
{
    (void)state;
    hear("FFFE2F96E77D04D21FADF3AED0770261C9EC");
    assert_non_null(strstr(distress.details, "\"hex_id\":\"2DCEFA09A4FFBFF\""));
    assert_non_null(strstr(distress.details, "\"position_source\":\"internal\""));
    assert_non_null(strstr(distress.alert_text, "SASABE"));
    assert_non_null(strstr(distress.alert_text, "406.0265"));
    assert_non_null(strstr(distress.alert_text, "NOT A COSPAS-SARSAT ALERT"));
    char before[DISTRESS_ALERT_MAX];
    strcpy(before, distress.alert_text);
    hear("FFFE2F96E77D04D21FADF3AED0770261CAAC"); /* the second word is lost: who, and not where from */
    assert_non_null(strstr(distress.details, "\"position_source\":\"internal\""));
    assert_string_equal(distress.alert_text, before);
}

static void a_restart_loses_nothing(void **state)
{
    static struct distress again;
    (void)state;
    hear("FFFE2F96E77D04D21FADF3AED0770261C9EC");
    place(31.49, -111.53, 60, 1.7e9, false);
    place(31.50, -111.53, 60, 1.7e9 + 50, false);
    strcpy(distress.id, "test-1-1");
    strcpy(distress.unit, "cospas_sarsat.2DCEFA09A4FFBFF");
    for (unsigned n = 0; n < 2; n++) {
        json_t *object = distress_to_json(&distress, (int64_t)1.8e18);
        assert_int_equal(distress_from_json(object, &again), ATALAYA_OK);
        json_decref(object);
        assert_string_equal(again.details, distress.details);
        assert_string_equal(again.alert_text, distress.alert_text);
        assert_int_equal(again.track_count, 2 - n);
        assert_true(fabs(again.track[1 - n].lat_deg - 31.50) < 1e-6);
        distress.track[0] = distress.track[1];
        distress.track_count = 1; /* a track of one place is the position */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_newest_place_is_shown, fresh),
        cmocka_unit_test_setup(a_coarse_place_hides_no_fine_one, fresh),
        cmocka_unit_test_setup(any_live_place_goes_before_one_of_the_past, fresh),
        cmocka_unit_test_setup(the_track_keeps_where_it_began, fresh),
        cmocka_unit_test_setup(details_and_text_stay_with_it, fresh),
        cmocka_unit_test_setup(a_restart_loses_nothing, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
