/* SPDX-License-Identifier: Apache-2.0 */
/* What the tower finds wrong with itself and stands in no row of its own in health, in plain words. */
#include <inttypes.h>
#include <stdio.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "machine.h"
#include "mqtt/certificate.h"
#include "report.h"

static void add_fault(json_t *health, bool *well, const char *kind, const char *text)
{
    json_array_append_new(json_object_get(health, "faults"),
                          json_pack("{s:s, s:s}", "kind", kind, "text", text));
    *well = false;
}

static const char *configuration_fault(const struct report_view *view)
{
    if (view->config->is_kept)
        return "the configuration file is not usable: the tower came up with the last one that was (atalaya "
               "check says why)";
    if (config_is_kept())
        return "the configuration file is not usable: the next start takes the last one that was (atalaya "
               "check says why)";
    return "the configuration file is not usable: the next start fails on it, after a power cut too (atalaya "
           "check says why)";
}

static void add_certificates(const struct report_view *view, json_t *health, bool *well)
{
    for (unsigned i = 0; i < view->config->broker_count; i++) {
        const struct config_broker *broker = &view->config->broker[i];
        char why[CERTIFICATE_TEXT_MAX], text[sizeof why + CONFIG_NAME_MAX + sizeof "broker : "];
        if (!certificate_complain(broker, clock_utc_ns(), why))
            continue;
        snprintf(text, sizeof text, "broker %s: %s", broker->name, why);
        add_fault(health, well, "certificate", text);
    }
}

static void add_audit_fault(struct audit *audit, json_t *health, bool *well)
{
    const char *why = audit ? audit_failure(audit) : NULL;
    char text[200];
    if (!why)
        return;
    snprintf(text, sizeof text,
             "the audit log cannot be written (%s): what happens to a distress is not taken down; atalaya "
             "check says what to do",
             why);
    add_fault(health, well, "audit_log", text);
}

static void add_site_faults(const struct site_facts *facts, json_t *health, bool *well)
{
    static const char *const gps[] = {
        [SITE_GPS_AWAY] = "gpsd does not answer",
        [SITE_GPS_NO_DEVICE] = "gpsd has no receiver",
        [SITE_GPS_NO_FIX] = "the GPS receiver has no fix",
        [SITE_GPS_STALE] = "gpsd tells no new position",
        [SITE_GPS_FROZEN] = "the GPS receiver's position stands still to the last digit",
        [SITE_GPS_JUMPED] = "the GPS receiver's position jumps: towers do not walk"};
    if (facts->gps < sizeof gps / sizeof *gps && gps[facts->gps])
        add_fault(health, well, "gps", gps[facts->gps]);
    if (facts->clock.source == TIME_NONE)
        add_fault(health, well, "clock",
                  "nobody knows the time here: commands but steps of an incident are refused");
}

/* TNCs that are there and make no sense. */
static void add_source_faults(const struct report_view *view, json_t *health, bool *well)
{
    for (unsigned i = 0; i < view->config->source_count; i++) {
        struct tnc_figures figures;
        char text[CONFIG_NAME_MAX + TNC_TEXT_MAX + 16];
        if (!view->tncs[i])
            continue;
        tnc_figures(view->tncs[i], &figures);
        snprintf(text, sizeof text, "source %s: %s", view->config->source[i].name, figures.fault);
        if (figures.present && figures.fault[0])
            add_fault(health, well, "source", text);
    }
}

/* How the machine is, and what of it will soon be a trouble. */
static void add_machine(const struct config_spool *spool, json_t *health, bool *well)
{
    json_t *machine = json_object();
    const uint64_t room = machine_disk_free(spool->path), mib = 1048576;
    char text[160];
    json_set_real(machine, "temperature_c", machine_temperature_c(""), 1);
    if (room != UINT64_MAX)
        json_object_set_new(machine, "disk_free_mib", json_integer((json_int_t)(room / mib)));
    json_object_set_new(health, "machine", machine);
    snprintf(text, sizeof text,
             "the disk of the spool has %" PRIu64 " MiB free, free_disk asks for %" PRIu64
             ": make room before it is full",
             room / mib, spool->free_disk_bytes / mib);
    if (room < spool->free_disk_bytes)
        add_fault(health, well, "disk", text);
    if (machine_lacks_power(""))
        add_fault(health, well, "power", "the board's supply is too low: the next load may take it down");
}

void report_faults(const struct report_view *view, json_t *health, bool *well)
{
    struct site_facts facts;
    site_facts(view->maker->site, &facts);
    add_site_faults(&facts, health, well);
    add_source_faults(view, health, well);
    add_machine(&view->config->spool, health, well);
    if (facts.clock.source != TIME_NONE)
        add_certificates(view, health, well);
    if (view->config_refused)
        add_fault(health, well, "configuration", configuration_fault(view));
    add_audit_fault(view->audit, health, well);
}
