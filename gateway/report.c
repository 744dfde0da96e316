/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/source.h"
#include "lifecycle/centres.h"

static json_t *begin(struct envelope_maker *maker)
{
    const struct envelope_facts facts = {.utc_ns = clock_utc_ns()};
    return envelope_create(maker, &facts);
}

static char *finish(json_t *object)
{
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    json_decref(object);
    return text;
}

static void set_string(json_t *object, const char *key, const char *text)
{
    if (text[0])
        json_object_set_new(object, key, json_text(text, strlen(text)));
}

static void set_count(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

char *report_status(struct envelope_maker *maker, const char *state, const char *reason)
{
    json_t *object = begin(maker);
    set_string(object, "state", state);
    set_string(object, "reason", reason);
    return finish(object);
}

static json_t *site_position(const struct site_facts *facts)
{
    json_t *object = json_object();
    json_set_real(object, "lat_deg", facts->lat_deg, 6);
    json_set_real(object, "lon_deg", facts->lon_deg, 6);
    json_set_real(object, "alt_m", facts->alt_m, 1);
    json_set_real(object, "accuracy_m", facts->accuracy_m, 1);
    json_set_real(object, "age_s", facts->age_s, 1);
    /* Without a fix, or with a frozen one, it is where the tower was. It stays on show, but not as current.
     */
    bool current =
        facts->fix != SITE_FIX_NONE && (facts->gps != SITE_GPS_FROZEN || facts->fix == SITE_FIX_FIXED);
    json_object_set_new(object, "origin", json_string(current ? "site" : "last-known"));
    return object;
}

static json_t *sources(const struct config *config)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < config->source_count; i++) {
        json_t *object = json_object();
        set_string(object, "name", config->source[i].name);
        json_object_set_new(object, "type", json_string(source_kind_text(config->source[i].type)));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *channels(const struct config *config)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < config->channel_count; i++) {
        const struct config_channel *channel = &config->channel[i];
        json_t *object = json_object(), *protocols = json_array();
        set_string(object, "name", channel->name);
        set_string(object, "source", config->source[channel->source].name);
        json_set_real(object, "frequency_hz", channel->frequency_hz, 0);
        for (unsigned p = 0; p < channel->protocol_count; p++)
            json_array_append_new(protocols, json_string(channel->protocols[p]));
        json_object_set_new(object, "protocols", protocols);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *protocols(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < protocol_table_size; i++)
        json_array_append_new(list, json_string(protocol_table[i].id));
    return list;
}

char *report_info(const struct report_view *view)
{
    json_t *object = begin(view->maker);
    struct site_facts facts;
    site_facts(view->maker->site, &facts);
    set_string(object, "software", "atalaya " ATALAYA_VERSION);
    set_string(object, "title", view->config->site.title);
    if (isfinite(facts.lat_deg))
        json_object_set_new(object, "position", site_position(&facts));
    json_object_set_new(object, "allow_list", json_boolean(view->config->site.allow_list));
    set_count(object, "units", view->config->unit_count);
    json_object_set_new(object, "protocols", protocols());
    json_object_set_new(object, "sources", sources(view->config));
    json_object_set_new(object, "channels", channels(view->config));
    return finish(object);
}

static json_t *counts_to_json(const struct protocol_counts *counts)
{
    json_t *object = json_object();
    set_count(object, "messages", counts->messages);
    set_count(object, "repaired", counts->repaired);
    set_count(object, "bad_length", counts->length);
    set_count(object, "bad_check", counts->check);
    set_count(object, "bad_format", counts->format);
    return object;
}

static json_t *source_to_json(const struct report_view *view, unsigned i, bool *well)
{
    json_t *object = json_object();
    set_string(object, "name", view->config->source[i].name);
    if (view->threads[i]) {
        struct receive_figures figures;
        receive_thread_figures(view->threads[i], &figures);
        set_string(object, "state", receive_state_text(figures.state));
        set_count(object, "bursts", figures.receptions);
        set_count(object, "openings", figures.openings);
        set_count(object, "lost_frames", figures.lost_frames);
        json_set_real(object, "signal_s", figures.seconds, 1);
        json_object_set_new(object, "decoder", counts_to_json(&figures.counts));
        enum config_source_type type = view->config->source[i].type;
        bool over = figures.state == RECEIVE_ENDED && type != SOURCE_FILE && type != SOURCE_STDIN;
        bool bad = figures.state == RECEIVE_GONE || figures.state == RECEIVE_HUNG || over;
        if (bad)
            set_string(object, "error",
                       figures.state == RECEIVE_HUNG ? "its driver does not return" : figures.fault);
        *well = *well && !bad;
    } else if (view->tncs[i]) {
        struct tnc_figures figures;
        tnc_figures(view->tncs[i], &figures);
        set_string(object, "state", figures.present ? "running" : figures.starting ? "starting" : "gone");
        if (!figures.present)
            set_string(object, "error", figures.fault);
        set_count(object, "bursts", figures.frames);
        set_count(object, "openings", figures.reconnects + 1);
        json_object_set_new(object, "decoder", counts_to_json(&figures.counts));
        *well = *well && (figures.present || figures.starting);
    }
    return object;
}

static json_t *link_to_json(const struct report_view *view, unsigned i, bool *well)
{
    static const char *const states[] = {"down", "connecting", "up"};
    struct link_figures figures;
    json_t *object = json_object();
    link_figures(view->links[i], &figures);
    set_string(object, "name", view->config->broker[i].name);
    set_string(object, "state", states[figures.state]);
    set_count(object, "protocol", (uint64_t)figures.protocol);
    set_string(object, "error", figures.error);
    json_set_real(object, "since_s", (double)(clock_mono_ns() - figures.since_mono_ns) * 1e-9, 0);
    if (!figures.retains && figures.protocol)
        json_object_set_new(object, "retains", json_false());
    set_count(object, "connects", figures.connects);
    set_count(object, "published", figures.published);
    set_count(object, "acknowledged", figures.acknowledged);
    set_count(object, "in_flight", figures.in_flight);
    set_count(object, "set_aside", figures.set_aside);
    set_count(object, "shortened", figures.shortened);
    set_count(object, "given_up", figures.given_up);
    if (figures.echo_ns > 0)
        json_set_real(object, "echo_ms", (double)figures.echo_ns * 1e-6, 1);
    set_count(object, "rx_dropped", figures.rx_dropped);
    set_count(object, "nobody_subscribed", figures.nobody_subscribed);
    set_count(object, "refused_commands", figures.refused_commands);
    *well = *well && figures.state == LINK_UP && !figures.error[0] && figures.set_aside == 0;
    return object;
}

static json_t *spool_to_json(const struct report_view *view, bool *well)
{
    struct spool_counts counts;
    json_t *object = json_object(), *waiting = json_object(), *dropped = json_object();
    spool_counts(view->spool, &counts);
    for (unsigned c = 0; c < SPOOL_CLASS_COUNT; c++) {
        set_count(waiting, spool_class_text(c), counts.waiting[c]);
        set_count(dropped, spool_class_text(c), counts.dropped[c]);
    }
    json_object_set_new(object, "waiting", waiting);
    json_object_set_new(object, "dropped", dropped);
    set_count(object, "bytes", counts.bytes);
    set_count(object, "appended", counts.appended);
    set_count(object, "delivered", counts.delivered);
    set_count(object, "replaced", counts.replaced);
    if (counts.oldest_utc_ns) { /* a board without a clock starts before what it wrote last time */
        int64_t age_ns = clock_utc_ns() - counts.oldest_utc_ns;
        json_set_real(object, "oldest_age_s", age_ns > 0 ? (double)age_ns * 1e-9 : 0.0, 0);
    }
    json_object_set_new(object, "damaged", json_boolean(counts.damaged));
    json_object_set_new(object, "failing", json_boolean(counts.failing));
    set_string(object, "error", counts.error);
    *well = *well && !counts.damaged && !counts.failing && !counts.error[0];
    return object;
}

static void add_site(json_t *object, struct site *site, bool *well)
{
    struct site_facts facts;
    json_t *clock = json_object();
    site_facts(site, &facts);
    set_string(object, "gpsd", site_gps_text(facts.gps));
    set_string(object, "fix", site_fix_text(facts.fix));
    if (facts.satellites_used >= 0)
        set_count(object, "satellites_used", (uint64_t)facts.satellites_used);
    json_set_real(object, "moved_m", facts.moved_m, 0);
    if (isfinite(facts.lat_deg))
        json_object_set_new(object, "position", site_position(&facts));
    set_string(clock, "source", time_source_text(facts.clock.source));
    if (facts.clock.error_ns >= 0)
        json_set_real(clock, "error_ms", (double)facts.clock.error_ns * 1e-6, 3);
    json_object_set_new(object, "clock", clock);
    *well =
        *well && (facts.gps == SITE_GPS_OK || facts.gps == SITE_GPS_OFF) && facts.clock.source != TIME_NONE;
}

static json_t *counters(const struct report_view *view)
{
    const struct publisher_counts *counts = &view->publisher->counts;
    json_t *object = json_object();
    set_count(object, "receptions", counts->receptions);
    set_count(object, "duplicates", counts->duplicates);
    set_count(object, "positions", counts->positions);
    set_count(object, "messages", counts->messages);
    set_count(object, "distress_calls", counts->distress);
    set_count(object, "withheld", counts->withheld);
    set_count(object, "repeats", counts->repeats);
    set_count(object, "handover_dropped", handover_dropped(view->handover));
    return object;
}

static json_t *transmitter_to_json(const struct report_view *view, unsigned i, bool *well)
{
    struct transmitter_figures figures;
    json_t *object = json_object();
    transmitter_figures(view->transmitters[i], &figures);
    bool good = figures.key_present && figures.sound_present;
    char text[CONFIG_PATH_MAX + TRANSMIT_ERROR_MAX] = "";
    set_string(object, "name", view->config->transmitter[i].name);
    json_object_set_new(object, "key_present", json_boolean(figures.key_present));
    json_object_set_new(object, "sound_present", json_boolean(figures.sound_present));
    if (!figures.key_present)
        snprintf(text, sizeof text, "what keys it is not there, or does not obey: %s",
                 view->config->transmitter[i].ptt_device);
    else if (!figures.sound_present)
        snprintf(text, sizeof text, "%s", figures.sound_error);
    set_string(object, "error", text);
    set_count(object, "waiting", figures.waiting);
    json_set_real(object, "airtime_s", figures.airtime_s, 1);
    for (unsigned r = 0; r < TRANSMIT_RESULT_COUNT; r++)
        set_count(object, transmit_result_text(r), figures.ended[r]);
    set_count(object, "forced", figures.forced);
    json_object_set_new(object, "well", json_boolean(good));
    *well = *well && good;
    return object;
}

char *report_health(const struct report_view *view)
{
    bool well = true;
    json_t *object = begin(view->maker), *heard = json_array(), *links = json_array();
    json_t *transmitters = json_array();
    add_site(object, view->maker->site, &well);
    for (unsigned i = 0; i < view->config->source_count; i++)
        json_array_append_new(heard, source_to_json(view, i, &well));
    for (unsigned i = 0; i < view->config->broker_count; i++)
        json_array_append_new(links, link_to_json(view, i, &well));
    for (unsigned i = 0; i < view->config->transmitter_count; i++)
        if (view->transmitters[i])
            json_array_append_new(transmitters, transmitter_to_json(view, i, &well));
    json_object_set_new(object, "sources", heard);
    json_object_set_new(object, "transmitters", transmitters);
    json_object_set_new(object, "links", links);
    json_object_set_new(object, "spool", spool_to_json(view, &well));
    guard_report(view->guard, object, &well);
    report_faults(view, object, &well);
    set_count(object, "distress_open", desk_open_count(view->desk));
    json_object_set_new(object, "counters", counters(view));
    json_set_real(object, "uptime_s", (double)(clock_mono_ns() - view->started_mono_ns) * 1e-9, 1);
    json_object_set_new(object, "well", json_boolean(well));
    return finish(object);
}

char *report_health_for(const char *health, const struct config *config, unsigned broker)
{
    json_t *object = json_loads(health, JSON_ALLOW_NUL, NULL);
    json_t *missing = json_object_get(json_object_get(object, "heard"), "missing");
    for (size_t i = json_array_size(missing); i-- > 0;) {
        const char *unit = json_string_value(json_object_get(json_array_get(missing, i), "unit"));
        if (unit && !(centres_of_unit(config, unit) & UINT32_C(1) << broker))
            json_array_remove(missing, i);
    }
    char *text = object ? json_dumps(object, JSON_LINE_FLAGS) : NULL;
    json_decref(object);
    return text;
}

char *report_stats(const struct report_view *view, const struct publisher_counts *before, double interval_s)
{
    const struct publisher_counts *now = &view->publisher->counts;
    json_t *object = begin(view->maker);
    json_set_real(object, "interval_s", interval_s, 0);
    set_count(object, "receptions", now->receptions - before->receptions);
    set_count(object, "duplicates", now->duplicates - before->duplicates);
    set_count(object, "positions", now->positions - before->positions);
    set_count(object, "messages", now->messages - before->messages);
    set_count(object, "distress", now->distress - before->distress);
    set_count(object, "withheld", now->withheld - before->withheld);
    set_count(object, "repeats", now->repeats - before->repeats);
    set_count(object, "transmissions", now->transmissions - before->transmissions);
    json_set_real(object, "on_air_s", now->on_air_s - before->on_air_s, 1);
    set_count(object, "dropped", handover_dropped(view->handover));
    const struct rounds_counts tests = guard_tests(view->guard);
    set_count(object, "self_tests_passed", tests.passed);
    set_count(object, "self_tests_failed", tests.failed);
    return finish(object);
}
