/* SPDX-License-Identifier: Apache-2.0 */
/* The same session as in service, looked at for a few seconds. */
#include <stdio.h>
#include <time.h>

#include "session.h"

enum { PROBE_MS = 4000, LOOK_MS = 50 }; /* plus SESSION_LEAVE_MS, so that all of it stays within 5 s */

static bool describe(const struct config_gpsd *settings, const struct site_facts *facts, char *text,
                     size_t size)
{
    char where[CONFIG_TEXT_MAX + 16];
    (void)snprintf(where, sizeof where, "gpsd %s:%u", settings->host, settings->port);
    switch (facts->gps) {
    case SITE_GPS_AWAY:
        (void)snprintf(text, size, "%s does not answer: start gpsd, or correct host and port", where);
        return false;
    case SITE_GPS_NO_DEVICE:
        (void)snprintf(text, size,
                       "%s answers, but has no receiver: plug it in, or name it in gpsd's options", where);
        return false;
    case SITE_GPS_NO_FIX:
        (void)snprintf(text, size,
                       "%s answers, but its receiver has no fix: give it a view of the sky, or wait", where);
        return false;
    default:
        break;
    }
    char satellites[32] = "";
    if (facts->satellites_used >= 0)
        (void)snprintf(satellites, sizeof satellites, ", %d satellites", facts->satellites_used);
    (void)snprintf(text, size, "%s answers: %s fix%s, time source %s", where, site_fix_text(facts->fix),
                   satellites, time_source_text(facts->clock.source));
    return true;
}

bool site_probe(const struct config_gpsd *settings, char *text, size_t size)
{
    if (!settings->enabled) {
        (void)snprintf(text, size, "gpsd is not used");
        return true;
    }
    struct session *session;
    enum atalaya_result result = session_create(settings, true, &session);
    if (result != ATALAYA_OK) {
        (void)snprintf(text, size, "gpsd could not be tried: %s", atalaya_result_text(result));
        return false;
    }
    struct site_facts facts;
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    for (int waited_ms = 0; waited_ms < PROBE_MS; waited_ms += LOOK_MS) {
        (void)nanosleep(&pause, NULL);
        session_facts(session, &facts);
        if (facts.gps == SITE_GPS_OK || session_failures(session) > 0)
            break;
    }
    session_destroy(session);
    return describe(settings, &facts, text, size);
}
