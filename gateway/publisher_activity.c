/* SPDX-License-Identifier: Apache-2.0 */
/* Transmissions on channels, as site/S/activity/CHANNEL. Not spooled: what was on the air an hour ago helps
 * nobody, and costs an SD card a write each. Who it was is told under the rules of the units, and to the
 * centres of that unit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "lifecycle/centres.h"
#include "publisher.h"

/* Names those of the units that may be named; returns the brokers that may hear of all of them. */
static uint32_t name_units(const struct publisher *p, const struct activity *activity, json_t *object)
{
    uint32_t brokers = centres_all_brokers(p->config);
    json_t *names = json_array();
    unsigned unnamed = 0;
    for (unsigned i = 0; i < activity->unit_count; i++) {
        struct unit_identity who;
        units_identify(p->units, activity->units[i].address_space, activity->units[i].id, &who);
        if (p->allow_list && !who.known) {
            unnamed++;
            continue;
        }
        const struct whereabout *where = whereabouts_find(p->whereabouts, who.name);
        const struct centre_subject subject = {.kind = "activity",
                                               .unit = who.name,
                                               .has_place = where != NULL,
                                               .lat_deg = where ? where->lat_deg : 0.0,
                                               .lon_deg = where ? where->lon_deg : 0.0};
        brokers &= centres_route(p->config, &subject);
        json_array_append_new(names, json_text(who.name, strlen(who.name)));
    }
    if (unnamed)
        json_object_set_new(object, "unnamed", json_integer(unnamed));
    if (json_array_size(names))
        json_object_set_new(object, "units", names);
    else
        json_decref(names);
    return brokers;
}

static json_t *document(struct publisher *p, const struct activity *activity)
{
    static const char *const states[] = {"began", "goes_on", "ended"};
    const struct envelope_facts facts = {.utc_ns = clock_utc_of_mono(activity->start_mono_ns)};
    json_t *object = envelope_create(p->maker, &facts);
    json_object_set_new(object, "channel", json_string(activity->channel));
    json_object_set_new(object, "source", json_string(activity->source));
    json_object_set_new(object, "state", json_string(states[activity->state]));
    json_object_set_new(object, "transmission", json_integer((json_int_t)activity->number));
    json_object_set_new(object, "bursts", json_integer(activity->bursts));
    if (activity->squelch_signal[0])
        json_object_set_new(object, "squelch_signal", json_string(activity->squelch_signal));
    if (activity->suspect)
        json_object_set_new(object, "suspect", json_true());
    if (activity->untold)
        json_object_set_new(object, "untold", json_integer(activity->untold));
    json_set_real(object, "frequency_hz", activity->frequency_hz, 0);
    json_set_real(object, "duration_s", activity->duration_s, 3);
    json_set_real(object, "rssi_dbfs", (double)activity->level_dbfs, 1);
    json_set_real(object, "floor_dbfs", (double)activity->floor_dbfs, 1);
    json_set_real(object, "snr_db", (double)activity->snr_db, 1);
    json_set_real(object, "offset_hz", (double)activity->offset_hz, 0);
    return object;
}

static void send_to(struct publisher *p, const json_t *object, const char *channel, uint32_t brokers)
{
    char topic[SPOOL_TOPIC_MAX];
    char *text = brokers ? json_dumps(object, JSON_LINE_FLAGS) : NULL;
    snprintf(topic, sizeof topic, "site/%s/activity/%s", p->maker->site_id, channel);
    for (unsigned i = 0; text && i < p->link_count; i++)
        if (brokers & UINT32_C(1) << i)
            link_event(p->links[i], topic, text);
    free(text);
}

void publisher_activity(struct publisher *p, const struct activity *activity)
{
    p->counts.transmissions += activity->state == ACTIVITY_ENDED ? 1 + activity->untold : activity->untold;
    p->counts.on_air_s += activity->state == ACTIVITY_ENDED ? activity->duration_s : 0.0;
    if (p->link_count == 0)
        return;
    uint32_t all = centres_of_kind(p->config, "activity");
    json_t *object = document(p, activity);
    uint32_t named = all & name_units(p, activity, object);
    send_to(p, object, activity->channel, named);
    json_object_del(object, "units");
    send_to(p, object, activity->channel, all & ~named);
    json_decref(object);
}
