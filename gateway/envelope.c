/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

#include <inttypes.h>
#include <stdio.h>

#include "atalaya/gateway/clock.h"

json_t *envelope_create(struct envelope_maker *maker, const struct envelope_facts *facts)
{
    struct site_facts site;
    char id[CONFIG_NAME_MAX + 48], time[CLOCK_TEXT_MAX];
    json_t *object = json_object();

    site_facts(maker->site, &site);
    maker->seq++;
    snprintf(id, sizeof id, "%s-%" PRIu64 "-%" PRIu64, maker->site_id, maker->boot, maker->seq);
    json_object_set_new(object, "v", json_integer(1));
    json_object_set_new(object, "id", json_string(id));
    json_object_set_new(object, "site", json_string(maker->site_id));
    json_object_set_new(object, "seq", json_integer((json_int_t)maker->seq));
    json_object_set_new(object, "boot", json_integer((json_int_t)maker->boot));
    json_object_set_new(object, "time", json_string(clock_format(facts->utc_ns, time)));
    json_object_set_new(object, "time_ms", json_integer(facts->utc_ns / 1000000));
    json_object_set_new(object, "time_source", json_string(time_source_text(site.clock.source)));
    if (site.clock.error_ns >= 0)
        json_object_set_new(object, "time_error_ms", json_integer((site.clock.error_ns + 999999) / 1000000));
    /* With this, a reader can correct the times of a boot that began without a clock, once one document of
     * the same boot carries a good one. */
    json_object_set_new(object, "uptime_ms", json_integer(clock_mono_ns() / 1000000));
    json_object_set_new(object, "delayed", json_false());
    json_object_set_new(object, "priority", json_string(facts->is_distress ? "distress" : "routine"));
    json_object_set_new(object, "test", json_boolean(facts->test));
    json_object_set_new(object, "auth", json_string("none")); /* no protocol so far proves who sent it */
    return object;
}
