/* SPDX-License-Identifier: Apache-2.0 */
#include "distress_details.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/json.h"
#include "atalaya/protocol/protocol.h"

_Static_assert((int)DISTRESS_ALERT_MAX >= (int)ALERT_TEXT_MAX, "every text fits");

static void note_fields(struct distress *distress, const struct message *message, const char *const *names)
{
    json_t *fields = json_from_fields(message, names);
    json_t *before = distress->details[0] ? json_loads(distress->details, 0, NULL) : NULL;
    if (before && !message->well_formed) {
        json_object_update_missing(before, fields);
        json_decref(fields);
        fields = json_incref(before);
    }
    json_decref(before);
    char *text = json_object_size(fields) > 0 ? json_dumps(fields, JSON_LINE_FLAGS) : NULL;
    if (text && strlen(text) < sizeof distress->details)
        memcpy(distress->details, text, strlen(text) + 1);
    free(text);
    json_decref(fields);
}

static void note_text(struct distress *distress, const struct reception *reception, const char *station,
                      const struct protocol *protocol)
{
    char heard_at[CLOCK_TEXT_MAX];
    double hz = reception->frequency_hz;
    if (isfinite(hz) && isfinite(reception->offset_hz))
        hz += (double)reception->offset_hz;
    const struct alert_facts facts = {.station = station,
                                      .heard_at = clock_format(distress->last_heard_utc_ns, heard_at),
                                      .frequency_hz = hz,
                                      .heard = distress->heard};
    if (distress->alert_text[0] && !reception->message.well_formed)
        return;
    if (protocol->alert_text(&reception->message, &facts, distress->alert_text,
                             sizeof distress->alert_text) == 0)
        distress->alert_text[0] = '\0';
}

void distress_details_note(struct distress *distress, const struct reception *reception, const char *station)
{
    const struct protocol_row *row = protocol_find(reception->message.protocol);
    if (row && row->protocol->alert_fields)
        note_fields(distress, &reception->message, row->protocol->alert_fields);
    if (row && row->protocol->alert_text)
        note_text(distress, reception, station, row->protocol);
}
