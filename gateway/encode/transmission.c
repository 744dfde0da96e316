/* SPDX-License-Identifier: Apache-2.0 */
#include "transmission.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/json.h"

static void note_first_bit(void *context, const struct message *message)
{
    *(uint64_t *)context = message->first_bit;
}

void transmission_hear(const struct transmission *transmission, struct protocol_output *output)
{
    const struct protocol *protocol = transmission->protocol->protocol;
    void *state = malloc(protocol->state_size);
    int8_t *soft = malloc(transmission->bit_count);
    if (state && soft) {
        const struct soft_run run = {.soft = soft,
                                     .count = transmission->bit_count,
                                     .bit_rate = transmission->modem->bit_rate,
                                     .scrambler = transmission->modem->class->scrambler};
        for (size_t i = 0; i < transmission->bit_count; i++)
            soft[i] = transmission->bits[i] ? 127 : -127;
        protocol->reset(state);
        protocol->execute(state, &run, output);
        if (protocol->finish)
            protocol->finish(state, output);
    }
    free(soft);
    free(state);
}

/* What goes on air before the frame: time_s of a reception is the time of its first bit. The protocol itself
 * says where that is, by hearing its own transmission. */
static double preamble_s(const struct transmission *transmission)
{
    uint64_t first_bit = 0;
    struct protocol_output output = {.message = note_first_bit, .context = &first_bit};
    transmission_hear(transmission, &output);
    return (double)first_bit / transmission->modem->bit_rate + transmission->modem->class->lead_s;
}

/* The one that the message needs, or that was asked for, or the protocol's first. */
static const struct modem_row *choose_modem(const struct protocol_row *row, const char *id,
                                            const struct message *message)
{
    char first[32];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(row->modems, " "), row->modems);
    const char *needed = row->protocol->modem_for ? row->protocol->modem_for(message) : NULL;
    if (needed && id && strcmp(needed, id) != 0)
        return NULL;
    const struct modem_row *modem = modem_find(needed ? needed : id ? id : first);
    bool sends = modem && (modem->class->modulate || modem->class->modulate_iq);
    return sends && protocol_uses_modem(row, modem->id) ? modem : NULL;
}

static bool send_message(const struct transmission_settings *settings, struct message *message,
                         struct transmission *transmission, char *why, size_t size)
{
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    const struct protocol_row *row = protocol_find(message->protocol);
    enum atalaya_result result = ATALAYA_OK;
    if (message->raw_length == 0)
        result = row->protocol->compose ? row->protocol->compose(message) : ATALAYA_E_UNSUPPORTED;
    if (result != ATALAYA_OK) {
        snprintf(why, size, "%s cannot say this: %s", row->id, atalaya_result_text(result));
        return false;
    }
    const struct modem_row *modem = choose_modem(row, settings->modem, message);
    const struct protocol_transmit how = {.preamble_bits = settings->preamble_bits,
                                          .scrambler = modem ? modem->class->scrambler : SCRAMBLER_NONE};
    if (!modem || !row->protocol->transmit) {
        snprintf(why, size, "protocol %s cannot be sent%s", row->id, modem ? "" : " with that modem");
        return false;
    }
    transmission->protocol = row;
    transmission->modem = modem;
    transmission->bits = bits;
    transmission->bit_count = row->protocol->transmit(message, &how, bits, sizeof bits);
    if (transmission->bit_count == 0) {
        snprintf(why, size, "%s cannot send a frame of %u bytes", row->id, message->raw_length);
        return false;
    }
    transmission->preamble_s = preamble_s(transmission);
    return true;
}

static bool read_text(const char *protocol, const char *line, size_t length, struct message *message,
                      char *why, size_t size)
{
    const struct protocol_row *row = protocol_find(protocol);
    if (!row || !row->protocol->from_text) {
        snprintf(why, size, "protocol '%s' has no text form: give JSON", protocol);
        return false;
    }
    message_reset(message, row->id, row->protocol->address_space);
    enum atalaya_result result = row->protocol->from_text(message, line, length);
    if (result == ATALAYA_OK && message->raw_length > 0)
        return true;
    snprintf(why, size, "no line of %s that can be sent: %s", row->protocol->text_form,
             atalaya_result_text(result));
    return false;
}

/* The names of a reception where it has them: what `decode` heard can be sent again as it was. */
static void read_place(const json_t *object, struct placement *place)
{
    place->frequency_hz = json_get_real(object, "frequency_hz");
    place->offset_hz = json_get_real(object, "offset_hz");
    place->level_dbfs = json_get_real(object, "rssi_dbfs");
    place->drift_hz_s = json_get_real(object, "drift_hz_s");
    place->deviation_hz = json_get_real(object, "deviation_hz");
    place->fading_hz = json_get_real(object, "fading_hz");
    place->cnr_db = json_get_real(object, "cnr_db");
}

static bool read_json(const struct transmission_settings *settings, const char *line, size_t length,
                      struct message *message, struct transmission *transmission, char *why, size_t size)
{
    json_error_t error;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (!object) {
        snprintf(why, size, "no JSON: %s", error.text);
        return false;
    }
    const json_t *text = json_object_get(object, "line");
    const char *protocol = json_string_value(json_object_get(object, "protocol"));
    bool good;
    if (json_is_string(text))
        good = read_text(protocol ? protocol : settings->protocol, json_string_value(text),
                         json_string_length(text), message, why, size);
    else
        good = json_to_message(object, message, why, size) == ATALAYA_OK;
    transmission->time_s = json_get_real(object, "time_s");
    read_place(object, &transmission->place);
    json_decref(object);
    return good;
}

bool transmission_make(const struct transmission_settings *settings, const char *line, size_t length,
                       struct transmission *transmission, char *why, size_t size)
{
    static struct message message;
    const double unknown = (double)NAN;
    *transmission = (struct transmission){
        .time_s = unknown, .place = {unknown, unknown, unknown, unknown, unknown, unknown, unknown}};
    bool good = line[0] == '{' ? read_json(settings, line, length, &message, transmission, why, size)
                               : read_text(settings->protocol, line, length, &message, why, size);
    return good && send_message(settings, &message, transmission, why, size);
}

double transmission_start_s(const struct transmission *transmission, double now_s, double gap_s)
{
    if (!isfinite(transmission->time_s))
        return now_s + gap_s;
    return fmax(now_s, transmission->time_s - transmission->preamble_s);
}
