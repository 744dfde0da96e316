/* SPDX-License-Identifier: Apache-2.0 */
/* SIGHUP: what can change while bursts keep coming in. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/units.h"
#include "tower_private.h"

static void log_complaint(void *context, bool is_error, const char *place, const char *text)
{
    (void)context;
    if (is_error)
        log_error("%s: %s", place, text);
    else
        log_warning("%s: %s", place, text);
}

static bool moved(const struct config_site *now, const struct config_site *next)
{
    return now->has_position != next->has_position ||
           memcmp(&now->lat_deg, &next->lat_deg, sizeof now->lat_deg) != 0 ||
           memcmp(&now->lon_deg, &next->lon_deg, sizeof now->lon_deg) != 0 ||
           memcmp(&now->alt_m, &next->alt_m, sizeof now->alt_m) != 0;
}

/* What threads hold on to: sources, transmitters, brokers, spool and gpsd keep their settings until the
 * program starts again. */
static bool needs_restart(const struct config *now, const struct config *next)
{
    return now->source_count != next->source_count || now->channel_count != next->channel_count ||
           now->broker_count != next->broker_count ||
           memcmp(now->source, next->source, sizeof now->source) != 0 ||
           memcmp(now->channel, next->channel, sizeof now->channel) != 0 ||
           memcmp(now->broker, next->broker, sizeof now->broker) != 0 ||
           now->reader_count != next->reader_count ||
           memcmp(now->reader, next->reader, sizeof now->reader) != 0 ||
           now->transmitter_count != next->transmitter_count ||
           memcmp(now->transmitter, next->transmitter, sizeof now->transmitter) != 0 ||
           memcmp(&now->spool, &next->spool, sizeof now->spool) != 0 ||
           memcmp(&now->guard, &next->guard, sizeof now->guard) != 0 ||
           memcmp(&now->gpsd, &next->gpsd, sizeof now->gpsd) != 0 ||
           strcmp(now->site.id, next->site.id) != 0 || moved(&now->site, &next->site);
}

/* Centres name their brokers. One whose broker is not there yet would be told nothing, and the broker that it
 * had would be nobody's, which gets everything. */
static bool has_other_brokers(const struct config *now, const struct config *next)
{
    bool other = now->broker_count != next->broker_count;
    for (unsigned i = 0; i < now->broker_count && !other; i++)
        other = strcmp(now->broker[i].name, next->broker[i].name) != 0;
    return other;
}

static void adopt_centres(struct config *config, const struct config *next)
{
    if (has_other_brokers(config, next)) {
        log_error("%s: brokers have other names: centres and their keys wait for the restart too, also keys "
                  "that were taken out",
                  config->file);
        return;
    }
    config->centre_count = next->centre_count;
    memcpy(config->centre, next->centre, sizeof config->centre);
    config->signer_count = next->signer_count;
    memcpy(config->signer, next->signer, sizeof config->signer);
}

/* Whom the new registry has under another name keeps the place where he was: his next call may have none. */
static void carry_places(struct tower *t, const struct config *next, const struct units *units)
{
    for (unsigned i = 0; i < t->config->unit_count; i++) {
        const struct config_unit *unit = &t->config->unit[i];
        bool stays = false;
        for (unsigned k = 0; k < next->unit_count && !stays; k++)
            stays = strcmp(next->unit[k].name, unit->name) == 0;
        for (unsigned r = 0; r < unit->radio_count && !stays; r++) {
            struct unit_identity who;
            units_identify_radio(units, unit->radios[r], &who);
            if (who.known)
                whereabouts_rename(t->publisher.whereabouts, unit->name, who.name);
        }
    }
    whereabouts_configured(t->publisher.whereabouts, units);
}

/* Units, centres and their keys, allow-list, distress words and report intervals change without a receive
 * thread noticing: no burst is lost. The new values are copied into the configuration that the threads hold
 * on to. */
static void adopt(struct tower *t, const struct config *next, struct units *units)
{
    struct config *config = t->config;
    naming_configure(&t->naming, units, next->site.allow_list);
    units_destroy(t->publisher.units);
    t->publisher.units = units;
    t->publisher.allow_list = next->site.allow_list;
    t->publisher.publish_rx = next->report.rx;
    config->site.allow_list = next->site.allow_list;
    memcpy(config->site.title, next->site.title, sizeof config->site.title);
    config->distress = next->distress;
    config->report = next->report;
    config->command = next->command;
    config->answer = next->answer;
    adopt_centres(config, next);
    carry_places(t, next, units);
    config->is_kept = false;
    config->unit_count = next->unit_count;
    memcpy(config->unit, next->unit, sizeof config->unit);
    config->code_count = next->code_count;
    memcpy(config->code, next->code, sizeof config->code);
    words_replace(t->publisher.words, &next->distress);
    words_set_codes(t->publisher.words, next->code, next->code_count);
    routes_configured(t->routes, units);
    shown_review(t->publisher.shown, units);
    desk_configured(t->publisher.desk, units);
    guard_configured(t->guard);
    desk_set_windows(t->publisher.desk, &next->distress.windows);
    t->publisher.join_s = next->distress.windows.join_s;
    t->publisher.trust_repaired = next->distress.trust_repaired;
    t->health_due_ns = t->stats_due_ns = 0;
}

void tower_keep_config(struct tower *t)
{
    if (!t->config_refused && !config_keep(t->config->file))
        log_warning("%s: no copy could be kept for a start on which it is not usable: %s", t->config->file,
                    strerror(errno));
}

static struct config_file_mark mark_of(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) != 0)
        return (struct config_file_mark){.inode = UINT64_MAX};
    return (struct config_file_mark){.changed_ns =
                                         (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec,
                                     .size = (uint64_t)facts.st_size,
                                     .inode = facts.st_ino};
}

static bool is_same(const struct config_file_mark *a, const struct config_file_mark *b)
{
    return a->changed_ns == b->changed_ns && a->size == b->size && a->inode == b->inode;
}

static void say_nothing(void *context, bool is_error, const char *place, const char *text)
{
    (void)context, (void)is_error, (void)place, (void)text;
}

/* At the second look: whoever edits it is given the time between two to finish. */
void tower_look_at_config(struct tower *t)
{
    const struct config_file_mark before = t->config_seen;
    struct config *next;
    t->config_seen = mark_of(t->config->file);
    if (is_same(&t->config_seen, &t->config_judged) || !is_same(&t->config_seen, &before))
        return;
    t->config_judged = t->config_seen;
    bool refused = config_load(t->config->file, &next, say_nothing, NULL) != ATALAYA_OK;
    config_free(next);
    if (refused && !t->config_refused)
        log_error("%s was changed and is not usable any more (atalaya check says why); the configuration in "
                  "use stays",
                  t->config->file);
    t->config_refused = refused || t->config->is_kept; /* until it is reloaded */
}

bool tower_reload(void *context)
{
    struct tower *t = context;
    struct config *next;
    struct units *units;
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_ns() / 1000);
    t->config_judged = t->config_seen = mark_of(t->config->file);
    t->config_refused = config_load(t->config->file, &next, log_complaint, NULL) != ATALAYA_OK;
    if (t->config_refused) {
        log_error("%s: not reloaded; the configuration in use stays", t->config->file);
        t->health_due_ns = 0;
    } else if (units_create(next, &units) != ATALAYA_OK) {
        log_error("%s: not reloaded: out of memory", t->config->file);
        config_free(next);
    } else {
        if (needs_restart(t->config, next))
            log_warning(
                "%s: changes to site id and place, gpsd, guard, sources, transmitters, brokers, readers or "
                "spool wait for a restart",
                t->config->file);
        adopt(t, next, units);
        config_free(next);
        tower_keep_config(t);
        const struct report_view view = tower_view(t);
        tower_document(t, LINK_INFO, report_info(&view));
        log_notice("%s reloaded: %u units", t->config->file, t->config->unit_count);
    }
    (void)sd_notify(0, "READY=1");
    return !t->config_refused;
}

int tower_on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    (void)source;
    (void)info;
    (void)tower_reload(context);
    return 0;
}
