/* SPDX-License-Identifier: Apache-2.0 */
/* What base radios say on their serial port: Kenwood's own sentences, plain NMEA 0183, and caller ids between
 * STX and ETX. Facts from logs and parsers of others: the maker publishes none. There are no soft bits here;
 * the reader of the port hands whole sentences to parse. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "caller.h"
#include "sentence.h"

#define METRES_A_SECOND_A_KNOT (1852.0 / 3600.0)

enum { STX = 0x02, ETX = 0x03 };

/* Where a sentence keeps what; 0 = it has no such field (field 0 is the name). */
struct layout {
    const char *name;
    uint8_t place, time, validity, speed, date, variation, fleet, unit, status, object;
};

static const struct layout layouts[] = {
    {.name = "PKLSH", .place = 1, .time = 5, .validity = 6, .fleet = 7, .unit = 8},
    {.name = "PKNSH", .place = 1, .time = 5, .validity = 6, .unit = 7},
    {.name = "PKLDS",
     .place = 3,
     .time = 1,
     .validity = 2,
     .speed = 7,
     .date = 9,
     .variation = 10,
     .fleet = 12,
     .unit = 13,
     .status = 14},
    {.name = "PKNDS",
     .place = 3,
     .time = 1,
     .validity = 2,
     .speed = 7,
     .date = 9,
     .variation = 10,
     .unit = 12,
     .status = 13},
    {.name = "PKWDWPL", .place = 3, .time = 1, .validity = 2, .speed = 7, .date = 9, .object = 11},
    {.name = "RMC", .place = 3, .time = 1, .validity = 2, .speed = 7, .date = 9, .variation = 10},
    {.name = "GGA", .place = 2, .time = 1},
    {.name = "WPL", .place = 1, .object = 5},
};

static const struct layout *find_layout(const char *name)
{
    /* Of NMEA 0183's own sentences the first two letters name the talker (clause 5.3). */
    const char *bare = name[0] == 'P' || strlen(name) != 5 ? name : name + 2;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (strcmp(layouts[i].name, bare) == 0)
            return &layouts[i];
    return NULL;
}

/* Where the maker's radios stand before their first fix. */
static bool is_factory_position(const struct position *position)
{
    return fabs(position->lat_deg - 38.85555) < 2e-4 && fabs(position->lon_deg + 94.79903) < 2e-4;
}

static enum atalaya_result read_unit(struct message *message, const struct layout *layout,
                                     const struct sentence *sentence)
{
    char both[MESSAGE_ID_MAX];
    const char *unit = sentence_field(sentence, layout->unit);
    if (layout->unit == 0)
        return ATALAYA_OK;
    if (layout->fleet == 0)
        return caller_nexedge_id(unit, strlen(unit), message->unit) ? ATALAYA_OK : ATALAYA_E_FORMAT;
    const char *fleet = sentence_field(sentence, layout->fleet);
    if (strlen(fleet) != 3 || strlen(unit) != 4)
        return ATALAYA_E_FORMAT;
    memcpy(both, fleet, 3);
    memcpy(both + 3, unit, 5);
    return caller_fleetsync_id(both, 7, message->unit) ? ATALAYA_OK : ATALAYA_E_FORMAT;
}

/* Why the place is not where the radio is now; NULL: it is. ATALAYA_E_FORMAT: the sentence contradicts
 * itself. */
static enum atalaya_result judge_place(const struct message *message, const struct layout *layout,
                                       const struct sentence *sentence, const char **fault)
{
    *fault = NULL;
    if (layout->validity) {
        const char *validity = sentence_field(sentence, layout->validity);
        if (strcmp(validity, "V") == 0)
            *fault = "void";
        else if (strcmp(validity, "A") != 0)
            return ATALAYA_E_FORMAT;
    }
    if (strcmp(layout->name, "GGA") == 0) {
        double quality = sentence_number(sentence, 6);
        if (!(quality >= 0.0 && quality <= 8.0))
            return ATALAYA_E_FORMAT;
        if (quality < 1.0 || quality > 5.0) /* 6 dead reckoning, 7 by hand, 8 simulated */
            *fault = "void";
    }
    if (!*fault && is_factory_position(&message->position))
        *fault = "factory";
    return ATALAYA_OK;
}

/* A place that is not live is told in fields of its own: nobody takes it for where the crew is. */
static enum atalaya_result read_place(struct message *message, const struct layout *layout,
                                      const struct sentence *sentence)
{
    const char *fault;
    bool empty = *sentence_field(sentence, layout->place) == '\0';
    if (!empty && sentence_place(sentence, layout->place, &message->position) != ATALAYA_OK)
        return ATALAYA_E_FORMAT;
    enum atalaya_result result = judge_place(message, layout, sentence, &fault);
    if (result != ATALAYA_OK)
        return result;
    message->has_position = !empty && !fault;
    if (message->has_position)
        return ATALAYA_OK;
    (void)message_add_string(message, "position_fault", fault ? fault : "absent");
    (void)message_add_real(message, "not_live_lat_deg", message->position.lat_deg);
    (void)message_add_real(message, "not_live_lon_deg", message->position.lon_deg);
    message->position.lat_deg = message->position.lon_deg = (double)NAN;
    message->position.accuracy_m = NAN;
    return ATALAYA_OK;
}

static void read_motion(struct message *message, const struct layout *layout, const struct sentence *sentence)
{
    if (layout->speed == 0 || !message->has_position)
        return;
    double knots = sentence_number(sentence, layout->speed);
    double course_deg = sentence_number(sentence, layout->speed + 1U);
    if (knots >= 0.0 && knots < 1000.0)
        message->position.speed_m_s = (float)(knots * METRES_A_SECOND_A_KNOT);
    if (knots > 0.0 && course_deg >= 0.0 && course_deg <= 360.0)
        message->position.course_deg = course_deg > 0.0 ? (float)course_deg : 360.0F;
}

static void read_times(struct message *message, const struct layout *layout, const struct sentence *sentence)
{
    if (layout->time)
        sentence_time(sentence_field(sentence, layout->time), &message->position.time);
    const char *date = layout->date ? sentence_field(sentence, layout->date) : "";
    sentence_date(date, &message->position.time);
    if (message->position.time.month > 0 && isdigit((unsigned char)date[4]) &&
        isdigit((unsigned char)date[5]))
        (void)message_add_integer(message, "fix_year", 2000 + (date[4] - '0') * 10 + date[5] - '0');
}

static void read_rest(struct message *message, const struct layout *layout, const struct sentence *sentence)
{
    double status = layout->status ? sentence_number(sentence, layout->status) : (double)NAN;
    if (status >= 0.0)
        (void)message_add_integer(message, "status", (int64_t)status);
    if (layout->variation) {
        double deg = sentence_number(sentence, layout->variation);
        char side = *sentence_field(sentence, layout->variation + 1U);
        if (deg >= 0.0 && deg <= 180.0 && (side == 'E' || side == 'W'))
            (void)message_add_real(message, "magnetic_variation_deg", side == 'E' ? deg : -deg);
    }
    if (layout->object)
        (void)message_add_string(message, "object", sentence_field(sentence, layout->object));
    if (strcmp(layout->name, "PKWDWPL") == 0)
        (void)message_add_string(message, "symbol", sentence_field(sentence, layout->object + 1U));
    if (strcmp(layout->name, "GGA") == 0 && message->has_position)
        message->position.alt_m = (float)sentence_number(sentence, 9);
}

static enum message_kind kind_of(const struct message *message, const struct layout *layout)
{
    if (layout->object)
        return MESSAGE_OBJECT;
    return message->has_position ? MESSAGE_POSITION : MESSAGE_STATUS;
}

/* $PKNID and whatever else the maker's radios say: heard and valid, the unit if one is named. */
static enum atalaya_result read_unknown(struct message *message, const struct sentence *sentence)
{
    const char *name = sentence_field(sentence, 0);
    if (strncmp(name, "PK", 2) != 0)
        return ATALAYA_E_UNSUPPORTED;
    for (unsigned n = 1; n < sentence->count && message->unit[0] == '\0'; n++)
        if (!caller_nexedge_id(sentence->field[n], strlen(sentence->field[n]), message->unit))
            message->unit[0] = '\0';
    (void)message_add_string(message, "sentence", name);
    return ATALAYA_OK;
}

static enum atalaya_result parse_sentence(struct message *message)
{
    struct sentence sentence;
    enum atalaya_result result = sentence_read(&sentence, message->raw, message->raw_length);
    if (result != ATALAYA_OK)
        return result;
    const struct layout *layout = find_layout(sentence.field[0]);
    if (!layout)
        return read_unknown(message, &sentence);
    result = read_unit(message, layout, &sentence);
    if (result == ATALAYA_OK)
        result = read_place(message, layout, &sentence);
    if (result != ATALAYA_OK)
        return result;
    read_times(message, layout, &sentence);
    read_motion(message, layout, &sentence);
    read_rest(message, layout, &sentence);
    (void)message_add_string(message, "sentence", sentence.field[0]);
    message->kind = kind_of(message, layout);
    return ATALAYA_OK;
}

/* STX and ETX may have been taken off already. */
static enum atalaya_result parse_caller(struct message *message)
{
    char text[64];
    size_t from = message->raw[0] == STX, end = message->raw_length;
    while (end > from && (message->raw[end - 1] == ETX || isspace(message->raw[end - 1])))
        end--;
    if (end - from >= sizeof text || memchr(message->raw + from, 0, end - from))
        return ATALAYA_E_LENGTH;
    memcpy(text, message->raw + from, end - from);
    text[end - from] = '\0';
    return caller_read(message, text);
}

static enum atalaya_result kenwood_parse(struct message *message)
{
    if (message->raw_length == 0)
        return ATALAYA_E_LENGTH;
    message->payload_length = message->raw_length;
    return message->raw[0] == '$' ? parse_sentence(message) : parse_caller(message);
}

static enum atalaya_result kenwood_from_text(struct message *message, const char *line, size_t length)
{
    while (length && isspace((unsigned char)line[length - 1]))
        length--;
    if (length == 0 || length > SENTENCE_TEXT_MAX)
        return ATALAYA_E_LENGTH;
    memcpy(message->raw, line, length);
    message->raw_length = (uint16_t)length;
    return kenwood_parse(message);
}

static size_t kenwood_to_text(const struct message *message, char *text, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < message->raw_length && length + 1 < size; i++)
        if (message->raw[i] >= ' ' && message->raw[i] < 0x7f)
            text[length++] = (char)message->raw[i];
    if (size)
        text[length] = '\0';
    return length;
}

static void kenwood_reset(void *state)
{
    (void)state;
}

static void kenwood_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    (void)state;
    (void)run;
    (void)output;
}

const struct protocol protocol_kenwood = {
    .address_space = "kenwood",
    .state_size = 1,
    .reset = kenwood_reset,
    .execute = kenwood_execute,
    .parse = kenwood_parse,
    .text_form = "kenwood",
    .from_text = kenwood_from_text,
    .to_text = kenwood_to_text,
};
