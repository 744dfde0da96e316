/* SPDX-License-Identifier: Apache-2.0 */
/* Mic-E (chapter 10), every value that its tables hold: position comments, degrees and minutes of longitude,
 * speeds and courses. */
#include "test_aprs_describe.h"

static struct message said, heard;

static void say(enum distress_kind distress, const char *name)
{
    message_reset(&said, "ax25", "ax25");
    said.kind = MESSAGE_POSITION;
    said.distress = distress;
    said.has_position = true;
    said.position.lat_deg = 32.225;
    said.position.lon_deg = -112.125;
    assert_int_equal(message_add_string(&said, "format", "mic-e"), ATALAYA_OK);
    assert_int_equal(message_add_string(&said, "symbol", "/["), ATALAYA_OK);
    if (name)
        assert_int_equal(message_add_string(&said, "mic_e_message", name), ATALAYA_OK);
}

static enum atalaya_result hear(char destination[10])
{
    uint8_t info[APRS_INFO_MAX];
    size_t length;
    strcpy(destination, "APZATA");
    enum atalaya_result result = aprs_compose(&said, destination, info, sizeof info, &length);
    if (result != ATALAYA_OK)
        return result;
    message_reset(&heard, "ax25", "ax25");
    strcpy(heard.unit, "N0CALL");
    return aprs_parse(destination, info, length, &heard);
}

/* Names and first three address bytes for latitude digits 3 2 1, from the tables of chapter 10. */
static void each_position_comment_has_its_code(void **state)
{
    (void)state;
    static const struct {
        const char *name, *address, *bits;
    } comments[] = {{"off duty", "SRQ", "111"},  {"en route", "SR1", "110"},  {"in service", "S2Q", "101"},
                    {"returning", "S21", "100"}, {"committed", "3RQ", "011"}, {"special", "3R1", "010"},
                    {"priority", "32Q", "001"},  {"custom-0", "DCB", "222"},  {"custom-1", "DC1", "220"},
                    {"custom-2", "D2B", "202"},  {"custom-3", "D21", "200"},  {"custom-4", "3CB", "022"},
                    {"custom-5", "3C1", "020"},  {"custom-6", "32B", "002"}};
    for (size_t i = 0; i < sizeof comments / sizeof *comments; i++) {
        char destination[10];
        say(DISTRESS_NONE, comments[i].name);
        assert_int_equal(hear(destination), ATALAYA_OK);
        assert_memory_equal(destination, comments[i].address, 3);
        assert_string_equal(message_text(&heard, "mic_e_message", NULL), comments[i].name);
        assert_string_equal(message_text(&heard, "mic_e_bits", NULL), comments[i].bits);
        assert_int_equal(heard.distress, DISTRESS_NONE);
        assert_true(heard.well_formed);
    }
}

static void emergency_raises_distress_and_nothing_hides_it(void **state)
{
    (void)state;
    char destination[10];
    say(DISTRESS_RAISED, "emergency");
    assert_int_equal(hear(destination), ATALAYA_OK);
    assert_memory_equal(destination, "321", 3);
    assert_int_equal(heard.distress, DISTRESS_RAISED);
    say(DISTRESS_RAISED, NULL);
    assert_int_equal(hear(destination), ATALAYA_OK);
    assert_int_equal(heard.distress, DISTRESS_RAISED);
    say(DISTRESS_RAISED, "en route");
    assert_int_equal(hear(destination), ATALAYA_E_RANGE);
    say(DISTRESS_RAISED, "emergency");
    said.kind = MESSAGE_STATUS; /* no word for it there */
    assert_int_equal(hear(destination), ATALAYA_E_UNSUPPORTED);
    say(DISTRESS_RAISED, "emergency");
    said.has_position = false; /* a radio without a fix calls too */
    assert_int_equal(hear(destination), ATALAYA_OK);
    assert_int_equal(heard.distress, DISTRESS_RAISED);
    assert_false(heard.has_position);
    assert_true(heard.well_formed);
}

static void every_degree_and_minute_of_longitude_comes_back(void **state)
{
    (void)state;
    char destination[10];
    for (int west = 0; west < 2; west++)
        for (unsigned minutes = 0; minutes < 180 * 60; minutes += 7) {
            double lon_deg = minutes / 60.0 + (minutes % 100) / 6000.0;
            say(DISTRESS_NONE, "special");
            said.position.lon_deg = west ? -lon_deg : lon_deg;
            assert_int_equal(hear(destination), ATALAYA_OK);
            assert_true(heard.has_position);
            assert_true(fabs(heard.position.lon_deg - said.position.lon_deg) < 1e-9);
        }
}

static void every_speed_and_course_comes_back(void **state)
{
    (void)state;
    char destination[10];
    for (unsigned speed = 0; speed < 800; speed++) {
        unsigned course = 1 + speed * 7 % 360;
        say(DISTRESS_NONE, "special");
        said.position.speed_m_s = (float)(speed * 1852 / 3600.0);
        said.position.course_deg = (float)course;
        assert_int_equal(hear(destination), ATALAYA_OK);
        assert_true(fabsf(heard.position.speed_m_s - said.position.speed_m_s) < 1e-4f);
        assert_true(heard.position.course_deg == said.position.course_deg);
    }
}

/* Chapter 10: for 86 knots and 194 degrees the bytes are t or $, ] or Y, z. */
static void both_schemes_of_speed_are_understood(void **state)
{
    (void)state;
    static const char *const infos[] = {"`(_ft]zj/", "`(_f$]zj/", "`(_ftYzj/", "`(_f$Yzj/"};
    for (size_t i = 0; i < 4; i++) {
        message_reset(&heard, "ax25", "ax25");
        assert_int_equal(aprs_parse("S32UVT", (const uint8_t *)infos[i], 9, &heard), ATALAYA_OK);
        assert_true(fabs((double)heard.position.speed_m_s * 3600 / 1852 - 86) < 1e-3);
        assert_true(heard.position.course_deg == 194);
    }
}

/* What a radio's case may hold: any destination, any bytes. Nothing may be read beyond them, no distress may
 * come from an address that does not say so, and no position may lie off the earth. */
static void noise_is_judged_and_nothing_breaks(void **state)
{
    (void)state;
    uint32_t x = 20260;
    for (unsigned round = 0; round < 200000; round++) {
        uint8_t info[40], *exact;
        char destination[10];
        for (size_t i = 0; i < sizeof info; i++)
            info[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
        for (size_t i = 0; i < 6; i++)
            destination[i] = "0159ACKLPQZTB-a"[((x = x * 1664525u + 1013904223u) >> 20) % 15];
        destination[6] = '\0';
        static const char types[] = "!=/@`';):>T_#*$?<[{,}\x1c\x1dX";
        info[0] = (uint8_t)types[round % (sizeof types - 1)];
        if (round % 3 == 0) /* printable is what gets far */
            for (size_t i = 1; i < sizeof info; i++)
                info[i] = (uint8_t)(' ' + info[i] % 95);
        size_t length = 1 + x % sizeof info;
        exact = info + sizeof info - length; /* the end of the array is the end of the packet */
        exact[0] = info[0];
        message_reset(&heard, "ax25", "ax25");
        strcpy(heard.unit, "N0CALL");
        assert_int_equal(aprs_parse(destination, exact, length, &heard), ATALAYA_OK);
        if (heard.has_position) {
            assert_true(fabs(heard.position.lat_deg) <= 90);
            assert_true(fabs(heard.position.lon_deg) <= 180);
        }
        if (!isnan(heard.position.course_deg))
            assert_true(heard.position.course_deg > 0 && heard.position.course_deg <= 360);
        if (heard.distress != DISTRESS_NONE && exact[0] != '}')
            assert_int_equal(strspn(destination, "0123456789L") >= 3, true);
        assert_int_equal(heard.well_formed, message_text(&heard, "fault", NULL) == NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_position_comment_has_its_code),
        cmocka_unit_test(emergency_raises_distress_and_nothing_hides_it),
        cmocka_unit_test(every_degree_and_minute_of_longitude_comes_back),
        cmocka_unit_test(every_speed_and_course_comes_back),
        cmocka_unit_test(both_schemes_of_speed_are_understood),
        cmocka_unit_test(noise_is_judged_and_nothing_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
