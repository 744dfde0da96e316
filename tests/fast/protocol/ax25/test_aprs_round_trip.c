/* SPDX-License-Identifier: Apache-2.0 */
/* parse(compose(m)) == m within the coding's resolution, for seeded random messages of every format, and
 * compose(parse(compose(m))) gives the same bytes. */
#include "test_aprs_describe.h"

enum { ROUNDS = 3000, INFO_MAX = APRS_INFO_MAX };

static uint64_t seed;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % limit;
}

static bool chance(uint32_t in)
{
    return random_below(in) == 0;
}

/* Plain words: no mark of any coding in them, and not of the length of a station code. */
static void add_words(struct message *m, const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .-+?";
    char text[41];
    size_t length = 6 + random_below(35);
    for (size_t i = 0; i < length; i++)
        text[i] = letters[random_below(sizeof letters - 1)];
    text[0] = (char)('A' + random_below(26));
    text[1] = '.'; /* or it may be a locator */
    text[length - 1] = 'x';
    assert_int_equal(message_add_text(m, name, text, length), ATALAYA_OK);
}

static void add_text(struct message *m, const char *name, const char *text)
{
    assert_int_equal(message_add_string(m, name, text), ATALAYA_OK);
}

static void add_number(struct message *m, const char *name, double value)
{
    assert_int_equal(message_add_real(m, name, value), ATALAYA_OK);
}

static void start(struct message *m, enum message_kind kind)
{
    message_reset(m, "ax25", "ax25");
    strcpy(m->unit, "N0CALL-7");
    m->kind = kind;
}

static void add_symbol(struct message *m, bool weather)
{
    static const char tables[] = "/\\A7Z";
    const char symbol[3] = {tables[random_below(5)], weather ? '_' : "->[k#jv"[random_below(7)], '\0'};
    add_text(m, "symbol", symbol);
}

static void set_place(struct message *m)
{
    m->has_position = true;
    m->position.lat_deg = random_below(1800000) / 10000.0 - 90;
    m->position.lon_deg = random_below(3599000) / 10000.0 - 179.95;
}

static void set_dhm(struct message *m)
{
    m->position.time.day = (int8_t)(1 + random_below(31));
    m->position.time.hour = (int8_t)random_below(24);
    m->position.time.minute = (int8_t)random_below(60);
}

static void set_motion(struct message *m, uint32_t knots_max)
{
    m->position.speed_m_s = (float)(random_below(knots_max) * 1852 / 3600.0);
    m->position.course_deg = (float)(1 + random_below(360));
}

static void add_comment_extras(struct message *m)
{
    if (chance(2))
        add_words(m, "comment");
    if (chance(3)) {
        unsigned channels = 1 + random_below(5);
        assert_int_equal(message_add_integer(m, "telemetry.sequence", random_below(8281)), ATALAYA_OK);
        for (unsigned i = 0; i < channels; i++) {
            add_number(m, "telemetry.analog", random_below(8281));
            message_last_is_element(m);
        }
        if (channels == 5 && chance(2))
            add_text(m, "telemetry.digital", "10010110");
    }
}

static void add_dao(struct message *m)
{
    add_text(m, "dao_datum", "W");
    assert_int_equal(message_add_boolean(m, "dao_base91", chance(2)), ATALAYA_OK);
}

static void make_plain(struct message *m)
{
    start(m, MESSAGE_POSITION);
    set_place(m);
    add_text(m, "format", "uncompressed");
    add_symbol(m, false);
    assert_int_equal(message_add_boolean(m, "messaging", chance(2)), ATALAYA_OK);
    uint32_t ambiguity = random_below(8);
    if (ambiguity >= 1 && ambiguity <= 4)
        assert_int_equal(message_add_integer(m, "position_ambiguity", ambiguity), ATALAYA_OK);
    else if (chance(2))
        add_dao(m);
    if (chance(3))
        set_dhm(m);
    switch (random_below(4)) {
    case 0:
        set_motion(m, 1000);
        break;
    case 1:
        add_text(m, chance(2) ? "phg" : "dfs", "7263");
        break;
    case 2:
        add_number(m, "range_km", random_below(10000) * 1.609344);
        break;
    default:
        break;
    }
    if (chance(3))
        m->position.alt_m = (float)(((double)random_below(60000) - 1000) * 0.3048);
    add_comment_extras(m);
}

static void make_compressed(struct message *m)
{
    start(m, MESSAGE_POSITION);
    set_place(m);
    add_text(m, "format", "compressed");
    add_symbol(m, false);
    assert_int_equal(message_add_boolean(m, "messaging", chance(2)), ATALAYA_OK);
    uint32_t extra = random_below(4);
    if (extra < 3)
        assert_int_equal(message_add_boolean(m, "gps_fix", chance(2)), ATALAYA_OK);
    if (extra == 0) {
        m->position.course_deg = (float)(4 * (1 + random_below(90)));
        m->position.speed_m_s = (float)((pow(1.08, random_below(90)) - 1) * 1852 / 3600);
    } else if (extra == 1) {
        add_number(m, "range_km", 2 * pow(1.08, random_below(90)) * 1.609344);
    } else if (extra == 2) {
        m->position.alt_m = (float)(pow(1.002, 1 + random_below(7000)) * 0.3048);
    }
    add_comment_extras(m);
}

static void make_mic_e(struct message *m)
{
    static const char *const names[] = {"emergency", "in service", "en route", "off duty", "returning",
                                        "committed", "special",    "priority", "custom-0", "custom-1",
                                        "custom-2",  "custom-3",   "custom-4", "custom-5", "custom-6"};
    static const char *const radios[] = {"Kenwood TH-D74", "Kenwood TM-D710", "Yaesu FT3D",
                                         "Byonics TinyTrak4"};
    uint32_t name = random_below(15);
    start(m, MESSAGE_POSITION);
    set_place(m);
    add_text(m, "format", "mic-e");
    add_text(m, "mic_e_message", names[name]);
    m->distress = name == 0 ? DISTRESS_RAISED : DISTRESS_NONE;
    add_symbol(m, false);
    set_motion(m, 800);
    if (chance(2))
        assert_int_equal(message_add_boolean(m, "gps_fix", true), ATALAYA_OK);
    uint32_t ambiguity = random_below(8);
    if (ambiguity >= 1 && ambiguity <= 4)
        assert_int_equal(message_add_integer(m, "position_ambiguity", ambiguity), ATALAYA_OK);
    else if (chance(2))
        add_dao(m);
    if (chance(2))
        add_text(m, "radio", radios[random_below(4)]);
    else if (chance(2))
        assert_int_equal(message_add_boolean(m, "messaging", chance(2)), ATALAYA_OK);
    if (chance(2))
        m->position.alt_m = (float)random_below(20000) - 1000;
    add_comment_extras(m);
}

static void make_object(struct message *m)
{
    make_plain(m);
    m->kind = MESSAGE_OBJECT;
    m->field[2].value.boolean = chance(2);
    m->field[2].name = "alive"; /* in the place of "messaging" */
    bool item = chance(2);
    if (item)
        m->position.time = (struct partial_time){-1, -1, -1, -1, -1, false};
    else
        set_dhm(m);
    add_text(m, item ? "item" : "object", item ? "CAMP 3" : "PATROL(7)");
}

static void make_weather(struct message *m)
{
    bool placed = chance(2);
    start(m, MESSAGE_WEATHER);
    set_dhm(m);
    if (placed) {
        set_place(m);
        add_text(m, "format", "uncompressed");
        add_symbol(m, true);
        assert_int_equal(message_add_boolean(m, "messaging", chance(2)), ATALAYA_OK);
    } else {
        m->position.time.month = (int8_t)(1 + random_below(12));
    }
    add_number(m, "weather.wind_direction_deg", random_below(361));
    add_number(m, "weather.wind_speed_m_s", random_below(200) * 0.44704);
    if (chance(2))
        add_number(m, "weather.wind_gust_m_s", random_below(200) * 0.44704);
    if (chance(2))
        add_number(m, "weather.temperature_c", ((double)random_below(200) - 99 - 32) * 5 / 9);
    if (chance(2))
        add_number(m, "weather.rain_1h_mm", random_below(1000) * 0.254);
    if (chance(2))
        add_number(m, "weather.rain_24h_mm", random_below(1000) * 0.254);
    if (chance(2))
        add_number(m, "weather.humidity_percent", 1 + random_below(100));
    if (chance(2))
        add_number(m, "weather.pressure_hpa", (8000 + random_below(3000)) / 10.0);
    if (chance(2))
        add_number(m, "weather.luminosity_w_m2", random_below(2000));
    if (chance(2))
        add_number(m, "weather.snow_24h_mm", random_below(100) * 25.4);
    if (chance(2))
        add_words(m, "comment");
    else
        add_text(m, "weather.software", "wRSW");
}

static void make_text(struct message *m)
{
    static const char *const numbers[] = {"1", "003", "10512", "a", "1Ff84"};
    bool acknowledge = chance(2);
    start(m, acknowledge ? MESSAGE_ACKNOWLEDGE : MESSAGE_TEXT);
    strcpy(m->to, chance(2) ? "N1CALL" : "N0CALL-12");
    if (acknowledge)
        add_text(m, chance(2) ? "ack_id" : "reject_id", numbers[random_below(5)]);
    else
        add_words(m, "text");
    if (!acknowledge && chance(2))
        add_text(m, "message_id", numbers[random_below(5)]);
    else if (!acknowledge)
        return;
    if (chance(2))
        add_text(m, "reply_ack", chance(2) ? "" : numbers[random_below(5)]);
}

static void make_status(struct message *m)
{
    start(m, MESSAGE_STATUS);
    if (chance(2))
        set_dhm(m);
    add_words(m, "status");
}

static void make_telemetry(struct message *m)
{
    start(m, MESSAGE_TELEMETRY);
    if (chance(4)) {
        strcpy(m->to, "N0CALL-11");
        for (unsigned i = 0; i < 7; i++) {
            add_number(m, "telemetry.equations", ((double)random_below(20001) - 10000) / 1000);
            message_last_is_element(m);
        }
        return;
    }
    assert_int_equal(message_add_integer(m, "telemetry.sequence", random_below(1000)), ATALAYA_OK);
    unsigned channels = 1 + random_below(5);
    for (unsigned i = 0; i < channels; i++) {
        add_number(m, "telemetry.analog", ((double)random_below(200001) - 100000) / 100);
        message_last_is_element(m);
    }
    if (chance(2))
        add_text(m, "telemetry.digital", "01101001");
    if (chance(2))
        add_words(m, "comment");
}

static void make_query(struct message *m)
{
    start(m, MESSAGE_QUERY);
    add_text(m, "query", "APRS");
    if (chance(2)) {
        add_number(m, "query_lat_deg", 34.02);
        add_number(m, "query_lon_deg", -117.15);
        add_number(m, "query_range_km", random_below(10000) * 1.609344);
    }
}

static void make_other(struct message *m)
{
    start(m, MESSAGE_OTHER);
    if (chance(2)) {
        add_text(m, "user_id", "Q");
        add_text(m, "user_type", "1");
        add_words(m, "user_data");
        return;
    }
    add_text(m, "capabilities", "IGATE");
    message_last_is_element(m);
    add_text(m, "capabilities", "MSG_CNT=43");
    message_last_is_element(m);
}

/* Half of a step of the coding that m says it wants. */
static double resolution_deg(const struct message *m)
{
    static const double ambiguity_min[] = {0.01, 0.1, 1, 10, 60};
    const char *format = message_text(m, "format", NULL);
    if (strcmp(format, "compressed") == 0)
        return 1 / 190463.0 / 2 + 1e-9;
    if (message_field(m, "dao_base91", 0))
        return (message_flag(m, "dao_base91") ? 0.01 / 91 : 0.001) / 60 / 2 + 1e-9;
    return ambiguity_min[(unsigned)message_number(m, "position_ambiguity", 0)] / 60 / 2 + 1e-6;
}

static bool near(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-4 + fabs(a) * 1e-5;
}

static bool same_place(const struct message *a, const struct message *b)
{
    const struct position *p = &a->position, *q = &b->position;
    if (a->has_position != b->has_position || memcmp(&p->time, &q->time, sizeof p->time) != 0 ||
        !near((double)p->alt_m, (double)q->alt_m) || !near((double)p->speed_m_s, (double)q->speed_m_s) ||
        !near((double)p->course_deg, (double)q->course_deg))
        return false;
    if (!a->has_position)
        return true;
    double limit = resolution_deg(a);
    return fabs(p->lat_deg - q->lat_deg) <= limit && fabs(p->lon_deg - q->lon_deg) <= limit;
}

static double number_of(const struct field *f)
{
    return f->type == FIELD_INTEGER ? (double)f->value.integer : f->value.real;
}

/* Every field of a is in b, elements in their order. */
static bool has_fields(const struct message *a, const struct message *b)
{
    size_t nth = 0;
    for (uint16_t i = 0; i < a->field_count; i++) {
        const struct field *f = &a->field[i];
        nth = i && strcmp(f->name, a->field[i - 1].name) == 0 ? nth + 1 : 0;
        const struct field *g = message_field(b, f->name, nth);
        if (!g || f->element != g->element || (f->type == FIELD_TEXT) != (g->type == FIELD_TEXT))
            return false;
        if (f->type == FIELD_TEXT
                ? strcmp(a->text + f->value.text.offset, b->text + g->value.text.offset) != 0
            : f->type == FIELD_BOOLEAN ? f->value.boolean != g->value.boolean
                                       : !near(number_of(f), number_of(g)))
            return false;
    }
    return true;
}

static void round_trip(void (*make)(struct message *m))
{
    static struct message first, second;
    static struct description a, b;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t info[INFO_MAX], again[INFO_MAX];
        char destination[10] = "APZATA-3", destination_again[10] = "APZATA-3";
        size_t length, length_again;
        make(&first);
        assert_int_equal(aprs_compose(&first, destination, info, sizeof info, &length), ATALAYA_OK);
        message_reset(&second, "ax25", "ax25");
        strcpy(second.unit, first.unit);
        assert_int_equal(aprs_parse(destination, info, length, &second), ATALAYA_OK);
        bool same = second.well_formed && first.kind == second.kind && first.distress == second.distress &&
                    strcmp(first.to, second.to) == 0 && same_place(&first, &second) &&
                    has_fields(&first, &second);
        if (!same)
            print_error("round %u: %s %.*s\n  said   %s\n  heard  %s\n", round, destination, (int)length,
                        (const char *)info, describe(&first, &a), describe(&second, &b));
        assert_true(same);
        assert_int_equal(aprs_compose(&second, destination_again, again, sizeof again, &length_again),
                         ATALAYA_OK);
        if (length != length_again || memcmp(info, again, length) != 0)
            print_error("%s %.*s\n%s %.*s\n", destination, (int)length, (const char *)info, destination_again,
                        (int)length_again, (const char *)again);
        assert_string_equal(destination, destination_again);
        assert_int_equal(length, length_again);
        assert_memory_equal(info, again, length);
    }
}

/* A gateway's packet: the meaning is the inner one's, the gateway is named, Mic-E stays inside. */
static void third_party_comes_back(void **state)
{
    static struct message first, second;
    static void (*const makers[])(struct message * m) = {make_plain, make_mic_e, make_text, make_weather};
    (void)state;
    seed = 20261;
    for (unsigned round = 0; round < 400; round++) {
        uint8_t info[INFO_MAX];
        char destination[10] = "APZATA";
        size_t length;
        makers[round % 4](&first);
        add_text(&first, "third_party_source", "N1CALL-AB");
        add_text(&first, "third_party_destination", "APZ123");
        add_text(&first, "gated_by", "N0GATE-10");
        assert_int_equal(aprs_compose(&first, destination, info, sizeof info, &length), ATALAYA_OK);
        assert_string_equal(destination, "APZATA");
        message_reset(&second, "ax25", "ax25");
        strcpy(second.unit, "N0GATE-10");
        assert_int_equal(aprs_parse(destination, info, length, &second), ATALAYA_OK);
        assert_true(second.well_formed);
        assert_string_equal(second.unit, "N1CALL-AB");
        assert_string_equal(message_text(&second, "gated_by", NULL), "N0GATE-10");
        assert_int_equal(first.kind, second.kind);
        assert_int_equal(first.distress, second.distress);
        assert_true(same_place(&first, &second));
        assert_string_equal(first.to, second.to);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    static struct message m;
    uint8_t info[INFO_MAX];
    char destination[10] = "APZATA";
    size_t length = 0;
    (void)state;
    start(&m, MESSAGE_POSITION);
    assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_ARGUMENT);
    add_text(&m, "symbol", "/>");
    m.has_position = true;
    m.position.lat_deg = 90.5;
    m.position.lon_deg = 0;
    assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_RANGE);
    m.position.lat_deg = 32;
    assert_int_equal(aprs_compose(&m, destination, info, 19, &length), ATALAYA_E_FULL);
    assert_int_equal(aprs_compose(&m, destination, info, 20, &length), ATALAYA_OK);
    m.position.speed_m_s = 600;
    assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_RANGE);
    start(&m, MESSAGE_OBJECT);
    add_text(&m, "object", "TEN LETTERS");
    assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_RANGE);
    start(&m, MESSAGE_TEXT);
    add_text(&m, "text", "to nobody");
    assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_ARGUMENT);
    /* what everybody would hear as something else, or as a second line */
    static const char *const texts[] = {"reject", "ack12", "?APRSP", "meet at {12", "one\rtwo"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        start(&m, MESSAGE_TEXT);
        strcpy(m.to, "N1CALL");
        add_text(&m, "text", texts[i]);
        assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_RANGE);
    }
    start(&m, MESSAGE_OTHER);
    assert_int_equal(aprs_compose(&m, destination, info, sizeof info, &length), ATALAYA_E_UNSUPPORTED);
}

#define ROUND_TRIP(format)                                                                                   \
    static void format##_comes_back(void **state)                                                            \
    {                                                                                                        \
        (void)state;                                                                                         \
        seed = 20260; /* the same messages in every run */                                                   \
        round_trip(make_##format);                                                                           \
    }
ROUND_TRIP(plain)
ROUND_TRIP(compressed)
ROUND_TRIP(mic_e)
ROUND_TRIP(object)
ROUND_TRIP(weather)
ROUND_TRIP(text)
ROUND_TRIP(status)
ROUND_TRIP(telemetry)
ROUND_TRIP(query)
ROUND_TRIP(other)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_comes_back),       cmocka_unit_test(compressed_comes_back),
        cmocka_unit_test(mic_e_comes_back),       cmocka_unit_test(object_comes_back),
        cmocka_unit_test(weather_comes_back),     cmocka_unit_test(text_comes_back),
        cmocka_unit_test(status_comes_back),      cmocka_unit_test(telemetry_comes_back),
        cmocka_unit_test(query_comes_back),       cmocka_unit_test(other_comes_back),
        cmocka_unit_test(third_party_comes_back), cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
