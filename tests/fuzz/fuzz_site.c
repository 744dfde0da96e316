/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever libgps hands over, the facts stay within what exists. */
#include <gps.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/library_time.h"
#include "../../gateway/site/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const uint8_t **data, size_t *size, void *into, size_t wanted)
{
    size_t n = *size < wanted ? *size : wanted;
    memset(into, 0, wanted);
    memcpy(into, *data, n);
    *data += n;
    *size -= n;
}

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check(const struct track *track, int64_t mono_ns)
{
    struct site_facts facts = {0};
    track_facts(track, true, mono_ns, &facts);
    require(isnan(facts.lat_deg) == isnan(facts.lon_deg));
    require(isnan(facts.lat_deg) || (fabs(facts.lat_deg) <= 90.0 && fabs(facts.lon_deg) <= 180.0));
    require(isnan(facts.lat_deg) == isnan(facts.age_s));
    require(isnan(facts.age_s) || facts.age_s >= 0.0);
    require(isnan(facts.accuracy_m) || (facts.accuracy_m >= 0.0 && isfinite(facts.accuracy_m)));
    require(isnan(facts.moved_m) || (facts.moved_m >= 0.0 && facts.moved_m < 2.1e7));
    require(facts.fix == SITE_FIX_NONE || !isnan(facts.lat_deg));
    require(track_state(track, mono_ns) >= SITE_GPS_NO_FIX);
    struct clock_quality system = {.source = TIME_RTC, .error_ns = -1};
    struct clock_quality quality = track_clock(track, mono_ns, INT64_C(1795474800000000000), system);
    require(quality.source == TIME_RTC || quality.error_ns >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct config_gpsd settings = {.frozen_after_s = 30, .stale_after_s = 5, .jump_m = 1000};
    struct track track;
    int64_t mono_ns = 1;
    track_reset(&track, &settings);
    while (size > 0) {
        struct gps_fix_t report;
        struct fix fix;
        uint8_t mode, step_s;
        take(&data, &size, &mode, 1);
        take(&data, &size, &step_s, 1);
        take(&data, &size, &report, sizeof report);
        report.mode = mode < 240 ? mode % 5 : report.mode; /* mostly modes that exist */
        mono_ns += step_s * INT64_C(1000000000);
        fix_read(&report, &fix);
        track_execute(&track, &fix, mono_ns);
        check(&track, mono_ns);
        check(&track, mono_ns + step_s);
    }
    return 0;
}
