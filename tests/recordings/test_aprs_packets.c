/* SPDX-License-Identifier: Apache-2.0 */
/* Every packet of a published APRS decoder's test suite (aprs-packets/packets.jsonl: the packet in hex and
 * what that decoder made of it) means here what it means there, but for the differences listed below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../protocol/ax25/aprs.h"
#include "../../protocol/ax25/tnc2.h"

enum { LINE_MAX_BYTES = 16384, PACKET_MAX = 512 };

#define STALE     "left over from the packet before: the suite reuses its hash, this packet says nothing of it"
#define TYPE_CODE "chapter 10, Mic-E status text: the radio's type code is to be removed before display"

/* Where the specification (or plain arithmetic on the packet) speaks against the expected decode. */
static const struct {
    unsigned line; /* from 0 */
    const char *test, *keys, *reason;
} differences[] = {
    {5, "20decode-uncompressed.t", "-comment",
     "chapter 5: text after the symbol is a comment, also behind symbol _ without weather"},
    {10, "22decode-compressed.t", "-wind_direction -wind_speed",
     "chapter 12: the cs bytes of a compressed weather report are its wind"},
    {11, "23decode-mice.t", "comment", TYPE_CODE},
    {13, "23decode-mice.t", "comment", TYPE_CODE},
    {15, "25decode-dao.t", "comment", TYPE_CODE},
    {24, "51decode-msg.t", "message messageid", STALE},
    {27, "51decode-msg.t", "message messageid messageack", STALE},
    {29, "51decode-msg.t", "message messageid", STALE},
    {32, "51decode-msg.t", "message messageid messageack", STALE},
    {34, "51decode-msg.t", "message messageid", STALE},
    {37, "51decode-msg.t", "message messageid messageack", STALE},
    {43, "54decode-tlm-mice.t", "altitude daodatumbyte", STALE},
};

struct row {
    unsigned line;
    const char *test;
    char packet[PACKET_MAX]; /* for messages of this test */
    struct message message;
    unsigned failures;
};

static bool is_listed(const struct row *row, const char *key)
{
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        if (differences[i].line != row->line)
            continue;
        assert_string_equal(differences[i].test, row->test);
        size_t n = strlen(key);
        for (const char *word = differences[i].keys; *word;) {
            size_t span = strcspn(word, " ");
            if (span == n && memcmp(word, key, n) == 0)
                return true;
            word += span + strspn(word + span, " ");
        }
    }
    return false;
}

static void differs(struct row *row, const char *key, const char *expected, const char *got)
{
    if (is_listed(row, key))
        return;
    print_error("line %u (%s) %s: expected %s \"%s\", got \"%s\"\n", row->line, row->test, row->packet, key,
                expected, got);
    row->failures++;
}

static void check_number(struct row *row, const char *key, const json_t *expected, double got,
                         double tolerance)
{
    double want =
        json_is_string(expected) ? strtod(json_string_value(expected), NULL) : json_number_value(expected);
    if (json_is_null(expected) ? isnan(got) : fabs(want - got) <= tolerance)
        return;
    char want_text[32], got_text[32];
    snprintf(want_text, sizeof want_text, "%.9g", want);
    snprintf(got_text, sizeof got_text, "%.9g", got);
    differs(row, key, want_text, got_text);
}

/* The suite's bytes came into JSON as Latin-1 where they were no UTF-8; ours are raw. */
static void check_text(struct row *row, const char *key, const json_t *expected, const char *got, size_t trim)
{
    char want[PACKET_MAX];
    size_t n = 0;
    const unsigned char *text = (const unsigned char *)json_string_value(expected);
    while (*text && n < sizeof want - 1) {
        if ((*text & 0xe0) == 0xc0 && text[1]) {
            want[n++] = (char)((*text & 0x03) << 6 | (text[1] & 0x3f));
            text += 2;
        } else {
            want[n++] = (char)*text++;
        }
    }
    while (trim && n && want[n - 1] == ' ')
        n--;
    want[n] = '\0';
    if (!got || strcmp(want, got) != 0)
        differs(row, key, want, got ? got : "(nothing)");
}

static void check_symbol(struct row *row, const char *key, const json_t *expected, unsigned index)
{
    const char *symbol = message_text(&row->message, "symbol", NULL);
    const char got[2] = {symbol ? symbol[index] : '\0', '\0'};
    check_text(row, key, expected, got, 0);
}

/* The suite completed days and months from its own clock; day, hour and minute were in the packet. */
static void check_time(struct row *row, const json_t *expected)
{
    const struct partial_time *time = &row->message.position.time;
    time_t seconds = (time_t)json_integer_value(expected);
    struct tm utc;
    assert_non_null(gmtime_r(&seconds, &utc));
    bool same = time->hour == utc.tm_hour && time->minute == utc.tm_min &&
                (time->second < 0 || time->second == utc.tm_sec) &&
                (time->day < 0 || time->day == utc.tm_mday);
    if (!same)
        differs(row, "timestamp", "(its clock)", "(another)");
}

static double number_of(const struct row *row, const char *name)
{
    return message_number(&row->message, name, (double)NAN);
}

static void check_weather(struct row *row, const json_t *weather)
{
    static const struct {
        const char *theirs, *ours;
        double tolerance; /* half of their last digit */
    } keys[] = {{"temp", "weather.temperature_c", 0.051},
                {"temp_in", "weather.temperature_inside_c", 0.051},
                {"humidity", "weather.humidity_percent", 0.51},
                {"humidity_in", "weather.humidity_inside_percent", 0.51},
                {"pressure", "weather.pressure_hpa", 0.051},
                {"rain_1h", "weather.rain_1h_mm", 0.051},
                {"rain_24h", "weather.rain_24h_mm", 0.051},
                {"rain_midnight", "weather.rain_midnight_mm", 0.051},
                {"wind_direction", "weather.wind_direction_deg", 0.51},
                {"wind_gust", "weather.wind_gust_m_s", 0.051},
                {"wind_speed", "weather.wind_speed_m_s", 0.051},
                {"luminosity", "weather.luminosity_w_m2", 0.51}};
    size_t known = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *expected = json_object_get(weather, keys[i].theirs);
        char extra[48];
        snprintf(extra, sizeof extra, "-%s", keys[i].theirs);
        known += expected != NULL;
        if (expected)
            check_number(row, keys[i].theirs, expected, number_of(row, keys[i].ours), keys[i].tolerance);
        else if (!isnan(number_of(row, keys[i].ours)))
            differs(row, extra, "(nothing)", "a number");
    }
    const json_t *soft = json_object_get(weather, "soft");
    if (soft)
        check_text(row, "soft", soft, message_text(&row->message, "weather.software", NULL), 0);
    assert_int_equal(known + (soft != NULL), json_object_size(weather));
}

static double analog(const struct message *message, long channel)
{
    const struct field *value;
    for (size_t i = 0; (value = message_field(message, "telemetry.analog", i)); i++) {
        const struct field *number = message_field(message, "telemetry.channel", i);
        if ((number ? number->value.integer : (int64_t)i + 1) == channel)
            return value->value.real;
    }
    return (double)NAN;
}

static void check_telemetry(struct row *row, const json_t *telemetry)
{
    size_t i;
    json_t *value;
    json_array_foreach (json_object_get(telemetry, "vals"), i, value)
        check_number(row, "vals", value, analog(&row->message, (long)i + 1), 1e-9);
    if (json_object_get(telemetry, "seq"))
        check_number(row, "seq", json_object_get(telemetry, "seq"), number_of(row, "telemetry.sequence"), 0);
    if (json_object_get(telemetry, "bits"))
        check_text(row, "bits", json_object_get(telemetry, "bits"),
                   message_text(&row->message, "telemetry.digital", NULL), 0);
}

static void check_flag(struct row *row, const char *key, const json_t *expected, const char *ours)
{
    bool got = message_flag(&row->message, ours);
    if (!message_field(&row->message, ours, 0) || got != (json_integer_value(expected) != 0))
        differs(row, key, json_integer_value(expected) ? "1" : "0", got ? "1" : "0 or nothing");
}

static void check_type(struct row *row, const json_t *expected)
{
    static const struct {
        const char *type;
        enum message_kind kinds[3];
    } types[] = {{"location", {MESSAGE_POSITION, MESSAGE_WEATHER, MESSAGE_POSITION}},
                 {"object", {MESSAGE_OBJECT, MESSAGE_OBJECT, MESSAGE_OBJECT}},
                 {"item", {MESSAGE_OBJECT, MESSAGE_OBJECT, MESSAGE_OBJECT}},
                 {"message", {MESSAGE_TEXT, MESSAGE_ACKNOWLEDGE, MESSAGE_QUERY}},
                 {"wx", {MESSAGE_WEATHER, MESSAGE_WEATHER, MESSAGE_WEATHER}},
                 {"status", {MESSAGE_STATUS, MESSAGE_STATUS, MESSAGE_STATUS}},
                 {"telemetry", {MESSAGE_TELEMETRY, MESSAGE_TELEMETRY, MESSAGE_TELEMETRY}}};
    enum message_kind got = row->message.kind;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, json_string_value(expected)) == 0 &&
            (types[i].kinds[0] == got || types[i].kinds[1] == got || types[i].kinds[2] == got))
            return;
    differs(row, "type", json_string_value(expected), message_kind_text(got));
}

static void check_format(struct row *row, const json_t *expected)
{
    const char *want = json_string_value(expected), *got = message_text(&row->message, "format", NULL);
    if (!got || strcmp(got, strcmp(want, "mice") == 0 ? "mic-e" : want) != 0)
        differs(row, "format", want, got ? got : "(nothing)");
}

static const char *acknowledged(const struct message *message)
{
    const char *ack = message_text(message, "ack_id", NULL);
    return ack ? ack : message_text(message, "reply_ack", NULL);
}

/* Keys that compare alike; true if key is one of them. */
static bool check_listed(struct row *row, const char *key, const json_t *expected)
{
    static const char *const texts[][2] = {{"comment", "comment"},        {"status", "status"},
                                           {"message", "text"},           {"messageid", "message_id"},
                                           {"messagerej", "reject_id"},   {"phg", "phg"},
                                           {"daodatumbyte", "dao_datum"}, {"mbits", "mic_e_bits"},
                                           {"objectname", "object"},      {"itemname", "item"}};
    static const char *const flags[][2] = {{"messaging", "messaging"},
                                           {"alive", "alive"},
                                           {"gpsfixstatus", "gps_fix"},
                                           {"mice_mangled", "mic_e_mangled"}};
    static const char *const ignored[] = {"body",        "header",      "origpacket", "srccallsign",
                                          "dstcallsign", "digipeaters", "resultcode", "resultmsg"};
    const struct message *m = &row->message;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(key, texts[i][0]) == 0) {
            check_text(row, key, expected, message_text(m, texts[i][1], NULL),
                       strcmp(key, "objectname") == 0);
            return true;
        }
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(key, flags[i][0]) == 0) {
            check_flag(row, key, expected, flags[i][1]);
            return true;
        }
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (strcmp(key, ignored[i]) == 0)
            return true;
    return false;
}

static void check_key(struct row *row, const char *key, const json_t *expected)
{
    const struct message *m = &row->message;
    if (check_listed(row, key, expected))
        return;
    if (strcmp(key, "latitude") == 0)
        check_number(row, key, expected, m->position.lat_deg, 1e-8);
    else if (strcmp(key, "longitude") == 0)
        check_number(row, key, expected, m->position.lon_deg, 1e-8);
    else if (strcmp(key, "course") == 0) /* their 0 is "unknown" */
        check_number(row, key, expected, isnan(m->position.course_deg) ? 0 : (double)m->position.course_deg,
                     0.51);
    else if (strcmp(key, "speed") == 0)
        check_number(row, key, expected, (double)m->position.speed_m_s * 3.6, 1e-4);
    else if (strcmp(key, "altitude") == 0)
        check_number(row, key, expected, (double)m->position.alt_m, 1e-3);
    else if (strcmp(key, "radiorange") == 0)
        check_number(row, key, expected, number_of(row, "range_km"), 1e-6);
    else if (strcmp(key, "posresolution") == 0)
        check_number(row, key, expected, number_of(row, "resolution_m"), 1e-6);
    else if (strcmp(key, "posambiguity") == 0)
        check_number(row, key, expected, number_of(row, "position_ambiguity"), 0);
    else if (strcmp(key, "symbolcode") == 0)
        check_symbol(row, key, expected, 1);
    else if (strcmp(key, "symboltable") == 0)
        check_symbol(row, key, expected, 0);
    else if (strcmp(key, "destination") == 0)
        check_text(row, key, expected, m->to, 0);
    else if (strcmp(key, "messageack") == 0)
        check_text(row, key, expected, acknowledged(m), 0);
    else if (strcmp(key, "timestamp") == 0)
        check_time(row, expected);
    else if (strcmp(key, "type") == 0)
        check_type(row, expected);
    else if (strcmp(key, "format") == 0)
        check_format(row, expected);
    else if (strcmp(key, "wx") == 0)
        check_weather(row, expected);
    else if (strcmp(key, "telemetry") == 0)
        check_telemetry(row, expected);
    else
        differs(row, key, "(a key that this test does not know)", "");
}

static size_t packet_bytes(const char *hex, uint8_t bytes[PACKET_MAX])
{
    size_t n = 0;
    for (; hex[0] && hex[1] && n < PACKET_MAX; hex += 2) {
        const char two[3] = {hex[0], hex[1], '\0'};
        bytes[n++] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

/* Our meaning of the packet; false when header or contents are refused. */
static bool packet_parse(struct row *row, const uint8_t *bytes, size_t length)
{
    struct tnc2_header header;
    size_t info;
    message_reset(&row->message, "ax25", "ax25");
    if (tnc2_parse_header(bytes, length, &header, &info) != ATALAYA_OK || info >= length)
        return false;
    snprintf(row->message.unit, sizeof row->message.unit, "%.31s", header.source);
    if (aprs_parse(header.destination, bytes + info, length - info, &row->message) != ATALAYA_OK)
        return false;
    return row->message.well_formed;
}

static void row_check(struct row *row, const json_t *object)
{
    uint8_t bytes[PACKET_MAX];
    const json_t *decoded = json_object_get(object, "decoded");
    row->test = json_string_value(json_object_get(object, "test"));
    size_t length = packet_bytes(json_string_value(json_object_get(object, "packet_hex")), bytes);
    snprintf(row->packet, sizeof row->packet, "%.*s", (int)length, (const char *)bytes);
    bool accepted = packet_parse(row, bytes, length);
    if (accepted != (json_integer_value(json_object_get(object, "ok")) != 0))
        differs(row, "ok", accepted ? "rejected" : "accepted", accepted ? "accepted" : "rejected");
    if (!accepted)
        return; /* what a rejected packet seems to say is nobody's business */
    const char *key;
    json_t *expected;
    json_object_foreach ((json_t *)(uintptr_t)decoded, key, expected)
        check_key(row, key, expected);
    /* Nothing may be made up either. */
    if (row->message.has_position != (json_object_get(decoded, "latitude") != NULL))
        differs(row, "-latitude", "(nothing)", "a position");
    if (!json_object_get(decoded, "altitude") && !isnan(row->message.position.alt_m))
        differs(row, "-altitude", "(nothing)", "an altitude");
    if (!json_object_get(decoded, "speed") && !isnan(row->message.position.speed_m_s))
        differs(row, "-speed", "(nothing)", "a speed");
    if (!json_object_get(decoded, "comment") && message_text(&row->message, "comment", NULL) &&
        row->message.kind != MESSAGE_TELEMETRY)
        differs(row, "-comment", "(nothing)", message_text(&row->message, "comment", NULL));
}

static void every_packet_means_what_the_suite_says(void **state)
{
    FILE *file = *state;
    static char line[LINE_MAX_BYTES];
    static struct row row;
    unsigned rows = 0, failures = 0;
    while (fgets(line, sizeof line, file)) {
        json_error_t error;
        json_t *object = json_loads(line, 0, &error);
        assert_non_null(object);
        row.line = rows++;
        row.failures = 0;
        row_check(&row, object);
        failures += row.failures;
        json_decref(object);
    }
    print_message("%u packets\n", rows);
    assert_int_equal(rows, 162);
    assert_int_equal(failures, 0);
}

/* mic-e_spec_examples.tsv: a heading, then packets in TNC2 form; the figures are those of its second column.
 */
static void every_mic_e_example_has_its_figures(void **state)
{
    static const struct {
        double lat_deg, lon_deg, speed_kn, course_deg, alt_m;
        const char *comment_type, *radio;
        enum distress_kind distress;
    } examples[] = {
        {33 + 25.64 / 60, -12.129, 20, 251, (double)NAN, "returning", NULL, DISTRESS_NONE},
        {33 + 25.64 / 60, -(112 + 7.74 / 60), 20, 251, (double)NAN, "returning", NULL, DISTRESS_NONE},
        {(double)NAN, (double)NAN, 20, 251, (double)NAN, "custom-2", NULL, DISTRESS_NONE},
        {(double)NAN, (double)NAN, 20, 251, (double)NAN, "emergency", NULL, DISTRESS_RAISED},
        {44 + 31.5 / 60, -(112 + 7.5 / 60), 20, 251, (double)NAN, "in service", NULL, DISTRESS_NONE},
        {33 + 25.64 / 60, -(112 + 7.74 / 60), 20, 251, 61, "returning", NULL, DISTRESS_NONE},
        {42.6925037, -71.3134597, 153, 210, 1764, "in service", "Byonics TinyTrak3", DISTRESS_NONE},
        {(double)NAN, (double)NAN, 9, 215, 22, "off duty", "Yaesu FTM-400DR", DISTRESS_NONE},
    };
    (void)state;
    char path[4096], line[512];
    static struct row row;
    snprintf(path, sizeof path, "%s/aprs-packets/mic-e_spec_examples.tsv", getenv("ATALAYA_RECORDINGS"));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        assert_non_null(fgets(line, sizeof line, file));
        line[strcspn(line, "\t<")] = '\0'; /* "<0x0d>" stands for a line end */
        assert_true(packet_parse(&row, (const uint8_t *)line, strlen(line)));
        const struct position *p = &row.message.position;
        if (!isnan(examples[i].lat_deg)) {
            assert_true(fabs(p->lat_deg - examples[i].lat_deg) < 1e-7);
            assert_true(fabs(p->lon_deg - examples[i].lon_deg) < 1e-7);
        }
        assert_true(fabs((double)p->speed_m_s * 3600 / 1852 - examples[i].speed_kn) < 1e-3);
        assert_true(fabs((double)p->course_deg - examples[i].course_deg) < 1e-3);
        assert_true(isnan(examples[i].alt_m) ? isnan(p->alt_m)
                                             : fabs((double)p->alt_m - examples[i].alt_m) < 0.5);
        assert_string_equal(message_text(&row.message, "mic_e_message", NULL), examples[i].comment_type);
        assert_int_equal(row.message.distress, examples[i].distress);
        if (examples[i].radio)
            assert_string_equal(message_text(&row.message, "radio", NULL), examples[i].radio);
    }
    assert_int_equal(fclose(file), 0);
}

int main(void)
{
    const char *folder = getenv("ATALAYA_RECORDINGS");
    char path[4096];
    snprintf(path, sizeof path, "%s/aprs-packets/packets.jsonl", folder ? folder : ".");
    FILE *file = folder ? fopen(path, "r") : NULL;
    if (!file) {
        fprintf(stderr, "skipped: no aprs-packets/packets.jsonl below ATALAYA_RECORDINGS\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_packet_means_what_the_suite_says, file),
        cmocka_unit_test(every_mic_e_example_has_its_figures)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return fclose(file) == 0 ? failed : 1;
}
